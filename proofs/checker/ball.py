"""Arb balls for the checker: a ball stands for every real number in it.

Over a wide ball a function is taken from the ends wherever it is monotone, and is cut where it is known to stop (sin at
±1, even powers at 0): a claim that is attained at such an end can then be proved. `ZERO`, `ONE` and `MINUS` are
compared by identity, so structural zeros and units cost no radius.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

NAN, ZERO, ONE, MINUS, HALF = arb("nan"), arb(0), arb(1), arb(-1), Fraction(1, 2)


class Undecided(Exception):
    """Why a step could not be decided."""


def ball(x: Fraction | arb | float) -> arb:
    """A ball around an exact number."""
    return arb(fmpq(x.numerator, x.denominator)) if isinstance(x, Fraction) else arb(x)


def up(x: arb) -> float:
    """The least float above every point of a ball, or nearly so."""
    near = float(x.upper()) if x.is_finite() else math.inf
    return near if x <= near else math.nextafter(near, math.inf)


def span(low: arb, high: arb, keep_high: bool = False) -> arb:
    """A ball around [low, high] with one end exact: 30-bit radius, one unit less passed as Arb adds one, verified."""
    low, high = low.lower(), high.upper()
    half = float(((high - low) / 2).upper())
    if not 0 < half < math.inf:
        return low.union(high)
    mantissa, exponent = math.frexp(half)
    radius = math.ldexp(math.ceil(mantissa * 2**30), exponent - 30)
    less = radius - math.ldexp(1, exponent - (31 if mantissa == 0.5 else 30))
    found = arb(high - arb(radius) if keep_high else low + arb(radius), less)
    return found if found.contains(low) and found.contains(high) else low.union(high)


def times(a: arb, b: arb) -> arb:
    """ab."""
    if a is ZERO or b is ZERO:
        return ZERO
    if a is ONE or b is ONE:
        return b if a is ONE else a
    return -b if a is MINUS else -a if b is MINUS else a * b


def plus(a: arb, b: arb) -> arb:
    """a + b."""
    return b if a is ZERO else a if b is ZERO else a + b


def dot(a: Sequence[Any], b: Sequence[arb]) -> arb:
    """Σ a_i b_i."""
    return sum(map(operator.mul, a, b), ZERO)


def largest(values: Iterable[arb]) -> arb:
    """The maximum."""
    return functools.reduce(arb.max, values)


def least(values: Iterable[arb]) -> arb:
    """The minimum."""
    return functools.reduce(arb.min, values)


def power(a: arb, r: Fraction | int) -> arb:
    """aʳ, from its ends; NaN where it may be undefined.

    >>> power(arb(0, 1), 2).lower() == 0, power(arb(4), HALF) == 2
    (True, True)
    """
    if r < 0:
        return 1 / power(a, -r)
    if r == 0 or r == 1 or not a.is_finite():
        return ONE if r == 0 and a.is_finite() else a
    if r.denominator > 1:
        if a > 0:
            return a.sqrt() if r == HALF else (a.log() * ball(r)).exp()
        return (ZERO if a == 0 else span(ZERO, power(a.upper(), r))) if a.lower() >= 0 else NAN
    if a.is_exact():
        return power(a * a, r // 2) * (a if r % 2 else 1)
    low, high = power(a.lower(), r), power(a.upper(), r)
    return span(ZERO if r % 2 == 0 and a.contains(0) else low.min(high), low.max(high))


def sin_cos(a: arb) -> tuple[arb, arb]:
    """Both over a ball; where the other one has a sign, from the ends."""
    s, c = a.sin_cos()
    if a.is_exact():
        return s, c
    (s0, c0), (s1, c1) = a.lower().sin_cos(), a.upper().sin_cos()
    if not c.contains(0):
        s = span(s0.min(s1), s0.max(s1))
    s = _unit(s)
    if s >= 0 or s <= 0:
        c = span(c0.min(c1), c0.max(c1), True)
    return s, _unit(c)


def _unit(a: arb) -> arb:
    """A ball of values in [−1, 1], cut there exactly."""
    low, high = a.lower(), a.upper()
    if high > 1:
        return span(low.max(MINUS), ONE, True)
    return span(MINUS, high) if low < -1 else a
