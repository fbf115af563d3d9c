"""Finite vectors of symbolic length N: Cauchy-Schwarz and products of absolute values, from squares alone."""

from __future__ import annotations

from functools import cache

import sympy as sp

from ..claim import function, ge, integer, le, real
from ..derived import absolute_bounds, assumed
from ..kernel import Fact, combine

N, k, i = integer("N"), integer("k"), integer("i")
a, b = function("a"), function("b")
first, second = real("a_"), real("b_")
DIMENSION = ge(N, 1)


def total(term: sp.Expr) -> sp.Expr:
    """Sum over k = 1, ..., N."""
    return sp.Sum(term, (k, 1, N))


@cache
def cauchy_schwarz() -> Fact:
    """(sum a_k b_k)^2 <= (sum a_k^2)(sum b_k^2): the gap is half the sum of all (a_k b_i - a_i b_k)^2."""
    (dimension,) = assumed(DIMENSION)
    squares = sp.Sum(sp.Sum((a(k) * b(i) - a(i) * b(k)) ** 2, (i, 1, N)), (k, 1, N))
    goal = le(total(a(k) * b(k)) ** 2, total(a(k) ** 2) * total(b(k) ** 2))
    return combine(goal, [], [dimension], rest=squares / 2)


def product_bound(left: sp.Expr, right: sp.Expr) -> Fact:
    """a b <= |a| |b|, for terms that are defined without further facts."""
    low, high = absolute_bounds(left), absolute_bounds(-left)
    under, over = absolute_bounds(right), absolute_bounds(-right)
    size, other = sp.Abs(left), sp.Abs(right)
    terms = [((other + right) / 2, low), ((other - right) / 2, high)]
    return combine(le(left * right, size * other), terms, [under, over])
