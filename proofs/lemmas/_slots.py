"""Slots 0, ..., n - 1 with the identity matrix d(i, t), the slot matrix Q and its inverse, for symbolic n."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import All, eq, function, ge, gt, integer, le, real
from ..derived import assumed
from ..kernel import Fact, combine, specialise, termwise
from ..values import Number

n, i, t, c, r = (integer(name) for name in "nitcr")
odds = real("E")
d, f = function("d"), function("f")
SOME, ABOVE_ONE = ge(n, 1), gt(odds, 1)
HERE = (ge(t, 0), le(t, n - 1))
ONE = All(t, 0, n - 1, eq(d(t, t), 1))
FIRST = All(t, 0, n - 1, All(i, 0, t - 1, eq(d(i, t), 0)))
LAST = All(t, 0, n - 1, All(i, t + 1, n - 1, eq(d(i, t), 0)))
IDENTITY = (SOME, ONE, FIRST, LAST)


def Q(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """((E - 1) d + 1)/(E + n - 1)."""
    return ((odds - 1) * d(row, column) + 1) / (odds + n - 1)


def W(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """((E + n - 1) d - 1)/(E - 1)."""
    return ((odds + n - 1) * d(row, column) - 1) / (odds - 1)


def total(term: sp.Expr, index: sp.Symbol) -> sp.Expr:
    """The sum over all slots."""
    return sp.Sum(term, (index, 0, n - 1))


@cache
def sifted() -> Fact:
    """The sum over i of f(i) d(i, t) is f(t), 0 <= t <= n - 1."""
    size, one, first, last, low, high = assumed(*IDENTITY, *HERE)
    sides = []
    for fact, start, end in ((first, 0, t - 1), (last, t + 1, n - 1)):
        zero = combine(eq(f(i) * d(i, t), 0), [(f(i), specialise(specialise(fact, t), i))])
        sides.append(termwise(zero, i, start, end, [size, low, high]))
    goal = eq(total(f(i) * d(i, t), i), f(t))
    return combine(goal, [*((1, side) for side in sides), (f(t), specialise(one, t))], [size, low, high])


@cache
def row_sum() -> Fact:
    """The sum over t of d(r, t) is 1, 0 <= r <= n - 1."""
    size, one, first, last, low, high = assumed(*IDENTITY, ge(r, 0), le(r, n - 1))
    sides = []
    for fact, start, end in ((last, 0, r - 1), (first, r + 1, n - 1)):
        zero = specialise(fact, t, r, given=(*assumed(ge(t, start), le(t, end)), low, high))
        sides.append(termwise(zero, t, start, end, [size, low, high]))
    goal = eq(total(d(r, t), t), 1)
    return combine(goal, [*((1, side) for side in sides), (1, specialise(one, r))], [size, low, high])


def unit(a: int, b: int) -> Fraction:
    """The entries of the identity matrix."""
    return Fraction(a == b)


def entries(size: int, ratio: Number) -> tuple[list[list[Number]], list[list[Number]]]:
    """Q, as the softmax of columns with weight E on the own slot and 1 elsewhere, and its inverse by elimination."""
    weights = [[ratio if a == b else Fraction(1) for b in range(size)] for a in range(size)]
    shares = [[w / sum(column) for w, column in zip(row, zip(*weights, strict=True), strict=True)] for row in weights]
    return shares, gauss_inverse(shares)


def gauss_inverse(matrix: list[list[Number]]) -> list[list[Number]]:
    """The inverse by elimination, exact for fractions."""
    size = len(matrix)
    rows = [[*row, *(Fraction(a == b) for b in range(size))] for a, row in enumerate(matrix)]
    for a in range(size):
        rows[a] = [entry / rows[a][a] for entry in rows[a]]
        for b in range(size):
            if b != a:
                rows[b] = [x - rows[b][a] * y for x, y in zip(rows[b], rows[a], strict=True)]
    return [row[size:] for row in rows]


def slot_values(level: int) -> Iterator[tuple[int, Fraction, dict[sp.Basic, Number | Callable[..., Number]]]]:
    """Sizes and odds with the identity matrix filled in; odds below 1 break the hypothesis E > 1."""
    for size in (1, 2, 3) if level < 2 else (1, 2, 3, 7):
        for ratio in (Fraction(1, 2), Fraction(3, 2), Fraction(4), Fraction(60)):
            yield size, ratio, {n: Fraction(size), odds: ratio, d: unit}
