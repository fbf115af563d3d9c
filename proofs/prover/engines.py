"""The engines in the order in which they are tried, and the ways to split a goal into easier ones.

Exact algebra, one period of waves, sums of squares for polynomials, convexity, certificates (later in one variable,
where derivatives reach further), a symmetry that takes one variable away, a small cover with Taylor's formula near
zeros of the gap, one without, an angle whose cosine makes arcs and roots smooth, derivatives from a touching point or a
few moves of variables, cases at kinks, pieces, more boxes near zeros, z3, larger certificates, many moves, integers as
a checked prefix and a real tail; at the very end a large cover. Budgets are boxes, steps and bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from flint import ctx

from ...symbolic.tree import Expr, names, number, postorder
from . import products, smt, squares
from .algebra import candidates, rewrite
from .algebra import decide as decide_polynomial
from .arcs import arc
from .cover import cover_step, quick
from .definedness import defined_on_box
from .functions import derivative
from .integers import easier, points_of, prefix
from .jensen import jensen
from .language import Relation
from .near import near_step
from .normal import Normaliser, TooLarge
from .period import period
from .problem import (
    Clock,
    Problem,
    at,
    constant_sign,
    feasible,
    inner_points,
    linear,
)
from .reduce import closed, reduce
from .step import Easier, Step
from .stirling import stirling
from .support import support
from .symmetry import slices
from .touch import cut, touch

SMALL, LARGE, CASES = 300, 20_000, 4
FEW_PLACES, MANY_PLACES = (120, 250, 60), (0, 3000, 0)
FEW, MANY = 6, 80
ALGEBRAIC = {"number", "constant", "variable", "neg", "+", "-", "*", "/", "**", "sqrt", "abs", "min", "max"}


def large(problem: Problem, clock: Clock) -> Step | None:
    """The last engine: a cover with many boxes, at two precisions."""
    if problem.op == "==":
        return None
    step = products.prove(problem, clock, products.LAST)
    for bits in () if step else (64, 192):
        step = cover_step(problem, candidates(problem), LARGE, clock, bits)
        if step:
            return step
    return step


def exact(problem: Problem) -> Step | None:
    """The first engine alone: the goal, or a formula that implies it, decided as a polynomial over its atoms."""
    with ctx.workprec(64):
        steps = (decide_polynomial(item, problem) for item in rewrite(problem))
        return next((step for step in steps if step), None)


def engines(problem: Problem, clock: Clock, depth: int = CASES) -> Step | None:
    """The engines in order; a step for the goal, or None."""
    clock.check()
    step = exact(problem)
    found = None if step else easier(problem)
    if found is not None:
        step = _each(problem, found, lambda p: engines(p, clock, depth))
    repeated = None if step else period(problem)
    if repeated is not None:
        step = _each(problem, repeated, lambda p: engines(p, clock, depth) or large(p, clock))
    if step or (found is not None and found.rule == "tightened"):
        return step
    if problem.op == "==":
        return (
            _constant(problem)
            or _arcs(problem, clock, depth)
            or _cases(problem, clock, depth, engines)
            or _squeeze(problem, clock, depth)
        )
    several = len(problem.variables) > 1
    step = (
        (squares.prove(problem, clock, squares.FIRST) if several and _algebraic(problem) else None)
        or _convex(problem, clock)
        or products.prove(problem, clock, products.QUICK if several else ())
        or (_polynomial(problem, clock) if several and _algebraic(problem) else None)
        or (_slices(problem, clock, depth) if several else None)
        or _near(problem, FEW_PLACES, clock)
        or cover_step(problem, candidates(problem), SMALL + 2 * points_of(problem), clock)
        or _arcs(problem, clock, depth)
        or _factorials(problem, clock, depth)
        or _over_reals(problem, clock, lambda p: touch(p, clock) or (reduce(p, clock, FEW) if several else None))
        or _cases(problem, clock, depth, engines)
        or products.prove(problem, clock, () if several else products.QUICK)
        or _over_reals(problem, clock, lambda p: cut(p, clock))
        or (_near(problem, MANY_PLACES, clock) if several else None)
        or squares.prove(problem, clock, squares.FIRST)
        or smt.prove(problem, clock)
        or products.prove(problem, clock, products.DEEP)
        or _over_reals(problem, clock, lambda p: reduce(p, clock, MANY))
    )
    if step or depth < CASES:
        return step
    return prefix(
        problem, clock, lambda p: engines(p, clock, CASES if p.integers else 1), lambda p: engines(p, clock, 0)
    )


def _each(problem: Problem, found: Easier, prove: Callable[[Problem], Step | None]) -> Step | None:
    """A step from steps for problems that together imply one."""
    parts = []
    for smaller in found.problems:
        part = prove(smaller)
        if part is None:
            return None
        parts.append(part)
    return Step(found.rule, problem, found.data, tuple(parts))


def _slices(problem: Problem, clock: Clock, depth: int) -> Step | None:
    """The goal with one variable less, if a symmetry allows to fix its value."""
    found = slices(problem)
    return _each(problem, found, lambda p: engines(p, clock, depth) or large(p, clock)) if found else None


def _arcs(problem: Problem, clock: Clock, depth: int) -> Step | None:
    """The goal for x = m + r·cos(k·t), where arcs and roots are smooth."""
    found = arc(problem)
    return _each(problem, found, lambda p: engines(p, clock, depth)) if found else None


def _convex(problem: Problem, clock: Clock) -> Step | None:
    """Jensen's inequality, planes below convex goals, corners of concave ones."""

    def prove(corner: Problem) -> Step | None:
        return (support(corner, clock, prove) or quick(corner, clock)) if corner.variables else closed(corner)

    return jensen(problem) or support(problem, clock, prove)


