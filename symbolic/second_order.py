r"""Second-order sizes for smooth targets (ours): padded grid, tuned κ.

For f ∈ C¹ with ‖∇f‖₂ ≤ L on K and ∇f M-Lipschitz, centres padded by w cells a side,

    |F − f| ≤ L (Σ h_i² μ̄1(κ_i, w)²)^{1/2} + ½ M Σ h_i² m2(κ_i)   on K,

because the weights factor over coordinates: the bias E(v − x) and the second moment E‖v − x‖² are sums over
axes. L‖h‖₂ may be replaced by L₁ Σh_i or L_∞ max h_i, the Lipschitz constants in ℓ1 and ℓ∞. With padding
"clip" the second term carries the golden ratio (1 + √5)/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from .design import Design, NotApplicable, terms_total, upper
from .exact import Real, ball
from .lattice import heuristic_kappa_opt, m2, truncated_bias
from .target import Target

MAX_PAD = 40


@dataclass(frozen=True)
class _Grid:
    """P_i, w and κ of a candidate."""

    P: tuple[int, ...]
    pad: int
    kappa: tuple[arb, ...]


def smooth_terms(target: Target, P: tuple[int, ...], pad: int, kappa: tuple[arb, ...]) -> tuple[arb, arb, str]:
    """Bias term, curvature term and the norm that served, for κ_i on axis i (one entry if all are alike).

    Raises NotApplicable if no Hessian or Lipschitz bound is known.
    """
    if target.hessian is None:
        raise NotApplicable("needs a bound M on the Hessian (∇f Lipschitz): give --hessian")
    if not target.lipschitz:
        raise NotApplicable("needs a Lipschitz constant")
    count = target.dim if len(kappa) == 1 and target.uniform and len(set(P)) == 1 else 1
    axes = range(1) if count > 1 or target.dim == 1 else range(target.dim)
    kappas = kappa if len(kappa) == len(axes) else kappa * len(axes)
    h = [target.side(i) / P[i] for i in axes]
    bias = [hi * truncated_bias(k, pad) for hi, k in zip(h, kappas, strict=True)]
    moment = [hi * hi * m2(k) for hi, k in zip(h, kappas, strict=True)]
    first, norm = _bias_term(target, bias, count)
    golden = (1 + arb(5).sqrt()) / 2 if target.padding == "clip" and pad > 0 else arb(1)
    return first, ball(target.hessian) / 2 * golden * sum(moment, arb(0)) * count, norm


def _bias_term(target: Target, bias: list[arb], count: int) -> tuple[arb, str]:
    widest = bias[0]
    for b in bias[1:]:
        widest = widest.max(b)
    lengths = {
        "l2": (sum((b * b for b in bias), arb(0)) * count).sqrt(),
        "l1": sum(bias, arb(0)) * count,
        "linf": widest,
    }
    options = [(ball(L) * lengths[norm], norm) for norm, L in target.lipschitz.items()]
    return min(options, key=lambda pair: float(pair[0].mid()))


def _total(target: Target, grid: _Grid) -> float:
    first, second, _ = smooth_terms(target, grid.P, grid.pad, grid.kappa)
    return float((first + second).upper())


def _grid_of(target: Target, longest: int, pad: int, kappa: float) -> _Grid:
    """Spacing (longest side)/`longest` or finer on every axis."""
    if target.uniform:
        return _Grid((longest,) * target.dim, pad, (arb(kappa),))
    sides = [target.side(i) for i in range(target.dim)]
    widest = max(float(s.mid()) for s in sides)
    P = tuple(max(1, -int(-float(s.upper()) / widest * longest * (1 - 1e-12) // 1)) for s in sides)
    return _Grid(P, pad, (arb(kappa),))


def _best_kappa(target: Target, longest: int, pad: int) -> tuple[float, float]:
    """κ minimising the bound for this grid, and the bound there (a float search; the caller proves the result)."""
    middle = _rule(target, longest)
    low, high = middle / 3, middle * 6
    ratio = 0.6180339887498949

    def value(k: float) -> float:
        return _total(target, _grid_of(target, longest, pad, k))

    a, b = low, high
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    fc, fd = value(c), value(d)
    while b - a > 1e-3 * a:
        if fc < fd:
            b, d, fd = d, c, fc
            c = b - ratio * (b - a)
            fc = value(c)
        else:
            a, c, fc = c, d, fd
            d = a + ratio * (b - a)
            fd = value(d)
    return (c, fc) if fc < fd else (d, fd)


def _rule(target: Target, longest: int) -> float:
    """κ from the asymptotic rule (Lambert W), or 4 where the grid is too coarse for it."""
    h = max(float(target.side(i).mid()) for i in (range(1) if target.uniform else range(target.dim))) / longest
    constants = [
        float(ball(L).mid()) * {"l2": 1.0, "l1": target.dim**0.5, "linf": target.dim**-0.5}[norm]
        for norm, L in target.lipschitz.items()
    ]
    M = float(ball(target.hessian or Fraction(0)).mid())
    try:
        return heuristic_kappa_opt(target.dim, M, h, min(constants))
    except ValueError:
        return 4.0


def _least_P(target: Target, eps: float, pad: int, start: int) -> int:
    """The least number of points on the longest axis for which some κ meets eps; doubling, then bisection."""
    low, high = start - 1, start
    while _best_kappa(target, high, pad)[1] > eps:
        low, high = high, 2 * high
        if high > 10**15:
            raise NotApplicable("no grid up to 10^15 points an axis meets eps")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _best_kappa(target, middle, pad)[1] <= eps else (middle, high)
    return high


def _search(target: Target, eps: float) -> tuple[int, int]:
    """(P, w) with the fewest cells: least P with ample padding, then trade padding against points."""
    P = _least_P(target, eps, MAX_PAD, 1)
    pad = 0
    while _best_kappa(target, P, pad)[1] > eps and pad < MAX_PAD:
        pad += 1
    best = (P, pad)
    for w in range(pad - 1, -1, -1):
        room = best[0] + 2 * best[1] - 2 * w - 1
        if room < P or _best_kappa(target, room, w)[1] > eps:
            continue
        best = (_least_P(target, eps, w, P), w)
    return best


def smooth_design(
    target: Target, eps: Real, P: tuple[int, ...] | None = None, R: Fraction | None = None, pad: int | None = None
) -> Design:
    """The design with the fewest cells whose second-order bound is proved to be at most `eps`.

    P, R and pad may be fixed by the caller; then `meets` says whether the bound still holds.

    >>> unit = ((Fraction(0), Fraction(1)),) * 2
    >>> d = smooth_design(Target(unit, {"l2": Fraction(14, 10)}, hessian=Fraction(1)), Fraction(1, 100))
    >>> d.meets, d.P[0] < 15
    (True, True)
    """
    limit = float(ball(eps).lower())
    if target.hessian is None or not target.lipschitz:
        smooth_terms(target, (1,) * target.dim, 0, (arb(1),))
    if P is None:
        longest, width = _search(target, limit) if pad is None else (_least_P(target, limit, pad, 1), pad)
        P = _grid_of(target, longest, width, 1.0).P
    else:
        longest = max(P)
        width = pad if pad is not None else _pad_for(target, longest)
    kappa: Fraction | None = None
    if R is None:
        kappa = Fraction(f"{_best_kappa(target, longest, width)[0]:.6g}")
        balls: tuple[arb, ...] = (ball(kappa),)
    else:
        balls = tuple(ball(R) * (target.side(i) / P[i]) ** 2 for i in range(target.dim))
    first, second, norm = smooth_terms(target, P, width, balls)
    golden = r"\tfrac{1+\sqrt5}{2}" if target.padding == "clip" and width > 0 else ""
    budget, total = terms_total(
        (
            ("bias", r"L\,\|h\|\,\bar\mu_1(\kappa,w)", first),
            ("curvature", golden + r"\tfrac12 M\,\|h\|_2^2\,m_2(\kappa)", second),
        )
    )
    return Design(
        theorem="max-affine",
        bound="smooth",
        norm=norm,
        target=target,
        P=P,
        kappa=kappa,
        R=R,
        pad=width,
        budget=budget,
        error_bound=upper(total, 10),
        meets=bool(total <= ball(eps)),
        source="ours (second order, padded grid)",
    )


def _pad_for(target: Target, longest: int) -> int:
    """The least padding that is within 1 % of what any padding can do."""
    ideal = _best_kappa(target, longest, MAX_PAD)[1]
    return next((w for w in range(MAX_PAD) if _best_kappa(target, longest, w)[1] <= 1.01 * ideal), MAX_PAD)
