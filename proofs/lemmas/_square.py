"""A double sum of a(i + j) h(i - j) over a triangle or a square of indices, by pairs of neighbouring diagonals."""

from __future__ import annotations

from functools import cache

import sympy as sp

from ..claim import All, eq, function, ge, integer, le
from ..derived import assumed
from ..kernel import Fact, assume, combine, identity, specialise, substitute, termwise
from ._reindex import (
    K,
    by_diagonals,
    by_parity,
    by_parity_from_zero,
    c,
    diagonal_sums,
    even_diagonal,
    f,
    h,
    i,
    j,
    l,
    m,
    odd_diagonal,
    reversed_sum,
    t,
    total,
)

a, nu = function("a"), integer("nu")
LAST = 2 * nu + 1
SOME = ge(nu, 0)
ROUND = a(i + j) * h(i - j)
PAIR = a(2 * K) * even_diagonal(K) + a(2 * K + 1) * odd_diagonal(K)
FIRST_HALF = All(K, 0, nu, ge(PAIR, 0))
SECOND = a(2 * LAST - 2 * K) * even_diagonal(K) + a(2 * LAST + 1 - 2 * K) * odd_diagonal(K - 1)
SECOND_HALF = All(K, 1, nu, ge(SECOND, 0))


@cache
def triangle() -> Fact:
    """The sum over i + j <= 2 nu + 1 is the sum over K = 0..nu of a(2K) E(K) + a(2K + 1) O(K)."""
    some = assume(SOME)
    even, odd = diagonal_sums()
    diagonals = substitute(by_diagonals(), {t: sp.Lambda((i, j), ROUND), m: LAST}, [combine(ge(LAST, 0), [], [some])])
    row = total(a(l) * h(2 * i - l), i, 0, l)
    split = substitute(by_parity(), {f: sp.Lambda(l, row), m: nu}, [some])
    low = assume(ge(K, 0))
    goal = eq(row.subs(l, 2 * K) + row.subs(l, 2 * K + 1), PAIR)
    named = combine(goal, [(a(2 * K), even), (a(2 * K + 1), odd)], [low])
    summed = termwise(named, K, 0, nu, [some])
    left = total(total(ROUND, j, 0, LAST - i), i, 0, LAST)
    return combine(eq(left, total(PAIR, K, 0, nu)), [(1, diagonals), (1, split), (1, summed)], [some])


@cache
def far_triangle() -> Fact:
    """The sum over i + j >= 2 nu + 2, i, j <= 2 nu + 1, is a(4 nu + 2) h(0) and the sum of SECOND over K = 1..nu."""
    some, low = assumed(SOME, ge(i, 1))
    inner = {f: sp.Lambda(j, ROUND), c: LAST, m: i - 1}
    turned = termwise(substitute(reversed_sum(), inner, [combine(ge(i - 1, 0), [(1, low)])]), i, 1, LAST, [some])
    row = total(a(i + LAST - j) * h(i - LAST + j), j, 0, i - 1)
    length = combine(ge(LAST - 1, 0), [], [some])
    outer = substitute(reversed_sum(), {f: sp.Lambda(i, row), c: LAST, m: LAST - 1}, [length])
    near = sp.Lambda((i, j), a(2 * LAST - i - j) * h(j - i))
    diagonals = substitute(by_diagonals(), {t: near, m: LAST - 1}, [length])
    diagonal = total(a(2 * LAST - l) * h(l - 2 * i), i, 0, l)
    split = substitute(by_parity_from_zero(), {f: sp.Lambda(l, diagonal), m: nu}, [some])
    first = assume(ge(K, 1))
    mirror = {h: sp.Lambda(i, h(-i))}
    even, odd = (substitute(fact, mirror) for fact in diagonal_sums())
    before = substitute(odd, {K: K - 1}, [combine(ge(K - 1, 0), [(1, first)])])
    goal = eq(diagonal.subs(l, 2 * K - 1) + diagonal.subs(l, 2 * K), SECOND)
    named = combine(goal, [(a(2 * LAST - 2 * K), even), (a(2 * LAST + 1 - 2 * K), before)], [first])
    summed = termwise(named, K, 1, nu, [some])
    left = total(total(ROUND, j, LAST - i + 1, LAST), i, 1, LAST)
    right = a(2 * LAST) * h(0) + total(SECOND, K, 1, nu)
    return combine(eq(left, right), [(-1, turned), (-1, outer), (1, diagonals), (1, split), (1, summed)], [some])


@cache
def halves() -> Fact:
    """The sum of t(i, j) over i, j = 0..m is the sum over i + j <= m and the sum over i + j > m, m >= 0."""
    low, inside, size = assumed(ge(i, 1), le(i, m), ge(m, 0))
    rest = total(t(i, j), j, 0, m) - total(t(i, j), j, 0, m - i)
    rows = termwise(identity(total(t(i, j), j, m - i + 1, m), rest, [low, inside]), i, 1, m, [size])
    near = total(total(t(i, j), j, 0, m - i), i, 0, m)
    far = total(total(t(i, j), j, m - i + 1, m), i, 1, m)
    return combine(eq(total(total(t(i, j), j, 0, m), i, 0, m), near + far), [(-1, rows)], [size])


@cache
def square() -> Fact:
    """0 <= sum of a(i + j) h(i - j) over i, j = 0..2 nu + 1 if all its pairs of diagonals are nonnegative."""
    some, first, second, corner = assumed(SOME, FIRST_HALF, SECOND_HALF, ge(a(2 * LAST) * h(0), 0))
    ahead = termwise(specialise(first, K), K, 0, nu, [some])
    behind = termwise(specialise(second, K), K, 1, nu, [some])
    split = substitute(halves(), {t: sp.Lambda((i, j), ROUND), m: LAST}, [combine(ge(LAST, 0), [], [some])])
    near = combine(ge(triangle().relation.rhs, 0), [(1, ahead)], [some])
    far = combine(ge(far_triangle().relation.rhs, 0), [(1, behind), (1, corner)], [some])
    terms = [(-1, split), (-1, triangle()), (-1, far_triangle()), (1, near), (1, far)]
    return combine(ge(split.relation.lhs, 0), terms, [some], rest=sp.Integer(0))
