"""The rule ``period``: gap(x) = gap(x + T) for x and x + T in an interval, of which only a part of length T is kept.

From any point of the interval steps of length T towards that part end in it and do not leave the interval. Where the
part ends inside the interval, its end belongs to it.
"""

from __future__ import annotations

from .cover import Rejected
from .entries import field, parts
from .normal import Normal
from .points import sign_of
from .reading import Domain, Problem
from .steps import Checker
from .tree import Tree, make, names, read, substitute


def period(checker: Checker, step: object, problem: Problem) -> None:
    name = field(step, "name", str)
    if name not in problem.domains or problem.domains[name].integer:
        raise Rejected("a period belongs to a real variable")
    if any(name in names(c.gap) for c in problem.conditions):
        raise Rejected("a condition on a variable may not repeat with it")
    domain, me, gap = problem.domains[name], ("variable", name), problem.goal.gap
    length = read(field(step, "period", str), {})
    image = [read(text, {}) for text in field(step, "image", list)]
    if len(image) != 2 or sign_of(length) != 1 or sign_of(make("-", make("-", image[1], image[0]), length)) != 0:
        raise Rejected("what is kept is not one period long")
    low_open = _open(image[0], domain.low, domain.low_open, 1)
    high_open = _open(image[1], domain.high, domain.high_open, -1)
    if not Normal({}).is_zero(make("-", substitute(gap, {me: make("+", me, length)}), gap)):
        raise Rejected("a period of the goal is not confirmed")
    kept = Domain(image[0], image[1], low_open, high_open)
    checker.check(parts(step, 1)[0], problem.real(name, kept))


def _open(end: Tree, old: Tree | None, is_open: bool, side: int) -> bool:
    """Whether an end of the kept part is open, which it is only where the interval ends, too."""
    sign = side if old is None else sign_of(make("-", end, old))
    if sign not in (0, side):
        raise Rejected("what is kept leaves the interval")
    return is_open and sign == 0


RULES = {"period": period}
