"""Rules that move one variable of several to its ends, by the sign of a derivative on the open interval between them.

For fixed other variables let g be continuous between the ends. With g' ≥ 0 inside the largest lower end decides, with
g' ≤ 0 the smallest upper end, with g'' ≤ 0 both; with g'' ≥ 0 and g' = 0 at a place inside that place decides.
"""

from __future__ import annotations

from dataclasses import replace

from ..formula import CheckError
from .cover import Rejected
from .entries import MOST, field, parts
from .moves import implied
from .normal import Normal
from .points import rate_of
from .reading import Goal, Problem
from .steps import Checker
from .tree import ZERO, Tree, derivative, make, names, number, read, substitute

End = tuple[Tree, bool]
Ends = tuple[list[End], list[End]]


def slide(checker: Checker, step: object, problem: Problem) -> None:
    """The goal at all lower ends (side 1) or all upper ends, and the sign of the derivative."""
    side, found = field(step, "side", int), _ends(checker, step, problem)
    if side not in (1, -1):
        raise Rejected("side: 1 or -1")
    if found is None:
        return
    moved, ops, inside, rate = _parts(checker, step, problem, found, found[0 if side == 1 else 1])
    slope = rate if side == 1 else make("neg", rate)
    op = field(inside, "op", str)
    beyond = op == ">" and all(is_open for _, is_open in found[0 if side == 1 else 1])
    if op not in (">", ">=") or (problem.goal.op == ">" and ops != {">"} and not beyond):
        raise Rejected("an end shows no strict inequality")
    checker.check(inside, replace(moved, goal=Goal(slope, op)))


def chord(checker: Checker, step: object, problem: Problem) -> None:
    """The goal at all ends, and g'' ≤ 0."""
    found = _ends(checker, step, problem)
    if found is None:
        return
    if not found[0] or not found[1]:
        raise Rejected("a chord has two ends")
    moved, ops, inside, rate = _parts(checker, step, problem, found, [*found[0], *found[1]], 2)
    if problem.goal.op == ">" and ops != {">"}:
        raise Rejected("an end shows no strict inequality")
    checker.check(inside, replace(moved, goal=Goal(make("neg", rate), ">=")))


def _ends(checker: Checker, step: object, problem: Problem) -> Ends | None:
    """The lower and the upper ends of the variable; a note if some condition does not give one."""
    name = field(step, "name", str)
    domain, me = problem.domains.get(name), ("variable", name)
    if domain is None or domain.integer or problem.goal.op == "==":
        raise Rejected("a variable that moves is real, and its goal an inequality")
    lows = [] if domain.low is None else [(domain.low, domain.low_open)]
    highs = [] if domain.high is None else [(domain.high, domain.high_open)]
    normal = checker.normal(problem)
    for c in problem.conditions:
        if name not in names(c.gap):
            continue
        rate = rate_of(c.gap, me)
        rest = substitute(c.gap, {me: ZERO}) if rate else ZERO
        line = make("+", make("*", number(rate or 0), me), rest)
        if not rate or c.op == "==" or not normal.is_zero(make("-", c.gap, line)):
            checker.notes.append("the ends of a variable")
            return None
        (lows if rate > 0 else highs).append((make("*", number(-1 / rate), rest), c.op == ">"))
    return lows, highs


def _parts(
    checker: Checker,
    step: object,
    problem: Problem,
    ends: Ends,
    wanted: list[End],
    times: int = 1,
) -> tuple[Problem, set[str], object, Tree]:
    """Confirm the goal at the wanted ends; what is left: the inner problem, the relations shown, the part, the rate."""
    name = field(step, "name", str)
    formula = checker.candidate(field(step, "candidate", dict), problem)
    waiting = parts(step, 1, MOST)
    normal, missing = checker.normal(problem), list(wanted)
    ops: set[str] = set()
    for item in field(step, "reached", list):
        if not (isinstance(item, list) and len(item) == 2 and type(item[1]) is int and 0 < item[1] < len(waiting)):
            raise CheckError("reached: an end and the number of its parts are expected")
        at = read(item[0], {n: d for n, d in problem.domains.items() if n != name})
        found = next((end for end, _ in wanted if _same(normal, end, at)), None)
        if found is None:
            raise Rejected("a variable is moved to what is not its end")
        missing = [end for end in missing if not _same(normal, end[0], at)]
        ops.add(_face(checker, waiting[: item[1]], problem, name, formula, found, ends))
        waiting = waiting[item[1] :]
    if missing or not ops:
        raise Rejected("an end is left out")
    inside, *rest = waiting
    inner, rates = _inside(checker, rest, problem, name, formula, times)
    return inner, ops, inside, rates[-1]


def _inside(
    checker: Checker, guards: list[object], problem: Problem, name: str, formula: Tree, times: int
) -> tuple[Problem, list[Tree]]:
    """The problem strictly between the ends, and derivatives that are defined there."""
    domain = replace(problem.domains[name], low_open=True, high_open=True)
    strict = tuple(Goal(c.gap, ">") if name in names(c.gap) else c for c in problem.conditions)
    inner = checker.guarded(guards, replace(problem, domains={**problem.domains, name: domain}, conditions=strict))
    rates = [formula]
    for _ in range(times):
        rates.append(derivative(rates[-1], name))
        checker.defined(rates[-1], inner)
    return inner, rates[1:]


