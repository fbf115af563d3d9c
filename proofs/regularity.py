"""Proved regularity constants of a formula on a box: range, oscillation, Lipschitz constant, Hessian norm, domain.

All by branch and bound on Arb (see `search`): every number returned is an upper bound at any budget.

A box is one pair (lo, hi) of constant formulas per variable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from flint import arb, ctx

from ..symbolic.expression import Expr, jumps, names, to_text
from .domain import check_domain
from .interval import ball, hull, position, power
from .search import Domain, Quantity, Result, search, up
from .spectral import spectral_norm
from .tape import DomainError, Jet, build

__all__ = [
    "Box",
    "DomainError",
    "Norm",
    "Range",
    "RegularityError",
    "axis_lipschitz",
    "check_domain",
    "hessian",
    "lipschitz",
    "oscillation",
    "range_of",
    "round_up",
]

Box = Sequence[tuple[Expr, Expr]]
Norm = Literal["l1", "l2", "linf"]
BITS = 64
BUDGET = 20_000


class RegularityError(ValueError):
    """A constant that could not be proved finite; one line that says which and near which point."""


def round_up(value: float | Fraction, slack: Fraction = Fraction(1, 10_000)) -> Fraction:
    """The shortest decimal in [value, value·(1 + slack)], for value ≥ 0.

    >>> round_up(Fraction(13069, 10000)), round_up(Fraction(2, 3))
    (Fraction(1307, 1000), Fraction(6667, 10000))
    """
    exact_value = Fraction(value)
    if exact_value <= 0:
        return Fraction(0)
    exponent = math.floor(math.log10(exact_value))
    while True:
        scale = Fraction(10) ** exponent
        candidate = math.ceil(exact_value / scale) * scale
        if candidate <= exact_value * (1 + slack):
            return candidate
        exponent -= 1


def _domain(expr: Expr, variables: Sequence[str], box: Box) -> Domain:
    if len(variables) != len(box):
        raise ValueError(f"{len(variables)} variables but {len(box)} sides of the box")
    unknown = [name for name in names(expr) if name not in variables]
    if unknown:
        raise ValueError(f"the formula has the variable {unknown[0]!r}, the box has {', '.join(variables) or 'none'}")
    for name, (lo, hi) in zip(variables, box, strict=True):
        if not ball(lo, {}) < ball(hi, {}):
            raise ValueError(f"the side of {name} must run upwards, not from {to_text(lo)} to {to_text(hi)}")
    return Domain(tuple(variables), tuple((lo, hi) for lo, hi in box))


# --- the quantities that are maximised --------------------------------------------------------------------------------


def _signed(x: arb) -> int | arb:
    return 1 if x >= 0 else -1 if x <= 0 else arb(0, 1)


def _dot(xs: Sequence[arb], ys: Sequence[arb]) -> arb:
    return sum((x * y for x, y in zip(xs, ys, strict=True)), arb(0))


def _value_quantity(sign: int) -> Quantity:
    return Quantity(0, lambda jet: sign * jet.value, lambda jet: [sign * g for g in jet.gradient])


def _euclidean(jet: Jet) -> arb:
    return sum((power(g, 2) for g in jet.gradient), arb(0))


def _euclidean_slope(jet: Jet) -> list[arb] | None:
    return None if jet.hessian is None else [2 * _dot(row, jet.gradient) for row in jet.hessian]


def _sum_slope(jet: Jet) -> list[arb] | None:
    if jet.hessian is None:
        return None
    signs = [_signed(g) for g in jet.gradient]
    return [_dot(row, signs) for row in jet.hessian]


def _entry_quantity(i: int) -> Quantity:
    def slope(jet: Jet) -> list[arb] | None:
        sign = _signed(jet.gradient[i])
        return None if jet.hessian is None else [sign * h for h in jet.hessian[i]]

    return Quantity(1, lambda jet: _magnitude(jet.gradient[i]), slope)


def _magnitude(x: arb) -> arb:
    return hull(arb(0), x.abs_upper(), keep_high=True) if x.is_finite() and x.contains(0) else abs(x)


def _finite(result: Result, what: str, expr: Expr, domain: Domain) -> float:
    """The proved upper bound; `DomainError` or `RegularityError` if it is infinite."""
    if result.stuck is None:
        return result.upper
    check_domain(expr, domain.variables, domain.box)
    if jumps(expr):
        where = domain.describe(result.stuck)
        raise RegularityError(f"{what} near {where}: the function may jump there; try an L^p norm (--norm L2)")
    raise RegularityError(f"{what} near {domain.describe(result.stuck)} for {to_text(expr)[:80]}")


# --- the constants ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """Balls around inf f and sup f: the outer end of each is proved by the cover, the inner one by a point."""

    lower: arb
    upper: arb

    @property
    def oscillation(self) -> arb:
        """A ball around sup f − inf f."""
        return self.upper - self.lower


def range_of(expr: Expr, variables: Sequence[str], box: Box, rel: float = 1e-3, budget_boxes: int = BUDGET) -> Range:
    """inf f and sup f on the box, each to ``rel`` times the oscillation if the budget allows.

    Raises `DomainError` or `RegularityError`.

    >>> from attain.symbolic.expression import constant, parse
    >>> found = range_of(parse("x - x**2"), ["x"], [(constant("0"), constant("1"))])
    >>> found.upper.contains(0.25), found.lower.contains(0)
    (True, True)
    """
    domain = _domain(expr, variables, box)
    with ctx.workprec(BITS):
        low, high = _sampled(expr, domain)
        least = max(rel * (high - low), 1e-12 * max(abs(low), abs(high)))
        ends = []
        for sign in (1, -1):
            found = search(expr, domain, _value_quantity(sign), 1).maximise(0.0, least, budget_boxes)
            upper = _finite(found, "no finite bound of the value", expr, domain)
            ends.append(sign * arb(found.lower).union(arb(upper)))
        return Range(ends[1], ends[0])


def _sampled(expr: Expr, domain: Domain) -> tuple[float, float]:
    """Least and largest value at a few points: only the stopping rule uses it."""
    formula, seen = build(expr, domain.variables, 0), []
    for n in range(64):
        point = [
            position(lo, hi, Fraction((n * (2 * i + 1) + 5 * i * i) % 64, 63)) for i, (lo, hi) in enumerate(domain.box)
        ]
        try:
            value = formula(point).value
        except DomainError:
            continue
        if value.is_finite():
            seen.append(float(value.mid()))
    return (min(seen), max(seen)) if seen else (0.0, 0.0)


def oscillation(
    expr: Expr, variables: Sequence[str], box: Box, rel: float = 1e-4, budget_boxes: int = BUDGET
) -> Fraction:
    """A short decimal ≥ sup f − inf f.

    >>> from attain.symbolic.expression import constant, parse
    >>> oscillation(parse("2*x"), ["x"], [(constant("0"), constant("1"))])
    Fraction(2, 1)
    """
    found = range_of(expr, variables, box, rel, budget_boxes)
    return round_up(up(found.oscillation))


def lipschitz(
    expr: Expr, variables: Sequence[str], box: Box, norm: Norm = "l2", rel: float | None = None, budget: int = BUDGET
) -> Fraction:
    """A short decimal L with |f(x) − f(y)| ≤ L‖x − y‖ on the box, for the norm ``l1``, ``l2`` or ``linf``.

    L bounds sup‖∇f‖ in the dual norm: ‖∇f‖_∞ for l1, ‖∇f‖₂ for l2, ‖∇f‖₁ for linf. Kinks are allowed. ``rel`` is the
    gap at which the search stops (default 1e−6 for one variable, else 1e−4 up to three and 1e−3 beyond).

    Raises `DomainError` where f is undefined, `RegularityError` where the derivative could not be bounded.

    >>> from attain.symbolic.expression import constant, parse
    >>> unit = (constant("0"), constant("1"))
    >>> lipschitz(parse("sin(x) + cos(y)"), ["x", "y"], [unit, unit])
    Fraction(1307, 1000)
    """
    if norm == "l1":
        return max(axis_lipschitz(expr, variables, box, rel, budget))
    domain = _domain(expr, variables, box)
    quantities = {
        "l2": Quantity(1, _euclidean, _euclidean_slope),
        "linf": Quantity(1, lambda jet: sum((_magnitude(g) for g in jet.gradient), arb(0)), _sum_slope),
    }
    if norm not in quantities:
        raise ValueError(f"unknown norm {norm!r}; known: l1, l2, linf")
    gap = rel if rel is not None else _gap(len(variables))
    upper = _largest(expr, domain, quantities[norm], 2 * gap if norm == "l2" else gap, budget)
    with ctx.workprec(BITS):
        return round_up(up(arb(upper).sqrt()) if norm == "l2" else upper)


def axis_lipschitz(
    expr: Expr, variables: Sequence[str], box: Box, rel: float | None = None, budget: int = BUDGET
) -> tuple[Fraction, ...]:
    """Short decimals L_i with |f(x) − f(y)| ≤ Σ L_i|x_i − y_i| on the box: bounds of sup|∂_i f|; see `lipschitz`.

    >>> from attain.symbolic.expression import constant, parse
    >>> unit = (constant("0"), constant("1"))
    >>> axis_lipschitz(parse("10*x + abs(y)"), ["x", "y"], [unit, unit])
    (Fraction(10, 1), Fraction(1, 1))
    """
    domain, gap = _domain(expr, variables, box), rel if rel is not None else _gap(len(variables))
    return tuple(round_up(_largest(expr, domain, _entry_quantity(i), gap, budget)) for i in range(len(variables)))


def _gap(count: int) -> float:
    return 1e-6 if count == 1 else 1e-4 if count <= 3 else 1e-3


def _largest(expr: Expr, domain: Domain, quantity: Quantity, gap: float, budget: int) -> float:
    with ctx.workprec(BITS):
        found = search(expr, domain, quantity, 2).maximise(gap, 0.0, budget)
    return _finite(found, "no Lipschitz constant found: no finite bound of the derivative", expr, domain)


def hessian(
    expr: Expr, variables: Sequence[str], box: Box, rel: float | None = None, budget: int = BUDGET
) -> Fraction | None:
    """A short decimal M ≥ sup ‖∇²f‖₂ on the box, so that ∇f is M-Lipschitz there; None if that is not provable.

    None means a kink or an unbounded second derivative inside the box. Raises `DomainError` where f is undefined.

    >>> from attain.symbolic.expression import constant, parse
    >>> hessian(parse("x**2/2"), ["x"], [(constant("0"), constant("1"))])
    Fraction(1, 1)
    >>> hessian(parse("abs(x - 1/3)"), ["x"], [(constant("0"), constant("1"))]) is None
    True
    """
    domain = _domain(expr, variables, box)
    quantity = Quantity(
        2, lambda jet: arb.nan() if jet.hessian is None else spectral_norm(jet.hessian), lambda _: None, False
    )
    gap = rel if rel is not None else 1e-3 if len(variables) == 1 else 1e-2
    with ctx.workprec(BITS):
        found = search(expr, domain, quantity, 2).maximise(gap, 0.0, budget)
        if found.stuck is not None:
            check_domain(expr, domain.variables, domain.box)
            return None
        return round_up(found.upper)
