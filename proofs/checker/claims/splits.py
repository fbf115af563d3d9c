"""Rules that replace a goal by others: another formula, a reciprocal, cases, two inequalities."""

from __future__ import annotations

from dataclasses import replace

from flint import ctx

from . import cover
from .cover import Rejected
from .entries import field, parts, rational
from .evaluate import operations
from .points import box_of, rate_of, sign_of, single
from .reading import Domain, Goal, Problem
from .steps import Checker
from .tree import ONE, ZERO, Tree, make, nodes, number, read


def rewritten(checker: Checker, step: object, problem: Problem) -> None:
    found = checker.candidate(field(step, "candidate", dict), problem)
    checker.check(parts(step, 1)[0], replace(problem, goal=Goal(found, problem.goal.op)))


def inverse(checker: Checker, step: object, problem: Problem) -> None:
    name, domain = single(problem)
    sign = None if domain.low is None or domain.high is not None else sign_of(domain.low)
    if domain.low is None or not (sign == 1 or (sign == 0 and domain.low_open)):
        raise Rejected("a reciprocal needs a domain of all numbers beyond one that is not negative")
    me = ("variable", name)
    flipped = Domain(ZERO, make("/", ONE, domain.low) if sign else None, True, domain.low_open and sign == 1)
    changed = problem.replaced({me: make("/", ONE, me)})
    checker.check(parts(step, 1)[0], checker.relaxed(changed, name, flipped))


def exponential(checker: Checker, step: object, problem: Problem) -> None:
    """x = k·log(t) maps 0 < t onto all x, up for k > 0 and down for k < 0."""
    name, domain = single(problem)
    scale = rational(field(step, "scale", str))
    if domain.integer or not scale:
        raise Rejected("a logarithm replaces a real variable, times a number that is not 0")
    low, high = (
        None if end is None else ONE if end == ZERO else make("exp", make("/", end, number(scale)))
        for end in (domain.low, domain.high)
    )
    opens = domain.low_open, domain.high_open
    if scale < 0:
        low, high, opens = high, low, opens[::-1]
    image = Domain(low or ZERO, high, low is None or opens[0], opens[1])
    me = ("variable", name)
    changed = problem.replaced({me: make("*", number(scale), make("log", me))})
    checker.check(parts(step, 1)[0], checker.relaxed(changed, name, image))


def cases(checker: Checker, step: object, problem: Problem) -> None:
    """A goal with its first kink replaced by each branch, where the conditions of the branch hold."""
    kink = read(field(step, "kink", str), problem.domains)
    if kink[0] not in ("abs", "min", "max"):
        raise Rejected("cases are made for abs, min and max")
    if kink not in nodes(problem.goal.gap):
        raise Rejected("cases are made for a kink of the goal")
    values = _arguments(kink, kink[0]) if kink[0] != "abs" else [kink[1], make("neg", kink[1])]
    for i, (part, value) in enumerate(zip(parts(step, len(values)), values, strict=True)):
        others = values[:i] + values[i + 1 :]
        gaps = [make("-", other, value) if kink[0] == "min" else make("-", value, other) for other in others]
        # for |u| the condition is u ≥ 0, not 2u ≥ 0
        conditions = [Goal(gap, ">=") for gap in (gaps if kink[0] != "abs" else [value])]
        case = replace(problem.replaced({kink: value}), conditions=problem.conditions)
        if len(conditions) == 1:
            branch(checker, part, case, conditions[0])
        else:
            checker.check(part, replace(case, conditions=(*case.conditions, *conditions)))


def _arguments(tree: Tree, head: str) -> list[Tree]:
    """The arguments of nested minima or maxima."""
    return [a for part in tree[1:] for a in _arguments(part, head)] if tree[0] == head else [tree]


def branch(checker: Checker, part: object, problem: Problem, condition: Goal) -> None:
    if field(part, "rule", str) == "nothing left":
        with ctx.workprec(128):
            if not nothing(condition, problem):
                raise Rejected("a case that is left out has points")
        return
    changed = part.get("domain") if isinstance(part, dict) else None
    if changed is None:
        checker.check(part, replace(problem, conditions=(*problem.conditions, condition)))
        return
    name, low, high = changed if isinstance(changed, list) and len(changed) == 3 else ("", None, None)
    if not isinstance(name, str) or name not in problem.domains or (low is None) == (high is None):
        raise Rejected("a case changes one end of one domain")
    end, me, old = read(low if high is None else high, {}), ("variable", name), problem.domains[name]
    rate = rate_of(condition.gap, me)
    if rate is None or rate * (1 if high is None else -1) <= 0:
        raise Rejected("a case changes the wrong end of a domain")
    kept, side = (old.low, 1) if high is None else (old.high, -1)
    if kept is not None and sign_of(make("-", end, kept)) != side:
        raise Rejected("a case widens a domain")
    checker.equal(condition.gap, make("*", number(rate), make("-", me, end)), problem, "case")
    new = replace(old, low=end, low_open=False) if high is None else replace(old, high=end, high_open=False)
    checker.check(part, problem.real(name, new))


def nothing(condition: Goal, problem: Problem) -> bool:
    return cover.violated([(operations(condition.gap), condition.op)], box_of(problem))


def both(checker: Checker, step: object, problem: Problem) -> None:
    if problem.goal.op == ">":
        raise Rejected("an identity is no strict inequality")
    gap = problem.goal.gap
    for part, side in zip(parts(step, 2), (gap, make("neg", gap)), strict=True):
        checker.check(part, replace(problem, goal=Goal(side, ">=")))


RULES = {
    "rewritten": rewritten,
    "inverse": inverse,
    "exponential": exponential,
    "cases": cases,
    "both ways": both,
}
