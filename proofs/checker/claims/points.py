"""Constants and points: signs, relations at a point, points inside a domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from flint import ctx

from ..formula import CheckError
from .cover import Rejected
from .evaluate import Nowhere, evaluate, interval_of, operations
from .interval import I
from .normal import Normal
from .quotients import TooLarge
from .reading import Domain, Goal, Problem
from .tree import Tree, at, make, number, substitute, value_of

HOLDS = {">=": (0, 1), ">": (1,), "==": (0,)}


def sign_of(tree: Tree, most: int = 4096) -> int | None:
    """−1, 0 or 1 for a constant: balls of growing precision, zero by its normal form; None if not decided."""
    value = value_of(tree)
    if value is not None:
        return (value > 0) - (value < 0)
    ops, bits = operations(tree), 64
    while bits <= most:
        with ctx.workprec(bits):
            try:
                found = evaluate(ops, {})
            except Nowhere:
                return None
            if not found.cut and (found.value.above(True) or found.value.below(True)):
                return 1 if found.value.above(True) else -1
            if bits == 64 and not found.cut and Normal({}).is_zero(tree):
                return 0
        bits *= 2
    return None


def at_point(goal: Goal, point: Mapping[str, Fraction | Tree]) -> bool | None:
    """Whether a relation holds at a point; None if that is not decided."""
    sign = sign_of(at(goal.gap, point), 1024)
    return None if sign is None else sign in HOLDS[goal.op]


def rational_value(tree: Tree) -> Fraction | None:
    """The value of a formula that is a rational number, after cancelling."""
    try:
        top, bottom = Normal({}).form(tree)
    except TooLarge:
        return None
    return top.get((), Fraction(0)) if set(top) <= {()} and set(bottom) == {()} else None


def rate_of(tree: Tree, me: Tree) -> Fraction | None:
    """The value at 1 minus the value at 0 of a variable, if it is a rational number: the slope of a linear formula."""
    try:
        return rational_value(make("-", *(substitute(tree, {me: number(k)}) for k in (1, 0))))
    except CheckError:
        return None


def box_of(problem: Problem) -> dict[str, I]:
    """The domains as intervals at the present precision."""
    return {name: interval_of(domain) for name, domain in problem.domains.items()}


def samples(problem: Problem) -> Iterator[dict[str, Fraction | Tree]]:
    """A few points of the domain, to refute a wrong equality of formulas."""
    for k in range(1, 8):
        point: dict[str, Fraction | Tree] = {}
        for i, (name, x) in enumerate(box_of(problem).items()):
            t = Fraction((3 * k + 5 * i) % 17 + 1, 19)
            low, high = (Fraction(float(e.mid())).limit_denominator(999) if abs(e) < 1e9 else None for e in x[:2])
            far = t / (1 - t) * 3
            if low is not None:
                place = low + (far if high is None else (high - low) * t)
            else:
                place = far - 2 if high is None else high - far
            point[name] = Fraction(round(place)) if problem.domains[name].integer else place
        if inside(problem, point):
            yield point


def inside(problem: Problem, point: Mapping[str, Fraction | Tree]) -> bool:
    """Whether a point certainly lies in the domains and satisfies the conditions."""
    for name, domain in problem.domains.items():
        x = point[name]
        if domain.integer and not (isinstance(x, Fraction) and x.denominator == 1):
            return False
    ends = [goal for name, domain in problem.domains.items() for goal in ends_of(name, domain)]
    return all(at_point(goal, point) is True for goal in (*ends, *problem.conditions))


def ends_of(name: str, domain: Domain) -> list[Goal]:
    """The domain as relations."""
    me, found = ("variable", name), []
    if domain.low is not None:
        found.append(Goal(make("-", me, domain.low), ">" if domain.low_open else ">="))
    if domain.high is not None:
        found.append(Goal(make("-", domain.high, me), ">" if domain.high_open else ">="))
    return found


def single(problem: Problem) -> tuple[str, Domain]:
    """The only variable of a problem without conditions."""
    if len(problem.domains) != 1 or problem.conditions:
        raise Rejected("this rule is for one variable without conditions")
    return next(iter(problem.domains.items()))


def point_text(point: Mapping[str, Fraction | Tree]) -> str:
    return ", ".join(f"{name} = {x}" for name, x in point.items())
