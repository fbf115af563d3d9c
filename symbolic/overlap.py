r"""Constants of the L^p bounds: the overlap kernel g and the tail of the weights, as Arb enclosures.

In units of the spacing h, with z = x + hs in the cell of the centre v_j, the weight of v_j at x is at most Π_i g(s_i),

    g(s) = exp(−(κ/2)((|s| − ½)₊² − ¼)₊),

because on every axis the centre is at least |s| − ½ away and some centre is within ½. So, with cell averages as values,
∫_K |F − f|^p ≤ ∫ Π g(s_i) ‖f(· + hs) − f‖_p^p ds (Jensen, Fubini), and everything is a moment of g:

    A = ∫ g,   M_p = ∫_{R^N} Π g(s_i) ‖s‖₂^p ds,   μ_p = (M_p/A^N)^{1/p}.

**Concave modulus (ours).** If ω is concave, nondecreasing, ω(0) = 0 and ‖f(· + t) − f‖_p ≤ ω(‖t‖₂) on K ∩ (K − t), then
‖F − f‖_p ≤ A^{N/p} ω(h μ_p). *Proof.* ω is the infimum of lines α + βr, α, β ≥ 0, and t ↦ (α + β t^{1/p})^p is
concave, so t ↦ ω(h t^{1/p})^p is concave and Jensen's inequality for the probability Π g/A^N gives the claim. ∎
ω(r) = ‖∇f‖_p r is the W^{1,p} case; both factors decrease in κ, and so does the bound (a perspective).

The lemmas prove the steps for finite weighted sums (jensen-power, overlap-kernel, line-modulus). Taken on trust from
measure theory: integrals are limits of such sums, Fubini's theorem, and translations preserve the measure.

Source: ours; [MA] has the L^p statement without constants.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from flint import acb, arb, ctx

from .lattice import mellin_moment, theta_half
from .rounding import as_ball

TILTS = tuple(Fraction(k, 16) for k in range(1, 16))
"""The values of 2s/κ that are tried in Chernoff's bound."""
STRIPS = 96
"""Strips of the sums over a ball in three dimensions."""


MOST_POWER, COLDEST = 16, 0.25
"""Beyond these the masses outside balls are lost in rounding before the sum of the shells ends."""


def exponent(p: Fraction | int) -> Fraction:
    """p as a Fraction; ValueError unless p ≥ 1."""
    if isinstance(p, float) or Fraction(p) < 1:
        raise ValueError(f"p must be an exact number >= 1, not {p!r}")
    return Fraction(p)


def _tails(kappa: arb, top: int) -> list[arb]:
    """e^{κ/8} ∫_{1/2}^∞ t^j e^{−κt²/2} dt for j = 0 … top, by parts."""
    found = [(kappa / 8).exp() * (arb.pi() / (2 * kappa)).sqrt() * (kappa / 8).sqrt().erfc(), 1 / kappa]
    for j in range(2, top + 1):
        found.append((arb(2) ** (1 - j) + (j - 1) * found[j - 2]) / kappa)
    return found


def axis_moment(kappa: arb | Fraction | int, q: int) -> arb:
    """∫ g(s) |s|^q ds for an integer q ≥ 0: 2/(q+1) + 2e^{κ/8} ∫_{1/2}^∞ (½ + t)^q e^{−κt²/2} dt.

    >>> axis_moment(4, 0).str(10, radius=False)
    '2.655679542'
    """
    ball = as_ball(kappa)
    tails = _tails(ball, q)
    return arb(2) / (q + 1) + 2 * sum((math.comb(q, j) * tails[j] * arb(2) ** (j - q) for j in range(q + 1)), arb(0))


def _even_moments(kappa: arb, dimension: int, top: int) -> list[arb]:
    """∫ Π g(s_i) ‖s‖₂^{2j} ds, j = 0 … top: j! times the coefficients of (Σ M_{2j} t^j/j!)^N."""
    base = [axis_moment(kappa, 2 * j) / math.factorial(j) for j in range(top + 1)]
    result = [arb(1)] + [arb(0)] * top

    def times(a: list[arb], b: list[arb]) -> list[arb]:
        return [sum((a[i] * b[j - i] for i in range(j + 1)), arb(0)) for j in range(top + 1)]

    while dimension:
        if dimension & 1:
            result = times(result, base)
        base, dimension = times(base, base), dimension >> 1
    return [math.factorial(j) * c for j, c in enumerate(result)]


