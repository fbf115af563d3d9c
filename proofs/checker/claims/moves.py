"""Rules that change the variables of a goal: real values, fewer conditions, a shifted variable, symmetry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from ..formula import CheckError
from .cover import Rejected, violated
from .entries import MOST, field, parts, rational
from .evaluate import interval_of, operations
from .normal import Normal
from .points import HOLDS, rate_of, sign_of
from .reading import Domain, Goal, Problem
from .steps import Checker
from .tree import ONE, ZERO, Tree, guards, make, names, number, read, substitute


def real(checker: Checker, step: object, problem: Problem) -> None:
    """The goal for real values, too: the first part; the others show that all is defined there."""
    domains = {name: replace(domain, integer=False) for name, domain in problem.domains.items()}
    _wider(checker, step, replace(problem, domains=domains))


def fewer(checker: Checker, step: object, problem: Problem) -> None:
    """The goal without idle variables, and from the conditions ``keep`` only."""
    keep, left = field(step, "keep", list), field(step, "variables", list)
    if not all(type(k) is int and 0 <= k < len(problem.conditions) for k in keep):
        raise Rejected("a condition is kept that there is not")
    conditions = tuple(problem.conditions[k] for k in sorted(set(keep)))
    used = names(problem.goal.gap).union(*(names(c.gap) for c in conditions))
    if not all(isinstance(name, str) for name in left) or not used <= set(left) <= set(problem.domains):
        raise Rejected("a variable that is used is left out")
    domains = {name: problem.domains[name] for name in left}
    smaller = replace(problem, domains=domains, conditions=conditions)
    if len(conditions) == len(problem.conditions):
        checker.check(parts(step, 1)[0], smaller)
    else:
        _wider(checker, step, smaller)


def _wider(checker: Checker, step: object, problem: Problem) -> None:
    """More points: by the parts after the first one, the conditions are defined on the box and the goal under them."""
    first, *rest = parts(step, 1, MOST)
    bare = replace(problem, conditions=(), known=frozenset())
    alone = [part for part in rest if isinstance(part, dict) and part.get("bare") is True]
    bare = checker.guarded(alone, bare)
    for condition in problem.conditions:
        checker.defined(condition.gap, bare)
    known = bare.known.union(*(guards(c.gap) for c in problem.conditions))
    problem = checker.guarded([part for part in rest if part not in alone], replace(problem, known=known))
    checker.defined(problem.goal.gap, problem)
    checker.check(first, replace(problem, known=problem.known.union(guards(problem.goal.gap))))


def shift(checker: Checker, step: object, problem: Problem) -> None:
    """A variable as ``low + t``, ``high − t`` or ``low + t·(high − low)`` where it lies beyond or between these."""
    name, image = field(step, "name", str), read(field(step, "image", str), problem.domains)
    domain, me = problem.domains.get(name), ("variable", name)
    first, *rest = parts(step, 1, MOST)
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
    others = tuple(c for c in problem.conditions if name not in names(c.gap))
    spare = [e for e, used in ((domain.low, low), (domain.high, high)) if e is not None and e != used]
    smaller = replace(problem, conditions=others).replaced({me: image})
    smaller = replace(smaller, domains={**problem.domains, name: new})
    if mine or spare:  # a condition is given up: what was defined may not be any more
        smaller = replace(smaller, known=frozenset())
        for condition in others:
            checker.defined(condition.gap, replace(smaller, conditions=()))
    smaller = checker.guarded(rest, smaller)
    checker.defined(image, smaller)
    if between and low is not None and high is not None:
        order = Goal(make("-", high, low), ">" if any(opens) else ">=")
        if not implied(order, smaller):
            smaller = replace(smaller, conditions=(*others, order))
    if mine or spare:
        checker.defined(smaller.goal.gap, smaller)
    checker.check(first, smaller)


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
    """Whether gap = k·wanted for a number k > 0, where wanted has slope 1 or −1."""
    one, two = rate_of(gap, me), rate_of(wanted, me)
    k = one * two if one is not None and two is not None else None
    return k is not None and k > 0 and normal.is_zero(make("-", gap, make("*", number(k), wanted)))


def implied(goal: Goal, problem: Problem) -> bool:
    """Whether the box alone gives a relation."""
    box = {name: interval_of(domain) for name, domain in problem.domains.items()}
    against = Goal(make("neg", goal.gap), ">" if goal.op == ">=" else ">=")
    return violated([(operations(against.gap), against.op)], box)


def slices(checker: Checker, step: object, problem: Problem) -> None:
    """One variable at the values to which a motion of all takes it and that multiplies each gap by a factor > 0.

    ``shift``: x + t·a for every real t, factors exp(b·t). ``scale``: x_i·t**a_i for every t > 0, factors t**b.
    """
    shifted, name = field(step, "motion", str) == "shift", field(step, "name", str)
    weights = {entry[0]: rational(entry[1]) for entry in _pairs(step, "weights")}
    powers = [rational(b) for b in field(step, "powers", list)]
    if not (shifted or field(step, "motion", str) == "scale") or not weights.get(name):
        raise Rejected("a motion shifts or scales the variable that is fixed")
    if len(powers) != 1 + len(problem.conditions):
        raise Rejected("a motion gives a power for each gap")
    for n in weights:
        domain = problem.domains.get(n)
        ends = () if domain is None else (domain.low, domain.high)
        if domain is None or domain.integer or any(e is not None and (shifted or e != ZERO) for e in ends):
            raise Rejected("a motion leaves the domain of a variable")
    if field(step, "values", list) != ([0] if shifted else _places(problem.domains[name])):
        raise Rejected("a motion reaches other values")
    t: Tree = ("variable", " t")
    wide = replace(problem, domains={**problem.domains, " t": Domain() if shifted else Domain(ZERO, None, True)})
    images = {("variable", n): _image(("variable", n), t, a, shifted) for n, a in weights.items()}
    for gap, b in zip((problem.goal.gap, *(c.gap for c in problem.conditions)), powers, strict=True):
        factor = make("exp", make("*", number(b), t)) if shifted else make("**", t, number(b))
        moved = substitute(gap, images)
        checker.defined(moved, wide)
        checker.equal(moved, make("*", factor, gap), wide, "motion")
    left = {n: d for n, d in problem.domains.items() if n != name}
    places = field(step, "values", list)
    for part, value in zip(parts(step, len(places)), places, strict=True):
        at = replace(problem.replaced({("variable", name): number(value)}), domains=left)
        kept = tuple(c for c in at.conditions if names(c.gap) or sign_of(c.gap) not in HOLDS[c.op])
        checker.check(part, replace(at, conditions=kept))


def _pairs(step: object, key: str) -> list[tuple[str, object]]:
    found = field(step, key, list)
    if not all(isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) for item in found):
        raise CheckError(f"{key}: pairs of a name and a number are expected")
    return [(item[0], item[1]) for item in found]


def _image(me: Tree, t: Tree, a: Fraction, shifted: bool) -> Tree:
    return make("+", me, make("*", number(a), t)) if shifted else make("*", me, make("**", t, number(a)))


def _places(domain: Domain) -> list[int]:
    """What every number of a domain with ends 0 or infinite becomes when it is multiplied by some t > 0."""
    closed = not (domain.low is not None and domain.low_open) and not (domain.high is not None and domain.high_open)
    return [1] * (domain.high is None) + [-1] * (domain.low is None) + [0] * closed


RULES: dict[str, Callable[[Checker, object, Problem], None]] = {
    "real": real,
    "fewer": fewer,
    "shift": shift,
    "slices": slices,
}
