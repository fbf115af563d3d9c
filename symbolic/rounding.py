"""From balls to decimals and integers: rounding outward, pinning a floor, the smallest kappa that a target allows."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

from flint import arb, ctx, fmpq, fmpz

MAX_LOG = 30_000
"""Natural logarithms beyond this are rounded outward (to 0 or a power of ten) or refused."""


def as_ball(value: Any, name: str = "kappa") -> arb:
    """An exact number or a ball as a ball; TypeError for a float."""
    if isinstance(value, bool) or not isinstance(value, (arb, Fraction, int)):
        raise TypeError(f"{name} must be an arb, Fraction or int, not {value!r}: give decimals as Fraction('0.1')")
    return arb(fmpq(value.numerator, value.denominator)) if isinstance(value, Fraction) else arb(value)


Target: TypeAlias = arb | Fraction | int | Callable[[], arb]


def _at_most(constant: Callable[[arb], arb], kappa: Fraction, target: Target, limit_bits: int) -> bool | None:
    """True or False when balls decide constant(kappa) <= target, None when ``limit_bits`` bits do not."""
    bits = 64
    while True:
        with ctx.workprec(bits):
            with ctx.workprec(2 * bits):
                point = as_ball(kappa)
            value, goal = constant(point), target() if callable(target) else as_ball(target, "target")
            if value <= goal:
                return True
            if value > goal:
                return False
        if bits >= limit_bits:
            return None
        bits *= 2


def smallest_kappa(constant: Callable[[arb], arb], target: Target, digits: int = 6) -> Fraction:
    """A short decimal kappa with constant(kappa) <= target *proved*, for a decreasing constant.

    The next decimal below it, one unit in the ``digits``-th significant place, is not proved, so it is nearly the
    smallest; kappa below 1e-6 is not searched.  The precision grows from 64 to 1024 bits as needed, so give a target
    that is not rational as a function: ``lambda: arb(2).sqrt()/2 + arb(10)**-30``.  Raises ValueError when the target
    is at or below the limit of the constant at infinity (up to 1024 bits).

    >>> from attain.symbolic.lattice import m2
    >>> smallest_kappa(m2, Fraction("0.2861"))
    Fraction(199871, 50000)
    """
    if digits < 1:
        raise ValueError(f"digits must be >= 1, not {digits}")

    def proved(kappa: Fraction) -> bool:
        return _at_most(constant, kappa, target, 1024) is True

    high = Fraction(1)
    if proved(high):
        while proved(high / 2):
            high /= 2
            if high < Fraction(1, 10**6):
                return Fraction(1, 10**6)
        low = high / 2
    else:
        verdict: bool | None = False
        while verdict is not True:
            low, high, before = high, high * 2, verdict
            verdict = _at_most(constant, high, target, 1024)
            if (verdict is None and before is None) or high > 2**160:
                shown = target() if callable(target) else target
                raise ValueError(f"no kappa works: target {shown} is at or below the limit of the constant")
    exponent = math.floor(math.log10(low)) - digits + 1
    unit = Fraction(10) ** exponent
    below, above = math.floor(low / unit), math.ceil(high / unit)
    while not proved(above * unit):
        above += 1
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if proved(middle * unit) else (middle, above)
    return above * unit


def _outward(x: arb | Fraction, digits: int, up: bool) -> str:
    if digits < 1:
        raise ValueError(f"digits must be >= 1, not {digits}")
    if isinstance(x, arb) and not x.is_finite():
        raise ValueError(f"no finite bound: {x}")
    end = x if isinstance(x, Fraction) else (x.upper() if up else x.lower())
    if end == 0:
        return "0"
    sign, up = (1, up) if end > 0 else (-1, not up)
    size = abs(as_ball(end)).log()
    if size < -MAX_LOG:
        return (f"{'-' if sign < 0 else ''}1e-{MAX_LOG // 3}") if up else "0"
    if size > MAX_LOG:
        raise ValueError(f"a bound beyond 10^{MAX_LOG // 3} is not written out")
    place = math.floor(float((size / arb(10).log()).mid())) - digits + 1
    exact = fmpq(end.numerator, end.denominator) if isinstance(end, Fraction) else end.fmpq()
    numerator, denominator = abs(exact.p), exact.q
    while True:
        above, below = numerator * fmpz(10) ** max(-place, 0), denominator * fmpz(10) ** max(place, 0)
        number = int(-(-above // below) if up else above // below)
        if 10 ** (digits - 1) <= number < 10**digits:
            break
        if number == 10**digits:
            number, place = number // 10, place + 1
            break
        place += 1 if number > 10**digits else -1
    return _decimal(sign, number, place)


def _decimal(sign: int, number: int, place: int) -> str:
    text, lead = str(number), place + len(str(number)) - 1
    prefix = "-" if sign < 0 else ""
    if not -5 <= lead <= 15:
        return f"{prefix}{text[0]}{'.' if len(text) > 1 else ''}{text[1:]}e{lead}"
    if place >= 0:
        return prefix + text + "0" * place
    if lead >= 0:
        return f"{prefix}{text[: lead + 1]}.{text[lead + 1 :]}"
    return prefix + "0." + "0" * (-lead - 1) + text


def upper(x: arb | Fraction, digits: int = 10) -> str:
    """A fraction, or the upper end of a ball, rounded up to ``digits`` significant decimal digits.

    Raises ValueError if not finite.

    >>> upper(Fraction(1, 3), 4), upper(Fraction("402.7485"))
    ('0.3334', '402.7485000')
    >>> upper((-arb(10) ** 20).exp(), 4)
    '1e-10000'

    >>> upper(arb(2).sqrt(), 4)
    '1.415'
    """
    return _outward(x, digits, True)


def lower(x: arb | Fraction, digits: int = 10) -> str:
    """A fraction, or the lower end of a ball, rounded down to ``digits`` significant decimal digits.

    >>> lower(-arb(2).sqrt(), 4)
    '-1.415'
    """
    return _outward(x, digits, False)


def pinned_floor(expr: Callable[[], arb], limit_bits: int = 4096) -> int:
    """floor of a real number given as a function of the working precision, certain or ValueError.

    Precision doubles from 64 bits until the ball lies between two integers.  A number that *is* an integer but not an
    exact ball can never be pinned: handle it exactly before calling.

    >>> pinned_floor(lambda: arb(10) ** 20 * arb.pi())
    314159265358979323846
    """
    bits = 64
    while bits <= limit_bits:
        with ctx.workprec(bits):
            floor = expr().floor().unique_fmpz()
        if floor is not None:
            return int(floor)
        bits *= 2
    raise ValueError(f"{limit_bits} bits do not pin the floor; is the number an exact integer?")
