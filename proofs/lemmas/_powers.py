"""Tangents of exponentials and of powers with a real exponent p >= 1, and means of positive families."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import Rel, function, ge, gt, integer, le, real
from ..derived import assumed, exponential, logarithm
from ..kernel import Fact, assume, classical, combine, monotone, substitute
from ..values import Number, Table, ball

Row = tuple[Fraction | int, ...]
n, i = integer("n"), integer("i")
p, t, y, x, m = real("p"), real("t"), real("y"), real("x"), real("m")
w, a = function("w"), function("a")
zero = sp.Integer(0)
SIZE, CONVEX = ge(n, 1), ge(p, 1)


def total(term: sp.Expr) -> sp.Expr:
    """Sum over i = 0, ..., n - 1."""
    return sp.Sum(term, (i, 0, n - 1))


def _least_at_zero(term: sp.Expr, up: Fact, down: Fact, goal: Rel) -> Fact:
    """The term in t is at least its value at 0, from up: its slope is >= 0 for t >= 0, and down: <= 0 for t <= 0."""
    sides = []
    for slope, order in ((up, le(0, y)), (down, le(y, 0))):
        sides.append(combine(goal, [(1, monotone(term, t, slope, assume(order)))]))
    return classical("total order", zero, y, goal, given=sides)


@cache
def exponential_tangent() -> Fact:
    """1 + y <= exp(y)."""
    up = combine(ge(sp.exp(t) - 1, 0), [(1, exponential(assume(ge(t, 0))))])
    down = combine(le(sp.exp(t) - 1, 0), [(1, exponential(assume(le(t, 0))))])
    return _least_at_zero(sp.exp(t) - t, up, down, le(1 + y, sp.exp(y)))


@cache
def stretched_tangent() -> Fact:
    """1 + p (exp(y) - 1) <= exp(p y) for p >= 1."""
    convex = assume(CONVEX)
    slopes = []
    for sign in (1, -1):
        side = assume(ge(t, 0) if sign > 0 else le(t, 0))
        order = combine(ge(sign * (p * t - t), 0), [(p - 1, side)], [convex])
        low, high = (t, p * t) if sign > 0 else (p * t, t)
        powers = exponential(combine(le(low, high), [(1, order)]))
        slopes.append(combine(ge(sign * p * (sp.exp(p * t) - sp.exp(t)), 0), [(p, powers)], [convex]))
    up, down = slopes
    plus = combine(ge(p * sp.exp(p * t) - p * sp.exp(t), 0), [(1, up)])
    minus = combine(le(p * sp.exp(p * t) - p * sp.exp(t), 0), [(1, down)])
    goal = le(1 + p * (sp.exp(y) - 1), sp.exp(p * y))
    return _least_at_zero(sp.exp(p * t) - p * sp.exp(t), plus, minus, goal)


@cache
def power_tangent() -> Fact:
    """m^p + p m^(p-1) (x - m) <= x^p for x, m > 0."""
    convex, first, second = assumed(CONVEX, gt(x, 0), gt(m, 0))
    known = [convex, first, second]
    bound = substitute(stretched_tangent(), {y: sp.log(x) - sp.log(m)}, known)
    goal = le(m**p + p * m**p / m * (x - m), x**p)
    return combine(goal, [(m**p, bound)], known, rest=zero)


@cache
def power_order() -> Fact:
    """x^p <= m^p for 0 < x <= m, p >= 1."""
    convex, first, order = assumed(CONVEX, gt(x, 0), le(x, m))
    last = combine(gt(m, 0), [(1, first), (1, order)])
    scaled = combine(le(p * sp.log(x), p * sp.log(m)), [(p, logarithm(order, first))], [convex, first, last])
    return combine(le(x**p, m**p), [(1, exponential(scaled))], [first, last])


def listed(row: Sequence[Number | int]) -> Table:
    """The family whose members 0, 1, ... are the entries of the row."""
    return lambda k: Fraction(row[k]) if isinstance(row[k], int) else row[k]


def power_of(base: Number | int, exponent: Fraction) -> arb:
    """base^exponent for base > 0, straight from the logarithm."""
    return (ball(exponent) * ball(base).log()).exp()


def shown(row: Sequence[Number | int]) -> str:
    """The entries as text."""
    return ", ".join(map(str, row))
