"""Several variables: move one of them to where the gap is least, and prove the goal there.

For fixed other variables let v run over an interval, from the largest of its lower ends to the smallest of its upper
ends (constants, or formulas in the other variables from conditions that are linear in v). With g continuous on it:

- ``slide``: g' ≥ 0 inside, so that the lower end decides (g' ≤ 0: the upper end);
- ``chord``: g'' ≤ 0 inside, so that both ends decide;
- ``valley``: g'' ≥ 0 inside and g'(v*) = 0 at a point v* of the interval, so that g(v*) decides;
- ``halves``: the part above and the part below a point v*, each by any of these.

Each leaves a goal without v, or one about a derivative. Source: the mean value theorem.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from flint import ctx

from ...symbolic.tree import Expr, names, number, postorder, substitute
from .algebra import Candidate, candidates, range_on, rewrite
from .definedness import defined, known
from .functions import derivative
from .language import Relation, Variable
from .normal import Poly
from .points import points
from .problem import Clock, Problem, linear
from .refute import Target
from .step import Step

SAMPLES, FORMS = 24, 3


class Ends(NamedTuple):
    """The lower and upper ends of a variable, each with whether it is open, and the conditions without it."""

    lows: tuple[tuple[Expr, bool], ...]
    highs: tuple[tuple[Expr, bool], ...]
    rest: tuple[Relation, ...]


def ends_of(problem: Problem, v: Variable) -> Ends | None:
    """The ends of a variable; None if a condition is not linear in it with a rational coefficient.

    >>> from .language import parse_claim
    >>> claim = parse_claim("x <= 1", ["x > 0", "2*x <= y"])
    >>> ends_of(Problem(claim.variables, claim.conditions, number(0), ">="), claim.variables[0]).highs
    ((parse('0.5*y'), False),)
    """
    lows = [(v.low, v.low_open)] if v.low is not None else []
    highs = [(v.high, v.high_open)] if v.high is not None else []
    rest = []
    for c in problem.conditions:
        if v.name not in names(c.lhs) + names(c.rhs):
            rest.append(c)
            continue
        found = linear(c.gap, v.name, problem.signs())
        if found is None or c.op == "==":
            return None
        slope, end = found
        (lows if slope > 0 else highs).append((end, c.op == "<"))
    return Ends(tuple(lows), tuple(highs), tuple(rest))


Prove = Callable[[Problem, int], Step | None]


def slide(problem: Problem, prove: Prove, clock: Clock, depth: int) -> Step | None:
    """A step for a goal in several variables, from ``prove(smaller problem, depth − 1)``, or None."""
    real = [v for v in problem.variables if not v.integer and v.name in names(problem.gap)]
    if problem.op == "==" or depth == 0 or any(n.head in ("floor", "ceil") for n in postorder(problem.gap)):
        return None
    forms = sorted(candidates(problem), key=lambda c: sum(1 for _ in postorder(c.expr)))
    moves = [_Move(problem, v, ends, g) for g in forms[:FORMS] for v in real for ends in [ends_of(problem, v)] if ends]
    for make in (_touching, _monotone, _chord, _valley, _halves):
        for move in moves:
            clock.check()
            step = make(move, prove, depth - 1)
            if step is not None:
                return step
    return None


@dataclass(frozen=True)
class _Move:
    """A variable of a problem that moves between its ends, and a formula that implies the goal."""

    problem: Problem
    v: Variable
    ends: Ends
    chosen: Candidate

    @property
    def g(self) -> Expr:
        return self.chosen.expr

    def conditions(self, at: Expr) -> tuple[Relation, ...]:
        """What says that ``at`` lies between the ends, without what the domain implies."""
        found = [Relation(low, "<=", at) for low, _ in self.ends.lows if low != at]
        found += [Relation(at, "<=", high) for high, _ in self.ends.highs if high != at]
        return tuple(c for c in found if not implied(self.face_of(), c))

    def face_of(self) -> Problem:
        """The problem without the variable: its other variables and the conditions on them."""
        others = tuple(w for w in self.problem.variables if w is not self.v)
        return Problem(others, self.ends.rest, self.problem.gap, self.problem.op)

    def face(self, at: Expr, op: str) -> Problem:
        """The goal where the variable has the value ``at`` and lies between its ends."""
        face = self.face_of()
        gap = substitute(self.g, {self.v.name: at})
        return Problem(face.variables, (*face.conditions, *self.conditions(at)), gap, op)

    def inside(self, gap: Expr, op: str) -> Problem:
        """Another goal where the variable lies strictly between its ends."""
        v = replace(self.v, low_open=True, high_open=True)
        variables = tuple(v if w is self.v else w for w in self.problem.variables)
        conditions = self.problem.conditions
        strict = tuple(replace(c, op="<") if self.v.name in names(c.lhs) + names(c.rhs) else c for c in conditions)
        return Problem(variables, strict, gap, op)


def implied(problem: Problem, c: Relation) -> bool:
    """Whether a condition follows from the box of the domain by its range."""
    with ctx.workprec(64):
        value = range_on(c.gap, problem)
    return value is not None and (value.positive if c.op == "<" else value.nonnegative)


def _rate(move: _Move, times: int, prove: Prove) -> tuple[Expr, tuple[Step, ...]] | None:
    """A derivative in the variable, and steps that it is defined inside."""
    rate: Expr | None = move.g
    given = known(move.problem.gap, move.g)
    steps: tuple[Step, ...] = ()
    for _ in range(times):
        rate = None if rate is None else derivative(rate, move.v.name)
        more = None if rate is None else defined(move.inside(rate, ">"), given, lambda p: prove(p, 0))
        if rate is None or more is None:
            return None
        given, steps = given | known(rate), (*steps, *more)
    return None if rate is None else (rate, steps)


def signs(problem: Problem, gap: Expr) -> tuple[bool, bool]:
    """Whether a formula seems to be < 0, and > 0, somewhere on the domain (floats: a guide, never a proof)."""
    target = Target(problem.variables, problem.conditions, Relation(number(0), "<=", gap))
    negative = positive = False
    for point in points(problem.variables, SAMPLES, 3):
        if all(target.value(p, point) >= 0 for p in target.others):
            value = target.value(target.gap, point)
            negative, positive = negative or value < -1e-9, positive or value > 1e-9
    return negative, positive


def _reached(move: _Move, end: Expr, op: str, prove: Prove, depth: int) -> tuple[Step, ...] | None:
    """Steps for the goal at an end of the variable, where the formula must be defined."""
    face = move.face(end, op)
    closed = not any(is_open for _, is_open in (*move.ends.lows, *move.ends.highs))
    steps = () if closed else defined(face, frozenset(), lambda p: prove(p, 0))
    main = None if steps is None else prove(face, depth)
    return None if main is None or steps is None else (main, *steps)


def _all(parts: list[tuple[Step, ...] | None]) -> tuple[Step, ...] | None:
    found: list[Step] = []
    for part in parts:
        if part is None:
            return None
        found += part
    return tuple(found)


def _monotone(move: _Move, prove: Prove, depth: int) -> Step | None:
    found = _rate(move, 1, prove)
    if found is None:
        return None
    rate, steps = found
    negative, positive = signs(move.problem, rate)
    for side, wrong, ends in ((1, negative, move.ends.lows), (-1, positive, move.ends.highs)):
        if wrong or not ends:
            continue
        slope = rate if side == 1 else Expr("neg", (rate,))
        for op, inner in ((move.problem.op, ">="), (">=", ">")):
            if move.problem.op == ">=" and inner == ">":
                continue
            if inner == ">" and not all(is_open for _, is_open in ends):
                continue
            at_end = [_reached(move, end, op, prove, depth) for end, _ in ends]
            reached = _all(at_end)
            inside = None if reached is None else prove(move.inside(slope, inner), depth)
            if reached is not None and inside is not None:
                counts = tuple((end, len(p)) for (end, _), p in zip(ends, at_end, strict=True) if p)
                return _step("slide", move, {"side": side, "reached": counts}, (*reached, inside, *steps))
    return None


def _step(rule: str, move: _Move, data: dict[str, object], parts: tuple[Step, ...]) -> Step:
    return Step(rule, move.problem, {"name": move.v.name, "candidate": move.chosen, **data}, parts)


def _chord(move: _Move, prove: Prove, depth: int) -> Step | None:
    ends = (*move.ends.lows, *move.ends.highs)
    found = _rate(move, 2, prove) if move.ends.lows and move.ends.highs else None
    if found is None or signs(move.problem, found[0])[1]:
        return None
    rate, steps = found
    at_end = [_reached(move, end, move.problem.op, prove, depth) for end, _ in ends]
    reached = _all(at_end)
    inside = None if reached is None else prove(move.inside(Expr("neg", (rate,)), ">="), depth)
    if reached is None or inside is None:
        return None
    counts = tuple((end, len(p)) for (end, _), p in zip(ends, at_end, strict=True) if p)
    return _step("chord", move, {"reached": counts}, (*reached, inside, *steps))


def _valley(move: _Move, prove: Prove, depth: int, touching: bool = False) -> Step | None:
    """``touching``: only at places where the gap is 0 for all values of the others."""
    first = derivative(move.g, move.v.name)
    places = [] if first is None else _places(move, first)
    if touching:
        places = [p for p in places if prove(move.face(p, "=="), 0)]
    found = _rate(move, 2, prove) if places else None
    if first is None or found is None or signs(move.problem, found[0])[0]:
        return None
    rate, steps = found
    for place in places:
        parts = _bottom(move, first, place, prove, depth)
        inside = None if parts is None else prove(move.inside(rate, ">="), depth)
        if parts is not None and inside is not None:
            return _step("valley", move, {"place": place, "bottom": len(parts)}, (*parts, inside, *steps))
    return None


def _touching(move: _Move, prove: Prove, depth: int) -> Step | None:
    return _valley(move, prove, depth, True) if move.problem.op == ">=" else None


def _bottom(move: _Move, first: Expr, place: Expr, prove: Prove, depth: int) -> tuple[Step, ...] | None:
    """v* lies strictly between the ends wherever the others are allowed, g'(v*) = 0 there, and the goal holds there."""
    face = move.face_of()
    at_place = face.with_gap(substitute(first, {move.v.name: place}), "==")
    fine = defined(face.with_gap(place, ">="), frozenset(), lambda p: prove(p, 0))
    steps = (
        []
        if fine is None
        else [prove(face.with_gap(Relation(low, "<", place).gap, ">"), 0) for low, _ in move.ends.lows]
        + [prove(face.with_gap(Relation(place, "<", high).gap, ">"), 0) for high, _ in move.ends.highs]
    )
    if fine is None or any(step is None for step in steps):
        return None
    flat = prove(at_place, 0)
    main = (
        None if flat is None else prove(face.with_gap(substitute(move.g, {move.v.name: place}), move.problem.op), depth)
    )
    return None if flat is None or main is None else (main, flat, *(s for s in steps if s is not None), *fine)


