"""Rules for integer variables: relations with the nearest integer, residues, a prefix and a real tail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, gcd

from .cover import Rejected
from .entries import MOST, field, parts
from .evaluate import interval_of
from .points import ends_of
from .quotients import UNIT, Poly, TooLarge
from .reading import Domain, Goal, Problem
from .steps import Checker
from .tree import make, number, read


def tightened(checker: Checker, step: object, problem: Problem) -> None:
    """The same points by other relations, and a goal that implies the old one at integers."""
    if field(step, "candidate", dict, type(None)) is not None:
        found = checker.candidate(field(step, "candidate", dict), problem)
        problem = replace(problem, goal=Goal(found, problem.goal.op))
    said = [_goal(item, problem) for item in field(step, "goals", list)]
    if len(said) != 1 or not follows(checker, said[0], problem.goal, problem):
        raise Rejected("a tightened goal does not give the goal")
    conditions = tuple(_goal(item, problem) for item in field(step, "conditions", list))
    for condition in conditions:
        checker.defined(condition.gap, problem)
    domains = {name: _ends(problem, name, item) for name, item in field(step, "domains", dict).items()}
    new = replace(problem, domains={**problem.domains, **domains}, conditions=conditions, goal=said[0])
    for one, other in ((problem, new), (replace(new, known=frozenset()), problem)):
        _implied(checker, _relations(one), _relations(other), one)
    if any(_empty(new.domains[name]) for name in domains):
        return
    checker.defined(said[0].gap, new)
    checker.check(parts(step, 1)[0], new)


def _empty(domain: Domain) -> bool:
    """Whether a domain contains no integer."""
    found = interval_of(domain)
    return domain.integer and bool(found.lo > found.hi)


def _goal(item: object, problem: Problem) -> Goal:
    if not isinstance(item, list) or len(item) != 2 or item[1] not in (">", ">=", "=="):
        raise Rejected("a relation is a formula and an operator")
    return Goal(read(item[0], problem.domains), item[1])


def _ends(problem: Problem, name: str, item: object) -> Domain:
    """A domain with closed ends."""
    if not isinstance(item, list) or len(item) != 2 or name not in problem.domains or not problem.domains[name].integer:
        raise Rejected("the tightened domain of an integer has two ends")
    low, high = (None if end is None else read(end, {}) for end in item)
    return Domain(low, high, False, False, True)


def _relations(problem: Problem) -> list[Goal]:
    return [*problem.conditions, *(g for name, domain in problem.domains.items() for g in ends_of(name, domain))]


def _implied(checker: Checker, known: Sequence[Goal], wanted: Sequence[Goal], problem: Problem) -> None:
    for goal in wanted:
        if goal not in known and not any(follows(checker, one, goal, problem) for one in known):
            raise Rejected("a tightened relation does not follow")


def follows(checker: Checker, one: Goal, other: Goal, problem: Problem) -> bool:
    """Whether a relation gives another one wherever the integers of a problem are integers.

    If r·q + s ≥ 0 (or > 0) and other = q + c with r > 0 and q in g·Z, then q is at least the least multiple of g that
    is ≥ −s/r (or > −s/r).
    """
    if one == other:
        return True
    normal = checker.normal(problem)
    try:
        (p, below), (q, under) = normal.form(one.gap), normal.form(other.gap)
    except TooLarge:
        return False
    if "==" in (one.op, other.op) or below != UNIT or under != UNIT or set(p) - {()} != set(q) - {()}:
        return False
    first = next((m for m in q if m), None)
    if first is None or not all(normal.whole(m) for m in q if m):
        return False
    r = p[first] / q[first]
    if r <= 0 or any(p[m] != r * q[m] for m in q if m):
        return False
    step = _step(q)
    t = -p.get((), Fraction(0)) / r / step
    least = step * (ceil(t) if one.op == ">=" else floor(t) + 1) + q.get((), Fraction(0))
    return least >= 0 if other.op == ">=" else least > 0


def _step(q: Poly) -> Fraction:
    """The largest g with q − q(0) in g·Z for whole monomials."""
    rates = [c for m, c in q.items() if m]
    below = 1
    for c in rates:
        below = below * c.denominator // gcd(below, c.denominator)
    return Fraction(gcd(*(int(c * below) for c in rates)), below)


def residues(checker: Checker, step: object, problem: Problem) -> None:
    """n = d·k + r for each residue r."""
    name, d = field(step, "name", str), field(step, "modulus", int)
    domain = problem.domains.get(name)
    if domain is None or not domain.integer or not 2 <= d <= MOST:
        raise Rejected("residues are those of an integer variable")
    me = ("variable", name)
    for r, part in enumerate(parts(step, d)):
        image = make("+", make("*", number(d), me), number(r)) if r else make("*", number(d), me)
        low, high = (
            None if end is None else make("/", make("-", end, number(r)), number(d))
            for end in (domain.low, domain.high)
        )
        changed, new = problem.replaced({me: image}), replace(domain, low=low, high=high)
        if not _empty(new):
            checker.check(part, replace(changed, domains={**problem.domains, name: new}))


def prefix(checker: Checker, step: object, problem: Problem) -> None:
    """Real values from ``start`` on, and every integer before it."""
    name, first, start = field(step, "name", str), field(step, "first", int), field(step, "start", int)
    domain = problem.domains.get(name)
    if domain is None or not domain.integer or not 0 < start - first <= 1000:
        raise Rejected("a prefix needs an integer variable")
    if not interval_of(domain).lo >= first:
        raise Rejected("a prefix starts too late")
    tail, *others = parts(step, 1 + start - first, MOST + start - first)
    singles, rest = others[: start - first], others[start - first :]
    real = replace(domain, low=number(start), low_open=False, integer=False)
    beyond = checker.guarded(rest, problem.real(name, real))
    checker.defined(problem.goal.gap, beyond)
    checker.check(tail, beyond)
    left = {n: d for n, d in problem.domains.items() if n != name}
    for k, one in zip(range(first, start), singles, strict=True):
        checker.check(one, replace(problem.replaced({("variable", name): number(k)}), domains=left))


RULES = {"tightened": tightened, "residues": residues, "prefix and tail": prefix}
