"""The parser: exact, closed, one-line errors, and nothing but ExpressionError for any text."""

from __future__ import annotations

import json
import math
import pickle
import time
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from attain.symbolic.expression import (
    FUNCTIONS,
    Expr,
    ExpressionError,
    constant,
    evaluate,
    from_json,
    is_rational,
    names,
    number,
    parse,
    substitute,
    to_fraction,
    to_json,
    to_latex,
    to_sympy,
    to_text,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

SETTINGS = settings(deadline=None, max_examples=150, derandomize=True)


def _leaves() -> st.SearchStrategy[Expr]:
    decimals = st.builds(lambda n, k: number(Fraction(n, 10**k)), st.integers(0, 10**6), st.integers(0, 9))
    variables = st.sampled_from(["x", "y", "x1", "alpha_2"]).map(lambda n: Expr("variable", (n,)))
    return decimals | variables | st.sampled_from(["pi", "e"]).map(lambda n: Expr("constant", (n,)))


def _grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    def build(head: str, args: list[Expr]) -> Expr:
        arity = 2 if head in "+-*/**" else len(args) if head in ("min", "max") else 1
        return Expr(head, tuple(args[:arity]))

    heads = st.sampled_from(["+", "-", "*", "/", "neg", *FUNCTIONS])
    grown = st.builds(build, heads, st.lists(inner, min_size=2, max_size=3))
    powers = st.builds(lambda a, k: Expr("**", (a, number(k))), inner, st.sampled_from([2, 3, -1, Fraction(1, 3)]))
    return grown | powers | st.builds(lambda a: Expr("**", (number(2), a)), inner)


expressions = st.recursive(_leaves(), _grow, max_leaves=12)


def _parsable(expr: Expr) -> bool:
    try:
        from_json(to_json(expr))
    except ValueError:
        return False
    return True


@SETTINGS
@given(expressions.filter(_parsable))
def test_text_and_json_round_trip(expr: Expr) -> None:
    assert parse(to_text(expr)) == expr
    assert from_json(json.loads(json.dumps(to_json(expr)))) == expr
    assert hash(parse(to_text(expr))) == hash(expr)
    assert isinstance(to_latex(expr), str)


NOT_EXPRESSIONS = [
    "(" * 1_000_000,
    "(" * 5_000 + "x" + ")" * 5_000,
    "x" * 1_000_000,
    "-" * 9_999 + "x",
    "x" + "**x" * 3_000,
    "+".join(["x"] * 4_000),
    "sin(" * 2_000,
    "9**9**9**9",
    "((9**1000)**1000)**1000",
    "((x**1000)**1000)**1000",
    "(9**1000 + x - x)**1000",
    "1e400*1e400*1e400*1e400*1e400*1e400*1e400",
    "1e401",
    "1e999999999",
    "1" * 500,
    "0." + "0" * 400 + "1",
    "x**1001",
    "x**(1/1001)",
    "__import__('os').system('x')",
    "lambda: 0",
    "lambda",
    "x if y else z",
    "x.real",
    "'text'",
    '"text"',
    "1j",
    "1_000",
    "0x10",
    "nan",
    "inf",
    "-Infinity",
    "NaN",
    "None",
    "x\x00",
    "\x00",
    "x − y",
    "２*x",
    "ｓin(x)",
    "х",
    "x²",
    "x^2",
    "x = 1",
    "x == 1",
    "[x]",
    "x y",
    "2x",
    "2(x)",
    "x(2)",
    "pi(2)",
    "sin",
    "sin x",
    "sin()",
    "sin(x, y)",
    "max(x)",
    "max(x,)",
    "",
    "   \n",
    ")",
    "(x",
    "x)",
    "x +",
    "* x",
    "1/0",
    "x/0",
    "x/(1/2 - 0.5)",
    "0**-1",
    "1.2.3",
    ".",
    "..",
    "1e",
    "f(x)",
    "_x",
    "a" * 65,
    "@#$",
    "\ud800",
    "%s%n",
    "x//2",
    "x,y",
]


@pytest.mark.parametrize("text", NOT_EXPRESSIONS, ids=lambda t: ascii(t[:25]))
def test_refusals_are_fast_and_one_line(text: str) -> None:
    start = time.process_time()
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert time.process_time() - start < 2
    error = caught.value
    shown = str(error)
    assert "\n" not in shown
    assert shown.isprintable()
    assert "column" in shown
    assert 0 <= error.position <= len(text)
    line, mark = error.caret.split("\n")
    assert set(mark) <= {" ", "^"}
    assert len(line) <= 110
    if error.position < len(text) and error.text[error.position].isprintable():
        assert line[mark.index("^")] == error.text[error.position]
    assert str(pickle.loads(pickle.dumps(error))) == shown


@SETTINGS
@given(st.text(max_size=40) | st.text(alphabet="0123456789.e+-*/() xypisncomax,_^", max_size=30))
@example("e" * 30)
@example("1e-400")
def test_any_text_gives_an_expression_or_an_expression_error(text: str) -> None:
    try:
        expr = parse(text)
    except ExpressionError:
        return
    assert parse(to_text(expr)) == expr


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("1e-3", Fraction(1, 1000)),
        ("-2", Fraction(-2)),
        ("1/3", Fraction(1, 3)),
        ("2**-3", Fraction(1, 8)),
        ("-2**2", Fraction(-4)),
        ("2**3**2", Fraction(512)),
        ("1 - 2 - 3", Fraction(-4)),
        ("8/4/2", Fraction(1)),
        ("+-+5", Fraction(-5)),
        ("max(1/2, 1/3, abs(-2))", Fraction(2)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("1e400", Fraction(10**400)),
        ("pi", None),
        ("4**(1/2)", None),
    ],
)
def test_exact_constants(text: str, value: Fraction | None) -> None:
    assert to_fraction(constant(text)) == value
    assert is_rational(constant(text)) is (value is not None)


