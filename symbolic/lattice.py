"""Lattice constants of softmax attention on a grid, as Arb enclosures.

On a midpoint grid of step h with inverse temperature R, everything is a function of the dimensionless
temperature kappa = R h^2.  In units of h, put u in R and p_k(u) proportional to exp(-kappa (u-k)^2 / 2), k in Z.
At the worst place u = 1/2 the distances |u-k| are k + 1/2 (k >= 0) with weights w_k = exp(-kappa k(k+1)/2).

Every function takes kappa > 0 as an ``arb`` (a ball of any width), a ``Fraction`` or an ``int`` and returns a ball
that contains the value for *every* kappa in the input, at the precision of the caller (``flint.ctx``).  Sums are
cut with a proved tail: all of them have terms a_k with a_{k+1}/a_k nonincreasing, so once r = a_{n+1}/a_n < 1
the rest is at most a_n/(1-r).  Constants that decrease in kappa (a monotone likelihood ratio: larger kappa makes
every distance stochastically smaller) are evaluated at the two ends of a wide ball.  Source: ours.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from flint import arb, ctx, fmpq

from .rounding import as_ball

Kappa: TypeAlias = arb | Fraction | int
_SMALL = 6  # below it the dual (Poisson) series converge faster; both are valid everywhere


def _positive(kappa: Kappa) -> arb:
    ball = as_ball(kappa, "kappa")
    if not (ball.is_finite() and ball > 0):
        raise ValueError(f"kappa must be positive and finite, not {ball}")
    return ball


def _count(dimension: int) -> int:
    if isinstance(dimension, bool) or not isinstance(dimension, int) or dimension < 1:
        raise ValueError(f"N must be an integer >= 1, not {dimension!r}")
    return dimension


def _enclose(function: Callable[[arb], arb], kappa: Kappa, guard: int = 16, decreasing: bool = True) -> arb:
    """Range of the function over the ball, with guard bits; if it decreases, the ends of a wide ball are enough."""
    bits = ctx.prec
    with ctx.workprec(bits + guard):
        ball = _positive(kappa)
        if not decreasing or ball.rel_accuracy_bits() >= bits - 4:
            return function(ball)
        return function(ball.upper()).union(function(ball.lower()))


def _up_to(bound: arb) -> arb:
    return arb(0).union(bound.upper())


def _sums(kappa: arb, twice_start: int, powers: Sequence[int]) -> list[arb]:
    """[sum_{k>=0} x_k^p exp(-kappa (x_k^2 - x_0^2)/2) for p in powers], x_k = k + twice_start/2 >= 0.

    The ratio of neighbours, (x_{k+1}/x_k)^p exp(-kappa (x_k + 1/2)), decreases in k, which gives the tail.
    """
    step, ratio = (-kappa).exp(), (-kappa * (twice_start + 1) / 2).exp()
    weight, x, top = arb(1), twice_start, max(powers)
    negligible = arb(2) ** (-ctx.prec)
    totals = [arb(0) for _ in powers]
    while True:
        for i, p in enumerate(powers):
            totals[i] += weight * x**p
        weight, ratio, x = weight * ratio, ratio * step, x + 2
        if weight * x**top < negligible * totals[-1] and ratio * (x + 2) ** top < x**top:
            break
    for i, p in enumerate(powers):
        growth = ratio * arb(fmpq(x + 2, x)) ** p
        totals[i] = (totals[i] + _up_to(weight * x**p / (1 - growth))) / 2**p
    return totals


def _theta4(kappa: arb) -> tuple[arb, arb]:
    """1 + 2 sum (-1)^n q^(n^2) and 2 sum (-1)^n n^2 q^(n^2), q = exp(-2 pi^2/kappa), for kappa < 6.

    There q < e^{-3}, so both series alternate with decreasing terms and the rest is at most the first one left out.
    """
    q = (-2 * arb.pi() * arb.pi() / kappa).exp()
    power, ratio, n = q, q * q * q, 1
    value, moment, negligible = arb(1), arb(0), arb(2) ** (-ctx.prec)
    while not power * (n * n) < negligible * q:
        value += power * (2 * (-1) ** n)
        moment += power * (2 * (-1) ** n * n * n)
        power, ratio, n = power * ratio, ratio * q * q, n + 1
    rest = (power * (2 * n * n)).upper()
    return value + arb(0, rest), moment + arb(0, rest)


def _mass(kappa: arb) -> arb:
    """sum_{k>=0} w_k = e^{kappa/8} Theta(kappa)."""
    if kappa < _SMALL:
        return (kappa / 8).exp() * (arb.pi() / (2 * kappa)).sqrt() * _theta4(kappa)[0]
    return _sums(kappa, 1, (0,))[0]


def theta_half(kappa: Kappa) -> arb:
    """Theta(kappa) = sum_{k>=0} exp(-kappa (k+1/2)^2 / 2); half the normaliser at the worst point.  Ours.

    For small kappa through Theta = (1/2) sqrt(2 pi/kappa) (1 + 2 sum (-1)^n exp(-2 pi^2 n^2/kappa)) (Poisson).

    >>> theta_half(2).str(10, radius=False)
    '0.8861352485'
    """
    return _enclose(lambda k: (-k / 8).exp() * _mass(k), kappa)


def _m1(kappa: arb) -> arb:
    mass, first = _sums(kappa, 1, (0, 1))
    return first / mass


def m1(kappa: Kappa) -> arb:
    """sup_u E|u-k| = sum (k+1/2) w_k / sum w_k, in units of h; decreasing from infinity to 1/2.  Ours.

    >>> m1(4).str(10, radius=False)
    '0.5179981689'
    """
    return _enclose(_m1, kappa)


def _m2(kappa: arb) -> arb:
    if kappa < _SMALL:
        value, moment = _theta4(kappa)
        return 1 / kappa - (2 * arb.pi() / kappa) ** 2 * moment / value
    mass, second = _sums(kappa, 1, (0, 2))
    return second / mass


def m2(kappa: Kappa) -> arb:
    """sup_u E(u-k)^2 = 1/4 + sum k(k+1) w_k / sum w_k = -2 Theta'/Theta, in units of h^2; decreasing to 1/4.  Ours.

    >>> m2(2).str(10, radius=False)
    '0.5010210804'
    """
    return _enclose(_m2, kappa)


def e0(kappa: Kappa) -> arb:
    """Bias at the end of a half-line, sum_{k>=0} k exp(-kappa k^2/2) / sum_{k>=0} exp(-kappa k^2/2).  Ours.

    >>> e0(4).str(10, radius=False)
    '0.1197585241'
    """

    def ratio(kappa: arb) -> arb:
        mass, first = _sums(kappa, 0, (0, 1))
        return first / mass

    return _enclose(ratio, kappa)


def _bias_dual(kappa: arb, angle: arb) -> tuple[arb, arb, arb]:
    """F, F' and F'' (F'' without its tail) in the angle x = 2 pi u, F(x) = (4 pi/kappa) sin x sum_r q_r/d_r.

    d_r = 1 + 2 q_r cos x + q_r^2, q_r = exp(-2 pi^2 (2r-1)/kappa): the logarithmic derivative of the triple product.
    The r-th terms of F and F' are at most q_r (1+q_r)^2/(1-q_r)^4, and q_{r+1} <= q_r q_1^2.
    """
    q1 = (-2 * arb.pi() * arb.pi() / kappa).exp()
    c, s, q = angle.cos(), angle.sin(), q1
    value, slope, bend, negligible = arb(0), arb(0), arb(0), arb(2) ** (-ctx.prec)
    while True:
        d, e = 1 + 2 * q * c + q * q, 1 + q * q
        value += s * q / d
        slope += q * (c * e + 2 * q) / (d * d)
        bend += s * q * (8 * q * q + 2 * q * c * e - e * e) / (d * d * d)
        q *= q1 * q1
        if q < negligible * q1:
            break
    tail = (q * (1 + q) ** 2 / ((1 - q) ** 4 * (1 - q1 * q1))).upper()
    scale = 4 * arb.pi() / kappa
    return scale * (value + arb(0, tail)), scale * (slope + arb(0, tail)), scale * bend


def _bias_direct(kappa: arb, u: arb) -> tuple[arb, arb, arb]:
    """F = u - E k, F' = 1 - kappa Var k and F'' = -kappa^2 (third central moment) (cut, without tail).

    |k|^p exp(-kappa k (k-2u)/2) <= m^p exp(-kappa m(m-1)/2), m = |k|, whose neighbours have a decreasing ratio.
    """
    z, y, k = (kappa * u).exp(), (-kappa).exp(), 1
    moments, negligible = [arb(1), arb(0), arb(0), arb(0)], arb(2) ** (-ctx.prec)
    power, ratio, cap, shrink, up, down = (-kappa / 2).exp(), (-3 * kappa / 2).exp(), arb(1), y, z, 1 / z
    while not (cap * k**3 < negligible and shrink * (k + 1) ** 3 < k**3):
        right, left = power * up, power * down
        for p in range(4):
            moments[p] += (right + (-1) ** p * left) * k**p
        power, ratio, up, down = power * ratio, ratio * y, up * z, down / z
        cap, shrink, k = cap * shrink, shrink * y, k + 1
    tail = (2 * cap * k**2 / (1 - shrink * arb(fmpq(k + 1, k)) ** 2)).upper()
    mass, first, second = (m + arb(0, tail) for m in moments[:3])
    mean, square = first / mass, second / mass
    third = moments[3] / mass - 3 * mean * square + 2 * mean * mean * mean
    return u - mean, 1 - kappa * (square - mean * mean), -kappa * kappa * third


def mu1(kappa: Kappa) -> arb:
    """mu_1(kappa) = sup_u |E k - u|, the bias in the interior of a grid, in units of h; below 1/2.  Ours.

    F(u) = u - E k vanishes at 0 and 1/2, is odd and 1-periodic, and F'' = (log theta)'''/kappa up to sign, where
    (log theta)'' = const - (Weierstrass p)(u - half period).  p' vanishes only at half periods, so F'' has one sign on
    (0, 1/2): F is concave there, and for **any** point u0, F(u0) <= mu_1 <= F(u0) + |F'(u0)| * (length of domain).
    Newton's method only chooses u0; nothing depends on its success but the width of the ball.  A wide ball of kappa is
    cut into pieces; for kappa in the thousands a piece must be thin to say more than 0 <= mu_1 <= 1/2.

    >>> mu1(4).str(12, radius=False)
    '0.0225963051802'
    """
    ball = _positive(kappa)
    size = max(0, math.ceil(float(ball.upper().log().mid()) / math.log(2)))
    return _enclose(_bias_pieces, kappa, guard=2 * size + 24, decreasing=False)


def _bias_pieces(kappa: arb) -> arb:
    if kappa.rel_accuracy_bits() >= 12:
        return _largest_bias(kappa)
    low, high = kappa.lower(), kappa.upper()
    count = max(1, math.ceil(float((high / low).log().upper()) * 128))
    ends = [low, *((high / low).root(count) ** i * low for i in range(1, count)), high]
    pieces = [_largest_bias(left.union(right)) for left, right in itertools.pairwise(ends)]
    return functools.reduce(lambda one, other: one.union(other), pieces)


def _largest_bias(kappa: arb) -> arb:
    middle = kappa.mid()
    dual, half = bool(middle < _SMALL), arb(1) / 2
    bias, length = (_bias_dual, arb.pi()) if dual else (_bias_direct, half)
    if dual:
        point = (-1 / (2 * arb.pi() * arb.pi() / middle).cosh()).acos().mid()
    else:
        point = (half - (2 / (1 - (1 - 4 / middle).sqrt()) - 1).log() / middle).mid()
    accuracy = arb(2) ** (8 + ctx.prec // 16 - ctx.prec) * (1 if dual else kappa.upper())
    for _ in range(40):
        value, slope, bend = bias(middle, point)
        if not abs(slope) > abs(value) * accuracy:
            break
        moved = (point - slope / bend).mid()
        if not (moved > 0 and moved < length):
            break
        point = moved
    value, slope, _ = bias(kappa, point)
    supremum = value + _up_to(abs(slope) * length)
    return supremum.intersection(_up_to(half)) if supremum.is_finite() else _up_to(half)


def truncated_bias(kappa: Kappa, padding: int) -> arb:
    """Bias bound on a finite grid with ``padding`` = w >= 0 extra centres on each side, in units of h.  Ours.

    With D = w+1/2, Q = e^{-kappa D^2/2}/(1-e^{-kappa(D+1/2)}) (missing mass on one side), T = D e^{-kappa D^2/2}
    /(1-e^{-kappa D}) (missing first moment) and S = max(2 Theta - 2Q, e^{-kappa/8}) (a floor for the normaliser):
    mu_1 (1 + 2Q/S) + T/S >= |sum_A p_k k - u| for every u in [-1/2, P-1/2], every P >= 1.

    >>> truncated_bias(2, 4).str(6, radius=False)
    '0.000324990'
    """
    if isinstance(padding, bool) or not isinstance(padding, int) or padding < 0:
        raise ValueError(f"padding must be an integer >= 0, not {padding!r}")

    def bound(kappa: arb) -> arb:
        reach = arb(2 * padding + 1) / 2
        weight = (-kappa * reach * reach / 2).exp()
        mass = -weight / (-kappa * (padding + 1)).expm1()
        moment = -reach * weight / (-kappa * reach).expm1()
        floor = (2 * theta_half(kappa) - 2 * mass).max((-kappa / 8).exp())
        return mu1(kappa) * (1 + 2 * mass / floor) + moment / floor

    return _enclose(bound, kappa, decreasing=False)


def _laplace(kappa: arb, dimension: int) -> Callable[[arb], arb]:
    """s -> E exp(-s |Y|^2) = (Theta(kappa + 2s)/Theta(kappa))^N, for s > -kappa/2; Y_i iid on N + 1/2, weights w_k."""
    whole = _mass(kappa)
    return lambda s: (_mass(kappa + 2 * s) / whole * (-s / 4).exp()) ** dimension


def _trapezoid_step(kappa: arb, dimension: int) -> tuple[arb, arb]:
    """A step h for ``_mean_norm`` and a proved bound 2 E[|Y| exp(-pi^2/(h |Y|)^2)] of its discretisation error.

    For 0 < s < t < kappa/2: pi^2/(h r)^2 + s r^2 >= 2 pi sqrt(s)/h, and r e^{-(t-s) r^2} <= (2e(t-s))^{-1/2}, so the
    bound is at most 2 (2e(t-s))^{-1/2} e^{-2 pi sqrt(s)/h} (Theta(kappa-2t)/Theta(kappa))^N.  Here s = 7t/8; t is
    searched for the largest h.
    """
    bits, choices = ctx.prec, []
    with ctx.workprec(53):
        tilt, laplace = (kappa.lower() * arb(0.45)).min(4 * arb(bits) / dimension).mid(), _laplace(kappa, dimension)
        for _ in range(16):
            cost = laplace(-tilt).log() - (arb(1).exp() * tilt / 4).log() / 2
            reach = 2 * arb.pi() * (7 * tilt / 8).sqrt()
            step = (reach / ((bits + 4) * arb.const_log2() + cost)).mid()
            choices.append((float(step), step, 2 * (cost - reach / step).exp()))
            tilt = (tilt * arb(0.7)).mid()
        _, step, error = max((choice for choice in choices if choice[0] > 0), key=lambda choice: choice[0])
        return step, error.upper()


def _mean_norm(kappa: arb, dimension: int) -> arb:
    """E|Y|, from pi^{-1/2} int_0^oo (1 - phi(t))/t^2 dt, phi(t) = E e^{-t^2 |Y|^2}, by the midpoint rule with step h.

    For fixed r = |Y|, g(t) = (1-e^{-t^2 r^2})/t^2 has the transform int_0^{r^2} (pi/v)^{1/2} e^{-w^2/(4v)} dv, which
    is positive, decreasing in w and at most 2 sqrt(pi) r e^{-w^2/(4r^2)}.  Poisson's formula makes the error an
    alternating series: E|Y| exceeds the sum by at most 2 E[r e^{-pi^2/(h r)^2}].  The rational part is exact,
    sum 1/(j+1/2)^2 = pi^2/2, and phi decreases, so the rest of sum h phi/t^2 after n terms is <= phi(t_n)/(n h).
    """
    if dimension == 1:
        return _m1(kappa)
    step, error = _trapezoid_step(kappa, dimension)
    laplace, total, j, negligible = _laplace(kappa, dimension), arb(0), 0, arb(2) ** (-ctx.prec)
    while True:
        node = step * (2 * j + 1) / 2
        square = node * node
        term = laplace(square)
        if j and term < negligible * node:
            break
        total += term / square
        j += 1
    total = arb.pi() * arb.pi() / (2 * step) - step * total - _up_to(term / (j * step))
    return total / arb.pi().sqrt() + _up_to(error)


def m1N(kappa: Kappa, dimension: int) -> arb:
    """m_{1,N}(kappa) = E|Y|_2, Y_i iid on N + 1/2 with weights w_k: the exact l2 Lipschitz constant, units of h.  Ours.

    |F - f| <= L h m_{1,N} on every finite midpoint grid in dimension N >= 1; m_{1,N} <= sqrt(N m2), decreasing to
    sqrt(N)/2.  Raises ValueError for N < 1 or kappa <= 0.

    >>> m1N(2, 2).str(10, radius=False)
    '0.9180927466'
    """
    count = _count(dimension)
    if count > 1 and not _positive(kappa) > fmpq(1, 16):
        return holder_moment(kappa, count, 1)
    return _enclose(lambda k: _mean_norm(k, count), kappa, guard=24 + count.bit_length())


def mellin_moment(laplace: Callable[[arb], arb], m_two: arb, m_four: arb, alpha: Fraction, bits: int) -> arb:
    """E|Y|^alpha, 0 < alpha < 2, from laplace(s) = E e^{-s |Y|^2} and M2 = E|Y|^2, M4 = E|Y|^4.  Ours.

    C int (1 - phi(e^x)) e^{-ax} dx over R, phi = laplace, a = alpha/2, C = a/Gamma(1-a), by the trapezoidal rule.

    For fixed r = |Y| the integrand's transform is -Gamma(-a-iw) r^{alpha+2iw}, and turning the ray of Euler's integral
    by an angle b gives |Gamma(1-a-iw)| <= Gamma(1-a) e^{-bw} cos(b)^{a-1}.  With step h, w = 2 pi/h and b = pi/2 - 1/w
    the rule is therefore E|Y|^alpha (1 + e), |e| <= 2a e^{-bw}/((1-e^{-bw}) w cos(b)^{1-a}), whatever the law of Y.
    Below s0 = e^{(n+1)h}: s M2 - s^2 M4/2 <= 1 - phi(s) <= s M2; above: 1 - phi is in [1 - phi(s_last), 1].  The ends
    are then geometric series.  1 - phi loses bits/3 to cancellation at s0: the caller's precision has to allow for it.
    """
    a = arb(fmpq(alpha.numerator, 2 * alpha.denominator))
    step = (arb.pi() * arb.pi() / ((bits + 4) * arb.const_log2())).mid()
    start = (-(bits * arb.const_log2() + (m_four / m_two**2).log()) / (2 - a) - m_two.log()) / step
    j = math.floor(float(start))
    rise, curve = (step * (1 - a)).exp(), (step * (2 - a)).exp()
    total = m_two * rise**j / (1 - 1 / rise) - _up_to(m_four * curve**j / (1 - 1 / curve) / 2)
    negligible, decay = arb(2) ** (-bits), (-a * step).exp()
    while True:
        j += 1
        term, weight = laplace((step * j).exp()), decay**j
        if term < negligible:
            break
        total += (1 - term) * weight
    total += (1 - _up_to(term)) * weight / (1 - decay)
    frequency = 2 * arb.pi() / step
    angle = arb.pi() / 2 - 1 / frequency
    small = (-angle * frequency).exp()
    error = (2 * a * small / ((1 - small) * frequency * angle.cos() ** (1 - a))).upper()
    return a / (1 - a).gamma() * step * total / (1 + arb(0, error))


def _mellin_moment(kappa: arb, dimension: int, alpha: Fraction, bits: int) -> arb:
    with ctx.workprec(bits + bits // 3 + 8):
        mass, second, fourth = _sums(kappa, 1, (0, 2, 4))
        m_two = dimension * second / mass
        m_four = dimension * fourth / mass + dimension * (dimension - 1) * (second / mass) ** 2
        return mellin_moment(_laplace(kappa, dimension), m_two, m_four, alpha, bits)


def holder_moment(kappa: Kappa, dimension: int, alpha: Fraction | int) -> arb:
    """E|Y|_2^alpha for rational 0 < alpha <= 1, Y as in ``m1N``: |F - f| <= L h^alpha E|Y|^alpha (Hoelder).  Ours.

    alpha = 1 is ``m1N`` by a different quadrature.  Raises ValueError for alpha outside (0, 1].

    >>> holder_moment(2, 2, Fraction(1, 2)).str(10, radius=False)
    '0.9400506205'
    """
    count, exponent = _count(dimension), Fraction(alpha)
    if isinstance(alpha, float) or not 0 < exponent <= 1:
        raise ValueError(f"alpha must be an exact rational in (0, 1], not {alpha!r}")
    bits = ctx.prec + 16 + count.bit_length()
    return _enclose(lambda k: _mellin_moment(k, count, exponent, bits), kappa, guard=bits - ctx.prec + bits // 3 + 8)


def linf_constant(kappa: Kappa, dimension: int) -> arb:
    """Constant of |F - f| <= L h * constant for f Lipschitz in the l-infinity norm, dimension N >= 1.  Ours.

    The smaller of N m1 and 1/2 + (ln(1+c) + sum_{k=1}^{N-1} (1-(1+c)^{-k})/k)/kappa, c = 2/(1-e^{-kappa}).
    The sum is H_{N-1} minus a geometric-like series, cut after n terms with rest <= (1+c)^{-n}/((n+1) c).

    >>> linf_constant(10, 100).str(4, radius=False)
    '1.087'
    """
    count = _count(dimension)

    def constant(kappa: arb) -> arb:
        c = -2 / (-kappa).expm1()
        shrink, power, series, k = 1 / (1 + c), 1 / (1 + c), arb(0), 1
        while k < count and not power < arb(2) ** (-ctx.prec):
            series += power / k
            power, k = power * shrink, k + 1
        rest = _up_to(power * (1 + c) / (k * c)) if k < count else arb(0)
        harmonic = arb(count).digamma() + arb.const_euler()
        return (arb(1) / 2 + ((1 + c).log() + harmonic - series - rest) / kappa).min(count * _m1(kappa))

    return _enclose(constant, kappa)


def heuristic_kappa_opt(dimension: int, hessian: float, step: float, gradient: float) -> float:
    """A float *heuristic* for the kappa that minimises (1/2) M N h^2 m2 + L sqrt(N) h mu_1: not a bound.  Ours.

    eta = e sqrt(N) M h/(8 pi L); kappa = 2 pi^2/(1 - W_{-1}(-eta)), where m2 ~ 1/kappa and
    mu_1 ~ (4 pi/kappa) e^{-2 pi^2/kappa}.  Raises ValueError unless 0 < eta < 1/e (else the grid is too coarse).

    >>> round(heuristic_kappa_opt(2, 1.0, 1 / 16, 1.4), 4)
    2.4919
    """
    if not (dimension >= 1 and hessian > 0 and step > 0 and gradient > 0):
        raise ValueError("dimension, hessian, step and gradient must be positive")
    eta = math.e * math.sqrt(dimension) * hessian * step / (8 * math.pi * gradient)
    if eta >= 1 / math.e:
        raise ValueError(f"eta = {eta:.4g} is not below 1/e: the grid is too coarse for the second-order rule")
    return 2 * math.pi**2 / (1 - float(arb(-eta).lambertw(-1).mid()))


@dataclass(frozen=True)
class LatticeConstant:
    """One constant for display: name, hand-set LaTeX, SymPy definition in kappa (and N), and its source."""

    name: str
    latex: str
    definition: Any
    source: str = "ours"


def lattice_constants() -> dict[str, LatticeConstant]:
    """The closed forms as SymPy expressions in kappa > 0 and N; for mu1 the bias at u.  SymPy is imported here only.

    >>> lattice_constants()["m1"].latex
    '\\\\sum_{k\\\\ge0}(k+\\\\tfrac12)w_k\\\\big/\\\\sum_{k\\\\ge0}w_k'
    """
    from sympy import Integral, Rational, S, Sum, Symbol, cos, exp, log, oo, pi, sin, sqrt

    kappa, dim = Symbol("kappa", positive=True), Symbol("N", integer=True, positive=True)
    k, s = Symbol("k", integer=True, nonnegative=True), Symbol("s", positive=True)
    u, q = Symbol("u", real=True), exp(-2 * pi**2 * (2 * k + 1) / kappa)

    def series(term: Any) -> Any:
        return Sum(term, (k, 0, oo))

    def theta(at: Any) -> Any:
        return series(exp(-at * (k + S.Half) ** 2 / 2))

    weight, gauss, c = exp(-kappa * k * (k + 1) / 2), exp(-kappa * k**2 / 2), 2 / (1 - exp(-kappa))
    mean = Integral((1 - (theta(kappa + 2 * s) / theta(kappa)) ** dim) * s ** Rational(-3, 2), (s, 0, oo))
    finite = Sum((1 - (1 + c) ** (-k)) / k, (k, 1, dim - 1))
    rows = (
        ("theta_half", r"\sum_{k\ge0}e^{-\kappa(k+1/2)^2/2}", theta(kappa)),
        ("m1", r"\sum_{k\ge0}(k+\tfrac12)w_k\big/\sum_{k\ge0}w_k", series((k + S.Half) * weight) / series(weight)),
        (
            "m2",
            r"\tfrac14+\sum_{k\ge0}k(k+1)w_k\big/\sum_{k\ge0}w_k",
            Rational(1, 4) + series(k * (k + 1) * weight) / series(weight),
        ),
        (
            "e0",
            r"\sum_{k\ge0}k\,e^{-\kappa k^2/2}\big/\sum_{k\ge0}e^{-\kappa k^2/2}",
            series(k * gauss) / series(gauss),
        ),
        (
            "m1N",
            r"\frac1{2\sqrt\pi}\int_0^\infty\Big(1-\Big[\frac{\Theta(\kappa+2s)}{\Theta(\kappa)}\Big]^N\Big)s^{-3/2}\,ds",
            mean / (2 * sqrt(pi)),
        ),
        (
            "mu1",
            r"\sup_u\tfrac{4\pi}\kappa\sin(2\pi u)\sum_{r\ge1}\frac{q_r}{1+2q_r\cos(2\pi u)+q_r^2},"
            r"\quad q_r=e^{-2\pi^2(2r-1)/\kappa}",
            4 * pi / kappa * sin(2 * pi * u) * series(q / (1 + 2 * q * cos(2 * pi * u) + q**2)),
        ),
        (
            "linf",
            r"\tfrac12+\tfrac1\kappa\Big[\ln(1+c)+\sum_{k=1}^{N-1}\frac{1-(1+c)^{-k}}k\Big]",
            S.Half + (log(1 + c) + finite) / kappa,
        ),
    )
    return {name: LatticeConstant(name, latex, definition) for name, latex, definition in rows}
