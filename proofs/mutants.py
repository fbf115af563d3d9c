"""False (and sometimes true) variants of a claim, made by machine: what a sound prover is tried on.

Each mutant differs from the claim in one place:

kind       | what changes
-----------|-----------------------------------------------------------------------------------------------------------
constant   | a rational constant of a goal, condition or end of a domain, by ±10 %, ±1 %, ±0.1 % (0 has no percentage)
factor     | the larger side of a goal or condition (the right one of ==), by the same factors
relation   | a goal <= made <, == made <= both ways; a condition or end with < and <= exchanged; any of them reversed
dropped    | a condition, an end of a domain, or "integer"
sign       | a + made −, a − made +, a unary minus removed
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import zip_longest
from math import ceil
from typing import Any

import mpmath

from ..symbolic.tree import Expr, children, names, number, to_fraction, to_text
from .points import MPMATH, Point, Unclear, Undefined, value
from .prover.language import Claim, Relation, Variable

FACTORS = tuple(
    (f"{sign}{share} %", 1 + Fraction(f"{sign}{share}") / 100) for share in ("10", "1", "0.1") for sign in "+-"
)
KINDS = ("constant", "factor", "relation", "dropped", "sign")


@dataclass(frozen=True)
class ClaimMutant:
    """A claim changed in one place; `kind` is one of `KINDS`, `label` says what and where."""

    kind: str
    label: str
    claim: Claim

    @property
    def where(self) -> tuple[str, ...]:
        """The conditions as text that `parse_claim` reads."""
        return (*(domain_text(v) for v in self.claim.variables), *map(str, self.claim.conditions))


def mutants(claim: Claim) -> tuple[ClaimMutant, ...]:
    """All mutants in a fixed order, without those that say the same as the claim or as an earlier mutant.

    "The same" is decided by the values of both sides at fixed points, which ignores the form of a formula; a mutant
    lost by a coincidence is one attack fewer and never a wrong verdict.

    >>> from attain.proofs.prover.language import parse_claim
    >>> for mutant in mutants(parse_claim("x < 2", ["x in (-inf, 1]"]))[-4:]:
    ...     print(mutant.kind, "|", mutant.label, "|", mutant.claim.text, "|", *mutant.where)
    constant | x in (-inf, 1]: upper end, constant 1, 1, -0.1 % | x < 2 | x in (-inf, 0.999]
    relation | x in (-inf, 1]: upper end left out of the domain | x < 2 | x in (-inf, 1)
    dropped | x in (-inf, 1]: without its upper end | x < 2 | x in (-inf, inf)
    relation | x in (-inf, 1]: reversed | x < 2 | x in [1, inf)
    """
    seen = {_meaning(claim)}
    found = []
    for kind, label, changed in _everything(claim):
        meaning = _meaning(changed)
        if meaning not in seen:
            seen.add(meaning)
            text = " and ".join(map(str, changed.goals))
            found.append(ClaimMutant(kind, label, replace(changed, text=text, name=f"{claim.name}: {label}")))
    return tuple(found)


def choose(items: Sequence[ClaimMutant], count: int) -> tuple[ClaimMutant, ...]:
    """A fixed sample of about equally many of every kind, in order; all of them if `count` is 0."""
    if count == 0 or count >= len(items):
        return tuple(items)
    generator = random.Random(items[0].claim.text)
    order = generator.sample(KINDS, len(KINDS))
    piles = [generator.sample(pile, len(pile)) for pile in ([m for m in items if m.kind == kind] for kind in order)]
    taken = [m for layer in zip_longest(*piles) for m in layer if m is not None][:count]
    return tuple(m for m in items if any(m is other for other in taken))


Change = tuple[str, str, Claim]


def _everything(claim: Claim) -> Iterator[Change]:
    for role, relations in (("goal", claim.goals), ("condition", claim.conditions)):
        for relation in relations:
            for kind, what, new in _relation_changes(relation, role == "condition"):
                yield kind, f"{role} {relation}: {what}", _exchanged(claim, relation, new)
    for condition in claim.conditions:
        rest = tuple(c for c in claim.conditions if c is not condition)
        yield "dropped", f"without the condition {condition}", replace(claim, conditions=rest)
    for v in claim.variables:
        for kind, what, domain in _domain_changes(v):
            variables = tuple(domain if w is v else w for w in claim.variables)
            yield kind, f"{domain_text(v)}: {what}", replace(claim, variables=variables)


def _exchanged(claim: Claim, old: Relation, new: Relation) -> Claim:
    def swap(items: tuple[Relation, ...]) -> tuple[Relation, ...]:
        return tuple(new if item is old else item for item in items)

    return replace(claim, goals=swap(claim.goals), conditions=swap(claim.conditions))


# --- places in a formula ------------------------------------------------------------------------------------------

Path = tuple[int, ...]


def _places(expr: Expr, path: Path = ()) -> Iterator[tuple[Path, Expr]]:
    """Every node with its path, parents first."""
    yield path, expr
    for i, child in enumerate(children(expr)):
        yield from _places(child, (*path, i))


def _put(expr: Expr, path: Path, new: Expr) -> Expr:
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = _put(args[path[0]], path[1:], new)
    return Expr(expr.head, tuple(args))


def _rational_places(expr: Expr) -> Iterator[tuple[Path, Fraction]]:
    """The largest rational parts: 1/3 is one constant, not two."""
    inside: list[Path] = []
    for path, node in _places(expr):
        if any(path[: len(outer)] == outer for outer in inside):
            continue
        constant = to_fraction(node)
        if constant is not None:
            inside.append(path)
            yield path, constant


# --- the kinds ----------------------------------------------------------------------------------------------------


def _relation_changes(relation: Relation, condition: bool) -> Iterator[tuple[str, str, Relation]]:
    a, op, b = relation.lhs, relation.op, relation.rhs
    for kind, what, expr in _formula_changes(a):
        yield kind, f"left side, {what}", Relation(expr, op, b)
    for kind, what, expr in _formula_changes(b):
        yield kind, f"right side, {what}", Relation(a, op, expr)
    for words, factor in FACTORS:
        yield "factor", f"right side {words}", Relation(a, op, Expr("*", (number(factor), b)))
    if op == "==":
        yield "relation", "made <", Relation(a, "<", b)
        yield "relation", "made >", Relation(b, "<", a)
        return
    if condition or op == "<=":
        swapped = {"<=": "<", "<": "<="}[op]
        yield "relation", f"made {swapped}", Relation(a, swapped, b)
    yield "relation", "reversed", Relation(b, op, a)


def _formula_changes(expr: Expr) -> Iterator[tuple[str, str, Expr]]:
    yield from _nudged(expr)
    for path, node in _places(expr):
        if node.head in ("+", "-"):
            other = "-" if node.head == "+" else "+"
            yield "sign", f"{to_text(node)} with {other}", _put(expr, path, Expr(other, node.args))
        elif node.head == "neg":
            yield "sign", f"{to_text(node)} without its minus", _put(expr, path, node.args[0])


def _nudged(expr: Expr) -> Iterator[tuple[str, str, Expr]]:
    for place, (path, constant) in enumerate(_rational_places(expr), 1):
        for words, factor in FACTORS:
            what = f"constant {place}, {to_text(number(constant))}, {words}"
            yield "constant", what, _put(expr, path, number(constant * factor))


def _domain_changes(v: Variable) -> Iterator[tuple[str, str, Variable]]:
    def low(end: Expr | None, is_open: bool) -> Variable:
        return replace(v, low=end, low_open=is_open)

    def high(end: Expr | None, is_open: bool) -> Variable:
        return replace(v, high=end, high_open=is_open)

    for words, end, is_open, changed in (
        ("lower end", v.low, v.low_open, low),
        ("upper end", v.high, v.high_open, high),
    ):
        if end is None:
            continue
        for kind, what, expr in _nudged(end):
            yield kind, f"{words}, {what}", changed(expr, is_open)
        move = "taken into" if is_open else "left out of"
        yield "relation", f"{words} {move} the domain", changed(end, not is_open)
        yield "dropped", f"without its {words}", changed(None, False)
    if (v.low is None) != (v.high is None):
        yield "relation", "reversed", replace(v, low=v.high, high=v.low, low_open=v.high_open, high_open=v.low_open)
    if v.integer:
        yield "dropped", "real instead of integer", replace(v, integer=False)


def domain_text(v: Variable) -> str:
    """The domain of a variable as a condition that `parse_claim` reads.

    >>> domain_text(Variable("n", number(2), integer=True))
    'n in [2, inf) integer'
    """
    low = "(-inf" if v.low is None else f"{'(' if v.low_open else '['}{to_text(v.low)}"
    high = "inf)" if v.high is None else f"{to_text(v.high)}{')' if v.high_open else ']'}"
    return f"{v.name} in {low}, {high}{' integer' if v.integer else ''}"


# --- what a claim says --------------------------------------------------------------------------------------------


def _meaning(claim: Claim) -> tuple[Any, ...]:
    """A key that equal claims share: the scaled gaps at fixed points, the domains as numbers."""
    used = sorted({n for r in (*claim.goals, *claim.conditions) for side in (r.lhs, r.rhs) for n in names(side)})
    points = _fixed_points(used)
    domains = tuple(sorted(_domain_key(v) for v in claim.variables))
    goals, conditions = (
        frozenset((r.op, _values(r.gap, points)) for r in rs) for rs in (claim.goals, claim.conditions)
    )
    return goals, conditions, domains


def _fixed_points(used: list[str]) -> list[Point]:
    generator = random.Random(7)
    sizes = ((0, 1), (0, 1), (0, 5), (1, 3), (-3, 0), (3, 40))
    return [{name: Fraction(f"{generator.uniform(low, high):.5g}") for name in used} for low, high in sizes]


def _values(expr: Expr, points: list[Point]) -> tuple[str, ...]:
    """The values as text, divided by the size of the first one that is not 0."""
    found: list[Any] = []
    with mpmath.workdps(40):
        for point in points:
            try:
                x = value(expr, point, MPMATH)
                found.append(MPMATH.lift(x) if isinstance(x, Fraction) else x)
            except (Undefined, Unclear, OverflowError):
                found.append(None)
        scale = next((abs(x) for x in found if x), mpmath.mpf(1))
        return tuple("undefined" if x is None else mpmath.nstr(x / scale, 20) for x in found)


def _domain_key(v: Variable) -> tuple[str, ...]:
    ends = []
    for end, is_open, inward in ((v.low, v.low_open, 1), (v.high, v.high_open, -1)):
        exact = None if end is None else to_fraction(end)
        if exact is not None and v.integer:
            first = inward * ceil(inward * exact)
            exact, is_open = Fraction(first + inward * (is_open and first == exact)), False
        ends.append("none" if end is None else f"{'(' if is_open else '['}{to_text(end) if exact is None else exact}")
    return v.name, str(v.integer), *ends
