"""Real intervals with open and infinite ends over Arb: arithmetic, functions and their derivatives.

An element x of an interval has lo ≤ x ≤ hi, strictly where the end is open; infinite ends are never elements.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb

from ..ball import ball

INF, NEG, NIL, UNIT = arb.pos_inf(), arb.neg_inf(), arb(0), arb(1)
FAR = arb(2) ** 30


class I(NamedTuple):  # noqa: E742
    """An interval; the ends are exact."""

    lo: arb
    hi: arb
    lo_open: bool = False
    hi_open: bool = False

    def above(self, strict: bool) -> bool:
        """Every element is ≥ 0 (> 0 if strict)."""
        return bool(self.lo > 0) or bool(self.lo >= 0 and (not strict or self.lo_open))

    def below(self, strict: bool) -> bool:
        """Every element is ≤ 0 (< 0 if strict)."""
        return negative(self).above(strict)

    @property
    def finite(self) -> bool:
        return bool(self.lo.is_finite()) and bool(self.hi.is_finite())


ALL, ONE, ZERO = I(NEG, INF, True, True), I(UNIT, UNIT), I(NIL, NIL)
POSITIVE, NONNEGATIVE, SYMMETRIC = I(NIL, INF, True, True), I(NIL, INF, False, True), I(-UNIT, UNIT)


def around(low: arb, high: arb, low_open: bool = False, high_open: bool = False) -> I:
    """The interval between two balls, rounded outward."""
    lo, hi = low.lower(), high.upper()
    lo = NEG if lo.is_nan() or lo == INF else lo
    hi = INF if hi.is_nan() or hi == NEG else hi
    return I(lo, hi, low_open or not lo.is_finite(), high_open or not hi.is_finite())


def negative(a: I) -> I:
    return I(-a.hi, -a.lo, a.hi_open, a.lo_open)


def add(a: I, b: I) -> I:
    return around(a.lo + b.lo, a.hi + b.hi, a.lo_open or b.lo_open, a.hi_open or b.hi_open)


def mul(a: I, b: I) -> I:
    ends: list[tuple[arb, bool]] = []
    for x, x_open in ((a.lo, a.lo_open), (a.hi, a.hi_open)):
        for y, y_open in ((b.lo, b.lo_open), (b.hi, b.hi_open)):
            if x == 0 or y == 0:  # an infinite end is not an element, so 0·∞ is 0
                ends.append((NIL, not ((x == 0 and not x_open) or (y == 0 and not y_open))))
            else:
                ends.append((x * y, x_open or y_open))
    lows, highs = [x.lower() for x, _ in ends], [x.upper() for x, _ in ends]
    if any(x.is_nan() for x in (*lows, *highs)):
        return ALL
    lo, hi = lows[0], highs[0]
    for x, y in zip(lows, highs, strict=True):
        lo, hi = (x if x < lo else lo), (y if y > hi else hi)
    lo_open = all(is_open for x, (_, is_open) in zip(lows, ends, strict=True) if x == lo)
    return around(lo, hi, lo_open, all(is_open for x, (_, is_open) in zip(highs, ends, strict=True) if x == hi))


def inverse(a: I) -> I:
    """1/x of the x ≠ 0."""
    if a.lo >= 0:
        low = NIL if a.hi == INF else UNIT / a.hi if a.hi > 0 else NEG
        return around(low, UNIT / a.lo if a.lo > 0 else INF, a.hi_open, a.lo_open)
    return negative(inverse(negative(a))) if a.hi <= 0 else ALL


def cut(a: I, b: I) -> I | None:
    """The common part."""
    lo, lo_open = max_end((a.lo, a.lo_open), (b.lo, b.lo_open))
    high, hi_open = max_end((-a.hi, a.hi_open), (-b.hi, b.hi_open))
    hi = -high
    return None if lo > hi or (lo == hi and (lo_open or hi_open)) else I(lo, hi, lo_open, hi_open)


def max_end(a: tuple[arb, bool], b: tuple[arb, bool]) -> tuple[arb, bool]:
    """The larger of two lower ends; of equal ones the open one."""
    return (a[0], a[1] or b[1]) if a[0] == b[0] else a if a[0] > b[0] else b


def join(a: I, b: I) -> I:
    """The hull."""
    lo, lo_open = (a.lo, a.lo_open) if a.lo < b.lo else (b.lo, b.lo_open and not (a.lo == b.lo and not a.lo_open))
    hi, hi_open = (a.hi, a.hi_open) if a.hi > b.hi else (b.hi, b.hi_open and not (a.hi == b.hi and not a.hi_open))
    return I(lo, hi, lo_open, hi_open)


def larger(a: I, b: I) -> I:
    """max(x, y)."""
    lo, lo_open = max_end((a.lo, a.lo_open), (b.lo, b.lo_open))
    hi = (a.hi, a.hi_open and (b.hi_open or bool(b.hi < a.hi))) if a.hi >= b.hi else (b.hi, b.hi_open)
    return I(lo, hi[0], lo_open, hi[1])


def smaller(a: I, b: I) -> I:
    return negative(larger(negative(a), negative(b)))


def size(a: I) -> I:
    """|x|."""
    return a if a.lo >= 0 else negative(a) if a.hi <= 0 else I(NIL, (h := larger(a, negative(a))).hi, False, h.hi_open)


def power(a: I, e: Fraction) -> I:
    """xᵉ; the base is ≥ 0 unless e is whole."""
    if e == 0:
        return ONE
    if e < 0:
        return inverse(power(a, -e))
    if e.denominator > 1:
        return rising(lambda x: NIL if x <= 0 else (x.log() * ball(e)).exp(), a, NIL, INF)
    k = int(e)
    a = size(a) if k % 2 == 0 else a
    return rising(lambda x: x**k, a, NEG, INF)


def rising(f: Callable[[arb], arb], a: I, bottom: arb, top: arb) -> I:
    """The values of a strictly increasing function, with its limits at ∓∞."""
    low, high = bottom if a.lo == NEG else f(a.lo), top if a.hi == INF else f(a.hi)
    return around(low, high, a.lo_open, a.hi_open)


def _exp(a: I) -> I:
    low = NIL if a.lo < -FAR else a.lo.exp() if a.lo < FAR else FAR.exp()
    high = INF if a.hi > FAR else a.hi.exp() if a.hi > -FAR else (-FAR).exp()
    return around(low, high, a.lo_open or bool(a.lo < -FAR), a.hi_open)


def _sine(a: I) -> I:
    if not a.finite or a.hi - a.lo > 7 or a.lo < -(2**40) or a.hi > 2**40:
        return SYMMETRIC
    half = arb.pi() / 2

    def reaches(start: arb) -> bool:
        """Whether start + 2πk may lie in the interval."""
        k = ((a.lo - start) / (4 * half)).lower().ceil()
        return not (k > (a.hi - start) / (4 * half))

    low, high = a.lo.sin(), a.hi.sin()
    lo = -UNIT if reaches(-half) else low.min(high)
    hi = UNIT if reaches(half) else low.max(high)
    return cut(around(lo, hi), SYMMETRIC) or SYMMETRIC


def cosine(a: I) -> I:
    return _sine(add(a, I((arb.pi() / 2).lower(), (arb.pi() / 2).upper())))


def _tan(a: I) -> I:
    c = cosine(a)
    return rising(lambda x: x.tan(), a, NEG, INF) if a.finite and (c.above(True) or c.below(True)) else ALL


def _lgamma(a: I) -> I:
    """Convex; its minimum −0.12148629… is at 1.46163…"""
    low, high = (INF if x in (NIL, INF) else x.lgamma() for x in (a.lo, a.hi))
    if a.lo > 1.4617:
        return around(low, high, a.lo_open, a.hi_open)
    if a.hi < 1.4616:
        return around(high, low, a.hi_open, a.lo_open)
    return around(arb("-0.1214863"), low.max(high))


def _softplus(x: arb) -> arb:
    return x + (-x).exp().log1p() if x > 0 else x.exp().log1p()


def _lambert(x: arb) -> arb:
    w = x.lambertw()
    return arb(-0.75, 0.25) if not w.is_finite() and x < -0.35 else w


def _grows(f: Callable[[arb], arb], bottom: Any, top: Any) -> Callable[[I], I]:
    return lambda a: rising(f, a, bottom() if callable(bottom) else bottom, top() if callable(top) else top)


VALUES: dict[str, Callable[[I], I]] = {
    "neg": negative,
    "abs": size,
    "exp": _exp,
    "log": _grows(lambda x: NEG if x <= 0 else x.log(), NEG, INF),
    "sqrt": _grows(lambda x: NIL if x <= 0 else x.sqrt(), NIL, INF),
    "sin": _sine,
    "cos": cosine,
    "tan": _tan,
    "sinh": _grows(lambda x: x.sinh(), NEG, INF),
    "cosh": lambda a: rising(lambda x: x.cosh(), size(a), UNIT, INF),
    "tanh": _grows(lambda x: x.tanh(), -UNIT, UNIT),
    "atan": _grows(lambda x: x.atan(), lambda: -arb.pi() / 2, lambda: arb.pi() / 2),
    "asin": _grows(lambda x: x.asin(), NEG, INF),
    "acos": lambda a: negative(rising(lambda x: -x.acos(), a, NEG, INF)),
    "erf": _grows(lambda x: x.erf(), -UNIT, UNIT),
    "sigmoid": _grows(lambda x: 1 / (1 + (-x).exp()), NIL, UNIT),
    "softplus": _grows(_softplus, NIL, INF),
    "floor": lambda a: around(a.lo.floor() if a.lo.is_finite() else a.lo, a.hi.floor() if a.hi.is_finite() else a.hi),
    "ceil": lambda a: around(a.lo.ceil() if a.lo.is_finite() else a.lo, a.hi.ceil() if a.hi.is_finite() else a.hi),
    "gamma": lambda a: _exp(_lgamma(a)),
    "loggamma": _lgamma,
    "lambertw": _grows(_lambert, NEG, INF),
}
NATURAL: dict[str, Callable[[], I]] = {
    **dict.fromkeys(("log", "gamma", "loggamma"), lambda: POSITIVE),
    **dict.fromkeys(("asin", "acos"), lambda: SYMMETRIC),
    "sqrt": lambda: NONNEGATIVE,
    "lambertw": lambda: around(-(-UNIT).exp(), INF),
}


def _arc(a: I) -> I:
    rest = cut(add(ONE, negative(power(a, Fraction(2)))), NONNEGATIVE)
    return inverse(VALUES["sqrt"](rest or NONNEGATIVE))


def _bell(a: I) -> I:
    """sech²."""
    return inverse(power(VALUES["cosh"](a), Fraction(2)))


def _half(a: I) -> I:
    return mul(a, I(arb(0.5), arb(0.5)))


RATES: dict[str, Callable[[I, I], I]] = {
    "neg": lambda a, v: negative(ONE),
    "abs": lambda a, v: ONE if a.above(False) else negative(ONE) if a.below(False) else SYMMETRIC,
    "exp": lambda a, v: v,
    "log": lambda a, v: inverse(a),
    "sqrt": lambda a, v: inverse(mul(I(arb(2), arb(2)), v)),
    "sin": lambda a, v: cosine(a),
    "cos": lambda a, v: negative(_sine(a)),
    "tan": lambda a, v: add(ONE, power(v, Fraction(2))),
    "sinh": lambda a, v: VALUES["cosh"](a),
    "cosh": lambda a, v: VALUES["sinh"](a),
    "tanh": lambda a, v: _bell(a),
    "atan": lambda a, v: inverse(add(ONE, power(a, Fraction(2)))),
    "asin": lambda a, v: _arc(a),
    "acos": lambda a, v: negative(_arc(a)),
    "erf": lambda a, v: mul(around(*[2 / arb.pi().sqrt()] * 2), _exp(negative(power(a, Fraction(2))))),
    "sigmoid": lambda a, v: _half(_half(_bell(_half(a)))),
    "softplus": lambda a, v: VALUES["sigmoid"](a),
    "floor": lambda a, v: ZERO if v.lo == v.hi else NONNEGATIVE,
    "ceil": lambda a, v: ZERO if v.lo == v.hi else NONNEGATIVE,
    "loggamma": lambda a, v: rising(lambda x: NEG if x <= 0 else x.digamma(), a, NEG, INF),
    "gamma": lambda a, v: mul(v, rising(lambda x: NEG if x <= 0 else x.digamma(), a, NEG, INF)),
    "lambertw": lambda a, v: inverse(mul(_exp(v), add(ONE, v))),
}
