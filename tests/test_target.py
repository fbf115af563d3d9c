"""Targets: geometry of the box, oscillation from what is known, boxes that are refused."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from attain.symbolic.exact import real
from attain.symbolic.modulus import modulus_of
from attain.symbolic.target import Target, box_of
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

SIDES = st.lists(
    st.tuples(st.fractions(-5, 5, max_denominator=9), st.fractions(Fraction(1, 9), 5, max_denominator=9)).map(
        lambda pair: (pair[0], pair[0] + pair[1])
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(SIDES)
def test_diameter_is_the_largest_distance_of_corners(box):
    target = Target(box_of(tuple(box)))
    corners = list(itertools.product(*box))
    differences = [[abs(a - b) for a, b in zip(p, q, strict=True)] for p in corners for q in corners]
    assert float(target.diameter("l1").mid()) == pytest.approx(float(max(map(sum, differences))))
    assert float(target.diameter("linf").mid()) == pytest.approx(float(max(map(max, differences))))
    longest = max(math.hypot(*map(float, d)) for d in differences)
    assert float(target.diameter("l2").mid()) == pytest.approx(longest)
    assert target.dim == len(box)
    assert target.uniform == (len(set(box)) == 1)
    assert [target.rational_side(i) for i in range(target.dim)] == [b - a for a, b in box]


def test_irrational_ends_that_nearly_meet():
    close = (real("pi", "domain"), real("pi + 1e-40", "domain"))
    target = Target(box_of((close,)))
    assert target.rational_side(0) is None
    assert abs(target.side(0) * arb(10) ** 40 - 1) < arb(2) ** -40
    with ctx.workprec(200):
        assert abs(target.side(0) * arb(10) ** 40 - 1) < arb(2) ** -180


def test_oscillation_is_given_or_the_least_that_is_known():
    unit = ((Fraction(0), Fraction(1)),) * 4
    known = {"l1": Fraction(1), "l2": Fraction(3), "linf": Fraction(5)}
    assert Target(unit, known).oscillation() == 4
    assert Target(unit, known, osc=Fraction(7)).oscillation() == 7
    assert Target(unit, known, modulus=modulus_of("min(r, 1/2)")).oscillation() == arb("0.5")
    with pytest.raises(ValueError, match="neither osc nor a modulus"):
        Target(unit).oscillation()


@pytest.mark.parametrize("ends", [("1", "0"), ("1", "1"), ("pi", "3"), ("sqrt(2)*sqrt(2)", "2")])
def test_empty_intervals_are_refused(ends):
    with pytest.raises(ValueError, match="empty or reversed"):
        box_of(((Fraction(0), Fraction(1)), (real(ends[0], "a"), real(ends[1], "b"))))
    with pytest.raises(ValueError, match="no axis"):
        box_of(())
