"""Rigorous enclosure of sup_K |F − f| for a grid design, N ≤ 3: branch and bound over dyadic boxes inside cells.

Level by level, every open box is bounded (see `difference`) and, while its upper bound exceeds what is needed, halved
along the axis that its looseness comes from. A few of the most promising boxes of every level have their corners and
middles tried for the lower bound.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from flint import arb, ctx, fmpq

from ..symbolic.design import Design
from ..symbolic.exact import ball
from .difference import Bound, Difference
from .midrad import Array
from .taylor import Located, Model, concatenated
from .weights import Index, centre_of, descend, radius_of, share

MAX_CELLS = 4_000_000
BATCH = 2048
BITS = 96
LEAST_SECONDS = 2.0
"""The table of values may take so long even if the budget is smaller."""
PROBES = 48
"""So many boxes of a level are tried for the lower bound."""


@dataclass(frozen=True)
class Enclosure:
    """lower ≤ sup_K |F − f| ≤ upper, exact rationals.

    `at` is a point, as shares in [0, 1] of the sides, where |F − f| ≥ lower was proved; `boxes` counts the boxes
    that were bounded, for either end; `complete` is False if the budget ended before the two ends were within the
    requested gap (then both are still valid).
    """

    lower: Fraction
    upper: Fraction
    at: tuple[Fraction, ...]
    boxes: int
    complete: bool
    seconds: float


class _Boxes(NamedTuple):
    """Boxes: a cell, a dyadic interval inside it on every axis (see `weights`), a model of f that holds there, and an
    upper bound of |F − f|."""

    cell: Index
    node: Index
    base: Located
    upper: Array

    def take(self, index: np.ndarray) -> _Boxes:
        return _Boxes(self.cell[index], self.node[index], self.base.take(index), self.upper[index])

    def split(self, axis: Index) -> _Boxes:
        """Both halves along `axis`."""
        rows = np.arange(len(self.cell))
        low, high = self.node.copy(), self.node.copy()
        low[rows, axis] *= 2
        high[rows, axis] = low[rows, axis] + 1
        both = self.take(np.concatenate([rows, rows]))
        return both._replace(node=np.concatenate([low, high]))


class _Search:
    """Branch and bound, level by level: the bounds so far, and the open boxes of the next level."""

    def __init__(self, problem: Difference, floor: float, gap: float, deadline: float) -> None:
        self.problem, self.floor, self.gap, self.deadline = problem, floor, gap, deadline
        self.lower, self.settled, self.count, self.volume = 0.0, 0.0, 0, 0.0
        self.at = tuple(Fraction(1, 2) for _ in problem.P)
        self.stuck = False
        self.crude = problem.crude()
        self.batch = max(8, min(BATCH, 2**24 // problem.width))

    @property
    def enough(self) -> float:
        """Boxes with no larger upper bound need no further look."""
        return max(self.lower * (1 + self.gap), self.floor)

    @property
    def tolerance(self) -> float:
        """How much a model of f may be out without mattering."""
        return max(self.gap, 1e-3) / 8 * max(self.lower, self.floor)

    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def raise_lower(self, cell: Index, node: Index, model: Model) -> Bound:
        bound = self.problem.bound(cell, node, model)
        self.count += len(cell)
        best = int(np.argmax(bound.lower))
        if bound.lower[best] > self.lower:
            self.lower = float(bound.lower[best])
            self.at = share(node[best], cell[best], self.problem.P)
        return bound

    def probe(self, boxes: _Boxes) -> None:
        """Try the corners and middles of the boxes with the largest upper bounds for the lower bound."""
        if len(boxes.cell) > PROBES:
            boxes = boxes.take(np.argpartition(boxes.upper, -PROBES)[-PROBES:])
        digits = np.array(list(itertools.product(range(3), repeat=self.problem.N)))
        rows = np.repeat(np.arange(len(boxes.cell)), len(digits))
        boxes = boxes.take(rows)
        node = descend(boxes.node, np.tile(digits, (len(rows) // len(digits), 1)))
        args = boxes.cell, centre_of(node), radius_of(node), self.tolerance
        self.raise_lower(boxes.cell, node, self.problem.f.inside(boxes.base, *args)[0])

    def sample(self) -> None:
        """A first lower bound, from cells spread over the grid."""
        total = math.prod(self.problem.P)
        flat = np.unique(np.linspace(0, total - 1, PROBES).astype(np.int64))
        cell = np.stack(np.unravel_index(flat, self.problem.P), axis=1)
        self.probe(self.cells(cell))

    def cells(self, cell: Index) -> _Boxes:
        base = Located(self.problem.f.on_cells(cell, self.tolerance), np.zeros(cell.shape))
        return _Boxes(cell, np.ones_like(cell), base, np.full(len(cell), self.crude))

    def tiles(self) -> Iterator[tuple[_Boxes, float]]:
        """All cells, in tiles of neighbours, each with the largest upper bound of what is left after it."""
        P, side = self.problem.P, max(1, round(self.batch ** (1 / self.problem.N) - 0.5))
        corners = list(itertools.product(*(range(0, p, side) for p in P)))
        for left, corner in zip(range(len(corners) - 1, -1, -1), corners, strict=True):
            ranges = [np.arange(a, min(a + side, p)) for a, p in zip(corner, P, strict=True)]
            cell = np.stack([g.ravel() for g in np.meshgrid(*ranges, indexing="ij")], axis=1)
            yield self.cells(cell), self.crude if left else 0.0

    def batches(self, boxes: _Boxes) -> Iterator[tuple[_Boxes, float]]:
        """The boxes, a batch at a time, each with the largest upper bound of what is left after it."""
        count = len(boxes.cell)
        for begin in range(0, count, self.batch):
            rows = np.arange(begin, min(begin + self.batch, count))
            yield boxes.take(rows), float(boxes.upper[begin + self.batch :].max(initial=0.0))

    def divide(self, boxes: _Boxes) -> _Boxes:
        """Bound the boxes; halve those that stay open."""
        radius = radius_of(boxes.node)
        args = boxes.cell, centre_of(boxes.node), radius, self.tolerance
        model, base = self.problem.f.inside(boxes.base, *args)
        bound = self.raise_lower(boxes.cell, boxes.node, model)
        upper = np.minimum(bound.upper, boxes.upper)
        dead = (upper > self.enough) & (bound.axis < 0)
        self.stuck = self.stuck or bool(dead.any())
        open_ = (upper > self.enough) & ~dead
        self.settle(upper[~open_], radius[~open_])
        rest = _Boxes(boxes.cell, boxes.node, base, upper).take(np.flatnonzero(open_))
        return rest.split(bound.axis[open_])

    def settle(self, upper: Array, radius: Array) -> None:
        self.settled = max(self.settled, float(upper.max(initial=0.0)))
        self.volume += float(np.prod(2 * radius, axis=1).sum())

    def run(self, progress: Callable[[float], None] | None) -> tuple[float, bool]:
        """An upper bound of sup |F − f|, and whether the gap was reached."""
        if self.late():
            return self.crude, False
        self.sample()
        source, total = self.tiles(), math.prod(self.problem.P)
        while True:
            opened: list[_Boxes] = []
            for boxes, left in source:
                opened.append(self.divide(boxes))
                if progress is not None:
                    progress(min(1.0, self.volume / total))
                if self.late():
                    return max(self.settled, left, *(float(b.upper.max(initial=0.0)) for b in opened)), False
            level = _concatenated(opened)
            still = level.upper > self.enough
            self.settle(level.upper[~still], radius_of(level.node[~still]))
            level = level.take(np.flatnonzero(still))
            if not len(level.cell):
                return self.settled, not self.stuck
            self.probe(level)
            source = self.batches(level)


def _concatenated(boxes: list[_Boxes]) -> _Boxes:
    if len(boxes) == 1:
        return boxes[0]
    return _Boxes(
        np.concatenate([b.cell for b in boxes]),
        np.concatenate([b.node for b in boxes]),
        concatenated([b.base for b in boxes]),
        np.concatenate([b.upper for b in boxes]),
    )


def enclose(
    design: Design,
    eps: Fraction,
    gap: float = 0.05,
    seconds: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> Enclosure:
    """Enclose sup_K |F − f| within a factor 1 + gap, N ≤ 3 (or to 10⁻⁹ eps or about 10⁻¹² max |f|, absolutely).

    Raises ValueError for N > 3, for more cells than can be tabulated, for a target without expression or without a
    finite value at some centre, and if the budget ends before anything is known.
    `progress` is called with the share of the box's volume that is settled.
    """
    began = time.monotonic()
    if design.target.dim > 3:
        raise ValueError("the enclosure of the sup error is limited to 3 dimensions")
    if design.cells > MAX_CELLS:
        raise ValueError(f"{design.cells} cells are too many to tabulate (limit {MAX_CELLS})")
    accuracy = float(min(eps, Fraction(10**300)))
    with ctx.workprec(BITS):
        problem = Difference(design, 1e-11 * accuracy, began + max(seconds, LEAST_SECONDS))
        search = _Search(problem, max(1e-9 * accuracy, problem.noise), gap, began + seconds)
        upper, complete = search.run(progress)
    if not math.isfinite(upper):
        raise ValueError("the budget ended before any finite bound was found; allow more seconds")
    spent = time.monotonic() - began
    return Enclosure(Fraction(search.lower), Fraction(upper), search.at, search.count, complete, spent)


def coordinate(design: Design, i: int, t: Fraction) -> arb:
    """a_i + t(b_i − a_i).

    >>> from ..symbolic.target import Target
    >>> from ..symbolic.second_order import smooth_design
    >>> unit = Target(((Fraction(0), Fraction(3)),), {"l2": Fraction(1)}, hessian=Fraction(1))
    >>> coordinate(smooth_design(unit, Fraction(1, 10)), 0, Fraction(1, 4)).contains(0.75)
    True
    """
    return ball(design.target.box[i][0]) + arb(fmpq(t.numerator, t.denominator)) * design.target.side(i)
