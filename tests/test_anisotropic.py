"""One Lipschitz constant an axis: the fewest cells by brute force, the bound against the network itself, the texts."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import prod

import numpy as np
import pytest
from attain.numeric.evaluate import evaluate
from attain.numeric.network import grid_network, midpoint_grid
from attain.proofs.designs import measured
from attain.symbolic.anisotropic import axis_design, axis_necessary, fewest_cells
from attain.symbolic.expression import parse
from attain.symbolic.target import Target
from attain.symbolic.theorems.max_affine import design, necessary, problem
from hypothesis import given, settings
from hypothesis import strategies as st

UNIT = (Fraction(0), Fraction(1))
shares = st.one_of(
    st.lists(st.fractions(min_value=Fraction(1, 7), max_value=12, max_denominator=7), min_size=1, max_size=2),
    st.lists(st.fractions(min_value=Fraction(1, 7), max_value=1, max_denominator=7), min_size=3, max_size=3),
)


def used(c: list[Fraction], P: tuple[int, ...]) -> Fraction:
    return sum((x / p for x, p in zip(c, P, strict=True)), Fraction(0))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(shares, st.booleans())
def test_no_grid_with_fewer_cells_fits(c: list[Fraction], strict: bool) -> None:
    P, proved = fewest_cells(c, strict)
    assert proved
    assert used(c, P) < 1 or (not strict and used(c, P) == 1)
    fewer = prod(P) - 1
    for Q in itertools.product(*(range(1, fewer + 1) for _ in c[:-1])):
        last = fewer // prod(Q)
        if last:
            assert used(c, (*Q, last)) > 1 or (strict and used(c, (*Q, last)) == 1)


def test_many_axes_are_not_worse_than_equal_spacing() -> None:
    c = [Fraction(3, k + 1) for k in range(30)]
    P, proved = fewest_cells(c)
    assert not proved
    assert used(c, P) < 1
    assert prod(P) <= prod(int(sum(c)) + 1 for _ in c)


def test_the_example_of_steep_and_flat() -> None:
    target = Target((UNIT, UNIT), axes=(Fraction(10), Fraction(1)))
    found, least = axis_design(target, Fraction(1, 10)), axis_necessary(target, Fraction(1, 10))
    assert least is not None
    assert (found.P, found.cells, least.cells) == ((101, 10), 1010, 1000)
    assert Fraction(found.error_bound) <= Fraction(1, 10)
    same = Target((UNIT, UNIT), {"l1": Fraction(10)})
    assert design(same, Fraction(1, 10), "sharp").cells > 10 * found.cells


def test_the_cone_attains_the_bound() -> None:
    target = Target((UNIT, UNIT), axes=(Fraction(3), Fraction(1)))
    found = axis_design(target, Fraction(1, 4))
    axes = [midpoint_grid(0, 1, p) for p in found.P]
    values = 3 * axes[0][:, None] + axes[1][None, :]
    temperature = tuple(float(found.R_on(i).mid()) for i in range(2))
    net = grid_network(axes, temperature, values)
    error = float(evaluate(net, np.zeros((1, 2))).values[0])
    assert 0.99 * float(found.error_bound) <= error <= float(found.error_bound)


def test_measured_constants_reach_the_design() -> None:
    target = measured(parse("10*x + sin(y)"), ("x", "y"), (UNIT, UNIT))
    assert target.axes == (10, 1)
    assert target.lipschitz["l1"] == 10
    assert design(target, Fraction(1, 10), "sharp").norm == "axes"


def test_constants_as_text() -> None:
    target = problem({"lipschitz": "10, 1", "dim": "2", "norm": "l2"})
    assert target.axes == (10, 1)
    least = necessary(target, Fraction(1, 10))
    assert least is not None
    assert least.P == (100, 10)
    for bad in ({"lipschitz": "1,2,3"}, {"lipschitz": "1,-2"}, {"lipschitz": "1,2", "norm": "linf"}, {"lipschitz": ""}):
        with pytest.raises(ValueError, match=r"lipschitz|norm"):
            problem({"dim": "2", **bad})


def test_shares_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        fewest_cells([Fraction(0)])


@pytest.mark.parametrize("share", [Fraction(10) ** 400, Fraction(1, 10**400)])
def test_extreme_shares_are_rounded_only(share: Fraction) -> None:
    P, proved = fewest_cells([share, Fraction(3, 2)])
    assert share / P[0] + Fraction(3, 2) / P[1] < 1
    assert not proved


def test_nothing_is_necessary_where_a_constant_serves() -> None:
    for known in ({"lipschitz": {"l2": Fraction(10)}}, {"axes": (Fraction(10), Fraction(1))}):
        wide, flat = (Target((UNIT, UNIT), osc=osc, **known) for osc in (Fraction(1, 5), Fraction(1, 10)))
        assert necessary(wide, Fraction(1, 10)) is not None
        assert necessary(flat, Fraction(1, 10)) is None
