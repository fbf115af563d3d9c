"""The second-order bound for smooth targets on a padded grid: gradient times bias plus half the Hessian times m2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ...symbolic.lattice import m2, truncated_bias
from ..claim import All, Claim, Formula, Sequent, function, ge, le, number, real
from ..derived import assumed, at_most_in_absolute_value
from ..kernel import Fact, classical, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._averages import (
    DIMENSION,
    ERROR,
    OUTPUT,
    SIZE,
    TOTAL,
    G,
    N,
    Network,
    below,
    d,
    j,
    k,
    length,
    mean,
    mean_bound,
    network_error,
    scale,
    target,
    upward,
    weighted,
    y,
    z,
)
from ._vectors import a, b, cauchy_schwarz, first, product_bound, second, total

L, M, H = real("L"), real("M"), real("B")
g, h, bias, moment = function("g"), function("h"), function("b"), function("m")
LINEAR = total(g(k) * h(k) * z(j, k))
SQUARE = total(h(k) ** 2 * z(j, k) ** 2)
CURVED = total(h(k) ** 2 * moment(k))
SLANTED = total(sp.Abs(g(k)) * h(k) * bias(k))
WIDTHS, RATE, BENT = All(k, 1, N, ge(h(k), 0)), ge(L, 0), ge(M, 0)
CENTRED = All(k, 1, N, le(sp.Abs(weighted(z(j, k))), bias(k) * TOTAL))
MOMENTS = All(k, 1, N, le(weighted(z(j, k) ** 2), moment(k) * TOTAL))
GRADIENTS: tuple[tuple[Formula, ...], ...] = (
    (le(total(g(k) ** 2), L**2),),
    (All(k, 1, N, le(sp.Abs(g(k)), L)), All(k, 1, N, ge(bias(k), 0))),
    (le(total(sp.Abs(g(k))), L), All(k, 1, N, le(h(k) * bias(k), H)), ge(H, 0)),
)
FIRST_ORDER = (L * sp.sqrt(total(h(k) ** 2 * bias(k) ** 2)), L * total(h(k) * bias(k)), L * H)


def _remainder(start: int = 1) -> All:
    return All(j, start, G, le(sp.Abs(y(j) - target - LINEAR), M / 2 * SQUARE))


def _claim(slant: Fraction = Fraction(1), curve: Fraction = Fraction(1), centred: bool = True, start: int = 1) -> Claim:
    shared: list[Formula] = [SIZE, DIMENSION, WIDTHS, RATE, BENT, MOMENTS, _remainder(start), *[CENTRED] * centred]
    parts = []
    for gradient, steep in zip(GRADIENTS, FIRST_ORDER, strict=True):
        bound = number(slant) * steep + number(curve) * M / 2 * CURVED
        parts.append(Sequent((*shared, *gradient), le(ERROR, bound)))
    return Claim("smooth-bound", tuple(parts))


@cache
def curvature() -> Fact:
    """|OUTPUT of y - LINEAR, minus f| <= M/2 sum of h_k^2 m_k."""
    size, dimension, bent, moments, remainder = assumed(SIZE, DIMENSION, BENT, MOMENTS, _remainder())
    goal = le(h(k) ** 2 * weighted(z(j, k) ** 2), h(k) ** 2 * moment(k) * TOTAL)
    one = combine(goal, [(h(k) ** 2, specialise(moments, k))])
    axes = termwise(one, k, 1, N, [size, dimension])
    spread = combine(le(weighted(SQUARE), CURVED * TOTAL), [(1, axes)], [size, dimension])
    half = combine(ge(M / 2, 0), [], [bent])
    replaced = {y: sp.Lambda(j, y(j) - LINEAR), d: sp.Lambda(j, SQUARE), scale: M / 2, mean: CURVED}
    return substitute(mean_bound(), replaced, [remainder, half, spread, dimension])


@cache
def slants() -> tuple[Fact, ...]:
    """weighted(LINEAR) and -weighted(LINEAR) are at most SLANTED * TOTAL."""
    size, dimension, widths, centred = assumed(SIZE, DIMENSION, WIDTHS, CENTRED)
    width, off, found = specialise(widths, k), specialise(centred, k), []
    for sign in (1, -1):
        mean_offset = weighted(z(j, k))
        product = substitute(product_bound(first, second), {first: sign * g(k), second: mean_offset}, [size])
        goal = le(sign * g(k) * h(k) * mean_offset, sp.Abs(g(k)) * h(k) * bias(k) * TOTAL)
        axis = combine(goal, [(h(k), product), (h(k) * sp.Abs(g(k)), off)], [size, width])
        axes = termwise(axis, k, 1, N, [size, dimension])
        found.append(combine(le(sign * weighted(LINEAR), SLANTED * TOTAL), [(1, axes)], [size, dimension]))
    return tuple(found)


@cache
def steepness() -> tuple[Fact, Fact, Fact]:
    """SLANTED is at most each entry of FIRST_ORDER under its condition on the gradient."""
    dimension, rate, widths = assumed(DIMENSION, RATE, WIDTHS)
    (euclid,), (largest, positive), (sum_norm, wide, high) = (
        assumed(DIMENSION, *formulas)[1:] for formulas in GRADIENTS
    )
    steep, width = sp.Abs(g(k)), specialise(widths, k)
    pairs = {a: sp.Lambda(k, steep), b: sp.Lambda(k, h(k) * bias(k))}
    schwarz, biases = substitute(cauchy_schwarz(), pairs), total(h(k) ** 2 * bias(k) ** 2)
    square = combine(le(SLANTED**2, FIRST_ORDER[0] ** 2), [(1, schwarz), (biases, euclid)], [dimension])
    nonnegative = combine(ge(FIRST_ORDER[0], 0), [], [dimension, rate])
    one = below(SLANTED, square, nonnegative, [dimension])
    goal = le(steep * h(k) * bias(k), L * h(k) * bias(k))
    axis = combine(goal, [(h(k) * bias(k), specialise(largest, k))], [width, specialise(positive, k)])
    two = combine(le(SLANTED, FIRST_ORDER[1]), [(1, termwise(axis, k, 1, N, [dimension]))], [dimension])
    axis = combine(le(steep * h(k) * bias(k), steep * H), [(steep, specialise(wide, k))])
    sides = [(1, termwise(axis, k, 1, N, [dimension])), (H, sum_norm)]
    return one, two, combine(le(SLANTED, FIRST_ORDER[2]), sides, [dimension, high])


@cache
def errors() -> tuple[Fact, ...]:
    """The three parts."""
    size, dimension = assumed(SIZE, DIMENSION)
    flat, over, found = curvature(), [], []
    leftover = weighted(y(j) - LINEAR) / TOTAL - target
    for sign in (1, -1):
        side = classical("absolute value bounds", sign * leftover, given=[size, dimension])
        goal = le(sign * (OUTPUT - target - weighted(LINEAR) / TOTAL), M / 2 * CURVED)
        over.append(combine(goal, [(1, side), (1, flat)], [size, dimension]))
    for steep, bound in zip(steepness(), FIRST_ORDER, strict=True):
        sides = []
        for sign, plane, slant in zip((1, -1), over, slants(), strict=True):
            goal = le(sign * (OUTPUT - target), bound + M / 2 * CURVED)
            sides.append(combine(goal, [(1, plane), (1 / TOTAL, slant), (1, steep)], [size, dimension]))
        found.append(at_most_in_absolute_value(*sides))
    return tuple(found)


def _proof(statement: Claim) -> Sequence[Fact]:
    return errors()


def _brute(
    example: Example, slant: Fraction = Fraction(1), curve: Fraction = Fraction(1), centred: bool = True, start: int = 1
) -> Sequence[Pairs]:
    values, error, axes = example.values, network_error(example), range(1, int(example.values[N]) + 1)
    reach = [values[h](axis) * values[bias](axis) for axis in axes]
    curved = values[M] / 2 * sum(values[h](axis) ** 2 * values[moment](axis) for axis in axes)
    steep = (length(reach), sum(reach, Fraction(0)), values[H])
    return tuple(((error, ball(slant * values[L]) * ball(term) + ball(curve * curved)),) for term in steep)


def _networks() -> Iterator[Network]:
    half, eighth = Fraction(1, 2), Fraction(1, 8)
    for heat in (Fraction(2), Fraction(4)):
        yield Network((2,), (half,), heat, (eighth,), 3)
        yield Network((2,), (half,), heat, (half,), 3)
        yield Network((1, 2), (half, Fraction(1, 3)), heat, (eighth, Fraction(1, 12)), 2)
        yield Network((2,), (half,), heat, (Fraction(0),), 0)


def _quadratic(net: Network, slope: tuple[Fraction, ...], bend: Fraction, first_order: Fraction) -> Example:
    """f(v) = sum of slope_k (v_k - x_k) + bend/2 |v - x|^2, with the axes' constants of a table of `first_order`."""
    rows = [[p - q for p, q in zip(v, net.point, strict=True)] for v in net.centres()]
    heights = [sum((p * q + bend / 2 * q * q for p, q in zip(slope, row, strict=True)), Fraction(0)) for row in rows]
    second_moment = upward(m2, net.kappa)
    values = {
        target: Fraction(0),
        M: abs(bend),
        L: upward(length, slope),
        H: max(net.widths) * first_order,
        y: lambda p: heights[p - 1],
        g: lambda p: slope[p - 1],
        h: lambda p: net.widths[p - 1],
        bias: lambda p: first_order,
        moment: lambda p: second_moment,
    }
    return net.example(values, f", gradient ({', '.join(map(str, slope))}), f'' = {bend}, b = {float(first_order):.3g}")


