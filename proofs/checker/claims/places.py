"""Covers with places: boxes on which Taylor's formula around a zero, or nearly a zero, of the gap shows its sign.

The gap f is expanded in the variables x_i of a place around the c_i, numbers or formulas in the others, d = x − c:

- with orders k_i: ∂_i^j f vanishes on x_i = c_i for j < k_i, so f = Π d_i^k_i/k_i!·D f at a point between;
- without: f = f(c) + Σ g_i·d_i + ½·Σ H_ij·d_i·d_j with H at a point between. A variable with g_i ≠ 0 whose terms
  d_i·(g_i + ½·Σ H_ij·d_j) are ≥ 0, each H_ij·d_i·d_j counted in one of them, leaves the others, whose H must be
  positive semidefinite and whose g_i·d_i may not exceed f(c).

All derivatives are taken anew, and must be defined on the hull of the box and the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, ctx

from ..formula import CheckError
from . import entries
from .cover import Box, Rejected
from .direct import covered
from .evaluate import Nowhere, Op, evaluate, operations
from .interval import INF, NEG, NIL, ZERO, I, add, cut, inverse, join, mul, negative, power
from .points import rational_value, sign_of
from .reading import Domain, Problem
from .steps import Checker
from .tree import ZERO as NOTHING
from .tree import Tree, derivative, make, names, read, substitute

NEAR, MOST, ORDER, DEPTH, PARTS = -4, 40, 12, 4, 5
HALF, TWO = I(arb(0.5), arb(0.5)), Fraction(2)


@dataclass
class Place:
    """Formulas for the variables; orders or none; the gap and its gradient there; compiled derivatives."""

    at: dict[str, Tree]
    orders: list[int]
    gap: Tree
    sides: dict[str, int]
    value: I = ZERO
    slopes: dict[str, I] = field(default_factory=dict)
    compiled: dict[tuple[str, ...], list[Op]] = field(default_factory=dict)

    def on(self, box: Box, *by: str) -> I | None:
        """A derivative of the gap on a box; None if it may be undefined there."""
        if by not in self.compiled:
            self.compiled[by] = operations(rate(self.gap, by))
        return total(self.compiled[by], box)


def total(ops: list[Op], box: Box) -> I | None:
    """The values on a box on which a formula is certainly defined everywhere."""
    try:
        found = evaluate(ops, box)
    except Nowhere:
        return None
    return None if found.cut else found.value


def rate(tree: Tree, by: Sequence[str]) -> Tree:
    """The derivative by one variable after the other."""
    for name in by:
        try:
            tree = derivative(tree, name)
        except CheckError as why:
            raise Rejected(str(why)) from None
    return tree


def near(checker: Checker, step: object, problem: Problem) -> None:
    """A cover some of whose boxes rest on places."""
    data = entries.field(step, "places", list)
    if not 0 < len(data) <= MOST:
        raise CheckError(f"places: 1 to {MOST} are expected")
    places = [_read(checker, item, problem) for item in data]
    strict = problem.goal.op == ">"

    def settle(box: Box, leaf: int) -> bool:
        k = NEAR - leaf
        return 0 <= k < len(places) and _settled(places[k], box, strict, DEPTH)

    covered(checker, step, problem, settle)


def _settled(place: Place, box: Box, strict: bool, depth: int) -> bool:
    """A box, its face where the gap is least, or its parts: enclosures differ a little from those of the prover."""
    if settles(place, box, strict, True):
        return True
    face = _face(place, box)
    if face is not None and settles(place, face, strict, False):
        return True
    halves = _halved(box) if depth else ()
    return len(halves) > 0 and all(_settled(place, half, strict, depth - 1) for half in halves)


def _halved(box: Box) -> tuple[Box, ...]:
    """A box cut in its widest variable."""
    wide = {name: x.hi - x.lo for name, x in box.items() if x.finite and x.lo < x.hi}
    if not wide:
        return ()
    name = max(wide, key=lambda n: float(wide[n].mid()))
    x, middle = box[name], ((box[name].lo + box[name].hi) / 2).mid()
    return box | {name: I(x.lo, middle, x.lo_open, False)}, box | {name: I(middle, x.hi, False, x.hi_open)}


def _read(checker: Checker, data: object, problem: Problem) -> Place:
    pairs, orders = entries.field(data, "at", list), entries.field(data, "orders", list)
    flat, bits = entries.field(data, "flat", list), entries.field(data, "bits", int)
    if not all(isinstance(p, list) and len(p) == 2 and isinstance(p[0], str) for p in pairs) or not pairs:
        raise CheckError("at: pairs of a variable and its place are expected")
    mine = [name for name, _ in pairs]
    others = {name: d for name, d in problem.domains.items() if name not in mine}
    if len(set(mine)) < len(mine) or not set(mine) <= set(problem.domains) or not 32 <= bits <= 4096:
        raise CheckError("places: different variables of the problem and 32 to 4096 bits are expected")
    at = {name: read(text, others) for name, text in pairs}
    sides = {name: _side(problem.domains[name], c) for name, c in at.items()}
    place = Place(at, orders, problem.goal.gap, sides)
    if orders:
        _vanishing(checker, place, problem)
        return place
    gap, here = problem.goal.gap, {("variable", name): c for name, c in at.items()}
    if others:
        for tree in (gap, *(rate(gap, [name]) for name in mine)):
            checker.equal(substitute(tree, here), NOTHING, problem, "place")
        place.slopes = dict.fromkeys(mine, ZERO)
        return place
    with ctx.workprec(bits):
        box = {name: _value(c) for name, c in at.items()}
        zero = sign_of(substitute(gap, here), bits) == 0
        found = {name: None if name in flat else place.on(box, name) for name in mine}
        value = ZERO if zero else place.on(box)
    for name in mine:
        if found[name] is None and sign_of(substitute(rate(gap, [name]), here), bits) != 0:
            raise Rejected("a derivative does not vanish at its place")
    if value is None:
        raise Rejected("the gap may be undefined at a place")
    place.value, place.slopes = value, {name: x or ZERO for name, x in found.items()}
    return place


def _vanishing(checker: Checker, place: Place, problem: Problem) -> None:
    """The gap and its derivatives below the orders are 0 where a variable is at its place."""
    if len(place.orders) != len(place.at) or not all(type(k) is int and 1 <= k <= ORDER for k in place.orders):
        raise CheckError(f"orders: a whole number from 1 to {ORDER} for each variable is expected")
    if len(place.at) > 1 and any(names(c) for c in place.at.values()):
        raise Rejected("the place of one of several variables with orders is no number")
    # the variables run through the hull of boxes and places, on which no condition or domain has to hold
    hull = Problem({name: Domain() for name in problem.domains}, (), problem.goal)
    for (name, c), k in zip(place.at.items(), place.orders, strict=True):
        for j in range(k):
            tree = substitute(rate(problem.goal.gap, [name] * j), {("variable", name): c})
            checker.equal(tree, NOTHING, hull, "place")


def _value(c: Tree) -> I:
    found = total(operations(c), {})
    if found is None:
        raise Rejected("a place is not a number")
    return found


def _side(domain: Domain, c: Tree) -> int:
    """1 if a place is the lower end of a domain, −1 if it is the upper one, doubled if that is open, otherwise 0."""
    for end, is_open, side in ((domain.low, domain.low_open, 1), (domain.high, domain.high_open, -1)):
        if end is not None and not names(c) and (c == end or rational_value(make("-", c, end)) == 0):
            return 2 * side if is_open else side
    return 0


def _face(place: Place, box: Box) -> Box | None:
    """The face of a box on which the gap is least, by the signs of its slopes."""
    try:
        found = evaluate(place.compiled.setdefault((), operations(place.gap)), box, True)
    except Nowhere:
        return None
    face: Box = dict(box)
    for name, slope in found.slopes.items():
        end = box[name].lo if slope.above(False) else box[name].hi if slope.below(False) else None
        if end is not None and end.is_finite():
            face[name] = I(end, end)
    return None if found.cut or face == box else face


def settles(place: Place, box: Box, strict: bool, whole: bool) -> bool:
    """f ≥ 0 (> 0) on a box; at its points in the domain only if it is ``whole`` and no face of another one."""
    hull, d = dict(box), {}
    for name, c in place.at.items():
        value = total(operations(c), box)
        if value is None:
            return False
        hull[name] = join(box[name], value)
        d[name] = _distance(box[name], value, place.sides[name] if whole else 0)
    by = [name for name, k in zip(place.at, place.orders or [1] * len(d), strict=True) for _ in range(k)]
    lower = [by[:k] for k in range(len(by))] if place.orders else [[], *([name] for name in place.at)]
    if any(place.on(hull, *names) is None for names in lower):
        return False
    return _orders(place, hull, d, by, strict) if place.orders else _second(place, hull, d, strict)


def _distance(b: I, c: I, side: int) -> I:
    if b.lo == b.hi and c.lo == c.hi and b.lo == c.lo:
        return ZERO
    d = add(b, negative(c))
    if side == 0:
        return d
    is_open = abs(side) == 2
    return cut(d, I(NIL, INF, is_open, True) if side > 0 else I(NEG, NIL, True, is_open)) or d


def _orders(place: Place, hull: Box, d: dict[str, I], by: list[str], strict: bool) -> bool:
    side = 1
    for x, k in zip(d.values(), place.orders, strict=True):
        if strict and not x.above(True) and not x.below(True):
            return False
        if k % 2 and not x.above(False) and not x.below(False):
            return False
        side = side if k % 2 == 0 or x.above(False) else -side
    return _signed(place, hull, by, side, strict, PARTS)


def _signed(place: Place, hull: Box, by: list[str], side: int, strict: bool, depth: int) -> bool:
    """side·D f ≥ 0 (> 0) on all of a hull, or on its parts."""
    value = place.on(hull, *by)
    if value is not None and (value.above(strict) if side == 1 else value.below(strict)):
        return True
    halves = _halved(hull) if depth else ()
    return len(halves) > 0 and all(_signed(place, half, by, side, strict, depth - 1) for half in halves)


def _second(place: Place, hull: Box, d: dict[str, I], strict: bool) -> bool:
    moved = [name for name, x in d.items() if not x.lo == x.hi == 0]
    first = {name: mul(place.slopes[name], d[name]) for name in moved}
    steep = [name for name in moved if place.slopes[name] != ZERO and first[name].above(False)]
    rest = [name for name in moved if name not in steep]
    value = place.value
    for name in rest:
        value = add(value, first[name])
    if not value.above(False):
        return False
    bent: dict[tuple[str, str], I] = {}
    for a in moved:
        for b in moved:
            found = place.on(hull, *sorted((a, b)))
            if found is None:
                return False
            bent[a, b] = found
    positive = value.above(True)
    for a in steep:
        inner = place.slopes[a]
        for b in moved:
            part = mul(bent[a, b], d[b])
            inner = add(inner, mul(part, HALF) if b in steep else part)
        term = mul(inner, d[a])
        if not term.above(False):
            return False
        positive = positive or term.above(True)
    definite = _definite([[bent[a, b] for b in rest] for a in rest])
    if definite is None:
        return False
    return not strict or positive or (definite and any(d[a].above(True) or d[a].below(True) for a in rest))


def _definite(rows: list[list[I]]) -> bool | None:
    """Whether all symmetric matrices in an interval matrix are positive definite, or None if not semidefinite either.

    By elimination from the last row on; a row of zeros is left out.
    """
    sure = True
    while rows:
        *rows, last = rows
        pivot = last[-1]
        if not pivot.above(True):
            if not pivot.above(False) or any(x.lo != 0 or x.hi != 0 for x in last[:-1]):
                return None
            sure = False
            rows = [row[:-1] for row in rows]
            continue
        back = inverse(pivot)
        rows = [
            [
                add(x, negative(mul(power(last[i], TWO) if i == j else mul(last[i], last[j]), back)))
                for j, x in enumerate(row[:-1])
            ]
            for i, row in enumerate(rows)
        ]
    return sure


RULES = {"near": near}
