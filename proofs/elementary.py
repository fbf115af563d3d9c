"""Elementary functions over Arb balls: value, first and second derivative, containment-correct for any width.

Monotone functions are taken at the two ends of the ball, which is tight where Arb's own extension of a wide ball is
not (``tanh`` of [−1, 1] would be ±5.6). A result is not finite where the function may be undefined on the ball, and
`Undefined` is raised where it certainly is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from flint import arb, fmpq


class Undefined(Exception):
    """The operation is undefined at every point of its argument."""


def exact(value: Fraction) -> arb:
    """The tightest ball around a rational at the present precision (exact if dyadic and short enough)."""
    return arb(fmpq(value.numerator, value.denominator))


def hull(low: arb, high: arb, keep_high: bool = False) -> arb:
    """A ball around [low, high] (points, low ≤ high) that keeps one end exact if the precision allows it.

    Arb radii have 30 bits, so a ball is in general wider than the interval; keeping the end ``low`` (or ``high``)
    exact lets sqrt and log see that [0, 1/3] starts at 0. Containment is checked by Arb itself.

    >>> hull(arb(0), exact(Fraction(1, 3)).upper()).lower() == 0
    True
    """
    mantissa, exponent = (int(part) for part in ((high - low).upper()).man_exp())
    if mantissa <= 0:
        return low.union(high)
    shift = mantissa.bit_length() - 30
    mantissa = -(-mantissa >> shift) if shift > 0 else mantissa << -shift
    if mantissa == 1 << 29:
        mantissa, shift = 1 << 30, shift - 1
    exponent += shift - 1
    radius = _scaled(mantissa, exponent)
    mid = high - radius if keep_high else low + radius
    # Arb rounds a radius up by one unit in its 30th bit even if it is exact: pass one unit less, then check
    result = arb(mid, _scaled(mantissa - 1, exponent)) if mid.is_exact() else low.union(high)
    return result if result.contains(low) and result.contains(high) else low.union(high)


def _scaled(mantissa: int, exponent: int) -> arb:
    return arb((mantissa, exponent))


def power(a: arb, k: int) -> arb:
    """a**k over a ball for an integer k ≥ 0: monotone branches by their ends, so even powers are ≥ 0.

    >>> power(arb(0, 1), 2) >= 0, power(arb(0, 1), 2).contains(1)
    (True, True)
    """
    if k == 0:
        return a * 0 + 1
    if k == 1:
        return a
    if a.is_exact() or not a.is_finite():
        return _times(a, k)
    if k % 2:
        return _times(a.lower(), k).union(_times(a.upper(), k))
    low = a.abs_lower()
    result = _times(low, k).union(_times(a.abs_upper(), k))
    return result.nonnegative_part() if low == 0 else result


def _times(a: arb, k: int) -> arb:
    result = None
    while True:
        if k & 1:
            result = a if result is None else result * a
        k >>= 1
        if not k:
            return result
        a = a * a


Triple = tuple[arb, arb, arb]
_NAN = arb.nan()


def _ends(a: arb, function: Callable[[arb], arb]) -> arb:
    """Range of an increasing or decreasing function."""
    if a.is_exact() or not a.is_finite():
        return function(a)
    return function(a.lower()).union(function(a.upper()))


def _clamp(a: arb) -> arb:
    """Keep |sin|, |cos| ≤ 1 exactly where the rounding of a radius has passed it."""
    if a.upper() > 1:
        a = hull(a.lower().max(arb(-1)), arb(1), keep_high=True)
    return hull(arb(-1), a.upper()) if a.lower() < -1 else a


def _sin_cos(a: arb) -> tuple[arb, arb]:
    s, c = a.sin_cos()
    return _clamp(s), _clamp(c)


def _sin(a: arb, order: int) -> Triple:
    s, c = _sin_cos(a)
    return s, c, -s


def _cos(a: arb, order: int) -> Triple:
    s, c = _sin_cos(a)
    return c, -s, -c


def _tan(a: arb, order: int) -> Triple:
    c = a.cos()
    if not (c > 0 or c < 0):
        return _NAN, _NAN, _NAN
    t = _ends(a, lambda x: x.tan())
    d = 1 + power(t, 2)
    return t, d, 2 * t * d


def _exp(a: arb, order: int) -> Triple:
    v = a.exp()
    return v, v, v


def _log(a: arb, order: int) -> Triple:
    if a <= 0:
        raise Undefined
    if not a > 0:
        return _NAN, _NAN, _NAN
    if not order:
        return a.log(), _NAN, _NAN
    d = 1 / a
    return a.log(), d, -power(d, 2)


def _sqrt(a: arb, order: int) -> Triple:
    if a < 0:
        raise Undefined
    if not a >= 0:
        return _NAN, _NAN, _NAN
    root = _ends(a, lambda x: x.sqrt()).nonnegative_part()
    if not order or not a > 0:
        return root, _NAN, _NAN
    d = 1 / (2 * root)
    return root, d, -d / (2 * a)


def _tanh(a: arb, order: int) -> Triple:
    t = _ends(a, lambda x: x.tanh())
    d = 1 - power(t, 2)
    return t, d, -2 * t * d


def _sinh(a: arb, order: int) -> Triple:
    s = _ends(a, lambda x: x.sinh())
    return s, _cosh_value(a) if order else _NAN, s


def _cosh_value(a: arb) -> arb:
    if a.is_exact() or not a.is_finite():
        return a.cosh()
    return a.abs_lower().cosh().union(a.abs_upper().cosh())


def _cosh(a: arb, order: int) -> Triple:
    c = _cosh_value(a)
    return c, _ends(a, lambda x: x.sinh()) if order else _NAN, c


def _atan(a: arb, order: int) -> Triple:
    d = 1 / (1 + power(a, 2))
    return _ends(a, lambda x: x.atan()), d, -2 * a * power(d, 2)


def _arc(a: arb, value: Callable[[arb], arb], sign: int) -> Triple:
    if a > 1 or a < -1:
        raise Undefined
    if not (a <= 1 and a >= -1):
        return _NAN, _NAN, _NAN
    gap = 1 - power(a, 2)
    d = sign / gap.sqrt() if gap > 0 else _NAN
    return _ends(a, value), d, a * d / gap if gap > 0 else _NAN


def _asin(a: arb, order: int) -> Triple:
    return _arc(a, lambda x: x.asin(), 1)


def _acos(a: arb, order: int) -> Triple:
    return _arc(a, lambda x: x.acos(), -1)


def _sigmoid(a: arb, order: int) -> Triple:
    s = _ends(a, lambda x: 1 / (1 + (-x).exp()))
    centred = s - arb(0.5)
    d = arb(0.25) - power(centred, 2)
    return s, d, -2 * d * centred


def _softplus_point(x: arb) -> arb:
    return x + (-x).exp().log1p() if x > 0 else x.exp().log1p()


def _softplus(a: arb, order: int) -> Triple:
    s, d, _ = _sigmoid(a, order)
    return _ends(a, _softplus_point), s, d


def _erf(a: arb, order: int) -> Triple:
    v = _ends(a, lambda x: x.erf())
    if not order:
        return v, _NAN, _NAN
    d = 2 * (-power(a, 2)).exp() / arb.pi().sqrt()
    return v, d, -2 * a * d


def _reciprocal(a: arb, order: int) -> Triple:
    if a == 0:
        raise Undefined
    v = 1 / a
    return v, -power(v, 2), 2 * power(v, 3)


def _rational_power(a: arb, exponent: Fraction) -> arb:
    """a**exponent for a non-integer rational exponent, a ≥ 0 (a > 0 if the exponent is negative)."""
    if a < 0 or (exponent < 0 and a <= 0):
        raise Undefined
    if not (a >= 0 and (exponent > 0 or a > 0)):
        return _NAN
    p = exact(exponent)

    def at(x: arb) -> arb:
        return arb(0) if x == 0 else (x.log() * p).exp()

    result = at(a) if a.is_exact() else at(a.lower()).union(at(a.upper()))
    return result.nonnegative_part() if exponent > 0 else result


def _safe_power(a: arb, exponent: Fraction) -> arb:
    if exponent.denominator == 1:
        k = int(exponent)
        return power(a, k) if k >= 0 else power(1 / a, -k)
    try:
        return _rational_power(a, exponent)
    except Undefined:
        return _NAN


def power_kernel(exponent: Fraction) -> Callable[[arb, int], Triple]:
    whole = exponent.denominator == 1

    def kernel(a: arb, order: int) -> Triple:
        if whole and exponent < 0 and a == 0:
            raise Undefined
        value = _safe_power(a, exponent) if whole else _rational_power(a, exponent)
        if not order:
            return value, _NAN, _NAN
        d1 = arb(0) if exponent == 0 else exact(exponent) * _safe_power(a, exponent - 1)
        if order == 1 or exponent in (0, 1):
            return value, d1, arb(0)
        return value, d1, exact(exponent * (exponent - 1)) * _safe_power(a, exponent - 2)

    return kernel


Kernel = Callable[[arb, int], Triple]
KERNELS: Mapping[str, Kernel] = {
    "sin": _sin,
    "cos": _cos,
    "tan": _tan,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "tanh": _tanh,
    "sinh": _sinh,
    "cosh": _cosh,
    "atan": _atan,
    "asin": _asin,
    "acos": _acos,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "erf": _erf,
}
