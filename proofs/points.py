"""Formulas at exact points, without the prover: rational where that is possible, else mpmath or Arb.

The prover evaluates in ranges of its own; this evaluator exists to disagree with it if one of the two is wrong.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, isqrt
from typing import Any

import mpmath
from flint import arb, ctx

from ..symbolic.tree import Expr, children, postorder, to_fraction

Point = Mapping[str, Fraction]
_BITS_OF_A_POWER = 20_000


class Undefined(Exception):
    """The formula has no real value at the point."""


class Unclear(Exception):
    """Whether the formula has a value could not be seen at this precision."""


@dataclass(frozen=True)
class Library:
    """An inexact arithmetic: how to lift a rational, its functions, and the sign of a number (None: not seen)."""

    lift: Callable[[Fraction], Any]
    functions: Mapping[str, Callable[..., Any]]
    sign: Callable[[Any], int | None]


def _mp_sign(x: Any) -> int | None:
    if not mpmath.isfinite(x):
        return None
    return None if abs(x) < mpmath.mpf(10) ** (-mpmath.mp.dps // 2) else 1 if x > 0 else -1


def _arb_sign(x: arb) -> int | None:
    return 1 if x > 0 else -1 if x < 0 else None


_OPERATORS: dict[str, Callable[..., Any]] = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "neg": operator.neg},
    "abs": abs,
}
_SHARED = ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "asin", "acos", "sqrt", "erf", "gamma")
MPMATH = Library(
    lambda x: mpmath.mpf(x.numerator) / x.denominator,
    _OPERATORS
    | {name: getattr(mpmath, name) for name in (*_SHARED, "loggamma", "floor", "ceil", "lambertw")}
    | {
        "pi": lambda: +mpmath.pi,
        "e": lambda: +mpmath.e,
        "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
        "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
        "min": min,
        "max": max,
        "**": lambda a, b: mpmath.exp(b * mpmath.log(a)),
        "general power": lambda a, b: mpmath.exp(b * mpmath.log(a)),
    },
    _mp_sign,
)
ARB = Library(
    lambda x: arb(x.numerator) / x.denominator,
    _OPERATORS
    | {name: getattr(arb, name) for name in (*_SHARED, "floor", "ceil", "lambertw")}
    | {
        "loggamma": arb.lgamma,
        "pi": arb.pi,
        "e": arb.const_e,
        "sigmoid": lambda x: 1 / (1 + (-x).exp()),
        "softplus": lambda x: x.exp().log1p(),
        "min": lambda a, b: a.min(b),
        "max": lambda a, b: a.max(b),
        "**": lambda a, b: (b * a.log()).exp(),
        "general power": lambda a, b: (b * a.log()).exp(),
    },
    _arb_sign,
)


def value(expr: Expr, point: Point, library: Library) -> Any:
    """The value: a Fraction if it is rational by exact steps, else a number of the library.

    Raises `Undefined` (also for a general power of a base <= 0) and `Unclear`.

    >>> from attain.symbolic.expression import parse
    >>> value(parse("exp(x - 1) + sqrt(4*x)"), {"x": Fraction(1)}, MPMATH)
    Fraction(3, 1)
    >>> value(parse("exp(1) - e"), {}, ARB).overlaps(arb(0))
    True
    """
    values: dict[int, Any] = {}
    for node in postorder(expr):
        args = [values[id(child)] for child in children(node)]
        if node.head == "number":
            values[id(node)] = Fraction(node.args[0])
        elif node.head == "variable":
            values[id(node)] = point[node.args[0]]
        elif node.head == "constant":
            values[id(node)] = library.functions[node.args[0]]()
        else:
            general = node.head == "**" and to_fraction(node.args[1]) is None
            values[id(node)] = _apply("general power" if general else node.head, args, library)
    return values[id(expr)]


def _apply(head: str, args: list[Any], library: Library) -> Any:
    _check_domain(head, args, library)
    if all(isinstance(a, Fraction) for a in args):
        found = _exactly(head, args)
        if found is not None:
            return found
    if head == "**" and (args[1].denominator == 1 or args[0] == 0):
        return _whole_power(args[0], args[1], library)
    if head in ("min", "max") and len(args) > 2:
        return _apply(head, [_apply(head, args[:2], library), *args[2:]], library)
    result = library.functions[head](*(library.lift(a) if isinstance(a, Fraction) else a for a in args))
    if isinstance(result, mpmath.mpc):
        raise Unclear
    return result


def _whole_power(base: Any, exponent: Fraction, library: Library) -> Any:
    if base == 0:
        return Fraction(0)
    lifted = library.lift(base) if isinstance(base, Fraction) else base
    size = abs(int(exponent))
    result = library.lift(Fraction(1))
    for bit in bin(size)[2:]:
        result = result * result
        result = result * lifted if bit == "1" else result
    return result if exponent >= 0 else 1 / result


def _exactly(head: str, args: list[Fraction]) -> Fraction | None:
    """The rational value if there is an obvious one."""
    a = args[0]
    if head in _OPERATORS:
        return Fraction(_OPERATORS[head](*args))
    if head in ("min", "max"):
        return min(args) if head == "min" else max(args)
    if head in ("floor", "ceil"):
        return Fraction(floor(a) if head == "floor" else ceil(a))
    if head in ("exp", "cosh", "cos") and a == 0:
        return Fraction(1)
    if head in ("sin", "tan", "tanh", "sinh", "atan", "asin", "erf", "lambertw") and a == 0:
        return Fraction(0)
    if head == "log" and a == 1:
        return Fraction(0)
    if head == "sqrt":
        top, bottom = isqrt(a.numerator), isqrt(a.denominator)
        return Fraction(top, bottom) if (top * top, bottom * bottom) == (a.numerator, a.denominator) else None
    if head in ("**", "general power") and args[1].denominator == 1:
        bits = (a.numerator.bit_length() + a.denominator.bit_length()) * abs(args[1])
        return a ** int(args[1]) if bits <= _BITS_OF_A_POWER else None
    return None


def _sign(x: Any, library: Library) -> int:
    if isinstance(x, Fraction):
        return (x > 0) - (x < 0)
    found = library.sign(x)
    if found is None:
        raise Unclear
    return found


def _check_domain(head: str, args: list[Any], library: Library) -> None:
    a = args[0]
    bad = False
    if head in ("log", "gamma", "loggamma", "general power"):
        bad = _sign(a, library) <= 0
    elif head == "sqrt":
        bad = _sign(a, library) < 0
    elif head == "/":
        bad = _sign(args[1], library) == 0
    elif head in ("asin", "acos"):
        bad = _sign(1 - a, library) < 0 or _sign(1 + a, library) < 0
    elif head == "lambertw":
        lifted = library.lift(a) if isinstance(a, Fraction) else a
        bad = _sign(lifted + library.functions["exp"](library.lift(Fraction(-1))), library) < 0
    elif head == "**":
        bad = _power_undefined(a, args[1], library)
    elif head == "tan" and not isinstance(a, Fraction):
        _sign(library.functions["cos"](a), library)
    if bad:
        raise Undefined(head)


def _power_undefined(a: Any, b: Fraction, library: Library) -> bool:
    if b.denominator == 1:
        return b < 0 and _sign(a, library) == 0
    return _sign(a, library) < (1 if b < 0 else 0)


def certain_sign(expr: Expr, point: Point, most: int = 4096) -> int | None:
    """−1, 0 or 1 at the point: exactly, or in Arb balls of growing precision; None if undefined or not decided.

    >>> from attain.symbolic.expression import parse
    >>> certain_sign(parse("exp(x) - 1 - x - 1e-30"), {"x": Fraction(0)})
    -1
    """
    bits = 64
    while bits <= most:
        with ctx.workprec(bits):
            try:
                found = value(expr, point, ARB)
                return _sign(found, ARB)
            except Undefined:
                return None
            except Unclear:
                bits *= 2
    return None
