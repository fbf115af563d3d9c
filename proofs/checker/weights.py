"""Softmax weights of an axis: p_k(u) ∝ e^{−κ(u − k)²/2} over the window of centres around a cell, |u| ≤ ½.

Centres more than D cells away hold at most 2e^{−κ((D+½)²−¼)/2}/(1 − e^{−κ(D+1)}) of the mass of an axis: the nearest
centre is within ½, and the tails are geometric. With E the mean and V the variance of k, p_k′ = κ(k − E)p_k and
p_k″ = κ²((k − E)² − V)p_k; E increases, E′ = κV, and E″ is κ² times the third central moment.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from fractions import Fraction

from flint import arb, arb_mat

from .ball import ZERO, ball, dot, largest, least, power, span

PARTS = 8


def window(kappa: arb, count: int, share: float) -> tuple[int, arb]:
    """The least half-width D of a window that leaves out at most `share` of the mass of an axis, and that mass.

    >>> window(arb(2), 100, 1e-6)[0]
    4
    """

    def outside(D: int) -> arb:
        return 2 * (-kappa * (D * (D + 1)) / 2).exp() / (1 - (-kappa * (D + 1)).exp())

    D = 1 + bisect.bisect_left(range(1, count), True, key=lambda D: bool(outside(D) <= share))
    return (D, outside(D)) if count > D else (count, ZERO)


def _weights(kappa: arb, u: arb, offsets: range) -> list[arb]:
    """p over a ball: p_k = w_k / Σ_l w_l e^{κ(l−k)u}, w_k = e^{−κk²/2}, and every term is monotone in u."""
    tilt = {d: (kappa * d * u).exp() for d in range(1 - len(offsets), len(offsets))}
    base = [(-kappa * (k * k) / 2).exp() for k in offsets]
    return [w / dot([tilt[l - k] for l in offsets], base) for k, w in zip(offsets, base, strict=True)]


def _over(kappa: arb, u: arb, offsets: range) -> list[arb]:
    """p, p′, p″, the bias E − u and its two derivatives over a ball."""
    p, ends = _weights(kappa, u, offsets), (u.lower(), u.upper())
    low, high = (dot(offsets, p if u.is_exact() else _weights(kappa, end, offsets)) for end in ends)
    from_mean = [k - low.union(high) for k in offsets]
    squares = [power(d, 2) for d in from_mean]
    variance, third = dot(squares, p), dot([power(d, 3) for d in from_mean], p)
    first = [kappa * d * w for d, w in zip(from_mean, p, strict=True)]
    second = [kappa * kappa * (s - variance) * w for s, w in zip(squares, p, strict=True)]
    bias = span(low - ends[1], high - ends[0])
    return [*p, *first, *second, bias, kappa * variance - 1, kappa * kappa * third]


def rows(kappa: arb, c: float | Fraction, r: float, offsets: range) -> tuple[arb_mat, list[arb]]:
    """At a point (r = 0): rows p and p′; over c ± r: rows p, p′ and p″. With them the bias and its derivatives."""
    if r:
        ends = [arb(float(c) - r + s * (2 * r / PARTS)) for s in range(PARTS + 1)]
        parts = [_over(kappa, span(low, high), offsets) for low, high in itertools.pairwise(ends)]
        found = [span(least(entries), largest(entries)) for entries in zip(*parts, strict=True)]
    else:
        found = _over(kappa, ball(c), offsets)
    height, width = 3 if r else 2, len(offsets)
    return arb_mat(height, width, found[: height * width]), found[-3:]


def contract(values: arb_mat, factors: Sequence[arb_mat]) -> list[arb]:
    """Every product of one row an axis, applied to the values; the last axis varies fastest."""
    for i, factor in enumerate(factors):
        if i:
            flat = values.transpose().entries()
            values = arb_mat(factor.ncols(), len(flat) // factor.ncols(), flat)
        values = factor * values
    return values.transpose().entries()
