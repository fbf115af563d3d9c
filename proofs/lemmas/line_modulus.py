"""A line alpha + beta r under an L^p mean: the step behind the concave modulus (Minkowski for a constant)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import Claim, Formula, claim, eq, ge, gt, le, number, real
from ..derived import assumed
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Example, Lemma, Mutant, Pairs
from ..values import ball
from ._powers import CONVEX, SIZE, Row, a, i, listed, m, n, p, power_of, power_tangent, shown, total, w, x
from .jensen_power import ENTRIES, WEIGHTS

alpha, beta, radius = real("alpha"), real("beta"), real("r")
START, RISES, REACH = gt(alpha, 0), ge(beta, 0), gt(radius, 0)
MASS, MOMENT = eq(total(w(i)), 1), le(total(w(i) * a(i) ** p), radius**p)
TOP = alpha + beta * radius


def _claim(shave: Fraction = Fraction(1), convex: bool = True, mass: bool = True) -> Claim:
    optional: list[Formula] = [*[CONVEX] * convex, *[MASS] * mass]
    goal = le(total(w(i) * (alpha + beta * a(i)) ** p), number(shave) * TOP**p)
    return claim("line-modulus", (SIZE, WEIGHTS, ENTRIES, START, RISES, REACH, MOMENT, *optional), goal)


@cache
def line_modulus() -> Fact:
    """sum w (alpha + beta a)^p <= (alpha + beta r)^p, by the tangent at alpha + beta a, at TOP and at TOP a / r."""
    size, convex, weights, entries, start, rises, reach, mass, moment = assumed(
        SIZE, CONVEX, WEIGHTS, ENTRIES, START, RISES, REACH, MASS, MOMENT
    )
    weight, entry = specialise(weights, i), specialise(entries, i)
    known = [convex, entry, start, rises, reach]
    here = alpha + beta * a(i)
    ends = [combine(gt(term, 0), [], known) for term in (here, TOP, TOP * a(i) / radius)]
    flat, steep = (
        substitute(power_tangent(), {m: here, x: point}, [ends[0], end])
        for point, end in ((TOP, ends[1]), (TOP * a(i) / radius, ends[2]))
    )
    share = alpha / TOP, beta * radius / TOP
    scaled = TOP**p * (share[0] + share[1] * a(i) ** p / radius**p)
    one = combine(le(here**p, scaled), [(share[0], flat), (share[1], steep)], [*known, *ends], rest=sp.Integer(0))
    summed = termwise(
        combine(le(w(i) * here**p, w(i) * scaled), [(w(i), one)], [weight, *known, *ends]),
        i, 0, n - 1, [size, convex, weights, entries, start, rises, reach],
    )  # fmt: skip
    outside = [size, convex, weights, entries, start, rises, reach, combine(gt(TOP, 0), [], [start, rises, reach])]
    terms = [(1, summed), (TOP**p * share[0], mass), (TOP**p * share[1] / radius**p, moment)]
    return combine(le(total(w(i) * here**p), TOP**p), terms, outside, rest=sp.Integer(0))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (line_modulus(),)


def _brute(example: Example, shave: Fraction = Fraction(1), convex: bool = True, mass: bool = True) -> Sequence[Pairs]:
    value = example.values
    first, slope, power = (value[name] for name in (alpha, beta, p))
    lines = [power_of(first + slope * value[a](k), power) * ball(value[w](k)) for k in range(int(value[n]))]
    return (((sum(lines, arb(0)), ball(shave) * power_of(first + slope * value[radius], power)),),)


def _examples(level: int) -> tuple[Example, ...]:
    half, third = Fraction(1, 2), Fraction(1, 3)
    tables: tuple[tuple[Row, Row, Fraction | int], ...] = (
        ((1,), (2,), 2),
        ((half, half), (1, 3), 3),
        ((third,) * 3, (1, 2, 2), 2),
        ((1, 1), (1, 1), 2),
        ((half, half), (1, 4), Fraction(9, 4)),
    )
    found = []
    for weights, entries, reach in tables:
        for power in map(Fraction, ("1", "2", "1/2") if level < 2 else ("1", "3/2", "2", "4", "1/2")):
            for first, slope in ((half, Fraction(0)), (half, Fraction(1)), (Fraction(3), third)):
                base: dict[sp.Basic, Fraction | int] = {
                    n: len(weights),
                    p: power,
                    alpha: first,
                    beta: slope,
                    radius: reach,
                }
                numbers = {key: Fraction(entry) for key, entry in base.items()}
                words = f"p={power}, {first} + {slope} r, r={reach}, w={shown(weights)}, a={shown(entries)}"
                values = {**numbers, w: listed(weights), a: listed(entries)}
                found.append(Example(words, values))
    return tuple(found)


LEMMA = Lemma(
    slug="line-modulus",
    group="max-affine-lp",
    words="If the p-th powers of positive numbers a_i have a weighted mean of at most r^p, then those of alpha + beta"
    " a_i have at most (alpha + beta r)^p, p >= 1 real, alpha > 0, beta >= 0. A concave modulus is an infimum of"
    " such lines, so its L^p mean over the shifts h s is at most its value at h mu_p. (alpha = 0 follows by"
    " continuity.)",
    latex=r"\sum_iw_i(\alpha+\beta a_i)^p\le(\alpha+\beta r)^p\quad\text{if }\sum_iw_ia_i^p\le r^p,\ \sum_iw_i=1",
    source="classical (Minkowski); proved here from the tangent of t^p",
    hypotheses=("p >= 1", "w_i >= 0 with sum 1, a_i > 0", "alpha > 0, beta >= 0, r > 0", "sum w_i a_i^p <= r^p"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    beyond="it is about sums of symbolic length",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("every real exponent", {"convex": False}),
        Mutant("weights of any total", {"mass": False}),
    ),
)
