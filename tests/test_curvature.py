"""The curvature calculus: known shapes, and no shape that numbers contradict, on random formulas."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from attain.proofs.prover.curvature import Calculus
from attain.proofs.prover.language import Claim, Relation, parse_claim
from attain.proofs.prover.problem import Problem
from attain.proofs.prover.quadratic import quadratic_of, semidefinite
from attain.proofs.prover.refute import Target
from attain.symbolic.expression import parse
from attain.symbolic.tree import Expr, number

BOXES = {"positive": "x, y in (0, inf)", "unit": "x, y in [0, 1]", "all": "x, y real", "negative": "x, y in (-3, 0)"}


def problem(where: str, *conditions: str) -> Problem:
    claim: Claim = parse_claim("x + y <= 0", [where, *conditions])
    return Problem(claim.variables, claim.conditions, claim.goals[0].gap, ">=")


def shape_of(text: str, box: str, *conditions: str, logs: tuple[str, ...] = ()) -> str:
    s = Calculus(problem(BOXES[box], *conditions), ("x", "y"), logs).shape(parse_claim(f"{text} >= 0").goals[0].rhs)
    return {(True, True): "affine", (True, False): "convex", (False, True): "concave"}.get((s.convex, s.concave), "?")


@pytest.mark.parametrize(
    ("text", "box", "shape"),
    [
        ("3*x - y/2 + pi", "all", "affine"),
        ("x**2 + x*y + y**2", "all", "convex"),
        ("x**2 + 3*x*y + y**2", "all", "?"),
        ("exp(x**2 - y)", "all", "convex"),
        ("exp(-x**2)", "all", "?"),
        ("logsumexp(x, 2*y, x**2)", "all", "convex"),
        ("log(1 + exp(x) + exp(x - y)) - sqrt(1 - x)", "unit", "convex"),
        ("sqrt(x**2 + y**2 + 1)", "all", "convex"),
        ("(abs(x)**3 + abs(y)**3)**(1/3)", "all", "convex"),
        ("(abs(x)**3 + abs(y)**3)**(1/4)", "all", "?"),
        ("sqrt(x*y)", "positive", "concave"),
        ("x**0.3*y**0.7", "positive", "concave"),
        ("x**0.4*y**0.7", "positive", "?"),
        ("x**2/y", "positive", "convex"),
        ("x**3/y**2", "positive", "convex"),
        ("x**2/y**2", "positive", "?"),
        ("1/(x*sqrt(y))", "positive", "convex"),
        ("x*y", "positive", "?"),
        ("1/(1/x + 1/y)", "positive", "concave"),
        ("x*log(x/y) + y*log(y/x)", "positive", "convex"),
        ("x*log(x) + y*log(y) - (x + y)*log((x + y)/2)", "positive", "convex"),
        ("x*log(x) + y*log(y) - 2*(x + y)*log((x + y)/2)", "positive", "?"),
        ("x*log(x/y/y) + x*log(x)", "positive", "convex"),
        ("x*log(x/y/y)", "positive", "?"),  # log y is there twice
        ("-x*log(x) - (1 - x)*log(1 - x)", "unit", "concave"),
        ("tanh(x + y) + sin(x)", "unit", "concave"),
        ("tanh(x)", "negative", "convex"),
        ("cos(x)", "negative", "?"),
        ("log(sigmoid(x - y))", "all", "concave"),
        ("max(exp(x), y**2) + softplus(y)", "all", "convex"),
        ("min(x, log(y))", "positive", "concave"),
        ("(1 - x)**2/(2 - y)", "unit", "convex"),
        ("x**2 - y**2", "all", "?"),
        ("gamma(1 + x)", "unit", "convex"),
        ("2**x + x**1.5", "unit", "convex"),
        ("sqrt(x**2 - 1)", "all", "?"),
        ("(x**2 - 1)**1.5", "all", "?"),
        ("sqrt(1 - x**2 - y**2)", "all", "concave"),
        ("1/x", "all", "?"),
        ("floor(x)", "unit", "?"),
    ],
)
def test_known_shapes(text: str, box: str, shape: str) -> None:
    assert shape_of(text, box) == shape


def test_affine_conditions_give_signs_and_others_do_not() -> None:
    assert shape_of("(x + y)**3", "all") == "?"
    assert shape_of("(x + y)**3", "all", "x + y >= 0") == "convex"
    assert shape_of("(x**2 + y - 2)**3", "all", "x**2 + y >= 2") == "?"  # the condition leaves no convex set


def test_logarithmic_coordinates() -> None:
    logs = ("x", "y")
    assert shape_of("x**3*y + 2/x", "positive", logs=logs) == "convex"
    assert shape_of("log(x + x*y**2)", "positive", logs=logs) == "convex"
    assert shape_of("log(x**2/y)", "positive", logs=logs) == "affine"
    assert shape_of("x - y", "positive", logs=logs) == "?"


def test_other_variables_are_fixed() -> None:
    calculus = Calculus(problem(BOXES["unit"]), ("x",))
    assert calculus.shape(parse("y*x**2 - y**2")).convex
    assert not calculus.shape(parse("(y - 1/2)*x**2")).convex
    assert calculus.shape(parse("(y - 1/2)*x")).affine
    assert calculus.shape(parse("y*log(1 + x) - x**2")).concave
    assert not calculus.shape(parse("-y*log(1 + x) - x**2")).concave


def test_semidefinite_is_exact() -> None:
    tiny = quadratic_of(parse("x**2 - 2*x*y + y**2*(1 - 10**(-30))"))
    assert tiny is not None
    assert not semidefinite(tiny, 1)
    assert semidefinite({("x", "x"): Fraction(-1)}, -1)


UNARY = ("exp", "log", "sqrt", "abs", "tanh", "sinh", "cosh", "atan", "erf", "sigmoid", "softplus", "sin", "cos", "neg")
MORE = ("asin", "acos", "tan", "gamma", "loggamma", "lambertw")


def grown(generator: random.Random, depth: int) -> Expr:
    if depth == 0 or generator.random() < 0.1:
        leaf = generator.choice(["x", "y", "n"])
        return number(Fraction(generator.randint(-4, 6), 2)) if leaf == "n" else Expr("variable", (leaf,))
    kind = generator.random()
    below = [grown(generator, depth - 1) for _ in range(2)]
    if kind < 0.4:
        return Expr(generator.choice(UNARY + MORE), (below[0],))
    if kind < 0.6:
        powers = (2, 3, 4, -1, -2, Fraction(1, 2), Fraction(3, 2), Fraction(-1, 2), Fraction(1, 3))
        return Expr("**", (below[0], number(Fraction(generator.choice(powers)))))
    return Expr(generator.choice(["+", "-", "*", "/", "min", "max", "+", "*"]), (below[0], below[1]))


def contradicted(expr: Expr, where: Problem, s: object, logs: bool, generator: random.Random) -> str:
    """A midpoint at which a shape is certainly wrong."""
    target = Target(where.variables, (), Relation(number(0), "<=", expr))
    convex, concave, up, down = s  # type: ignore[misc]
    for _ in range(40):
        a, b = (
            {v.name: axis.sample(generator) for v, axis in zip(where.variables, target.axes, strict=True)} for _ in "ab"
        )
        if any(abs(x) > 50 for p in (a, b) for x in p.values()):
            continue
        middle = {n: (a[n] + b[n]) / 2 for n in a}
        if logs:
            middle = {n: Fraction(math.sqrt(float(a[n]) * float(b[n]))) for n in a}
        f, g, m = (target.value(target.gap, p) for p in (a, b, middle))
        if not all(map(math.isfinite, (f, g))) or max(abs(f), abs(g)) > 1e6:
            continue
        if not math.isfinite(m):
            return f"undefined between {a} and {b}" if convex or concave else ""
        slack = 1e-9 * (1 + abs(f) + abs(g))
        if (convex and m > (f + g) / 2 + slack) or (concave and m < (f + g) / 2 - slack):
            return f"{a} {b}"
        if min(f, g, m) > 1e-6:
            for r, side in ((up, 1), (down, -1)):
                if r is None or abs(r) > 8:
                    continue
                r = float(r)
                p, q, h = ((math.log(v) if r == 0 else v**r) for v in (f, g, m))
                wrong = (h - (p + q) / 2) * side * (-1 if r < 0 else 1)
                if wrong > 1e-7 * (1 + abs(p) + abs(q)):
                    return f"power {r} {side}: {a} {b}"
        elif (up is not None and up <= 0 and min(f, g, m) < 0) or (down is not None and min(f, g, m) < -slack):
            return f"sign at {a} {b}"
    return ""


def test_no_shape_is_contradicted_by_numbers() -> None:
    generator = random.Random(5)
    known = 0
    for k in range(2500):
        expr = grown(generator, generator.randint(1, 4))
        name = generator.choice(list(BOXES))
        logs = ("x", "y") if name == "positive" and k % 3 == 0 else ()
        where = problem(BOXES[name])
        s = Calculus(where, ("x", "y"), logs).shape(expr)
        if (s.convex or s.concave or s.up is not None or s.down is not None) and not s.affine:
            known += 1
            assert contradicted(expr, where, s, bool(logs), generator) == "", (expr, name, s, logs)
    assert known > 250
