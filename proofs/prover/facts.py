"""Polynomial facts about the atoms of a normal form, each true at every point of the domain.

Domains and side conditions with logarithms removed, ranges, and for positive A, B with logarithms a, b the tangent
B·(b − a) ≥ B − A (from log t ≤ t − 1 at t = A/B), which is all that is used about exp and log. Kinks, steps and the
arc tangent are bounded by their arguments.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import prod
from typing import Any, NamedTuple

from flint import ctx

from ...symbolic.tree import Expr
from .algebra import Rewritten, exponential, log_scale, numerator, range_on, rational
from .certificate import Fact
from .normal import ONE, Mono, Normaliser, Poly, Quotient, TooLarge, add_poly, join
from .problem import Problem, domain_relations

MOST_PAIRS = 40


class Logarithm(NamedTuple):
    """A positive quantity and its logarithm, as polynomials over the atoms."""

    value: Poly
    log: Poly


def hypotheses(n: Normaliser, problem: Problem) -> list[Fact]:
    """Domains and side conditions as polynomials over the atoms."""
    found: list[Fact] = []
    for why, relations in (("domain", domain_relations(problem.variables)), ("condition", problem.conditions)):
        for relation in relations:
            op = {"<=": ">=", "<": ">", "==": "=="}[relation.op]
            form = n.form(relation.gap)
            found += [Fact(item.poly, op, f"{why} {relation}", item) for item in numerators(n, form, problem)]
    return found


def powers(n: Normaliser, found: list[Fact]) -> list[Fact]:
    """exp(M·p) ≥ 1 for p ≥ 0 and monomials M > 0 such that all exponentials of the terms of M·p occur."""
    exponents = {atom.key[1]: i for i, atom in enumerate(n.atoms) if atom.key[0] == "exp"}
    result = []
    for fact in found:
        if fact.source.how != "times" or not fact.poly:
            continue
        first = max(fact.poly, key=len)
        for whole in exponents:
            factor = join(whole, tuple((i, -e) for i, e in first))
            image = [(exponents.get(join(m, factor), -1), c) for m, c in fact.poly.items()]
            if min(image)[0] >= 0 and all(n.atoms[i].sign == 1 for i, _ in factor):
                power: Poly = {tuple(sorted(image)): Fraction(1)}
                gap, base = add_poly(power, ONE, Fraction(-1)), fact.source
                source = Rewritten(n, gap, "exp", (), (*base.times, {factor: Fraction(1)}))
                result.append(Fact(gap, fact.op, "exponential of " + fact.why, source))
    return result


def numerators(n: Normaliser, form: Quotient, problem: Problem) -> list[Rewritten]:
    """The numerator over a positive denominator, also with logarithms removed."""
    top = numerator(n, form, problem)
    if top is None:
        return []
    plain, power = Rewritten(n, top.poly, "times", top.times), exponential(n, top.poly, problem)
    if power is None:
        return [plain]
    scale: Poly = {(): 1 / log_scale(n, top.poly)}
    return [plain, Rewritten(n, power.poly, "exp", power.times, (*top.times, scale))]


def ranges(n: Normaliser, problem: Problem) -> list[Fact]:
    """Signs (stored in the atoms of ``n``) and bounds of the atoms on the domain."""
    found: list[Fact] = []
    for i, atom in enumerate(n.atoms):
        value = range_on(atom.expr, problem)
        if value is None:
            continue
        sign = 1 if value.positive else 0 if value.nonnegative else -1
        n.atoms[i] = atom._replace(sign=max(atom.sign, sign))
        if atom.expr.head == "variable" and not _whole(problem, atom.expr):
            continue
        low, high = rational(value.lo), rational(value.hi)
        me: Poly = {((i, Fraction(1)),): Fraction(1)}
        if low is not None and low != 0:
            found.append(Fact(add_poly(me, {(): low}, Fraction(-1)), ">" if value.lo_open else ">=", "range"))
        if high is not None:
            gap = add_poly({(): high} if high else {}, me, Fraction(-1))
            found.append(Fact(gap, ">" if value.hi_open else ">=", "range"))
    return found


def _whole(problem: Problem, variable: Expr) -> bool:
    return any(v.integer for v in problem.variables if v.name == variable.args[0])


def logarithms(n: Normaliser, polys: list[Poly]) -> list[Logarithm]:
    """The positive quantities with a known logarithm that occur: exponentials (with their powers), arguments of log."""
    found = [Logarithm(ONE, {})]
    powers: dict[Mono, None] = {}
    for p in polys:
        for mono in p:
            inside = tuple((i, e) for i, e in mono if n.atoms[i].key[0] == "exp")
            if inside:
                powers[inside] = None
                powers.update({((i, abs(e)),): None for i, e in inside})
    for mono in powers:
        total: Poly = {}
        for i, e in mono:
            total = add_poly(total, {n.atoms[i].key[1]: Fraction(1)}, e)
        found.append(Logarithm({mono: Fraction(1)}, total))
    for i, atom in enumerate(n.atoms):
        if atom.key[0] == "log" and atom.base is not None and set(atom.base) != {()}:
            found.append(Logarithm(atom.base, {((i, Fraction(1)),): Fraction(1)}))
    return found


def numbers(n: Normaliser, polys: list[Poly]) -> list[Logarithm]:
    """The numbers whose logarithms occur: primes p, and Π p**c for the terms Σ c·log p of a coefficient."""
    prime = {i: a.base[()] for i, a in enumerate(n.atoms) if a.key[0] == "log" and a.base and set(a.base) == {()}}
    exponents: dict[tuple[tuple[int, Fraction], ...], None] = {((i, Fraction(1)),): None for i in prime}
    for p in polys:
        rows: dict[Mono, list[tuple[int, Fraction]]] = {}
        for mono, c in p.items():
            for i, e in mono:
                if i in prime and e == 1:
                    rows.setdefault(tuple(x for x in mono if x[0] != i), []).append((i, c))
        for row in rows.values():
            side = -1 if row[0][1] < 0 else 1
            if all(c.denominator == 1 and abs(c) <= 8 for _, c in row):
                exponents[tuple((i, side * c) for i, c in row)] = None
    found = []
    for factors in exponents:
        value = prod((prime[i] ** int(c) for i, c in factors), start=Fraction(1))
        found.append(Logarithm({(): value}, {((i, Fraction(1)),): c for i, c in factors}))
    return found


def tangents(n: Normaliser, pairs: list[Logarithm], scales: list[Logarithm]) -> list[Fact]:
    """B·(b − a) − (B − A) ≥ 0 for all pairs, also with A multiplied or divided by the numbers in ``scales``."""
    found: list[Fact] = []
    for a, b in permutations(pairs, 2):
        found.append(_tangent(n, a, b, pairs[0], 1))
        found += [_tangent(n, a, b, c, side) for c in scales for side in (1, -1)]
    return found


def _tangent(n: Normaliser, a: Logarithm, b: Logarithm, c: Logarithm, side: int) -> Fact:
    """With A·c**side in the place of A."""
    factor = c.value[()] if side == 1 else 1 / c.value[()]
    low = add_poly(a.log, c.log, Fraction(side))
    difference = add_poly(b.log, low, Fraction(-1))
    value = {m: v * factor for m, v in a.value.items()}
    gap = add_poly(add_poly(n.times(b.value, difference), b.value, Fraction(-1)), value)
    apart = add_poly(b.value, value, Fraction(-1))
    distinct = n.sign(apart) == 1 or n.sign({m: -v for m, v in apart.items()}) == 1
    return Fact(gap, ">" if distinct else ">=", "tangent of log", (value, b.value))


def bounds(n: Normaliser) -> list[Fact]:
    """Kinks, steps and the arc tangent by their arguments."""
    found: list[Fact] = []
    for i, atom in enumerate(n.atoms):
        head = atom.key[0]
        if head in ("abs", "min", "max", "floor", "ceil", "atan"):
            arguments = [_argument(n, top, bottom) for top, bottom in atom.key[1:]]
            if None not in arguments:
                found += _bounds(n, head, {((i, Fraction(1)),): Fraction(1)}, arguments)  # type: ignore[arg-type]
    return found


def _argument(n: Normaliser, top: Any, bottom: Any) -> Poly | None:
    return dict(top) if dict(bottom) == ONE else None


def _bounds(n: Normaliser, head: str, v: Poly, arguments: list[Poly]) -> list[Fact]:
    u = arguments[0]

    def minus(a: Poly, b: Poly) -> Poly:
        return add_poly(a, b, Fraction(-1))

    if head in ("floor", "ceil"):
        gap = minus(u, v) if head == "floor" else minus(v, u)
        return [Fact(gap, ">=", head), Fact(minus(ONE, gap), ">", head)]
    square = minus(n.times(u, u), n.times(v, v))
    if head == "abs":
        return [
            Fact(v, ">=", head),
            Fact(minus(v, u), ">=", head),
            Fact(add_poly(v, u), ">=", head),
            Fact(square, "==", head),
        ]
    if head == "atan":
        return [Fact(square, ">=", head), Fact(n.times(u, v), ">=", head)]
    gaps = [minus(v, u), minus(v, arguments[1])]
    if head == "min":
        gaps = [minus({}, gap) for gap in gaps]
    return [*(Fact(gap, ">=", head) for gap in gaps), Fact(n.times(*gaps), "==", head)]


def facts(n: Normaliser, problem: Problem, goal: Poly) -> list[Fact]:
    """All facts for a goal, the most useful first; raises `TooLarge`."""
    with ctx.workprec(64):
        found = hypotheses(n, problem)
        polys = [goal, *(f.poly for f in found)]
        pairs, scales = logarithms(n, polys), numbers(n, polys)
        limits = ranges(n, problem)
        found += [*powers(n, found), *bounds(n)]
        found += [Fact(pair.value, ">", "argument of log") for pair in pairs if len(pair.value) > 1]
        if len(pairs) * (1 + 2 * len(scales)) > MOST_PAIRS:
            raise TooLarge
        return [f for f in (*found, *tangents(n, pairs, scales), *limits) if f.poly]
