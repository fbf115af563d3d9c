"""An attack on a claim by points: dense seeded sampling near ends, kinks and edges of conditions, then descent.

It shares nothing with the prover but the reading of claims, so that a wrong proof has a chance to be seen. Values are
computed in mpmath; a violation counts once it is seen at 30 and at 400 digits, and is certain if Arb decides it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

from ..symbolic.tree import Expr, names, postorder
from .points import MPMATH, Point, Unclear, Undefined, certain_sign, value
from .prover.language import Claim, Relation, Variable

DIGITS, MORE = 30, 400
ROUNDS, STARTS, REPAIRS = 100, 3, 12
SIMPLE = tuple(map(Fraction, (0, 1, -1, 2, -2)))


@dataclass(frozen=True)
class Violation:
    """A point of the domain at which a goal is false, or undefined.

    certain: decided exactly or in balls, domain and conditions included; otherwise seen in mpmath at two precisions.
    """

    point: Point
    what: str
    undefined: bool = False
    certain: bool = False

    def __str__(self) -> str:
        return f"{self.what} at " + ", ".join(f"{name} = {x}" for name, x in self.point.items())


@dataclass(frozen=True)
class Attack:
    """How many points of the domain were tried, and a violation if there was one."""

    tried: int
    violation: Violation | None


def attack(claim: Claim, count: int = 300, seed: int = 1) -> Attack:
    """Try `count` points that satisfy the conditions (and a descent on the smallest gaps); stop at a violation.

    Not seen: conditions `==` are met only where a rational point happens to satisfy them, and a strict goal whose
    two sides are equal and irrational is not told from one whose sides are close.

    >>> from attain.proofs.prover.language import parse_claim
    >>> attack(parse_claim("exp(x) >= 1 + x")).violation is None
    True
    >>> attack(parse_claim("exp(x) >= 1.001 + x")).violation.certain
    True
    """
    with mpmath.workdps(DIGITS):
        target = _Target(claim)
        generator = random.Random(seed)
        ranked: list[tuple[float, dict[str, Fraction]]] = []
        for point in _points(target, generator, 8 * count):
            gap = target.gap(point)
            if isinstance(gap, Violation):
                return Attack(len(ranked) + 1, gap)
            if gap is not None:
                ranked.append((gap, point))
                if len(ranked) >= count:
                    break
        ranked.sort(key=lambda item: item[0])
        for gap, point in ranked[:STARTS]:
            found = _descend(target, gap, point, generator)
            if found is not None:
                return Attack(len(ranked), found)
    return Attack(len(ranked), None)


def confirmed(claim: Claim, point: Point) -> bool | None:
    """Whether the point lies in the domain, satisfies the conditions, and makes some goal false; None: not decided.

    >>> from attain.proofs.prover.language import parse_claim
    >>> confirmed(parse_claim("x**2 >= 1/2", ["x in [0, 1]"]), {"x": Fraction(7, 10)})
    True
    """
    if any(v.integer and point[v.name].denominator != 1 for v in claim.variables):
        return False
    inside = [_certainly(c, point) for c in (*_domain(claim.variables), *claim.conditions)]
    goals = [_certainly(goal, point) for goal in claim.goals]
    if False in inside or all(goals):
        return False
    return True if all(inside) and False in goals else None


def _certainly(relation: Relation, point: Point) -> bool | None:
    sign = certain_sign(relation.gap, point)
    return None if sign is None else _satisfied(relation.op, sign)


def _satisfied(op: str, sign: int) -> bool:
    return {"<=": sign >= 0, "<": sign > 0, "==": sign == 0}[op]


def _domain(variables: Sequence[Variable]) -> list[Relation]:
    found = []
    for v in variables:
        me = Expr("variable", (v.name,))
        if v.low is not None:
            found.append(Relation(v.low, "<" if v.low_open else "<=", me))
        if v.high is not None:
            found.append(Relation(me, "<" if v.high_open else "<=", v.high))
    return found


class _Target:
    """Goals, conditions and edges (where a condition is tight or a kink bends) of a claim, evaluated in mpmath."""

    def __init__(self, claim: Claim) -> None:
        self.claim, self.variables = claim, claim.variables
        self.conditions = (*_domain(claim.variables), *claim.conditions)
        sides = [side for r in (*claim.goals, *claim.conditions) for side in (r.lhs, r.rhs)]
        kinks = [kink for side in sides for node in postorder(side) for kink in _kinks(node)]
        self.edges = [*dict.fromkeys([*(c.gap for c in claim.conditions), *kinks])]
        self.ends = {
            v.name: tuple(end if end is None else _number(end) for end in (v.low, v.high)) for v in self.variables
        }

    def broken(self, point: Point, digits: int = DIGITS) -> Relation | None:
        """A condition that the point does not satisfy, exactly or clear of the edge."""
        for relation in self.conditions:
            try:
                if not _satisfied(relation.op, _clear_sign(relation, point, digits)[0]):
                    return relation
            except (Undefined, Unclear, OverflowError):
                return relation
        return None

    def gap(self, point: Point) -> float | Violation | None:
        """The least relative gap of the goals that are not equalities, a violation (seen twice), or None outside."""
        if any(v.integer and point[v.name].denominator != 1 for v in self.variables) or self.broken(point):
            return None
        found = self._goals(point, DIGITS)
        if isinstance(found, Violation) and (self.broken(point, MORE) or self._goals(point, MORE) != found):
            return 0.0
        return found

    def _goals(self, point: Point, digits: int) -> float | Violation:
        least = 1.0
        for goal in self.claim.goals:
            try:
                sign, relative = _clear_sign(goal, point, digits)
            except Undefined as part:
                return Violation(point, f"{part} is undefined", undefined=True)
            except (Unclear, OverflowError):
                continue
            if not _satisfied(goal.op, sign):
                return Violation(point, f"{goal} is false", certain=confirmed(self.claim, point) is True)
            least = min(least, relative or 1.0)
        return least


def _kinks(node: Expr) -> list[Expr]:
    if node.head == "abs":
        return [node.args[0]]
    if node.head in ("min", "max"):
        return [Expr("-", (node.args[0], other)) for other in node.args[1:]]
    return []


def _clear_sign(relation: Relation, point: Point, digits: int) -> tuple[int, float]:
    """The sign of the gap and its size against the two sides; `Unclear` if rounding could have made it.

    At the first precision a gap near 0 must be the same at more digits. At a higher one it must be larger than half of
    the digits of max(1, both sides), because 1 − 1/(1 + t) is 0 at any precision for t small enough.
    """
    with mpmath.workdps(digits):
        gap, size = _gap(relation, point)
        if isinstance(gap, Fraction):
            return (gap > 0) - (gap < 0), float(gap / size) if size else 0.0
        if not mpmath.isfinite(gap):
            raise Unclear
        relative = float(gap / size) if size else 0.0
        if digits > DIGITS and abs(gap) < mpmath.mpf(10) ** (-digits // 2) * max(1, size):
            raise Unclear
    if digits == DIGITS and abs(relative) < 1e-6:
        with mpmath.workdps(2 * digits + 20):
            again, _ = _gap(relation, point)
            if not again or abs(gap - again) > abs(again) / 10**6:
                raise Unclear
            gap = again
    return (1 if gap > 0 else -1), relative


def _gap(relation: Relation, point: Point) -> tuple[Any, Any]:
    """rhs − lhs and |rhs| + |lhs|."""
    a, b = value(relation.lhs, point, MPMATH), value(relation.rhs, point, MPMATH)
    if not (isinstance(a, Fraction) and isinstance(b, Fraction)):
        a, b = (MPMATH.lift(x) if isinstance(x, Fraction) else x for x in (a, b))
    return b - a, abs(a) + abs(b)


def _number(end: Expr) -> Fraction:
    found = value(end, {}, MPMATH)
    return found if isinstance(found, Fraction) else Fraction(mpmath.nstr(found, 20))


# --- points -------------------------------------------------------------------------------------------------------


def _points(target: _Target, generator: random.Random, most: int) -> Iterator[dict[str, Fraction]]:
    """Random points over many scales; every second one is moved onto or next to an edge, or to an end."""
    if not target.variables:
        yield {}
        return
    for k in range(most):
        point = {v.name: _coordinate(v, target.ends[v.name], generator) for v in target.variables}
        _repair(target, point, generator)
        if k % 2:
            yield from _moved(target, point, generator)
        else:
            yield point


def _repair(target: _Target, point: dict[str, Fraction], generator: random.Random) -> None:
    """Draw a variable of a broken condition again, a few times, until none is broken."""
    if not target.claim.conditions:
        return
    for _ in range(REPAIRS):
        broken = target.broken(point)
        if broken is None:
            return
        name = generator.choice((*names(broken.lhs), *names(broken.rhs)))
        v = next(v for v in target.variables if v.name == name)
        point[name] = _coordinate(v, target.ends[name], generator)


def _coordinate(v: Variable, ends: tuple[Fraction | None, ...], generator: random.Random) -> Fraction:
    low, high = ends
    if generator.random() < 0.15:
        x = generator.choice([*(end for end in ends if end is not None), *SIMPLE])
        if (low is None or low < x or (low == x and not v.low_open)) and (
            high is None or x < high or (x == high and not v.high_open)
        ):
            return x
    if low is not None and high is not None:
        share = generator.random() if generator.random() < 0.6 else 10 ** -generator.uniform(0, 9)
        near, far = (low, high) if generator.random() < 0.5 else (high, low)
        x = near + (far - near) * _short(share)
    else:
        spread = 1 if generator.random() < 0.7 else 5
        step = _short(10 ** generator.uniform(-spread, spread / 1.5))
        sign = generator.choice((1, -1))
        x = low + step if low is not None else high - step if high is not None else sign * step
    return Fraction(round(x)) if v.integer else x


def _short(x: float) -> Fraction:
    return Fraction(f"{x:.4g}")


def _moved(target: _Target, point: dict[str, Fraction], generator: random.Random) -> Iterator[dict[str, Fraction]]:
    """The point moved along one real variable onto an edge, and a little to both sides of it."""
    free = [v for v in target.variables if not v.integer]
    if not free or not target.edges:
        yield point
        return
    edge, v = generator.choice(target.edges), generator.choice(free)
    other = _coordinate(v, target.ends[v.name], generator)
    place = _root(edge, point, v.name, other)
    if place is None:
        yield point
        return
    small = _short(10 ** -generator.uniform(1, 9)) * max(abs(place), Fraction(1, 100))
    for x in (place, place - small, place + small):
        yield {**point, v.name: x}


def _root(edge: Expr, point: dict[str, Fraction], name: str, other: Fraction) -> Fraction | None:
    """A zero of the edge along a variable: one secant step where it is linear, else bisection to about 1e-12."""

    def at(x: Fraction) -> Any:
        return value(edge, {**point, name: x}, MPMATH)

    try:
        a, b = point[name], other
        low, high = at(a), at(b)
        if all(isinstance(y, Fraction) for y in (low, high)) and low != high:
            x = a - low * (b - a) / (high - low)
            if at(x) == 0:
                return x
        if (low > 0) == (high > 0):
            return None
        for _ in range(40):
            middle = (a + b) / 2
            (a, b) = (middle, b) if (at(middle) > 0) == (low > 0) else (a, middle)
        return Fraction(f"{float(b):.12g}")
    except (Undefined, Unclear, OverflowError, ValueError):
        return None


def _descend(target: _Target, gap: float, point: dict[str, Fraction], generator: random.Random) -> Violation | None:
    """Moves that make the least relative gap smaller: of one variable onto an edge, or of one or all by any step."""
    for _ in range(ROUNDS if target.variables else 0):
        if generator.random() < 0.5:
            trial = next(iter(_moved(target, point, generator)))
        else:
            one = generator.random() < 0.7
            moving = [generator.choice(target.variables)] if one else target.variables
            trial = point | {v.name: _stepped(point[v.name], v.integer, generator) for v in moving}
        found = target.gap(trial)
        if isinstance(found, Violation):
            return found
        if found is not None and found < gap:
            gap, point = found, trial
    return None


def _stepped(x: Fraction, integer: bool, generator: random.Random) -> Fraction:
    if integer:
        return x + generator.choice((-1, 1))
    step = generator.gauss(0, 1) * 10 ** generator.uniform(-6, 0)
    return Fraction(f"{float(x + Fraction(f'{step:.3g}') * max(abs(x), Fraction(1, 10))):.12g}")
