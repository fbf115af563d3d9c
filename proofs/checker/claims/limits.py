"""The limit of a formula at an end of an interval: at ±∞, or at a number where it is not defined.

With y → ∞ (x = ±y, or x = c ± 1/y) a germ is v + r for a finite limit v, or r for an infinite one, and powers of y
enclose |r| for all large y: c·y**low ≤ |r| ≤ C·y**high with c, C > 0. So low = ∞ says faster than any power, high = −∞
smaller than any power, and low = −∞ or high = ∞ nothing. Source: ours; every rule is elementary.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import NamedTuple

from .points import sign_of
from .tree import LEAVES, ONE, ZERO, Tree, make, names, number, value_of

Order = Fraction | float
SLOW = Fraction(1, 1000)
"""A logarithm of a power is below every positive power."""
RISING = ("exp", "sinh", "tanh", "atan", "sigmoid", "softplus", "erf")


class Germ(NamedTuple):
    """The limit, ±1 for ±∞; bounds of the orders of r; the sign of r for all large y, 0 if it is not known."""

    value: Tree | int
    low: Order
    high: Order
    side: int


def end(value: Tree | None, side: int) -> Germ:
    """The variable itself at the lower end (side 1) or the upper end (side −1) of an interval."""
    if value is None:
        return Germ(-side, Fraction(1), Fraction(1), -side)
    return Germ(value, Fraction(-1), Fraction(-1), side)


def limit(tree: Tree, name: str, at: Germ) -> Germ | None:
    """The germ of a formula in one variable that is defined near the end, or None.

    >>> from .tree import read
    >>> limit(read("x*(1 - erf(x)) + exp(-x) - x**2 + x", {"x": 0}), "x", end(None, -1)).value
    -1
    >>> limit(read("x*log(x)", {"x": 0}), "x", end(ZERO, 1)).value
    ('number', Fraction(0, 1))
    """
    if name not in names(tree):
        return Germ(tree, -inf, -inf, 0)
    if tree[0] == "variable":
        return at
    args = [limit(arg, name, at) for arg in tree[1:]]
    known = [a for a in args if a is not None]
    if len(known) < len(args):
        return None
    match tree[0]:
        case "neg":
            return _negative(known[0])
        case "+":
            return _sum(known[0], known[1])
        case "-":
            return _sum(known[0], _negative(known[1]))
        case "*":
            return _product(known[0], known[1])
        case "/":
            divisor = _reciprocal(known[1])
            return None if divisor is None else _product(known[0], divisor)
        case "**":
            exponent = value_of(tree[2])
            return None if exponent is None else _power(known[0], exponent)
        case "sqrt":
            return _power(known[0], Fraction(1, 2))
        case "log":
            return _log(known[0])
    if len(known) > 1 or tree[0] in LEAVES:
        return None
    return _far(tree[0], known[0]) if isinstance(known[0].value, int) else _near(tree[0], known[0])


def sign_of_limit(germ: Germ) -> int | None:
    """The sign of the limit."""
    return germ.value if isinstance(germ.value, int) else sign_of(germ.value, 256)


def _negative(a: Germ) -> Germ:
    value = -a.value if isinstance(a.value, int) else make("neg", a.value)
    return Germ(value, a.low, a.high, -a.side)


def _sum(a: Germ, b: Germ) -> Germ | None:
    if isinstance(a.value, int) != isinstance(b.value, int):
        return a if isinstance(a.value, int) else b
    if isinstance(a.value, int) and a.value != b.value:
        return a if a.low > b.high else b if b.low > a.high else None
    value = a.value if isinstance(a.value, int) or isinstance(b.value, int) else make("+", a.value, b.value)
    high = max(a.high, b.high)
    if a.side == b.side != 0:
        return Germ(value, max(a.low, b.low), high, a.side)
    if a.low > b.high or b.low > a.high:
        first = a if a.low > b.high else b
        return Germ(value, first.low, high, first.side)
    return Germ(value, -inf, high, 0)


def _product(a: Germ, b: Germ) -> Germ | None:
    signs = [sign_of_limit(a), sign_of_limit(b)]
    if None in signs:
        return None
    plain = [not isinstance(g.value, int) and s != 0 for g, s in zip((a, b), signs, strict=True)]
    if all(plain) and not isinstance(a.value, int) and not isinstance(b.value, int):
        return Germ(make("*", a.value, b.value), -inf, max(a.high, b.high), 0)
    if any(plain):
        sign, far = (signs[0], b) if plain[0] else (signs[1], a)
        s = sign or 0
        value = far.value * s if isinstance(far.value, int) else ZERO
        return Germ(value, far.low, far.high, far.side * s)
    low = -inf if -inf in (a.low, b.low) else a.low + b.low
    high = inf if inf in (a.high, b.high) else a.high + b.high
    side = a.side * b.side
    infinite = [isinstance(g.value, int) for g in (a, b)]
    if high < 0 or not any(infinite):
        return Germ(ZERO, low, high, side)
    return Germ(side, low, high, side) if side and (low > 0 or all(infinite)) else None


def _reciprocal(a: Germ) -> Germ | None:
    sign = sign_of_limit(a)
    if isinstance(a.value, int):
        return Germ(ZERO, -a.high, -a.low, a.side)
    if sign:
        return Germ(make("/", ONE, a.value), -inf, a.high, 0)
    return Germ(a.side, -a.high, -a.low, a.side) if sign == 0 and a.side else None


def _power(a: Germ, e: Fraction) -> Germ | None:
    if e < 0:
        found = _power(a, -e)
        return None if found is None else _reciprocal(found)
    sign, whole = sign_of_limit(a), e.denominator == 1
    if e == 0 or sign is None or (sign == -1 and not whole):
        return Germ(ONE, -inf, -inf, 0) if e == 0 else None
    if not isinstance(a.value, int) and sign:
        return Germ(make("**", a.value, number(e)), -inf, a.high, 0)
    side = (a.side ** int(e) if whole else 1) if a.side else 0
    value = ZERO if sign == 0 else side
    return Germ(value, a.low * e, a.high * e, side)


def _log(a: Germ) -> Germ | None:
    sign = sign_of_limit(a)
    if isinstance(a.value, int):
        return Germ(1, Fraction(0), SLOW if a.high < inf else inf, 1) if sign == 1 else None
    if sign == 1:
        return Germ(make("log", a.value), a.low, a.high, a.side)
    if sign == 0 and a.side == 1:
        return Germ(-1, Fraction(0), SLOW if a.low > -inf else inf, -1)
    return None


def _near(head: str, a: Germ) -> Germ | None:
    """A function that is smooth near a finite limit."""
    if isinstance(a.value, int):
        return None
    if head in RISING:
        return Germ(make(head, a.value), a.low, a.high, a.side)
    if head in ("sin", "cos", "cosh", "abs"):
        return Germ(make(head, a.value), -inf, a.high, 0)
    return None


def _far(head: str, a: Germ) -> Germ | None:
    """A function at ±∞; what decays does so exponentially in the argument, fast if that is a power at least."""
    up, quick = a.value == 1, a.low > 0
    rest = -inf if quick else Fraction(0)
    grown = inf if quick else Fraction(0)
    match head:
        case "exp":
            return Germ(1, grown, inf, 1) if up else Germ(ZERO, -inf, rest, 1)
        case "cosh" | "sinh":
            side = 1 if up or head == "cosh" else -1
            return Germ(side, grown, inf, side)
        case "tanh" | "erf":
            return Germ(number(a.side), -inf, rest, -a.side)
        case "sigmoid":
            return Germ(ONE if up else ZERO, -inf, rest, -a.side)
        case "softplus":
            return a if up else Germ(ZERO, -inf, rest, 1)
        case "atan":
            right = make("/", ("constant", "pi"), number(2))
            return Germ(right if up else make("neg", right), -a.high, -a.low, -a.side)
        case "abs":
            return Germ(1, a.low, a.high, 1)
    return None
