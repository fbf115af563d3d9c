"""Neighbouring diagonals of a double Gaussian sum: F(s) E + F(s + 1) O >= 0 for F(x) = x exp(-kappa x^2/4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp

from ..claim import ge, gt, le, real
from ..derived import assumed, exponential, logarithm
from ..kernel import Fact, assume, classical, combine, monotone, substitute, termwise
from ..terms import substitute_term
from ._lattice import HOT, kappa
from ._reindex import K, by_parity, by_parity_from_zero, c, even_diagonal, f, h, i, l, m, odd_diagonal, shifted
from .theta_decreases import INSIDE, NEAR, delta, n, theta_decreases

s, w, x, t = real("s"), real("w"), real("x"), real("t")
RIGHT, WIDE, SHORT, LEFT, BEFORE = gt(s, 0), ge(w, 0), le(w, 1), gt(x, 0), le(x, s)
SOME = ge(K, 0)


def hump(distance: sp.Expr) -> sp.Expr:
    """x exp(-kappa x^2 / 4): it rises, then falls."""
    return distance * sp.exp(-kappa * distance**2 / 4)


RISES = le(hump(s), hump(s + 1))


def _below_tangent(order: Fact, given: Sequence[Fact]) -> Fact:
    """log(y) - log(1) <= y - 1 from order: 1 <= y or y <= 1, `given` showing that y is positive."""
    right = order.relation.lhs == 1
    side, positive = assumed(ge(t, 1) if right else le(t, 1), gt(t, 0))
    goal = ge(1 - 1 / t, 0) if right else le(1 - 1 / t, 0)
    slope = combine(goal, [(1 / t, side)], [side if right else positive])
    return monotone(t - sp.log(t), t, slope, order, given)


@cache
def still_rising() -> Fact:
    """F(x) <= F(x + w) for 0 < x <= s and 0 <= w <= 1, if F(s) <= F(s + 1): log F is concave."""
    hot, right, wide, short, left, before, rises = assumed(HOT, RIGHT, WIDE, SHORT, LEFT, BEFORE, RISES)
    given = [hot, right, wide, short]
    logs = logarithm(rises, combine(gt(hump(s), 0), [], [hot, right]))
    high = _below_tangent(combine(le(1, (s + 1) / (s + w)), [(1 / (s + w), short)], given), given)
    low = _below_tangent(combine(le(s / (s + w), 1), [(1 / (s + w), wide)], given), given)
    gain = sp.log(t + w) - sp.log(t) - kappa * w * (2 * t + w) / 4
    at_s = combine(ge(gain.subs(t, s), 0), [(w, high), (1 - w, low), (w, logs)], given, rest=kappa * w * (1 - w) / 4)
    positive = assume(gt(t, 0))
    slope = combine(le(sp.diff(gain, t), 0), [], [hot, wide, positive])
    falls = monotone(gain, t, slope, before, [wide, left, right])
    goal = le(sp.log(x) - kappa * x**2 / 4, sp.log(x + w) - kappa * (x + w) ** 2 / 4)
    order = combine(goal, [(1, falls), (1, at_s)], [left, wide, right, before])
    return combine(le(hump(x), hump(x + w)), [(1, exponential(order))], [left, wide])


WAVE = sp.Lambda(m, hump(delta + m))


def even_wave(size: sp.Expr) -> sp.Expr:
    """F(delta + d) summed over even |d| <= 2 size."""
    return substitute_term(even_diagonal(size), {h: WAVE})


def odd_wave(size: sp.Expr) -> sp.Expr:
    """F(delta + d) summed over odd |d| <= 2 size + 1."""
    return substitute_term(odd_diagonal(size), {h: WAVE})


@cache
def wave_signs() -> tuple[Fact, Fact, Fact]:
    """0 <= E(K), 0 <= E(K) + O(K) for K >= 0 and 0 <= E(K) + O(K - 1) for K >= 1: theta-decreases, at two scales."""
    hot, near, inside, some = assumed(HOT, NEAR, INSIDE, SOME)
    given = [hot, near, inside, some]
    narrow = combine(le(delta / 2, sp.Rational(1, 2)), [(sp.Rational(1, 2), inside)], rest=sp.Rational(1, 4))
    coarse = substitute(theta_decreases(), {kappa: 2 * kappa, delta: delta / 2, n: K}, [*given, narrow])
    even = combine(ge(even_wave(K), 0), [(2, coarse)], given)
    step = sp.Lambda(i, hump(i + delta) - hump(i - delta))
    found = [even]
    moved = {f: sp.Lambda(i, step.expr.subs(i, 2 * i - 1)), c: sp.Integer(1), m: K - 1}
    for size, rule, odd, low in ((2 * K + 1, by_parity(), K, 0), (2 * K, by_parity_from_zero(), K - 1, 1)):
        here = [*given, assume(ge(K, low))]
        terms = [(1, substitute(theta_decreases(), {kappa: kappa / 2, n: size}, here))]
        terms.append((1, substitute(rule, {f: step, m: K}, here)))
        if low == 1:
            terms.append((-1, substitute(shifted(), moved, [combine(ge(K - 1, 0), [(1, here[-1])])])))
        found.append(combine(ge(even_wave(K) + odd_wave(odd), 0), terms, here, rest=sp.Integer(0)))
    return found[0], found[1], found[2]


@cache
def pair(behind: bool = False) -> Fact:
    """0 <= F(s) E(K) + F(s + 1) O(K) for s >= 2K + 1 - delta; `behind`: O(K - 1), 2K - 1, K >= 1 instead."""
    size = K - 1 if behind else K
    hot, near, inside, some = assumed(HOT, NEAR, INSIDE, ge(K, 1 if behind else 0))
    far, right = assumed(ge(s, 2 * size + 1 - delta), gt(s, 0))
    given = [hot, near, inside, some, right]
    even, odd_after, odd_before = wave_signs()
    whole = odd_before if behind else odd_after
    goal = ge(hump(s) * even_wave(K) + hump(s + 1) * odd_wave(size), 0)
    falls = assume(le(hump(s + 1), hump(s)))
    first = combine(goal, [(even_wave(K), falls), (hump(s + 1), whole)], [*given, even], rest=sp.Integer(0))
    low, high = assumed(ge(l, 0), le(l, size))
    place = {x: 2 * l + 1 - delta, w: 2 * delta}
    rules = [
        combine(gt(2 * l + 1 - delta, 0), [(1, inside), (2, low)], rest=sp.Rational(1, 2)),
        combine(le(2 * l + 1 - delta, s), [(1, far), (2, high)]),
        combine(le(2 * delta, 1), [(2, inside)]),
        combine(ge(2 * delta, 0), [(2, near)]),
    ]
    up = substitute(still_rising(), place, rules)
    rising = termwise(combine(ge(hump(2 * l + 1 + delta), hump(2 * l + 1 - delta)), [(1, up)]), l, 0, size, [some])
    odd = combine(ge(odd_wave(size), 0), [(1, rising)], [some])
    second = combine(goal, [(hump(s), even), (hump(s + 1), odd)], given)
    return classical("total order", hump(s + 1), hump(s), goal, given=[first, second])
