r"""Rigorous enclosure of sup_K |F − f| for a grid design, N ≤ 3.

Method: float64 midpoint–radius arithmetic with proved rounding bounds for the contractions over cells, Arb
balls for everything transcendental; branch and bound over dyadic boxes inside cells.

In units u of the spacing a cell is j + [−½, ½]. Inside it F is replaced by F_W, the same softmax over the
window of centres j−D … j+D. Centres outside are at distance ≥ D + ½, one is within ½, so the weight outside
is at most δ_i = 2e^{−κ((D+½)² − ¼)/2}/(1 − e^{−κ(D+1)}) on axis i, and
|F − F_W| ≤ (Σ δ_i)(max y − min y). On a box c + [−r, r] the weights of axis i have the Taylor form
p(c) + p'(c)τ + ½p''(ξ)τ², with p' = κ(k − m)p and p'' = κ²((k − m)² − V)p, m and V mean and variance of k;
their product contracted with the values is a polynomial in τ whose top coefficients are intervals. f is
expanded to second order about c by automatic differentiation in balls; where it is not C² in the box, to
first order with an enclosure of its generalised gradient. The difference of the two is bounded term by term.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, ctx, fmpq
from numpy.typing import NDArray

from ..proofs.interval import compile as compile_jet
from ..symbolic.design import Design
from ..symbolic.exact import ball
from .midrad import TINY, UNIT, Array, MidRad, matmul, subtract

MAX_CELLS = 4_000_000
BATCH = 2048
BITS = 96


@dataclass(frozen=True)
class Enclosure:
    """lower ≤ sup_K |F − f| ≤ upper, exact rationals.

    `at` is a point where |F − f| ≥ lower was proved; `complete` is False if the budget ended before the two
    ends were within the requested gap (then both are still valid).
    """

    lower: Fraction
    upper: Fraction
    at: tuple[Fraction, ...]
    boxes: int
    complete: bool
    seconds: float


@dataclass(frozen=True)
class _Boxes:
    """Boxes cell + centre ± half a power of two, in units of the spacing; all entries exact."""

    cell: NDArray[np.int64]
    centre: Array
    radius: Array

    def __len__(self) -> int:
        return len(self.cell)

    def take(self, index: NDArray[np.bool_] | NDArray[np.int64] | slice) -> _Boxes:
        return _Boxes(self.cell[index], self.centre[index], self.radius[index])

    def split(self, axis: NDArray[np.int64]) -> _Boxes:
        rows = np.arange(len(self))
        radius = self.radius.copy()
        radius[rows, axis] /= 2
        shift = np.zeros_like(radius)
        shift[rows, axis] = radius[rows, axis]
        return _Boxes(
            np.concatenate([self.cell, self.cell]),
            np.concatenate([self.centre - shift, self.centre + shift]),
            np.concatenate([radius, radius]),
        )


def _midrad(values: list[arb]) -> MidRad:
    """Arb balls as float64 midpoints and radii, rounded outward."""
    mid = np.array([float(v.mid()) for v in values])
    rad = np.array([float(v.rad()) for v in values])
    if not (np.isfinite(mid).all() and np.isfinite(rad).all()):
        rad = np.where(np.isfinite(mid) & np.isfinite(rad), rad, np.inf)
        mid = np.where(np.isfinite(mid), mid, 0.0)
    return MidRad(mid, rad * (1 + 4 * UNIT) + 2 * UNIT * np.abs(mid) + TINY)


def window(kappa: arb, tolerance: float, count: int) -> tuple[int, arb]:
    """The least half-width D whose dropped mass on an axis of `count` centres is at most `tolerance`, and that mass.

    >>> window(arb(4), 1e-6, 100)[0], window(arb(4), 1e-6, 2)[0]
    (3, 2)
    """
    for D in range(1, count):
        edge = arb(2 * D + 1) / 2
        mass = 2 * (-(kappa / 2) * (edge * edge - arb(1) / 4)).exp() / (1 - (-kappa * (D + 1)).exp())
        if bool(mass <= tolerance):
            return D, mass
    return count, arb(0)


def _axis_rows(kappa: arb, centre: float, radius: float, left: int, right: int) -> tuple[list[arb], ...]:
    """p(c), p'(c) and ½p''(c ± r) for offsets −left … right, in balls."""
    rows: list[list[arb]] = []
    for order, t in ((0, arb(centre)), (2, arb(centre, radius))):
        offsets = range(-left, right + 1)
        weights = [(kappa * (t * k - arb(k * k) / 2)).exp() for k in offsets]
        total = sum(weights, arb(0))
        p = [w / total for w in weights]
        if order == 0:
            mean = sum((k * pk for k, pk in zip(offsets, p, strict=True)), arb(0))
            rows += [p, [kappa * (k - mean) * pk for k, pk in zip(offsets, p, strict=True)]]
            continue
        ends = [_mean(kappa, arb(centre) + s * arb(radius), offsets) for s in (-1, 1)]
        mean = ends[0].union(ends[1])
        squares = [(k - mean) * (k - mean) for k in offsets]
        variance = sum((s * pk for s, pk in zip(squares, p, strict=True)), arb(0))
        rows.append([kappa * kappa / 2 * (s - variance) * pk for s, pk in zip(squares, p, strict=True)])
    return tuple(rows)


