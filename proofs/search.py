"""Branch and bound for the supremum of a quantity of the jet of a formula over a box.

Every cell X of a growing partition gets the smaller of two upper bounds: ψ of the enclosures over X, and the mean value
form ψ(p) + D·(X − p), D ⊇ ∇ψ(X), at the point p to which the signs of D point. The cell with the largest bound is split
next; the largest bound of all cells is proved at any time, so a spent budget costs tightness only. Cells with undecided
``abs``, ``min``, ``max`` are bounded piece by piece (see `interval`). Source: R. E. Moore, Interval Analysis (1966);
the piecewise argument is ours.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from ..symbolic.expression import Expr, fold
from .domain import describe
from .interval import position, side
from .tape import DomainError, Formula, Jet, Piece, build

MAX_LEVEL = 44
KINK_LEVEL = 12


def up(value: arb) -> float:
    """A float ≥ every point of the ball (inf if it is not finite)."""
    if not value.is_finite():
        return math.inf
    near = float(value.upper())
    return near if value <= arb(near) else math.nextafter(near, math.inf)


def down(value: arb) -> float:
    """A float ≤ every point of the ball (−inf if it is not finite)."""
    return -up(-value)


class _Side(NamedTuple):
    ball: arb
    low: arb
    middle: arb
    high: arb


Cell = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Domain:
    """The box with its dyadic subdivision: axis i of a cell is (level m, index k), t from k/2^m to (k+1)/2^m."""

    variables: tuple[str, ...]
    box: tuple[tuple[Expr, Expr], ...]
    _sides: dict[tuple[int, int, int], _Side] = field(default_factory=dict, repr=False)

    def side(self, axis: int, level: int, index: int) -> _Side:
        key = (axis, level, index)
        if key not in self._sides:
            (lo, hi), width = self.box[axis], 2**level
            t0, t1 = Fraction(index, width), Fraction(index + 1, width)
            points = (position(lo, hi, t) for t in (t0, (t0 + t1) / 2, t1))
            self._sides[key] = _Side(side(lo, hi, t0, t1), *points)
        return self._sides[key]

    def sides(self, cell: Cell) -> list[_Side]:
        return [self.side(axis, *at) for axis, at in enumerate(cell)]

    def describe(self, cell: Cell) -> str:
        """The corner or midpoint of a cell that lies nearest to the ends of the box, as text."""
        places = []
        for level, index in cell:
            last = 2**level - 1
            places.append(
                Fraction(0)
                if index == 0
                else Fraction(1)
                if index == last
                else Fraction(2 * index + 1, 2 ** (level + 1))
            )
        return ", ".join(f"{n} = {t}" for n, t in describe(self.variables, self.box, places).items())


@dataclass(frozen=True)
class Quantity:
    """ψ of a jet, and D ⊇ ∇ψ from a jet of the next order (None: no mean value form)."""

    order: int
    value: Callable[[Jet], arb]
    slope: Callable[[Jet], Sequence[arb] | None]
    kinks_allowed: bool = True


class _Bounded(NamedTuple):
    upper: float
    lower: float
    axis: int
    kinked: bool


class _PieceBound(NamedTuple):
    upper: float
    lower: float
    axis: int | None
    steepness: float


class Result(NamedTuple):
    """``upper`` ≥ sup ψ is proved, ``lower`` ≤ sup ψ too (at a point); ``stuck`` is the cell that kept it infinite."""

    upper: float
    lower: float
    cells: int
    stuck: Cell | None
    kinked: bool


@dataclass(frozen=True)
class Search:
    domain: Domain
    wide: Formula
    points: Formula
    quantity: Quantity

    def bound(self, cell: Cell) -> _Bounded:
        sides = self.domain.sides(cell)
        box = [s.ball for s in sides]
        axis = _widest(cell, self.wide.axes)
        try:
            pieces = self.wide.pieces(box)
        except DomainError:
            return _Bounded(math.inf, -math.inf, axis, False)
        kinked = not self.quantity.kinks_allowed and not all(piece.strict for piece in pieces)
        parts = [self.piece_bound(piece, sides) for piece in pieces]
        upper = math.inf if kinked else max(part.upper for part in parts)
        if self.quantity.order == 0 and len(pieces) > 1:
            upper = min(upper, up(self.quantity.value(self.points(box))))
        steepest = max(parts, key=lambda part: part.steepness)
        lower = max(part.lower for part in parts)
        wanted = {i for piece in pieces for i in piece.axes}
        if steepest.axis is not None and (steepest.steepness > 0 or not wanted):
            wanted.add(steepest.axis)
        return _Bounded(upper, lower, _widest(cell, sorted(wanted)) if wanted else axis, kinked)

    def piece_bound(self, piece: Piece, sides: list[_Side]) -> _PieceBound:
        """ψ ≤ min(ψ(X), ψ(p) + Σ D_i(X_i − p_i)) for one piece, the sum over the i where D_i has no sign: at the others
        p_i is the end of the side at which D_i(x_i − p_i) ≤ 0."""
        natural = up(self.quantity.value(piece.jet))
        slopes = self.quantity.slope(piece.jet)
        if slopes is None or not all(d.is_finite() for d in slopes):
            _, lower = self.at([s.middle for s in sides], piece.branches)
            return _PieceBound(natural, lower, None, -1.0)
        signs = [1 if d > 0 else -1 if d < 0 else 0 for d in slopes]
        at = [(s.middle, s.high, s.low)[sign] for s, sign in zip(sides, signs, strict=True)]
        value, lower = self.at(at, piece.branches)
        changes = [d * (s.ball - p) for d, s, p in zip(slopes, sides, at, strict=True)]
        top = sum((c for c, sign in zip(changes, signs, strict=True) if not sign), value)
        weights = [up(abs(change)) for change in changes]
        steepness = max(weights)
        return _PieceBound(min(natural, up(top)), lower, weights.index(steepness), steepness)

    def at(self, point: list[arb], branches: tuple[int, ...] | None) -> tuple[arb, float]:
        """ψ of the piece at a point (NaN if undefined), and a lower bound of sup ψ for the formula itself."""
        try:
            piece = self.points.piece(point, branches)
            value = self.quantity.value(piece.jet)
            return value, down(value if piece.certain else self.quantity.value(self.points(point)))
        except DomainError:
            return arb.nan(), -math.inf

    def maximise(self, gap: float, least: float, budget: int) -> Result:
        """sup ψ to the relative gap, or the absolute gap ``least`` if that is larger, within a budget of cells."""
        root: Cell = tuple((0, 0) for _ in self.domain.variables)
        first = self.bound(root)
        best, cells, closed = first.lower, 1, -math.inf
        heap = [(-first.upper, 0, 0, root, first)]
        while heap:
            upper, depth = -heap[0][0], heap[0][1]
            if upper <= best + max(gap * abs(best), least) or cells >= budget:
                break
            _, _, _, cell, bounded = heapq.heappop(heap)
            level, index = cell[bounded.axis]
            if level >= (KINK_LEVEL if bounded.kinked else MAX_LEVEL):
                if math.isinf(upper):
                    return Result(math.inf, best, cells, cell, bounded.kinked)
                closed = max(closed, upper)
                continue
            for child in (2 * index, 2 * index + 1):
                smaller = (*cell[: bounded.axis], (level + 1, child), *cell[bounded.axis + 1 :])
                part = self.bound(smaller)
                cells += 1
                best = max(best, part.lower)
                heapq.heappush(heap, (-min(part.upper, upper), depth - 1, cells, smaller, part))
        upper = max(closed, -heap[0][0] if heap else -math.inf)
        stuck = heap[0][3] if heap and math.isinf(upper) else None
        return Result(upper, best, cells, stuck, bool(heap) and heap[0][4].kinked)


def _widest(cell: Cell, axes: Sequence[int]) -> int:
    """The axis, among the given ones, that was split least."""
    return min(axes or range(len(cell)), key=lambda i: cell[i][0])


def search(expr: Expr, domain: Domain, quantity: Quantity, order: int) -> Search:
    smooth = _without_decided_kinks(expr, domain)
    wide, points = (build(smooth, domain.variables, n) for n in (order, quantity.order))
    return Search(domain, wide, points, quantity)


def _without_decided_kinks(expr: Expr, domain: Domain) -> Expr:
    """The same function on the box with every abs, min, max and where replaced by its branch, if decided there.

    On the box only: abs(x) on [0, 1] is x, so it has a Hessian there.
    """
    box = [s.ball for s in domain.sides(tuple((0, 0) for _ in domain.variables))]

    def sign(a: Expr) -> tuple[bool, bool]:
        """Whether a ≥ 0, and whether a > 0, on the whole box."""
        try:
            value = build(a, domain.variables, 0)(box).value
        except DomainError:
            return False, False
        return bool(value >= 0), bool(value > 0)

    def nonnegative(a: Expr) -> bool:
        return sign(a)[0]

    def positive(a: Expr) -> bool:
        return sign(a)[1]

    def rule(node: Expr, args: list[Expr]) -> Expr:
        if node.head == "where" and nonnegative(args[0]):
            return args[1]
        if node.head == "where" and positive(Expr("neg", (args[0],))):
            return args[2]
        if node.head == "abs" and nonnegative(args[0]):
            return args[0]
        if node.head == "abs" and nonnegative(Expr("neg", (args[0],))):
            return Expr("neg", (args[0],))
        if node.head in ("min", "max"):
            kept = args[0]
            for other in args[1:]:
                gap = (kept, other) if node.head == "max" else (other, kept)
                if not nonnegative(Expr("-", gap)):
                    kept = other if nonnegative(Expr("-", gap[::-1])) else Expr(node.head, (kept, other))
            return kept
        return Expr(node.head, tuple(args)) if args else node

    result: Expr = fold(expr, rule)
    return result
