"""One variable: touching equality and tails."""

from __future__ import annotations

from flint import ctx

from ...symbolic.tree import Expr, number, substitute
from .algebra import Candidate, rewrite
from .ladder import recognise, touching
from .language import Relation, Variable
from .problem import Clock, Problem, constant_sign
from .refute import Target, float_ends, minimiser
from .step import Step


def touch(problem: Problem, clock: Clock) -> Step | None:
    if len(problem.variables) != 1 or problem.conditions or problem.op == "==":
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


def _inverted(problem: Problem) -> Problem | None:
    """x = 1/y for a variable on [a, ∞) with a > 0, so that infinity becomes the open end y = 0."""
    v = problem.variables[0]
    if v.high is not None or v.low is None or constant_sign(v.low, 128) != 1:
        return None
    y = Expr("/", (number(1), Expr("variable", (v.name,))))
    flipped = Variable(v.name, number(0), Expr("/", (number(1), v.low)), True, v.low_open)
    gap = substitute(problem.gap, {v.name: y})
    return Problem((flipped,), (), gap, problem.op)