def _examples(level: int) -> tuple[Example, ...]:
    """Linear, purely quadratic and mixed functions with b = mu1(kappa, w) of truncated-bias, and with b = 0."""
    found = []
    for net in _networks():
        size, first_order = len(net.cells), upward(truncated_bias, net.kappa, net.pad)
        flat, steep = (Fraction(0),) * size, (Fraction(1),) + (Fraction(0),) * (size - 1)
        for slope, bend in ((steep, Fraction(0)), (flat, Fraction(2)), (steep, Fraction(-1))):
            found.append(_quadratic(net, slope, bend, first_order))
        found.append(_quadratic(net, steep, Fraction(0), Fraction(0)))
        spiked = dict(found[-2].values)
        spiked[y] = lambda p, old=spiked[y]: old(p) + (9 if p == 1 else 0)
        found.append(Example(f"{found[-2].words}, y_1 raised by 9", spiked))
    return tuple(found)


LEMMA = Lemma(
    slug="smooth-bound",
    group="max-affine",
    words="Second order on a padded grid: with b_k above the bias and m_k above the second moment of (v_k - x_k)/h_k"
    " under the weights, attention with values f(v_j) errs by at most L |(h_k b_k)|_2 + (M/2) sum of h_k^2 m_k. The"
    " first norm is the l1 or the maximum norm if L is the Lipschitz constant in that norm. For equal spacings:"
    " L sqrt(N) h b + M N h^2 m/2. With golden-padding M is multiplied by (1 + sqrt 5)/2.",
    latex=r"\Bigl|\sum_jp_jf(v_j)-f(x)\Bigr|\le L\sqrt N\,h\,\bar\mu_1(\kappa,w)+\tfrac12MNh^2m_2(\kappa)",
    source="ours; remainder by Taylor's formula (descent-lemma)",
    hypotheses=(
        "G >= 1 centres in R^N, N >= 1, weights p_j = softmax(s)_j, spacings h_k >= 0, offsets z_jk = (v_jk - x_k)/h_k",
        "|f(v_j) - f(x) - g.(v_j - x)| <= (M/2) |v_j - x|^2, M >= 0 (descent-lemma, g the gradient at x)",
        "|sum_j p_j z_jk| <= b_k on every axis (truncated-bias and axis-marginal, b_k = mu1(kappa_k, w))",
        "sum_j p_j z_jk^2 <= m_k on every axis (finite-grid and axis-marginal, m_k = m2(kappa_k))",
        "|g|_2 <= L; or |g_k| <= L and b_k >= 0 for every k; or |g|_1 <= L and h_k b_k <= B, B >= 0, for every k",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two centres on one axis: the sum of slope and remainder",
            "g*h*(p*y + (1-p)*z) + M/2*h**2*(p*y**2 + (1-p)*z**2) <= L*h*B + M/2*h**2*m",
            ("p in [0, 1]", "h >= 0", "M >= 0", "abs(p*y + (1-p)*z) <= B", "p*y**2 + (1-p)*z**2 <= m", "abs(g) <= L"),
        ),
    ),
    beyond="the numbers of centres and axes are symbolic",
    mutants=(
        Mutant("the first-order term one percent smaller", {"slant": Fraction(99, 100)}),
        Mutant("the second-order term one percent smaller", {"curve": Fraction(99, 100)}),
        Mutant("without the bound on the bias", {"centred": False}),
        Mutant("no remainder is asked of the first value", {"start": 2}),
    ),
)