def _laplace(kappa: arb, t: arb) -> arb:
    """∫ g(s) e^{−ts²} ds for t > 0."""
    a = kappa / 2 + t
    far = (kappa * kappa / (16 * a)).exp() * (arb.pi() / a).sqrt() * (a.sqrt() - kappa / (4 * a.sqrt())).erfc()
    return (arb.pi() / t).sqrt() * t.sqrt().erf() + far


def radial_moment(kappa: arb | Fraction | int, dimension: int, p: Fraction | int) -> arb:
    """M_p = ∫_{R^N} Π g(s_i) ‖s‖₂^p ds, p ≥ 1.

    Sharp for even p, for integer p if N = 1, and for 1 ≤ p < 2 (Mellin integral of the Laplace transform); otherwise
    the ball between the chord and the prolonged chords of the log-convex function p ↦ M_p through even p.

    >>> radial_moment(4, 2, 2).str(10, radius=False)
    '9.265700117'
    """
    q, ball, N = exponent(p), as_ball(kappa), dimension
    low = 2 * math.floor(q / 2)
    if N == 1 and q.denominator == 1:
        return axis_moment(ball, int(q))
    moments = _even_moments(ball, N, low // 2 + 3)
    if q == low:
        return moments[low // 2]
    if q < 2:
        bits = ctx.prec + 16
        with ctx.workprec(bits + bits // 3 + 8):
            A, two, four = axis_moment(ball, 0), moments[1] / moments[0], moments[2] / moments[0]
            return moments[0] * mellin_moment(lambda t: (_laplace(ball, t) / A) ** N, two, four, q, bits)
    logs = [m.log() for m in moments]
    k, share = low // 2, as_ball((q - low) / 2, "p")
    above = logs[k] + share * (logs[k + 1] - logs[k])
    after = logs[k] + share * (logs[k] - logs[k - 1])
    before = logs[k + 1] - (1 - share) * (logs[k + 2] - logs[k + 1])
    return above.exp().union(after.max(before).exp())


def mean_radius(kappa: arb | Fraction | int, dimension: int, p: Fraction | int) -> arb:
    """μ_p = (M_p/A^N)^{1/p}."""
    mass = axis_moment(kappa, 0) ** dimension
    return root(radial_moment(kappa, dimension, p) / mass, exponent(p))


def root(x: arb, p: Fraction) -> arb:
    """x^{1/p} for x ≥ 0."""
    return arb(0) if x == 0 else x ** as_ball(1 / p, "1/p")


def ceiling_constant(kappa: arb | Fraction | int, dimension: int, p: Fraction | int) -> arb:
    """C with ‖F − f‖_p ≤ C ω_p(f; h) for every f ∈ L^p(K): C^p = ∫ Π g(s_i) ⌈‖s‖₂⌉^p ds for N ≤ 3, p ≤ 16, κ ≥ ¼.

    Otherwise the larger (A^{N/p} + M_p^{1/p})^p, from ⌈r⌉ ≤ 1 + r and Minkowski's inequality.
    ω_p(f; r) is the sup of ‖f(· + t) − f‖_p over ‖t‖₂ ≤ r, on K ∩ (K − t), K convex; ω_p(λr) ≤ ⌈λ⌉ ω_p(r).
    ⌈r⌉^p = Σ_{n<r} ((n+1)^p − n^p), so only the masses outside balls are needed; the n-th is at most N A^{N−1} times
    that of |s| > n/√N, which from n to n + 1 falls by e^{−κ(n/N − 1/(2√N) + 1/(2N))} at least.

    >>> [ceiling_constant(k, 1, 2).str(4, radius=False) for k in (1, 4, 16, 200)]
    ['3.342', '2.157', '1.686', '1.442']
    """
    ball, q, N = as_ball(kappa), exponent(p), dimension
    A = axis_moment(ball, 0)
    if N > 3 or q > MOST_POWER or not ball >= COLDEST:
        return root(A**N, q) + root(radial_moment(ball, N, q), q)
    power, total, n = as_ball(q, "p"), A**N, 1
    inside = (lambda r: A - _outside(ball, arb(r)), lambda r: _disc(ball, arb(r)), lambda r: _sphere(ball, r))[N - 1]
    while True:
        step = arb(n + 1) ** power - arb(n) ** power
        total += step * (A**N - inside(n)).nonnegative_part()
        fall = arb(n) / N - 1 / (2 * arb(N).sqrt()) + arb(1) / (2 * N)
        growth = (arb(n + 1) / n) ** (power - 1) * (-ball * fall).exp()
        rest = step * N * A ** (N - 1) * _outside(ball, n / arb(N).sqrt()) * growth / (1 - growth)
        if n > 1 and growth < 1 and rest < total * arb(2) ** (-ctx.prec // N):
            return root(total + arb(0).union(rest.upper()), q)
        n += 1


def _outside(kappa: arb, t: arb) -> arb:
    """∫ g over |s| > t, t ≥ 1."""
    return 2 * (kappa / 8).exp() * (arb.pi() / (2 * kappa)).sqrt() * ((t - arb(0.5)) * (kappa / 2).sqrt()).erfc()


def _disc(kappa: arb, r: arb) -> arb:
    """∫ g(s_1) g(s_2) over ‖s‖₂ ≤ r: with s_1 = r sin θ, the inner integral is an error function."""
    if r <= 1:
        return arb.pi() * r * r
    A = axis_moment(kappa, 0)
    scale, rate = 2 * (kappa / 8).exp() * (arb.pi() / (2 * kappa)).sqrt(), (kappa / 2).sqrt()

    def piece(low: arb, high: arb, outer: bool, inner: bool) -> arb:
        def integrand(angle: acb, _: bool) -> acb:
            s, t = r * angle.sin(), r * angle.cos()
            g = (-(kappa / 2) * ((s - 0.5) * (s - 0.5) - 0.25)).exp() if outer else acb(1)
            return g * (A - scale * ((t - 0.5) * rate).erfc() if inner else 2 * t) * t

        return acb.integral(integrand, acb(low), acb(high)).real

    near, far, quarter = (1 / r).asin(), (1 / r).acos(), arb.pi() / 2
    apart = bool(r * r >= 2)
    first, second = (near, far) if apart else (far, near)
    middle = piece(first, second, apart, apart)
    return 2 * (piece(arb(0), first, False, True) + middle + piece(second, quarter, True, False))


def _sphere(kappa: arb, r: int) -> arb:
    """∫ g(s_1) g(s_2) g(s_3) over ‖s‖₂ ≤ r, between lower and upper sums over strips of s_1: `_disc` increases."""
    half = axis_moment(kappa, 0) / 2

    def below(s: arb) -> arb:
        return s if s <= 1 else half - _outside(kappa, s) / 2

    ends = [arb(r) * k / STRIPS for k in range(STRIPS + 1)]
    discs = [_disc(kappa, (r * r - s * s).nonnegative_part().sqrt()) for s in ends]
    masses = [below(b) - below(a) for a, b in itertools.pairwise(ends)]
    low, high = (sum((m * d for m, d in zip(masses, part, strict=True)), arb(0)) for part in (discs[1:], discs[:-1]))
    return 2 * low.union(high)


def tail(kappa: arb | Fraction | int, dimension: int, reach: arb) -> arb:
    """An upper bound of τ = sup_x Pr(‖v − x‖₂ > reach·h): min over s of e^{−s reach²}(Θ(κ−2s)/Θ(κ))^N, 0 < s < κ/2.

    Chernoff's bound with E e^{s‖v−x‖²/h²} ≤ (Θ(κ−2s)/Θ(κ))^N on every finite grid (finite-grid-ratio).

    >>> float(tail(20, 1, arb(1)).upper()) < 0.02
    True
    """
    ball, least = as_ball(kappa), arb(1)
    whole = theta_half(ball)
    for tilt in TILTS:
        share = as_ball(tilt, "tilt")
        bound = (-share * ball / 2 * reach * reach).exp() * (theta_half(ball * (1 - share)) / whole) ** dimension
        least = least.min(bound)
    return least