def _places(move: _Move, rate: Expr) -> list[Expr]:
    """Formulas in the other variables, or numbers, at which a derivative seems to vanish."""
    others = [w.name for w in move.problem.variables if w is not move.v]
    found = [*_solutions(rate, move)]
    for name in others:
        w = Expr("variable", (name,))
        found += [w, Expr("neg", (w,)), Expr("-", (number(1), w)), Expr("/", (number(1), w))]
    found += [number(Fraction(k, 2)) for k in (0, 2, 4, 1, 6, -2)]
    return [p for p in dict.fromkeys(found) if _vanishes(move, rate, p)]


def _vanishes(move: _Move, rate: Expr, place: Expr) -> bool:
    """Whether the rate is 0 at the place for some samples of the other variables (floats)."""
    face = move.face_of()
    target = Target(face.variables, face.conditions, Relation(number(0), "<=", substitute(rate, {move.v.name: place})))
    scale = Target(
        face.variables,
        face.conditions,
        Relation(number(0), "<=", substitute(rate, {move.v.name: Expr("+", (place, number(Fraction(1, 64))))})),
    )
    seen = 0
    for point in points(face.variables, 12, 5):
        value = target.value(target.gap, point)
        near = scale.value(scale.gap, point)
        if math.isnan(value) or not all(target.value(p, point) >= 0 for p in target.others):
            continue
        if abs(value) > 1e-9 * max(1e-3, abs(near) if not math.isnan(near) else 1.0):
            return False
        seen += 1
    return seen >= 1


