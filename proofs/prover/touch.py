"""One variable: touching equality and tails."""

from __future__ import annotations

from flint import ctx

from ...symbolic.tree import Expr, number, substitute
from .algebra import Candidate, rewrite
from .ladder import between, recognise, touching
from .language import Relation, Variable
from .pieces import pieces
from .points import float_ends
from .problem import Clock, Problem, constant_sign
from .refute import Target, minimiser
from .step import Step


def touch(problem: Problem, clock: Clock) -> Step | None:
    """A step for a goal in one real variable: by derivatives from its ends and touching points."""
    return touching(problem, _met(problem, clock), clock) if _alone(problem) else None


def cut(problem: Problem, clock: Clock) -> Step | None:
    """A step for a goal in one real variable: by x = 1/y or in pieces."""
    if not _alone(problem):
        return None
    step = _reciprocal(problem, clock)
    met = [] if step else _met(problem, clock)
    return step if step or (met and problem.op == ">") else pieces(problem, met, clock)


def _alone(problem: Problem) -> bool:
    return len(problem.variables) == 1 and not problem.conditions and problem.op != "=="


def _met(problem: Problem, clock: Clock) -> list[Expr]:
    """Numbers inside at which the gap is 0."""
    clock.engine = "derivatives from touching points"
    goal = Relation(number(0), "<=" if problem.op == ">=" else "<", problem.gap)
    low, high = float_ends(problem.variables[0])
    near = minimiser(Target(problem.variables, (), goal), clock)
    places = list(dict.fromkeys(c for x in near for c in recognise(x) if low < x < high))
    return [c for c in places if between(problem.variables[0], c) and zero_at(problem, c)]


def _reciprocal(problem: Problem, clock: Clock) -> Step | None:
    """Derivatives from y = 0 for x = 1/y."""
    flipped = _inverted(problem)
    if flipped is None:
        return None
    with ctx.workprec(64):
        forms = [item.candidate for item in rewrite(flipped)]
    for chosen in [*forms, Candidate(flipped.gap, "same")]:
        step = touching(flipped.with_gap(chosen.expr, problem.op), [], clock)
        if step:
            step = step if chosen.how == "same" else Step("rewritten", flipped, {"candidate": chosen}, (step,))
            return Step("inverse", problem, {}, (step,))
    return None


def zero_at(problem: Problem, c: Expr) -> bool:
    """Whether the gap is certainly 0 at a number."""
    return constant_sign(substitute(problem.gap, {problem.variables[0].name: c}), 256) == 0


def _inverted(problem: Problem) -> Problem | None:
    """x = 1/y for a variable on [a, ∞) with a > 0, so that infinity becomes the open end y = 0."""
    v = problem.variables[0]
    sign = None if v.low is None or v.high is not None else constant_sign(v.low, 128)
    if v.low is None or sign not in (0, 1) or (sign == 0 and not v.low_open):
        return None
    y = Expr("/", (number(1), Expr("variable", (v.name,))))
    flipped = Variable(v.name, number(0), Expr("/", (number(1), v.low)) if sign else None, True, v.low_open)
    gap = substitute(problem.gap, {v.name: y})
    return Problem((flipped,), (), gap, problem.op)
