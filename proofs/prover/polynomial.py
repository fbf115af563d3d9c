"""Exact decisions for polynomials over Q: sign sequences in one variable, successive differences in several.

`univariate` decides p ≥ 0 or p > 0 on an interval by dropping even factors and counting roots with a Sturm sequence.
`differences` shows p ≥ 0 on the orthant: all coefficients are ≥ 0, or, after x = u₁, y = u₁ + u₂, … for every order of
the variables, they are. Source: J. C. F. Sturm (1829); L. Yang, successive difference substitution (2005).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, permutations

from flint import fmpq, fmpq_poly

Terms = dict[tuple[int, ...], Fraction]
MAX_TERMS, MAX_DEGREE = 3000, 60


def _sturm(p: fmpq_poly) -> list[fmpq_poly]:
    chain = [p, p.derivative()]
    while chain[-1] != 0:
        chain.append(-(chain[-2] % chain[-1]))
    return chain[:-1]


def _changes(signs: Iterator[int]) -> int:
    kept = [s for s in signs if s]
    return sum(a != b for a, b in pairwise(kept))


def _sign_at(p: fmpq_poly, x: Fraction | None, side: int) -> int:
    """Sign at x, or at side·∞ if x is None."""
    if x is None:
        lead = p[p.degree()]
        return (1 if lead > 0 else -1) * (side if p.degree() % 2 else 1)
    value = p(fmpq(x.numerator, x.denominator))
    return int(value > 0) - int(value < 0)


def roots_inside(p: fmpq_poly, low: Fraction | None, high: Fraction | None) -> int:
    """The number of distinct roots of a squarefree polynomial in (low, high); None is infinite."""
    for end in (low, high):
        if end is not None and _sign_at(p, end, 0) == 0:
            p = p // fmpq_poly([fmpq(-end.numerator, end.denominator), 1])
    if p.degree() < 1:
        return 0
    chain = _sturm(p)
    return _changes(_sign_at(q, low, -1) for q in chain) - _changes(_sign_at(q, high, 1) for q in chain)


def univariate(
    coefficients: list[Fraction],
    low: Fraction | None,
    high: Fraction | None,
    closed: tuple[bool, bool],
    strict: bool,
) -> bool:
    """Decide p ≥ 0 (p > 0 if strict) on the interval; ``closed`` says which ends belong to it.

    >>> univariate([Fraction(1), Fraction(-2), Fraction(1)], None, None, (False, False), False)
    True
    """
    p = fmpq_poly([fmpq(c.numerator, c.denominator) for c in coefficients])
    if p == 0:
        return not strict
    if p.degree() > MAX_DEGREE:
        return False
    unit, factors = p.numer().factor_squarefree()
    odd, whole = fmpq_poly([int(unit)]), fmpq_poly([1])
    for factor, times in factors:
        whole *= fmpq_poly(factor)
        odd *= fmpq_poly(factor) if times % 2 else 1
    if roots_inside(whole if strict else odd, low, high):
        return False
    if strict:
        ends = [end for end, inside in ((low, closed[0]), (high, closed[1])) if inside and end is not None]
        if any(_sign_at(p, end, 0) <= 0 for end in ends):
            return False
    return _sign_at(odd, _inside(odd, low, high), 0) > 0


def _inside(p: fmpq_poly, low: Fraction | None, high: Fraction | None) -> Fraction:
    """A point of the open interval that is not a root of p."""
    for k in range(2, p.degree() + 4):
        if low is not None and high is not None:
            x = low + (high - low) / k
        elif low is not None:
            x = low + k
        else:
            x = (high if high is not None else Fraction(0)) - k
        if _sign_at(p, x, 0):
            return x
    raise ValueError("a polynomial with more roots than its degree")


def substitute(p: Terms, images: list[Terms]) -> Terms | None:
    """p(images); None if it grows too large."""
    count = len(next(iter(images[0]))) if images else 0
    one: Terms = {(0,) * count: Fraction(1)}
    powers: list[list[Terms]] = [[one] for _ in images]
    result: Terms = {}
    for mono, c in p.items():
        term: Terms = {(0,) * count: c}
        for i, e in enumerate(mono):
            while len(powers[i]) <= e:
                powers[i].append(product(powers[i][-1], images[i]))
            term = product(term, powers[i][e])
        for m, v in term.items():
            result[m] = result.get(m, Fraction(0)) + v
        if len(result) > MAX_TERMS:
            return None
    return {m: v for m, v in result.items() if v}


def product(a: Terms, b: Terms) -> Terms:
    result: Terms = {}
    for m, c in a.items():
        for n, d in b.items():
            key = tuple(x + y for x, y in zip(m, n, strict=True))
            result[key] = result.get(key, Fraction(0)) + c * d
    return result


def variable(count: int, i: int) -> tuple[int, ...]:
    return tuple(int(j == i) for j in range(count))


def differences(p: Terms, depth: int, budget: list[int]) -> bool:
    """p ≥ 0 where all variables are ≥ 0; ``budget[0]`` bounds the number of substitutions (large ones count more).

    >>> one = Fraction(1)
    >>> differences({(2, 0): one, (1, 1): -2 * one, (0, 2): one}, 2, [100])
    True
    """
    if all(c >= 0 for c in p.values()):
        return True
    count = len(next(iter(p)))
    if _negative_vertex(p, count) or depth == 0 or count > 5 or count < 2:
        return False
    for order in permutations(range(count)):
        budget[0] -= 1 + len(p) ** 2 // 1000
        if budget[0] < 0:
            return False
        images: list[Terms] = [{} for _ in range(count)]
        for rank, i in enumerate(order):
            images[i] = {variable(count, j): Fraction(1) for j in range(rank + 1)}
        smaller = substitute(p, images)
        if smaller is None or not differences(smaller, depth - 1, budget):
            return False
    return True


def _negative_vertex(p: Terms, count: int) -> bool:
    """Whether the constant term, or the top or bottom term of a pure power, is negative: then p < 0 somewhere."""
    zero = (0,) * count
    if p.get(zero, 0) < 0:
        return True
    for i in range(count):
        pure = sorted((m[i], c) for m, c in p.items() if sum(m) == m[i])
        if pure and (pure[-1][1] < 0 or pure[0][1] < 0):
            return True
    return False
