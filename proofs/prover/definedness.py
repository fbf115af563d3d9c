"""Definedness comes first: every division, logarithm, root and inverse function must be defined on the whole domain.

Each operation that can fail puts a condition on a *guard*: 1/g, g**−k need g ≠ 0, tan(a) needs cos(a) ≠ 0, log, gamma
and general powers need g > 0, roots g ≥ 0, asin and acos 1 − g² ≥ 0, lambertw e·g + 1 ≥ 0. Guards are proved inside
out by the same engines as claims, so an engine may take for granted that everything below its formula is defined.
An open end of a domain does not belong to it: log(x) on x > 0 is defined, on x ≥ 0 it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ...symbolic.tree import Expr, names, number, postorder, to_fraction, to_text
from .language import Relation, Variable
from .points import points
from .problem import Clock, Point, Problem, at, constant_sign, feasible
from .refute import Target
from .step import Step

NONZERO, POSITIVE, NONNEGATIVE = "must not be 0", "must be > 0", "must be >= 0"


class Guard(NamedTuple):
    """``expr`` must satisfy ``kind`` for ``node`` to be defined."""

    node: Expr
    expr: Expr
    kind: str


@dataclass(frozen=True)
class Undefined:
    """A part that is undefined (``certain``), or could not be shown to be defined, and a point."""

    node: Expr
    kind: str
    point: dict[str, Fraction] | None
    certain: bool
    near: bool = False


def guards(expr: Expr) -> Iterator[Guard]:
    """The guards of a formula, inner ones first.

    >>> from attain.symbolic.expression import parse
    >>> [to_text(g.expr) for g in guards(parse("log(1/x)"))]
    ['x', '1/x']
    """
    for node in postorder(expr):
        head, args = node.head, node.args
        if head == "/":
            yield Guard(node, args[1], NONZERO)
        elif head == "tan":
            yield Guard(node, Expr("cos", args), NONZERO)
        elif head in ("log", "gamma", "loggamma"):
            yield Guard(node, args[0], POSITIVE)
        elif head == "sqrt":
            yield Guard(node, args[0], NONNEGATIVE)
        elif head in ("asin", "acos"):
            yield Guard(node, Expr("-", (number(1), Expr("**", (args[0], number(2))))), NONNEGATIVE)
        elif head == "lambertw":
            scaled = Expr("*", (Expr("constant", ("e",)), args[0]))
            yield Guard(node, Expr("+", (scaled, number(1))), NONNEGATIVE)
        elif head == "**":
            yield from _power_guard(node)


def _power_guard(node: Expr) -> Iterator[Guard]:
    base, exponent = node.args[0], to_fraction(node.args[1])
    if exponent is None:
        yield Guard(node, base, POSITIVE)
    elif exponent.denominator == 1:
        if exponent < 0:
            yield Guard(node, base, NONZERO)
    else:
        yield Guard(node, base, POSITIVE if exponent < 0 else NONNEGATIVE)


Prove = Callable[[Problem, Clock], Step | None]


def check(
    variables: tuple[Variable, ...],
    conditions: tuple[Relation, ...],
    goals: tuple[Relation, ...],
    prove: Prove,
    clock: Clock,
) -> Undefined | tuple[Step, ...]:
    """Steps, one for every guard, if every part of the conditions and goals is defined; otherwise what is not.

    A condition may rely on the domains and on other conditions that were shown to be defined before it.
    """
    settled: tuple[Relation, ...] = ()
    steps: tuple[Step, ...] = ()
    waiting = list(conditions)
    while waiting:
        failures, before = [], len(waiting)
        for relation in list(waiting):
            found = _first(variables, settled, (relation,), prove, clock)
            if isinstance(found, Undefined):
                failures.append(found)
            else:
                settled, steps = (*settled, relation), (*steps, *found)
                waiting.remove(relation)
        if failures and len(waiting) == before:
            return failures[0]
    last = _first(variables, settled, goals, prove, clock)
    return last if isinstance(last, Undefined) else (*steps, *last)


def _first(
    variables: tuple[Variable, ...],
    conditions: tuple[Relation, ...],
    relations: tuple[Relation, ...],
    prove: Prove,
    clock: Clock,
) -> Undefined | tuple[Step, ...]:
    steps: list[Step] = []
    seen: set[tuple[Expr, str]] = set()
    for relation in relations:
        for side in (relation.lhs, relation.rhs):
            for guard in guards(side):
                if (guard.expr, guard.kind) in seen:
                    continue
                seen.add((guard.expr, guard.kind))
                found = _guard(variables, conditions, guard, prove, clock)
                if isinstance(found, Undefined):
                    return found
                steps.append(found)
    return tuple(steps)


def _guard(
    variables: tuple[Variable, ...], conditions: tuple[Relation, ...], guard: Guard, prove: Prove, clock: Clock
) -> Undefined | Step:
    if not names(guard.expr):
        sign = constant_sign(guard.expr)
        if sign is None:
            return Undefined(guard.node, guard.kind, None, False)
        if _violated(sign, guard.kind):
            return Undefined(guard.node, guard.kind, {}, True)
        gap = guard.expr if sign >= 0 else Expr("neg", (guard.expr,))
        return Step("number", Problem(variables, conditions, gap, ">" if sign else ">="))
    quick = 40
    seen: dict[int, Point] = {}
    for k, point in enumerate(points(variables, quick)):
        clock.check()
        if k >= quick + 20:
            break
        if not feasible(variables, conditions, point):
            continue
        sign = constant_sign(at(guard.expr, point), 256)
        if sign is not None and _violated(sign, guard.kind):
            return Undefined(guard.node, guard.kind, dict(point), True)
        if sign:
            seen[sign] = point
    if len(seen) == 2 and guard.kind == NONZERO and not conditions and not any(v.integer for v in variables):
        return _crossing(guard, seen[1], seen[-1])
    step = _prove_guard(Problem(variables, conditions, guard.expr, ">="), guard.kind, seen, prove, clock)
    if step is not None:
        return step
    return Undefined(guard.node, guard.kind, _dangerous(variables, conditions, guard, clock), False)


Known = frozenset[tuple[Expr, str]]


def known(*formulas: Expr) -> Known:
    """The guards of formulas that are defined, with what they imply."""
    weaker = {POSITIVE: (POSITIVE, NONNEGATIVE, NONZERO), NONNEGATIVE: (NONNEGATIVE,), NONZERO: (NONZERO,)}
    return frozenset((g.expr, kind) for formula in formulas for g in guards(formula) for kind in weaker[g.kind])


def defined(
    problem: Problem, given: Known, prove: Callable[[Problem], Step | None], formula: Expr | None = None
) -> tuple[Step, ...] | None:
    """Steps for the guards of a formula (the gap) on the domain of a problem, but for given ones; None if one fails."""
    steps = []
    for guard in guards(problem.gap if formula is None else formula):
        if (guard.expr, guard.kind) in given:
            continue
        step = prove(problem.with_gap(guard.expr, ">=" if guard.kind == NONNEGATIVE else ">"))
        if step is None and guard.kind == NONZERO:
            step = prove(problem.with_gap(Expr("neg", (guard.expr,)), ">"))
        if step is None:
            return None
        given = given | {(guard.expr, guard.kind)}
        steps.append(step)
    return tuple(steps)


def defined_on_box(problem: Problem, prove: Callable[[Problem], Step | None]) -> tuple[Step, ...] | None:
    """Steps for the guards of the gap, and of the conditions on the box alone; None if one fails.

    On more points than those of a claim (real values of integers, fewer conditions) nothing is known to be defined.
    """
    bare, steps = Problem(problem.variables, (), problem.gap, problem.op), defined(problem, frozenset(), prove)
    for c in problem.conditions:
        more = defined(bare, frozenset(), prove, c.gap)
        if steps is None or more is None:
            return None
        steps += more
    return steps


def _violated(sign: int, kind: str) -> bool:
    return sign == 0 if kind == NONZERO else sign <= 0 if kind == POSITIVE else sign < 0


def _prove_guard(problem: Problem, kind: str, seen: dict[int, Point], prove: Prove, clock: Clock) -> Step | None:
    if kind == NONNEGATIVE:
        return prove(problem, clock)
    if kind == NONZERO and len(seen) == 2:
        return prove(problem.with_gap(Expr("**", (problem.gap, number(2))), ">"), clock)
    if kind == POSITIVE or -1 not in seen:
        return prove(problem.with_gap(problem.gap, ">"), clock)
    return prove(problem.with_gap(Expr("neg", (problem.gap,)), ">"), clock)


def _dangerous(
    variables: tuple[Variable, ...], conditions: tuple[Relation, ...], guard: Guard, clock: Clock
) -> dict[str, Fraction] | None:
    """The feasible sample where the guard comes closest to failing, for the message."""
    goal = Relation(number(0), "<=", guard.expr)
    target = Target(variables, conditions, goal)
    scored = [(target.value(target.gap, p), k, p) for k, p in enumerate(points(variables, 60))]
    close = sorted((abs(v), k, p) for v, k, p in scored if v == v)
    return close[0][2] if close else None


def _crossing(guard: Guard, positive: Point, negative: Point) -> Undefined:
    """A continuous guard that takes both signs on a convex domain vanishes in between."""
    if any(node.head in ("floor", "ceil") for node in postorder(guard.expr)):
        return Undefined(guard.node, guard.kind, None, False)
    for _ in range(50):
        middle = {n: (positive[n] + negative[n]) / 2 for n in positive}
        sign = constant_sign(at(guard.expr, middle), 256)
        if sign is None:
            break
        if sign == 0:
            return Undefined(guard.node, guard.kind, middle, True)
        positive, negative = (middle, negative) if sign > 0 else (positive, middle)
    between = {n: (positive[n] + negative[n]) / 2 for n in positive}
    short = {n: x.limit_denominator(1000) for n, x in between.items()}
    if constant_sign(at(guard.expr, short), 256) == 0:
        return Undefined(guard.node, guard.kind, short, True)
    decimals = {n: Fraction(round(x * 10**9), 10**9) for n, x in between.items()}
    return Undefined(guard.node, guard.kind, decimals, True, near=True)


def describe(found: Undefined) -> str:
    """One line that names the part and the point.

    >>> from attain.symbolic.expression import parse
    >>> describe(Undefined(parse("1/x"), NONZERO, {"x": Fraction(0)}, True))
    '1/x is undefined at x = 0'
    """
    from .decide import show_point

    text = to_text(found.node)
    text = text if len(text) <= 80 else text[:77] + "..."
    used = names(found.node)
    point = {n: x for n, x in (found.point or {}).items() if n in used}
    where = f"{' near ' if found.near else ' at '}{show_point(point)}" if point else ""
    if found.certain:
        general = found.node.head == "**" and found.kind == POSITIVE and to_fraction(found.node.args[1]) is None
        return f"{text} is undefined{where}" + (
            " (b**x is exp(x*log(b)) for an exponent x that is no number: it needs b > 0)" if general else ""
        )
    return (
        f"could not show that {text} is defined everywhere (closest sample{where}); narrow the domain"
        if where
        else (f"could not show that {text} is defined everywhere; narrow the domain")
    )