def _solutions(rate: Expr, move: _Move) -> Iterator[Expr]:
    """Where a derivative vanishes, if its numerator is a·M + b for one power M of the variable or its exponential."""
    with ctx.workprec(64):
        items = rewrite(move.problem.with_gap(rate, "=="))
    for n, poly in ((item.normal, item.poly) for item in items):
        mine = n.ids.get(("var", move.v.name))
        dependent = [i for i, a in enumerate(n.atoms) if i == mine or move.v.name in names(a.expr)]
        parts: dict[tuple[tuple[int, Fraction], ...], Poly] = {}
        for mono, c in poly.items():
            own = tuple((i, e) for i, e in mono if i in dependent)
            parts.setdefault(own, {})[tuple((i, e) for i, e in mono if i not in dependent)] = c
        if len(parts) != 2:
            continue
        (m1, p1), (m2, p2) = parts.items()
        powers: dict[int, Fraction] = {}
        for i, e in (*m1, *((j, -x) for j, x in m2)):
            powers[i] = powers.get(i, Fraction(0)) + e
        left = [(i, e) for i, e in powers.items() if e]
        if len(left) != 1:
            continue
        ((i, e),) = left
        ratio = Expr("/", (n.poly_expr({m: -c for m, c in p2.items()}), n.poly_expr(p1)))
        key = n.atoms[i].key
        if i == mine:
            yield ratio if e == 1 else Expr("/", (number(1), ratio)) if e == -1 else Expr("**", (ratio, number(1 / e)))
        elif key[0] == "exp" and key[1] == ((mine, Fraction(1)),):
            yield Expr("/", (Expr("log", (ratio,)), number(e)))


