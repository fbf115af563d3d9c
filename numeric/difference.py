r"""Bounds of |F − f| on boxes inside cells of a grid design, rigorous.

Float64 midpoint–radius arithmetic with proved rounding bounds for the contractions over cells, Arb balls for
everything transcendental.

In units u of the spacing a cell is j + [−½, ½]. Inside it F is replaced by F_W, the same softmax over the
window of centres j−D … j+D. With δ_i the weight outside on axis i (`weights.window`),
|F − F_W| ≤ (Σ δ_i)(max y − min y). About the centre c of a box |τ_i| ≤ r_i take any affine
ℓ(u) = v + g·(u − c), here v ≈ f(c), g ≈ ∇f(c). The weights p_k(c + τ) sum to 1 and have the bias
b_i(t) = E k_i − t, so

    F_W − f = Σ_k p_k (y_k − ℓ(k)) + Σ_i g_i b_i(c_i + τ_i) − (f − ℓ)(c + τ).

The first term is small of second order: p_k is a product over the axes of p(c) + p'(c)τ + ½p''(ξ)τ², and contracting
it with the values gives a polynomial in τ whose coefficients are intervals. The last term is the rest of a Taylor
model of f (`taylor`). The bias enters by its range, or by its Taylor form with the rest, whichever bounds better.
"""

from __future__ import annotations

import itertools
import math
import time
from typing import NamedTuple

import numpy as np
from flint import arb

from ..symbolic.design import Design
from ..symbolic.exact import ball
from .midrad import TINY, UNIT, Array, MidRad, matmul
from .taylor import Model, Surface
from .weights import DEEPEST, Axis, Index, Rows, centre_of, level_of, midrad, radius_of, window

MAX_WINDOW = 200_000
"""The most cells a window may have."""
CHUNK = 2**18
"""Numbers in a working array: small enough for a cache."""
ROUNDING = 4096 * UNIT
"""Dominates the rounding of sums of 27 + 3 terms, of their products and of the radii."""


class Bound(NamedTuple):
    """Per box: |F − f| ≥ `lower` at its centre, ≤ `upper` on all of it; the axis to split."""

    lower: Array
    upper: Array
    axis: Index


