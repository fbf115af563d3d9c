"""The l1 Lipschitz bound: a head errs by at most L (h_1 + ... + h_N) m1, and so by at most L N h m1."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ...symbolic.lattice import m1
from ..claim import All, Claim, claim, function, ge, le, number, real
from ..derived import assumed
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
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

L, H, moment = real("L"), real("H"), real("m")
h = function("h")
REACH = sp.Sum(h(k) * sp.Abs(z(j, k)), (k, 1, N))
SPREAD = sp.Sum(h(k), (k, 1, N))
RATE, WIDTHS = ge(L, 0), All(k, 1, N, ge(h(k), 0))
MOMENTS = All(k, 1, N, le(weighted(sp.Abs(z(j, k))), moment * TOTAL))
WIDEST = All(k, 1, N, le(h(k), H))
POSITIVE = ge(moment, 0)


def _lipschitz(first: int = 1) -> All:
    return All(j, first, G, le(sp.Abs(y(j) - target), L * REACH))


def _claim(shave: Fraction = Fraction(1), first: int = 1, axes: sp.Expr = N) -> Claim:
    hypotheses = (SIZE, DIMENSION, RATE, POSITIVE, WIDTHS, WIDEST, _lipschitz(first), MOMENTS)
    bounds = (number(shave) * L * SPREAD * moment, number(shave) * L * axes * H * moment)
    return claim("lipschitz-bound-l1", hypotheses, *(le(ERROR, bound) for bound in bounds))


def _proof(statement: Claim) -> Sequence[Fact]:
    size, dimension, rate, positive, widths, widest, lipschitz, moments = assumed(
        SIZE, DIMENSION, RATE, POSITIVE, WIDTHS, WIDEST, _lipschitz(), MOMENTS
    )
    goal = le(h(k) * weighted(sp.Abs(z(j, k))), h(k) * moment * TOTAL)
    axis = combine(goal, [(h(k), specialise(moments, k))], [size, specialise(widths, k)])
    axes = termwise(axis, k, 1, N, [size, dimension])
    reach = combine(le(weighted(REACH), SPREAD * moment * TOTAL), [(1, axes)], [size, dimension])
    replaced = {d: sp.Lambda(j, REACH), scale: L, mean: SPREAD * moment}
    error = substitute(mean_bound(), replaced, [lipschitz, rate, reach, dimension])
    total = termwise(specialise(widest, k), k, 1, N, [dimension])
    wide = le(ERROR, L * N * H * moment)
    return error, combine(wide, [(1, error), (L * moment, total)], [size, dimension, rate, positive])


def _brute(example: Example, shave: Fraction = Fraction(1), first: int = 1, axes: sp.Expr = N) -> Sequence[Pairs]:
    values, error, count = example.values, network_error(example), int(example.values[N])
    spread = sum((values[h](a) for a in range(1, count + 1)), Fraction(0))
    both = (spread, (count if axes == N else count - 1) * values[H])
    return tuple(((error, shave * values[L] * width * values[moment]),) for width in both)


def _examples(level: int) -> tuple[Example, ...]:
    """Values of the l1 cone at the point, which attains the bound at the corner of the box, with m = m1(kappa)."""
    found = []
    for net in networks(level):
        rows = [sum(abs(a - b) for a, b in zip(v, net.point, strict=True)) for v in net.centres()]
        values = {
            L: Fraction(1),
            H: max(net.widths),
            moment: upward(m1, net.kappa),
            target: Fraction(0),
            h: listed(net.widths),
            y: listed(rows),
        }
        found.append(net.example(values, ", cone at x"))
        found.append(net.example({**values, y: lambda a: Fraction(9 if a == 1 else 0)}, ", y_1 = 9, other values 0"))
    return tuple(found)


LEMMA = Lemma(
    slug="lipschitz-bound-l1",
    group="max-affine",
    words="If f is L-Lipschitz in the l1 norm, attention with values f(v_j) errs by at most L (sum of the spacings"
    " h_k) m, so by at most L N H m; m = m1(kappa) bounds the mean of |v_jk - x_k|/h_k on every axis"
    " (finite-grid, axis-marginal).",
    latex=r"\Bigl|\sum_j p_j f(v_j)-f(x)\Bigr|\le L\,m_1(\kappa)\sum_k h_k\le L\,N\,h\,m_1(\kappa)",
    source="ours; sharpens [MA] Thm 4.1",
    hypotheses=(
        "G >= 1 centres in R^N, N >= 1, weights p_j = softmax(s)_j",
        "0 <= h_k <= H on every axis",
        "|f(v_j) - f(x)| <= L |v_j - x|_1, L >= 0",
        "sum_j p_j |v_jk - x_k| <= h_k m on every axis k (finite-grid and axis-marginal, at m = m1(kappa))",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two centres on one axis",
            "abs(p*a + (1-p)*b) <= L*h*m",
            ("p in [0, 1]", "h >= 0", "L >= 0", "abs(a) <= L*h*r", "abs(b) <= L*h*s", "p*r + (1-p)*s <= m"),
        ),
    ),
    beyond="the numbers of centres and axes are symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("nothing is asked of the first value", {"first": 2}),
        Mutant("N - 1 axes in place of N", {"axes": N - 1}),
    ),
)
