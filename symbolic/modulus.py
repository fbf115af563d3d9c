"""Concave moduli of continuity: read from text, checked by composition rules, evaluated and inverted in balls."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from .exact import Real, ball
from .expression import Expr, ExpressionError, parse, to_fraction

LEAST_RADIUS = Fraction(1, 2**4096)


def modulus_of(text: str) -> Expr:
    """Parse ω(r) and check that it is concave, nondecreasing and 0 at 0.

    Accepted: nonnegative multiples and sums of r, r**α (0 < α ≤ 1), sqrt(r), log(1 + c·r), tanh(c·r),
    atan(c·r), and min of such terms and positive constants. These rules are sufficient, not
    necessary; anything else is an error.

    >>> modulus_of("min(2*sqrt(r), 1)").head
    'min'
    """
    expr = parse(text, ("r",))
    if not _concave(expr) or not bool(value(expr, arb(0)) == 0):
        raise ExpressionError(
            "modulus: not recognised as concave, nondecreasing and 0 at r = 0; use sums, positive multiples and min "
            "of r, r**a (0 < a <= 1), sqrt(r), log(1+c*r), tanh(c*r), atan(c*r)",
            text,
            0,
        )
    return expr


def _linear(e: Expr) -> bool:
    """c·r + d with c ≥ 0, d ≥ 0."""
    c = to_fraction(e)
    if c is not None:
        return c >= 0
    match e.head:
        case "variable":
            return True
        case "+":
            return all(_linear(a) for a in e.args)
        case "*":
            return any(_scalar(a) and _linear(b) for a, b in (e.args, e.args[::-1]))
        case "/":
            return _scalar(e.args[1]) and _linear(e.args[0])
    return False


def _scalar(e: Expr) -> bool:
    c = to_fraction(e)
    return c is not None and c > 0


def _concave(e: Expr) -> bool:
    """Concave and nondecreasing on r ≥ 0 by composition: concave increasing of c·r + d, sums, multiples, min."""
    if _linear(e):
        return True
    match e.head:
        case "+" | "min":
            return all(_concave(a) for a in e.args)
        case "*":
            return any(_scalar(a) and _concave(b) for a, b in (e.args, e.args[::-1]))
        case "/":
            return _scalar(e.args[1]) and _concave(e.args[0])
        case "sqrt":
            return _concave(e.args[0])
        case "tanh" | "atan":
            return _linear(e.args[0])
        case "log":
            return _linear(e.args[0])
        case "**":
            power = to_fraction(e.args[1])
            return power is not None and 0 < power <= 1 and _concave(e.args[0])
    return False


def value(e: Expr, r: arb) -> arb:
    """ω on a ball r ⊂ [0, ∞); finite operations only, so the result encloses ω(r)."""
    c = to_fraction(e)
    if c is not None:
        return ball(c)
    a = [value(arg, r) for arg in e.args] if e.head != "variable" else []
    match e.head:
        case "variable":
            return r
        case "+":
            return a[0] + a[1]
        case "*":
            return a[0] * a[1]
        case "/":
            return a[0] / a[1]
        case "sqrt":
            return a[0].sqrt()
        case "**":
            power = to_fraction(e.args[1])
            return arb(0) if a[0] == 0 else a[0] ** ball(power if power is not None else Fraction(1))
        case "min":
            least = a[0]
            for other in a[1:]:
                least = least.min(other)
            return least
        case "log" | "tanh" | "atan":
            return getattr(a[0], e.head)()
    raise ValueError(f"{e.head} is not accepted in a modulus")


def inverse(e: Expr, eps: Real, longest: arb) -> Fraction:
    """A rational r > 0 with ω(r) ≤ eps: at least `longest` if that will do, else within 2⁻⁴⁰ of the largest one.

    >>> float(inverse(modulus_of("2*sqrt(r)"), Fraction(1, 10), arb(1)))  # doctest: +ELLIPSIS
    0.00249999...
    """
    limit = ball(eps)
    high = Fraction(int(longest.upper().ceil().unique_fmpz()) or 1)
    if bool(value(e, ball(high)) <= limit):
        return high
    low = high
    while not bool(value(e, ball(low)) <= limit):
        high, low = low, low / 2
        if low < LEAST_RADIUS:
            raise ValueError("modulus: omega(r) exceeds eps down to r = 2^-4096")
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if bool(value(e, ball(middle)) <= limit) else (low, middle)
    return low
