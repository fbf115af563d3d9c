"""Functions with jumps: read, printed, evaluated, enclosed, and refused where a Lipschitz constant is needed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from attain.proofs.designs import measured
from attain.proofs.interval import DomainError
from attain.proofs.interval import compile as compile_jet
from attain.proofs.regularity import RegularityError
from attain.symbolic.expression import (
    ExpressionError,
    constant,
    evaluate,
    from_json,
    jumps,
    parse,
    to_fraction,
    to_json,
    to_sympy,
    to_text,
)
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

UNIT = ((Fraction(0), Fraction(1)),)
TEXTS = (
    "step(x - 1/3)",
    "sign(x)",
    "indicator(x**2 <= 1/4)",
    "where(x < 0, -x, where(x > 1, 2, x))",
    "where(0 < x, 1, -1) + x",
)


def by_hand(text, x):
    return {
        TEXTS[0]: Fraction(x >= Fraction(1, 3)),
        TEXTS[1]: Fraction((x > 0) - (x < 0)),
        TEXTS[2]: Fraction(x * x <= Fraction(1, 4)),
        TEXTS[3]: -x if x < 0 else Fraction(2) if x > 1 else x,
        TEXTS[4]: x + (1 if x > 0 else -1),
    }[text]


@pytest.mark.parametrize("text", TEXTS)
def test_text_json_and_sympy_say_the_same(text):
    expr = parse(text, ["x"])
    assert parse(to_text(expr)) == expr
    assert from_json(to_json(expr)) == expr
    assert jumps(expr)
    for x in (Fraction(-2), Fraction(-1, 2), Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1), Fraction(3)):
        value = by_hand(text, x)
        assert to_fraction(parse(text.replace("x", f"({x})"), [])) == value
        point = float(value)
        if x.denominator & (x.denominator - 1) == 0:
            assert evaluate(expr, {"x": np.array([float(x)])}, np)[0] == point
        found = to_sympy(expr).subs(sp.Symbol("x", real=True), sp.Rational(x.numerator, x.denominator))
        assert found == sp.Rational(value.numerator, value.denominator)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(TEXTS), st.fractions(-3, 3, max_denominator=64), st.fractions(0, 2, max_denominator=64))
def test_a_box_encloses_both_branches(text, middle, radius):
    formula = compile_jet(parse(text), ["x"], 2)
    low, high = middle - radius, middle + radius
    jet = formula(
        [
            arb(low.numerator) / low.denominator
            + (arb(high.numerator) / high.denominator - arb(low.numerator) / low.denominator) * arb(0.5, 0.5)
        ]
    )
    for t in range(9):
        value = by_hand(text, low + (high - low) * t / 8)
        assert jet.value.overlaps(arb(value.numerator) / value.denominator)


def test_no_slope_across_a_jump():
    jet = compile_jet(parse("step(x)"), ["x"], 2)([arb(0, 1)])
    assert jet.value.contains(0)
    assert jet.value.contains(1)
    assert not jet.gradient[0].is_finite()
    assert jet.hessian is None


@pytest.mark.parametrize("text", ["step(x - 1/3)", "sign(x - 1/3)", "1/where(x >= 1/3, 1, -1)", "x*indicator(x < 1/2)"])
def test_a_jump_has_no_lipschitz_constant(text):
    with pytest.raises(RegularityError, match="may jump there"):
        measured(parse(text), ("x",), UNIT)


def test_a_decided_branch_is_the_function():
    assert measured(parse("where(x >= 0, 3*x, 1)"), ("x",), UNIT).lipschitz["l2"] == 3
    assert measured(parse("where(x < 0, 3*x, 1 + 2*x)"), ("x",), UNIT).lipschitz["l2"] == 2


def test_branches_must_be_defined_everywhere():
    with pytest.raises(DomainError):
        measured(parse("where(x >= 1/2, 1/x, 2)"), ("x",), UNIT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x < 1", "comparisons belong in where"),
        ("where(x, 1, 2)", "where without a comparison at column 1: write where"),
        ("indicator(x)", "indicator without a comparison"),
        ("where(x <= 1, 2)", "where takes a comparison and two values"),
        ("where(0 < x < 1, 2, 3)", "where takes a comparison and two values"),
        ("step", "step without an argument"),
        ("sgn(x)", "did you mean sign"),
    ],
)
def test_errors_say_what_would_be_right(text, message):
    with pytest.raises(ExpressionError, match=message):
        parse(text)


def test_untrusted_json():
    with pytest.raises(ValueError, match="where with 2 arguments"):
        from_json(["where", ["variable", "x"], ["number", "1"]])
    assert to_fraction(constant("where(1 <= 2, 3, 4)")) == 3
