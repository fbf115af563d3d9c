r"""Max-affine partition: one attention head approximates f on a box in the sup norm ([MA] Theorem 4.1; ours).

Centres v_j are the midpoints of a grid of P_i cells an axis, scores R(v_jᵀx − ½‖v_j‖²), values f(v_j). The
weights are a normalised Gaussian kernel, so they factor over the coordinates and everything sharp is a
function of κ = R h²:

    published   ω(r) + osc f · G · exp(−(R/2)(r² − ρ²)),      ρ = ½(Σ h_i²)^{1/2} < r
    sharp  ℓ2   L h m_{1,N}(κ)
           ℓ1   L N h m1(κ)
           ℓ∞   L h min(½ + (ln(1+c) + …)/κ, N m1(κ), m_{1,N}(κ))
           ω    ω(h m_{1,N}(κ)) for a concave modulus
           axes Σ L_i h_i m1(κ), one constant an axis (see `anisotropic`)
    smooth      see `second_order`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from math import prod

from flint import arb, ctx

from ..anisotropic import axis_design, axis_necessary
from ..design import BudgetTerms, Design, Necessary, NotApplicable, settled, upper
from ..exact import Real, ball, ceil_sqrt, floor_sqrt, less
from ..lattice import linf_constant, m1, m1N
from ..modulus import inverse, value
from ..reading import problem
from ..rounding import pinned_floor, smallest_kappa
from ..second_order import smooth_design
from ..target import Norm, Target
from ..theorem import Option, Theorem

TINY_KAPPA = Fraction(1, 2**20)
"""Below this κ the sharp constants are bounded through m2 ≤ ¼ + 1/κ: their series would take 1/√κ terms."""


def design(
    target: Target, eps: Real, bound: str, P: tuple[int, ...] | None = None, R: Fraction | None = None
) -> Design:
    """Sizes that provably reach sup_K |F − f| ≤ eps under `bound` ("published", "sharp" or "smooth").

    P or R may be fixed by the caller; the other is then the one that would meet ε (or κ where the bound is near its
    least value, if no κ does) and `Design.meets` may be False.
    Raises NotApplicable if the bound needs a constant that the target does not have.

    >>> unit = ((Fraction(0), Fraction(1)),) * 2
    >>> target = Target(unit, {"l2": Fraction(1)}, osc=Fraction(7, 5))
    >>> [design(target, Fraction(1, 20), b).P[0] for b in ("published", "sharp")]
    [57, 15]
    """
    if bound == "smooth":
        return smooth_design(target, eps, P, R)
    if bound == "published":
        return _published(target, eps, P, R)
    if bound == "sharp":
        return _sharp(target, eps, P, R)
    raise ValueError(f"unknown bound {bound!r}; choose published, sharp or smooth")


def _published(target: Target, eps: Real, P: tuple[int, ...] | None, R: Fraction | None) -> Design:
    L = euclidean(target)
    N = target.dim
    axes = range(1) if target.uniform else range(N)
    if P is None:
        P = tuple(_ceil_scaled(target, i, L, eps, Fraction(4 * N), up=True) for i in axes) * (
            N if target.uniform else 1
        )
    grid, temperature = P, R if R is not None else _published_R(target, eps, L, P)
    budget, error_bound, meets = settled(lambda: _published_terms(target, eps, L, grid, temperature), eps)
    return Design(
        theorem="max-affine",
        bound="published",
        norm="l2",
        target=target,
        P=P,
        kappa=None,
        R=temperature,
        pad=0,
        budget=budget,
        error_bound=error_bound,
        meets=meets,
        source="[MA] Theorem 4.1, closed form",
    )


def _squared_diagonal(target: Target, P: tuple[int, ...]) -> arb:
    """Σ h_i², so ρ² = Σ h_i²/4."""
    alike = target.uniform and len(set(P)) == 1
    axes = range(1) if alike else range(target.dim)
    return sum(((target.side(i) / P[i]) ** 2 for i in axes), arb(0)) * (target.dim if alike else 1)


def _published_R(target: Target, eps: Real, L: Real, P: tuple[int, ...]) -> Fraction:
    """(32 L²/(3 ε²)) ln(2 osc G/ε), rounded up; 1/max h² where that is not positive (any R serves then)."""
    e = ball(eps)
    needed = 32 * ball(L) ** 2 / (3 * e * e) * (2 * target.oscillation() * arb(prod(P)) / e).log()
    return Fraction(upper(needed if needed > 0 else 1 / _widest(target, P) ** 2, 10))


def _published_terms(target: Target, eps: Real, L: Real, P: tuple[int, ...], R: Fraction) -> BudgetTerms:
    """L r and osc·G·e^{−(R/2)(r² − ρ²)} for r = max(ε/(2L), 2ρ)."""
    diagonal = _squared_diagonal(target, P)
    r = (ball(eps) / (2 * ball(L))).max(diagonal.sqrt())
    far = target.oscillation() * arb(prod(P)) * (-(ball(R) / 2) * (r * r - diagonal / 4)).exp()
    return ("near", r"\omega(r)", ball(L) * r), ("far", r"\mathrm{osc} f\,G e^{-(R/2)(r^2-\rho^2)}", far)


def euclidean(target: Target) -> Real:
    """An ℓ2 Lipschitz constant from whichever is known (‖·‖_∞ ≤ ‖·‖₂ ≤ ‖·‖₁ ≤ √N ‖·‖₂), the least one."""
    known = dict(target.lipschitz)
    if not known and target.axes is not None:
        return Fraction(upper(sum((ball(L) ** 2 for L in target.axes), arb(0)).sqrt(), 10))
    options: list[Real] = [known[n] for n in ("l2", "linf") if n in known]
    if "l1" in known:
        scaled = ball(known["l1"]) * arb(target.dim).sqrt()
        options.append(known["l1"] if target.dim == 1 else Fraction(upper(scaled, 10)))
    if not options:
        raise NotApplicable("needs a Lipschitz constant")
    return min(options, key=lambda L: float(ball(L).mid()))


def _scaled(target: Target, i: int, L: Real, eps: Real, square: Fraction) -> arb:
    """√square · side_i · L/ε."""
    return ball(square).sqrt() * target.side(i) * ball(L) / ball(eps)


def _scaled_squared(target: Target, i: int, L: Real, eps: Real, square: Fraction) -> Fraction | None:
    """square · (side_i L/ε)², exactly, if everything is rational."""
    side = target.rational_side(i)
    if side is None or not isinstance(L, Fraction) or not isinstance(eps, Fraction):
        return None
    return square * (side * L / eps) ** 2


def _ceil_scaled(target: Target, i: int, L: Real, eps: Real, square: Fraction, up: bool) -> int:
    """⌈√square · side_i · L/ε⌉ ≥ 1, from exact arithmetic or from a ball that pins it (see `_ceil` for `up`)."""
    exact = _scaled_squared(target, i, L, eps, square)
    if exact is not None:
        return max(1, ceil_sqrt(exact))
    return _ceil(lambda: _scaled(target, i, L, eps, square), up)


def _limit_squared(norm: Norm, N: int) -> Fraction:
    """(lim_{κ→∞} c(κ))²: N/4 for ℓ2, N²/4 for ℓ1, ¼ for ℓ∞."""
    return Fraction({"l2": N, "l1": N * N, "linf": 1}[norm], 4)


def _sufficient_P(target: Target, i: int, L: Real, eps: Real, norm: Norm) -> int:
    """⌊T⌋ + 1, T = lim c · side_i · L/ε: the least P with L h lim c < ε."""
    square = _limit_squared(norm, target.dim)
    exact = _scaled_squared(target, i, L, eps, square)
    if exact is not None:
        return floor_sqrt(exact) + 1
    return _floor(lambda: _scaled(target, i, L, eps, square)) + 1


def _floor(T: Callable[[], arb]) -> int:
    """⌊T⌋, pinned by a ball; n where no ball pins it because T is at, or within rounding of, the integer n."""
    try:
        return pinned_floor(T)
    except ValueError:
        return _nearest(T)


def _ceil(T: Callable[[], arb], up: bool) -> int:
    """⌈T⌉, pinned by a ball; where T is at, or within rounding of, the integer n: n + 1 if `up`, else n."""
    try:
        return -pinned_floor(lambda: -T())
    except ValueError:
        return _nearest(T) + up


def _nearest(T: Callable[[], arb]) -> int:
    with ctx.workprec(8192):
        nearest = (T() + arb(1) / 2).floor().unique_fmpz()
    if nearest is None:
        raise ValueError("side, Lipschitz constant and eps differ by too many orders of magnitude to count the points")
    return int(nearest)


def sharp_constant(norm: Norm, N: int, kappa: arb) -> arb:
    """c(κ) with |F − f| ≤ L h c(κ) for L in `norm`; a concave modulus takes the ℓ2 constant.

    >>> float(sharp_constant("l2", 2, arb(2)).mid())  # doctest: +ELLIPSIS
    0.91809...
    """
    if kappa < ball(TINY_KAPPA):
        return (N if norm == "l1" else arb(N).sqrt()) * (arb(1) / 4 + 1 / kappa).sqrt()
    if norm == "l1":
        return N * m1(kappa)
    euclid = m1N(kappa, N)
    if norm != "linf":
        return euclid
    return euclid.min(N * m1(kappa)).min(linf_constant(kappa, N))


def _sharp(target: Target, eps: Real, P: tuple[int, ...] | None, R: Fraction | None) -> Design:
    if not target.lipschitz and target.axes is None and target.modulus is None:
        raise NotApplicable("needs a Lipschitz constant or a concave modulus")
    choices = [_sharp_in(target, eps, norm, P, R) for norm in target.lipschitz]
    if target.axes is not None:
        choices.append(axis_design(target, eps, P, R))
    if target.modulus is not None:
        choices.append(_sharp_in(target, eps, None, P, R))
    return min(choices, key=lambda d: (not d.meets, d.cells, Fraction(d.error_bound)))


def _sharp_in(target: Target, eps: Real, norm: Norm | None, P: tuple[int, ...] | None, R: Fraction | None) -> Design:
    """The sharp design from the Lipschitz constant in `norm`, or from the modulus (None)."""
    base: Norm = norm or "l2"
    L, radius = (target.lipschitz[norm], eps) if norm else (Fraction(1), _modulus_radius(target, eps))
    grid = P or _sufficient_grid(target, L, radius, base)
    kappa = None if R is not None else _least_kappa(target, base, L, radius, grid)
    while R is None and kappa is None and P is None:
        # P so large that no working precision tells L h lim c from ε
        grid = tuple(p + 1 + (p >> 64) for p in grid)
        kappa = _least_kappa(target, base, L, radius, grid)
    if R is None and kappa is None:
        kappa = _limit_kappa(base, target.dim)
    budget, error_bound, meets = settled(lambda: _sharp_terms(target, norm, grid, kappa, R), eps)
    return Design(
        theorem="max-affine",
        bound="sharp",
        norm=norm or "modulus",
        target=target,
        P=grid,
        kappa=kappa,
        R=R,
        pad=0,
        budget=budget,
        error_bound=error_bound,
        meets=meets,
        source="ours (corner lemma)",
    )


def _modulus_radius(target: Target, eps: Real) -> Fraction:
    """A rational r with ω(r) ≤ ε."""
    assert target.modulus is not None
    return inverse(target.modulus, eps, target.diameter("l2"))


def _sufficient_grid(target: Target, L: Real, eps: Real, norm: Norm) -> tuple[int, ...]:
    axes = range(1) if target.uniform else range(target.dim)
    return tuple(_sufficient_P(target, i, L, eps, norm) for i in axes) * (target.dim if target.uniform else 1)


def _least_kappa(target: Target, norm: Norm, L: Real, eps: Real, P: tuple[int, ...]) -> Fraction | None:
    """The least κ (six digits) with L h c(κ) ≤ ε proved, or None."""
    try:
        return smallest_kappa(
            lambda k: sharp_constant(norm, target.dim, k), lambda: ball(eps) / (ball(L) * _widest(target, P))
        )
    except ValueError:
        return None


def _limit_kappa(norm: Norm, N: int) -> Fraction:
    """A κ where the constant is within 1 % of its limit: for P fixed so small that no κ meets ε."""
    return Fraction(200 * (3 + N.bit_length()) if norm == "linf" else 10)


def _sharp_terms(
    target: Target, norm: Norm | None, P: tuple[int, ...], kappa: Fraction | None, R: Fraction | None
) -> BudgetTerms:
    """L h c(κ) or ω(h c(κ)), h the widest spacing and κ the least of the R h_i² (c decreases)."""
    if kappa is not None:
        least = ball(kappa)
    else:
        thinnest = _least(target.side(i) / P[i] for i in range(target.dim))
        least = ball(R or Fraction(0)) * thinnest * thinnest
    reach = _widest(target, P) * sharp_constant(norm or "l2", target.dim, least)
    if norm:
        return (("moment", _SHARP_LATEX[norm], ball(target.lipschitz[norm]) * reach),)
    assert target.modulus is not None
    return (("moment", r"\omega(h\,m_{1,N}(\kappa))", value(target.modulus, reach)),)


_SHARP_LATEX = {
    "l2": r"L\,h\,m_{1,N}(\kappa)",
    "l1": r"L\,N\,h\,m_1(\kappa)",
    "linf": r"L\,h\,c_\infty(\kappa,N)",
}


def _widest(target: Target, P: tuple[int, ...]) -> arb:
    """max_i h_i."""
    axes = range(1) if target.uniform and len(set(P)) == 1 else range(target.dim)
    return -_least(-(target.side(i) / P[i]) for i in axes)


def _least(values: Iterable[arb]) -> arb:
    return reduce(lambda a, b: a.min(b), values)


def necessary(target: Target, eps: Real) -> Necessary | None:
    """The least P_i for which values at the midpoints of a grid of equal spacing h can serve the whole class.

    f = L·min_j ‖x − v_j‖ vanishes at every centre and reaches L h √N/2 (ℓ2; N/2 in ℓ1, ½ in ℓ∞): so does −f,
    and one of the two is missed by that much. Hence P_i ≥ T_i = lim c · side_i · L/ε if all h_i are alike
    (a grid with fewer points on one axis and more on another is not excluded). Cut off at osc f the function still does
    that, if osc f > ε; None if not, for then a constant serves. Where several norms are known the
    statement is about one of them, ℓ2 if it is there. None without a Lipschitz constant.

    >>> unit = ((Fraction(0), Fraction(1)),) * 2
    >>> necessary(Target(unit, {"l2": Fraction(1)}), Fraction(1, 20)).P
    (15, 15)
    """
    if target.osc is not None and not less(eps, target.osc):
        return None
    if not target.lipschitz:
        return None if target.axes is None else axis_necessary(target, eps)
    N = target.dim
    norm = "l2" if "l2" in target.lipschitz else min(target.lipschitz, key=lambda n: _limit_squared(n, N))
    square, axes = _limit_squared(norm, N), range(1 if target.uniform else N)
    P = tuple(_ceil_scaled(target, i, target.lipschitz[norm], eps, square, up=False) for i in axes)
    P *= N if target.uniform else 1
    why = (
        f"f = L·min_j‖x − v_j‖ ({norm}) is 0 at every centre and exceeds ε on a grid with fewer points, spaced alike "
        "on every axis: no use of the values at such midpoints serves every L-Lipschitz f"
    )
    return Necessary(P, prod(P), why)


THEOREM = Theorem(
    slug="max-affine",
    title="Max-affine partition, sup norm",
    source="[MA] Propositions 3.2, 3.3 and Theorem 4.1; sharp and second-order bounds are ours",
    statement=(
        r"\sup_{x\in K}\Bigl|\sum_j \mathrm{softmax}\bigl(R(v_j^\top x-\tfrac12\|v_j\|^2)\bigr)_j f(v_j)-f(x)\Bigr|"
        r"\le L\,h\,m_{1,N}(\kappa),\quad \kappa=Rh^2"
    ),
    hypotheses=(
        "K is a box; the centres v_j are the midpoints of a grid with P_i cells of width h_i on axis i",
        "published, sharp: f is L-Lipschitz on K in the named norm (or has a concave modulus, ℓ2)",
        "smooth: f ∈ C¹ is Lipschitz on K and ∇f is M-Lipschitz (ℓ2) on the hull of K and the padded centres",
    ),
    construction=(
        "rows of Z = Lin(x): x (N) | 1 | v_j (N) | −½ Σ (R_i/R_max) v_ji² (1) | f(v_j) (1)",
        "W_Q = [diag(R_1 … R_N, R_max) on rows x, 1];  W_K = [identity on rows v_j, −½…];  W_V = [row f(v_j)]",
        "output = W_V Z softmax((W_K Z)ᵀ W_Q z), one column",
        "--variant flat: values vec f(v_j) (d_o n rows), the column reshaped; --variant tokens: n tokens (j, i) a cell,"
        " rows also e_t (n, tokens 1 … n), (λ/R) e_i (n), value f(v_j)_{:,i}; W_O = [Q⁻¹; 0],"
        " Q = ((e^λ − 1)I + 11ᵀ)/(e^λ + n − 1), e^λ = 2n",
    ),
    bounds=("published", "sharp", "smooth"),
    options=(
        Option(
            "lipschitz", "Lipschitz constant L of the target, exact: 1, 0.5, 1/3; or one an axis, 10,1: Σ L_i|x_i−y_i|"
        ),
        Option("norm", "norm of the Lipschitz constant: l1, l2 or linf", "l2"),
        Option("modulus", "concave modulus of continuity in r (ℓ2), such as 2*sqrt(r)"),
        Option("hessian", "M: the gradient is M-Lipschitz in ℓ2"),
        Option("padding", "centres outside the box: extend (f is defined there) or clip", "extend"),
        Option("osc", "sup f − inf f (default: L times the diameter)"),
        Option("dim", "d, rows of the input", "1"),
        Option("tokens", "n, columns of the input", "1"),
        Option(
            "variant",
            "scalar: one real output; tokens or flat: d_o × n outputs from n tokens, or one, a cell",
            "scalar",
        ),
        Option("outputs", "d_o, rows of the output, for tokens and flat (default: d)"),
        Option("domain", "a..b, or one interval a coordinate separated by commas", "0..1"),
    ),
    problem=problem,
    design=design,
    necessary=necessary,
    lemmas=(
        *("far-mass", "covering-radius", "sup-error-published", "sup-error-sharper", "closed-form", "norm-comparison"),
        *("product-factorisation", "finite-grid", "corner-lemma", "sharper-weights", "necessary-size"),
        *("lipschitz-bound-l1", "lipschitz-bound-l2", "lipschitz-bound-linf", "concave-modulus-bound"),
        "anisotropic-bound",
        *("slot-softmax", "slot-leakage", "slot-inverse", "slot-amplification", "slot-error"),
        *("truncated-bias", "descent-lemma", "golden-padding", "smooth-bound", "smooth-lower-bound"),
    ),
)
