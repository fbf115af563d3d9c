"""The limit of a formula in one variable at ∞, exactly, by rules that can fail.

Besides the limit a rule tracks speed, for x beyond some point and some c, C, k > 0: ``fast``: the distance to a finite
limit is at most C·exp(−c·x); ``poly``: the modulus is at most C·x**k; ``linear``: it is at least c·x; ``huge``: it is
at least C·exp(c·x). So 0·∞ is 0 where the zero is fast and the infinity poly. Source: ours; every rule is elementary.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ...symbolic.tree import Expr, fold, number, substitute, to_fraction
from .normal import Normaliser, TooLarge
from .problem import constant_sign

ZERO, ONE = number(0), number(1)


class Limit(NamedTuple):
    """A finite limit (a constant formula), or ±1 for ±∞, with its speed."""

    value: Expr | int
    fast: bool = False
    poly: bool = False
    linear: bool = False
    huge: bool = False

    @property
    def sign(self) -> int | None:
        """The sign of the limit."""
        return self.value if isinstance(self.value, int) else constant_sign(self.value, 256)


def at_infinity(expr: Expr, name: str, side: int = 1) -> Limit | None:
    """The limit as the variable goes to side·∞, or None.

    >>> from attain.symbolic.expression import parse
    >>> at_infinity(parse("x*(1 - erf(x)) + exp(-x)"), "x").sign
    0
    >>> at_infinity(parse("x**2 - x"), "x", -1).value
    1
    """
    if side == -1:
        expr = substitute(expr, {name: Expr("neg", (Expr("variable", (name,)),))})

    def rule(node: Expr, args: list[Limit | None]) -> Limit | None:
        if node.head in ("number", "constant"):
            return Limit(node, True, True)
        if node.head == "variable":
            return Limit(1, False, True, True)
        found = None if None in args else _rule(node, [a for a in args if a is not None])
        return found or _polynomial(node, name)

    result: Limit | None = fold(expr, rule)
    return result


def _polynomial(node: Expr, name: str) -> Limit | None:
    """A polynomial with rational coefficients behaves as its leading term."""
    n = Normaliser({name: 1})
    try:
        form = n.form(node)
    except TooLarge:
        return None
    mine = n.ids.get(("var", name))
    if set(form.bottom) != {()} or not all(len(m) == 1 and m[0][0] == mine and m[0][1] >= 1 for m in form.top if m):
        return None
    if not form.top:
        return Limit(ZERO, True, True)
    lead = max(form.top, key=lambda m: m[0][1] if m else Fraction(0))
    return Limit(1 if form.top[lead] > 0 else -1, False, True, True) if lead else None


def _rule(node: Expr, a: list[Limit]) -> Limit | None:
    head = node.head
    if head == "neg":
        return _product(Limit(number(-1), True, True), a[0])
    if head == "+":
        return _sum(a[0], a[1])
    if head == "-":
        return _sum(a[0], _product(Limit(number(-1), True, True), a[1]))
    if head == "*":
        return _product(a[0], a[1])
    if head == "/":
        return _product(a[0], _reciprocal(a[1]))
    if head == "**":
        exponent = to_fraction(node.args[1])
        return None if exponent is None else _power(a[0], exponent)
    return _function(head, a[0]) if len(a) == 1 else None


def _sum(a: Limit, b: Limit | None) -> Limit | None:
    if b is None:
        return None
    if isinstance(a.value, Expr) and isinstance(b.value, Expr):
        return Limit(Expr("+", (a.value, b.value)), a.fast and b.fast, True)
    if isinstance(b.value, int) and isinstance(a.value, int):
        if a.value != b.value:
            return None
        return Limit(a.value, False, a.poly and b.poly, a.linear or b.linear, a.huge or b.huge)
    far = a if isinstance(a.value, int) else b
    return far._replace(fast=False)


def _product(a: Limit, b: Limit | None) -> Limit | None:
    if b is None:
        return None
    if isinstance(a.value, Expr) and isinstance(b.value, Expr):
        return Limit(Expr("*", (a.value, b.value)), a.fast and b.fast, True)
    if isinstance(b.value, int) and isinstance(a.value, int):
        return Limit(a.value * b.value, False, a.poly and b.poly, a.linear or b.linear, a.huge or b.huge)
    near, far = (b, a) if isinstance(a.value, int) else (a, b)
    sign = near.sign
    if sign is None or isinstance(near.value, int) or not isinstance(far.value, int):
        return None
    if sign == 0:
        return Limit(ZERO, True, True) if near.fast and far.poly else None
    return far._replace(value=far.value * sign)


def _reciprocal(a: Limit) -> Limit | None:
    if isinstance(a.value, int):
        return Limit(ZERO, a.huge, True)
    return None if a.sign in (0, None) else Limit(Expr("/", (ONE, a.value)), a.fast, True)


def _power(a: Limit, e: Fraction) -> Limit | None:
    if e <= 0:
        found = _power(a, -e) if e else Limit(ONE, True, True)
        return found if found is None or not e else _reciprocal(found)
    if isinstance(a.value, int):
        if a.value == -1 and e.denominator != 1:
            return None
        return Limit(a.value ** (int(e) % 2) if a.value == -1 else 1, False, a.poly, a.linear and e >= 1, a.huge)
    sign = a.sign
    if sign is None or (sign == -1 and e.denominator != 1):
        return None
    return Limit(Expr("**", (a.value, number(e))) if sign else ZERO, a.fast, True)


def _function(head: str, a: Limit) -> Limit | None:
    if isinstance(a.value, Expr):
        sign = a.sign
        smooth = head in ("exp", "sin", "cos", "atan", "tanh", "sigmoid", "softplus", "erf", "sinh", "cosh", "abs")
        if smooth or (head in ("log", "sqrt") and sign == 1):
            return Limit(Expr(head, (a.value,)), a.fast, True)
        return Limit(ZERO, a.fast, True) if head == "sqrt" and sign == 0 else None
    up = a.value == 1
    if head == "exp":
        return Limit(1, False, False, a.linear, a.linear) if up else Limit(ZERO, a.linear, True)
    if head in ("log", "sqrt"):
        return Limit(1, False, a.poly, False, head == "sqrt" and a.huge) if up else None
    if head in ("erf", "tanh"):
        return Limit(number(a.value), a.linear, True)
    if head == "sigmoid":
        return Limit(ONE if up else ZERO, a.linear, True)
    if head == "softplus":
        return a if up else Limit(ZERO, a.linear, True)
    if head == "atan":
        half = Expr("/", (Expr("constant", ("pi",)), number(2)))
        return Limit(half if up else Expr("neg", (half,)), False, True)
    if head == "abs":
        return a._replace(value=1)
    if head in ("cosh", "sinh"):
        return Limit(1 if head == "cosh" else a.value, False, False, a.linear, a.linear)
    return None
