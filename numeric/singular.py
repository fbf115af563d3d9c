"""Integrable singularities: a proved bound of ‖f‖_{L^p} on a box on which f is unbounded.

On the box |f| ≤ c_0 + Σ_k c_k |u_k|^{−a_k} is shown by rules for + − × ÷, abs, min, max, where and bounded functions.
The *poles* |u|^{−a} are powers with a negative exponent, or quotients, whose base u may vanish, and |log u| ≤
(8/e)u^{−1/8} for 0 < u ≤ 1. If |∂_i u| ≥ m > 0 on the box, t = u is a change of variable along axis i, so with
b = ap < 1

    ∫_box |u|^{−ap} dx ≤ (Π_{j≠i} width_j)(1/m) ∫_{u(box)} |t|^{−b} dt.

A singularity that none of this covers (b ≥ 1, no monotone axis) has the bound infinity. Source: ours, elementary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from ..proofs.interval import DomainError, ball, jet
from ..symbolic.expression import Expr, fold, names, number, to_fraction

BOUNDED = {"sin": 1.0, "cos": 1.0, "tanh": 1.0, "erf": 1.0, "sigmoid": 1.0, "atan": 1.58}
Pole = tuple[Expr, Fraction]


@dataclass(frozen=True)
class Majorant:
    """|node| ≤ constant + Σ poles[u, a] |u|^{−a} on the box, numbers as exact balls."""

    constant: arb
    poles: Mapping[Pole, arb]

    def plus(self, other: Majorant) -> Majorant:
        """A majorant of the sum."""
        poles = {key: self.poles.get(key, arb(0)) + other.poles.get(key, arb(0)) for key in {*self.poles, *other.poles}}
        return Majorant(self.constant + other.constant, poles)

    def times(self, factor: arb) -> Majorant:
        """A majorant of the product with something of absolute value ≤ factor."""
        return Majorant(self.constant * factor, {key: c * factor for key, c in self.poles.items()})


UNKNOWN = Majorant(arb("inf"), {})


def norm_bound(expr: Expr, box: Mapping[str, arb], p: Fraction) -> arb:
    """An upper bound of (∫_box |f|^p)^{1/p}; infinite where none is found.

    >>> from attain.symbolic.expression import parse
    >>> norm_bound(parse("abs(x)**(-1/4)"), {"x": arb(0.5, 0.5)}, Fraction(2)).str(4, radius=False)
    '1.414'
    """
    found = majorant(expr, box)
    volume = arb(1)
    for side in box.values():
        volume *= 2 * side.rad()
    total = arb(0) if found.constant == 0 else found.constant * _root(volume, p)
    for pole, c in found.poles.items():
        total += c * _root(_integral(pole, box, p), p)
    return total.upper() if total.is_finite() else arb("inf")


def majorant(expr: Expr, box: Mapping[str, arb]) -> Majorant:
    """Constant and poles with |f| ≤ constant + Σ c |u|^{−a} on the box (constant infinite if none is found)."""

    def rule(node: Expr, parts: list[Majorant]) -> Majorant:
        size = _size(node, box)
        return Majorant(size, {}) if size is not None else _composed(node, parts, box)

    result: Majorant = fold(expr, rule)
    return result


def _composed(node: Expr, parts: list[Majorant], box: Mapping[str, arb]) -> Majorant:
    head, args = node.head, node.args
    if head in BOUNDED:
        return Majorant(arb(BOUNDED[head]), {}) if parts[0].constant.is_finite() else UNKNOWN
    if head in ("neg", "abs"):
        return parts[0]
    if head in ("+", "-"):
        return parts[0].plus(parts[1])
    if head in ("min", "max", "where"):
        values = parts if head != "where" else parts[1:]
        total = values[0]
        for other in values[1:]:
            total = total.plus(other)
        return total
    if head == "*":
        for mine, other in ((args[0], parts[1]), (args[1], parts[0])):
            size = _size(mine, box)
            if size is not None:
                return other.times(size)
    if head == "/":
        size = _size(args[0], box)
        pole = _pole(args[1], Fraction(1), box)
        return UNKNOWN if size is None or pole is None else Majorant(arb(0), {pole: size})
    if head == "log" and _nonnegative(args[0], box):
        pole, size = _pole(args[0], Fraction(1, 8), box), _size(args[0], box)
        return UNKNOWN if size is None or pole is None else Majorant(size.max(arb(1)).log(), {pole: 8 / arb(1).exp()})
    exponent = to_fraction(args[1]) if head == "**" else None
    if exponent is not None and exponent < 0:
        pole = _pole(Expr("**", (args[0], number(-exponent))), Fraction(1), box)
        return UNKNOWN if pole is None else Majorant(arb(0), {pole: arb(1)})
    return UNKNOWN


def _pole(base: Expr, a: Fraction, box: Mapping[str, arb]) -> Pole | None:
    """|base|^{−a} with roots, powers and signs moved into a; None if a root may be undefined on part of the box."""
    while True:
        exponent = Fraction(1, 2) if base.head == "sqrt" else None
        if base.head == "**":
            exponent = to_fraction(base.args[1])
        if base.head not in ("neg", "abs") and (exponent is None or exponent < 0):
            return base, a
        base, a = base.args[0], a * (1 if exponent is None else exponent)
        if exponent is not None and exponent.denominator > 1 and not _nonnegative(base, box):
            return None


def _nonnegative(node: Expr, box: Mapping[str, arb]) -> bool:
    try:
        return bool(ball(node, box) >= 0)
    except DomainError:
        return False


def _size(node: Expr, box: Mapping[str, arb]) -> arb | None:
    """sup |node| over the box where interval arithmetic gives one."""
    try:
        value = ball(node, box)
    except DomainError:
        return None
    return value.abs_upper() if value.is_finite() else None


def _integral(pole: Pole, box: Mapping[str, arb], p: Fraction) -> arb:
    """An upper bound of ∫_box |u|^{−ap}."""
    u, a = pole
    b = a * p
    if b >= 1:
        return arb("inf")
    axes = names(u)
    try:
        found: Any = jet(u, axes, [box[name] for name in axes], 1)
    except DomainError:
        return arb("inf")
    best = arb("inf")
    for name, slope in zip(axes, found.gradient, strict=True):
        least = slope.abs_lower()
        if not (slope.is_finite() and least > 0 and found.value.is_finite()):
            continue
        others = arb(1)
        for other, side in box.items():
            others *= 1 if other == name else 2 * side.rad()
        power = arb(1) - arb(b.numerator) / b.denominator
        ends = [end for end in (found.value.upper(), -found.value.lower()) if end > 0]
        reach = sum((_power(end, power) for end in ends), arb(0))
        best = best.min(others * reach / (power * least))
    return best


def _power(x: arb, exponent: arb) -> arb:
    return (x.log() * exponent).exp()


def _root(x: arb, p: Fraction) -> arb:
    return arb(0) if x == 0 else x if p == 1 else _power(x, arb(p.denominator) / p.numerator)
