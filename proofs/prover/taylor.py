"""Taylor's formula around a place where a gap is zero or very small, as a way to settle a box.

A place gives numbers, or formulas in the other variables, to some variables. On a box B let d_i = x_i − c_i for these,
and suppose that all derivatives named below are defined on the hull of B and the c_i; then the gap f is ≥ 0 on B if

- ``orders`` k_i ≥ 1: for each i, f and its derivatives in x_i of order < k_i vanish where x_i = c_i, whatever the other
  variables, and Π d_i^k_i·D f ≥ 0 on the hull, with D the derivative of order k_i in every x_i (c_i are numbers, or i
  is alone);
- without orders: f(c) + Σ_M g_i·d_i ≥ 0, d_i·(g_i + ½·Σ_N H_ij·d_j + Σ_FM H_ij·d_j) ≥ 0 for i in N, and (H_ij) on
  F ∪ M is positive semidefinite, on the hull. Here g is the gradient at c and H the Hessian on the hull, in the x_i;
  these are divided into F (``flat``: g_i = 0), N (where g_i·d_i ≥ 0) and M (the rest: g_i is very small). If there are
  other variables, f(c) = 0 and all are in F, whatever these are.

Source: Taylor's theorem with Lagrange's form of the remainder, on the segment from c to x, or in one x_i after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flint import ctx

from ...symbolic.tree import Expr, names, substitute
from . import ranges as r
from .newton import Jet
from .problem import Problem, constant_range, constant_sign
from .program import Empty, compile_program
from .ranges import ALL, INF, NEG, ONE, ZERO, Range

NIL, HALF = Range(ZERO, ZERO), Range(ONE / 2, ONE / 2)


class Expansion(NamedTuple):
    """A place: numbers or formulas; the orders, the variables F (see the module), and bits for what is not exact."""

    at: tuple[tuple[str, Expr], ...]
    orders: tuple[int, ...] = ()
    flat: tuple[str, ...] = ()
    bits: int = 64


class Form:
    """A place with the gap and its gradient there as ranges, exact zeros where they are known to be zero."""

    def __init__(self, place: Expansion, problem: Problem, jet: Jet) -> None:
        self.place, self.jet, self.names = place, jet, [name for name, _ in place.at]
        self.index = [problem.names.index(name) for name in self.names]
        self.sides = [_side(problem, name, c) for name, c in place.at]
        self.programs = [compile_program(c, problem.names) if names(c) else None for _, c in place.at]
        self.value, self.slopes = NIL, [NIL for _ in self.names]
        with ctx.workprec(place.bits):
            self.numbers = [ALL if names(c) else constant_range(c) for _, c in place.at]
            if not place.orders and len(place.at) == len(problem.names):
                zero = constant_sign(substitute(jet.formula, dict(place.at)), place.bits) == 0
                self.value = NIL if zero else jet.on(self.numbers) or ALL
                self.slopes = [NIL if n in place.flat else jet.on(self.numbers, n) or ALL for n in self.names]

    def settles(self, box: Sequence[Range], strict: bool, whole: bool = True) -> bool:
        """Whether the gap is ≥ 0 (> 0) at all points of the domain in a box; at all its points unless ``whole``."""
        hull, distances = list(box), []
        for k, i in enumerate(self.index):
            c = self._number(k, box)
            if c is None:
                return False
            hull[i] = r.join(box[i], c)
            distances.append(self._distance(box[i], c, self.sides[k] if whole else 0))
        orders = self.place.orders
        good = self._power(hull, distances, strict) if orders else self._second(hull, distances, strict)
        return good and all(self.jet.on(hull, *by) is not None for by in self._lower())

    def close(self, box: Sequence[Range]) -> bool:
        """Whether the place is not far from a bounded box, compared with its size."""
        for k, i in enumerate(self.index):
            c, b = self._number(k, box), box[i]
            if c is None or c.lo > b.hi + 4 * (b.hi - b.lo) or c.hi < b.lo - 4 * (b.hi - b.lo):
                return False
        return True

    def _number(self, k: int, box: Sequence[Range]) -> Range | None:
        program = self.programs[k]
        if program is None:
            return self.numbers[k]
        try:
            result = program(box)
        except Empty:
            return None
        return None if result.cut else result.value

    def _distance(self, b: Range, c: Range, side: int) -> Range:
        """x − c; the points of the domain lie on one side of its end."""
        if c.is_point and b.is_point and c.lo == b.lo:
            return NIL
        d, is_open = r.sub(b, c), abs(side) == 2
        if side == 0:
            return d
        return r.meet(d, Range(ZERO, INF, is_open, True) if side > 0 else Range(NEG, ZERO, True, is_open)) or d

    def _lower(self) -> list[list[str]]:
        """The derivatives below the last one."""
        if not self.place.orders:
            return [[], *([name] for name in self.names)]
        last = _by(self.names, self.place.orders)
        return [last[:k] for k in range(len(last))]

    def _power(self, hull: Sequence[Range], distances: list[Range], strict: bool) -> bool:
        top = self.jet.on(hull, *_by(self.names, self.place.orders))
        for d, k in zip(distances, self.place.orders, strict=True):
            if top is None or (k % 2 and not d.nonnegative and not d.nonpositive):
                return False
            top = top if k % 2 == 0 or d.nonnegative else r.neg(top)
            if strict and not d.positive and not d.negative:
                return False
        return top is not None and (top.positive if strict else top.nonnegative)

    def _second(self, hull: Sequence[Range], d: list[Range], strict: bool) -> bool:
        n = range(len(d))
        moved = [i for i in n if not (d[i].is_point and d[i].lo == 0)]
        products = [r.mul(g, x) for g, x in zip(self.slopes, d, strict=True)]
        flat = [i for i in moved if self.slopes[i].is_point and self.slopes[i].lo == 0]
        along = [i for i in moved if i not in flat and products[i].nonnegative]
        small = [i for i in moved if i not in flat and i not in along]
        total = self.value
        for i in small:
            total = r.add(total, products[i])
        if not total.nonnegative:
            return False
        found = [[self.jet.on(hull, *sorted((self.names[i], self.names[j]))) for j in n] for i in n]
        if any(found[i][j] is None for i in moved for j in moved):
            return False
        rows = [[NIL if h is None else h for h in row] for row in found]
        positive = bool(total.positive)
        for i in along:
            inner = self.slopes[i]
            for j in moved:
                part = r.mul(rows[i][j], d[j])
                inner = r.add(inner, r.mul(HALF, part) if j in along else part)
            term = r.mul(inner, d[i])
            if not term.nonnegative:
                return False
            positive = positive or term.positive
        bent = [i for i in moved if i not in along]
        sign = definite([[rows[i][j] for j in bent] for i in bent])
        positive = positive or (sign == 1 and any(d[i].positive or d[i].negative for i in bent))
        return sign >= 0 and (positive or not strict)


def definite(rows: list[list[Range]]) -> int:
    """1 if every symmetric matrix in the ranges is positive definite, 0 if semidefinite, −1 if neither is shown.

    >>> one, two = Range(ONE, ONE), Range(2 * ONE, 2 * ONE)
    >>> definite([[two, one], [one, two]]), definite([[NIL, NIL], [NIL, one]]), definite([[one, two], [two, one]])
    (1, 0, -1)
    """
    if not rows:
        return 1
    first, rest = rows[0], rows[1:]
    if not first[0].positive:
        alone = first[0].nonnegative and all(h.is_point and h.lo == 0 for h in first[1:])
        return min(0, definite([row[1:] for row in rest])) if alone else -1
    inverse = r.inverse(first[0])
    smaller = []
    for i, row in enumerate(rest):
        scale = r.mul(first[i + 1], inverse)
        smaller.append(
            [
                r.sub(row[j + 1], r.mul(r.power(first[j + 1], 2), inverse) if i == j else r.mul(scale, first[j + 1]))
                for j in range(len(rest))
            ]
        )
    return definite(smaller)


def _by(names: Sequence[str], orders: Sequence[int]) -> list[str]:
    return [name for name, k in zip(names, orders, strict=True) for _ in range(k)]


def _side(problem: Problem, name: str, c: Expr) -> int:
    """1 if c is the lower end of a variable, −1 if it is the upper one, doubled if that is open; 0 otherwise."""
    v = next(v for v in problem.variables if v.name == name)
    if v.low == c:
        return 2 if v.low_open else 1
    return 0 if v.high != c else -2 if v.high_open else -1
