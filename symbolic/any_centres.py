r"""Any centres with covering radius ρ: the inverse temperature that a given accuracy needs ([MA] Theorem 4.1).

If every x of the box has one of the G centres within ρ, then for every r > ρ

    published  |F − f| ≤ ω(r) + osc f · G e^{−(R/2)(r² − ρ²)}
    sharper    |F − f| ≤ ω(r) + (osc f − ω(r))₊ λ/(1 + λ),   λ = (G − 1) e^{−(R/2)(r² − ρ²)}   (ours, same argument)

with ω(r) = L r. Both are solved for R at a given r, and r is chosen to make R small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from .design import NotApplicable
from .exact import Real, ball
from .rounding import upper

GOLDEN = 0.6180339887498949
ROUNDS = 60


@dataclass(frozen=True)
class CentresDesign:
    """R that reaches ε for every f with the given constants: |F − f| ≤ `error_bound` ≤ ε, at the radius r."""

    bound: str
    R: Fraction
    r: Fraction
    error_bound: str
    source: str


def centres_design(
    count: int, rho_squared: Fraction, lipschitz: Real, osc: Real, eps: Real, bound: str = "sharper"
) -> CentresDesign:
    """The design for `count` centres; `bound` is "published" or "sharper".

    L in ℓ2. Raises NotApplicable if L ρ ≥ ε: then some f of the class is missed by ε whatever R is.

    >>> centres_design(4, Fraction(1, 64), Fraction(1), Fraction(1), Fraction(1, 4)).error_bound <= "0.25"
    True
    """
    if bound not in ("published", "sharper"):
        raise ValueError(f"unknown bound {bound!r}; choose published or sharper")
    L, width, e, rho2 = ball(lipschitz), ball(osc), ball(eps), ball(rho_squared)
    if not L * rho2.sqrt() < e:
        raise NotApplicable("the centres are too far apart: L times the covering radius must be below eps")
    needed = _published(count, L, width, e, rho2) if bound == "published" else _sharper(count, L, width, e, rho2)
    low, high = float(rho2.sqrt().upper()), float((e / L).lower())
    r = Fraction(_least(lambda x: float(needed(arb(x)).upper()), low, high))
    R = Fraction(upper(needed(ball(r)).max(arb(0)), 8))
    if R == 0:
        R = Fraction(upper(1 / rho2, 8)) if rho_squared else Fraction(1)
    spread = (R_half := ball(R) / 2) * (ball(r) ** 2 - rho2)
    assert R_half > 0
    if bound == "published":
        total = L * ball(r) + width * count * (-spread).exp()
        return CentresDesign(bound, R, r, upper(total, 10), "[MA] Theorem 4.1")
    lam = (count - 1) * (-spread).exp()
    total = L * ball(r) + (width - L * ball(r)).max(arb(0)) * lam / (1 + lam)
    return CentresDesign(bound, R, r, upper(total, 10), "ours, after [MA] Theorem 4.1")


def _published(count: int, L: arb, osc: arb, eps: arb, rho2: arb) -> Callable[[arb], arb]:
    return lambda r: 2 * (osc * count / (eps - L * r)).log() / (r * r - rho2)


def _sharper(count: int, L: arb, osc: arb, eps: arb, rho2: arb) -> Callable[[arb], arb]:
    """λ/(1 + λ) ≤ η = (ε − L r)/(osc − L r) for λ = (G − 1)e^{−(R/2)(r² − ρ²)}; any R serves if η ≥ 1 or G = 1."""

    def needed(r: arb) -> arb:
        left, room = eps - L * r, osc - L * r
        if count == 1 or not room > left:
            return arb(0)
        return 2 * ((count - 1) * (room - left) / left).log() / (r * r - rho2)

    return needed


def _least(value: Callable[[float], float], low: float, high: float) -> float:
    """Golden section between two poles; any point found is valid, the choice only affects how large R is."""
    a, b = low + (high - low) * 1e-3, high - (high - low) * 1e-3
    for _ in range(ROUNDS):
        p, q = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
        a, b = (a, q) if value(p) <= value(q) else (p, b)
    return (a + b) / 2
