"""The Euclidean Lipschitz bound: a head errs by at most L h m, m the mean distance to the centres in cells."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ...symbolic.lattice import m1N
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
    below,
    d,
    j,
    k,
    length,
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
SQUARE = sp.Sum(z(j, k) ** 2, (k, 1, N))
STRETCHED = sp.Sum(h(k) ** 2 * z(j, k) ** 2, (k, 1, N))
RATE, WIDTHS = ge(L, 0), All(k, 1, N, ge(h(k), 0))
MOMENT = le(weighted(sp.sqrt(SQUARE)), moment * TOTAL)


def _widest(finest: bool = False) -> All:
    return All(k, 1, N, le(H, h(k)) if finest else le(h(k), H))


def _lipschitz(first: int = 1) -> All:
    return All(j, first, G, le(sp.Abs(y(j) - target), L * sp.sqrt(STRETCHED)))


def _claim(shave: Fraction = Fraction(1), finest: bool = False, first: int = 1) -> Claim:
    hypotheses = (SIZE, DIMENSION, RATE, ge(H, 0), WIDTHS, _widest(finest), _lipschitz(first), MOMENT)
    return claim("lipschitz-bound-l2", hypotheses, le(ERROR, number(shave) * L * H * moment))


@cache
def stretched() -> Fact:
    """sqrt(sum of h_k^2 z_jk^2) <= H sqrt(sum of z_jk^2) for the free index j, 0 <= h_k <= H."""
    dimension, positive, widths, widest = assumed(DIMENSION, ge(H, 0), WIDTHS, _widest())
    low, high = specialise(widths, k), specialise(widest, k)
    step = combine(le(h(k) ** 2, H**2), [(H + h(k), high)], [low, positive])
    one = combine(le(h(k) ** 2 * z(j, k) ** 2, H**2 * z(j, k) ** 2), [(z(j, k) ** 2, step)])
    reach = H * sp.sqrt(SQUARE)
    squared = combine(le(STRETCHED, reach**2), [(1, termwise(one, k, 1, N, [dimension]))], [dimension])
    nonnegative = combine(ge(reach, 0), [], [dimension, positive])
    return below(sp.sqrt(STRETCHED), squared, nonnegative, [dimension])


def _proof(statement: Claim) -> Sequence[Fact]:
    size, dimension, rate, positive, lipschitz, moments = assumed(SIZE, DIMENSION, RATE, ge(H, 0), _lipschitz(), MOMENT)
    distance = sp.sqrt(SQUARE)
    one = combine(
        le(sp.Abs(y(j) - target), L * H * distance), [(1, specialise(lipschitz, j)), (L, stretched())], [rate]
    )
    near = termwise(one, j, 1, G, [size], quantify=True)
    constant = combine(ge(L * H, 0), [], [rate, positive])
    replaced = {d: sp.Lambda(j, distance), scale: L * H, mean: moment}
    return (substitute(mean_bound(), replaced, [near, constant, moments, dimension]),)


def _brute(example: Example, shave: Fraction = Fraction(1), finest: bool = False, first: int = 1) -> Sequence[Pairs]:
    bound = shave * example.values[L] * example.values[H] * example.values[moment]
    return (((network_error(example), bound),),)


def _examples(level: int) -> tuple[Example, ...]:
    """Values of the cone L |x - point|, which attains the bound at the corner of the box, with m = m_{1,N}(kappa)."""
    found = []
    for net in networks(level):
        size = len(net.cells)
        moments = upward(m1N, net.kappa, size)
        rows = [[a - b for a, b in zip(v, net.point, strict=True)] for v in net.centres()]
        for widest in {max(net.widths), min(net.widths)}:
            values = {
                L: 1 + Fraction(1, 10**30),
                H: widest,
                moment: moments,
                target: Fraction(0),
                h: listed(net.widths),
                y: lambda a, rows=rows: length(rows[a - 1]),
            }
            found.append(net.example(values, f", cone at x, H={widest}"))
        spike = {**values, H: max(net.widths), y: lambda a: Fraction(9 if a == 1 else 0)}
        found.append(net.example(spike, ", y_1 = 9, other values 0"))
    return tuple(found)


LEMMA = Lemma(
    slug="lipschitz-bound-l2",
    group="max-affine",
    words="If f is L-Lipschitz in the Euclidean norm, attention with values f(v_j) errs by at most L H m at x: H is the"
    " widest spacing of the grid and m = m_{1,N}(kappa) bounds the mean distance to the centres in cells, z_j ="
    " ((v_jk - x_k)/h_k)_k, under the weights (corner-lemma). With m = sqrt(N m2) this is finite-grid's bound.",
    latex=r"\Bigl|\sum_j p_j f(v_j)-f(x)\Bigr|\le L\,h\,m_{1,N}(\kappa)",
    source="ours; sharpens [MA] Thm 4.1",
    hypotheses=(
        "G >= 1 centres in R^N, N >= 1, weights p_j = softmax(s)_j",
        "0 <= h_k <= H on every axis",
        "|f(v_j) - f(x)| <= L |v_j - x|_2, L >= 0",
        "sum_j p_j |z_j|_2 <= m (corner-lemma, at m = m_{1,N}(kappa))",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two centres in the plane, r and s their distances in cells",
            "abs(p*a + (1-p)*b) <= L*H*m",
            ("p in [0, 1]", "H >= 0", "L >= 0", "abs(a) <= L*H*r", "abs(b) <= L*H*s", "p*r + (1-p)*s <= m"),
        ),
    ),
    beyond="the numbers of centres and axes are symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("the finest spacing in place of the widest", {"finest": True}),
        Mutant("nothing is asked of the first value", {"first": 2}),
    ),
)
