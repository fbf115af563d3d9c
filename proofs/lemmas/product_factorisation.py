"""Softmax over a product grid factors into softmaxes over the axes, for any number of axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import product as product_of
from typing import Any

import sympy as sp
from flint import arb

from ..claim import All, Claim, Sequent, count, eq, function, ge, integer, le, number
from ..derived import assumed, equal_exponentials
from ..kernel import Fact, classical, combine, identity, induction, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

P, D, n, k, j, axis_index = (integer(name) for name in ("P", "D", "n", "k", "j", "l"))
g, S, M = function("g"), function("S"), count("M")
POINTS, AXES, START, PRESENT, AHEAD = ge(P, 1), ge(D, 0), ge(n, 0), le(n, D), le(n + 1, D)
ONE_CELL, NO_SCORE = eq(M(0), 1), eq(S(0, 0), 0)
CELLS = All(n, 0, D - 1, eq(M(n + 1), P * M(n)))
SIZES = All(n, 0, D, ge(M(n), 1))
PLACE = (START, AHEAD, ge(k, 0), le(k, P - 1), ge(j, 0), le(j, M(n) - 1))
POSITION = k * M(n) + j


def _scores(sign: int = 1) -> All:
    body = eq(S(n + 1, POSITION), S(n, j) + sign * g(n + 1, k))
    return All(n, 0, D - 1, All(k, 0, P - 1, All(j, 0, M(n) - 1, body)))


def axis(level: sp.Expr) -> sp.Expr:
    """Sum over the points of one axis of exp(g)."""
    return sp.Sum(sp.exp(g(level, k)), (k, 0, P - 1))


def product(level: sp.Expr) -> sp.Expr:
    """The product of the axis sums 1, ..., level, written as exp of a sum of logarithms."""
    return sp.exp(sp.Sum(sp.log(axis(axis_index)), (axis_index, 1, level)))


def total(level: sp.Expr) -> sp.Expr:
    """Sum over all M(level) cells of the first `level` axes of exp(score)."""
    return sp.Sum(sp.exp(S(level, j)), (j, 0, M(level) - 1))


def _claim(share: Fraction = Fraction(1), sign: int = 1, power: int = 1) -> Claim:
    part = sp.exp(S(n, j)) / total(n) * sp.exp(g(n + 1, k)) ** power / axis(n + 1)
    weight = eq(sp.exp(S(n + 1, POSITION)) / total(n + 1), part)
    grid = (POINTS, AXES, ONE_CELL, NO_SCORE, CELLS, SIZES, _scores(sign))
    return Claim(
        "product-factorisation",
        (Sequent((*grid, START, PRESENT), eq(total(n), number(share) * product(n))), Sequent((*grid, *PLACE), weight)),
    )


@cache
def _one_axis_more() -> tuple[Fact, Fact, list[Fact]]:
    """exp of one score at level n + 1, the total at level n + 1, and the facts about sizes that they used."""
    points, cells, scores, sizes, start, ahead = assumed(POINTS, CELLS, _scores(), SIZES, START, AHEAD)
    place = [start, ahead]
    here, above = (specialise(sizes, level, given=place) for level in (n, n + 1))
    row = [points, here, above, *place]
    one = specialise(specialise(scores, n, given=place), k, j)
    split = combine(
        eq(sp.exp(S(n + 1, POSITION)), sp.exp(S(n, j)) * sp.exp(g(n + 1, k))), [(1, equal_exponentials(one))]
    )
    blocks = termwise(termwise(split, j, 0, M(n) - 1, row), k, 0, P - 1, row)
    slot = integer("slot")
    fubini = classical("finite Fubini", k, P, j, M(n), sp.Lambda(slot, sp.exp(S(n + 1, slot))), given=row)
    flat = sp.Sum(sp.exp(S(n + 1, j)), (j, 0, P * M(n) - 1))
    renamed = identity(total(n + 1), flat, row, using=[specialise(cells, n, given=place)])
    whole = combine(eq(total(n + 1), total(n) * axis(n + 1)), [(1, renamed), (1, fubini), (1, blocks)], row)
    return split, whole, row


def _proof(statement: Claim) -> Sequence[Fact]:
    split, whole, row = _one_axis_more()
    axes, one, zero, sizes = assumed(AXES, ONE_CELL, NO_SCORE, SIZES)
    first = specialise(sizes, 0, given=[axes])
    single = identity(total(sp.Integer(0)), sp.exp(S(0, 0)), [first], using=[one])
    unit = identity(sp.exp(S(0, 0)), sp.Integer(1), using=[zero])
    base = combine(eq(total(sp.Integer(0)), product(sp.Integer(0))), [(1, single), (1, unit)], row[:1])
    goal = eq(total(n), product(n))
    hypothesis = assumed(POINTS, SIZES, START, PRESENT, goal)[-1]
    step = combine(eq(total(n + 1), product(n + 1)), [(1, whole), (axis(n + 1), hypothesis)], row)
    factored = total(n) * axis(n + 1)
    part = sp.exp(S(n, j)) * sp.exp(g(n + 1, k))
    weight = combine(
        eq(sp.exp(S(n + 1, POSITION)) / total(n + 1), part / factored),
        [(1 / total(n + 1), split), (-part / (factored * total(n + 1)), whole)],
        row,
    )
    return induction(goal, n, 0, base, step, upto=D), weight


def _brute(example: Example, share: Fraction = Fraction(1), sign: int = 1, power: int = 1) -> Sequence[Pairs]:
    value = example.values
    points, level, row, column = (int(value[name]) for name in (P, n, k, j))
    powers = [[ball(value[g](a, p)).exp() for p in range(points)] for a in range(1, level + 2)]
    sums = [sum(line, arb(0)) for line in powers]
    every = [[ball(value[S](depth, cell)).exp() for cell in range(points**depth)] for depth in range(level + 2)]
    axes = ball(share)
    for part in sums[:level]:
        axes = axes * part
    weight = every[level + 1][row * points**level + column] / sum(every[level + 1], arb(0))
    factors = every[level][column] / sum(every[level], arb(0)) * powers[level][row] ** power / sums[level]
    return ((sum(every[level], arb(0)), axes),), ((weight, factors),)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for points in (1, 2, 3):
        for depth in (1, 2, 3) if level < 2 else (1, 2, 3, 5):
            for place, sign in product_of(range(depth), (1, -1)):
                table = {P: points, D: depth, n: place, k: points - 1, j: points**place - 1}
                values: dict[sp.Basic, Any] = {key: Fraction(value) for key, value in table.items()}
                values |= {M: _cells_of(points), g: _height, S: _scores_of(points, sign)}
                signs = "sums" if sign == 1 else "negative sums"
                found.append(Example(f"P={points}, D={depth}, n={place}, g(l,k)=(2k-l)/3, scores {signs}", values))
    return tuple(found)


def _cells_of(points: int) -> Callable[[int], Fraction]:
    return lambda level: Fraction(points**level)


def _scores_of(points: int, sign: int) -> Callable[[int, int], Fraction]:
    def score(level: int, cell: int) -> Fraction:
        digits = [cell // points ** (b - 1) % points for b in range(1, level + 1)]
        return sum((sign * _height(b, digit) for b, digit in enumerate(digits, 1)), Fraction(0))

    return score


def _height(a: int, p: int) -> Fraction:
    return Fraction(2 * p - a, 3)


LEMMA = Lemma(
    slug="product-factorisation",
    group="max-affine",
    words="On a product grid with scores that are sums over the axes, the normaliser is the product of the axis"
    " normalisers, and a softmax weight of n+1 axes is a weight of n axes times a weight of the new axis: axis by axis,"
    " the product of the axis weights. Cells of n axes are numbered 0, ..., M(n)-1; cell k M(n) + j of n+1 axes is cell"
    " j of n axes at point k of the new one.",
    latex=r"\sum_{k_1,\dots,k_n}e^{\sum_l g_l(k_l)}=\prod_{l=1}^n\sum_k e^{g_l(k)},\qquad"
    r"p_{(k_1,\dots,k_n,k)}=p_{(k_1,\dots,k_n)}\cdot\frac{e^{g_{n+1}(k)}}{\sum_{k'}e^{g_{n+1}(k')}}",
    source="ours; [MA] uses the grid without factoring it",
    hypotheses=(
        "P >= 1 points an axis, D >= 0 axes",
        "M(0) = 1 and M(n+1) = P M(n), so M(n) = P^n >= 1",
        "S(0,0) = 0 and S(n+1, k M(n) + j) = S(n, j) + g(n+1, k)",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two points by two",
            "exp(a+c)/(exp(a+c) + exp(a+d) + exp(b+c) + exp(b+d)) == exp(a)/(exp(a) + exp(b))*exp(c)/(exp(c) + exp(d))",
        ),
    ),
    beyond="it is about families of scores on grids of symbolic size",
    mutants=(
        Mutant("normaliser one percent smaller", {"share": Fraction(99, 100)}),
        Mutant("scores with the opposite sign on the new axis", {"sign": -1}),
        Mutant("the new axis counted twice", {"power": 2}),
    ),
)
