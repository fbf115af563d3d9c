"""The midpoint grid covers the box with radius half the cell diagonal, attained at the corners."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp

from ..claim import All, Claim, Sequent, eq, function, ge, gt, integer, le, lt, number, real
from ..derived import assumed, at_most_in_absolute_value, root_at_most
from ..kernel import Fact, classical, combine, identity, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

P, N, k = integer("P"), integer("N"), integer("k")
a, b, t, u = (real(name) for name in "abtu")
x, c, h, q = function("x"), function("c"), function("h"), function("q")
POINTS, BOX, LOW, HIGH = ge(P, 1), gt(b, a), ge(t, a), le(t, b)
STEP = (b - a) / P
UNIT_CELL = sp.Min(sp.floor(u), P - 1)
CELL = sp.Min(sp.floor((t - a) / STEP), P - 1)
DIMENSION, STEPS = ge(N, 1), All(k, 1, N, gt(h(k), 0))
INSIDE = All(k, 1, N, le(sp.Abs(x(k) - c(k)), h(k) / 2))
CORNER = All(k, 1, N, eq(c(k), x(k) + (q(k) + sp.Rational(1, 2)) * h(k)))
GRID = All(k, 1, N, ge(q(k), 0))
SQUARE, STEPS_SQUARED = sp.Sum((x(k) - c(k)) ** 2, (k, 1, N)), sp.Sum(h(k) ** 2, (k, 1, N))


def _claim(radius: Fraction = Fraction(1, 2), corner: Fraction = Fraction(1, 2), last: int = 1) -> Claim:
    cell = sp.Min(sp.floor((t - a) / STEP), P - last)
    axis = (POINTS, BOX, LOW, HIGH)
    return Claim(
        "covering-radius",
        (
            Sequent(axis, ge(cell, 0)),
            Sequent(axis, le(cell, P - 1)),
            Sequent(axis, le(sp.Abs(t - a - (cell + sp.Rational(1, 2)) * STEP), number(radius) * STEP)),
            Sequent((DIMENSION, STEPS, INSIDE), le(sp.sqrt(SQUARE), number(radius) * sp.sqrt(STEPS_SQUARED))),
            Sequent((DIMENSION, STEPS, CORNER, GRID), le(number(corner) * sp.sqrt(STEPS_SQUARED), sp.sqrt(SQUARE))),
        ),
    )


def _unit_axis() -> list[Fact]:
    """For 0 <= u <= P and k = min(floor(u), P - 1): 0 <= k, k <= P - 1, u - k <= 1 and k <= u."""
    points, low, high = assumed(POINTS, ge(u, 0), le(u, P))
    below, above = (classical(name, u) for name in ("floor below", "floor above"))
    first = classical(
        "integers are discrete",
        sp.Integer(-1),
        sp.floor(u),
        given=[combine(lt(-1, sp.floor(u)), [(1, above), (1, low)])],
    )
    goals = [ge(UNIT_CELL, 0), le(UNIT_CELL, P - 1), le(u, UNIT_CELL + 1), le(UNIT_CELL, u)]
    inner, outer = assumed(le(sp.floor(u), P - 1), le(P - 1, sp.floor(u)))
    value = classical("minimum value", sp.floor(u), P - 1, given=[inner])
    last = classical("minimum value", P - 1, sp.floor(u), given=[outer])
    cases = [
        [[(1, first), (-1, value)], [(1, inner), (1, value)], [(1, above), (-1, value)], [(1, below), (1, value)]],
        [[(1, points), (-1, last)], [(1, last)], [(1, high), (-1, last)], [(1, outer), (1, below), (1, last)]],
    ]
    return [
        classical(
            "total order",
            sp.floor(u),
            P - 1,
            goal,
            given=[combine(goal, cases[0][place]), combine(goal, cases[1][place]), points, low, high],
        )
        for place, goal in enumerate(goals)
    ]


@cache
def _axis() -> tuple[Fact, Fact, Fact]:
    known = points, box, low, high = assumed(POINTS, BOX, LOW, HIGH)
    place = (t - a) / STEP
    start = combine(ge(place, 0), [(1 / STEP, low)], [points, box])
    end = combine(le(place, P), [(1 / STEP, high)], [points, box])
    first, last, right, left = (substitute(fact, {u: place}, [*known, start, end]) for fact in _unit_axis())
    off = t - a - (CELL + sp.Rational(1, 2)) * STEP
    sides = [
        combine(le(sign * off, STEP / 2), [(STEP, side)], [points, box]) for sign, side in ((1, right), (-1, left))
    ]
    return first, last, at_most_in_absolute_value(*sides)


@cache
def covered() -> Fact:
    """|x - c| <= sqrt(sum h_k^2)/2 if |x_k - c_k| <= h_k/2 on every axis."""
    size, steps, inside = assumed(DIMENSION, STEPS, INSIDE)
    step, close = specialise(steps, k), specialise(inside, k)
    off = sp.Abs(x(k) - c(k))
    one = combine(le((x(k) - c(k)) ** 2, h(k) ** 2 / 4), [(h(k) / 2 + off, close)], [step])
    total = termwise(one, k, 1, N, [size])
    bound = sp.sqrt(STEPS_SQUARED) / 2
    square = combine(le(SQUARE, bound**2), [(1, total)], [size, steps])
    return root_at_most(square, combine(gt(bound, 0), [], [size, steps]), [size])


@cache
def corner_distance() -> Fact:
    """The corner of the box is at least sqrt(sum h_k^2)/2 from every centre x_k + (q_k + 1/2) h_k, q_k >= 0."""
    size, steps, corner, grid = assumed(DIMENSION, STEPS, CORNER, GRID)
    step, place, index = (specialise(fact, k) for fact in (steps, corner, grid))
    away = (q(k) + sp.Rational(1, 2)) * h(k)
    square = identity((x(k) - c(k)) ** 2, away**2, [step], using=[place])
    one = combine(le(h(k) ** 2 / 4, (x(k) - c(k)) ** 2), [(-1, square)], [step, index])
    total = termwise(one, k, 1, N, [size])
    flat = sp.sqrt(STEPS_SQUARED) / 2
    positive = combine(gt(SQUARE, 0), [(1, total)], [size, steps])
    root = combine(gt(sp.sqrt(SQUARE), 0), [], [positive])
    below = combine(le(STEPS_SQUARED / 4, sp.sqrt(SQUARE) ** 2), [(1, total)], [size, root])
    lower = root_at_most(below, root, [size])
    return combine(le(flat, sp.sqrt(SQUARE)), [(1, lower)], [size, steps])


def _proof(statement: Claim) -> Sequence[Fact]:
    return (*_axis(), covered(), corner_distance())


def _brute(
    example: Example, radius: Fraction = Fraction(1, 2), corner: Fraction = Fraction(1, 2), last: int = 1
) -> Sequence[Pairs]:
    value = example.values
    points, size = int(value[P]), int(value[N])
    step = (value[b] - value[a]) / points
    cell = min(int((value[t] - value[a]) // step), points - last)
    off = abs(value[t] - value[a] - (cell + Fraction(1, 2)) * step)
    steps = [value[h](axis) for axis in range(1, size + 1)]
    square = sum((value[x](axis) - value[c](axis)) ** 2 for axis in range(1, size + 1))
    distance, diagonal = ball(square).sqrt(), ball(sum(width**2 for width in steps)).sqrt()
    return (
        ((Fraction(0), Fraction(cell)),),
        ((Fraction(cell), Fraction(points - 1)),),
        ((off, radius * step),),
        ((distance, ball(radius) * diagonal),),
        ((ball(corner) * diagonal, distance),),
    )


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for size in (1, 2, 3):
        for points in (1, 2, 5):
            for share in (Fraction(0), Fraction(1, 2), Fraction(3, 5), Fraction(1)):
                for place in (0, 2):
                    table: dict[sp.Basic, Any] = {
                        P: Fraction(points),
                        N: Fraction(size),
                        a: Fraction(-1),
                        b: Fraction(2),
                        t: -1 + 3 * share,
                    }
                    table[h] = lambda axis: Fraction(1, axis)
                    table[x] = lambda axis: Fraction(axis)
                    table[q] = lambda axis, place=place: Fraction(place)
                    table[c] = lambda axis, place=place: axis + (place + Fraction(1, 2)) * Fraction(1, axis)
                    words = f"P={points}, N={size}, t={-1 + 3 * share} in [-1,2], h_k=1/k, corner against cell {place}"
                    found.append(Example(words, table))
    return tuple(found)


LEMMA = Lemma(
    slug="covering-radius",
    group="max-affine",
    words="On an axis, every t in [a,b] has a cell 0, ..., P-1 whose centre is at most half a step off; a point at most"
    " h_k/2 off a centre on each axis is within sqrt(sum h_k^2)/2 of it; a corner of the box is at least that far from"
    " every centre.",
    latex=r"\sup_{x\in K}\min_j\|x-v_j\|_2=\tfrac12\sqrt{\textstyle\sum_k h_k^2}",
    source="ours; used in [MA] Thm 4.1",
    hypotheses=("P, N >= 1", "a < b, a <= t <= b", "h_k > 0", "|x_k - c_k| <= h_k/2, or x a corner and c a centre"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the cell of t on [0, 1] with P cells, in cells",
            "abs(P*t - floor(P*t) - 1/2) <= 1/2",
            ("P >= 1 integer", "t in [0, 1]"),
        ),
        Core(
            "instance",
            "dimension 2",
            "sqrt(x**2 + y**2) <= sqrt(h**2 + g**2)/2",
            ("h > 0", "g > 0", "abs(x) <= h/2", "abs(y) <= g/2"),
        ),
    ),
    beyond="the dimension is symbolic",
    mutants=(
        Mutant("radius 49/100 of the diagonal", {"radius": Fraction(49, 100)}),
        Mutant("a corner further than 51/100 of the diagonal", {"corner": Fraction(51, 100)}),
        Mutant("cells counted to P in place of P - 1", {"last": 0}),
    ),
)
