"""Functions of one argument on ranges: their values and their derivatives, with the right limits at infinite ends."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import arb, fmpq

from . import ranges as r
from .ranges import ALL, INF, NEG, ONE, ZERO, Range

ONE_RANGE, UNIT, POSITIVE = Range(ONE, ONE), Range(arb(-1), ONE), Range(ZERO, INF, True, True)
NONNEGATIVE = Range(ZERO, INF, False, True)
_FAR = arb(2) ** 30


def number(value: Fraction) -> arb:
    """The tightest ball around a fraction."""
    return arb(fmpq(value.numerator, value.denominator))


def fractional(a: Range, exponent: Fraction) -> Range:
    """x**(p/q) for x ≥ 0, or any x if the exponent is an integer."""
    if exponent.denominator == 1:
        return r.power(a, int(exponent))
    if exponent < 0:
        return r.inverse(fractional(a, -exponent))
    p = number(exponent)
    return r.rising(a, lambda x: ZERO if x <= 0 else (x.log() * p).exp(), ZERO, INF)


BINARY: dict[str, Callable[[Range, Range], Range]] = {
    "+": r.add,
    "-": r.sub,
    "*": r.mul,
    "/": r.div,
    "min": r.smallest,
    "max": r.largest,
}


def _exp(a: Range) -> Range:
    """Beyond ±2^30, where balls overflow, an end is moved outward to one that does not."""
    low = ZERO if a.lo < -_FAR else a.lo.exp() if a.lo < _FAR else _FAR.exp()
    high = INF if a.hi > _FAR else a.hi.exp() if a.hi > -_FAR else (-_FAR).exp()
    return r.make(low, high, a.lo_open or bool(a.lo < -_FAR), a.hi_open)


def _softplus(x: arb) -> arb:
    return x + (-x).exp().log1p() if x > 0 else x.exp().log1p()


def _tan(a: Range) -> Range:
    c = r.cos(a)
    return r.rising(a, lambda x: x.tan(), NEG, INF) if a.bounded and (c.positive or c.negative) else ALL


def _cosh(a: Range) -> Range:
    return r.rising(r.absolute(a), lambda x: x.cosh(), ONE, INF)


def _loggamma(a: Range) -> Range:
    """Convex with its minimum −0.1214862… at 1.4616321…"""
    ends = [INF if x in (0, INF) else x.lgamma() for x in (a.lo, a.hi)]
    turn = arb("1.46163 +/- 0.00001")
    if a.lo > turn:
        return r.make(ends[0], ends[1], a.lo_open, a.hi_open)
    if a.hi < turn:
        return r.make(ends[1], ends[0], a.hi_open, a.lo_open)
    hi = [r.ceil_of(end) for end in ends]
    return r.make(arb("-0.12148630"), hi[0] if hi[0] > hi[1] else hi[1])


def _lambertw(x: arb) -> arb:
    w = x.lambertw()
    return arb(-0.75, 0.25) if not w.is_finite() and x < -0.35 else w


def _rounded(a: Range, up: bool) -> Range:
    def whole(x: arb) -> arb:
        return x if not x.is_finite() else (x.ceil() if up else x.floor())

    return r.make(whole(a.lo), whole(a.hi))


def _acos(a: Range) -> Range:
    return r.sub(r.point(arb.pi() / 2), UNARY["asin"](a))


_HALF_PI = {"bottom": lambda: -arb.pi() / 2, "top": lambda: arb.pi() / 2}
UNARY: dict[str, Callable[[Range], Range]] = {
    "neg": r.neg,
    "abs": r.absolute,
    "exp": _exp,
    "log": lambda a: r.rising(a, lambda x: NEG if x <= 0 else x.log(), NEG, INF),
    "sqrt": lambda a: r.rising(a, lambda x: ZERO if x <= 0 else x.sqrt(), ZERO, INF),
    "sin": r.sin,
    "cos": r.cos,
    "tan": _tan,
    "sinh": lambda a: r.rising(a, lambda x: x.sinh(), NEG, INF),
    "cosh": _cosh,
    "tanh": lambda a: r.rising(a, lambda x: x.tanh(), -ONE, ONE),
    "atan": lambda a: r.rising(a, lambda x: x.atan(), _HALF_PI["bottom"](), _HALF_PI["top"]()),
    "asin": lambda a: r.rising(a, lambda x: x.asin(), NEG, INF),
    "acos": _acos,
    "erf": lambda a: r.rising(a, lambda x: x.erf(), -ONE, ONE),
    "sigmoid": lambda a: r.rising(a, lambda x: 1 / (1 + (-x).exp()), ZERO, ONE),
    "softplus": lambda a: r.rising(a, _softplus, ZERO, INF),
    "floor": lambda a: _rounded(a, False),
    "ceil": lambda a: _rounded(a, True),
    "gamma": lambda a: UNARY["exp"](_loggamma(a)),
    "loggamma": _loggamma,
    "lambertw": lambda a: r.rising(a, _lambertw, NEG, INF),
}


def _sign(a: Range, v: Range) -> Range:
    return ONE_RANGE if a.nonnegative else r.neg(ONE_RANGE) if a.nonpositive else UNIT


def _tanh_slope(a: Range, v: Range) -> Range:
    return r.inverse(r.power(UNARY["cosh"](a), 2))


def _sigmoid_slope(a: Range, v: Range) -> Range:
    return r.mul(Range(arb(0.25), arb(0.25)), _tanh_slope(r.mul(Range(arb(0.5), arb(0.5)), a), v))


def _erf_slope(a: Range, v: Range) -> Range:
    return r.mul(r.point(2 / arb.pi().sqrt()), UNARY["exp"](r.neg(r.power(a, 2))))


def _arc_slope(a: Range) -> Range:
    gap = r.meet(r.sub(ONE_RANGE, r.power(a, 2)), NONNEGATIVE) or NONNEGATIVE
    return r.inverse(UNARY["sqrt"](gap))


def _digamma(a: Range, v: Range) -> Range:
    return r.rising(a, lambda x: NEG if x <= 0 else x.digamma(), NEG, INF)


def _step_slope(a: Range, v: Range) -> Range:
    return Range(ZERO, ZERO) if v.is_point else NONNEGATIVE


DERIVATIVES: dict[str, Callable[[Range, Range], Range]] = {
    "neg": lambda a, v: r.neg(ONE_RANGE),
    "abs": _sign,
    "exp": lambda a, v: v,
    "log": lambda a, v: r.inverse(a),
    "sqrt": lambda a, v: r.inverse(r.mul(Range(arb(2), arb(2)), v)),
    "sin": lambda a, v: r.cos(a),
    "cos": lambda a, v: r.neg(r.sin(a)),
    "tan": lambda a, v: r.add(ONE_RANGE, r.power(v, 2)),
    "sinh": lambda a, v: _cosh(a),
    "cosh": lambda a, v: UNARY["sinh"](a),
    "tanh": _tanh_slope,
    "atan": lambda a, v: r.inverse(r.add(ONE_RANGE, r.power(a, 2))),
    "asin": lambda a, v: _arc_slope(a),
    "acos": lambda a, v: r.neg(_arc_slope(a)),
    "erf": _erf_slope,
    "sigmoid": _sigmoid_slope,
    "softplus": lambda a, v: UNARY["sigmoid"](a),
    "floor": _step_slope,
    "ceil": _step_slope,
    "gamma": lambda a, v: r.mul(v, _digamma(a, v)),
    "loggamma": _digamma,
    "lambertw": lambda a, v: r.mul(_exp(r.neg(v)), r.inverse(r.add(ONE_RANGE, v))),
}