def _halves(move: _Move, prove: Prove, depth: int) -> Step | None:
    """Above and below a place where the derivative vanishes."""
    first = None if len(move.problem.variables) < 2 else derivative(move.g, move.v.name)
    if first is None or all(signs(move.problem, first)) is False:
        return None
    me = Expr("variable", (move.v.name,))
    for place in _places(move, first):
        if any(place == end for end, _ in (*move.ends.lows, *move.ends.highs)):
            continue
        fine = defined(move.face_of().with_gap(place, ">="), frozenset(), lambda p: prove(p, 0))
        parts: list[Step] = []
        for condition in (Relation(place, "<=", me), Relation(me, "<=", place)) if fine is not None else ():
            part = prove(replace(move.problem, conditions=(*move.problem.conditions, condition)), depth)
            if part is None:
                break
            parts.append(part)
        if fine is not None and len(parts) == 2:
            return Step("halves", move.problem, {"name": move.v.name, "place": place}, (*parts, *fine))
    return None


def straightened(problem: Problem) -> Iterator[tuple[str, Expr, Problem]]:
    """One condition less, in every way, with a variable between two ends last.

    x = low + t for x ≥ low, x = high − t for x ≤ high, x = low + t·(high − low) between both.

    The name, its image, and the goal with the new variable under the old name. The image runs over exactly the old
    values, for all values of the other variables that the conditions allow.
    """
    found = [(v, None if v.integer else ends_of(problem, v)) for v in problem.variables]
    for v, ends in sorted(found, key=lambda e: e[1] is not None and bool(e[1].lows) and bool(e[1].highs)):
        if ends is None or len(ends.rest) == len(problem.conditions):
            continue
        others = Problem(tuple(w for w in problem.variables if w is not v), ends.rest, problem.gap, problem.op)
        lows, highs = _tightest(others, ends.lows, 1), _tightest(others, ends.highs, -1)
        if len(lows) > 1 or len(highs) > 1:
            continue
        me, new = Expr("variable", (v.name,)), Variable(v.name, number(0), None)
        conditions = ends.rest
        if lows and highs:
            (low, low_open), (high, high_open) = lows[0], highs[0]
            image = Expr("+", (low, Expr("*", (me, Expr("-", (high, low))))))
            new = Variable(v.name, number(0), number(1), low_open, high_open)
            order = Relation(low, "<" if low_open or high_open else "<=", high)
            conditions = conditions if implied(others, order) else (*conditions, order)
        elif lows:
            image, new = Expr("+", (lows[0][0], me)), replace(new, low_open=lows[0][1])
        else:
            image, new = Expr("-", (highs[0][0], me)), replace(new, low_open=highs[0][1])
        variables = tuple(new if w is v else w for w in problem.variables)
        gap = substitute(problem.gap, {v.name: image})
        yield v.name, image, Problem(variables, conditions, gap, problem.op)


def _tightest(others: Problem, ends: tuple[tuple[Expr, bool], ...], side: int) -> list[tuple[Expr, bool]]:
    """The ends without those that another one implies."""
    kept = list(dict.fromkeys(ends))
    for end in list(kept):
        for other in kept:
            pair = (end[0], other[0]) if side == 1 else (other[0], end[0])
            strict = "<" if end[1] and not other[1] else "<="
            if other is not end and implied(others, Relation(pair[0], strict, pair[1])):
                kept.remove(end)
                break
    return kept
