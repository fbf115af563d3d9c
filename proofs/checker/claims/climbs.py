"""Rules for one real variable by signs of derivatives."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ..formula import CheckError
from .cover import Rejected
from .entries import field, parts, rational
from .limits import end, limit, sign_of_limit
from .points import HOLDS, ends_of, inside, sign_of, single
from .reading import Domain, Goal, Problem
from .steps import Checker
from .tree import ZERO, Tree, at, derivative, make, nodes, read, substitute, value_of

ANALYTIC = frozenset(
    (
        *("number", "constant", "variable", "neg", "+", "-", "*", "/", "exp", "log", "sin", "cos", "tan"),
        *("sinh", "cosh", "tanh", "atan", "erf", "sigmoid", "softplus"),
    )
)


def constant(checker: Checker, step: object, problem: Problem) -> None:
    """A derivative that is 0, and one value that is."""
    if problem.goal.op == ">":
        raise Rejected("a constant 0 is not positive")
    name, domain = single(problem)
    x: dict[str, Fraction | Tree] = {name: rational(field(step, "point", str))}
    if domain.integer or not inside(problem, x) or sign_of(at(problem.goal.gap, x)) != 0:
        raise Rejected("a constant is not 0 at its point")
    checker.defined(problem.goal.gap, problem)
    rate = derivative(problem.goal.gap, name)
    checker.defined(rate, problem.real(name, replace(domain, low_open=True, high_open=True)))
    checker.equal(rate, ZERO, problem, "derivative")


def meet(checker: Checker, step: object, problem: Problem) -> None:
    """Upward from a point to both sides."""
    name, domain = single(problem)
    c = read(field(step, "point", str), {})
    between(domain, c)
    if problem.goal.op != ">=" or sign_of(substitute(problem.goal.gap, {("variable", name): c})) not in (0, 1):
        raise Rejected("the goal does not hold where two sides meet")
    right, left = parts(step, 2)
    domain = replace(domain, integer=False)
    problem = checker.relaxed(problem, name, domain)
    checker.check(right, problem.real(name, replace(domain, low=c, low_open=True)))
    checker.check(left, problem.real(name, replace(domain, high=c, high_open=True)))


def between(domain: Domain, c: Tree) -> None:
    """`Rejected` unless a number lies strictly between the ends of a domain."""
    for goal in ends_of("x", domain):
        if sign_of(substitute(goal.gap, {("variable", "x"): c})) != 1:
            raise Rejected("a domain is cut outside of it")


def _at_ends(problem: Problem, name: str, domain: Domain) -> None:
    """`Rejected` unless the goal, an inequality, holds at the closed ends of a domain."""
    if problem.goal.op == "==":
        raise Rejected("derivatives show no identity")
    for place, is_open in ((domain.low, domain.low_open), (domain.high, domain.high_open)):
        if place is not None and not is_open:
            value = sign_of(substitute(problem.goal.gap, {("variable", name): place}))
            if value not in HOLDS[problem.goal.op]:
                raise Rejected("the goal does not hold at an end")


def anchor(checker: Checker, step: object, problem: Problem) -> None:
    """From one end by derivatives, up to the other end or to a point from which another step goes on."""
    name, domain = single(problem)
    domain = replace(domain, integer=False)
    problem = checker.relaxed(problem, name, domain)
    side = field(step, "side", int)
    start, far = (domain.low, domain.high) if side == 1 else (domain.high, domain.low)
    if start is None or side not in (1, -1):
        raise Rejected("derivatives start at a finite end")
    _at_ends(problem, name, domain)
    first, *rest = parts(step, 1, 2)
    if rest:
        far = read(field(step, "near", str), {})
        between(domain, far)
        beyond, before = replace(domain, low=far, low_open=False), replace(domain, high=far, high_open=False)
        remaining = beyond if side == 1 else before
        checker.check(rest[0], problem.real(name, remaining))
    low, high = (start, far) if side == 1 else (far, start)
    _upward(checker, first, problem, name, (low, high))


def pieces(checker: Checker, step: object, problem: Problem) -> None:
    """Open intervals between the ends and the cuts, each by derivatives; the goal holds at the cuts."""
    name, domain = single(problem)
    domain = replace(domain, integer=False)
    problem = checker.relaxed(problem, name, domain)
    _at_ends(problem, name, domain)
    cuts = [read(cut, {}) for cut in field(step, "cuts", list)]
    for cut in cuts:
        between(domain, cut)
        if sign_of(substitute(problem.goal.gap, {("variable", name): cut})) not in HOLDS[problem.goal.op]:
            raise Rejected("the goal does not hold at a cut")
    waiting = parts(step, len(cuts) + 1)
    at_end: Tree | None = domain.low
    while waiting:
        found = [part for part in waiting if _interval(part)[0] == at_end]
        if not found:
            raise Rejected("the pieces leave a gap")
        waiting.remove(found[0])
        low, high = _interval(found[0])
        if (high if waiting else low) not in cuts and len(cuts) > 0:
            raise Rejected("a piece ends where nothing is cut")
        _upward(checker, found[0], problem, name, (low, high))
        at_end = high
    if at_end != domain.high:
        raise Rejected("the pieces leave a gap")


def _interval(part: object) -> tuple[Tree | None, Tree | None]:
    ends = field(part, "interval", list)
    if len(ends) != 2:
        raise CheckError("interval: a pair is expected")
    low, high = (None if end is None else read(end, {}) for end in ends)
    return low, high


def _upward(checker: Checker, step: object, problem: Problem, name: str, ends: tuple[Tree | None, Tree | None]) -> None:
    """The goal on an open interval inside the domain."""
    inner = problem.real(name, Domain(*ends, True, True))
    checker.defined(problem.goal.gap, inner)
    if not climb(checker, step, inner) and problem.goal.op == ">":
        raise Rejected("derivatives show no strict inequality here")


def climb(checker: Checker, step: object, problem: Problem) -> bool:
    """gap ≥ 0 on an open interval where it is defined; whether it is shown to be > 0."""
    op, ((name, domain),) = field(step, "op", str), problem.domains.items()
    if op not in (">=", ">"):
        raise Rejected("a step up shows an inequality")
    if field(step, "rule", str) != "rate":
        checker.check(step, replace(problem, goal=Goal(problem.goal.gap, op)))
        return op == ">"
    checker.tick()
    problem = replace(problem, goal=Goal(problem.goal.gap, ">="))
    found = checker.candidate(field(step, "candidate", dict), problem)
    checker.defined(found, problem)
    side = field(step, "side", int)
    value = _start(checker, found, name, domain, side)
    rate = derivative(found, name)
    below, *rest = field(step, "parts", list) or [None]
    inner = checker.guarded(rest, problem)
    checker.defined(rate, inner)
    slope = rate if side == 1 else make("neg", rate)
    strict = climb(checker, below, replace(inner, goal=Goal(slope, ">=")))
    checker.rules["rate"] = checker.rules.get("rate", 0) + 1
    return value == 1 or strict or nonzero(step, found, rate, problem)


def _start(checker: Checker, tree: Tree, name: str, domain: Domain, side: int) -> int:
    """The sign, 0 or 1, of a formula at the lower end (side 1) or the upper end (side −1), or of its limit there."""
    if side not in (1, -1):
        raise Rejected("side: 1 or -1")
    start = domain.low if side == 1 else domain.high
    try:
        value = None if start is None else sign_of(substitute(tree, {("variable", name): start}))
    except CheckError:  # a division by zero
        value = None
    if value is None:
        found = limit(tree, name, end(start, side))
        value = None if found is None else sign_of_limit(found)
    if value is None:
        checker.notes.append("a limit")
        return 0
    if value < 0:
        raise Rejected("a function does not start at a value >= 0")
    return value


def nonzero(step: object, found: Tree, rate: Tree, problem: Problem) -> bool:
    """Whether an analytic function has a derivative that is not 0 at the point which the step names."""
    text = field(step, "strict", str, bool)
    if not isinstance(text, str) or not all(n[0] in ANALYTIC or n[0] == "**" for n in nodes(found)):
        return False
    whole = all(e is not None and e.denominator == 1 for n in nodes(found) if n[0] == "**" for e in [value_of(n[2])])
    x: dict[str, Fraction | Tree] = {name: rational(text) for name in problem.domains}
    return whole and inside(problem, x) and sign_of(at(rate, x)) in (1, -1)


RULES = {"derivative zero": constant, "meet": meet, "anchor": anchor, "pieces": pieces}
