"""The bounds of sup|F − f|, from sums over the lattice.

Weights factor over the axes and, for the moments, are worst at cell corners, where the distances are hY, Y_i iid on
k + ½, k ≥ 0, with weights w_k = e^{−κk(k+1)/2}. So E‖Y‖₂ = Σ r(m) e^{−κm} √(N/4 + 2m) / Σ r(m) e^{−κm}, r(m) the number
of ways to write m as an ordered sum of N triangular numbers. The bias is μ1 = sup_x (4π/κ) Σ_r q_r sin x/(1 +
2 q_r cos x + q_r²), q_r = e^{−2π²(2r−1)/κ} (logarithmic derivative of Jacobi's triple product). Source: ours; the
published bound is [MA] Theorem 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from flint import arb, ctx, fmpz_poly

from .ball import HALF, ONE, ZERO, Undecided, ball, dot, largest, least, power, span, up
from .bisection import Box, Clock, climb, points
from .claim import Claim

TERM_LIMIT = 200_000


def moments(kappa: arb) -> list[arb]:
    """Σ (k+½)^p w_k for p = 0, 1, 2. Terms with p = 2 dominate from k = 1 on and end with ratios below ½.

    >>> sums = moments(arb(2))
    >>> round(float(sums[2] / sums[0]), 10)
    0.5010210804
    """
    sums, weight, k = [ZERO] * 3, ONE, 0
    while True:
        x = ball(Fraction(2 * k + 1, 2))
        if k and weight * x * x < 2.0**-ctx.prec and (-kappa * (k + 1)).exp() * power((x + 1) / x, 2) < 0.5:
            return [s + span(ZERO, 2 * weight * x * x) for s in sums]
        if k > TERM_LIMIT:
            raise Undecided("kappa is too small for direct sums")
        sums = [s + weight * power(x, p) for p, s in enumerate(sums)]
        k += 1
        weight *= (-kappa * k).exp()


def mean_norm(kappa: arb, N: int) -> arb:
    """E‖Y‖₂, or [0, √(N m2)] where κ is small.

    The tail: r(m) ≤ (√(2m) + 1)^N and √(N/4 + 2m) ≤ (√N/2 + 1)(√(2m) + 1), ratios decrease.
    """
    zeroth, first, second = moments(kappa)
    if N == 1:
        return first / zeroth
    for top in (2**i for i in range(5, 18)):
        edge = arb(2 * top + 2).sqrt() + 1
        ratio = power((arb(2 * top + 4).sqrt() + 1) / edge, N + 1) * (-kappa).exp()
        rest = (arb(N).sqrt() / 2 + 1) * power(edge, N + 1) * (-kappa * (top + 1)).exp() / (1 - ratio)
        if ratio < 1 and rest < 2.0**-64:
            break
    else:
        return span(ZERO, (N * second / zeroth).sqrt())
    triangular = [int(math.isqrt(8 * m + 1) ** 2 == 8 * m + 1) for m in range(top + 1)]
    mass, norm, weight, step = ZERO, ZERO, ONE, (-kappa).exp()
    for m, ways in enumerate(fmpz_poly(triangular).pow_trunc(N, top + 1).coeffs()):
        mass += ways * weight
        norm += ways * weight * (ball(Fraction(N, 4)) + 2 * m).sqrt()
        weight *= step
    return (norm + span(ZERO, rest)) / (mass + span(ZERO, rest))


def bias(kappa: arb, clock: Clock) -> arb:
    """μ1, or [0, ½] where κ is too large for the dual series."""
    if not kappa < 100:
        return span(ZERO, ball(HALF))
    q1 = (-2 * arb.pi() * arb.pi() / kappa).exp()
    powers = [power(q1, 2 * r) for r in range(3 + math.ceil(ctx.prec * float(kappa.upper()) / 50))]
    rest = powers.pop() / power(1 - q1, 2) / (1 - power(q1, 2))

    def enclose(box: Box) -> tuple[arb, arb]:
        (x,), c = points([ZERO], [arb.pi()], box), arb.pi() * arb(box[0][0])
        at, slope = arb(0, up(rest)), arb(0, up(rest * power((1 + q1) / (1 - q1), 2)))
        for p in powers:
            q = p * q1
            at += p * c.sin() / (1 + 2 * q * c.cos() + q * q)
            slope += p * ((1 + q * q) * x.cos() + 2 * q) / power(1 + 2 * q * x.cos() + q * q, 2)
        return at + slope * (x - c), at

    low, high = next(e for e in climb(1, enclose, clock) if e[1] - e[0] <= 1e-12 * e[1])
    return span(arb(max(low, 0.0)), arb(high)) * 4 * arb.pi() * q1 / kappa


def padded_bias(kappa: arb, pad: int, clock: Clock) -> arb:
    """Bias on a finite grid: μ1(1 + 2Q/S) + T/S, Q and T missing mass and moment of a side, S ≤ the normaliser."""
    D = ball(Fraction(2 * pad + 1, 2))
    edge = (-kappa * D * D / 2).exp()
    Q, T = edge / (1 - (-kappa * (pad + 1)).exp()), D * edge / (1 - (-kappa * D).exp())
    S = (2 * (-kappa / 8).exp() * moments(kappa)[0] - 2 * Q).max((-kappa / 8).exp())
    return bias(kappa, clock) * (1 + 2 * Q / S) + T / S


def _length(norm: str, v: Sequence[arb]) -> arb:
    return dot(v, v).sqrt() if norm == "l2" else sum(v, ZERO) if norm == "l1" else largest(v)


def published(claim: Claim, L: arb, R: arb, osc: arb) -> arb:
    """ω(r) + osc f·G·exp(−(R/2)(r² − ρ²)) for r ≥ 2ρ = ‖h‖₂."""
    width = _length("l2", claim.h)
    r = (ball(claim.eps) / (2 * L)).max(width)
    return L * r + osc * math.prod(claim.P) * (-R / 2 * (r * r - width * width / 4)).exp()


def sharp(claim: Claim, L: arb) -> arb:
    """L h c(κ), c = m_{1,N} (ℓ2), N m1 (ℓ1), the least of three (ℓ∞), for the widest h and the least κ."""
    N, norm, kappa = claim.N, claim.norm, least(claim.kappa)
    zeroth, first, _ = moments(kappa)
    constants = [N * first / zeroth] if norm != "l2" else []
    if norm != "l1":
        constants.append(mean_norm(kappa, N))
    if norm == "linf":
        c = 2 / (1 - (-kappa).exp())
        harmonic = sum(((1 - power(1 + c, -k)) / k for k in range(1, N)), ZERO)
        constants.append(ball(HALF) + ((1 + c).log() + harmonic) / kappa)
    return L * largest(claim.h) * least(constants)


def by_axis(claim: Claim, L: Sequence[arb]) -> arb:
    """Σ L_i h_i m1(κ_i) for |f(x) − f(y)| ≤ Σ L_i|x_i − y_i|."""
    sums = [moments(k) for k in claim.kappa]
    return dot([a * h for a, h in zip(L, claim.h, strict=True)], [s[1] / s[0] for s in sums])


def smooth(claim: Claim, L: arb, M: arb, clock: Clock) -> arb:
    """L‖h μ̄1‖ + ½M Σh² m2, the second term times (1+√5)/2 if values are continued outside the box."""
    sums = [moments(k) for k in claim.kappa]
    golden = (1 + arb(5).sqrt()) / 2 if claim.clip and claim.pad else ONE
    curved = dot([h * h for h in claim.h], [s[2] / s[0] for s in sums])
    biased = [h * padded_bias(k, claim.pad, clock) for h, k in zip(claim.h, claim.kappa, strict=True)]
    return L * _length(claim.norm, biased) + M / 2 * golden * curved


def outside_hull(claim: Claim) -> arb:
    """The most by which the box or a centre sticks out of the hull."""
    if claim.hull is None:
        raise Undecided("no hull is given")
    margins = [(2 * claim.pad - 1) * h / 2 for h in claim.h]
    sides = zip(claim.low, claim.side, *claim.hull, margins, strict=True)
    return largest(out for a, s, low, w, m in sides for out in (low - a + m, a + s + m - low - w))
