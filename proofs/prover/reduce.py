"""Smaller goals: what the rules for several variables leave is proved here, with few boxes, in a fixed order."""

from __future__ import annotations

from dataclasses import replace

from flint import ctx

from ...symbolic.tree import names
from .algebra import candidates, decide, rewrite
from .cover import cover_step
from .definedness import defined, defined_on_box
from .language import Relation
from .problem import Clock, Problem, constant_sign, relation_at
from .slide import Prove, ends_of, signs, slide, straightened
from .step import Step
from .touch import touch

DEPTH, BOXES = 3, 150


def reduce(problem: Problem, clock: Clock, goals: int = 80, depth: int = DEPTH) -> Step | None:
    """A step for a goal in several real variables by `slide`, or None; with so many smaller goals, guards aside."""
    left = [goals]
    seen: dict[tuple[Problem, int], Step | None] = {}

    def prove(smaller: Problem, deeper: int) -> Step | None:
        key = (smaller, deeper)
        if key not in seen:
            left[0] -= deeper > 0
            seen[key] = None if left[0] < 0 else _smaller(smaller, clock, deeper, prove)
        return seen[key]

    wider = replace(problem, conditions=tuple(c for c in problem.conditions if _bounds(problem, c)))
    guards = None if wider == problem else defined_on_box(wider, lambda p: prove(p, 0))
    part = None if guards is None else prove(wider, depth)
    if part is not None and guards is not None:
        return Step("fewer", problem, {}, (part, *guards))
    straight = next(straightened(problem), None)
    return (prove(problem, depth) if straight else None) or slide(problem, prove, clock, depth)


def _bounds(problem: Problem, c: Relation) -> bool:
    """Whether a condition bounds some variable by the others."""
    alone = replace(problem, conditions=(c,))
    return any(v.name in names(c.gap) and ends_of(alone, v) is not None for v in problem.variables)


def _smaller(problem: Problem, clock: Clock, depth: int, prove: Prove) -> Step | None:
    """The goal without idle variables; exact algebra; a cover; one variable; several."""
    clock.check()
    needed = set(names(problem.gap)) | {n for c in problem.conditions for n in names(c.gap)}
    if len(needed) < len(problem.variables):
        rest = replace(problem, variables=tuple(v for v in problem.variables if v.name in needed))
        part = prove(rest, depth)
        return None if part is None else Step("fewer", problem, {}, (part,))
    if not problem.variables:
        return closed(problem)
    for name, image, changed in straightened(problem):
        guards = defined(changed, frozenset(), lambda p: prove(p, 0), image)
        part = None if guards is None else prove(changed, depth)
        if part is not None and guards is not None:
            return Step("shift", problem, {"name": name, "image": image}, (part, *guards))
    with ctx.workprec(64):
        for item in rewrite(problem):
            step = decide(item, problem)
            if step:
                return step
    if problem.op == "==" or signs(problem, problem.gap)[0]:
        return None
    step = cover_step(problem, candidates(problem), BOXES, clock)
    if step is None and len(problem.variables) == 1 and depth > 0:
        step = touch(problem, clock)
    return step or slide(problem, prove, clock, depth)


def closed(problem: Problem, most: int = 1024) -> Step | None:
    """A step for a goal without variables, by the sign of its gap or a condition that is false."""
    wanted = {">=": (0, 1), ">": (1,), "==": (0,)}[problem.op]
    if constant_sign(problem.gap, most) in wanted or any(relation_at(c, {}) is False for c in problem.conditions):
        return Step("number", problem)
    return None