def _factorials(problem: Problem, clock: Clock, depth: int) -> Step | None:
    """By bounds of log Γ; for an integer from some number on, before which numbers are checked one by one."""
    step = stirling(problem, lambda p: engines(p, clock, min(depth, 1)))
    if step or depth < CASES or len(problem.variables) > 1:
        return step

    def elementary(p: Problem) -> Step | None:
        return exact(p) or quick(p, clock) or touch(p, clock)

    return prefix(problem, clock, closed, lambda p: quick(p, clock) or stirling(p, elementary))


def _near(problem: Problem, most: tuple[int, int, int], clock: Clock) -> Step | None:
    """A cover with places: so many boxes for one variable, for several on a bounded domain, and beyond."""
    unbounded = any(v.low is None or v.high is None for v in problem.variables)
    boxes = most[0] if len(problem.variables) == 1 else most[1 + unbounded]
    return near_step(problem, candidates(problem), boxes, clock) if boxes else None


def _algebraic(problem: Problem) -> bool:
    """Whether goal and conditions have no functions but roots, absolute values, minima and maxima."""
    formulas = [problem.gap, *(side for c in problem.conditions for side in (c.lhs, c.rhs))]
    return all(n.head in ALGEBRAIC for f in formulas for n in postorder(f))


def _polynomial(problem: Problem, clock: Clock) -> Step | None:
    """The engines whose home is polynomials: they cost least there, and what they leave open takes long elsewhere."""
    return (
        products.prove(problem, clock, products.DEEP)
        or squares.prove(problem, clock, squares.LATER)
        or _cases(problem, clock, CASES, _certified)
        or smt.prove(problem, clock)
    )


def _certified(problem: Problem, clock: Clock, depth: int) -> Step | None:
    """A goal of few kinks by certificates of its cases: z3 would take as long, and leave nothing to re-check."""
    return (
        exact(problem)
        or products.prove(problem, clock, products.QUICK)
        or squares.prove(problem, clock, squares.FIRST)
        or (products.prove(problem, clock, products.DEEP) if _kink(problem) is None else None)
        or _cases(problem, clock, depth, _certified)
    )


def _over_reals(problem: Problem, clock: Clock, prove: Callable[[Problem], Step | None]) -> Step | None:
    """An engine that needs continuity, for real values of integers too, if all is defined there."""
    if not any(v.integer for v in problem.variables):
        return prove(problem)
    found = relaxed(problem, clock)
    if found is None:
        return None
    real, guards = found
    step = exact(real) or prove(real) or products.prove(real, clock, products.QUICK)
    return Step("real", problem, {}, (step, *guards)) if step else None


def relaxed(problem: Problem, clock: Clock) -> tuple[Problem, tuple[Step, ...]] | None:
    """The problem for real variables, and steps for its guards there; None if it may be undefined somewhere."""
    real = replace(problem, variables=tuple(replace(v, integer=False) for v in problem.variables))
    guards = defined_on_box(real, lambda p: quick(p, clock))
    return None if guards is None else (real, guards)


