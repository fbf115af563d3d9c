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

from flint import arb, ctx

from .design import BudgetTerms, NotApplicable, settled
from .exact import Real, ball
from .rounding import lower, upper

BITS, DIGITS = 128, 30
GOLDEN, EDGE, ROUNDS = 0.6180339887498949, 1e-3, 40


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

    L in ℓ2. Raises NotApplicable if L ρ ≥ ε (or nearer than 30 digits tell): then some f of the class is missed by ε
    whatever R is; ValueError unless L > 0 and osc f ≥ 0.

    >>> centres_design(4, Fraction(1, 64), Fraction(1), Fraction(1), Fraction(1, 4)).error_bound <= "0.25"
    True
    """
    if bound not in ("published", "sharper"):
        raise ValueError(f"unknown bound {bound!r}; choose published or sharper")
    if not (ball(lipschitz) > 0 and ball(osc) >= 0):
        raise ValueError("a Lipschitz constant > 0 and sup f - inf f >= 0 are expected")
    with ctx.workprec(BITS):
        L, e, rho2 = ball(lipschitz), ball(eps), ball(rho_squared)
        low, high = Fraction(upper(rho2.sqrt(), DIGITS)), Fraction(lower(e / L, DIGITS))
        if not low < high:
            raise NotApplicable("the centres are too far apart: L times the covering radius must be below eps")
        needed = (_published if bound == "published" else _sharper)(count, L, ball(osc), e, rho2)
        share = Fraction(_least(lambda t: float(needed(ball(low + Fraction(t) * (high - low))).upper())))
        r = low + share * (high - low)
        R = Fraction(upper(needed(ball(r)).max(arb(0)), 8)) or (1 / rho_squared if rho_squared else Fraction(1))
    terms = _published_terms if bound == "published" else _sharper_terms
    error_bound = settled(lambda: terms(count, rho_squared, lipschitz, osc, R, r), eps)[1]
    source = "[MA] Theorem 4.1" if bound == "published" else "ours, after [MA] Theorem 4.1"
    return CentresDesign(bound, R, r, error_bound, source)


def _decay(rho_squared: Fraction, R: Fraction, r: Fraction) -> arb:
    return (-ball(R * (r * r - rho_squared) / 2)).exp()


def _published_terms(count: int, rho2: Fraction, L: Real, osc: Real, R: Fraction, r: Fraction) -> BudgetTerms:
    return ("near", "", ball(L) * ball(r)), ("far", "", ball(osc) * count * _decay(rho2, R, r))


def _sharper_terms(count: int, rho2: Fraction, L: Real, osc: Real, R: Fraction, r: Fraction) -> BudgetTerms:
    near, odds = ball(L) * ball(r), (count - 1) * _decay(rho2, R, r)
    return ("near", "", near / (1 + odds)), ("far", "", near.max(ball(osc)) * odds / (1 + odds))


def _published(count: int, L: arb, osc: arb, eps: arb, rho2: arb) -> Callable[[arb], arb]:
    return lambda r: 2 * (osc * count / (eps - L * r)).log() / (r * r - rho2) if osc > 0 else arb(0)


def _sharper(count: int, L: arb, osc: arb, eps: arb, rho2: arb) -> Callable[[arb], arb]:
    """λ/(1 + λ) ≤ η = (ε − L r)/(osc − L r) for λ = (G − 1)e^{−(R/2)(r² − ρ²)}; any R serves if η ≥ 1 or G = 1."""

    def needed(r: arb) -> arb:
        left, room = eps - L * r, osc - L * r
        if count == 1 or not room > left:
            return arb(0)
        return 2 * ((count - 1) * (room - left) / left).log() / (r * r - rho2)

    return needed


def _least(value: Callable[[float], float]) -> float:
    """Golden section between two poles, at 0 and 1; any point is valid, the choice only affects how large R is."""
    a, b = EDGE, 1 - EDGE
    for _ in range(ROUNDS):
        p, q = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
        a, b = (a, q) if value(p) <= value(q) else (p, b)
    return (a + b) / 2