def _others(problem: Problem, name: str) -> Problem:
    """The other variables under the conditions on them; no guard is known there."""
    domains = {n: d for n, d in problem.domains.items() if n != name}
    conditions = tuple(c for c in problem.conditions if name not in names(c.gap))
    return replace(problem, domains=domains, conditions=conditions, known=frozenset())


def _same(normal: Normal, a: Tree, b: Tree) -> bool:
    return a == b or normal.is_zero(make("-", a, b))


def _face(
    checker: Checker,
    steps: list[object],
    problem: Problem,
    name: str,
    formula: Tree,
    at: Tree,
    ends: Ends,
) -> str:
    """The goal where the variable is at an end that lies between all others; the relation that is shown."""
    main, *rest = steps
    me = ("variable", name)
    between = [make("-", at, low) for low, _ in ends[0] if low != at]
    between += [make("-", high, at) for high, _ in ends[1] if high != at]
    face = replace(_others(problem, name), goal=Goal(substitute(formula, {me: at}), ">="))
    # where the variable has some value at all, the guards without it hold
    projected = replace(face, known=frozenset(g for g in problem.known if name not in names(g[0])))
    normal, extra = checker.normal(face), []
    for item in field(main, "under", list):
        if not (isinstance(item, list) and len(item) == 2 and item[1] == ">="):
            raise CheckError("under: a formula and >= are expected")
        gap = read(item[0], face.domains)
        found = next((other for other in between if _same(normal, gap, other)), None)
        if found is None:
            raise Rejected("an end is moved under a condition that does not follow")
        checker.defined(found, projected)
        extra.append(Goal(found, ">="))
    whole = replace(face, conditions=(*face.conditions, *extra))
    listed = checker.normal(whole)
    tight = all(any(_same(listed, b, c.gap) for c in extra) or implied(Goal(b, ">="), face) for b in between)
    if tight and not any(is_open for _, is_open in (*ends[0], *ends[1])):
        guards = frozenset((substitute(guard, {me: at}), kind) for guard, kind in problem.known)
        whole = replace(whole, known=guards)
    whole = checker.guarded(rest, whole)
    checker.defined(whole.goal.gap, whole)
    op: str = field(main, "op", str)
    if op not in (">", ">="):
        raise Rejected("an end shows an inequality")
    checker.check(main, replace(whole, goal=Goal(whole.goal.gap, op)))
    return op


def valley(checker: Checker, step: object, problem: Problem) -> None:
    """The goal at a place strictly between the ends, at which g' = 0, and g'' ≥ 0."""
    found, name = _ends(checker, step, problem), field(step, "name", str)
    if found is None:
        return
    formula = checker.candidate(field(step, "candidate", dict), problem)
    count, (lows, highs) = field(step, "bottom", int), found
    fixed = 2 + len(lows) + len(highs)
    listed = parts(step, fixed + 1, MOST)
    if not fixed <= count < len(listed):
        raise Rejected("a place is not shown to lie between all ends")
    main, flat, *order = listed[:fixed]
    face = checker.guarded(listed[fixed:count], _others(problem, name))
    place, me = read(field(step, "place", str), face.domains), ("variable", name)
    checker.defined(place, face)
    gaps = [make("-", place, low) for low, _ in lows] + [make("-", high, place) for high, _ in highs]
    for part, gap in zip(order, gaps, strict=True):
        checker.defined(gap, face)
        checker.check(part, replace(face, goal=Goal(gap, ">")))
    # between the ends the problem's own guards hold, and the derivative is defined
    inner, (rate, bend) = _inside(checker, listed[count + 1 :], problem, name, formula, 2)
    there = frozenset((substitute(guard, {me: place}), kind) for guard, kind in inner.known)
    bottom = replace(face, known=face.known | there)
    checker.check(flat, replace(bottom, goal=Goal(substitute(rate, {me: place}), "==")))
    checker.check(main, replace(bottom, goal=Goal(substitute(formula, {me: place}), problem.goal.op)))
    checker.check(listed[count], replace(inner, goal=Goal(bend, ">=")))


def halves(checker: Checker, step: object, problem: Problem) -> None:
    """Above and below a place that is defined for all values of the other variables."""
    name = field(step, "name", str)
    face, me = _others(problem, name), ("variable", name)
    place = read(field(step, "place", str), face.domains)
    if name not in problem.domains:
        raise Rejected("a variable is divided that there is not")
    above, below, *rest = parts(step, 2, MOST)
    face = checker.guarded(rest, face)
    checker.defined(place, face)
    for part, gap in ((above, make("-", me, place)), (below, make("-", place, me))):
        checker.check(part, replace(problem, conditions=(*problem.conditions, Goal(gap, ">="))))


RULES = {"slide": slide, "chord": chord, "valley": valley, "halves": halves}