def _mean(kappa: arb, t: arb, offsets: range) -> arb:
    """Σ k p_k(t), which increases with t (its derivative is κ times a variance)."""
    weights = [(kappa * (t * k - arb(k * k) / 2)).exp() for k in offsets]
    return sum((k * w for k, w in zip(offsets, weights, strict=True)), arb(0)) / sum(weights, arb(0))


class _Axis:
    """Weight rows of one axis, computed once per position inside a cell and pattern of clipping."""

    def __init__(self, kappa: arb, D: int, P: int, pad: int) -> None:
        self.kappa, self.D, self.low, self.high = kappa, D, -pad, P - 1 + pad
        self.known: dict[tuple[float, float, int, int], tuple[Array, Array]] = {}

    def rows(self, cell: NDArray[np.int64], centre: Array, radius: Array) -> MidRad:
        """Shape (B, 3, 2D + 1); centres beyond the grid have weight zero."""
        left = np.minimum(cell - self.low, self.D)
        right = np.minimum(self.high - cell, self.D)
        keys = np.stack([centre, radius, left, right], axis=1)
        unique, back = np.unique(keys, axis=0, return_inverse=True)
        mids, rads = zip(*(self._row(c, r, int(dl), int(dr)) for c, r, dl, dr in unique), strict=True)
        back = back.reshape(-1)
        return MidRad(np.stack(mids)[back], np.stack(rads)[back])

    def _row(self, c: float, r: float, left: int, right: int) -> tuple[Array, Array]:
        key = (c, r, left, right)
        if key not in self.known:
            mid, rad = np.zeros((3, 2 * self.D + 1)), np.zeros((3, 2 * self.D + 1))
            span = slice(self.D - left, self.D + right + 1)
            for i, row in enumerate(_axis_rows(self.kappa, c, r, left, right)):
                mid[i, span], rad[i, span] = _midrad(row)
            self.known[key] = mid, rad
        return self.known[key]


