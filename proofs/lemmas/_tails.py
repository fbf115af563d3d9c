"""Gaussian weights of the centres that a padded grid lacks on one side: sums over distances d, d + 1, d + 2, ..."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import eq, ge, gt, integer, le, lt, real
from ..derived import assumed, exponential
from ..kernel import Fact, assume, combine, identity, induction, monotone, substitute, termwise
from ..lemma import Example
from ..values import ball

kappa, first, D, t = real("kappa"), real("d"), real("D"), real("t")
n, j = integer("n"), integer("j")
HALF = sp.Rational(1, 2)
HOT, COUNT, REACH, FAR = gt(kappa, 0), ge(n, 0), ge(D, HALF), le(D, first)


def gauss(distance: sp.Expr) -> sp.Expr:
    """exp(-kappa distance^2 / 2)."""
    return sp.exp(-kappa * distance**2 / 2)


def share(exponent: sp.Expr) -> sp.Expr:
    """1/(1 - exp(-x)), written with sinh so that it is seen to be defined for x > 0."""
    return sp.exp(exponent / 2) / (2 * sp.sinh(exponent / 2))


MASS = gauss(D) * share(kappa * (D + HALF))
MOMENT = D * gauss(D) * share(kappa * D)


def mass_sum(distance: sp.Expr, size: sp.Expr = n) -> sp.Expr:
    """Weights at distance, distance + 1, ... (`size` of them)."""
    return sp.Sum(gauss(distance + j), (j, 0, size - 1))


def moment_sum(distance: sp.Expr, size: sp.Expr = n) -> sp.Expr:
    """Weights times distances."""
    return sp.Sum((distance + j) * gauss(distance + j), (j, 0, size - 1))


@cache
def geometric() -> Fact:
    """(1 - r)(1 + r + ... + r^(n-1)) <= 1 for r = exp(-a), any real a."""
    a = real("a")

    def partial(size: sp.Expr) -> sp.Expr:
        return (1 - sp.exp(-a)) * sp.Sum(sp.exp(-a * j), (j, 0, size - 1))

    size = assume(COUNT)
    goal = eq(partial(n), 1 - sp.exp(-a * n))
    base = identity(partial(sp.Integer(0)), sp.Integer(0))
    after = eq(partial(n + 1), 1 - sp.exp(-a * (n + 1)))
    step = combine(after, [(1, assume(goal, [size]))], [size])
    return combine(le(partial(n), 1), [(1, induction(goal, n, 0, base, step))], [size])


@cache
def mass_bound() -> Fact:
    """mass_sum(d) <= MASS: (d + i)^2 >= D^2 + (2 D + 1) i, as i^2 >= i, and a geometric series."""
    hot, size, reach, far, low = assumed(HOT, COUNT, REACH, FAR, ge(j, 0))
    grows = ge(j**2, j)
    step = combine(ge((j + 1) ** 2, j + 1), [(1, assume(grows))], [low])
    square = induction(grows, j, 0, identity(sp.Integer(0), sp.Integer(0)), step)
    decay = kappa * (D + HALF)
    goal = le(-kappa * (first + j) ** 2 / 2, -kappa * D**2 / 2 - decay * j)
    exponent = combine(goal, [(kappa / 2 * (first + D + 2 * j), far), (kappa / 2, square)], [hot, reach, low])
    total = termwise(exponential(exponent), j, 0, n - 1, [size])
    small = exponential(combine(lt(-decay, 0), [], [hot, reach]))
    series = substitute(geometric(), {real("a"): decay})
    factor = gauss(D) / (1 - sp.exp(-decay))
    return combine(le(mass_sum(first), MASS), [(1, total), (factor, series)], [hot, size, reach, small])


@cache
def hyperbolic() -> Fact:
    """t sinh(kappa D/2) <= D sinh(kappa t/2) for t >= D >= 1/2, kappa > 0: x/sinh x decreases."""
    hot, reach, beyond = assumed(HOT, REACH, le(D, t))
    v = real("v")
    nonnegative = assume(ge(v, 0))
    cosh = combine(ge(sp.sinh(v), 0), [], [nonnegative])
    order = combine(le(kappa * D / 2, kappa * t / 2), [(kappa / 2, beyond)], [hot])
    steep = monotone(sp.cosh(v), v, cosh, order, [hot, reach, beyond])
    convex = combine(ge(v * sp.sinh(v), 0), [], [nonnegative])
    start = combine(le(0, kappa * D / 2), [], [hot, reach])
    tangent = monotone(v * sp.cosh(v) - sp.sinh(v), v, convex, start, [hot, reach])
    gap = D * sp.sinh(kappa * t / 2) - t * sp.sinh(kappa * D / 2)
    slope = combine(ge(sp.diff(gap, t), 0), [(D * kappa / 2, steep), (1, tangent)], [hot, reach])
    ahead = monotone(gap, t, slope, beyond, [hot, reach])
    return combine(le(t * sp.sinh(kappa * D / 2), D * sp.sinh(kappa * t / 2)), [(1, ahead)])


@cache
def telescope() -> Fact:
    """Sum over i < n of E(d + i - 1/2) - E(d + i + 1/2) is E(d - 1/2) - E(d + n - 1/2), E(x) = exp(-kappa x^2/2)."""

    def partial(size: sp.Expr) -> sp.Expr:
        return sp.Sum(gauss(first + j - HALF) - gauss(first + j + HALF), (j, 0, size - 1))

    size = assume(COUNT)
    goal = eq(partial(n), gauss(first - HALF) - gauss(first + n - HALF))
    base = identity(partial(sp.Integer(0)), sp.Integer(0))
    after = eq(partial(n + 1), gauss(first - HALF) - gauss(first + n + HALF))
    step = combine(after, [(1, assume(goal, [size]))], [size])
    return induction(goal, n, 0, base, step)


@cache
def moment_bound() -> Fact:
    """moment_sum(d) <= MOMENT: x E(x) is at most D/sinh(kappa D/2) times a telescoping difference."""
    hot, size, reach, far, low = assumed(HOT, COUNT, REACH, FAR, ge(j, 0))
    beyond = combine(le(D, first + j), [(1, far), (1, low)])
    sinh = substitute(hyperbolic(), {t: first + j}, [beyond])
    rise = 2 * sp.exp(-kappa / 8) * sp.sinh(kappa * D / 2)
    difference = gauss(first + j - HALF) - gauss(first + j + HALF)
    goal = le(rise * (first + j) * gauss(first + j), D * difference)
    one = combine(goal, [(2 * sp.exp(-kappa / 8) * gauss(first + j), sinh)])
    total = termwise(one, j, 0, n - 1, [size])
    lower = le(-kappa * (first - HALF) ** 2 / 2, -kappa * (D - HALF) ** 2 / 2)
    start = exponential(combine(lower, [(kappa / 2 * (first + D - 1), far)], [hot, reach, far]))
    terms = [(1 / rise, total), (D / rise, telescope()), (D / rise, start)]
    rest = D / rise * gauss(first + n - HALF)
    return combine(le(moment_sum(first), MOMENT), terms, [hot, size, reach], rest=rest)


def tail_examples(level: int) -> tuple[Example, ...]:
    """Tails that start at the reach and beyond it, cold and hot, with few and many terms."""
    found = []
    for heat in (Fraction(1, 10), Fraction(1), Fraction(12)) if level < 2 else map(Fraction, (1, 2, 5, 12, 60)):
        for reach in (Fraction(1, 2), Fraction(5, 2)):
            for extra in (Fraction(0), Fraction(1, 3)):
                for size in (0, 1, 40):
                    values = {kappa: heat, D: reach, first: reach + extra, n: Fraction(size)}
                    found.append(Example(f"kappa={heat}, D={reach}, d={reach + extra}, n={size}", values))
    for start in (Fraction(0), Fraction(1, 2)):
        values = {kappa: Fraction(1), D: Fraction(5, 2), first: start, n: Fraction(40)}
        found.append(Example(f"kappa=1, D=5/2, d={start}, n=40", values))
    return tuple(found)


def tail(example: Example, power: int) -> arb:
    """Sum of distance**power * exp(-kappa distance^2 / 2) over the n distances of an instance."""
    heat, start, size = example.values[kappa], example.values[first], int(example.values[n])
    distances = [start + a for a in range(size)]
    return sum((ball(x) ** power * ball(-heat * x * x / 2).exp() for x in distances), arb(0))
