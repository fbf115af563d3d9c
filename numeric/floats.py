"""How far floats can be from the exact network: bounds known before anything is computed.

**Model.** Unit roundoff u, smallest normal number ω, every + − × ÷ and √ is (exact)(1+δ), |δ| ≤ u, or has an
absolute error ≤ ω where the result is below ω (so flushing to zero is allowed). exp is within ``exp_ulps`` units in
the last place (4 for NumPy: its vector loops are documented with at most 4; a relative error 2·exp_ulps·u), exp(0) =
1, and below ω it is either 0 or off by at most exp_ulps·2uω. Sums of n terms may be taken in any order: relative
factor γ_n(u) = nu/(1−nu) on each term. The points x are numbers of the format. The exact network has real centres v,
real R_i, real values y; the float one starts from them rounded to float64 and then to the format: relative error ū =
u + 4·2⁻⁵³. Everything below is rounded up.

**Softmax (ours).** Let p be the exact weights and suppose the computed unnormalised weights are C·p_j·t_j. Then Σp_j
t_j y_j/Σp_j t_j − F = Σp_j(t_j−1)(y_j−F)/Σp_j t_j, so with E₁ = E_p|t−1| < 1 the error is at most osc y·E₁/(1−E₁),
and never more than osc y, the result still being an average.

**Scores, stable form.** S_j = ½ΣR_i(x_i−v_ij)² is computed from c_i = √(R_i/2): z = c(x−v), z², sum over axes. The
rounded centre moves x−v by at most e_i = ūr_i + ω, r_i the largest |coordinate|; for any τ > 0, 2|d||e| ≤ τd² + e²/τ
changes S_j into S'_j with |S'_j−S_j| ≤ τS_j + (1+1/τ)E, E = ½ΣR_i e_i². Then 7+(N−1) roundings (with the rounding of
c through float64: γ_{N+10}), underflow ≤ 4Nω in all, and the subtraction of the maximum: u·S'. Blocks are rescaled
in float64: another 2·2⁻⁵³S'. Hence t_j = e^{δ_j}·(exp errors) with |δ_j| ≤ A S_j + B, g = γ_{N+10} +
(u+2⁻⁵²)(1+γ_{N+10}), A = τ + g(1+τ), B = (1+g)((1+1/τ)E + 4Nω). The best τ is √(E/M).

**Scores, product form.** q = [x; 1], k = R[v; −½‖v‖²], scale 1: the error of a dot product does not shrink near the
centre. |ŝ_j − s_j| ≤ b = (γ_{N+2} + γ_{2N+10}(2⁻⁵³))·(3/2)ΣR_i r_i² + (N+1)ω, and subtracting the maximum costs
u(S_j+2b): A = u, B = b(1+2u). This is the difference between the two forms: b is a multiple of R r², M of κN = N R
h². Centre the coordinates.

**Slots (ours).** A sequence layer has n tokens a cell, the own slot λ ahead: its scores are dot products of N+1+n terms
(one of them, in cross-attention, itself a sum of N+2) of size (3/2)ΣR_i r_i² + λ whose factors, R_i x_i among them,
carry 4 roundings, so b has γ_{3N+n+5}; the exact weights are p_j Q_{i,t}, S grows by at most λ, so M(a) by λ, and the
own slot of the nearest cell keeps the least score. ``value_osc`` is then taken over all slots of a row. Multiplying by
W_O = Q⁻¹, ‖Q⁻¹‖₁ = g, whose entries carry n+10 roundings with the sum: g(e + (max|y| + e)γ_{n+10}) for an error e
before.

**Mean (ours).** E_p e^{aS} ≤ e^{aM(a)}, 0 ≤ a < 1. On a grid with x in the cells, log(S_A(u;κ(1−a))/S_A(u;κ)) is ½∫
E(u−k)² over temperatures [κ(1−a), κ], E(u−k)² ≤ m2 on every finite midpoint grid and m2 decreases: M(a) = ½Σκ_i
m2(κ_i(1−a)), with m2(κ) ≤ ¼ + 1/κ and ≤ ¼ + 2e^{−κ} for κ ≥ 1.0625. No exponential of the dimension and no G. For
any G centres and x within ρ of one: at inverse temperature β the mean of βS above its least value is the entropy
minus a log-sum ≥ 0, so at most ln G: M(a) = Rρ²/2 + ln G/(1−a). So E_p|e^δ−1| ≤ exp(B + A M(A)) − 1.

**Regular values (ours).** Where the values vary little under p the factor osc y is wasteful: by Cauchy–Schwarz
E_p|t−1||y−F| ≤ std_p(y)·√E_p(t−1)². With |e^δ−1| ≤ |δ|e^{|δ|}, Minkowski and S² ≤ (2/(ae))² e^{aS}, √E_p(e^{|δ|}−1)²
≤ e^B(B e^{A M(2A)} + A·(2/(ae))· e^{(a/2+A)M(a+2A)}) for any 0 < a ≤ ½; a = 1/M(½) keeps it free of exponentials of
the dimension. For f that is L-Lipschitz std_p(y) ≤ L√Σh_i²m2(κ_i) (``lipschitz_std``). The mass terms below keep the
factor osc y.

**Small weights.** A weight can be flushed only if the computed gap to the top exceeds ln(1/ω), so, M₀ being a bound
on the least score, only if S_j − S_min ≥ T = ((ln(1/ω) − 0.1)/(1+u) − 2B − 2AM₀)/(1+A). The p-mass of those cells is
at most G e^{−T} and at most exp(b(M(b) − T)) for each b < 1; it is added to E₁. Weights below ω that are not flushed
are off by exp_ulps·2uω, relative to Σ_j e^{Ŝ_min−S_j} ≥ ½ (checked: the error of the top score is below ln 2): η =
exp_ulps·4uω a term (10ω more in fp64, where dense and separable raise weights below e^−707 < 5ω to it). Altogether
E₁ = (1+2·exp_ulps·u)^k e^{B+A M(A)} (1+η·terms) − 1 + mass, k exponentials a weight (N when separable).

**Sums.** With every term of the numerator within 1 ± γ_a and of the denominator 1 ± γ_b, and c last roundings, the
error is at most max|ŷ|·((1+γ_a)(1+u)^c/(1−γ_b) − 1). dense: one block of 1024 in the dot format, the G/1024 blocks
in float64; separable: ΣP_i in the dot format, 2N+1 roundings; product: G in the dot format, 4 roundings (weights are
normalised and rounded too). Underflowing products cost 2ω a term. Rounded values: ū max|y|.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .dense import CELL_BLOCK
from .network import GridNetwork, PointNetwork

DOUBLE = 2.0**-53
ROUND_UP = 1 + 1e-9
# h_i arrives rounded, and grids that are uniform to 1e-10 h count as uniform: S moves by less than 1e-7 of its mean.
SPACING_SLACK = 1 + 1e-7
FORMS = ("dense", "separable", "product")


@dataclass(frozen=True)
class FloatFormat:
    """A binary format: unit roundoff, smallest normal and largest number, unit roundoff of its dot products."""

    name: str
    u: float
    smallest: float
    largest: float
    dot: float


FORMATS = (
    FloatFormat("bf16", 2.0**-8, 2.0**-126, 3.38e38, 2.0**-24),
    FloatFormat("fp16", 2.0**-11, 2.0**-14, 65504.0, 2.0**-24),
    FloatFormat("fp32", 2.0**-24, 2.0**-126, 3.40e38, 2.0**-24),
    FloatFormat("fp64", 2.0**-53, 2.0**-1022, 1.79e308, 2.0**-53),
)


@dataclass(frozen=True)
class GridFacts:
    """What the bounds need to know of a grid design; ``radius``: largest |coordinate| per axis of centres and points.

    Valid for points whose every coordinate is within h_i/2 of the axis's range of centres. ``value_std`` bounds the
    standard deviation of the values under the weights at any such point (:func:`lipschitz_std`); inf if unknown.
    In a layer written out in full (product form) ``slots`` is its tokens a cell, the own one ``slot`` = λ ahead.

    >>> GridFacts((32768.0,) * 2, (1 / 64,) * 2, (64, 64), (1.0, 1.0), 2.0, 1.4).mean_score(0.0) < 2.01
    True
    """

    temperature: tuple[float, ...]
    spacing: tuple[float, ...]
    count: tuple[int, ...]
    radius: tuple[float, ...]
    value_max: float
    value_osc: float
    value_std: float = math.inf
    slots: int = 0
    slot: float = 0.0

    @property
    def dim(self) -> int:
        return len(self.temperature)

    @property
    def cells(self) -> int:
        return math.prod(self.count) * max(1, self.slots)

    @property
    def near_score(self) -> float:
        return sum(r * h * h for r, h in zip(self.temperature, self.spacing, strict=True)) / 8

    def mean_score(self, a: float) -> float:
        """M(a): E_p e^{aS} ≤ e^{aM(a)} everywhere in the box."""
        kappas = (r * h * h for r, h in zip(self.temperature, self.spacing, strict=True))
        return sum(k * second_moment_bound(k * (1 - a)) for k in kappas) / 2 * SPACING_SLACK + self.slot


@dataclass(frozen=True)
class PointFacts:
    """The same for arbitrary centres; ``cover``: every point is within this distance of a centre (covering radius).

    >>> round(PointFacts(2.0, 1, (1.0,), 0.5, 1.0, 1.0, cells=3).mean_score(0.0), 6)
    1.348612
    """

    rate: float
    dim: int
    radius: tuple[float, ...]
    cover: float
    value_max: float
    value_osc: float
    cells: int
    value_std: float = math.inf

    @property
    def temperature(self) -> tuple[float, ...]:
        return (self.rate,) * self.dim

    @property
    def near_score(self) -> float:
        return self.rate * self.cover**2 / 2

    def mean_score(self, a: float) -> float:
        return self.near_score + math.log(self.cells) / (1 - a)


Facts = GridFacts | PointFacts


def second_moment_bound(kappa: float) -> float:
    """An upper bound on m2(κ) = sup_u E(u−k)², rounded up.

    >>> second_moment_bound(2.0)
    0.520670566473226
    """
    bound = 0.25 + 1 / kappa
    if kappa >= 1.0625:
        bound = min(bound, 0.25 + 2 * math.exp(-kappa))
    return bound * (1 + 1e-15)


def lipschitz_std(temperature: tuple[float, ...], spacing: tuple[float, ...], lipschitz: float) -> float:
    """Bound on the standard deviation of y_j = f(v_j) under the weights, f ``lipschitz`` in the ℓ2 norm on the cells.

    Var y ≤ E(y−f(x))² ≤ L² E‖v−x‖² ≤ L² Σ h_i² m2(κ_i), for x in the cells of the grid (ours).

    >>> lipschitz_std((200.0,), (0.1,), 1.0) < 0.0722
    True
    """
    pairs = zip(temperature, spacing, strict=True)
    return lipschitz * math.sqrt(sum(h * h * second_moment_bound(r * h * h) for r, h in pairs) * SPACING_SLACK)


def grid_facts(network: GridNetwork, lipschitz: float | None = None) -> GridFacts:
    """Facts of a uniform grid network for points in its cells; ``lipschitz`` as in :func:`lipschitz_std`.

    Raises ``ValueError`` for an axis with one centre or with unequal spacing (to 10⁻¹⁰), where h_i has no meaning.

    >>> from .network import grid_network
    >>> grid_facts(grid_network([[0.25, 0.75]], (8.0,), [1.0, 3.0])).radius
    (1.0,)
    """
    radius, spacing = [], []
    for i, axis in enumerate(network.centres):
        if len(axis) < 2:
            raise ValueError(f"axis {i} has one centre: its spacing is unknown, build GridFacts by hand")
        h = float((axis[-1] - axis[0]) / (len(axis) - 1))
        if float(abs(axis[1:] - axis[:-1] - h).max()) > 1e-10 * h:
            raise ValueError(f"axis {i} is not uniformly spaced: GridFacts do not apply, use PointFacts")
        spacing.append(h)
        radius.append(max(abs(float(axis[0]) - h / 2), abs(float(axis[-1]) + h / 2)))
    y = float(abs(network.values).max())
    std = math.inf if lipschitz is None else lipschitz_std(network.temperature, tuple(spacing), lipschitz)
    return GridFacts(network.temperature, tuple(spacing), network.shape, tuple(radius), y, network.oscillation, std)


def point_facts(network: PointNetwork, cover: float, radius: tuple[float, ...]) -> PointFacts:
    """Facts of a point network for points within ``cover`` of a centre and within ``radius`` per axis of 0.

    >>> from .network import point_network
    >>> point_facts(point_network([[0.0], [3.0]], 4.0, [2.0, 3.0]), 1.5, (1.0,)).radius
    (3.0,)
    """
    far = tuple(max(r, float(abs(network.centres[:, i]).max())) for i, r in enumerate(radius))
    y = float(abs(network.values).max())
    return PointFacts(network.temperature, network.dim, far, cover, y, network.oscillation, network.cells)


def float_format(name: str) -> FloatFormat:
    """The format of that name: bf16, fp16, fp32 or fp64.

    >>> float_format("fp32").u == 2.0**-24
    True
    """
    for candidate in FORMATS:
        if candidate.name == name:
            return candidate
    raise ValueError(f"unknown float format {name!r}: choose from {', '.join(f.name for f in FORMATS)}")


def float_error(form: str, facts: Facts, fmt: str | FloatFormat, *, exp_ulps: float = 4.0) -> float:
    """A proved bound on |F_float − F_exact| for every point of the domain of ``facts``; inf out of the range.

    ``form``: ``dense`` and ``separable`` (also ``local``'s window) as this package computes them, ``product`` for a
    plain attention layer with scores R(v·x − ½‖v‖²) (its dot products in the dot format of ``fmt``, any order).
    The derivation and the assumptions are at the top of this file.

    >>> facts = GridFacts((32768.0,) * 2, (1 / 64,) * 2, (64, 64), (1.0, 1.0), 2.0, 1.4)
    >>> float_error("dense", facts, "fp32") < 1e-3, float_error("dense", facts, "fp64") < 2e-12
    (True, True)
    """
    if form not in FORMS:
        raise ValueError(f"unknown form {form!r}: choose from {', '.join(FORMS)}")
    if form == "separable" and not isinstance(facts, GridFacts):
        raise ValueError("the separable form needs the facts of a grid")
    f = float_format(fmt) if isinstance(fmt, str) else fmt
    if not _in_range(form, facts, f):
        return math.inf
    averaged = _average_error(form, facts, f, exp_ulps)
    rounded = f.u + 4 * DOUBLE
    summed = facts.value_max * (1 + rounded) * _sum_error(form, facts, f)
    flushed = 2 * (facts.dim + 1) * f.smallest + 2 * _terms(form, facts) * _dot_smallest(f)
    return (averaged + summed + flushed + facts.value_max * rounded) * ROUND_UP


def float_format_needed(eps: float, facts: Facts, form: str = "dense", *, fraction: float = 0.1) -> str:
    """The first of bf16, fp16, fp32, fp64 whose bound is below ``fraction``·eps, or ``"none"``.

    >>> facts = GridFacts((32768.0,) * 2, (1 / 64,) * 2, (64, 64), (1.0, 1.0), 2.0, 1.4)
    >>> [float_format_needed(eps, facts) for eps in (0.05, 1e-5, 1e-15)]
    ['fp32', 'fp64', 'none']
    """
    if not eps > 0:
        raise ValueError(f"eps must be positive, got {eps}")
    for f in FORMATS:
        if float_error(form, facts, f) < fraction * eps:
            return f.name
    return "none"


def _average_error(form: str, facts: Facts, f: FloatFormat, exp_ulps: float) -> float:
    """The part that comes from wrong weights; max y − min y where the argument does not go through."""
    slope, shift = _score_error(form, facts, f)
    if not (slope < 0.2 and slope * ((1 + slope) * facts.near_score + 2 * shift) / (1 - slope) + shift < 0.69):
        return facts.value_osc
    shift += (facts.dim if form == "separable" else 1) * math.log1p(2 * exp_ulps * f.u)
    if form == "dense":
        shift += _blocks(facts) * math.log1p(2 * exp_ulps * DOUBLE)
    least = exp_ulps * 4 * f.u + (10.0 if form != "product" and f.u == DOUBLE else 0.0)
    small = math.expm1(math.log1p(_terms(form, facts) * least * f.smallest))
    first = shift + slope * facts.mean_score(slope)
    if first > 1:
        return facts.value_osc
    gap = (math.log(1 / f.smallest) - 0.1) / (1 + f.u) - 2 * shift - 2 * slope * facts.near_score
    lost = small * math.exp(first) + _far_mass(facts, gap / (1 + slope))
    total = math.expm1(first) + lost
    if total >= 1:
        return facts.value_osc
    spread = facts.value_osc * math.expm1(first)
    if facts.value_std < math.inf:
        spread = min(spread, facts.value_std * _root_mean_square(facts, slope, shift))
    return min(facts.value_osc, (spread + facts.value_osc * lost) / (1 - total))


def _root_mean_square(facts: Facts, slope: float, shift: float) -> float:
    """√E_p(e^{B+AS}−1)²."""
    a = min(0.5, 1 / max(facts.mean_score(0.5), 1e-300))
    flat = shift * math.exp(slope * facts.mean_score(2 * slope))
    steep = slope / a * 0.7358 * math.exp((a / 2 + slope) * facts.mean_score(a + 2 * slope))
    return math.exp(shift) * (flat + steep)


def _score_error(form: str, facts: Facts, f: FloatFormat) -> tuple[float, float]:
    """(A, B) with |δ_j| ≤ A S_j + B."""
    n, double = facts.dim, 2 * DOUBLE
    axes = list(zip(facts.temperature, facts.radius, strict=True))
    if form == "product":
        slots, slot = (facts.slots, facts.slot) if isinstance(facts, GridFacts) else (0, 0.0)
        size = 1.5 * sum(rate * r * r for rate, r in axes) + slot
        length = 3 * n + slots + 5 if slots else n + 2
        each = (_gamma(length, f.u) + _gamma(2 * n + 10, DOUBLE)) * size + (length + 1) * f.smallest
        return f.u, each * (1 + 2 * f.u)
    moved = sum(rate * ((f.u + 4 * DOUBLE) * r + f.smallest) ** 2 for rate, r in axes) / 2
    split = max(math.sqrt(moved / max(facts.mean_score(0.0), f.u)), f.u)
    rounding = _gamma(n + 10, f.u)
    g = rounding + (f.u + double) * (1 + rounding)
    return split + g * (1 + split), (1 + g) * ((1 + 1 / split) * moved + 4 * n * f.smallest)


def _far_mass(facts: Facts, gap: float) -> float:
    """Bound on the mass of the cells whose score is ``gap`` or more below the top one."""
    exponents = [math.log(facts.cells) - gap]
    exponents += [b * (facts.mean_score(b) - gap) for b in (0.5, 0.6, 0.7, 0.8, 0.9)]
    return math.exp(min(0.0, *exponents))


def _sum_error(form: str, facts: Facts, f: FloatFormat) -> float:
    across = 0.0
    if form == "dense":
        inner, last = _gamma(min(facts.cells, CELL_BLOCK), f.dot), 2
        across = _gamma(3 * _blocks(facts) + 4, DOUBLE)
    elif form == "separable":
        inner, last = _gamma(_terms(form, facts), f.dot), 2 * facts.dim + 1
    else:
        inner, last = _gamma(facts.cells, f.dot), 4
    if max(inner, across) >= 1:
        return math.inf
    logs = sum(math.log1p(g) - math.log1p(-g) for g in (inner, across))
    return math.expm1(logs + last * math.log1p(f.u))


def _in_range(form: str, facts: Facts, f: FloatFormat) -> bool:
    """Nothing that decides the result overflows (a far cell's score may: its weight is then 0), √(R/2) is normal."""
    axes = list(zip(facts.temperature, facts.radius, strict=True))
    dot_largest = f.largest if f.dot == f.u else 3.38e38
    sizes = [facts.value_max, 4 * facts.near_score + 1, *(4 * r for _, r in axes)]
    if form == "product":
        sizes += [rate * r for rate, r in axes] + [3 * sum(rate * r * r for rate, r in axes)]
    return (
        2 * max(sizes) < f.largest
        and 2 * _terms(form, facts) * max(1.0, facts.value_max) < dot_largest
        and all(math.sqrt(rate / 2) >= f.smallest for rate, _ in axes)
    )


def _gamma(n: int, u: float) -> float:
    """nu/(1−nu), or inf."""
    return n * u / (1 - n * u) if n * u < 1 else math.inf


def _blocks(facts: Facts) -> int:
    return -(-facts.cells // CELL_BLOCK)


def _terms(form: str, facts: Facts) -> int:
    return sum(facts.count) if form == "separable" and isinstance(facts, GridFacts) else facts.cells


def _dot_smallest(f: FloatFormat) -> float:
    return f.smallest if f.dot == f.u else 2.0**-126