class _Problem:
    """F − f for one design: values on the grid, windows, and the jets of f in grid units."""

    def __init__(self, design: Design, tolerance: float) -> None:
        target = design.target
        if target.expression is None:
            raise ValueError("the target has no expression to enclose")
        self.N, self.P, self.pad = target.dim, design.P, design.pad
        self.start = [ball(a) for a, _ in target.box]
        self.h = [design.spacing(i) for i in range(self.N)]
        self.value = compile_jet(target.expression, target.variables, 0)
        self.first = compile_jet(target.expression, target.variables, 1)
        self.second = compile_jet(target.expression, target.variables, 2)
        self.values = self._table(design)
        spread = float((self.values.mid + self.values.rad).max() - (self.values.mid - self.values.rad).min())
        spread = spread * (1 + 8 * UNIT) + TINY
        kappas = [design.kappa_on(i) for i in range(self.N)]
        share = tolerance / spread / self.N
        windows = [window(k, min(share, 0.5), n) for k, n in zip(kappas, self.values.mid.shape, strict=True)]
        self.D = [D for D, _ in windows]
        self.dropped = float((sum((mass for _, mass in windows), arb(0)) * arb(spread)).upper()) * (1 + 4 * UNIT)
        self.axes = [_Axis(k, D, P, self.pad) for k, D, P in zip(kappas, self.D, self.P, strict=True)]

    def _table(self, design: Design) -> MidRad:
        """f at the centres (or its affine continuation where padding is "clip"), as midpoints and radii."""
        shape = tuple(p + 2 * self.pad for p in self.P)
        clip = design.target.padding == "clip"
        flat: list[arb] = []
        for index in itertools.product(*(range(-self.pad, p + self.pad) for p in self.P)):
            x = [self.point(i, k, 0.0) for i, k in enumerate(index)]
            outside = clip and any(not 0 <= k < p for k, p in zip(index, self.P, strict=True))
            flat.append(self._continued(index, x) if outside else self.value(x).value)
        table = _midrad(flat)
        return MidRad(table.mid.reshape(shape), table.rad.reshape(shape))

    def _continued(self, index: tuple[int, ...], x: list[arb]) -> arb:
        """f(π) + ∇f(π)·(v − π), π the nearest point of K."""
        nearest = [
            self.start[i] if k < 0 else self.start[i] + self.h[i] * self.P[i] if k >= self.P[i] else x[i]
            for i, k in enumerate(index)
        ]
        jet = self.first(nearest)
        return jet.value + sum((g * (a - b) for g, a, b in zip(jet.gradient, x, nearest, strict=True)), arb(0))

    def point(self, i: int, cell: int, offset: float, radius: float = 0.0) -> arb:
        """a_i + h_i(cell + ½ + offset ± radius)."""
        return self.start[i] + self.h[i] * (arb(int(cell)) + arb(0.5) + arb(float(offset), float(radius)))

    def attention(self, boxes: _Boxes) -> tuple[MidRad, Array]:
        """Taylor coefficients of F_W − y_ref, shape (B, 3, …, 3), and the reference values y_ref."""
        offsets = [np.arange(-D, D + 1) for D in self.D]
        index = []
        for i, o in enumerate(offsets):
            k = np.clip(boxes.cell[:, i, None] + o + self.pad, 0, self.P[i] + 2 * self.pad - 1)
            index.append(k.reshape((len(boxes),) + (1,) * i + (-1,) + (1,) * (self.N - 1 - i)))
        y = self.values.at(*index)
        here = tuple(boxes.cell[:, i] + self.pad for i in range(self.N))
        reference = self.values.mid[here]
        ref = reference.reshape((-1,) + (1,) * self.N)
        y = subtract(y, MidRad(np.broadcast_to(ref, y.mid.shape), np.zeros_like(y.mid)))
        for i in range(self.N):
            rows = self.axes[i].rows(boxes.cell[:, i], boxes.centre[:, i], boxes.radius[:, i])
            lead, tail = y.mid.shape[1 : 1 + i], y.mid.shape[2 + i :]
            flat = MidRad(*(np.moveaxis(part, 1 + i, 1).reshape(len(boxes), part.shape[1 + i], -1) for part in y))
            out = matmul(rows, flat)
            y = MidRad(*(np.moveaxis(part.reshape((len(boxes), 3, *lead, *tail)), 1, 1 + i) for part in out))
        return y, reference

    def target(self, boxes: _Boxes) -> tuple[MidRad, MidRad, MidRad]:
        """f(c), gradient and Hessian in grid units; shapes (B,), (B, N), (B, N, N)."""
        values: list[arb] = []
        gradients: list[arb] = []
        hessians: list[arb] = []
        axes = range(self.N)
        for cell, centre, radius in zip(boxes.cell, boxes.centre, boxes.radius, strict=True):
            c = [self.point(i, cell[i], centre[i]) for i in axes]
            jet = self.second([self.point(i, cell[i], centre[i], radius[i]) for i in axes])
            if jet.hessian is None:
                values.append(self.value(c).value)
                gradients += [self.h[i] * jet.gradient[i] for i in axes]
                hessians += [arb(0)] * (self.N * self.N)
            else:
                thin = self.first(c)
                values.append(thin.value)
                gradients += [self.h[i] * thin.gradient[i] for i in axes]
                hessians += [self.h[i] * self.h[k] * jet.hessian[i][k] for i in axes for k in axes]
        B, N = len(boxes), self.N
        g, H = _midrad(gradients), _midrad(hessians)
        return (
            _midrad(values),
            MidRad(g.mid.reshape(B, N), g.rad.reshape(B, N)),
            MidRad(H.mid.reshape(B, N, N), H.rad.reshape(B, N, N)),
        )

    def bound(self, boxes: _Boxes) -> tuple[Array, Array, NDArray[np.int64]]:
        """Per box: a lower bound of |F − f| at the centre, an upper bound on the box, the axis to split."""
        C, reference = self.attention(boxes)
        value, gradient, hessian = self.target(boxes)
        constant = subtract(
            C.at(slice(None), *(0,) * self.N), subtract(value, MidRad(reference, np.zeros_like(reference)))
        )
        high, low = constant.mid + constant.rad, constant.mid - constant.rad
        size = constant.magnitude.copy()
        blame = np.zeros_like(boxes.radius)
        for alpha in itertools.product(range(3), repeat=self.N):
            if sum(alpha) == 0:
                continue
            coefficient = self._coefficient(alpha, C, gradient, hessian)
            power = np.prod(boxes.radius ** np.array(alpha), axis=1)
            top, bottom = coefficient.mid + coefficient.rad, coefficient.mid - coefficient.rad
            if any(a % 2 for a in alpha):
                top = np.maximum(np.abs(top), np.abs(bottom))
                bottom = -top
            high = high + np.maximum(top, 0) * power
            low = low + np.minimum(bottom, 0) * power
            weight = coefficient.magnitude * power
            size = size + weight
            for i in range(self.N):
                if alpha[i]:
                    blame[:, i] += weight
        slack = 64 * UNIT * 3**self.N * size + self.dropped * (1 + 4 * UNIT) + TINY
        upper = np.maximum(high, -low) + slack
        centre = np.maximum(np.abs(constant.mid) - constant.rad - slack, 0.0)
        return centre, np.where(np.isnan(upper), np.inf, upper), np.argmax(np.nan_to_num(blame), axis=1)

    def _coefficient(self, alpha: tuple[int, ...], C: MidRad, gradient: MidRad, hessian: MidRad) -> MidRad:
        """The coefficient of τ^alpha in F_W − f."""
        part = C.at(slice(None), *alpha)
        axes = [i for i, a in enumerate(alpha) for _ in range(a)]
        if len(axes) == 1:
            return subtract(part, gradient.at(slice(None), axes[0]))
        if len(axes) == 2:
            h = hessian.at(slice(None), axes[0], axes[1])
            return subtract(part, MidRad(h.mid / 2, h.rad / 2) if axes[0] == axes[1] else h)
        return part


