"""Second-order Taylor models of a formula on boxes of a grid, rigorous, and shared between boxes where sharp enough.

Positions are in units of the spacing: cell + offset, the centre of a cell at offset 0. A model about c says, for every
|τ_i| ≤ radius_i, f(c + τ) = v + g·τ + ½ τᵀHτ for some v, g, H in its enclosures. Where f is C² on the box, v and g
enclose the value and gradient at c, H the Hessian on the box; elsewhere H = 0 and g is a slope to c; where no slope is
known either, g = 0 and v is the range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from flint import arb

from ..proofs.interval import Jet, hull
from ..proofs.interval import compile as compile_jet
from ..symbolic.expression import Expr
from .midrad import TINY, UNIT, Array, MidRad
from .weights import Index, midrad

SHIFT_ULPS = 64 * UNIT
"""Dominates the rounding of the at most 30 operations of a shift."""
LARGEST_BLOCK = 4
REMEMBERED = 100_000
"""Coordinates are kept up to so many, then forgotten."""


class Model(NamedTuple):
    """Models of B boxes: value (B,), gradient (B, N), hessian (B, N, N), whether f was proved C² there (B,)."""

    value: MidRad
    gradient: MidRad
    hessian: MidRad
    smooth: np.ndarray

    def take(self, index: np.ndarray) -> Model:
        """The models at `index`."""
        return Model(self.value.at(index), self.gradient.at(index), self.hessian.at(index), self.smooth[index])

    def put(self, where: np.ndarray, other: Model) -> Model:
        """These models with those at `where` (a mask) replaced by `other`."""

        def put(mine: MidRad, new: MidRad) -> MidRad:
            return MidRad(_put(mine.mid, where, new.mid), _put(mine.rad, where, new.rad))

        return Model(
            put(self.value, other.value),
            put(self.gradient, other.gradient),
            put(self.hessian, other.hessian),
            _put(self.smooth, where, other.smooth),
        )

    def error(self, radius: Array) -> Array:
        """The half-width of f(c + τ) − (mid of v, g, H), |τ| ≤ radius (B, N); an estimate for decisions only."""
        bend = np.einsum("bij,bi,bj->b", self.hessian.rad, radius, radius)
        return self.value.rad + np.einsum("bi,bi->b", self.gradient.rad, radius) + bend / 2

    def shift(self, s: Array) -> Model:
        """Models about c + s (B, N), on every box around it within the old one; only for smooth ones.

        v + g·s + ½ sᵀHs and g + Hs, H as it is. s is exact.
        """
        size = np.abs(s)
        step = np.einsum("bij,bj->bi", self.hessian.mid, s)
        step_size = np.einsum("bij,bj->bi", np.abs(self.hessian.mid), size)
        step_rad = np.einsum("bij,bj->bi", self.hessian.rad, size)
        g = MidRad(
            self.gradient.mid + step,
            (self.gradient.rad + step_rad + SHIFT_ULPS * (np.abs(self.gradient.mid) + step_size)) * (1 + SHIFT_ULPS)
            + TINY,
        )
        mid = self.value.mid + np.einsum("bi,bi->b", self.gradient.mid + step / 2, s)
        reach = np.einsum("bi,bi->b", np.abs(self.gradient.mid) + step_size / 2, size)
        rad = self.value.rad + np.einsum("bi,bi->b", self.gradient.rad + step_rad / 2, size)
        rad = (rad + SHIFT_ULPS * (np.abs(self.value.mid) + reach)) * (1 + SHIFT_ULPS) + TINY
        return Model(MidRad(mid, rad), g, self.hessian, self.smooth)


class Located(NamedTuple):
    """Models, and the offsets (B, N) about which they hold."""

    model: Model
    origin: Array

    def take(self, index: np.ndarray) -> Located:
        """Those at `index`."""
        return Located(self.model.take(index), self.origin[index])


def concatenated(parts: list[Located]) -> Located:
    """One after the other."""
    models = [part.model for part in parts]

    def joined(pairs: list[MidRad]) -> MidRad:
        return MidRad(np.concatenate([p.mid for p in pairs]), np.concatenate([p.rad for p in pairs]))

    model = Model(
        joined([m.value for m in models]),
        joined([m.gradient for m in models]),
        joined([m.hessian for m in models]),
        np.concatenate([m.smooth for m in models]),
    )
    return Located(model, np.concatenate([part.origin for part in parts]))


def _put(old: np.ndarray, where: np.ndarray, new: np.ndarray) -> np.ndarray:
    result = old.copy()
    result[where] = new
    return result


class Surface:
    """f over the grid: `start` a_i, `end` b_i and `step` h_i as balls of the caller's precision."""

    def __init__(
        self,
        expression: Expr,
        variables: tuple[str, ...],
        start: list[arb],
        end: list[arb],
        step: list[arb],
        P: list[int],
    ) -> None:
        self.start, self.end, self.step, self.P, self.N = start, end, step, P, len(P)
        self.value: Callable[[list[arb]], Jet] = compile_jet(expression, variables, 0)
        self.first: Callable[[list[arb]], Jet] = compile_jet(expression, variables, 1)
        self.second: Callable[[list[arb]], Jet] = compile_jet(expression, variables, 2)
        self.points: list[dict[tuple[int, float], arb]] = [{} for _ in P]
        self.sides: list[dict[tuple[int, float, float], arb]] = [{} for _ in P]

    def point(self, i: int, cell: int, offset: float) -> arb:
        """a_i + h_i(cell + ½ + offset), the ends of the box as they are given."""
        key = (cell, offset)
        if key not in self.points[i]:
            if len(self.points[i]) > REMEMBERED:
                self.points[i].clear()
            place = arb(cell) + arb(0.5) + arb(offset)
            at_end = bool(place == self.P[i])
            self.points[i][key] = self.end[i] if at_end else self.start[i] + self.step[i] * place
        return self.points[i][key]

    def side(self, i: int, cell: int, offset: float, radius: float) -> arb:
        """A ball around a_i + h_i(cell + ½ + offset ± radius) that keeps the ends of K where they are exact."""
        key = (cell, offset, radius)
        if key not in self.sides[i]:
            if len(self.sides[i]) > REMEMBERED:
                self.sides[i].clear()
            low, high = self.point(i, cell, offset - radius), self.point(i, cell, offset + radius)
            self.sides[i][key] = hull(low.lower(), high.upper(), keep_high=high is self.end[i])
        return self.sides[i][key]

    def models(self, cell: Index, offset: Array, radius: Array) -> Model:
        """One model per box, from the jets of f over it."""
        B, N = offset.shape
        v: list[arb] = []
        g: list[arb] = []
        H: list[arb] = []
        smooth = np.zeros(B, dtype=bool)
        for b, (cells, offsets, radii) in enumerate(zip(cell.tolist(), offset.tolist(), radius.tolist(), strict=True)):
            middle = [self.point(i, k, c) for i, (k, c) in enumerate(zip(cells, offsets, strict=True))]
            wide = self.second([self.side(i, *box) for i, box in enumerate(zip(cells, offsets, radii, strict=True))])
            if wide.hessian is not None and wide.finite:
                jet, smooth[b] = self.first(middle), True
                H += [self.step[i] * self.step[k] * wide.hessian[i][k] for i in range(N) for k in range(N)]
            else:
                sloped = all(slope.is_finite() for slope in wide.gradient)
                jet = (
                    Jet(self.value(middle).value, wide.gradient, None)
                    if sloped
                    else Jet(wide.value, (arb(0),) * N, None)
                )
                H += [arb(0)] * (N * N)
            v.append(jet.value)
            g += [self.step[i] * slope for i, slope in enumerate(jet.gradient)]
        gradient, hessian = midrad(g), midrad(H)
        return Model(
            midrad(v),
            MidRad(gradient.mid.reshape(B, N), gradient.rad.reshape(B, N)),
            MidRad(hessian.mid.reshape(B, N, N), hessian.rad.reshape(B, N, N)),
            smooth,
        )

    def on_cells(self, cell: Index, tolerance: float, block: int = LARGEST_BLOCK) -> Model:
        """Models of whole cells (B, N); cells of a block share its jets where the error stays below `tolerance`."""
        half = np.full(cell.shape, 0.5)
        if block == 1:
            return self.models(cell, np.zeros(cell.shape), half)
        corners, back = np.unique(cell // block * block, axis=0, return_inverse=True)
        middle = corners + block // 2
        shared = self.models(middle, np.full(middle.shape, -0.5), np.full(middle.shape, block / 2)).take(
            back.reshape(-1)
        )
        found = shared.shift((cell - middle[back.reshape(-1)]).astype(np.float64) + 0.5)
        poor = ~(found.smooth & (found.error(half) <= tolerance))
        if not poor.any():
            return found
        return found.put(poor, self.on_cells(cell[poor], tolerance, block // 2))

    def inside(
        self, boxes: Located, cell: Index, offset: Array, radius: Array, tolerance: float
    ) -> tuple[Model, Located]:
        """Models of the boxes offset ± radius, each inside the box of its `Located` one: that one shifted where sharp
        enough, else from new jets. Also what the parts of these boxes are to be shifted from."""
        model, origin = boxes
        found = model.shift(offset - origin)
        poor = ~(found.smooth & (found.error(radius) <= tolerance))
        if not poor.any():
            return found, boxes
        fresh = self.models(cell[poor], offset[poor], radius[poor])
        return found.put(poor, fresh), Located(model.put(poor, fresh), _put(origin, poor, offset[poor]))
