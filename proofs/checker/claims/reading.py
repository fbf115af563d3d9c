"""What a claim says, read from its text without the prover's parser: goals, domains and side conditions.

Comparison signs split a chain, `tree.read` reads the sides. A first constant end on either side of a variable is its
domain, everything else a side condition; a name that is nowhere bounded is real and unbounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..formula import CheckError
from .tree import Tree, make, names, read, substitute

NAME = re.compile(r"[A-Za-z][A-Za-z_0-9]{0,63}")
_DECLARED = re.compile(r"\s*([A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)*)\s+(in|integer|real)\b(.*)", re.S)
_SIGNS = re.compile(r"(<=|>=|==|<|>)")
_ENDS = {"-": ("-inf", "-infinity", "-oo"), "+": ("inf", "infinity", "oo", "+inf", "+infinity", "+oo")}
LIMIT = 4000


@dataclass(frozen=True)
class Domain:
    """An interval; an end that is None is infinite."""

    low: Tree | None = None
    high: Tree | None = None
    low_open: bool = False
    high_open: bool = False
    integer: bool = False


@dataclass(frozen=True)
class Goal:
    """``gap op 0`` with op ``>=``, ``>`` or ``==``."""

    gap: Tree
    op: str


@dataclass(frozen=True)
class Problem:
    """A goal on domains under side conditions; ``known``: guards that are proved to hold wherever these do."""

    domains: Mapping[str, Domain]
    conditions: tuple[Goal, ...]
    goal: Goal
    known: frozenset[tuple[Tree, str]] = frozenset()

    def replaced(self, values: Mapping[Tree, Tree]) -> Problem:
        """With nodes of the goal, the conditions and the guards replaced."""
        conditions = tuple(Goal(substitute(c.gap, values), c.op) for c in self.conditions)
        goal = Goal(substitute(self.goal.gap, values), self.goal.op)
        known = frozenset((substitute(guard, values), kind) for guard, kind in self.known)
        return Problem(self.domains, conditions, goal, known)

    def real(self, name: str, domain: Domain) -> Problem:
        """With another domain of a variable; guards proved for integers are not known for reals."""
        known = frozenset() if self.domains[name].integer and not domain.integer else self.known
        return Problem({**self.domains, name: domain}, self.conditions, self.goal, known)


@dataclass
class Claim:
    """Goals, domains and conditions; the two sides of each relation are kept for their guards."""

    goals: tuple[Goal, ...]
    domains: dict[str, Domain] = field(default_factory=dict)
    conditions: tuple[Goal, ...] = ()


def read_claim(text: object, where: object) -> Claim:
    """Read a claim; CheckError, one line, if it is none.

    >>> claim = read_claim("0 <= x < y", ["x in [0, 1)", "y >= 2"])
    >>> len(claim.goals), claim.domains["x"].high_open, claim.domains["y"].high
    (2, True, None)
    """
    if not isinstance(text, str) or not isinstance(where, list) or not all(isinstance(w, str) for w in where):
        raise CheckError("claim, where: a text and a list of texts are expected")
    if len(where) > 100 or any(len(item) > LIMIT for item in (text, *where)):
        raise CheckError("claim, where: too long")
    words = {n for item in (text, *where) for n in re.findall(r"(?<![\w.])[A-Za-z]\w*(?!\w|\s*\()", item)}
    declared = {name for item in where for name in _declared(item)}
    variables = {n for n in words if NAME.fullmatch(n) and n not in ("pi", "e")} | declared
    known = dict.fromkeys(variables)
    claim = Claim(tuple(_chain(text, known)))
    for item in where:
        _condition(claim, item, known)
    for goal in (*claim.goals, *claim.conditions):
        for name in sorted(names(goal.gap)):
            claim.domains.setdefault(name, Domain())
    return claim


def _declared(text: str) -> list[str]:
    match = _DECLARED.fullmatch(text)
    if match:
        return [name.strip() for name in match[1].split(",")]
    return []


def _links(text: str, known: Mapping[str, object]) -> list[tuple[Tree, str, Tree]]:
    parts = _SIGNS.split(text)
    if len(parts) < 3:
        raise CheckError(f"no comparison in {ascii(text)[:60]}")
    sides = [read(side, known) for side in parts[::2]]
    found = []
    for a, op, b in zip(sides, parts[1::2], sides[1:], strict=False):
        found.append((b, {">=": "<=", ">": "<"}[op], a) if op in (">=", ">") else (a, op, b))
    return found


def _goal(link: tuple[Tree, str, Tree]) -> Goal:
    a, op, b = link
    return Goal(("-", b, a), {"<=": ">=", "<": ">", "==": "=="}[op])


def _chain(text: str, known: Mapping[str, object]) -> list[Goal]:
    return [_goal(link) for link in _links(text, known)]


def _condition(claim: Claim, text: str, known: Mapping[str, object]) -> None:
    match = _DECLARED.fullmatch(text)
    if match:
        for name in match[1].split(","):
            _word(claim, name.strip(), match[2], match[3].strip(), known)
        return
    tail = re.search(r"\b(integer|real)\s*$", text)
    links = _links(text[: tail.start()] if tail else text, known)
    if tail:
        bare = {side[1] for a, _, b in links for side in (a, b) if side[0] == "variable"}
        if len(bare) != 1:
            raise CheckError(f"{ascii(text)[:60]} does not name one variable")
        if tail[1] == "integer":
            _change(claim, bare.pop(), integer=True)
    for a, op, b in links:
        if op != "==" and a[0] == "variable" and not names(b):
            _bound(claim, a[1], None, b, op == "<")
        elif op != "==" and b[0] == "variable" and not names(a):
            _bound(claim, b[1], a, None, op == "<")
        else:
            claim.conditions = (*claim.conditions, _goal((a, op, b)))


def _word(claim: Claim, name: str, word: str, rest: str, known: Mapping[str, object]) -> None:
    tail = re.search(r"\s(integer|real)$", rest) if word == "in" else None
    _change(claim, name, integer=word == "integer" or (tail is not None and tail[1] == "integer"))
    if word != "in":
        if rest:
            raise CheckError(f"unexpected {ascii(rest)[:40]}")
        return
    body = rest[: tail.start()].strip() if tail else rest
    cut = _comma(body)
    if len(body) < 5 or body[0] not in "[(" or body[-1] not in "])" or cut < 0:
        raise CheckError(f"{ascii(body)[:40]} is not an interval")
    low, high = body[1:cut].strip().replace(" ", ""), body[cut + 1 : -1].strip().replace(" ", "")
    if low not in _ENDS["-"]:
        _bound(claim, name, _end(low, known), None, body[0] == "(")
    if high not in _ENDS["+"]:
        _bound(claim, name, None, _end(high, known), body[-1] == ")")


def _end(text: str, known: Mapping[str, object]) -> Tree:
    end = read(text, known)
    if names(end):
        raise CheckError("an end of a domain is a constant")
    return end


def _comma(text: str) -> int:
    depth = 0
    for i, character in enumerate(text[1:-1], 1):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            return i
    return -1


def _change(claim: Claim, name: str, integer: bool) -> None:
    if not NAME.fullmatch(name):
        raise CheckError(f"{ascii(name)[:40]} is not a name")
    old = claim.domains.get(name, Domain())
    claim.domains[name] = replace(old, integer=integer or old.integer)


def _bound(claim: Claim, name: str, low: Tree | None, high: Tree | None, is_open: bool) -> None:
    old, me = claim.domains.get(name, Domain()), ("variable", name)
    if low is not None and old.low is None:
        claim.domains[name] = replace(old, low=low, low_open=is_open)
    elif high is not None and old.high is None:
        claim.domains[name] = replace(old, high=high, high_open=is_open)
    else:
        gap = make("-", me, low) if low is not None else ("-", high, me)
        claim.conditions = (*claim.conditions, Goal(gap, ">" if is_open else ">="))


def as_conditions(name: str, domain: Domain, value: Tree) -> Sequence[Goal]:
    """The domain of a variable as conditions on a formula for it."""
    found = []
    if domain.low is not None:
        found.append(Goal(make("-", value, domain.low), ">" if domain.low_open else ">="))
    if domain.high is not None:
        found.append(Goal(make("-", domain.high, value), ">" if domain.high_open else ">="))
    return found


__all__ = ["Claim", "Domain", "Goal", "Problem", "as_conditions", "make", "read_claim"]
