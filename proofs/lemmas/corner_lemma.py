"""The corner of a cell is the worst place of a product grid: E exp(-s |z|^2) is smallest and E|z| largest there."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import sympy as sp
from flint import arb

from ..claim import Claim, Sequent, le, number
from ..kernel import Fact
from ..lemma import Example, Lemma, Mutant, Pairs
from ..values import ball
from ._corner import (
    ALLOWANCE,
    AXES,
    CAP,
    CORNER,
    CORNERS,
    GRID,
    PLACE,
    POINTS,
    POWERS,
    SHAPES,
    SQUARES,
    M,
    corner_cells,
    corner_squares,
    laplace,
    length,
    length_limit,
    moments,
    near,
    u,
)
from ._lattice import HOT, kappa
from ._product_grid import N, j
from ._square import SOME, nu
from .finite_grid import P
from .finite_grid_ratio import ORDER, colder


def _claim(shave: Fraction = Fraction(1), below: bool = True, extra: int = 1) -> Claim:
    place = PLACE if below else PLACE[:3]
    setting = (HOT, SOME, AXES, POINTS, *place, *GRID.hypotheses(), *CORNER.hypotheses())
    drop = sp.exp(-extra * ALLOWANCE * (colder - kappa) / 2)
    ratio = le(GRID.mass(kappa) * CORNER.mass(colder) * drop, number(shave) * GRID.mass(colder) * CORNER.mass(kappa))
    parts = [Sequent((*setting, ORDER), ratio)]
    for power in POWERS:
        left, right = moments(power, extra)
        parts.append(Sequent((*setting, SQUARES, CORNERS), le(left, number(shave) * right)))
    limit = le(GRID.mass(kappa, sp.sqrt(GRID.squares(N, j))), number(shave) * M * GRID.mass(kappa))
    every = (HOT, AXES, POINTS, *place, *GRID.hypotheses(), SQUARES, *SHAPES, CAP)
    return Claim("corner-lemma", (*parts, Sequent(every, limit)))


def _proof(statement: Claim) -> Sequence[Fact]:
    return laplace(), *(length(power) for power in POWERS), length_limit()


def _brute(example: Example, shave: Fraction = Fraction(1), below: bool = True, extra: int = 1) -> Sequence[Pairs]:
    value = example.values
    warm, cold, last, axes = value[kappa], value[colder], 2 * int(value[nu]) + 1, int(value[N])
    lines = [[(k_ - value[u](a)) ** 2 for k_ in range(int(value[P]))] for a in range(1, axes + 1)]
    half = [Fraction(2 * a + 1, 2) ** 2 for a in range(last + 1)]
    far, corner = ([sum(cell) for cell in itertools.product(*sides)] for sides in (lines, [half] * axes))
    loss = ball(4 * axes * extra * (last + len(lines[0]) + 3) ** 4) * ball(-warm * (last**2 - 1) / 4).exp()

    def direct(squares: Sequence[Fraction], heat: Fraction, power: int = 0, more: arb | int = 0) -> arb:
        weights = [ball(-heat * square / 2).exp() for square in squares]
        return sum(((ball(s) + more) ** power).root(4) * w for s, w in zip(squares, weights, strict=True))

    drop = (-loss * ball(cold - warm) / 2).exp()
    factor = ball(shave)
    found = [((direct(far, warm) * direct(corner, cold) * drop, factor * direct(far, cold) * direct(corner, warm)),)]
    for power in (1, 2, 3):
        left = direct(corner, warm) * direct(far, warm, power)
        found.append(((left, factor * direct(far, warm) * direct(corner, warm, power, loss)),))
    limit = (direct(far, warm, 2), factor * ball(value[M]) * direct(far, warm))
    return (*found, (limit,))


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    half = Fraction(1, 2)
    for axes, size in ((1, 4), (2, 3)) if level < 2 else ((1, 8), (2, 3), (3, 2)):
        for points in (1, 3):
            for first in (-half, Fraction(0), Fraction(1, 3), half, Fraction(-2)):
                places = [first] + [points - half] * (axes - 1)
                for terms in (0, size):
                    found.append(_example(points, places, terms))
    return tuple(found)


def _example(points: int, places: list[Fraction], terms: int) -> Example:
    def square(offsets: list[list[Fraction]], size: int) -> Callable[[int, int], Fraction]:
        return lambda depth, cell: sum((offsets[a][cell // size**a % size] ** 2 for a in range(depth)), Fraction(0))

    axes = len(places)
    lines = [[Fraction(a) - x for a in range(points)] for x in places]
    halves = [Fraction(2 * a + 1, 2) for a in range(2 * terms + 12)]
    values = {
        kappa: Fraction(3),
        colder: Fraction(4),
        nu: Fraction(terms),
        P: Fraction(points),
        N: Fraction(axes),
        u: lambda a: places[a - 1],
        near: lambda a: Fraction(min(max(math.floor(places[a - 1] + Fraction(1, 2)), 0), points - 1)),
        GRID.cells: lambda a: Fraction(points**a),
        GRID.squares: square(lines, points),
        corner_cells: lambda size, a: Fraction((2 * size + 2) ** a),
        corner_squares: lambda size, a, cell: square([halves[: 2 * size + 2]] * axes, 2 * size + 2)(a, cell),
        M: Fraction(9),
    }
    return Example(f"kappa=3, kappa_1=4, P={points}, x=({', '.join(map(str, places))}), nu={terms}", values)


LEMMA = Lemma(
    slug="corner-lemma",
    group="lattice",
    words="On a product grid of N axes the weights exp(-kappa |z|^2/2) have E exp(-s |z|^2) at least that of a cell"
    " corner, whose coordinates are independently 1/2, 3/2, ..., cut after 2 nu + 2 terms an axis, times a"
    " factor that tends to 1: the product of finite-grid-ratio over the axes. So E|z|_2^alpha is at most the"
    " cut corner's, its squared length enlarged by N LOSS, which tends to 0 (for alpha = 1/2, 1, 3/2); and"
    " E|z|_2 <= M for every M that bounds the mean length of all cut corners (m_{1,N} is the least such M)."
    " Cell k C(n) + j of n + 1 axes is cell j of n axes at point k of the new one, and D, E are the squared"
    " lengths.",
    latex=r"E\,e^{-s\|z\|^2}\ge(1-o(1))\Bigl(\frac{\Theta_{2\nu+1}(\kappa+2s)}{\Theta_{2\nu+1}(\kappa)}\Bigr)^N,\qquad"
    r" E\|z\|_2\le m_{1,N}(\kappa)=\sup_\nu E\|Y^{(\nu)}\|_2",
    source="ours",
    hypotheses=(
        "kappa_1 >= kappa > 0, nu >= 0, N >= 1 axes of P >= 1 points",
        "k_0(l) = 0, ..., P - 1 is a nearest centre on axis l: |u(l) - k_0(l)| <= 1/2",
        "C(n) = P^n cells with D(n+1, k C(n) + j) = D(n, j) + (k - u(n+1))^2, D(0, 0) = 0, D >= 0",
        "B(n) = (2 nu + 2)^n cells with E(n+1, k B(n) + j) = E(n, j) + (k + 1/2)^2, E(0, 0) = 0, E(N, j) >= 1/4",
        "last part: M is at least the mean length of every corner, cut after 2 nu + 2 terms, for every nu >= 0",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    beyond="it compares products of sums over a symbolic number of points and axes, and ends in a limit",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("a point may lie farther below the grid", {"below": False}),
        Mutant("no allowance for cutting the corner", {"extra": 0}),
    ),
)