def test_precedence_like_python() -> None:
    for text in ["-x**2", "2**-x", "x*-y", "x - -y", "-x*y", "2*x**-1*3", "x/y*3", "x - (y - 1)", "x**y**2"]:
        tree = to_sympy(parse(text))
        x, y = 1.3, 0.7
        python = {"-x**2": -(x**2), "2**-x": 2**-x, "x*-y": x * -y, "x - -y": x - -y, "-x*y": -x * y}
        python |= {"2*x**-1*3": 2 * x**-1 * 3, "x/y*3": x / y * 3, "x - (y - 1)": x - (y - 1), "x**y**2": x**y**2}
        found = evaluate(parse(text), {"x": x, "y": y}, np)
        assert math.isclose(found, python[text], rel_tol=1e-14)
        values = {s: {"x": x, "y": y}[s.name] for s in tree.free_symbols}
        assert math.isclose(float(tree.subs(values)), python[text], rel_tol=1e-14)


def test_messages_point_at_the_spot() -> None:
    cases = {
        ("x + z", 4): "variables are x, y",
        ("ln(x)", 0): "did you mean log?",
        ("sni(x)", 0): "did you mean sin?",
        ("x^2", 1): "**",
        ("x + lenght", 4): "variables are",
        ("(x + 1", 0): "add )",
        ("2 x", 2): "operator",
    }
    for (text, position), hint in cases.items():
        with pytest.raises(ExpressionError) as caught:
            parse(text, ["x", "y"])
        assert caught.value.position == position, text
        assert hint in str(caught.value), text
    with pytest.raises(ExpressionError, match="did you mean length"):
        parse("lenght", ["length"])
    with pytest.raises(ExpressionError, match="only constants"):
        constant("x")


def test_a_declared_variable_wins_over_a_constant() -> None:
    assert names(parse("e*pi", ["e"])) == ("e",)
    assert names(parse("y*x + sin(y)")) == ("y", "x")


def test_substitute_and_equality() -> None:
    assert substitute(parse("x*y"), {"x": parse("1/3")}) == parse("(1/3)*y")
    assert parse("x+y") != parse("y+x")
    assert parse("x-y") != parse("x+y")
    assert len({parse("x + 1"), parse("x+1"), parse("x+2")}) == 2


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "x",
        ["number", 1],
        ["number", "1e5"],
        ["number", "-1"],
        ["number", "1/0"],
        ["number", "1" * 4000],
        ["variable", "x y"],
        ["variable", "__class__"],
        ["constant", "tau"],
        ["sin"],
        ["sin", ["variable", "x"], ["variable", "x"]],
        ["+", ["variable", "x"]],
        ["max", ["variable", "x"]],
        ["eval", ["variable", "x"]],
        [["sin"], ["variable", "x"]],
        ["/", ["variable", "x"], ["number", "0"]],
        ["**", ["number", "9"], ["number", "100000"]],
        {"sin": 1},
    ],
)
def test_json_is_checked(data: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(data)


def test_json_depth_and_size_are_bounded() -> None:
    deep: list[object] = ["variable", "x"]
    for _ in range(100_000):
        deep = ["neg", deep]
    with pytest.raises(ValueError, match=r"large|deep"):
        from_json(deep)
    wide: list[object] = ["variable", "x"]
    for _ in range(60):
        wide = ["+", wide, wide]
    with pytest.raises(ValueError, match="large"):
        from_json(wide)


@SETTINGS
@given(
    st.sampled_from([f for f in FUNCTIONS if f not in ("min", "max", "acos", "asin", "tan")]),
    st.floats(0.05, 0.95),
)
def test_floats_agree_with_sympy(function: str, x: float) -> None:
    expr = parse(f"{function}(x) + x/3 - e**-x")
    exact = to_sympy(expr).subs(sp.Symbol("x", real=True), sp.Rational(*x.as_integer_ratio()))
    found = evaluate(expr, {"x": np.array([x])}, np)
    assert math.isclose(float(found[0]), float(exact), rel_tol=1e-12, abs_tol=1e-12)


def test_floats_keep_the_array_type_and_shape() -> None:
    x = np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3)
    for text in ["sin(pi*x) + erf(x)**2", "max(x, 1/3, 0.5) * e", "softplus(x) / 3", "x**-1 + 1/3"]:
        with np.errstate(divide="ignore"):
            found = evaluate(parse(text), {"x": x}, np)
        assert found.dtype == np.float32, text
        assert found.shape == (2, 3)


def test_latex() -> None:
    assert to_latex(parse("sin(alpha_1*x) - y**2/3")) == (r"\sin\left(\alpha_{1}\,x\right) - \frac{y^{2}}{3}")
    assert to_latex(parse("(x+1)**2 * 3")) == r"\left(x + 1\right)^{2} \cdot 3"
    assert to_latex(parse("sigmoid(abs(-x))")) == r"\operatorname{sigmoid}\left(\left|-x\right|\right)"
