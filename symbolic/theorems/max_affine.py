r"""Max-affine partition: one attention head approximates f on a box in the sup norm ([MA] Theorem 4.1; ours).

Centres v_j are the midpoints of a grid of P_i cells an axis, scores R(v_jᵀx − ½‖v_j‖²), values f(v_j). The
weights are a normalised Gaussian kernel, so they factor over the coordinates and everything sharp is a
function of κ = R h²:

    published   ω(r) + osc f · G · exp(−(R/2)(r² − ρ²)),      ρ = ½(Σ h_i²)^{1/2} < r
    sharp  ℓ2   L h m_{1,N}(κ)
           ℓ1   L N h m1(κ)
           ℓ∞   L h min(½ + (ln(1+c) + …)/κ, N m1(κ), m_{1,N}(κ))
           ω    ω(h m_{1,N}(κ)) for a concave modulus
    smooth      see `second_order`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import Literal

from flint import arb, ctx

from ..design import Design, Necessary, NotApplicable, terms_total, upper
from ..exact import Real, ball, ceil_sqrt, floor_sqrt, positive, real
from ..lattice import linf_constant, m1, m1N
from ..modulus import inverse, modulus_of, value
from ..rounding import pinned_floor, smallest_kappa
from ..second_order import smooth_design
from ..target import NORMS, Norm, Side, Target, box_of
from ..theorem import Option, Theorem

FALLBACK_KAPPA = Fraction(10)
"""κ where P was fixed so small that no κ meets ε: the constants are then within 1 % of their limits."""


def design(
    target: Target, eps: Real, bound: str, P: tuple[int, ...] | None = None, R: Fraction | None = None
) -> Design:
    """Sizes that provably reach sup_K |F − f| ≤ eps under `bound` ("published", "sharp" or "smooth").

    With P or R fixed by the caller the other is chosen as well as possible and `Design.meets` may be False.
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
    L = _euclidean(target)
    N, e = target.dim, ball(eps)
    axes = range(1) if target.uniform else range(N)
    if P is None:
        P = tuple(_ceil_scaled(target, i, L, eps, 4 * N) for i in axes) * (N if target.uniform else 1)
    osc = target.oscillation()
    G = prod(P)
    if R is None:
        needed = 32 * ball(L) ** 2 / (3 * e * e) * (2 * osc * arb(G) / e).log()
        R = Fraction(upper(needed, 10)) if bool(needed > 0) else Fraction(1)
    count = N if target.uniform and len(set(P)) == 1 else 1
    h2 = sum(((target.side(i) / P[i]) ** 2 for i in (range(1) if count > 1 else range(N))), arb(0)) * count
    r = (e / (2 * ball(L))).max(h2.sqrt())
    far = osc * arb(G) * (-(ball(R) / 2) * (r * r - h2 / 4)).exp()
    budget, total = terms_total(
        (("near", r"\omega(r)", ball(L) * r), ("far", r"\mathrm{osc} f\,G e^{-(R/2)(r^2-\rho^2)}", far))
    )
    return Design(
        theorem="max-affine",
        bound="published",
        norm="l2",
        target=target,
        P=P,
        kappa=None,
        R=R,
        pad=0,
        budget=budget,
        error_bound=upper(total, 10),
        meets=bool(total <= e),
        source="[MA] Theorem 4.1, closed form",
    )


def _euclidean(target: Target) -> Real:
    """An ℓ2 Lipschitz constant from whichever is known (‖·‖_∞ ≤ ‖·‖₂ ≤ ‖·‖₁ ≤ √N ‖·‖₂), the least one."""
    known = dict(target.lipschitz)
    options: list[Real] = [known[n] for n in ("l2", "linf") if n in known]
    if "l1" in known:
        scaled = ball(known["l1"]) * arb(target.dim).sqrt()
        options.append(known["l1"] if target.dim == 1 else Fraction(upper(scaled, 10)))
    if not options:
        raise NotApplicable("needs a Lipschitz constant")
    return min(options, key=lambda L: float(ball(L).mid()))


def _scale_squared(target: Target, i: int, L: Real, eps: Real, factor: int) -> Fraction | None:
    """factor·(side L/ε)², exactly, if everything is rational."""
    side = target.rational_side(i)
    if side is None or not isinstance(L, Fraction) or not isinstance(eps, Fraction):
        return None
    return factor * (side * L / eps) ** 2


def _ceil_scaled(target: Target, i: int, L: Real, eps: Real, factor: int) -> int:
    """⌈√factor · side · L/ε⌉ ≥ 1, from exact arithmetic or from a ball that pins it."""
    square = _scale_squared(target, i, L, eps, factor)
    if square is not None:
        return max(1, ceil_sqrt(square))
    return _floor(lambda: arb(factor).sqrt() * target.side(i) * ball(L) / ball(eps)) + 1


def _limit_factor(norm: str, N: int) -> int:
    """4·(lim_{κ→∞} c(κ))²: N for ℓ2, N² for ℓ1, 1 for ℓ∞."""
    return {"l2": N, "l1": N * N, "linf": 1}[norm]


