"""Exact real constants: rationals, or closed expressions such as ``pi/2``, as Arb balls of the caller's precision."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb, ctx, fmpq

from .expression import Expr, ExpressionError, constant, number, to_fraction, to_text

Real = Fraction | Expr


def real(text: str, what: str) -> Real:
    """Read an exact constant: a `Fraction` where it is rational, else a closed `Expr`.

    >>> real("0.1", "eps"), real("-1/3", "a")
    (Fraction(1, 10), Fraction(-1, 3))

    Raises ValueError, naming `what`, if the text is no finite real constant.
    """
    try:
        expr = constant(text)
        value = to_fraction(expr)
        finite = value is not None or ball(expr).is_finite()
    except ExpressionError as error:
        raise ExpressionError(f"{what}: {error.what}", error.text, error.position, error.hint) from None
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None
    if not finite:
        raise ValueError(f"{what}: {text!r} is not a finite real number")
    return expr if value is None else value


def ball(x: Real | int) -> arb:
    """Enclose an exact constant at the current precision.

    >>> bool(ball(Fraction(1, 3)).overlaps(arb(1) / 3))
    True
    """
    if isinstance(x, int):
        return arb(x)
    if isinstance(x, Fraction):
        return arb(fmpq(x.numerator, x.denominator))
    return _closed(x)


def _closed(e: Expr) -> arb:
    if e.head == "number":
        return ball(e.args[0])
    if e.head == "constant":
        return arb.pi() if e.args[0] == "pi" else arb(1).exp()
    a = [_closed(arg) for arg in e.args]
    match e.head:
        case "neg":
            return -a[0]
        case "+":
            return a[0] + a[1]
        case "-":
            return a[0] - a[1]
        case "*":
            return a[0] * a[1]
        case "/":
            return a[0] / a[1]
        case "**":
            power = to_fraction(e.args[1])
            if power is not None and power.denominator == 1:
                return a[0] ** power.numerator
            return a[0] ** a[1]
        case "sqrt" | "exp" | "log" | "sin" | "cos" | "tan":
            return getattr(a[0], e.head)()
    raise ValueError(f"{e.head} is not accepted in a constant; use numbers, pi, e, + - * / **, sqrt, exp, log")


def interval(text: str) -> tuple[Real, Real]:
    """Read "a..b".

    >>> interval("-1..1")
    (Fraction(-1, 1), Fraction(1, 1))
    """
    lo, dots, hi = text.partition("..")
    if not dots or not lo.strip() or not hi.strip():
        raise ValueError(f"domain: {text!r} is not an interval; write lower..upper, such as 0..1")
    return real(lo, "domain"), real(hi, "domain")


def text_of(x: Real) -> str:
    """The constant as text that `real` reads back: a decimal where that is exact.

    >>> text_of(Fraction(1, 10)), text_of(Fraction(1, 3))
    ('0.1', '1/3')
    """
    return to_text(number(x)) if isinstance(x, Fraction) else to_text(x)


def less(a: Real, b: Real) -> bool:
    """Whether a < b is certain: exact for fractions, else decided in balls of up to 4096 bits.

    >>> from attain.symbolic.expression import constant
    >>> less(Fraction(355, 113), constant("pi")), less(constant("pi"), Fraction(355, 113))
    (False, True)
    """
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a < b
    for bits in (64, 512, 4096):
        with ctx.workprec(bits):
            left, right = ball(a), ball(b)
            if left < right or left > right:
                return bool(left < right)
    return False


def positive(x: Real, what: str) -> Real:
    """`x` itself if it is certainly positive, else ValueError naming `what`."""
    if not less(Fraction(0), x):
        raise ValueError(f"{what} must be positive, got {text_of(x)}")
    return x


def ceil_sqrt(square: Fraction) -> int:
    """The least integer P >= 0 with P**2 >= square >= 0, exactly.

    >>> ceil_sqrt(Fraction(9)), ceil_sqrt(Fraction(19, 2))
    (3, 4)
    """
    root = math.isqrt(math.floor(square))
    return root if Fraction(root * root) == square else root + 1


def floor_sqrt(square: Fraction) -> int:
    """The greatest integer P with P**2 <= square, exactly.

    >>> floor_sqrt(Fraction(9)), floor_sqrt(Fraction(35, 4))
    (3, 2)
    """
    return math.isqrt(math.floor(square))
