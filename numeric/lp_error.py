"""Rigorous enclosure of ‖F − f‖_{L^p(K)} for a grid design, N ≤ 2: adaptive boxes inside cells.

On a box of radii r about c, F − f = e_0 + Σ e_i τ_i + rest, |rest| ≤ ρ (see `difference`). Its mean p-th power is at
least (n_low − ρ)₊^p and at most (n_high + ρ)^p, where n is the p-norm of the affine part: (e_0² + Σ e_i² r_i²/3)^{1/2}
for p = 2, else |e_0| ≤ n ≤ the p-mean over the corners (Jensen, and convexity in each τ_i). Boxes on which f jumps have
f's range in ρ, and shrink to a set of measure zero; where f is unbounded, ‖f‖_p comes from `singular`. The boxes with
the most uncertain contributions are halved, by generations.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from flint import arb, ctx

from ..symbolic.design import Design
from ..symbolic.exact import ball
from ..symbolic.expression import Expr
from ..symbolic.rounding import lower, upper
from .averages import Boxes, every_cell, pole_norm
from .difference import Difference
from .enclosure import BITS, LEAST_SECONDS, MAX_CELLS
from .midrad import TINY, UNIT, Array, MidRad
from .taylor import Model
from .weights import DEEPEST, Index, level_of, radius_of

MOST_DIMENSIONS = 2
GENERATION = 0.7
"""The share of the uncertainty that the boxes halved in one generation carry."""
ROUNDING = 2.0**-40
"""Dominates the relative rounding of a box's bounds: some hundred operations and powers (numpy's are good to 4 ulp)."""


@dataclass(frozen=True)
class LpEnclosure:
    """lower ≤ ‖F − f‖_{L^p(K)} ≤ upper, decimal strings; `boxes` that were bounded; `complete`: the gap was reached."""

    lower: str
    upper: str
    boxes: int
    complete: bool
    seconds: float


class _Pool(NamedTuple):
    """Boxes, bounds of the integral of |F − f|^p over each, in cells, and the axis to halve (−1: none)."""

    boxes: Boxes
    low: Array
    high: Array
    axis: Index

    def take(self, rows: np.ndarray) -> _Pool:
        return _Pool(self.boxes.take(rows), self.low[rows], self.high[rows], self.axis[rows])

    def joined(self, other: _Pool) -> _Pool:
        boxes = Boxes(*(np.concatenate(pair) for pair in zip(self.boxes, other.boxes, strict=True)))
        return _Pool(boxes, *(np.concatenate(pair) for pair in zip(self[1:], other[1:], strict=True)))


class _Integral:
    """∫ |F − f|^p in units of a cell's measure."""

    def __init__(self, problem: Difference, expression: Expr, variables: tuple[str, ...], p: Fraction) -> None:
        self.problem, self.expression, self.variables = problem, expression, variables
        self.p, self.power = p, float(p)
        self.signs = np.array(list(itertools.product((-1.0, 1.0), repeat=problem.N)))

    def pool(self, boxes: Boxes) -> _Pool:
        """The boxes with their bounds."""
        step = max(1, 2**18 // self.problem.width)
        parts = [
            self._part(boxes.take(np.arange(a, min(a + step, len(boxes.cell)))))
            for a in range(0, len(boxes.cell), step)
        ]
        return _Pool(boxes, *(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _part(self, boxes: Boxes) -> tuple[Array, Array, Index]:
        model = boxes.models(self.problem.f)
        wild = ~np.isfinite(model.value.rad) | ~np.isfinite(model.gradient.rad).all(axis=1)
        calm = model.put(wild, _zero(int(wild.sum()), self.problem.N))
        affine, rest, axis = self._split(boxes, calm)
        low, high = self._norms(affine, radius_of(boxes.node))
        least = np.maximum(low * (1 - ROUNDING) - rest, 0.0)
        most = high * (1 + ROUNDING) + rest
        for row in np.flatnonzero(wild):
            least[row] = 0.0
            most[row] += pole_norm(self.expression, self.variables, self.problem.f, boxes, int(row), self.p)
        share = boxes.share
        with np.errstate(over="ignore"):
            low = share * least**self.power * (1 - ROUNDING)
            high = share * most**self.power * (1 + ROUNDING) + TINY
        return np.where(np.isfinite(low), low, 0.0), np.where(np.isnan(high), np.inf, high), axis

    def _split(self, boxes: Boxes, model: Model) -> tuple[Array, Array, Index]:
        """e_0, e_1, … (B, 1 + N), the bound ρ of the rest, and the axis that is to blame for most of it."""
        problem, radius = self.problem, radius_of(boxes.node)
        c = problem.residual(boxes.cell, boxes.node, model)
        powers = np.prod(radius[:, None, :] ** problem.alphas, axis=2)
        degree = problem.alphas.sum(axis=1)
        columns = [0, *(3 ** (problem.N - 1 - i) for i in range(problem.N))]
        affine = c.mid[:, columns]
        spread = np.where(degree > 1, np.abs(c.mid), 0.0) + c.rad + 64 * UNIT * np.abs(c.mid)
        rest = ((spread * powers).sum(axis=1) + problem.dropped) * (1 + ROUNDING) + TINY
        blame = (spread * powers) @ (problem.alphas > 0) + np.abs(affine[:, 1:]) * radius * 1e-3
        blame += c.rad[:, :1] * radius
        room = level_of(boxes.node) < DEEPEST
        return affine, rest, np.where(room.any(axis=1), np.argmax(np.where(room, blame, -1.0), axis=1), -1)

    def _norms(self, affine: Array, radius: Array) -> tuple[Array, Array]:
        """Bounds of (mean of |e_0 + Σ e_i τ_i|^p)^{1/p} over the box, without rounding."""
        slopes = affine[:, 1:] * radius
        if self.p == 2:
            root = np.sqrt(affine[:, 0] ** 2 + (slopes**2).sum(axis=1) / 3)
            return root, root
        size = np.abs(affine[:, 0])
        corners = np.abs(affine[:, :1] + slopes @ self.signs.T)
        top = np.maximum(corners.max(axis=1), TINY)
        mean = top * ((corners / top[:, None]) ** self.power).mean(axis=1) ** (1 / self.power)
        return size, np.maximum(mean, size)


def _zero(count: int, N: int) -> Model:
    def zeros(*shape: int) -> MidRad:
        return MidRad(np.zeros(shape), np.zeros(shape))

    return Model(zeros(count), zeros(count, N), zeros(count, N, N), np.zeros(count, dtype=bool))


def enclose_lp(
    design: Design,
    p: Fraction,
    eps: Fraction,
    values: Array | None = None,
    gap: float = 0.05,
    seconds: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> LpEnclosure:
    """Enclose ‖F − f‖_{L^p(K)} within a factor 1 + gap, N ≤ 2, p ≥ 1 (or to eps·gap/1000, absolutely).

    `values` are those of the network (default: f at the centres). Raises ValueError for N > 2, for too many cells, and
    where no finite bound is found; `DomainError` where f is undefined on part of the box.
    """
    began = time.monotonic()
    target = design.target
    if target.dim > MOST_DIMENSIONS:
        raise ValueError(f"the enclosure of an L^p error is limited to {MOST_DIMENSIONS} dimensions")
    if design.cells > MAX_CELLS or target.expression is None:
        raise ValueError(f"{design.cells} cells are too many to tabulate (limit {MAX_CELLS})")
    with ctx.workprec(BITS):
        problem = Difference(design, 1e-11 * float(eps), began + max(seconds, LEAST_SECONDS), values)
        integral = _Integral(problem, target.expression, target.variables, p)
        small = gap * 1e-3 * float(eps) / float(_scale(design, p).mid())
        pool, count, complete = _refined(integral, design.P, gap, small, began + seconds, progress)
        least, most = float(pool.low.sum()), float(pool.high.sum())
        if not math.isfinite(most):
            raise ValueError(
                "no finite bound of the L^p error: a singularity is not seen to be in L^p, or time ran out"
            )
        rounding = ball(Fraction(1) + (len(pool.low) + 8) * Fraction(1, 2**52))
        shown = _decimal(least / rounding, design, p, lower), _decimal(most * rounding, design, p, upper)
    return LpEnclosure(*shown, count, complete, time.monotonic() - began)


def _refined(
    integral: _Integral,
    P: tuple[int, ...],
    gap: float,
    small: float,
    deadline: float,
    progress: Callable[[float], None] | None,
) -> tuple[_Pool, int, bool]:
    """Generations of halving until the p-th roots are within a factor 1 + gap (or `small` apart) or time is up."""
    cells = every_cell(P)
    pool, count, first = integral.pool(Boxes(cells, np.ones_like(cells))), len(cells), math.inf
    while True:
        least, most = float(pool.low.sum()), float(pool.high.sum())
        low, high = least ** (1 / integral.power), most ** (1 / integral.power)
        if progress is not None and math.isfinite(most):
            first = min(first, most - least)
            progress(1.0 - min(1.0, (most - least) / max(first, TINY)) ** 0.2)
        complete = high - low <= max(gap * low, small)
        chosen = _worst(pool.high - pool.low, pool.axis >= 0)
        if complete or time.monotonic() > deadline or not chosen.any():
            return pool, count, complete
        halves = pool.take(chosen).boxes.halves(pool.axis[chosen])
        count += len(halves.cell)
        pool = pool.take(~chosen).joined(integral.pool(halves))


def _scale(design: Design, p: Fraction) -> arb:
    """(measure of a cell)^{1/p}."""
    cell = arb(1)
    for i in range(design.target.dim):
        cell *= design.spacing(i)
    return (cell.log() * p.denominator / p.numerator).exp()


def _decimal(total: arb, design: Design, p: Fraction, rounded: Callable[[arb, int], str]) -> str:
    if total <= 0:
        return "0"
    return rounded((total.log() * p.denominator / p.numerator).exp() * _scale(design, p), 8)


def _worst(uncertain: Array, divisible: np.ndarray) -> np.ndarray:
    """The divisible boxes that carry `GENERATION` of the uncertainty, and all of unknown size."""
    weight = np.where(divisible, uncertain, 0.0)
    unknown = ~np.isfinite(weight)
    weight = np.where(unknown, 0.0, weight)
    order = np.argsort(-weight)
    carried = np.cumsum(weight[order])
    count = int(np.searchsorted(carried, GENERATION * carried[-1])) + 1
    chosen = unknown.copy()
    chosen[order[:count]] = True
    return chosen & divisible & ((weight > 0) | unknown)