class Difference:
    """F − f for one design: values on the grid, windows, and the Taylor models of f in grid units."""

    def __init__(self, design: Design, tolerance: float, deadline: float, values: Array | None = None) -> None:
        """`values`: the network's values, exactly, instead of those of f (and its continuation) at the centres."""
        target = design.target
        if target.expression is None:
            raise ValueError("the target has no expression to enclose")
        self.N, self.P, self.pad = target.dim, design.P, design.pad
        self.h = [design.spacing(i) for i in range(self.N)]
        start, end = [ball(a) for a, _ in target.box], [ball(b) for _, b in target.box]
        self.f = Surface(target.expression, target.variables, start, end, self.h, list(self.P))
        exact = None if values is None else MidRad(values, np.zeros(values.shape))
        self.values = exact or self._table(target.padding == "clip", deadline)
        self.rad = float(self.values.rad.max())
        self.size = float(self.values.magnitude.max())
        if not math.isfinite(self.size):
            raise ValueError("the function is not finite at every centre, or its values exceed the float64 range")
        spread = float((self.values.mid + self.values.rad).max() - (self.values.mid - self.values.rad).min())
        self.spread = spread + 8 * UNIT * self.size + TINY
        kappas = [design.kappa_on(i) for i in range(self.N)]
        share = min(0.5, tolerance / self.spread / self.N)
        windows = [window(k, share, n) for k, n in zip(kappas, self.values.mid.shape, strict=True)]
        self.D = [D for D, _ in windows]
        self.width = math.prod(2 * D + 1 for D in self.D)
        if self.width > MAX_WINDOW:
            raise ValueError(f"the temperature is too small to enclose: windows of {self.width} cells")
        self.dropped = float((sum((mass for _, mass in windows), arb(0)) * arb(self.spread)).upper()) * (1 + 4 * UNIT)
        self.axes = [Axis(k, D, -self.pad, p - 1 + self.pad) for k, D, p in zip(kappas, self.D, self.P, strict=True)]
        self.noise = 2.0**-40 * self.size + 4 * self.dropped + 1e-280
        self.alphas = np.array(list(itertools.product(range(3), repeat=self.N)))

    def _table(self, clip: bool, deadline: float) -> MidRad:
        """f at the centres (or its affine continuation where padding is "clip"), as midpoints and radii."""
        shape = tuple(p + 2 * self.pad for p in self.P)
        flat: list[arb] = []
        for n, index in enumerate(itertools.product(*(range(-self.pad, p + self.pad) for p in self.P))):
            if n % 1024 == 0 and time.monotonic() > deadline:
                raise ValueError("the budget ended while the values at the centres were computed; allow more seconds")
            x = [self.f.point(i, k, 0.0) for i, k in enumerate(index)]
            outside = clip and any(not 0 <= k < p for k, p in zip(index, self.P, strict=True))
            flat.append(self._continued(index, x) if outside else self.f.value(x).value)
        table = midrad(flat)
        return MidRad(table.mid.reshape(shape), table.rad.reshape(shape))

    def _continued(self, index: tuple[int, ...], x: list[arb]) -> arb:
        """f(π) + ∇f(π)·(v − π), π the nearest point of K."""
        nearest = [self.f.start[i] if k < 0 else self.f.end[i] if k >= self.P[i] else x[i] for i, k in enumerate(index)]
        jet = self.f.first(nearest)
        return jet.value + sum((g * (a - b) for g, a, b in zip(jet.gradient, x, nearest, strict=True)), arb(0))

    def crude(self) -> float:
        """An upper bound of sup |F − f| from the ranges of the values and of f (inf if f has no finite range)."""
        whole = self.f.value([self.f.side(i, p // 2, -0.5 if p % 2 == 0 else 0.0, p / 2) for i, p in enumerate(self.P)])
        low = float((self.values.mid - self.values.rad).min()) - 4 * UNIT * self.size
        high = float((self.values.mid + self.values.rad).max()) + 4 * UNIT * self.size
        gap = (arb(high) - whole.value).abs_upper().max((whole.value - arb(low)).abs_upper())
        return math.nextafter(float(gap), math.inf) if gap.is_finite() else math.inf

    def values_less_affine(self, cell: Index, centre: Array, model: Model) -> MidRad:
        """y_k − v − g·(k − c) on the window of every box, shape (B, 2D_1 + 1, …)."""
        B, flat = len(cell), np.zeros((1,) * (self.N + 1), dtype=np.int64)
        affine = np.nan_to_num(model.value.mid).reshape((B,) + (1,) * self.N)
        g, size = np.nan_to_num(model.gradient.mid), np.abs(affine)
        for i, D in enumerate(self.D):
            shape = (B, *(1,) * i, -1, *(1,) * (self.N - 1 - i))
            o = np.arange(-D, D + 1)
            k = np.clip(cell[:, i, None] + o + self.pad, 0, self.P[i] + 2 * self.pad - 1)
            flat = flat * (self.P[i] + 2 * self.pad) + k.reshape(shape)
            term = (g[:, i, None] * (o - centre[:, i, None])).reshape(shape)
            affine, size = affine + term, size + np.abs(term)
        y = self.values.mid.ravel()[flat]
        return MidRad(y - affine, (self.rad + 16 * UNIT * (np.abs(y) + size)) * (1 + 8 * UNIT) + TINY)

    def contracted(self, y: MidRad, rows: list[Rows]) -> MidRad:
        """Coefficients of Σ p_k (y_k − ℓ(k)) in τ, shape (B, 3^N)."""
        B = len(y.mid)
        for i in range(self.N):
            lead, tail = y.mid.shape[1 : 1 + i], y.mid.shape[2 + i :]
            flat = MidRad(*(np.moveaxis(part, 1 + i, 1).reshape(B, part.shape[1 + i], -1) for part in y))
            out = matmul(rows[i].p, flat)
            y = MidRad(*(np.moveaxis(part.reshape((B, 3, *lead, *tail)), 1, 1 + i) for part in out))
        return MidRad(y.mid.reshape(B, -1), y.rad.reshape(B, -1))

    def bound(self, cell: Index, node: Index, model: Model) -> Bound:
        """Bounds of |F − f| on boxes; `model` holds about their centres."""
        step = max(1, CHUNK // self.width)
        parts = [slice(a, a + step) for a in range(0, len(cell), step)]
        with np.errstate(over="ignore", invalid="ignore"):
            found = [
                self._bound(cell[part], node[part], model.take(np.arange(part.start, min(part.stop, len(cell)))))
                for part in parts
            ]
        return Bound(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def _bound(self, cell: Index, node: Index, model: Model) -> Bound:
        rows = self._rows(cell, node)
        C = self.contracted(self.values_less_affine(cell, centre_of(node), model), rows)
        rest = self._less_rest(C, model)
        g = np.nan_to_num(model.gradient.mid)
        low, high = (np.stack([end(g[:, i] * r.b_low, g[:, i] * r.b_high) for i, r in enumerate(rows)], axis=1)
                     for end in (np.minimum, np.maximum))  # fmt: skip
        whole = self._with_bias(rest, g, rows)
        radius = radius_of(node)
        powers = np.prod(radius[:, None, :] ** self.alphas, axis=2)
        ranged = self._largest(rest, powers, low, high)
        joint = self._largest(whole, powers, np.zeros_like(g), np.zeros_like(g))
        slack = self.dropped * (1 + 8 * UNIT) + 4 * TINY
        at_centre = np.abs(whole.mid[:, 0]) - (whole.rad[:, 0] + slack + 64 * UNIT * whole.magnitude[:, 0])
        blame = np.where((ranged < joint)[:, None], high - low + self._blame(rest, powers), self._blame(whole, powers))
        blame += (C.rad[:, 0] + model.value.rad)[:, None] * radius
        return Bound(
            np.maximum(np.nan_to_num(at_centre, nan=0.0, posinf=0.0), 0.0),
            (np.minimum(ranged, joint) + slack) * (1 + 4 * UNIT),
            _worst(blame, radius, level_of(node) < DEEPEST),
        )

    def residual(self, cell: Index, node: Index, model: Model) -> MidRad:
        """Coefficients (B, 3^N) of F_W − f about the centres of the boxes, in τ^α with α as in `alphas`."""
        rows = self._rows(cell, node)
        C = self.contracted(self.values_less_affine(cell, centre_of(node), model), rows)
        return self._with_bias(self._less_rest(C, model), np.nan_to_num(model.gradient.mid), rows)

    def _rows(self, cell: Index, node: Index) -> list[Rows]:
        return [axis.rows(cell[:, i], node[:, i]) for i, axis in enumerate(self.axes)]

    def _column(self, i: int, power: int) -> int:
        return power * 3 ** (self.N - 1 - i)

    def _less_rest(self, C: MidRad, model: Model) -> MidRad:
        """C less the coefficients of (f − ℓ)(c + τ). ℓ is made of the midpoints, so v and g leave their radii only."""
        mid, rad = C.mid.copy(), C.rad.copy()
        rad[:, 0] += model.value.rad
        for i in range(self.N):
            rad[:, self._column(i, 1)] += model.gradient.rad[:, i]
            for j in range(i, self.N):
                column = self._column(i, 1) + self._column(j, 1)
                half = 0.5 if i == j else 1.0
                bend = half * model.hessian.mid[:, i, j]
                rad[:, column] += half * model.hessian.rad[:, i, j] + 8 * UNIT * (np.abs(bend) + np.abs(mid[:, column]))
                mid[:, column] -= bend
        return MidRad(mid, rad)

    def _with_bias(self, rest: MidRad, g: Array, rows: list[Rows]) -> MidRad:
        """`rest` and the coefficients of Σ g_i b_i."""
        mid, rad = rest.mid.copy(), rest.rad.copy()
        for i, row in enumerate(rows):
            for power in range(3):
                column, term = self._column(i, power), g[:, i] * row.b.mid[:, power]
                rounding = 8 * UNIT * (np.abs(term) + np.abs(mid[:, column]))
                rad[:, column] += np.abs(g[:, i]) * row.b.rad[:, power] + rounding
                mid[:, column] += term
        return MidRad(mid, rad)

    def _largest(self, c: MidRad, powers: Array, low: Array, high: Array) -> Array:
        """sup |Σ c_α τ^α + Σ_i e_i| for e_i in low … high; even powers have one sign. Infinite where unknown."""
        even = np.all(self.alphas % 2 == 0, axis=1) & np.any(self.alphas, axis=1)
        top, bottom = c.mid + c.rad, c.mid - c.rad
        most = np.where(even, np.maximum(top, 0.0), np.maximum(np.abs(top), np.abs(bottom)))
        least = np.where(even, np.minimum(bottom, 0.0), -most)
        most[:, 0], least[:, 0] = top[:, 0], bottom[:, 0]
        size = (c.magnitude * powers).sum(axis=1) + np.maximum(np.abs(low), np.abs(high)).sum(axis=1)
        largest = (most * powers).sum(axis=1) + high.sum(axis=1)
        smallest = (least * powers).sum(axis=1) + low.sum(axis=1)
        found = np.maximum(largest, -smallest) + ROUNDING * size
        return np.where(np.isnan(found), np.inf, found)

    def _blame(self, c: MidRad, powers: Array) -> Array:
        return (c.magnitude * powers) @ (self.alphas > 0).astype(np.float64)


def _worst(blame: Array, radius: Array, divisible: np.ndarray) -> Index:
    """The axis whose uncertain terms weigh most; the widest one if that is unknown; −1 if none can be halved."""
    known = np.all(np.isfinite(blame), axis=1) & np.any(np.where(divisible, blame, 0.0) > 0, axis=1)
    weight = np.where(divisible, np.where(np.expand_dims(known, 1), blame, radius), -1.0)
    return np.where(np.any(divisible, axis=1), np.argmax(weight, axis=1), -1)
