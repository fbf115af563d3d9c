"""The overlap kernel: a weight is small when x is far from the whole cell of its centre."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import Claim, Formula, claim, ge, integer, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, combine, substitute
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._lattice import HOT, kappa
from .finite_grid import ABOVE, BELOW, FIRST, GRID_MASS, HALF, LATER, P, centre, u
from .finite_grid_ratio import nearest
from .one_sided_grid import gauss

cell = real("z")
shift = real("s")

point = integer("k_1")
FAR = ge(shift, HALF)
PLACE = (HOT, FIRST, LATER, ABOVE, BELOW, FAR)


def _claim(slack: Fraction = Fraction(0), quarter: int = 1, below: bool = True) -> Claim:
    reach = HALF + number(slack)
    bound = sp.exp(-kappa / 2 * ((shift - HALF) ** 2 - sp.Rational(quarter, 4)))
    place = (*PLACE[:4], *[BELOW] * below, FAR)
    parts = []
    for sign in (1, -1):
        local: tuple[Formula, ...] = (ge(sign * (cell - u), shift), le(sign * (cell - point), reach))
        parts.append(claim("overlap-kernel", (*place, *local), le(gauss(point - u) / GRID_MASS, bound)).parts[0])
    return Claim("overlap-kernel", tuple(parts))


@cache
def overlap(sign: int) -> Fact:
    """The bound for cells on the right (sign 1) or left (-1) of u."""
    hot, first, later, _, _, far, away, inside = assumed(
        *PLACE, ge(sign * (cell - u), shift), le(sign * (cell - point), HALF)
    )
    distance = combine(ge(sign * (point - u), shift - HALF), [(1, away), (1, inside)])
    room = combine(ge(shift - HALF, 0), [(1, far)])
    total = combine(ge(sign * (point - u) + shift - HALF, 0), [(1, distance), (2, room)])
    exponent = combine(
        le(-kappa * (point - u) ** 2 / 2, -kappa * (shift - HALF) ** 2 / 2),
        [(kappa / 2 * (sign * (point - u) + shift - HALF), distance)],
        [hot, total],
        rest=sp.Integer(0),
    )
    small, mass = exponential(exponent), substitute(nearest())
    given = [hot, first, later, combine(ge(GRID_MASS, sp.exp(-kappa / 8)), [(1, mass)])]
    bound = sp.exp(-kappa / 2 * ((shift - HALF) ** 2 - sp.Rational(1, 4)))
    terms = [(1 / GRID_MASS, small), (bound / GRID_MASS, mass)]
    return combine(le(gauss(point - u) / GRID_MASS, bound), terms, given, rest=sp.Integer(0))


def _proof(statement: Claim) -> Sequence[Fact]:
    return overlap(1), overlap(-1)


def _brute(example: Example, slack: Fraction = Fraction(0), quarter: int = 1, below: bool = True) -> Sequence[Pairs]:
    value = example.values
    heat, place, at = value[kappa], value[u], int(value[point])
    weights = [ball(-heat * (k - place) ** 2 / 2).exp() for k in range(int(value[P]))]
    mine = ball(-heat * (at - place) ** 2 / 2).exp()
    bound = ball(-heat / 2 * ((value[shift] - Fraction(1, 2)) ** 2 - Fraction(quarter, 4))).exp()
    pair = (mine / sum(weights, arb(0)), bound)
    return (pair,), (pair,)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    places = ((1, "1/2"), (2, "1/2"), (5, "7/3"), (4, "-1/2"), (3, "-4"))
    for heat, (size, text) in itertools.product((1, 6, 20), places):
        place = Fraction(text)
        near = min((abs(k - place), k) for k in range(size))[1]
        for at, end, sign in itertools.product(range(size), map(Fraction, ("-1/2", "0", "1/2", "3/4")), (1, -1)):
            z = at + sign * end
            sizes = {kappa: heat, P: size, centre: near, point: at}
            values = {key: Fraction(entry) for key, entry in sizes.items()}
            words = f"kappa={heat}, P={size}, u={place}, centre {at}, z={z}"
            found.append(Example(words, {**values, u: place, cell: z, shift: sign * (z - place)}))
    return tuple(found)


LEMMA = Lemma(
    slug="overlap-kernel",
    group="max-affine-lp",
    words="On one axis with the centres 0, ..., P-1, one of them within 1/2 of u: if z lies in the cell of a centre"
    " (within 1/2 of it) and |z - u| >= s >= 1/2, the weight of that centre at u is at most"
    " exp(-(kappa/2)((s-1/2)^2 - 1/4)), as the centre is at least s - 1/2 away and the normaliser at least"
    " exp(-kappa/8). Weights are at most 1, and products over the axes (product-factorisation), so the weight of"
    " the cell of x + hs is at most the product of g(s_i).",
    latex=r"|z-u|\ge s,\ |z-k|\le\tfrac12\ \Rightarrow\ p_k(u)\le e^{-\frac\kappa2((s-\frac12)^2-\frac14)},"
    r"\quad s\ge\tfrac12",
    source="ours",
    hypotheses=(
        "kappa > 0, a centre k_0 in 0, ..., P - 1 within 1/2 of u",
        "z within 1/2 of the centre k_1, on its far side: z - u >= s (or u - z >= s), s >= 1/2",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the squared distance",
            "(k - u)**2 >= (s - 1/2)**2",
            ("s >= 1/2", "z - u >= s", "z - k <= 1/2", "k in [-50, 50]", "u in [-50, 50]", "z in [-60, 60]"),
        ),
    ),
    beyond="it is about a grid of symbolic size",
    mutants=(
        Mutant("no allowance for the nearest centre's own distance", {"quarter": 0}),
        Mutant("cells half as wide again", {"slack": Fraction(1, 4)}),
        Mutant("u may lie far below the grid", {"below": False}),
    ),
)
