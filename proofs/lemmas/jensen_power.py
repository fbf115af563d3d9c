"""Jensen's step for cell averages: the p-th power of a weighted mean is at most the weighted mean of p-th powers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, Formula, claim, eq, ge, gt, number
from ..derived import assumed
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._powers import CONVEX, SIZE, Row, a, i, listed, m, n, p, power_of, power_tangent, shown, total, w, x

WEIGHTS = All(i, 0, n - 1, ge(w(i), 0))
ENTRIES = All(i, 0, n - 1, gt(a(i), 0))
MASS, MEAN, SOME = eq(total(w(i)), 1), eq(total(w(i) * a(i)), m), gt(m, 0)


def _claim(shave: Fraction = Fraction(1), convex: bool = True, mass: bool = True) -> Claim:
    optional: list[Formula] = [*[CONVEX] * convex, *[MASS] * mass]
    goal = ge(number(shave) * total(w(i) * a(i) ** p), m**p)
    return claim("jensen-power", (SIZE, WEIGHTS, ENTRIES, MEAN, SOME, *optional), goal)


@cache
def jensen() -> Fact:
    """m^p <= sum w a^p."""
    size, convex, weights, entries, mass, mean, some = assumed(SIZE, CONVEX, WEIGHTS, ENTRIES, MASS, MEAN, SOME)
    weight, entry = specialise(weights, i), specialise(entries, i)
    tangent = substitute(power_tangent(), {x: a(i)}, [entry])
    one = combine(
        ge(w(i) * a(i) ** p, w(i) * (m**p + p * m**p / m * (a(i) - m))), [(w(i), tangent)], [weight, entry, some]
    )
    summed = termwise(one, i, 0, n - 1, [size, convex, some, weights, entries])
    slope = p * m**p / m
    terms = [(1, summed), (slope * m - m**p, mass), (-slope, mean)]
    return combine(ge(total(w(i) * a(i) ** p), m**p), terms, [size, some, entries], rest=sp.Integer(0))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (jensen(),)


def _brute(example: Example, shave: Fraction = Fraction(1), convex: bool = True, mass: bool = True) -> Sequence[Pairs]:
    value = example.values
    size = int(value[n])
    powers = [power_of(value[a](k), value[p]) * ball(value[w](k)) for k in range(size)]
    return (((power_of(value[m], value[p]), ball(shave) * sum(powers, arb(0))),),)


def _examples(level: int) -> tuple[Example, ...]:
    tables: list[tuple[Row, Row]] = [
        ((1,), (3,)),
        ((Fraction(1, 2), Fraction(1, 2)), (1, 4)),
        ((Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)), (Fraction(1, 8), 1, 2)),
        ((Fraction(1, 3),) * 3, (5, 5, 5)),
        ((1, 1), (1, 2)),
    ]
    powers = ("1", "3/2", "2", "1/2") if level < 2 else ("1", "3/2", "2", "7/3", "5", "1/2")
    found = []
    for weights, entries in tables:
        for power in map(Fraction, powers):
            mean = sum((Fraction(u) * v for u, v in zip(weights, entries, strict=True)), Fraction(0))
            values = {n: Fraction(len(weights)), p: power, m: mean, w: listed(weights), a: listed(entries)}
            found.append(Example(f"p={power}, w={shown(weights)}, a={shown(entries)}", values))
    return tuple(found)


LEMMA = Lemma(
    slug="jensen-power",
    group="max-affine-lp",
    words="The p-th power of a weighted mean of positive numbers is at most the weighted mean of their p-th powers, p"
    " >= 1 real: F - f = sum_j p_j avg(f(z) - f(x)) is such a mean of differences, so |F - f|^p is at most the"
    " mean of |f(z) - f(x)|^p. Differences that are 0 follow by continuity; averages over cells are limits of"
    " finite means.",
    latex=r"\Bigl(\sum_i w_ia_i\Bigr)^p\le\sum_iw_ia_i^p,\qquad w_i\ge0,\ \sum_iw_i=1,\ p\ge1",
    source="classical (Jensen); proved here from the tangent of t^p",
    hypotheses=("p >= 1", "w_i >= 0 with sum 1, a_i > 0", "m = sum w_i a_i > 0"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(Core("step", "the tangent of t^p at 1", "t**p >= 1 + p*(t - 1)", ("t in [1/100, 100]", "p in [1, 20]")),),
    beyond="it is about sums of symbolic length",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("every real exponent", {"convex": False}),
        Mutant("weights of any total", {"mass": False}),
    ),
)
