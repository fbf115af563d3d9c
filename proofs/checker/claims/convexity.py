"""Rules that rest on convexity: Jensen's inequality, a plane below a convex formula, corners of a concave one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import reduce
from itertools import product

from ..formula import CheckError
from .bounds import Signs
from .cover import Rejected
from .curvature import Curvature, flat
from .entries import MOST, field, parts
from .points import at_point, sign_of
from .reading import Domain, Goal, Problem
from .steps import Checker
from .tree import ZERO, Tree, at, derivative, make, names, number, read

Point = dict[str, Tree]


def plane(checker: Checker, step: object, problem: Problem) -> None:
    """g(x) ≥ g(p) + g'(p)·(x − p) for convex g, and the least value of the right side on the box.

    The point may lie on open ends, but no condition that the convexity rests on may fail there. With logarithmic
    coordinates x − p is p·log(x/p).
    """
    found = checker.candidate(field(step, "candidate", dict), problem)
    point, logs = _point(field(step, "point", list), problem), field(step, "logs", list)
    if problem.goal.op == "==" or not all(isinstance(name, str) and name in problem.domains for name in logs):
        raise Rejected("a plane bounds a formula from below in coordinates that there are")
    domains: dict[str, Domain] = {}
    bound, reached = at(found, point), True
    for name, domain in problem.domains.items():
        domains[name] = _closed(domain, point[name])
        slope = at(derivative(found, name), point)
        way = _towards(domain, point[name], slope, name in logs)
        if way is None:
            continue
        reached = reached and not way[1]
        bound = make("+", bound, make("*", slope, way[0]))
    # what an affine condition leaves is not convex in logarithmic coordinates
    signs = Signs(replace(problem, domains=domains, conditions=() if logs else problem.conditions))
    if any(at_point(c, point) is not True for c in signs.used):
        raise Rejected("a plane touches outside of the set on which a formula is convex")
    if not all(signs.value(("variable", name)).above(True) for name in logs):
        raise Rejected("a logarithmic coordinate is not positive")
    sign = sign_of(bound, 1024)
    if sign is None or not (sign == 1 or (sign == 0 and (problem.goal.op == ">=" or not reached))):
        raise Rejected("a plane is not above zero")
    if not Curvature(signs, set(domains), set(logs)).bent(found, 1):
        checker.notes.append("convexity of a formula")


def _point(pairs: list[object], problem: Problem) -> Point:
    found = {}
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)):
            raise CheckError("point: pairs of a name and a number are expected")
        found[pair[0]] = read(pair[1], {})
    if set(found) != set(problem.domains):
        raise Rejected("a point gives a number to each variable")
    return found


def _closed(domain: Domain, p: Tree) -> Domain:
    """Real values between the ends, of which those are closed at which the point lies; it may not lie outside."""
    open_ends = []
    for end, is_open, side in ((domain.low, domain.low_open, 1), (domain.high, domain.high_open, -1)):
        room = 1 if end is None else sign_of(make("-", p, end) if side == 1 else make("-", end, p))
        if room not in (0, 1):
            raise Rejected("a plane touches outside of the domain")
        open_ends.append(is_open and room == 1)
    return Domain(domain.low, domain.high, *open_ends)


def _towards(domain: Domain, p: Tree, slope: Tree, log: bool) -> tuple[Tree, bool] | None:
    """How far the variable can go against the slope, and whether that end is open; None for a level plane."""
    sign = sign_of(slope)
    if sign is None or (log and sign_of(p) != 1):
        raise Rejected("the slope of a plane is not known")
    if sign == 0:
        return None
    end, is_open = (domain.low, domain.low_open) if sign == 1 else (domain.high, domain.high_open)
    if end is None or (log and sign_of(end) != 1):
        raise Rejected("a plane falls without end")
    if sign_of(make("-", end, p)) == 0:
        return ZERO, is_open
    return (make("*", p, make("log", make("/", end, p))) if log else make("-", end, p)), is_open


def corners(checker: Checker, step: object, problem: Problem) -> None:
    """The goal at every choice of ends of variables in each of which the candidate is concave, the others fixed."""
    chosen = field(step, "names", list)
    found = checker.candidate(field(step, "candidate", dict), problem)
    if not 0 < len(chosen) == len({name for name in chosen if isinstance(name, str)}) or problem.goal.op == "==":
        raise Rejected("corners are those of some variables, each once")
    used = set().union(*(names(c.gap) for c in problem.conditions))
    ends: list[tuple[Tree, Tree]] = []
    signs = Signs(problem)
    for name in chosen:
        domain = problem.domains.get(name)
        if domain is None or name in used or domain.integer or domain.low_open or domain.high_open:
            raise Rejected("a variable with corners is real between closed ends, without further conditions")
        if domain.low is None or domain.high is None:
            raise Rejected("a variable with corners has two ends")
        ends.append((domain.low, domain.high))
        if not Curvature(signs, {name}).bent(found, -1):
            checker.notes.append("concavity of a formula")
    waiting = parts(step, 2 ** len(chosen), MOST)
    goal = replace(problem, goal=Goal(found, problem.goal.op))
    others = {name: domain for name, domain in problem.domains.items() if name not in chosen}
    for part, corner in zip(waiting, product(*ends), strict=True):
        place = {("variable", name): end for name, end in zip(chosen, corner, strict=True)}
        checker.check(part, replace(goal.replaced(place), domains=others))


def jensen(checker: Checker, step: object, problem: Problem) -> None:
    """Σ c·h(a) ≥ 0 with Σ c = 0 and Σ c·a = 0, where h is convex and all c but one > 0, or concave and all but one < 0.

    The one argument is a mean of the others; they lie where h is convex, and so does it. Other terms are ≥ 0.
    """
    head, terms = field(step, "head", str), flat(problem.goal.gap)
    own = [(c, t[1]) for c, t in terms if t[0] == head]
    rest = [(c, t) for c, t in terms if t[0] != head]
    side = 1 if sum(c > 0 for c, _ in own) > 1 else -1
    many = [a for c, a in own if c * side > 0]
    if problem.goal.op == "==" or len(many) != len(own) - 1 or len(own) < 3 or sum(c for c, _ in own) != 0:
        raise Rejected("the terms of a function are no mean of values less the value at a mean")
    checker.equal(_sum(own), ZERO, problem, "mean")
    signs = Signs(problem)
    curvature = Curvature(signs, set(problem.domains))
    if not all(curvature.curved(head, a, side) for a in many):
        raise Rejected("a function is not curved as Jensen's inequality needs it")
    if (problem.goal.op == ">" or rest) and not signs.above(_sum(rest), problem.goal.op == ">"):
        raise Rejected("what is added to Jensen's inequality has no sign")


def _sum(terms: list[tuple[Fraction, Tree]]) -> Tree:
    return reduce(lambda a, b: make("+", a, b), (make("*", number(c), t) for c, t in terms), ZERO)


RULES = {"plane": plane, "corners": corners, "jensen": jensen}
