"""Numbers as text: bounds rounded up to a few digits, integers short, in plain text or LaTeX."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction


def short(text: str | int, digits: int = 4, up: bool = True) -> str:
    """A positive number (an integer, decimal or fraction), rounded up (or down); integers below 10⁷ stay as they are.

    >>> short("0.00123456"), short(4900), short(10**12), short("1328238.1"), short("1/3")
    ('0.001235', '4900', '1.000e12', '1.329e6', '0.3334')
    >>> short("1" + 60 * "0"), short("1" + 59 * "0" + "1")
    ('1.000e60', '1.001e60')
    """
    context = Context(prec=digits, rounding=ROUND_CEILING if up else ROUND_FLOOR, Emax=MAX_EMAX, Emin=MIN_EMIN)
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) > 40:
        value = context.create_decimal(text)  # Python refuses to read integers of more than 4300 digits
    else:
        exact = Fraction(text)
        if exact.denominator == 1 and abs(exact) < 10**7:
            return str(exact)
        value = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    if -4 <= value.adjusted() < digits:
        return f"{value:f}"
    return f"{value:.{digits - 1}e}".replace("e+", "e")


def latex(text: str) -> str:
    r"""The same number as LaTeX math.

    >>> latex("1.000e12"), latex("0.5")
    ('$1.000\\times10^{12}$', '$0.5$')
    """
    mantissa, e, exponent = text.partition("e")
    return f"${mantissa}\\times10^{{{exponent}}}$" if e else f"${text}$"
