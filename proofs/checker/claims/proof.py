"""A saved proof against the claim it is about: what is said, where it is defined, and every step.

Shared with the prover: nothing but python-flint. Shared with the re-check of certificates: `..formula.tree_of`, which
reads formulas by Python's own tokens and precedence. The order of trust is the reading of the claim (`reading`), balls
(`interval`), equality of formulas (`normal`), and the rules (`steps`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from fractions import Fraction
from typing import Any

from flint import ctx

from ..ball import Undecided
from ..formula import CheckError
from .cover import Rejected
from .entries import field
from .evaluate import Nowhere, evaluate, operations
from .normal import Normal
from .points import at_point, inside, rate_of, sign_of
from .reading import Claim, Goal, Problem, as_conditions, read_claim
from .rules import RULES
from .steps import Checker
from .tree import Tree, guards, make, names, number, read, substitute

KIND = "attain-proof/1"
BITS = 128
Line = tuple[str, str, str]
Shown = tuple[Tree, str, frozenset[int]]
STRONGER = {"nonzero": (">",), "positive": (">",), "nonnegative": (">", ">=")}


def check_proof(data: object, seconds: float = 300, progress: Callable[[float], None] | None = None) -> list[Line]:
    """Lines (name, "proved" | "refuted" | "not re-checked" | "undecided", detail); CheckError if `data` is no proof.

    >>> lines = check_proof({"kind": KIND, "claim": "x <= 1", "where": [], "verdict": "refuted", "witness": {"x": "2"}})
    >>> [status for _, status, _ in lines]
    ['proved']
    """
    if field(data, "kind", str) != KIND:
        raise CheckError(f"kind: {KIND!r} is expected")
    end = time.monotonic() + seconds

    def tick() -> None:
        if time.monotonic() > end:
            raise Undecided("out of time; allow more seconds")

    with ctx.workprec(BITS):
        claim = read_claim(field(data, "claim", str), field(data, "where", list))
        verdict = field(data, "verdict", str)
        if verdict == "refuted":
            return [_witness(data, claim)]
        if verdict != "proved":
            raise CheckError("verdict: proved or refuted")
        lines: list[Line] = []
        for line in _proved(data, claim, tick):
            lines.append(line)
            if progress is not None:
                progress(len(lines) / (len(lines) + 1))
        return lines


def _witness(data: object, claim: Claim) -> Line:
    texts = field(data, "witness", dict)
    if any(isinstance(text, str) and ".." in text for text in texts.values()):
        return "witness", "not re-checked", "a point between two numbers, where a factor changes sign"
    point: dict[str, Fraction | Tree] = {name: _constant(text) for name, text in texts.items()}
    shown = ", ".join(f"{name} = {ascii(text)[1:-1]}" for name, text in texts.items()) or "it has no variables"
    if set(point) != set(claim.domains):
        return "witness", "refuted", "it does not give a number to each variable"
    if not inside(Problem(claim.domains, claim.conditions, claim.goals[0]), point):
        return "witness", "refuted", f"{shown} is not certainly in the domain"
    false = [k for k, goal in enumerate(claim.goals) if at_point(goal, point) is False]
    if not false:
        return "witness", "refuted", f"the claim is not certainly false at {shown}"
    return "witness", "proved", f"the claim is false at {shown}"


def _constant(text: object) -> Fraction | Tree:
    """A number, exact if it is rational."""
    tree = read(text, {})
    return tree[1] if tree[0] == "number" else tree


def _line(name: str, work: Callable[[Checker], None], tick: Callable[[], None], detail: str = "") -> Line:
    """Run a part of the check: its status and what was used."""
    checker = Checker(tick, RULES)
    try:
        work(checker)
    except Rejected as why:
        return name, "refuted", str(why)
    except Nowhere:
        return name, "refuted", "a formula is undefined"
    except (Undecided, OverflowError) as why:
        return name, "undecided", str(why) or "numbers too large"
    if checker.notes:
        return name, "not re-checked", "; ".join(dict.fromkeys(checker.notes))
    used = ", ".join(rule if k == 1 else f"{rule} ({k})" for rule, k in checker.rules.items())
    return name, "proved", used or detail


def _proved(data: object, claim: Claim, tick: Callable[[], None]) -> Iterator[Line]:
    yield _line("domain", lambda checker: _domain(data, claim), tick, "every end is a number, no domain is empty")
    goals = field(data, "goals", list)
    _same_goals(goals, claim)
    claim = _eliminated(field(data, "solved", list), claim)
    yield _line("point", lambda checker: _point(data, claim), tick, "the conditions can hold together")
    yield from _guards(field(data, "guards", list), claim, tick)
    for k, (step, goal) in enumerate(zip(goals, claim.goals, strict=True), 1):
        known = frozenset(guards(goal.gap)).union(*(guards(c.gap) for c in claim.conditions))
        problem = Problem(claim.domains, claim.conditions, goal, known)
        yield _line(f"goal {k}", lambda checker, s=step, p=problem: checker.check(s, p), tick)  # type: ignore[misc]


def _domain(data: object, claim: Claim) -> None:
    """Every end is a number, no domain is empty."""
    for name, domain in claim.domains.items():
        for end in (domain.low, domain.high):
            try:
                found = None if end is None else evaluate(operations(end), {})
            except Nowhere:
                raise Rejected(f"the domain of {name} has an undefined end") from None
            if found is not None and (found.cut or not found.value.finite):
                raise Rejected(f"the domain of {name} has an end that is not a number")
        if domain.low is not None and domain.high is not None:
            width = sign_of(make("-", domain.high, domain.low))
            if width is None or width < 0 or (width == 0 and (domain.low_open or domain.high_open)):
                raise Rejected(f"the domain of {name} is empty")


def _point(data: object, claim: Claim) -> None:
    """The conditions can hold together."""
    point: dict[str, Fraction | Tree] = {name: _constant(x) for name, x in field(data, "point", dict).items()}
    if set(point) != set(claim.domains) or not inside(Problem(claim.domains, claim.conditions, claim.goals[0]), point):
        raise Rejected("the point does not certainly satisfy all conditions")


def _same_goals(goals: list[Any], claim: Claim) -> None:
    """The file is about this claim: the goals that it states are those of the text."""
    if len(goals) != len(claim.goals):
        raise CheckError(f"goals: the claim has {len(claim.goals)}")
    for step, goal in zip(goals, claim.goals, strict=True):
        op = field(step, "op", str)
        said = read(field(step, "said", str), claim.domains)
        if op != goal.op or said != make(*goal.gap):
            raise CheckError(f"goals: {ascii(step['said'])[:60]} is not what the claim says")


def _eliminated(solved: list[Any], claim: Claim) -> Claim:
    """The claim with variables replaced by the solutions of linear conditions."""
    for item in reversed(solved):
        if not (isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and item[0] in claim.domains):
            raise CheckError("solved: pairs of a variable and its value are expected")
        name, domain = item[0], claim.domains[item[0]]
        value, me = read(item[1], claim.domains), ("variable", item[0])
        used = next((c for c in claim.conditions if _solves(c, me, value)), None)
        if used is None or domain.integer or name in names(value):
            raise CheckError(f"solved: no condition gives {name}")
        rest = [c for c in claim.conditions if c is not used]
        conditions = [Goal(_raw(c.gap, me, value), c.op) for c in rest]
        claim = Claim(
            tuple(Goal(_raw(goal.gap, me, value), goal.op) for goal in claim.goals),
            {n: d for n, d in claim.domains.items() if n != name},
            (*conditions, *as_conditions(name, domain, value)),
        )
    return claim


def _raw(gap: Tree, me: Tree, value: Tree) -> Tree:
    """Substitution that keeps the two sides of a relation."""
    return (gap[0], *(substitute(side, {me: value}) for side in gap[1:])) if gap[0] == "-" else gap


def _solves(condition: Goal, me: Tree, value: Tree) -> bool:
    """Whether ``condition`` is defined everywhere and says k·(me − value) = 0 for a number k ≠ 0."""
    if condition.op != "==" or me[1] not in names(condition.gap):
        return False
    if not all(_plain(guard, kind) for guard, kind in guards(condition.gap)):
        return False
    k = rate_of(condition.gap, me)
    return bool(k) and Normal({}).is_zero(make("-", condition.gap, make("*", number(k or 0), make("-", me, value))))


def _guards(steps: list[Any], claim: Claim, tick: Callable[[], None]) -> Iterator[Line]:
    """Every part of the conditions and goals is defined; a condition may be used once its own parts are."""
    shown: list[Shown] = []
    for k, step in enumerate(steps, 1):
        op, given = field(step, "op", str), field(step, "given", list)
        if op not in (">", ">=") or not all(type(i) is int and 0 <= i < len(claim.conditions) for i in given):
            raise CheckError("guards: an inequality under conditions by their number is expected")
        gap = read(field(step, "said", str), claim.domains)
        conditions = tuple(claim.conditions[i] for i in given)
        # the parts of a guard are defined because their own guards come before it, under no other conditions
        known = frozenset(guards(gap)).union(*(guards(c.gap) for c in conditions))
        if not all(_shown(g, kind, shown, frozenset(given)) for g, kind in known):
            raise CheckError(f"guards: {ascii(step['said'])[:60]} comes before what it needs to be defined")
        problem = Problem(claim.domains, conditions, Goal(gap, op), known)
        yield _line(f"guard {k}", lambda checker, s=step, p=problem: checker.check(s, p), tick)  # type: ignore[misc]
        shown.append((gap, op, frozenset(given)))
    settled: set[int] = set()

    def defined(goal: Goal) -> bool:
        return all(_shown(g, kind, shown, settled) for g, kind in guards(goal.gap))

    while more := {i for i, c in enumerate(claim.conditions) if i not in settled and defined(c)}:
        settled |= more
    missing = [c for i, c in enumerate(claim.conditions) if i not in settled]
    missing += [goal for goal in claim.goals if not defined(goal)]
    if missing:
        yield "defined", "refuted", "some part of the claim is not shown to be defined"


def _shown(guard: Tree, kind: str, shown: list[Shown], settled: AbstractSet[int]) -> bool:
    """Whether a guard is a number, or was shown under no other than the settled conditions."""
    wanted = (guard, make("neg", guard), make("**", guard, number(2)))[: 3 if kind == "nonzero" else 1]
    return _plain(guard, kind) or any(
        gap in wanted and op in STRONGER[kind] and given <= settled for gap, op, given in shown
    )


def _plain(guard: Tree, kind: str) -> bool:
    """A guard that is a number."""
    sign = None if names(guard) else sign_of(guard)
    return sign is not None and (sign != 0 if kind == "nonzero" else sign >= int(kind == "positive"))
