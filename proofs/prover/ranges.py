"""Real intervals with open, closed and infinite ends, rounded outward by Arb.

A `Range` encloses a set of reals: every element x has lo ≤ x ≤ hi, and lo < x where ``lo_open`` (x < hi where
``hi_open``). An infinite end is never an element. Results have the precision of the surrounding ``workprec`` block.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from flint import arb, ctx, fmpz

INF, NEG, ZERO, ONE = arb.pos_inf(), arb.neg_inf(), arb(0), arb(1)


class Range(NamedTuple):
    """An interval; see the module."""

    lo: arb
    hi: arb
    lo_open: bool = False
    hi_open: bool = False

    @property
    def positive(self) -> bool:
        """Every element is > 0."""
        return bool(self.lo > 0) or (self.lo_open and bool(self.lo >= 0))

    @property
    def negative(self) -> bool:
        """Every element is < 0."""
        return bool(self.hi < 0) or (self.hi_open and bool(self.hi <= 0))

    @property
    def nonnegative(self) -> bool:
        """Every element is ≥ 0."""
        return bool(self.lo >= 0)

    @property
    def nonpositive(self) -> bool:
        """Every element is ≤ 0."""
        return bool(self.hi <= 0)

    @property
    def bounded(self) -> bool:
        """Both ends are finite."""
        return bool(self.lo.is_finite()) and bool(self.hi.is_finite())

    @property
    def is_point(self) -> bool:
        """One number exactly."""
        return bool(self.lo == self.hi)


ALL = Range(NEG, INF, True, True)


def floor_of(value: arb) -> arb:
    """A lower bound as an exact number; −∞ for NaN and +∞."""
    low = value.lower()
    return NEG if low.is_nan() or low == INF else low


def ceil_of(value: arb) -> arb:
    """An upper bound as an exact number; +∞ for NaN and −∞."""
    high = value.upper()
    return INF if high.is_nan() or high == NEG else high


def make(low: arb, high: arb, low_open: bool = False, high_open: bool = False) -> Range:
    """A range from two balls that enclose its ends.

    >>> make(arb(0), arb(1), True).positive
    True
    """
    lo, hi = floor_of(low), ceil_of(high)
    return Range(lo, hi, low_open or not lo.is_finite(), high_open or not hi.is_finite())


def as_float(value: arb) -> float:
    """An ordinary float near the middle of a ball (±inf if it is too large): for search, never for proof."""
    try:
        return float(value.mid())
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def point(value: arb) -> Range:
    """The range of one number known as a ball."""
    return make(value, value)


def neg(a: Range) -> Range:
    return Range(-a.hi, -a.lo, a.hi_open, a.lo_open)


def add(a: Range, b: Range) -> Range:
    return make(a.lo + b.lo, a.hi + b.hi, a.lo_open or b.lo_open, a.hi_open or b.hi_open)


def sub(a: Range, b: Range) -> Range:
    return add(a, neg(b))


def _corner(x: arb, x_open: bool, y: arb, y_open: bool) -> tuple[arb, bool]:
    if x == 0 or y == 0:
        return ZERO, not ((x == 0 and not x_open) or (y == 0 and not y_open))
    return x * y, x_open or y_open


def mul(a: Range, b: Range) -> Range:
    """Products: the extremes of a bilinear form are at corners; 0·∞ is 0 because no element is infinite."""
    if a.lo >= 0 and b.lo >= 0:
        low, high = _corner(a.lo, a.lo_open, b.lo, b.lo_open), _corner(a.hi, a.hi_open, b.hi, b.hi_open)
        return make(low[0], high[0], low[1], high[1])
    corners = [
        _corner(x, xo, y, yo)
        for x, xo in ((a.lo, a.lo_open), (a.hi, a.hi_open))
        for y, yo in ((b.lo, b.lo_open), (b.hi, b.hi_open))
    ]
    lows, highs = [(v.lower(), o) for v, o in corners], [(v.upper(), o) for v, o in corners]
    if any(v.is_nan() for v, _ in (*lows, *highs)):
        return ALL
    lo, hi = lows[0][0], highs[0][0]
    for v, _ in lows[1:]:
        lo = v if v < lo else lo
    for v, _ in highs[1:]:
        hi = v if v > hi else hi
    return make(lo, hi, all(o for v, o in lows if v == lo), all(o for v, o in highs if v == hi))


def inverse(a: Range) -> Range:
    """1/x for the x ≠ 0 in the range."""
    if a.lo >= 0:
        low = ZERO if a.hi == INF else (ONE / a.hi if a.hi > 0 else NEG)
        high = ONE / a.lo if a.lo > 0 else INF
        return make(low, high, a.hi_open, a.lo_open)
    if a.hi <= 0:
        return neg(inverse(neg(a)))
    return ALL


def div(a: Range, b: Range) -> Range:
    return mul(a, inverse(b))


def join(a: Range, b: Range) -> Range:
    """The smallest range around both."""
    lo, lo_open = (a.lo, a.lo_open) if a.lo < b.lo else (b.lo, b.lo_open and (a.lo_open or bool(a.lo > b.lo)))
    hi, hi_open = (a.hi, a.hi_open) if a.hi > b.hi else (b.hi, b.hi_open and (a.hi_open or bool(a.hi < b.hi)))
    return Range(lo, hi, lo_open, hi_open)


def meet(a: Range, b: Range) -> Range | None:
    """The common part, None if it is empty."""
    lo, lo_open = (a.lo, a.lo_open) if a.lo > b.lo else (b.lo, b.lo_open or (a.lo_open and bool(a.lo == b.lo)))
    hi, hi_open = (a.hi, a.hi_open) if a.hi < b.hi else (b.hi, b.hi_open or (a.hi_open and bool(a.hi == b.hi)))
    if lo > hi or (lo == hi and (lo_open or hi_open)):
        return None
    return Range(lo, hi, lo_open, hi_open)


def largest(a: Range, b: Range) -> Range:
    lo, lo_open = (a.lo, a.lo_open) if a.lo > b.lo else (b.lo, b.lo_open or (a.lo_open and bool(a.lo == b.lo)))
    hi, hi_open = (a.hi, a.hi_open) if a.hi > b.hi else (b.hi, b.hi_open and (a.hi_open or bool(a.hi < b.hi)))
    return Range(lo, hi, lo_open, hi_open)


def smallest(a: Range, b: Range) -> Range:
    return neg(largest(neg(a), neg(b)))


def absolute(a: Range) -> Range:
    if a.lo >= 0:
        return a
    if a.hi <= 0:
        return neg(a)
    both = largest(a, neg(a))
    return Range(ZERO, both.hi, False, both.hi_open)


def power(a: Range, k: int) -> Range:
    """x**k for an integer k.

    >>> power(Range(arb(-1), arb(2)), 2).lo == 0
    True
    """
    if k < 0:
        return inverse(power(a, -k))
    if k == 0:
        return Range(ONE, ONE)
    if k % 2 == 0:
        a = absolute(a)
    low = a.lo if not a.lo.is_finite() else a.lo**k
    return make(low, a.hi if not a.hi.is_finite() else a.hi**k, a.lo_open, a.hi_open)


def rising(a: Range, function: Callable[[arb], arb], bottom: arb, top: arb) -> Range:
    """The range of a strictly increasing function with the given limits at −∞ and ∞."""
    low = bottom if a.lo == NEG else function(a.lo)
    high = top if a.hi == INF else function(a.hi)
    return make(low, high, a.lo_open, a.hi_open)


_UNIT = Range(arb(-1), ONE)


def _hits(a: Range, start: arb, period: arb) -> bool:
    """Whether start + n·period may lie in the (bounded) range for an integer n."""
    first = fmpz(((a.lo - start) / period).lower().ceil().unique_fmpz())
    return not ((a.hi - start) / period < arb(first))


def sin(a: Range) -> Range:
    """Ends, and the crests and troughs that the range may contain."""
    far = arb(2) ** max(40, ctx.prec)
    if not a.bounded or a.hi - a.lo > 7 or abs(a.lo) > far or abs(a.hi) > far:
        return _UNIT
    both = join(point(a.lo.sin()), point(a.hi.sin()))
    half = arb.pi() / 2
    hi = ONE if _hits(a, half, 4 * half) else both.hi
    lo = -ONE if _hits(a, -half, 4 * half) else both.lo
    return meet(Range(lo, hi), _UNIT) or _UNIT


def cos(a: Range) -> Range:
    if not a.bounded:
        return _UNIT
    half = arb.pi() / 2
    return sin(make(a.lo + half, a.hi + half))