def _squeeze(problem: Problem, clock: Clock, depth: int) -> Step | None:
    """An identity with kinks or steps, or under an equation, as two inequalities."""
    kinks = any(n.head in ("abs", "min", "max", "floor", "ceil") for n in postorder(problem.gap))
    if not kinks and all(c.op != "==" for c in problem.conditions):
        return None
    sides = [problem.gap, Expr("neg", (problem.gap,))]
    parts = [
        _certified(problem.with_gap(side, ">="), clock, CASES)
        or products.prove(problem.with_gap(side, ">="), clock, products.DEEP)
        or smt.prove(problem.with_gap(side, ">="), clock)
        for side in sides
    ]
    return Step("both ways", problem, {}, (parts[0], parts[1])) if parts[0] and parts[1] else None


def _constant(problem: Problem) -> Step | None:
    """An identity in one real variable on an interval: the derivative is identically zero, and so is one value."""
    if len(problem.variables) != 1 or problem.conditions or problem.variables[0].integer:
        return None
    name = problem.variables[0].name
    try:
        rate = derivative(problem.gap, name)
        if rate is None or Normaliser(problem.signs()).form(rate).top:
            return None
    except TooLarge:
        return None
    for x in (Fraction(1), Fraction(0), *inner_points(problem.variables[0], 5)):
        inside = feasible(problem.variables, (), {name: x})
        if inside and constant_sign(at(problem.gap, {name: x})) == 0:
            return Step("derivative zero", problem, {"point": x})
    return None


def _cases(
    problem: Problem, clock: Clock, depth: int, prove: Callable[[Problem, Clock, int], Step | None]
) -> Step | None:
    """Replace the first abs, min or max by its branches under the conditions that select each."""
    kink = _kink(problem)
    if depth == 0 or kink is None:
        return None
    parts = []
    for value, conditions in _branches(kink):
        case = _with_condition(problem, conditions[0]) if len(conditions) == 1 else _with_all(problem, conditions)
        if case is None:
            parts.append(Step("nothing left", replace(problem, conditions=(*problem.conditions, *conditions))))
            continue
        part = prove(replace(case, gap=_swap(problem.gap, kink, value)), clock, depth - 1)
        if part is None:
            return None
        parts.append(part)
    return Step("cases", problem, {"kink": kink}, tuple(parts))


def _kink(problem: Problem) -> Expr | None:
    """The first absolute value, minimum or maximum of the goal."""
    return next((n for n in postorder(problem.gap) if n.head in ("abs", "min", "max")), None)


def _branches(kink: Expr) -> list[tuple[Expr, list[Relation]]]:
    """The values of a kink, each with when it is taken: an argument of max where no other one is larger."""
    if kink.head == "abs":
        u = kink.args[0]
        return [(u, [Relation(number(0), "<=", u)]), (Expr("neg", (u,)), [Relation(u, "<=", number(0))])]
    found = []
    for i, kept in enumerate(kink.args):
        others = (*kink.args[:i], *kink.args[i + 1 :])
        pairs = [(other, kept) if kink.head == "max" else (kept, other) for other in others]
        found.append((kept, [Relation(low, "<=", high) for low, high in pairs]))
    return found


def _with_all(problem: Problem, conditions: list[Relation]) -> Problem:
    return replace(problem, conditions=(*problem.conditions, *conditions))


def _swap(expr: Expr, old: Expr, new: Expr) -> Expr:
    from ...symbolic.tree import fold

    def rule(node: Expr, args: list[Expr]) -> Expr:
        if node == old:
            return new
        return Expr(node.head, tuple(args)) if args else node

    result: Expr = fold(expr, rule)
    return result


def _with_condition(problem: Problem, condition: Relation) -> Problem | None:
    """The problem under one more condition, as a smaller domain if it bounds one variable; None if nothing is left."""
    for i, v in enumerate(problem.variables):
        found = linear(condition.gap, v.name, {})
        if found is None or names(found[1]):
            continue
        rate, bound = 1 if found[0] > 0 else -1, found[1]
        old = v.low if rate == 1 else v.high
        if old is not None:
            tighter = constant_sign(Expr("-", (bound, old)))
            if tighter is None:
                break
            if tighter * rate <= 0:
                return problem
        smaller = replace(v, low=bound, low_open=False) if rate == 1 else replace(v, high=bound, high_open=False)
        if smaller.low is not None and smaller.high is not None:
            width = constant_sign(Expr("-", (smaller.high, smaller.low)))
            if width == -1 or (width == 0 and (smaller.low_open or smaller.high_open)):
                return None
        variables = (*problem.variables[:i], smaller, *problem.variables[i + 1 :])
        return replace(problem, variables=variables)
    return replace(problem, conditions=(*problem.conditions, condition))
