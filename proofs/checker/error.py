"""Both ends of sup|F − f|, from the values of f at the centres.

With u the offset from the middle of a cell in units of h and any affine function ℓ = y_0 + Σ g_i u_i,

    F − f = Σ p_k (y_k − ℓ(k)) + Σ g_i (E k_i − u_i) − (f − ℓ),

bounded on a box by the ranges of its terms, or expanded to second order about the middle. Centres outside the windows
move F by at most their mass times max y − min y; that bound is `dropped`.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, arb_mat

from .ball import HALF, ZERO, Undecided, ball, dot, up
from .bisection import Box, Clock, cover, points
from .claim import Claim
from .weights import contract, rows, window

WINDOW_LIMIT = 10**6
Index = tuple[int, ...]


def tabulate(claim: Claim, clock: Clock) -> dict[Index, arb]:
    """The values at all centres; Undecided if f is not finite at one."""
    values: dict[Index, arb] = {}
    for j in itertools.product(*(range(-claim.pad, p + claim.pad) for p in claim.P)):
        clock.tick()
        x = [a + h * arb(k + 0.5) for a, h, k in zip(claim.low, claim.h, j, strict=True)]
        ends = zip(claim.low, claim.side, x, j, claim.P, strict=True)
        near = [a if k < 0 else a + s if k >= p else v for a, s, v, k, p in ends] if claim.clip else x
        jet = claim.tape.run(near, int(near != x))
        values[j] = jet.value + dot(jet.slope, [v - n for v, n in zip(x, near, strict=True)])
    if not all(y.is_finite() for y in values.values()):
        raise Undecided("f is not finite at a centre")
    return values


@dataclass(frozen=True)
class Cell:
    """A cell: its lower corner, the offsets in its window on every axis, ℓ, and the values minus ℓ."""

    low: list[arb]
    offsets: list[range]
    y0: arb
    g: list[arb]
    rest: arb_mat


class Gap:
    """F − f with windows of centres that leave out at most about `tolerance`."""

    def __init__(self, claim: Claim, values: Mapping[Index, arb], tolerance: float) -> None:
        self.claim, self.values = claim, values
        spread = math.nextafter(max(map(up, values.values())) + max(up(-v) for v in values.values()), math.inf)
        share = tolerance / max(spread, 1e-300) / claim.N
        windows = [window(kappa, p + 2 * claim.pad, share) for kappa, p in zip(claim.kappa, claim.P, strict=True)]
        self.D = [D for D, _ in windows]
        self.dropped = up(sum((mass for _, mass in windows), ZERO) * arb(spread))
        self.rows = [functools.cache(functools.partial(rows, kappa)) for kappa in claim.kappa]
        if math.prod(min(p + 2 * claim.pad, 2 * D + 1) for p, D in zip(claim.P, self.D, strict=True)) > WINDOW_LIMIT:
            raise Undecided(f"the weights are too flat: windows of more than {WINDOW_LIMIT} centres")

    def cell(self, j: Index) -> Cell:
        """Cell j with ℓ the tangent of f at its middle, as far as f has one."""
        c = self.claim
        low = [a + h * k for a, h, k in zip(c.low, c.h, j, strict=True)]
        slope = c.tape.run([a + h / 2 for a, h in zip(low, c.h, strict=True)], 1).slope
        g = [(h * s).mid() if s.is_finite() else ZERO for h, s in zip(c.h, slope, strict=True)]
        offsets = [
            range(-min(D, k + c.pad), min(D, p - 1 + c.pad - k) + 1) for D, k, p in zip(self.D, j, c.P, strict=True)
        ]
        near = itertools.product(*(range(k + r.start, k + r.stop) for k, r in zip(j, offsets, strict=True)))
        ramps = itertools.product(*([k * s for k in r] for s, r in zip(g, offsets, strict=True)))
        rest = [self.values[k] - sum(rise, self.values[j]) for k, rise in zip(near, ramps, strict=True)]
        return Cell(low, offsets, self.values[j], g, arb_mat(len(offsets[0]), len(rest) // len(offsets[0]), rest))

    def at(self, cell: Cell, t: Sequence[float | Fraction]) -> tuple[arb, list[arb], arb]:
        """At shares of the cell: F − f but for `dropped`, the slopes of F − ℓ in units of h, and f − ℓ."""
        N, u = self.claim.N, [v - HALF for v in t]
        matrices, biases = zip(
            *(of(v, 0.0, r) for of, v, r in zip(self.rows, u, cell.offsets, strict=True)), strict=True
        )
        S = contract(cell.rest, matrices)
        x = [a + h * ball(v) for a, h, v in zip(cell.low, self.claim.h, t, strict=True)]
        above = self.claim.tape.run(x, 0).value - cell.y0 - dot(cell.g, [ball(v) for v in u])
        slopes = [S[2 ** (N - 1 - i)] + cell.g[i] * biases[i][1] for i in range(N)]
        return S[0] + dot(cell.g, [bias for bias, _, _ in biases]) - above, slopes, above

    def below(self, cell: Cell, box: Box) -> bool | None:
        """Whether |F − f| ≤ upper on a box of shares of the cell."""
        c, N, limit = self.claim, self.claim.N, -up(-ball(self.claim.upper))
        error, lines, above = self.at(cell, [m for m, _ in box])
        if abs(error) - self.dropped > ball(c.upper):
            return False
        _, slope, bend, _, branches = c.tape.run(points(cell.low, c.h, box), 2)
        wide = [of(m - 0.5, r, k) for of, (m, r), k in zip(self.rows, box, cell.offsets, strict=True)]
        S = contract(cell.rest, [m for m, _ in wide])
        apart = [(h * s - g) * arb(0, r) for h, s, g, (_, r) in zip(c.h, slope, cell.g, box, strict=True)]
        rough = S[0] + dot(cell.g, [biases[0] for _, biases in wide]) - above - sum(apart, ZERO)
        if up(abs(rough) + self.dropped) <= limit:
            return True
        if all(s.is_finite() for s in bend):
            slope = c.tape.run(points(cell.low, c.h, [(m, 0.0) for m, _ in box]), 1, branches).slope
        else:
            bend = [ZERO] * len(bend)
        lines = [a - (h * s - g) for a, h, s, g in zip(lines, c.h, slope, cell.g, strict=True)]
        curves = [
            S[3 ** (N - 1 - i) + 3 ** (N - 1 - k)] - c.h[i] * c.h[k] * b + (cell.g[i] * wide[i][1][2] if i == k else 0)
            for (i, k), b in zip(c.tape.pairs, bend, strict=True)
        ]
        return _greatest(error, lines, curves, c.tape.pairs, [r for _, r in box]) + self.dropped <= limit or None


def _greatest(
    error: arb, lines: list[arb], curves: list[arb], pairs: list[tuple[int, int]], radii: list[float]
) -> float:
    """The most that |error + Σ lines_i t_i + ½ Σ curves_ik t_i t_k| can be for |t_i| ≤ r_i."""
    high, low = up(error), up(-error)
    for (i, k), curve in zip(pairs, curves, strict=True):
        if i == k:
            g = up(abs(lines[i]))
            high, low = high + _rise(g, up(curve), radii[i]), low + _rise(g, up(-curve), radii[i])
        else:
            rise = up(abs(curve)) * radii[i] * radii[k]
            high, low = high + rise, low + rise
    return max(high, low) + (max(high, low) + abs(up(error)) + abs(up(-error))) * 2.0**-40


def _rise(g: float, s: float, r: float) -> float:
    """sup of gt + st²/2 over 0 ≤ t ≤ r."""
    return g * g / (-2 * s) if s < 0 and g < -s * r else g * r + s * r * r / 2


def at_witness(claim: Claim, values: Mapping[Index, arb]) -> arb:
    """|F − f| at the stated point."""
    if claim.share is None:
        raise Undecided("no point is given")
    gap = Gap(claim, values, float(claim.lower) * 2.0**-60)
    j = tuple(min(p - 1, math.floor(t * p)) for t, p in zip(claim.share, claim.P, strict=True))
    error, _, _ = gap.at(gap.cell(j), [t * p - k for t, p, k in zip(claim.share, claim.P, j, strict=True)])
    return abs(error) + arb(0, gap.dropped)


def stays_below(claim: Claim, values: Mapping[Index, arb], clock: Clock) -> str:
    """|F − f| ≤ upper on every cell."""
    if claim.N > 3:
        raise Undecided("the error itself is enclosed up to three dimensions only")
    gap = Gap(claim, values, float(claim.upper) * 1e-13)
    for count, j in enumerate(itertools.product(*map(range, claim.P))):
        clock.progress(count / math.prod(claim.P))
        if cover(claim.N, functools.partial(gap.below, gap.cell(j)), clock) == "refuted":
            return "refuted"
    return "proved"
