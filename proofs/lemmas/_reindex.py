"""Reindexing of finite sums of symbolic size, each proved by induction for an arbitrary family."""

from __future__ import annotations

from functools import cache

import sympy as sp

from ..claim import eq, function, ge, integer
from ..kernel import Fact, assume, combine, identity, induction, substitute, termwise

i, j, l, m, c, K = (integer(name) for name in ("i", "j", "l", "m", "c", "K"))
f, h, t = function("f"), function("h"), function("t")
NONEMPTY = ge(m, 0)


def total(term: sp.Expr, index: sp.Symbol, low: sp.Expr | int, high: sp.Expr | int) -> sp.Expr:
    """The sum of the term over low..high."""
    return sp.Sum(term, (index, low, high))


def _by_induction(left: sp.Expr, right: sp.Expr, variable: sp.Symbol, start: int = 0) -> Fact:
    """left == right for variable >= start, the base and the step by normal form alone."""
    goal, low = eq(left, right), assume(ge(variable, start))
    begin, after = {variable: sp.Integer(start)}, {variable: variable + 1}
    base = identity(left.subs(begin), right.subs(begin))
    step = combine(eq(left.subs(after), right.subs(after)), [(1, assume(goal, [low]))], [low])
    return induction(goal, variable, start, base, step)


@cache
def shifted() -> Fact:
    """Sum of f(i + c) over 0..m is the sum of f over c..c+m, m >= -1."""
    return _by_induction(total(f(i + c), i, 0, m), total(f(i), i, c, c + m), m, -1)


@cache
def reversed_sum() -> Fact:
    """Sum of f(c - i) over 0..m is the sum of f over c-m..c, m >= -1."""
    return _by_induction(total(f(c - i), i, 0, m), total(f(i), i, c - m, c), m, -1)


@cache
def by_diagonals() -> Fact:
    """Sum of t(i, j) over i + j <= m is the sum over the diagonals l = 0..m of the sum of t(i, l - i), m >= 0."""

    def triangle(size: sp.Expr, last: sp.Expr) -> sp.Expr:
        return total(total(t(i, j), j, 0, size - i), i, 0, last)

    diagonals = total(total(t(i, l - i), i, 0, l), l, 0, m)
    goal, low, inside = eq(triangle(m, m), diagonals), assume(NONEMPTY), assume(ge(m, i))
    peel = identity(total(f(i), i, 0, c), total(f(i), i, 0, c - 1) + f(c), [assume(ge(c, 0))])
    last = substitute(peel, {f: sp.Lambda(i, total(t(i, j), j, 0, m + 1 - i)), c: m + 1}, [low])
    longer = identity(total(t(i, j), j, 0, m + 1 - i), total(t(i, j), j, 0, m - i) + t(i, m + 1 - i), [inside])
    rows = termwise(longer, i, 0, m, [low])
    after = eq(triangle(m + 1, m + 1), total(total(t(i, l - i), i, 0, l), l, 0, m + 1))
    step = combine(after, [(1, last), (1, rows), (1, assume(goal, [low]))], [low])
    base = identity(goal.lhs.subs(m, 0), goal.rhs.subs(m, 0))
    return induction(goal, m, 0, base, step)


@cache
def by_parity() -> Fact:
    """Sum of f over 0..2m+1 is the sum over k = 0..m of f(2k) + f(2k+1), m >= 0."""
    return _by_induction(total(f(i), i, 0, 2 * m + 1), total(f(2 * i) + f(2 * i + 1), i, 0, m), m)


@cache
def by_parity_from_zero() -> Fact:
    """Sum of f over 0..2m is f(0) and the sum over k = 1..m of f(2k-1) + f(2k), m >= 0."""
    return _by_induction(total(f(i), i, 0, 2 * m), f(0) + total(f(2 * i - 1) + f(2 * i), i, 1, m), m)


def even_diagonal(size: sp.Expr) -> sp.Expr:
    """h(-2K) + ... + h(-2) + h(0) + h(2) + ... + h(2K), by pairs."""
    return h(0) + total(h(2 * l) + h(-2 * l), l, 1, size)


def odd_diagonal(size: sp.Expr) -> sp.Expr:
    """h(-2K-1) + ... + h(-1) + h(1) + ... + h(2K+1), by pairs."""
    return total(h(2 * l + 1) + h(-2 * l - 1), l, 0, size)


@cache
def diagonal_sums() -> tuple[Fact, Fact]:
    """Sum of h(2i - d) over i = 0..d, for d = 2K and d = 2K + 1, K >= 0."""
    size = assume(ge(K, 0))
    even = _by_induction(total(h(2 * i), i, -K, K), even_diagonal(K), K)
    odd = _by_induction(total(h(2 * i - 1), i, -K, K + 1), odd_diagonal(K), K)
    found = []
    for body, length, symmetric in ((h(2 * i), 2 * K, even), (h(2 * i - 1), 2 * K + 1, odd)):
        moved = substitute(shifted(), {f: sp.Lambda(i, body), c: -K, m: length}, [combine(ge(length, 0), [], [size])])
        found.append(combine(eq(moved.relation.lhs, symmetric.relation.rhs), [(1, moved), (1, symmetric)], [size]))
    return found[0], found[1]
