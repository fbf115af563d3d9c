r"""Second-order sizes for smooth targets (ours): padded grid, tuned κ.

For f ∈ C¹ with ‖∇f‖₂ ≤ L on K and ∇f M-Lipschitz, centres padded by w cells a side,

    |F − f| ≤ L (Σ h_i² μ̄1(κ_i, w)²)^{1/2} + ½ M Σ h_i² m2(κ_i)   on K,

because the weights factor over coordinates: the bias E(v − x) and the second moment E‖v − x‖² are sums over
axes. L‖h‖₂ may be replaced by L₁ Σh_i or L_∞ max h_i, the Lipschitz constants in ℓ1 and ℓ∞. With padding
"clip" the second term carries the golden ratio (1 + √5)/2.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import ceil

from flint import arb

from .design import BudgetTerms, Design, NotApplicable, settled
from .exact import Real, ball, less
from .lattice import heuristic_kappa_opt, m2, truncated_bias
from .target import Target

MAX_PAD = 40
MAX_POINTS = 10**200
TINY_KAPPA, HUGE_KAPPA = Fraction(1, 2**20), Fraction(2**20)
"""Outside this range the series of the bias are useless and the bias is bounded by the root of the second moment."""


def smooth_terms(target: Target, P: tuple[int, ...], pad: int, kappa: tuple[arb, ...]) -> tuple[arb, arb, str]:
    """Bias term, curvature term and the norm that served, for κ_i on axis i (one entry if all are alike).

    Raises NotApplicable if no Hessian or Lipschitz bound is known.
    """
    if target.hessian is None:
        raise NotApplicable("needs M with ∇f M-Lipschitz (--hessian of attain size); a function with kinks has none")
    if not target.lipschitz:
        raise NotApplicable("needs a Lipschitz constant")
    count = target.dim if len(kappa) == 1 and target.uniform and len(set(P)) == 1 else 1
    axes = range(1) if count > 1 or target.dim == 1 else range(target.dim)
    kappas = kappa if len(kappa) == len(axes) else kappa * len(axes)
    h = [target.side(i) / P[i] for i in axes]
    bias = [hi * _bias(k, pad) for hi, k in zip(h, kappas, strict=True)]
    moment = [hi * hi * _second_moment(k) for hi, k in zip(h, kappas, strict=True)]
    first, norm = _bias_term(target, bias, count)
    golden = (1 + arb(5).sqrt()) / 2 if target.padding == "clip" and pad > 0 else arb(1)
    return first, ball(target.hessian) / 2 * golden * sum(moment, arb(0)) * count, norm


def _second_moment(kappa: arb) -> arb:
    """m2(κ), or ¼ + 1/κ ≥ m2(κ) where κ is tiny."""
    return m2(kappa) if kappa > ball(TINY_KAPPA) else arb(1) / 4 + 1 / kappa


def _bias(kappa: arb, pad: int) -> arb:
    """μ̄1(κ, w), or √m2 ≥ |E(v − x)|/h outside the range of its series."""
    if kappa > ball(TINY_KAPPA) and kappa < ball(HUGE_KAPPA):
        return truncated_bias(kappa, pad)
    return _second_moment(kappa).sqrt()


def _bias_term(target: Target, bias: list[arb], count: int) -> tuple[arb, str]:
    lengths = {
        "l2": (sum((b * b for b in bias), arb(0)) * count).sqrt(),
        "l1": sum(bias, arb(0)) * count,
        "linf": _greatest(bias),
    }
    options = [(ball(L) * lengths[norm], norm) for norm, L in target.lipschitz.items()]
    return min(options, key=lambda pair: float(pair[0].mid()))


def _greatest(values: Iterable[arb]) -> arb:
    return reduce(lambda a, b: a.max(b), values)


def _points(target: Target, longest: int) -> tuple[int, ...]:
    """`longest` points on the longest axis and a spacing as fine on every other one (up to one part in 10¹²)."""
    if target.uniform:
        return (longest,) * target.dim
    sides = [target.side(i) for i in range(target.dim)]
    widest = _greatest(sides)
    shares = [Fraction(float((side / widest).mid())) * (1 - Fraction(1, 10**12)) for side in sides]
    return tuple(max(1, ceil(longest * share)) for share in shares)


def _total(target: Target, P: tuple[int, ...], pad: int, kappa: tuple[arb, ...]) -> arb:
    first, second, _ = smooth_terms(target, P, pad, kappa)
    return first + second


@dataclass(frozen=True)
class _Fit:
    """The best κ found for a grid (six digits) and an upper bound of the total error there."""

    kappa: Fraction
    total: Fraction


def _fit(target: Target, P: tuple[int, ...], pad: int) -> _Fit:
    """κ minimising the bound for this grid, by golden section in floats around the asymptotic rule."""
    middle, ratio = _rule(target, P), (5**0.5 - 1) / 2

    def value(k: float) -> arb:
        return _total(target, P, pad, (arb(k),)).mid()

    a, b = middle / 3, middle * 6
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    at_c, at_d = value(c), value(d)
    while b - a > 1e-3 * a:
        if at_c < at_d:
            b, d, at_d = d, c, at_c
            c = b - ratio * (b - a)
            at_c = value(c)
        else:
            a, c, at_c = c, d, at_d
            d = a + ratio * (b - a)
            at_d = value(d)
    kappa = Fraction(f"{c if at_c < at_d else d:.6g}")
    bound = _total(target, P, pad, (ball(kappa),)).upper().fmpq()
    return _Fit(kappa, Fraction(int(bound.p), int(bound.q)))


def _rule(target: Target, P: tuple[int, ...]) -> float:
    """κ from the asymptotic rule (Lambert W), or 4 where the grid is too coarse for it."""
    h = _greatest(target.side(i) / P[i] for i in range(1 if len(set(P)) == 1 and target.uniform else target.dim))
    constants = [
        ball(L) * arb(target.dim) ** {"l2": arb(0), "l1": arb(1) / 2, "linf": -arb(1) / 2}[norm]
        for norm, L in target.lipschitz.items()
    ]
    gradient = -_greatest(-c for c in constants)
    try:
        return heuristic_kappa_opt(
            target.dim, float((ball(target.hessian or Fraction(0)) * h / gradient).mid()), 1.0, 1.0
        )
    except ValueError:
        return 4.0


def _meets(fit: _Fit, eps: Real) -> bool:
    return fit.total == eps or less(fit.total, eps)


def _least_P(target: Target, eps: Real, pad: int, start: int) -> int:
    """The least number P ≥ `start` of points on the longest axis for which some κ meets eps; start − 1 does not.

    At fixed κ the bound falls at most like 1/P² on equal axes, so the least P is at least P·√(bound/ε) for every
    P: stepping there reaches it from below. Rounding of unequal axes may overshoot; bisection then comes back.
    Beyond 2⁴⁰ points the least P is found to 12 digits.
    """
    accuracy = ball(eps)
    low, high = start - 1, start
    while not _meets(fit := _fit(target, _points(target, high), pad), eps):
        step = (ball(fit.total) / accuracy).sqrt() * high
        low, high = high, max(high + 1 + (high >> 40), int(step.lower().floor().unique_fmpz()))
        if high > MAX_POINTS:
            raise NotApplicable("no grid up to 10^200 points an axis meets eps")
    while high - low > 1 + (high >> 40):
        middle = (low + high) // 2
        low, high = (low, middle) if _meets(_fit(target, _points(target, middle), pad), eps) else (middle, high)
    return high


def _ample(target: Target, eps: Real) -> int:
    """A padding that leaves next to nothing out: w ≈ ln(1/h)/π is needed, and h is about √ε."""
    scale = ball(target.hessian or Fraction(0)) * target.diameter("l2") ** 2 / ball(eps)
    return MAX_PAD + max(0, int((1 + scale).log().upper().ceil().unique_fmpz()))


def _search(target: Target, eps: Real) -> tuple[int, int]:
    """(P, w) with the least P + 2w: least P with ample padding, then trade padding against points."""

    def works(longest: int, pad: int) -> bool:
        return _meets(_fit(target, _points(target, longest), pad), eps)

    ample = _ample(target, eps)
    P = _least_P(target, eps, ample, 1)
    pad = bisect_left(range(ample), True, key=lambda w: works(P, w))
    best = (P, pad)
    for w in range(pad - 1, -1, -1):
        room = best[0] + 2 * best[1] - 2 * w - 1
        if room >= P and works(room, w):
            best = (_least_P(target, eps, w, P), w)
    return best


def smooth_design(
    target: Target, eps: Real, P: tuple[int, ...] | None = None, R: Fraction | None = None, pad: int | None = None
) -> Design:
    """The design whose second-order bound is at most `eps` with the fewest cells among grids with P_i ∝ side_i.

    κ is the best one up to a search tolerance of 10⁻³; that the bound holds there is proved. P, R and pad may be
    fixed by the caller; then `meets` says whether the bound still holds. Raises NotApplicable if no Hessian or
    Lipschitz bound is known.

    >>> unit = ((Fraction(0), Fraction(1)),) * 2
    >>> d = smooth_design(Target(unit, {"l2": Fraction(14, 10)}, hessian=Fraction(1)), Fraction(1, 100))
    >>> d.meets, d.P[0] < 15
    (True, True)
    """
    smooth_terms(target, (1,) * target.dim, 0, (arb(1),))
    if P is None:
        longest, width = _search(target, eps) if pad is None else (_least_P(target, eps, pad, 1), pad)
        grid = _points(target, longest)
    else:
        grid, width = P, 0 if pad is None else pad
    if pad is None and (P is not None or R is not None):
        width = _pad_for(target, grid, R)
    kappa = _fit(target, grid, width).kappa if R is None else None
    budget, error_bound, meets = settled(lambda: _budget(target, grid, width, kappa, R)[0], eps)
    return Design(
        theorem="max-affine",
        bound="smooth",
        norm=_budget(target, grid, width, kappa, R)[1],
        target=target,
        P=grid,
        kappa=kappa,
        R=R,
        pad=width,
        budget=budget,
        error_bound=error_bound,
        meets=meets,
        source="ours (second order, padded grid)",
    )


def _budget(
    target: Target, P: tuple[int, ...], pad: int, kappa: Fraction | None, R: Fraction | None
) -> tuple[BudgetTerms, str]:
    kappas = _kappas(target, P, R) if kappa is None else (ball(kappa),)
    first, second, norm = smooth_terms(target, P, pad, kappas)
    golden = r"\tfrac{1+\sqrt5}{2}" if target.padding == "clip" and pad > 0 else ""
    bias = ("bias", r"L\,\|h\|\,\bar\mu_1(\kappa,w)", first)
    return (bias, ("curvature", golden + r"\tfrac12 M\,\|h\|_2^2\,m_2(\kappa)", second)), norm


def _kappas(target: Target, P: tuple[int, ...], R: Fraction | None) -> tuple[arb, ...]:
    return tuple(ball(R or Fraction(0)) * (target.side(i) / P[i]) ** 2 for i in range(target.dim))


def _pad_for(target: Target, P: tuple[int, ...], R: Fraction | None) -> int:
    """The least padding that is within 1 % of what `MAX_PAD` cells a side can do."""

    def total(w: int) -> arb:
        return ball(_fit(target, P, w).total) if R is None else _total(target, P, w, _kappas(target, P, R))

    ideal = total(MAX_PAD) * 101 / 100
    return bisect_left(range(MAX_PAD), True, key=lambda w: bool(total(w) <= ideal))
