r"""Max-affine partition in L^p(K), 1 ≤ p < ∞ ([MA]; every constant is ours): three routes.

    sup       ε/|K|^{1/p} in the sup norm (see `max_affine`), values f(v_j)
    average   A^{N/p} ω(h μ_p(κ)), values ⨍_{C_j} f, for a concave L^p modulus ω; h‖∇f‖_p M_p(κ)^{1/p} if f ∈ W^{1,p}
    jump      ((L h m_{1,N}(κ) + osc f·τ(r/h; κ))^p |K| + (osc f)^p |J_r|)^{1/p}, values f(v_j), for f that is
              L-Lipschitz (ℓ2) along every segment of K that misses J; J_r = {x ∈ K: dist(x, J) ≤ r}

A, μ_p, M_p and τ are in `overlap`. *Proof of jump:* if dist(x, J) > r, segments from x to centres within r miss J, so
|F − f|(x) ≤ E L‖v − x‖₂ + osc f·Pr(‖v − x‖₂ > r) ≤ L h m_{1,N} + osc f·τ; on J_r, |F − f| ≤ osc f. The two sets are
disjoint, so p-th powers add. ∎ |J_r| is a measure: 2r times the length of J is no bound of it for a short segment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

from flint import arb

from ..design import BudgetTerms, Design, Necessary, NotApplicable, settled
from ..exact import Real, ball, positive, real
from ..expression import Expr, parse
from ..lattice import m1N
from ..modulus import modulus_of, value
from ..overlap import axis_moment, ceiling_constant, exponent, mean_radius, radial_moment, root, tail
from ..reading import box_from
from ..rounding import lower, smallest_kappa, upper
from ..target import NORMS, Target
from ..theorem import Option, Theorem
from . import max_affine

BOUNDS = ("sup", "average", "jump")
COLD = Fraction(256)
"""The κ at which P is chosen: all constants are within a few percent of their limits there."""
JUMP_KAPPAS = tuple(Fraction(2**k) for k in range(2, 9))
LARGEST_P = 200
"""Moments of that order are still quick."""
REACHES = tuple(Fraction(k, 20) for k in (1, 2, 4, 8, 12, 20, 40, 80))
"""r/h − √N/2 that are tried."""


@dataclass(frozen=True)
class Problem:
    """A target with what is known of it in L^p.

    Attributes:
        target: the box, Lipschitz constants (along segments that miss J if `jump` is given), osc f.
        p: 1 ≤ p < ∞.
        modulus: concave ω(r) ≥ ‖f(· + t) − f‖_p for ‖t‖₂ ≤ r, on K ∩ (K − t).
        gradient: ‖∇f‖_p, f ∈ W^{1,p}(K).
        jump: an upper bound of |J_r| as a formula in r.
    """

    target: Target
    p: Fraction
    modulus: Expr | None = None
    gradient: Real | None = None
    jump: Expr | None = None

    @property
    def volume(self) -> arb:
        """|K|."""
        sides = [self.target.side(i) for i in self.target_axes()]
        return sides[0] ** self.target.dim if self.target.uniform else prod(sides, start=arb(1))

    def target_axes(self) -> range:
        """One axis if all sides are alike, else every axis."""
        return range(1) if self.target.uniform else range(self.target.dim)


@dataclass(frozen=True)
class LpDesign:
    """A design whose `error_bound` bounds ‖F − f‖_p, with what the values are."""

    design: Design
    p: Fraction
    values: str

    def to_json(self) -> dict[str, Any]:
        """The object B of the command line; `any_f` is C with ‖F − f‖_p ≤ C ω_p(f; h) for cell averages of any f."""
        data = {**self.design.to_json(), "p": str(self.p), "values": self.values}
        if self.values == "cell averages":
            constant = ceiling_constant(self.design.kappa_on(0), self.design.target.dim, self.p)
            data["any_f"] = upper(constant, 6)
        return data


def design(problem: Problem, eps: Real, bound: str) -> LpDesign:
    """Sizes with ‖F − f‖_p ≤ eps proved by the route `bound`. Raises NotApplicable where its hypotheses are missing.

    >>> step = Problem(Target(((Fraction(0), Fraction(1)),)), Fraction(2), modulus=modulus_of("sqrt(r)"))
    >>> design(step, Fraction(1, 10), "average").design.P
    (118,)
    """
    if bound not in BOUNDS:
        raise ValueError(f"unknown bound {bound!r}; choose {', '.join(BOUNDS)}")
    return {"sup": _sup, "average": _average, "jump": _jump}[bound](problem, eps)


def _sup(problem: Problem, eps: Real) -> LpDesign:
    if problem.jump is not None:
        raise NotApplicable("f jumps: no Lipschitz constant holds across J")
    scale = root(problem.volume, problem.p)
    accuracy = eps if bool(scale == 1) else Fraction(lower(ball(eps) / scale, 17))
    found: list[Design] = []
    reasons: list[str] = []
    for name in ("sharp", "smooth"):
        try:
            found.append(max_affine.design(problem.target, accuracy, name))
        except NotApplicable as reason:
            reasons.append(str(reason))
    if not found:
        raise NotApplicable(reasons[0])
    least = min(found, key=lambda d: (not d.meets, d.cells))
    terms = (("sup norm", r"|K|^{1/p}\,\sup_K|F-f|", ball(Fraction(least.error_bound)) * scale),)
    budget, error_bound, meets = settled(lambda: terms, eps)
    source = "ours (sup bound × |K|^{1/p})"
    least = replace(
        least, theorem="max-affine-lp", bound="sup", budget=budget, error_bound=error_bound, meets=meets, source=source
    )
    return LpDesign(least, problem.p, "f(v_j)")


def average_bound(problem: Problem, h: arb, kappa: arb) -> BudgetTerms:
    """The terms of the route "average": A^{N/p} ω(h μ_p) or h‖∇f‖_p M_p^{1/p}, whichever is less."""
    N, p = problem.target.dim, problem.p
    found: list[tuple[str, str, arb]] = []
    if problem.modulus is not None:
        reach = value(problem.modulus, h * mean_radius(kappa, N, p))
        found.append(("overlap", r"A^{N/p}\,\omega(h\,\mu_p(\kappa))", root(axis_moment(kappa, 0) ** N, p) * reach))
    gradient = _gradient(problem)
    if gradient is not None:
        moment = root(radial_moment(kappa, N, p), p)
        found.append(("overlap", r"h\,\|\nabla f\|_p\,M_p(\kappa)^{1/p}", h * gradient * moment))
    if not found:
        raise NotApplicable("needs a concave L^p modulus (--lp-modulus) or ‖∇f‖_p (--gradient)")
    return (min(found, key=lambda term: float(term[2].upper())),)


def _gradient(problem: Problem) -> arb | None:
    """‖∇f‖_p ≤ L|K|^{1/p} for a Lipschitz f."""
    if problem.gradient is not None:
        return ball(problem.gradient)
    if problem.jump is not None or not problem.target.lipschitz:
        return None
    return ball(max_affine.euclidean(problem.target)) * root(problem.volume, problem.p)


def _average(problem: Problem, eps: Real) -> LpDesign:
    target, cold = problem.target, ball(COLD)

    def bound(h: arb, kappa: arb) -> arb:
        return average_bound(problem, h, kappa)[0][2]

    longest = target.diameter("l2")
    bound(longest, cold)
    h = _largest_spacing(lambda h: bound(ball(h), cold), eps, longest)
    P = tuple(int((target.side(i) / ball(h)).upper().ceil().unique_fmpz()) for i in problem.target_axes())
    grid = P * target.dim if target.uniform else P
    kappa = smallest_kappa(lambda k: bound(_widest(target, grid), k), lambda: ball(eps))
    budget, error_bound, meets = settled(lambda: average_bound(problem, _widest(target, grid), ball(kappa)), eps)
    source = "ours (Jensen, overlap kernel)"
    return LpDesign(
        _plain(problem, "average", grid, kappa, budget, error_bound, meets, source), problem.p, "cell averages"
    )


def _plain(
    problem: Problem,
    bound: str,
    P: tuple[int, ...],
    kappa: Fraction,
    budget: Any,
    error_bound: str,
    meets: bool,
    source: str,
) -> Design:
    return Design(
        theorem="max-affine-lp",
        bound=bound,
        norm="lp",
        target=problem.target,
        P=P,
        kappa=kappa,
        R=None,
        pad=0,
        budget=budget,
        error_bound=error_bound,
        meets=meets,
        source=source,
    )


def _widest(target: Target, P: tuple[int, ...]) -> arb:
    """max_i h_i."""
    widest = target.side(0) / P[0]
    for i in range(1, 1 if target.uniform and len(set(P)) == 1 else target.dim):
        widest = widest.max(target.side(i) / P[i])
    return widest


def _largest_spacing(bound: Callable[[Fraction], arb], eps: Real, longest: arb) -> Fraction:
    """Nearly the largest h (24 bits) with bound(h) ≤ eps proved, bound increasing in h."""
    limit = ball(eps)
    high = Fraction(int(longest.upper().ceil().unique_fmpz()) or 1)
    if bool(bound(high) <= limit):
        return high
    low = high
    while not bool(bound(low) <= limit):
        high, low = low, low / 2
        if low < Fraction(1, 2**4096):
            raise ValueError("the bound exceeds eps down to a spacing of 2^-4096")
    for _ in range(24):
        middle = (low + high) / 2
        low, high = (middle, high) if bool(bound(middle) <= limit) else (low, middle)
    return low


def jump_bound(problem: Problem, h: arb, kappa: arb, reach: arb) -> BudgetTerms:
    """The terms of the route "jump" for r = reach·h: near, far and across, as they enter a p-th root of a sum."""
    assert problem.jump is not None
    N, p = problem.target.dim, problem.p
    power, osc = ball(p), problem.target.oscillation()
    smooth = ball(max_affine.euclidean(problem.target)) * h * m1N(kappa, N) + osc * tail(kappa, N, reach)
    near = smooth**power * problem.volume
    across = osc**power * at_radius(problem.jump, reach * h).min(problem.volume)
    total = root(near + across, p)
    return (("smooth and jump", r"((L h m_{1,N}+\mathrm{osc}f\,\tau)^p|K|+(\mathrm{osc}f)^p|J_r|)^{1/p}", total),)


def at_radius(expr: Expr, r: arb) -> arb:
    """The formula in r, at a ball; ValueError unless the value is finite and not negative."""
    found = _formula(expr, r)
    if not found.is_finite() or not bool(found >= 0):
        raise ValueError("jump: |J_r| must be a finite number >= 0 for every r > 0")
    return found


def _formula(e: Expr, r: arb) -> arb:
    if e.head == "variable":
        return r
    if e.head in ("number", "constant"):
        return ball(Fraction(e.args[0]) if e.head == "number" else e)
    a = [_formula(arg, r) for arg in e.args]
    match e.head:
        case "+":
            return a[0] + a[1]
        case "-":
            return a[0] - a[1]
        case "*":
            return a[0] * a[1]
        case "/":
            return a[0] / a[1]
        case "**":
            return a[0] ** a[1]
        case "neg":
            return -a[0]
        case "sqrt":
            return a[0].sqrt()
        case "min":
            return a[0].min(a[1])
    raise ValueError(f"jump: {e.head} is not accepted in |J_r|; use numbers, pi, r, + - * / **, sqrt and min")


def _jump(problem: Problem, eps: Real) -> LpDesign:
    if problem.jump is None:
        raise NotApplicable("needs |J_r| (--jump), the measure of the points within r of the jumps")
    if not problem.target.lipschitz:
        raise NotApplicable("needs the Lipschitz constant off the jumps (--lipschitz)")
    if problem.target.osc is None:
        raise NotApplicable("needs osc f (--osc): a Lipschitz constant off the jumps does not bound it")
    target = problem.target

    def best(h: arb, kappa: Fraction) -> tuple[arb, Fraction]:
        half = Fraction(upper(arb(target.dim).sqrt() / 2, 6))
        tried = [(jump_bound(problem, h, ball(kappa), ball(half + extra))[0][2], half + extra) for extra in REACHES]
        return min(tried, key=lambda pair: float(pair[0].upper()))

    h = _largest_spacing(lambda h: best(ball(h), COLD)[0], eps, target.diameter("l2"))
    P = tuple(int((target.side(i) / ball(h)).upper().ceil().unique_fmpz()) for i in problem.target_axes())
    grid = P * target.dim if target.uniform else P
    widest = _widest(target, grid)
    kappa = next(k for k in JUMP_KAPPAS if k == COLD or bool(best(widest, k)[0] <= ball(eps)))
    reach = best(widest, kappa)[1]
    budget, error_bound, meets = settled(
        lambda: jump_bound(problem, _widest(target, grid), ball(kappa), ball(reach)), eps
    )
    source = "ours (Lipschitz off a jump set)"
    return LpDesign(_plain(problem, "jump", grid, kappa, budget, error_bound, meets, source), problem.p, "f(v_j)")


def necessary(problem: Problem, eps: Real) -> Necessary | None:
    """P_i below which no use of the point values f(v_j), spaced alike on every axis, serves all L-Lipschitz f.

    f = L·min_j‖x − v_j‖₂ vanishes at every centre and ‖f‖_p = L h (E‖U‖₂^p)^{1/p}|K|^{1/p}, U uniform in [−½, ½]^N,
    where (E‖U‖₂^p)^{1/p} ≥ √(N/12) for p ≥ 2 and ≥ E‖U‖₁/√N = √N/4 always. None without an ℓ2 Lipschitz constant.

    >>> necessary(problem({"lipschitz": "1", "domain": "0..1"}), Fraction(1, 20)).P
    (6,)
    """
    target = problem.target
    if "l2" not in target.lipschitz:
        return None
    share = (ball(Fraction(target.dim, 12 if problem.p >= 2 else 16))).sqrt()
    scale = share * ball(target.lipschitz["l2"]) * root(problem.volume, problem.p) / ball(eps)
    P = tuple(max(1, int((target.side(i) * scale).lower().ceil().unique_fmpz())) for i in problem.target_axes())
    grid = P * target.dim if target.uniform else P
    why = (
        "f = L·min_j‖x − v_j‖₂ is 0 at every centre and exceeds ε in L^p on a grid with fewer points, spaced alike "
        "on every axis: no use of the point values at such midpoints serves every L-Lipschitz f"
    )
    return Necessary(grid, prod(grid), why)


def problem(values: Mapping[str, str]) -> Problem:
    """Read a problem from text: p, lipschitz, norm, osc, lp-modulus, gradient, jump, dim, tokens, domain.

    >>> problem({"p": "3/2", "lp-modulus": "r**(2/3)"}).p
    Fraction(3, 2)
    """
    p = real(values.get("p", "2"), "p")
    if not isinstance(p, Fraction) or not 1 <= p <= LARGEST_P:
        raise ValueError(f"p: {values.get('p')!r} is not a rational number from 1 to {LARGEST_P}")
    norm = values.get("norm", "l2")
    if norm not in NORMS:
        raise ValueError(f"norm: {norm!r} is not a norm; choose l1, l2 or linf")
    names = ("lipschitz", "hessian", "osc", "gradient")
    constants = {k: positive(real(values[k], k), k) for k in names if k in values}
    modulus = modulus_of(values["lp-modulus"]) if "lp-modulus" in values else None
    jump = parse(values["jump"], ("r",)) if "jump" in values else None
    if jump is not None:
        at_radius(jump, arb(1))
    if modulus is None and not {"lipschitz", "gradient"} & set(constants):
        raise ValueError("lipschitz: give --lipschitz (with --jump and --osc if f jumps), --gradient or --lp-modulus")
    target = Target(
        box=box_from(values),
        lipschitz={norm: constants["lipschitz"]} if "lipschitz" in constants else {},
        hessian=constants.get("hessian"),
        osc=constants.get("osc"),
    )
    return Problem(target, exponent(p), modulus, constants.get("gradient"), jump)


THEOREM = Theorem(
    slug="max-affine-lp",
    title="Max-affine partition, L^p norm",
    source="[MA] (the L^p statement); all constants are ours",
    statement=(
        r"\|F-f\|_{L^p(K)}\le A(\kappa)^{N/p}\,\omega_p\bigl(h\,\mu_p(\kappa)\bigr),\quad "
        r"\mu_p=\Bigl(A^{-N}\int_{\mathbb R^N}\prod_i g(s_i)\,\|s\|_2^p\,ds\Bigr)^{1/p},\quad "
        r"g(s)=e^{-\frac\kappa2((|s|-\frac12)_+^2-\frac14)_+},\quad A=\int g"
    ),
    hypotheses=(
        "K is a box; the centres v_j are the midpoints of a grid with P_i cells of width h_i on axis i; 1 ≤ p < ∞",
        "sup: f is L-Lipschitz on K in the named norm; values f(v_j)",
        "average: f ∈ L^p(K), ω concave with ‖f(· + t) − f‖_p ≤ ω(‖t‖₂) on K ∩ (K − t), or f ∈ W^{1,p}; values ⨍ f",
        "jump: f is L-Lipschitz along segments that miss J, |J_r| ≤ the given formula in r; values f(v_j)",
    ),
    construction=max_affine.THEOREM.construction,
    bounds=BOUNDS,
    options=(
        Option("p", "the exponent, rational, at least 1", "2"),
        Option(
            "lipschitz", "Lipschitz constant L of the target, along segments that miss the jumps if --jump is given"
        ),
        Option("norm", "norm of the Lipschitz constant: l1, l2 or linf", "l2"),
        Option("hessian", "M: the gradient is M-Lipschitz in ℓ2 (for the sup norm)"),
        Option("osc", "sup f − inf f; needed with --jump"),
        Option("jump", "|J_r|, the measure of the points within r of the jumps, as a formula in r, such as 2*r"),
        Option("lp-modulus", "concave L^p modulus of continuity in r (ℓ2 shifts), such as sqrt(r)"),
        Option("gradient", "‖∇f‖_p, the L^p norm of |∇f|₂"),
        Option("dim", "d, rows of the input", "1"),
        Option("tokens", "n, columns of the input", "1"),
        Option("domain", "a..b, or one interval a coordinate separated by commas", "0..1"),
    ),
    problem=problem,
    design=design,
    necessary=necessary,
    lemmas=(
        *("jensen-power", "overlap-kernel", "line-modulus", "lp-from-sup", "near-and-far", "far-tail"),
        *("product-factorisation", "finite-grid-ratio", "corner-lemma"),
    ),
)
