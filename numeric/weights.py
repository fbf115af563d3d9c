r"""Softmax weights along one axis inside a cell: windows, Taylor rows and the range of the bias, rigorous.

In units of the spacing a cell is k = 0 with the centres −left … right around it; at t ∈ [−½, ½] the weights are
p_k(t) ∝ exp(−κ(t − k)²/2), the mean is m(t) = Σ k p_k, the variance V(t), the bias b(t) = m(t) − t.

    p_k' = κ(k − m) p_k,    p_k'' = κ²((k − m)² − V) p_k,    m' = κV ≥ 0,    b' = κV − 1,    b'' = κ² E(k − m)³.

m increases, and log p_k is concave with slope κ(k − m), which encloses p_k on an interval from its two ends.

A position inside the cell is a dyadic interval, numbered as in a heap: 1 is [−½, ½], the halves of n are 2n and
2n + 1. So splitting is exact, and so are the centre and the radius in float64 down to level `DEEPEST`. The numbers
POINTS + i, 0 ≤ i ≤ LAST, are the single points −½ + i/LAST.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from flint import arb
from numpy.typing import NDArray

from .midrad import TINY, UNIT, Array, MidRad

Index = NDArray[np.int64]
DEEPEST = 38
LAST = 2 ** (DEEPEST + 1)
POINTS = 2 * LAST
WIDEST = 1000
"""No window has more centres to a side."""
PIECES = (64, 1024)
"""The bias is bounded on between so many pieces of a cell, more for a larger κ."""


def centre_of(node: Index) -> Array:
    """The middle of dyadic intervals, exactly.

    >>> centre_of(np.array([1, 2, 3, 7, POINTS, POINTS + LAST]))
    array([ 0.   , -0.25 ,  0.25 ,  0.375, -0.5  ,  0.5  ])
    """
    inside = (2.0 * node + 1.0) * np.ldexp(1.0, -1 - level_of(node)) - 1.5
    return np.where(node < POINTS, inside, (node - POINTS) / LAST - 0.5)


def radius_of(node: Index) -> Array:
    """Half the length of dyadic intervals, exactly."""
    return np.where(node < POINTS, np.ldexp(1.0, -1 - level_of(node)), 0.0)


def level_of(node: Index) -> NDArray[np.int32]:
    """How often [−½, ½] was halved."""
    return np.frexp(node.astype(np.float64))[1] - 1


def descend(node: Index, digit: Index) -> Index:
    """The point at the lower end (0), in the middle (1) or at the upper end (2) of dyadic intervals."""
    length = np.left_shift(np.int64(1), DEEPEST + 1 - level_of(node))
    return POINTS - LAST + node * length + digit * length // 2


def midrad(values: list[arb]) -> MidRad:
    """Arb balls as float64 midpoints and radii, rounded outward; an infinite radius where a ball is not finite.

    >>> pair = midrad([arb(1) / 3, arb("nan")])
    >>> bool(0 < pair.rad[0] < 1e-15), float(pair.rad[1])
    (True, inf)
    """
    mid = np.array([float(v.mid()) for v in values])
    rad = np.array([float(v.rad()) for v in values])
    finite = np.isfinite(mid) & np.isfinite(rad)
    mid, rad = np.where(finite, mid, 0.0), np.where(finite, rad, np.inf)
    return MidRad(mid, rad * (1 + 4 * UNIT) + 4 * UNIT * np.abs(mid) + TINY)


def window(kappa: arb, tolerance: float, count: int) -> tuple[int, arb]:
    """The least half-width D whose dropped mass on an axis of `count` centres is at most `tolerance`, and that mass.

    From t ∈ [−½, ½] the centres outside have distances ≥ D + ½ + j, j ≥ 0, on either side, and centre 0 has one ≤ ½;
    (D + ½ + j)² ≥ (D + ½)² + 2j(D + 1). So the mass is at most 2e^{−κ((D+½)² − ¼)/2}/(1 − e^{−κ(D+1)}).
    Raises ValueError if more than `WIDEST` centres to a side are needed.

    >>> window(arb(4), 1e-6, 100)[0], window(arb(4), 1e-6, 2)[0]
    (3, 2)
    """
    for D in range(1, min(count, WIDEST + 1)):
        mass = 2 * (-(kappa / 2) * D * (D + 1)).exp() / (1 - (-kappa * (D + 1)).exp())
        if bool(mass <= tolerance):
            return D, mass
    if count > WIDEST:
        raise ValueError(f"the temperature is too small to enclose: windows of more than {WIDEST} centres to a side")
    return count, arb(0)


class _Softmax(NamedTuple):
    """Weights and their mean at a point."""

    p: list[arb]
    mean: arb


def _softmax(kappa: arb, t: arb, offsets: range) -> _Softmax:
    weights = [(kappa * k * (2 * t - k) / 2).exp() for k in offsets]
    total = sum(weights, arb(0))
    p = [w / total for w in weights]
    return _Softmax(p, sum((k * q for k, q in zip(offsets, p, strict=True)), arb(0)))


def _ranges(kappa: arb, low: _Softmax, high: _Softmax, width: float, offsets: range) -> list[arb]:
    """p_k over an interval of that width, from its two ends."""
    found = []
    for k, p, q in zip(offsets, low.p, high.p, strict=True):
        enclosure = p.union(q)
        if not (k >= high.mean or k <= low.mean):
            rise = p * (kappa * (k - low.mean) * width).exp()
            fall = q * (kappa * (high.mean - k) * width).exp()
            enclosure = enclosure.union(rise.max(p).min(fall.max(q)).min(arb(1)))
        found.append(enclosure)
    return found


class _Moments(NamedTuple):
    """Over an interval: weights, mean, variance and third central moment."""

    p: list[arb]
    mean: arb
    variance: arb
    third: arb


def _moments(kappa: arb, low: _Softmax, high: _Softmax, width: float, offsets: range) -> _Moments:
    p = _ranges(kappa, low, high, width, offsets)
    mean = low.mean.union(high.mean)
    squares = [(k - mean) * (k - mean) for k in offsets]
    variance = sum((s * q for s, q in zip(squares, p, strict=True)), arb(0))
    third = sum(((k - mean) * s * q for k, s, q in zip(offsets, squares, p, strict=True)), arb(0))
    return _Moments(p, mean, variance, third)


class Rows(NamedTuple):
    """Weights of positions: `p` (B, 3, 2D + 1) and the bias `b` (B, 3), both as coefficients of 1, τ, τ² on
    |τ| ≤ radius, and the range `b_low` … `b_high` (B,) of the bias."""

    p: MidRad
    b: MidRad
    b_low: Array
    b_high: Array


class Axis:
    """Weight rows of one axis, computed once per position inside a cell and pattern of clipping at the grid's ends."""

    def __init__(self, kappa: arb, D: int, low: int, high: int) -> None:
        self.kappa, self.D, self.low, self.high = kappa, D, low, high
        self.pieces = PIECES[0]
        while self.pieces < PIECES[1] and bool(arb(self.pieces) < 8 * kappa):
            self.pieces *= 2
        self.known: dict[tuple[int, int, int], tuple[Array, Array, Array, Array, float, float]] = {}
        self.biases: dict[tuple[int, int], tuple[Array, Array]] = {}

    def rows(self, cell: Index, node: Index) -> Rows:
        """Rows of the positions `node` in `cell`; centres beyond the grid have weight zero."""
        left = np.minimum(cell - self.low, self.D)
        right = np.minimum(self.high - cell, self.D)
        clip = left * (self.D + 1) + right
        keys, back = np.unique(node * (self.D + 1) ** 2 + clip, return_inverse=True)
        parts = []
        for key in keys.tolist():
            n, pattern = divmod(key, (self.D + 1) ** 2)
            parts.append(self._row(n, *divmod(pattern, self.D + 1)))
        mid, rad, b_mid, b_rad, low, high = (np.array(part)[back] for part in zip(*parts, strict=True))
        return Rows(MidRad(mid, rad), MidRad(b_mid, b_rad), low, high)

    def _row(self, node: int, left: int, right: int) -> tuple[Array, Array, Array, Array, float, float]:
        key = (node, left, right)
        if key not in self.known:
            p, b = _taylor(self.kappa, node, range(-left, right + 1))
            span = slice(self.D - left, self.D + right + 1)
            mid, rad = np.zeros((3, 2 * self.D + 1)), np.zeros((3, 2 * self.D + 1))
            for i, row in enumerate(p):
                mid[i, span], rad[i, span] = midrad(row)
            self.known[key] = mid, rad, *midrad(b), *self._bias(node, left, right)
        return self.known[key]

    def _bias(self, node: int, left: int, right: int) -> tuple[float, float]:
        if (left, right) not in self.biases:
            self.biases[left, right] = bias_pieces(self.kappa, range(-left, right + 1), self.pieces)
        low, high = self.biases[left, right]
        first, length = (node - POINTS, 1) if node >= POINTS else _ends_of(node)
        begin = min(first * self.pieces // LAST, self.pieces - 1)
        part = slice(begin, max(begin + 1, (first + length) * self.pieces // LAST))
        return float(low[part].min()), float(high[part].max())


def _ends_of(node: int) -> tuple[int, int]:
    """Lower end and length of a dyadic interval in units of 1/LAST."""
    level = node.bit_length() - 1
    length = LAST >> level
    return (node - (1 << level)) * length, length


def _taylor(kappa: arb, node: int, offsets: range) -> tuple[list[list[arb]], list[arb]]:
    """Rows (p(c), p'(c), ½p''(c ± r)), or (p(c ± r), 0, 0) where that is narrower, and the same of the bias."""
    t, r = float(centre_of(np.array(node))), float(radius_of(np.array(node)))
    low, high = (_softmax(kappa, arb(t) + s * arb(r), offsets) for s in (-1, 1))
    over = _moments(kappa, low, high, 2 * r, offsets)
    bend = [
        kappa * kappa / 2 * ((k - over.mean) * (k - over.mean) - over.variance) * p
        for k, p in zip(offsets, over.p, strict=True)
    ]
    at = _softmax(kappa, arb(t), offsets)
    slope = [kappa * (k - at.mean) * p for k, p in zip(offsets, at.p, strict=True)]

    def spread(row: list[arb]) -> float:
        return sum(k * k * float(entry.rad()) for k, entry in zip(offsets, row, strict=True))

    zero, c = [arb(0)] * len(offsets), arb(t)
    if spread(over.p) < r * r * spread(bend):
        return [over.p, zero, zero], [over.mean - c, arb(-1), arb(0)]
    variance = sum(((k - at.mean) * (k - at.mean) * p for k, p in zip(offsets, at.p, strict=True)), arb(0))
    return [at.p, slope, bend], [at.mean - c, kappa * variance - 1, kappa * kappa / 2 * over.third]


def bias_pieces(kappa: arb, offsets: range, pieces: int) -> tuple[Array, Array]:
    """Float bounds of b on `pieces` equal parts of [−½, ½].

    On [s, t]: m(s) − t ≤ b ≤ m(t) − s, and b ∈ b(c) + b'(c)τ + ½b''τ² about the middle c.

    >>> low, high = bias_pieces(arb(4), range(-8, 9), 64)
    >>> round(float(high.max()), 3), round(float(low.min()), 3)
    (0.023, -0.023)
    """
    grid = [_softmax(kappa, arb(j) / (2 * pieces) - arb(1) / 2, offsets) for j in range(2 * pieces + 1)]
    low, high = np.empty(pieces), np.empty(pieces)
    r = arb(1) / (2 * pieces)
    for j in range(pieces):
        start, middle, end = grid[2 * j : 2 * j + 3]
        over = _moments(kappa, start, end, 1.0 / pieces, offsets)
        c = arb(2 * j + 1) / (2 * pieces) - arb(1) / 2
        variance = sum(
            ((k - middle.mean) * (k - middle.mean) * p for k, p in zip(offsets, middle.p, strict=True)), arb(0)
        )
        taylor = (
            middle.mean
            - c
            + (kappa * variance - 1) * arb(0, 1) * r
            + kappa * kappa / 2 * over.third * r * r * arb(0.5, 0.5)
        )
        monotone = (start.mean - c - r).union(end.mean - c + r)
        low[j] = -min(_above(-taylor), _above(-monotone))
        high[j] = min(_above(taylor), _above(monotone))
    return low, high


def _above(x: arb) -> float:
    """A float ≥ every point of the ball (inf if it is not finite)."""
    if not x.is_finite():
        return float("inf")
    near = float(x.upper())
    return float(np.nextafter(near, np.inf))


def share(node: Index, cell: Index, P: tuple[int, ...]) -> tuple[Fraction, ...]:
    """The shares t_i ∈ [0, 1] of the sides at which the centre of a box lies."""
    middle = centre_of(node)
    return tuple(
        (Fraction(int(c)) + Fraction(1, 2) + Fraction(float(m))) / p for c, m, p in zip(cell, middle, P, strict=True)
    )