def _sufficient_P(target: Target, i: int, L: Real, eps: Real, norm: Norm) -> int:
    """⌊T⌋ + 1 with T = √factor · side · L/(2ε): the least P with L h lim c < ε."""
    factor = _limit_factor(norm, target.dim)
    square = _scale_squared(target, i, L, eps, factor)
    if square is not None:
        return floor_sqrt(square / 4) + 1
    return _floor(lambda: arb(factor).sqrt() * target.side(i) * ball(L) / (2 * ball(eps))) + 1


def _floor(T: Callable[[], arb], up: bool = True) -> int:
    """⌊T⌋, pinned by a ball; where no ball pins it, T is at or next to an integer n: then n if `up`, else n − 1."""
    try:
        return pinned_floor(T)
    except ValueError:
        with ctx.workprec(1024):
            nearest = int((T() + arb(1) / 2).floor().unique_fmpz())
        return nearest if up else nearest - 1


def sharp_constant(norm: str, N: int, kappa: arb) -> arb:
    """c(κ) with |F − f| ≤ L h c(κ) for L in `norm` ("modulus" as "l2").

    >>> float(sharp_constant("l2", 2, arb(2)).mid())  # doctest: +ELLIPSIS
    0.91809...
    """
    if norm == "l1":
        return N * m1(kappa)
    euclid = m1N(kappa, N)
    if norm != "linf":
        return euclid
    return euclid.min(N * m1(kappa)).min(linf_constant(kappa, N))


def _sharp(target: Target, eps: Real, P: tuple[int, ...] | None, R: Fraction | None) -> Design:
    if not target.lipschitz and target.modulus is None:
        raise NotApplicable("needs a Lipschitz constant or a concave modulus")
    choices = [_sharp_in(target, eps, norm, P, R) for norm in target.lipschitz]
    if target.modulus is not None:
        choices.append(_sharp_in(target, eps, "modulus", P, R))
    return min(choices, key=lambda d: (not d.meets, d.cells, Fraction(d.error_bound)))


def _radius(target: Target, eps: Real, norm: str) -> Real:
    """ε/L, or for a modulus a rational r with ω(r) ≤ ε."""
    if norm == "modulus":
        assert target.modulus is not None
        return inverse(target.modulus, eps, target.diameter("l2"))
    L = target.lipschitz[norm]  # type: ignore[index]
    if isinstance(eps, Fraction) and isinstance(L, Fraction):
        return eps / L
    return Fraction(_down(ball(eps) / ball(L)))


def _down(x: arb) -> Fraction:
    q = x.lower().fmpq()
    return Fraction(int(q.p), int(q.q))


def _sharp_in(target: Target, eps: Real, norm: str, P: tuple[int, ...] | None, R: Fraction | None) -> Design:
    N = target.dim
    radius = _radius(target, eps, norm)
    axes = range(1) if target.uniform else range(N)
    if P is None:
        base: Norm = "l2" if norm == "modulus" else norm  # type: ignore[assignment]
        L, e = (Fraction(1), radius) if norm == "modulus" else (target.lipschitz[base], eps)
        P = tuple(_sufficient_P(target, i, L, e, base) for i in axes) * (N if target.uniform else 1)
    h = _widest(target, P)
    kappa: Fraction | None = None
    if R is None:
        try:
            kappa = smallest_kappa(lambda k: sharp_constant(norm, N, k), lambda: ball(radius) / _widest(target, P))
        except ValueError:
            kappa = FALLBACK_KAPPA
        least = ball(kappa)
    else:
        squares = [(target.side(i) / P[i]) ** 2 for i in range(N)]
        least = ball(R) * min(squares, key=lambda s: float(s.mid()))
    reach = h * sharp_constant(norm, N, least)
    if norm == "modulus":
        assert target.modulus is not None
        error, latex = value(target.modulus, reach), r"\omega(h\,m_{1,N}(\kappa))"
    else:
        error, latex = ball(target.lipschitz[norm]) * reach, _SHARP_LATEX[norm]  # type: ignore[index]
    budget, total = terms_total((("moment", latex, error),))
    return Design(
        theorem="max-affine",
        bound="sharp",
        norm=norm,
        target=target,
        P=P,
        kappa=kappa,
        R=R,
        pad=0,
        budget=budget,
        error_bound=upper(total, 10),
        meets=bool(total <= ball(eps)),
        source="ours (corner lemma)",
    )


_SHARP_LATEX = {
    "l2": r"L\,h\,m_{1,N}(\kappa)",
    "l1": r"L\,N\,h\,m_1(\kappa)",
    "linf": r"L\,h\,c_\infty(\kappa,N)",
}


def _widest(target: Target, P: tuple[int, ...]) -> arb:
    """max_i h_i."""
    h = [target.side(i) / P[i] for i in (range(1) if target.uniform and len(set(P)) == 1 else range(target.dim))]
    widest = h[0]
    for other in h[1:]:
        widest = widest.max(other)
    return widest