def enclose(
    design: Design,
    eps: Fraction,
    gap: float = 0.05,
    seconds: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> Enclosure:
    """Enclose sup_K |F − f| within a factor 1 + gap (or 10⁻⁹ eps, absolutely), N ≤ 3.

    Raises ValueError for N > 3, for more cells than can be tabulated, or for a target without expression.
    `progress` is called with the share of the box's volume that is settled.
    """
    began = time.monotonic()
    if design.target.dim > 3:
        raise ValueError("the enclosure of the sup error is limited to 3 dimensions")
    if design.cells > MAX_CELLS:
        raise ValueError(f"{design.cells} cells are too many to tabulate (limit {MAX_CELLS})")
    with ctx.workprec(BITS):
        problem = _Problem(design, 1e-11 * float(eps))
        return _branch_and_bound(problem, float(eps) * 1e-9, gap, began + seconds, began, progress)


def _cells(P: tuple[int, ...]) -> _Boxes:
    cell = np.stack([g.ravel() for g in np.meshgrid(*(np.arange(p) for p in P), indexing="ij")], axis=1)
    return _Boxes(cell.astype(np.int64), np.zeros(cell.shape), np.full(cell.shape, 0.5))


def _branch_and_bound(
    problem: _Problem,
    floor: float,
    gap: float,
    deadline: float,
    began: float,
    progress: Callable[[float], None] | None,
) -> Enclosure:
    active, parent_upper = _cells(problem.P), math.inf
    lower, settled, count, volume = 0.0, 0.0, 0, 0.0
    cells = len(active)
    best: tuple[NDArray[np.int64], Array] = (active.cell[0], active.centre[0])
    complete = True
    while len(active) and complete:
        keep: list[_Boxes] = []
        uppers: list[Array] = []
        for begin in range(0, len(active), BATCH):
            if time.monotonic() > deadline:
                complete = False
                break
            batch = active.take(slice(begin, begin + BATCH))
            centre, upper, axis = problem.bound(batch)
            count += len(batch)
            top = int(np.argmax(centre))
            if centre[top] > lower:
                lower, best = float(centre[top]), (batch.cell[top], batch.centre[top])
            open_ = upper > max(lower * (1 + gap), floor)
            settled = max(settled, float(upper[~open_].max(initial=0.0)))
            volume += float(np.prod(2 * batch.radius[~open_], axis=1).sum())
            keep.append(batch.take(open_).split(axis[open_]))
            uppers.append(np.concatenate([upper[open_]] * 2))
            if progress is not None:
                progress(min(1.0, volume / cells))
        if complete:
            parents = np.concatenate(uppers)
            active = _concat(keep)
            still = parents > max(lower * (1 + gap), floor)
            settled = max(settled, float(parents[~still].max(initial=0.0)))
            active = active.take(still)
            parent_upper = float(parents[still].max(initial=0.0))
    top_end = settled if complete else max(settled, parent_upper)
    at = tuple(_exact_point(problem, i, int(best[0][i]), float(best[1][i])) for i in range(problem.N))
    return Enclosure(
        Fraction(lower), Fraction(top_end) if math.isfinite(top_end) else Fraction(10**30), at, count, complete,
        time.monotonic() - began,
    )  # fmt: skip


def _concat(parts: list[_Boxes]) -> _Boxes:
    return _Boxes(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("cell", "centre", "radius")))


def _exact_point(problem: _Problem, i: int, cell: int, offset: float) -> Fraction:
    """The share t ∈ [0, 1] of side i at which a box centre lies."""
    return (Fraction(cell) + Fraction(1, 2) + Fraction(offset)) / problem.P[i]


def coordinate(design: Design, i: int, t: Fraction) -> arb:
    """a_i + t(b_i − a_i)."""
    return ball(design.target.box[i][0]) + arb(fmpq(t.numerator, t.denominator)) * design.target.side(i)
