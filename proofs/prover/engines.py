"""The engines in the order in which they are tried, and the ways to split a goal into easier ones.

Exact algebra, a small cover, derivatives from a touching point, the polynomial form over atoms, cases at kinks,
integers as a checked prefix and a real tail; at the very end a large cover. Budgets are boxes and bits.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from flint import ctx

from ...symbolic.tree import Expr, number, postorder, substitute
from . import definedness, smt
from .algebra import Candidate, candidates, rewrite
from .algebra import decide as decide_polynomial
from .cover import cover_step
from .functions import derivative
from .ladder import recognise, touching
from .language import Relation, Variable
from .normal import Normaliser, TooLarge
from .problem import (
    Clock,
    Problem,
    at,
    constant_sign,
    domain_of,
    feasible,
    inner_points,
    relation_at,
)
from .refute import Target, float_ends, minimiser
from .step import Step

SMALL, LARGE, CASES, PREFIX = 300, 20_000, 4, (2, 8, 32)


def large(problem: Problem, clock: Clock) -> Step | None:
    """The last engine: a cover with many boxes, at two precisions."""
    if problem.op == "==":
        return None
    for bits in (64, 192):
        step = cover_step(problem, candidates(problem), LARGE, clock, bits)
        if step:
            return step
    return None


def engines(problem: Problem, clock: Clock, depth: int = CASES) -> Step | None:
    """The engines in order; a step for the goal, or None."""
    clock.check()
    real = relaxed(problem, clock)
    for version in (problem,) if real == problem else (problem, real):
        with ctx.workprec(64):
            for item in rewrite(version):
                step = decide_polynomial(item, version)
                if step:
                    return step
    if problem.op == "==":
        return _constant(problem) or _cases(problem, clock, depth) or _squeeze(problem, clock, depth)
    step = cover_step(problem, candidates(problem), SMALL, clock) or _touching(real, clock) or smt.prove(real, clock)
    if step:
        return step
    return _cases(problem, clock, depth) or (_integers(problem, clock) if depth == CASES else None)


def relaxed(problem: Problem, clock: Clock) -> Problem:
    """The problem for real variables, if every part of it is defined there too; otherwise as it is."""
    if not any(v.integer for v in problem.variables):
        return problem
    real = replace(problem, variables=tuple(replace(v, integer=False) for v in problem.variables))
    goal = Relation(number(0), "<=", real.gap)
    found = definedness.check(real.variables, real.conditions, (goal,), engines, clock)
    return problem if isinstance(found, definedness.Undefined) else real


def _squeeze(problem: Problem, clock: Clock, depth: int) -> Step | None:
    """An identity with kinks or steps as two inequalities."""
    if not any(n.head in ("abs", "min", "max", "floor", "ceil") for n in postorder(problem.gap)):
        return None
    sides = [problem.gap, Expr("neg", (problem.gap,))]
    parts = [smt.prove(problem.with_gap(side, ">="), clock) for side in sides]
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


def _inverted(problem: Problem) -> Problem | None:
    """x = 1/y for a variable on [a, ∞) with a > 0, so that infinity becomes the open end y = 0."""
    v = problem.variables[0]
    if v.high is not None or v.low is None or constant_sign(v.low, 128) != 1:
        return None
    y = Expr("/", (number(1), Expr("variable", (v.name,))))
    flipped = Variable(v.name, number(0), Expr("/", (number(1), v.low)), True, v.low_open)
    gap = substitute(problem.gap, {v.name: y})
    return Problem((flipped,), (), gap, problem.op)


def _touching(problem: Problem, clock: Clock) -> Step | None:
    if len(problem.variables) != 1 or problem.variables[0].integer or problem.conditions or problem.op == "==":
        return None
    goal = Relation(number(0), "<=" if problem.op == ">=" else "<", problem.gap)
    low, high = float_ends(problem.variables[0])
    near = minimiser(Target(problem.variables, (), goal), clock)
    places = [c for x in near for c in recognise(x) if low < x < high]
    step = touching(problem, list(dict.fromkeys(places)), clock)
    flipped = None if step else _inverted(problem)
    if flipped is None:
        return step
    with ctx.workprec(64):
        forms = [item.candidate for item in rewrite(flipped)]
    for chosen in [*forms, Candidate(flipped.gap, "same")]:
        step = touching(flipped.with_gap(chosen.expr, problem.op), [], clock)
        if step:
            step = step if chosen.how == "same" else Step("rewritten", flipped, {"candidate": chosen}, (step,))
            return Step("inverse", problem, {}, (step,))
    return None


def _cases(problem: Problem, clock: Clock, depth: int) -> Step | None:
    """Replace the first abs, min or max by its branches under the condition that selects each."""
    if depth == 0:
        return None
    formulas = [problem.gap]
    kink = next((n for f in formulas for n in postorder(f) if n.head in ("abs", "min", "max")), None)
    if kink is None:
        return None
    if kink.head == "abs":
        u = kink.args[0]
        branches = [(u, Relation(number(0), "<=", u)), (Expr("neg", (u,)), Relation(u, "<=", number(0)))]
    else:
        a, b = kink.args[0], kink.args[1]
        rest = kink.args[2:]
        branches = []
        for kept, other in ((a, b), (b, a)):
            low, high = (other, kept) if kink.head == "max" else (kept, other)
            value = kept if not rest else Expr(kink.head, (kept, *rest))
            branches.append((value, Relation(low, "<=", high)))
    parts = []
    for value, condition in branches:
        case = _with_condition(problem, condition)
        if case is None:
            parts.append(Step("nothing left", replace(problem, conditions=(*problem.conditions, condition))))
            continue
        part = engines(replace(case, gap=_swap(problem.gap, kink, value)), clock, depth - 1)
        if part is None:
            return None
        parts.append(part)
    return Step("cases", problem, {"kink": kink}, tuple(parts))


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
    from .problem import solve

    for i, v in enumerate(problem.variables):
        bound = solve(condition.gap, v.name)
        if bound is None or any(node.head == "variable" for node in postorder(bound)):
            continue
        rate = constant_sign(Expr("-", tuple(substitute(condition.gap, {v.name: number(k)}) for k in (1, 0))))
        if rate not in (1, -1):
            continue
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


def _integers(problem: Problem, clock: Clock) -> Step | None:
    """One integer variable with a whole lower end: check a prefix number by number and prove the tail for reals."""
    v = next((v for v in problem.variables if v.integer and v.low is not None and v.high is None), None)
    if v is None:
        return None
    with ctx.workprec(64):
        first = domain_of(v).lo.unique_fmpz()
    if first is None:
        return None
    for length in PREFIX:
        start = int(first) + length
        tail = replace(v, low=number(start), low_open=False)
        rest = relaxed(replace(problem, variables=tuple(tail if w is v else w for w in problem.variables)), clock)
        part = None if any(w.integer for w in rest.variables) else engines(rest, clock, 0)
        if part is None:
            continue
        parts = [part]
        for k in range(int(first), start):
            swap = {v.name: number(k)}
            others = tuple(w for w in problem.variables if w is not v)
            conditions = tuple(
                Relation(substitute(c.lhs, swap), c.op, substitute(c.rhs, swap)) for c in problem.conditions
            )
            single = Problem(others, conditions, substitute(problem.gap, swap), problem.op)
            one = engines(single, clock, 1) if others else closed(single)
            if one is None:
                return None
            parts.append(one)
        return Step("prefix and tail", problem, {"name": v.name, "first": int(first), "start": start}, tuple(parts))
    return None


def closed(problem: Problem, most: int = 1024) -> Step | None:
    """A step for a goal without variables, by the sign of its gap or a condition that is false."""
    wanted = {">=": (0, 1), ">": (1,), "==": (0,)}[problem.op]
    if constant_sign(problem.gap, most) in wanted or any(relation_at(c, {}) is False for c in problem.conditions):
        return Step("number", problem)
    return None
