"""A Lipschitz constant for each axis: a head errs by at most m1 Σ L_k h_k, and half of that sum is needed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from ...symbolic.lattice import m1
from ..claim import All, Claim, Sequent, eq, function, ge, le, number, real
from ..derived import absolute_bounds, assumed
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from . import necessary_size
from ._averages import (
    DIMENSION,
    ERROR,
    SIZE,
    TOTAL,
    G,
    N,
    d,
    j,
    k,
    listed,
    mean,
    mean_bound,
    network_error,
    networks,
    scale,
    target,
    upward,
    weighted,
    y,
    z,
)

moment, eps, output = real("m"), necessary_size.eps, real("F")
h, rate, corner, centre, q = (function(name) for name in ("h", "L", "a", "c", "q"))
HALF = sp.Rational(1, 2)
REACH = sp.Sum(rate(k) * h(k) * sp.Abs(z(j, k)), (k, 1, N))
SPREAD = sp.Sum(rate(k) * h(k), (k, 1, N))
DISTANCE = sp.Sum(rate(k) * sp.Abs(corner(k) - centre(k)), (k, 1, N))
RATES, WIDTHS = All(k, 1, N, ge(rate(k), 0)), All(k, 1, N, ge(h(k), 0))
MOMENTS = All(k, 1, N, le(weighted(sp.Abs(z(j, k))), moment * TOTAL))
GRID = All(k, 1, N, ge(q(k), 0))
CENTRE = All(k, 1, N, eq(centre(k), corner(k) + (q(k) + HALF) * h(k)))
ABOVE, BELOW = le(sp.Abs(output - DISTANCE), eps), le(sp.Abs(output + DISTANCE), eps)


def _lipschitz(first: int = 1) -> All:
    return All(j, first, G, le(sp.Abs(y(j) - target), REACH))


def _claim(shave: Fraction = Fraction(1), first: int = 1, half: Fraction = HALF, both: bool = True) -> Claim:
    spread = number(half) * SPREAD
    grid = (DIMENSION, RATES, WIDTHS, GRID, CENTRE)
    return Claim(
        "anisotropic-bound",
        (
            Sequent(
                (SIZE, DIMENSION, RATES, WIDTHS, _lipschitz(first), MOMENTS), le(ERROR, number(shave) * SPREAD * moment)
            ),
            Sequent((*grid, ABOVE, *[BELOW] * both), le(spread, eps)),
        ),
    )


def _error() -> Fact:
    size, dimension, rates, widths, lipschitz, moments = assumed(SIZE, DIMENSION, RATES, WIDTHS, _lipschitz(), MOMENTS)
    weight, signs = rate(k) * h(k), [specialise(rates, k), specialise(widths, k)]
    goal = le(weight * weighted(sp.Abs(z(j, k))), weight * moment * TOTAL)
    axes = termwise(combine(goal, [(weight, specialise(moments, k))], [size, *signs]), k, 1, N, [size, dimension])
    reach = combine(le(weighted(REACH), SPREAD * moment * TOTAL), [(1, axes)], [size, dimension])
    replaced = {d: sp.Lambda(j, REACH), scale: sp.Integer(1), mean: SPREAD * moment}
    return substitute(mean_bound(), replaced, [lipschitz, reach, dimension])


def _needed() -> Fact:
    """The corner is half a spacing from every centre, and one output is within eps of both DISTANCE and -DISTANCE."""
    dimension, rates, widths, grid, place, above, below = assumed(DIMENSION, RATES, WIDTHS, GRID, CENTRE, ABOVE, BELOW)
    known = [specialise(fact, k) for fact in (rates, widths, grid)]
    gap = absolute_bounds(centre(k) - corner(k))
    far = combine(
        le(HALF * rate(k) * h(k), rate(k) * sp.Abs(corner(k) - centre(k))),
        [(rate(k), gap), (-rate(k), specialise(place, k))],
        known,
        rest=rate(k) * q(k) * h(k),
    )
    total = termwise(far, k, 1, N, [dimension])
    one = {necessary_size.L: sp.Integer(1), necessary_size.near_y: DISTANCE, necessary_size.F: output}
    both = substitute(necessary_size.fooled(), one, [above, below, dimension])
    return combine(le(HALF * SPREAD, eps), [(1, total), (1, both)], [dimension])


def _proof(statement: Claim) -> Sequence[Fact]:
    return _error(), _needed()


def _brute(
    example: Example, shave: Fraction = Fraction(1), first: int = 1, half: Fraction = Fraction(1, 2), both: bool = True
) -> Sequence[Pairs]:
    value, axes = example.values, range(1, int(example.values[N]) + 1)
    spread = sum((value[rate](a) * value[h](a) for a in axes), Fraction(0))
    return (
        ((network_error(example), shave * spread * value[moment]),),
        ((Fraction(half) * spread, value[eps]),),
    )


def _examples(level: int) -> tuple[Example, ...]:
    """Values of the cone Σ L_k|x_k − a_k| at the point; grids with the corner half a spacing from the first centre."""
    found = []
    for net in networks(level):
        rates = [Fraction(3, a + 1) for a in range(len(net.cells))]
        rows = [sum(r * abs(a - b) for r, a, b in zip(rates, v, net.point, strict=True)) for v in net.centres()]
        half = sum((r * w for r, w in zip(rates, net.widths, strict=True)), Fraction(0)) / 2
        values: dict[sp.Basic, Any] = {
            moment: upward(m1, net.kappa),
            target: Fraction(0),
            h: listed(net.widths),
            rate: listed(rates),
            y: listed(rows),
            corner: lambda a: Fraction(0),
            centre: lambda a, widths=net.widths: widths[a - 1] / 2,
            q: lambda a: Fraction(0),
            output: Fraction(0),
            eps: half,
        }
        found.append(net.example(values, ", cone at x"))
        found.append(net.example({**values, y: lambda a: Fraction(9 if a == 1 else 0)}, ", y_1 = 9, other values 0"))
        found.append(net.example({**values, output: half, eps: half / 2}, ", only f approximated"))
    return tuple(found)


LEMMA = Lemma(
    slug="anisotropic-bound",
    group="max-affine",
    words="If |f(x) - f(y)| <= L_1|x_1 - y_1| + ... + L_N|x_N - y_N|, attention with values f(v_j) errs by at most"
    " m (L_1 h_1 + ... + L_N h_N); m = m1(kappa) bounds the mean of |v_jk - x_k|/h_k on every axis (finite-grid,"
    " axis-marginal). f = sum_k L_k dist(x_k, centres) is 0 at every centre of a midpoint grid and at least half of"
    " that sum at a corner: whoever sees the values at the centres only, and must be within eps of f and of -f, needs"
    " L_1 h_1 + ... + L_N h_N <= 2 eps.",
    latex=r"\Bigl|\sum_j p_j f(v_j)-f(x)\Bigr|\le m_1(\kappa)\sum_k L_k h_k,"
    r"\quad\tfrac12\sum_k L_k h_k\le\varepsilon",
    source="ours; sharpens [MA] Thm 4.1",
    hypotheses=(
        "G >= 1 centres in R^N, N >= 1, weights p_j = softmax(s)_j, h_k >= 0, L_k >= 0",
        "|f(v_j) - f(x)| <= sum_k L_k |v_jk - x_k|",
        "sum_j p_j |v_jk - x_k| <= h_k m on every axis k (finite-grid and axis-marginal, at m = m1(kappa))",
        "second part: c_k = a_k + (q_k + 1/2) h_k, q_k >= 0, and |F - f(a)|, |F + f(a)| <= eps"
        " for f(a) = sum_k L_k |a_k - c_k|",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two centres in the plane at offsets (r, s) and (t, u)",
            "p*(L*r + M*s) + (1-p)*(L*t + M*u) <= m*(L*h + M*g)",
            ("p in [0, 1]", "L >= 0", "M >= 0", "p*r + (1-p)*t <= h*m", "p*s + (1-p)*u <= g*m"),
        ),
        Core(
            "instance",
            "one axis, d the distance of the corner to the nearest centre",
            "L*h <= 2*eps",
            ("L >= 0", "d >= h/2", "abs(F - L*d) <= eps", "abs(F + L*d) <= eps"),
        ),
    ),
    beyond="the numbers of centres and axes are symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("nothing is asked of the first value", {"first": 2}),
        Mutant("51/100 of the sum needed", {"half": Fraction(51, 100)}),
        Mutant("only f, not -f, approximated", {"both": False}),
    ),
)
