"""Rules that change the variables of a goal: real values for integers, fewer conditions, a shifted variable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from ..formula import CheckError
from .cover import Rejected, violated
from .entries import field
from .interval import interval_of, operations
from .normal import Normal, TooLarge
from .reading import Domain, Goal, Problem
from .tree import ONE, ZERO, Tree, guards, make, names, number, read, substitute


class Confirms(Protocol):
    """What these rules need of the checker (`steps.Checker`)."""

    def check(self, step: object, problem: Problem) -> None: ...
    def defined(self, tree: Tree, problem: Problem) -> None: ...
    def normal(self, problem: Problem) -> Normal: ...


def real(checker: Confirms, step: object, problem: Problem) -> None:
    """The goal for real values, too: the first part; the others show that all is defined there."""
    domains = {name: replace(domain, integer=False) for name, domain in problem.domains.items()}
    _guarded(checker, step, replace(problem, domains=domains))


def fewer(checker: Confirms, step: object, problem: Problem) -> None:
    """The goal without idle variables, and from the conditions ``keep`` only."""
    keep, left = field(step, "keep", list), field(step, "variables", list)
    if not all(type(k) is int and 0 <= k < len(problem.conditions) for k in keep):
        raise Rejected("a condition is kept that there is not")
    conditions = tuple(problem.conditions[k] for k in sorted(set(keep)))
    used = names(problem.goal.gap).union(*(names(c.gap) for c in conditions))
    if not used <= set(left) <= set(problem.domains):
        raise Rejected("a variable that is used is left out")
    domains = {name: problem.domains[name] for name in left}
    smaller = replace(problem, domains=domains, conditions=conditions)
    if len(conditions) == len(problem.conditions):
        checker.check(field(step, "parts", list)[0], smaller)
    else:
        _guarded(checker, step, smaller)


def _guarded(checker: Confirms, step: object, problem: Problem) -> None:
    """A wider problem: its guards are shown anew by the parts after the first one."""
    found = field(step, "parts", list)
    known = {guard for c in problem.conditions for guard in guards(c.gap)}
    for part in found[1:]:
        op, gap = field(part, "op", str), read(field(part, "said", str), problem.domains)
        if op not in (">", ">="):
            raise Rejected("a guard is an inequality")
        checker.check(part, replace(problem, goal=Goal(gap, op), known=frozenset(known)))
        known |= {(gap, "positive" if op == ">" else "nonnegative")}
        known |= {(make("neg", gap), "nonzero")} if op == ">" else set()
    checker.defined(problem.goal.gap, replace(problem, known=frozenset(known)))
    known |= set(guards(problem.goal.gap))
    checker.check(found[0], replace(problem, known=frozenset(known)))


def shift(checker: Confirms, step: object, problem: Problem) -> None:
    """A variable as ``low + t``, ``high − t`` or ``low + t·(high − low)`` where it lies beyond or between these."""
    name, image = field(step, "name", str), read(field(step, "image", str), problem.domains)
    domain, me = problem.domains.get(name), ("variable", name)
    if domain is None or domain.integer:
        raise Rejected("a shifted variable is real")
    low, high = _ends(image, me)
    mine = [c for c in problem.conditions if name in names(c.gap)]
    opens = []
    for end, side, old, old_open in ((low, 1, domain.low, domain.low_open), (high, -1, domain.high, domain.high_open)):
        if end is None:
            opens.append(False)
            continue
        wanted = make("-", me, end) if side == 1 else make("-", end, me)
        same = [c for c in mine if c.op != "==" and _multiple(checker.normal(problem), c.gap, wanted, me)]
        given = [c.op == ">" for c in same] + ([old_open] if old is not None and old == end else [])
        if not given:
            raise Rejected("a variable is not known to lie beyond the end of its shift")
        opens.append(any(given))
        mine = [c for c in mine if c not in same]
    between = low is not None and high is not None
    new = Domain(ZERO, ONE if between else None, opens[0 if low is not None else 1], between and opens[1])
    rest = tuple(c for c in problem.conditions if name not in names(c.gap))
    spare = [e for e, used in ((domain.low, low), (domain.high, high)) if e is not None and e != used]
    smaller = replace(problem, conditions=rest).replaced({me: image})
    smaller = replace(smaller, domains={**problem.domains, name: new})
    if between and low is not None and high is not None:
        order = Goal(make("-", high, low), ">" if any(opens) else ">=")
        if not _implied(order, smaller):
            smaller = replace(smaller, conditions=(*rest, order))
    if mine or spare:  # a condition is given up: what was defined may not be any more
        smaller = replace(smaller, known=frozenset())
        checker.defined(smaller.goal.gap, smaller)
    checker.check(field(step, "parts", list)[0], smaller)


def _ends(image: Tree, me: Tree) -> tuple[Tree | None, Tree | None]:
    """The ends that an image of a variable starts from."""
    match image:
        case ("+", low, t) if t == me and me[1] not in names(low):
            return low, None
        case ("-", high, t) if t == me and me[1] not in names(high):
            return None, high
        case ("+", low, ("*", t, width)) if t == me and me[1] not in names(low) | names(width):
            whole = width[0] == "-" and width[2] == low
            return low, width[1] if whole else make("+", low, width)
    raise Rejected("a variable is shifted to low + t, high - t or low + t*(high - low)")


def _multiple(normal: Normal, gap: Tree, wanted: Tree, me: Tree) -> bool:
    """Whether gap = k·wanted for a number k > 0, both linear in the variable."""
    one, two = (make("-", *(substitute(g, {me: number(k)}) for k in (1, 0))) for g in (gap, wanted))
    try:
        top, bottom = normal.form(make("/", one, two))
    except (TooLarge, CheckError):
        return False
    k = top.get((), None) if set(top) == {()} and set(bottom) == {()} else None
    return k is not None and k > 0 and normal.is_zero(make("-", gap, make("*", number(k), wanted)))


def _implied(goal: Goal, problem: Problem) -> bool:
    """Whether the box alone gives a relation."""
    box = {name: interval_of(domain) for name, domain in problem.domains.items()}
    against = Goal(make("neg", goal.gap), ">" if goal.op == ">=" else ">=")
    return violated([(operations(against.gap), against.op)], box)


RULES: dict[str, Callable[[Confirms, object, Problem], None]] = {"real": real, "fewer": fewer, "shift": shift}