def necessary(target: Target, eps: Real) -> Necessary | None:
    """The least P for which values at the midpoints of a grid of equal spacing can serve the whole class.

    f = L·min_j ‖x − v_j‖ vanishes at every centre and reaches L h √N/2 (ℓ2; N/2 in ℓ1, ½ in ℓ∞): so does −f,
    and one of the two is missed by that much. Hence P ≥ T = √factor · side · L/(2ε).
    """
    if not target.lipschitz:
        return None
    norm: Norm = min(target.lipschitz, key=lambda n: _limit_factor(n, target.dim))
    if "l2" in target.lipschitz and len(target.lipschitz) > 1:
        norm = "l2"
    L, N = target.lipschitz[norm], target.dim
    axes = range(1) if target.uniform else range(N)

    def least(i: int) -> int:
        square = _scale_squared(target, i, L, eps, _limit_factor(norm, N))
        if square is not None:
            return max(1, ceil_sqrt(square / 4))
        factor = _limit_factor(norm, N)
        return _floor(lambda: arb(factor).sqrt() * target.side(i) * ball(L) / (2 * ball(eps)), up=False) + 1

    P = tuple(least(i) for i in axes) * (N if target.uniform else 1)
    why = (
        f"f = L·min_j‖x − v_j‖ ({norm}) is 0 at every centre and reaches ε before: "
        "no use of values at the midpoints of an equally spaced grid with fewer points serves every L-Lipschitz f"
    )
    return Necessary(P, prod(P), why)


def problem(values: Mapping[str, str]) -> Target:
    """Read a target from text: lipschitz, norm, modulus, hessian, padding, osc, dim, tokens, domain.

    >>> problem({"lipschitz": "1", "dim": "2", "tokens": "2", "domain": "0..1"}).dim
    4
    """
    dim, tokens = _count(values, "dim"), _count(values, "tokens")
    domains = values.get("domain", "0..1").split(",")
    if len(domains) not in (1, dim * tokens):
        raise ValueError(f"domain: give one interval, or one for each of the {dim * tokens} coordinates")
    sides = box_of(tuple(interval(text) for text in domains))
    norm = values.get("norm", "l2")
    if norm not in NORMS:
        raise ValueError(f"norm: {norm!r} is not a norm; choose l1, l2 or linf")
    constants = {k: positive(real(values[k], k), k) for k in ("lipschitz", "hessian", "osc") if k in values}
    modulus = modulus_of(values["modulus"]) if "modulus" in values else None
    if "lipschitz" not in constants and modulus is None:
        raise ValueError("lipschitz: give the Lipschitz constant of the target (--lipschitz), or a concave --modulus")
    return Target(
        box=sides * (dim * tokens) if len(sides) == 1 else sides,
        lipschitz={norm: constants["lipschitz"]} if "lipschitz" in constants else {},
        modulus=modulus,
        hessian=constants.get("hessian"),
        osc=constants.get("osc"),
        padding=_padding(values.get("padding", "extend")),
    )


def interval(text: str) -> Side:
    """Read "a..b".

    >>> interval("-1..1")
    (Fraction(-1, 1), Fraction(1, 1))
    """
    lo, dots, hi = text.partition("..")
    if not dots or not lo.strip() or not hi.strip():
        raise ValueError(f"domain: {text!r} is not an interval; write lower..upper, such as 0..1")
    return real(lo, "domain"), real(hi, "domain")


def _padding(text: str) -> Literal["extend", "clip"]:
    if text == "extend" or text == "clip":
        return text
    raise ValueError(f"padding: {text!r} is unknown; choose extend or clip")


def _count(values: Mapping[str, str], name: str) -> int:
    text = values.get(name, "1")
    if not text.isascii() or not text.isdigit() or not int(text[:9]) >= 1 or len(text) > 6:
        raise ValueError(f"{name}: {text[:40]!r} is not a count; give a whole number from 1 to 999999")
    return int(text)


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
    ),
    bounds=("published", "sharp", "smooth"),
    options=(
        Option("lipschitz", "Lipschitz constant L of the target, exact: 1, 0.5, 1/3"),
        Option("norm", "norm of the Lipschitz constant: l1, l2 or linf", "l2"),
        Option("modulus", "concave modulus of continuity in r (ℓ2), such as 2*sqrt(r)"),
        Option("hessian", "M: the gradient is M-Lipschitz in ℓ2"),
        Option("padding", "centres outside the box: extend (f is defined there) or clip", "extend"),
        Option("osc", "sup f − inf f (default: L times the diameter)"),
        Option("dim", "d, rows of the input", "1"),
        Option("tokens", "n, columns of the input", "1"),
        Option("domain", "a..b, or one interval a coordinate separated by commas", "0..1"),
    ),
    problem=problem,
    design=design,
    necessary=necessary,
    lemmas=("far-mass", "covering-radius", "corner-lemma", "finite-grid", "necessary-size"),
)
