"""What the engines work on: one goal ``gap op 0`` on a box of ranges under side conditions, and exact points of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, ctx

from ...symbolic.tree import Expr, fold, names, number, substitute, to_fraction
from . import ranges as r
from .functions import Poly, derivative
from .language import Claim, Relation, Variable
from .normal import ONE, Normaliser, Quotient, TooLarge, constant_of
from .program import Empty, compile_program
from .ranges import INF, NEG, Range

START_BITS, MOST_BITS = 64, 4096


class OutOfTime(Exception):
    """The budget of seconds is spent."""


@dataclass
class Clock:
    """A deadline in CPU seconds, which do not depend on how busy the machine is, and counters of the work done.

    ``goal`` and ``engine`` say what is being done; no goal means definedness.
    """

    seconds: float
    started: float = field(default_factory=time.process_time)
    boxes: int = 0
    bits: int = START_BITS
    goal: str = ""
    engine: str = "the proof that every part is defined"

    def check(self) -> None:
        """Raise `OutOfTime` past the deadline."""
        if self.spent > self.seconds:
            raise OutOfTime

    @property
    def spent(self) -> float:
        return time.process_time() - self.started


@dataclass(frozen=True)
class Problem:
    """``gap op 0`` (op ``>=``, ``>`` or ``==``) on the box, for the points that satisfy the conditions.

    The formulas are defined at all these points (`definedness` says so), but perhaps not on the whole box.
    """

    variables: tuple[Variable, ...]
    conditions: tuple[Relation, ...]
    gap: Expr
    op: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.variables)

    @property
    def integers(self) -> frozenset[str]:
        """The names of the integer variables."""
        return frozenset(v.name for v in self.variables if v.integer)

    def with_gap(self, gap: Expr, op: str) -> Problem:
        """Another goal under the same conditions."""
        return Problem(self.variables, self.conditions, gap, op)

    def box(self) -> list[Range]:
        """The domain, rounded outward at the present precision (inward to whole numbers for integers)."""
        return [domain_of(v) for v in self.variables]

    def signs(self) -> dict[str, int]:
        """Signs of the variables for `Normaliser`."""
        box = self.box()
        return {v.name: 1 if b.positive else 0 for v, b in zip(self.variables, box, strict=True) if b.nonnegative}


def domain_of(v: Variable) -> Range:
    """The domain of a variable as a range."""
    low = NEG if v.low is None else constant_range(v.low).lo
    high = INF if v.high is None else constant_range(v.high).hi
    found = r.make(low, high, v.low_open, v.high_open)
    return whole(found) if v.integer else found


def whole(a: Range) -> Range:
    """The hull of the integers in the range (lo > hi if there are none)."""
    lo, hi = a.lo, a.hi
    if lo.is_finite():
        up = lo.ceil()
        lo = up + 1 if a.lo_open and up == lo else up
    if hi.is_finite():
        down = hi.floor()
        hi = down - 1 if a.hi_open and down == hi else down
    return Range(lo, hi, not lo.is_finite(), not hi.is_finite())


def constant_range(expr: Expr) -> Range:
    """A constant formula as a range; raises `Empty` if it is undefined."""
    return compile_program(expr, ())(()).value


def constant_sign(expr: Expr, most: int = 1024) -> int | None:
    """−1, 0 or 1 for a constant formula: balls of growing precision, and zero only by its normal form.

    >>> from attain.symbolic.expression import parse
    >>> constant_sign(parse("exp(1) - e")), constant_sign(parse("pi - 22/7"))
    (0, -1)
    """
    value = to_fraction(expr)
    if value is not None:
        return (value > 0) - (value < 0)
    bits = START_BITS
    while bits <= most:
        with ctx.workprec(bits):
            try:
                result = compile_program(expr, ())(())
            except Empty:
                return None
            found, cut = result.value, result.cut
        if not cut and found.positive:
            return 1
        if not cut and found.negative:
            return -1
        if bits == START_BITS and not cut and _is_zero(expr):
            return 0
        bits *= 2
    return None


def _is_zero(expr: Expr) -> bool:
    try:
        return constant_of(Normaliser({}).form(expr)) == 0
    except TooLarge:
        return False


Point = Mapping[str, Fraction]
Place = Mapping[str, Fraction | Expr]


def at(expr: Expr, point: Place) -> Expr:
    """The formula with exact numbers, or formulas of numbers such as pi/2, for its variables."""
    return substitute(expr, {n: value if isinstance(value, Expr) else number(value) for n, value in point.items()})


def relation_at(relation: Relation, point: Place, most: int = 1024) -> bool | None:
    """Whether the relation holds at an exact point; None if it is undefined there or stays undecided."""
    sign = constant_sign(at(relation.gap, point), most)
    if sign is None:
        return None
    return {"<=": sign >= 0, "<": sign > 0, "==": sign == 0}[relation.op]


def domain_relations(variables: Sequence[Variable]) -> list[Relation]:
    """The domains as relations."""
    found = []
    for v in variables:
        me = Expr("variable", (v.name,))
        if v.low is not None:
            found.append(Relation(v.low, "<" if v.low_open else "<=", me))
        if v.high is not None:
            found.append(Relation(me, "<" if v.high_open else "<=", v.high))
    return found


def feasible(variables: Sequence[Variable], conditions: Sequence[Relation], point: Place) -> bool:
    """Whether an exact point certainly lies in the domain and satisfies every condition."""
    values = {v.name: point[v.name] for v in variables if v.integer}
    if any(not isinstance(x, Fraction) or x.denominator != 1 for x in values.values()):
        return False
    relations = (*domain_relations(variables), *conditions)
    return all(relation_at(relation, point, 256) is True for relation in relations)


def inner_points(v: Variable, count: int) -> list[Fraction]:
    """Short rational points inside the open domain of a variable."""
    with ctx.workprec(64):
        box = domain_of(Variable(v.name, v.low, v.high, True, True))
    found: list[Fraction] = []
    low = r.as_float(box.lo) if box.lo.is_finite() else None
    high = r.as_float(box.hi) if box.hi.is_finite() else None
    for k in range(1, count + 1):
        t = k / (count + 1)
        if low is not None and high is not None:
            x = low + (high - low) * t
        elif low is not None:
            x = low + t / (1 - t)
        elif high is not None:
            x = high - t / (1 - t)
        else:
            x = (2 * t - 1) * 4
        near = Fraction(x).limit_denominator(64)
        exact = near if (low is None or low < near) and (high is None or near < high) else Fraction(x)
        if (low is None or low < exact) and (high is None or exact < high):
            found.append(exact)
    return found


Solved = tuple[tuple[str, Expr], ...]


def eliminate(claim: Claim) -> tuple[Claim, Solved]:
    """Solve conditions ``… == …`` that are linear in a real variable for it, with its domain as new conditions.

    The second result gives the solved variables in the others, the last one first.

    >>> from .language import parse_claim
    >>> claim, solved = eliminate(parse_claim("x*y <= 1/4", ["x + y == 1", "x >= 0"]))
    >>> [v.name for v in claim.variables], solved
    (['x'], (('y', parse('1 + (-1*x)')),))
    """
    for i, relation in enumerate(claim.conditions):
        if relation.op != "==":
            continue
        for v in reversed(claim.variables):
            value = None if v.integer else solve(relation.gap, v.name)
            if value is None:
                continue
            rest = (*claim.conditions[:i], *claim.conditions[i + 1 :])
            moved = [*rest, *domain_relations([v])]
            new = tuple(_replace(c, v.name, value) for c in moved)
            goals = tuple(_replace(g, v.name, value) for g in claim.goals)
            others = tuple(o for o in claim.variables if o is not v)
            smaller, solved = eliminate(Claim(claim.text, others, new, goals, claim.name))
            return smaller, (*solved, (v.name, value))
    return claim, ()


def _replace(relation: Relation, name: str, value: Expr) -> Relation:
    swap = {name: value}
    return Relation(substitute(relation.lhs, swap), relation.op, substitute(relation.rhs, swap))


def solve(gap: Expr, name: str) -> Expr | None:
    """The solution of gap = 0 for a variable that occurs linearly with a rational coefficient."""
    if name not in names(gap) or not _plain(gap) or not _total(gap):
        return None
    n = Normaliser({})
    try:
        form = n.form(gap)
    except TooLarge:
        return None
    if set(form.bottom) != {()}:
        return None
    mine = n.ids[("var", name)]
    slope, rest = Fraction(0), {}
    for mono, c in form.top.items():
        if mono == ((mine, Fraction(1)),):
            slope = c
        elif any(i == mine or name in names(n.atoms[i].expr) for i, _ in mono):
            return None
        else:
            rest[mono] = c
    if not slope:
        return None
    value: Poly = {m: -c / slope for m, c in rest.items()}
    return n.poly_expr(value)


def linear(gap: Expr, name: str, signs: Mapping[str, int]) -> tuple[Fraction, Expr] | None:
    """The rational slope of a gap that is linear in a variable, and where it vanishes: a formula in the others.

    >>> from attain.symbolic.expression import parse
    >>> linear(parse("y - 2*x*exp(0)"), "x", {})
    (Fraction(-2, 1), parse('0.5*y'))
    """
    n = Normaliser(signs)
    try:
        form, rate = n.form(gap), derivative(gap, name)
        slope = None if rate is None else constant_of(n.form(rate))
        if not slope:
            return None
        moved = n.add(form, n.mul(Quotient(n.variable(name), ONE), Quotient({(): slope}, ONE)), -1)
        end = n.to_expr(n.mul(moved, Quotient({(): -1 / slope}, ONE)))
    except TooLarge:
        return None
    return None if name in names(end) else (slope, end)


def _total(gap: Expr) -> bool:
    """Whether a formula is certainly defined for all values of its variables."""
    used = names(gap)
    try:
        return not compile_program(gap, used)([r.ALL for _ in used]).cut
    except Empty:
        return False


def _plain(expr: Expr) -> bool:
    """Sums and products of variables and constant formulas."""

    def rule(node: Expr, parts: list[tuple[bool, bool]]) -> tuple[bool, bool]:
        constant = node.head != "variable" and all(c for c, _ in parts)
        joined = node.head in ("variable", "neg", "+", "-", "*") and all(p for _, p in parts)
        return constant, constant or joined

    return bool(fold(expr, rule)[1])


__all__ = ["Clock", "OutOfTime", "Point", "Problem", "arb", "constant_sign", "eliminate", "feasible", "relation_at"]
