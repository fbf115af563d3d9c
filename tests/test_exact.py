"""Exact constants: what is read, what is refused, and that every ball encloses the constant."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import pytest
from attain.symbolic.exact import ball, ceil_sqrt, floor_sqrt, less, positive, real, text_of
from attain.symbolic.expression import Expr
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(deadline=None, max_examples=60, derandomize=True)
FRACTIONS = st.fractions(max_denominator=10**12)
CLOSED = {
    "pi/2": lambda: mp.pi / 2,
    "sqrt(2)*e**2": lambda: mp.sqrt(2) * mp.e**2,
    "-exp(1/3) + log(5) - sin(1)*cos(2)": lambda: -mp.exp(mp.mpf(1) / 3) + mp.log(5) - mp.sin(1) * mp.cos(2),
    "2**0.5 + tan(1)/pi**-3": lambda: mp.sqrt(2) + mp.tan(1) * mp.pi**3,
}


@pytest.mark.parametrize("text", CLOSED)
@pytest.mark.parametrize("bits", [53, 200])
def test_ball_encloses_a_closed_constant(text, bits):
    with ctx.workprec(bits), mp.workdps(100):
        enclosure = ball(real(text, "x"))
        assert abs(enclosure - arb(mp.nstr(CLOSED[text](), 90))) < arb(2) ** (12 - bits)


@LAW
@given(FRACTIONS)
def test_a_fraction_survives_its_text_and_lies_in_its_ball(x):
    assert real(text_of(x), "x") == x
    assert (ball(x) * x.denominator).contains(x.numerator)


@pytest.mark.parametrize("text", CLOSED)
def test_a_closed_constant_survives_its_text(text):
    value = real(text, "x")
    assert isinstance(value, Expr)
    assert real(text_of(value), "x") == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1/0", "eps: bad '/'"),
        ("sqrt(-1)", "eps: 'sqrt\\(-1\\)' is not a finite real number"),
        ("1/(sqrt(2)-sqrt(2))", "eps: .* not a finite"),
        ("abs(-1)*pi", "eps: abs is not accepted"),
        ("nan", "eps: 'nan' is not a name"),
        ("1e9999", "eps: number out of range"),
        ("x", "eps: unknown name 'x'"),
        ("exp(exp(100))", "eps: .* not a finite"),
    ],
)
def test_what_is_no_real_constant_is_refused_by_name(text, message):
    with pytest.raises(ValueError, match=message):
        real(text, "eps")


def test_positive_and_less_look_as_closely_as_it_takes():
    tiny = real("sqrt(2) - 1.4142135623730950488016887242096980785", "L")
    assert positive(tiny, "L") is tiny
    for text in ("0", "-1/3", "sqrt(2)-sqrt(2)", "1 - pi/3"):
        with pytest.raises(ValueError, match="L must be positive"):
            positive(real(text, "L"), "L")
    pi = real("pi", "x")
    below, above = Fraction(103993, 33102), Fraction(104348, 33215)
    assert less(below, pi)
    assert less(pi, above)
    assert not less(above, pi)
    assert not less(pi, pi)


@LAW
@given(st.fractions(min_value=0, max_value=10**40), st.integers(0, 10**30))
def test_square_roots_are_exact(square, root):
    for s in (square, Fraction(root * root), Fraction(root * root) + Fraction(1, 10**60)):
        up, down = ceil_sqrt(s), floor_sqrt(s)
        assert down**2 <= s < (down + 1) ** 2
        assert s <= up**2
        assert up == 0 or (up - 1) ** 2 < s
        assert math.isqrt(root * root) == root
