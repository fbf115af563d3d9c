"""Chernoff's bound of the mass beyond a radius on a product grid: cooling loses at most the lattice's ratio."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb, ctx

from ...symbolic.lattice import theta_half
from ...symbolic.rounding import lower
from ..claim import All, Claim, Formula, Sequent, function, ge, gt, le, number, real
from ..derived import assumed, exponential, logarithm
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._corner import AXES, GRID, PLACE, POINTS, near, u
from ._lattice import HOT, kappa
from ._powers import exponential_tangent, y
from ._product_grid import N, axis, j
from ._reindex import total
from .finite_grid import P, centre
from .finite_grid import u as place
from .finite_grid_ratio import CAP, ORDER, colder, ratio, ratio_limit

c, reach = function("c"), real("r")
LAST = GRID.cells(N) - 1
SOME = gt(ratio, 0)
SHARES = All(j, 0, LAST, ge(c(j), 0)), All(j, 0, LAST, le(c(j), 1))
FAR = All(j, 0, LAST, ge(c(j) * (GRID.squares(N, j) - reach**2), 0))
SETTING = (HOT, ORDER, AXES, POINTS, *GRID.hypotheses())
RATIOS = All(axis, 1, N, le(ratio * GRID.axis_mass(kappa), GRID.axis_mass(colder)))
SHIFT = (colder - kappa) / 2


def _claim(shave: Fraction = Fraction(1), far: bool = True, power: int = 1) -> Claim:
    optional: tuple[Formula, ...] = (FAR,) if far else ()
    bound = sp.exp(-SHIFT * reach**2) * sp.exp(-power * N * sp.log(ratio)) * GRID.mass(colder)
    goal = le(GRID.mass(colder, c(j)), number(shave) * bound)
    setting = (*SETTING, SOME, *SHARES, *optional)
    return Claim("far-tail", (Sequent((*setting, RATIOS), goal), Sequent((*setting, *PLACE, CAP), goal)))


@cache
def ratios() -> Fact:
    """The ratio on every axis, from the lattice (finite-grid-ratio)."""
    hot, order, axes, points, some, cap = assumed(HOT, ORDER, AXES, POINTS, SOME, CAP)
    place_ = assumed(*PLACE)
    weak = combine(ge(ratio, 0), [(1, some)])
    here = [specialise(fact, axis) for fact in place_]
    one = substitute(ratio_limit(), {place: u(axis), centre: near(axis)}, [*here, weak])
    return termwise(one, axis, 1, N, [axes, points, some, hot, order, cap, *place_], quantify=True)


@cache
def cooled() -> Fact:
    """rho^N mass(kappa) <= mass(kappa_1) on the product grid, from the ratio on every axis."""
    axes, points, some, each = assumed(AXES, POINTS, SOME, RATIOS)
    one = specialise(each, axis)
    known = [points, some]
    logs = logarithm(one, combine(gt(one.relation.lhs, 0), [], known))
    warm, cold = (sp.log(GRID.axis_mass(heat)) for heat in (kappa, colder))
    split = combine(le(sp.log(ratio) + warm, cold), [(1, logs)], known, rest=sp.Integer(0))
    added = termwise(split, axis, 1, N, [axes, points, some, each])
    sums = [total(term, axis, 1, N) for term in (warm, cold)]
    summed = combine(le(N * sp.log(ratio) + sums[0], sums[1]), [(1, added)], [axes, *known])
    powers = exponential(summed)
    warm_grid, cold_grid = (GRID.factored(heat, [axes, points]) for heat in (kappa, colder))
    scale = sp.exp(N * sp.log(ratio))
    goal = le(scale * GRID.mass(kappa), GRID.mass(colder))
    return combine(goal, [(1, powers), (scale, warm_grid), (-1, cold_grid)], [*known, axes], rest=sp.Integer(0))


@cache
def beyond() -> Fact:
    """The mass at kappa_1 = kappa + 2s of the far cells is at most exp(-s r^2) times the whole mass at kappa."""
    order, axes, positive, most, far = assumed(ORDER, AXES, *SHARES, FAR)
    low, high, away = (specialise(fact, j) for fact in (positive, most, far))
    square = GRID.squares(N, j)
    tilt = SHIFT * (square - reach**2)
    tangent = substitute(exponential_tangent(), {y: tilt})
    weight = sp.exp(-colder * square / 2)
    bound = sp.exp(-SHIFT * reach**2) * sp.exp(-kappa * square / 2)
    terms = [(weight * c(j), tangent), (weight * SHIFT, away), (bound, high)]
    one = combine(le(c(j) * weight, bound), terms, [low, order], rest=sp.Integer(0))
    sizes = assumed(GRID.hypotheses()[3])
    filled = specialise(sizes[0], N, given=[axes])
    summed = termwise(one, j, 0, LAST, [filled, order, axes, positive, most, far])
    goal = le(GRID.mass(colder, c(j)), sp.exp(-SHIFT * reach**2) * GRID.mass(kappa))
    return combine(goal, [(1, summed)], [filled, order])


def _proof(statement: Claim) -> Sequence[Fact]:
    some, axes, sizes = assumed(SOME, AXES, GRID.hypotheses()[3])
    filled = specialise(sizes, N, given=[axes])
    loss = sp.exp(-SHIFT * reach**2) * sp.exp(-N * sp.log(ratio))
    goal = le(GRID.mass(colder, c(j)), loss * GRID.mass(colder))
    finite = combine(goal, [(1, beyond()), (loss, cooled())], [some, filled], rest=sp.Integer(0))
    return finite, substitute(finite, {}, [ratios()])


def _brute(example: Example, shave: Fraction = Fraction(1), far: bool = True, power: int = 1) -> Sequence[Pairs]:
    value = example.values
    cold, axes = value[colder], int(value[N])
    lines = [[(k - value[u](l)) ** 2 for k in range(int(value[P]))] for l in range(1, axes + 1)]
    squares = [sum(reversed(cell), Fraction(0)) for cell in itertools.product(*reversed(lines))]
    weights = [ball(-cold * square / 2).exp() for square in squares]
    left = sum((ball(value[c](k)) * weight for k, weight in enumerate(weights)), arb(0))
    chernoff = ball(-(cold - value[kappa]) / 2 * value[reach] ** 2).exp() / ball(value[ratio]) ** (power * axes)
    pair = (left, ball(shave) * chernoff * sum(weights, arb(0)))
    return (pair,), (pair,)


def _examples(level: int) -> tuple[Example, ...]:
    """Far cells at the largest radius that they allow, and, against the hypotheses, all cells called far."""
    found = []
    half = Fraction(1, 2)
    for warm, cold in ((1, 3), (2, 2)):
        for points, at in ((1, half), (3, half), (3, Fraction(-1, 2))):
            for axes in (1, 2) if level < 2 else (1, 2, 3):
                lines = [[(k - at) ** 2 for k in range(points)]] * axes
                squares = [sum(reversed(cell), Fraction(0)) for cell in itertools.product(*lines)]
                for radius in (Fraction(0), half, Fraction(2)):
                    for every in (False, True):
                        found.append(_example((warm, cold, points, axes), at, squares, radius, every))
    return tuple(found)


def _example(
    sizes: tuple[int, int, int, int], at: Fraction, squares: list[Fraction], radius: Fraction, every: bool
) -> Example:
    warm, cold, points, axes = sizes
    with ctx.workprec(64):
        allowed = Fraction(lower(theta_half(cold) / theta_half(warm), 4))

    def square(depth: int, cell: int) -> Fraction:
        return sum(((cell // points**l % points - at) ** 2 for l in range(depth)), Fraction(0))

    values = {
        **{key: Fraction(size) for key, size in ((kappa, warm), (colder, cold), (P, points), (N, axes))},
        **{ratio: allowed, reach: radius, u: lambda l: at},
        near: lambda l: Fraction(min(max(math.floor(at + Fraction(1, 2)), 0), points - 1)),
        GRID.cells: lambda depth: Fraction(points**depth),
        GRID.squares: square,
        c: lambda cell: Fraction(every or squares[cell] >= radius**2),
    }
    words = f"kappa={warm}, kappa_1={cold}, P={points}, N={axes}, u={at}, r={radius}{', all cells' * every}"
    return Example(words, values)


LEMMA = Lemma(
    slug="far-tail",
    group="max-affine-lp",
    words="On a product grid of N axes with weights exp(-kappa_1 |z|^2/2), cells at distance at least r share at most"
    " e^{-s r^2} rho^{-N}, kappa_1 = kappa + 2s, if on every axis the mass at kappa_1 is at least rho times that"
    " at kappa; and that holds for every rho that bounds the ratio of the cut lattice sums at 1/2 from below"
    " (finite-grid-ratio), so rho = Theta(kappa_1)/Theta(kappa). c(j) is 1 on the far cells and 0 (or anything"
    " between) elsewhere.",
    latex=r"\Pr(\|v-x\|_2>r\,h)\le e^{-sr^2}\Bigl(\frac{\Theta(\kappa-2s)}{\Theta(\kappa)}\Bigr)^N,"
    r"\quad 0<s<\kappa/2",
    source="ours (Chernoff with the corner of a cell)",
    hypotheses=(
        "kappa_1 >= kappa > 0, N >= 1 axes of P >= 1 points, rho > 0",
        "C(n) = P^n cells with D(n+1, k C(n) + j) = D(n, j) + (k - u(n+1))^2, D(0, 0) = 0",
        "0 <= c(j) <= 1, and c(j) = 0 where D(N, j) < r^2",
        "first part: rho mass(kappa) <= mass(kappa_1) on every axis; second: a nearest centre k_0(l) on every axis and"
        " rho times the cut lattice sum at kappa at most that at kappa_1, for every length",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "one cell, c = 0 or D >= r^2",
            "c*exp(-k*D/2) <= exp(-s*(r**2))*exp(-(k - 2*s)*D/2)",
            ("c in [0, 1]", "D >= r**2", "r in [0, 3]", "D in [0, 9]", "s in [0, 2]", "k in [4, 9]"),
        ),
    ),
    beyond="it is about a grid with a symbolic number of axes",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("cells of any distance", {"far": False}),
        Mutant("the lattice's ratio left out", {"power": 0}),
    ),
)
