"""The sharp concentration bound is attained when all other scores tie at the gap."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import All, Claim, claim, eq, function, ge, integer, le, number, real
from ..derived import assumed, equal_exponentials
from ..kernel import Fact, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._scores import score_examples, softmax_leak

G, i = integer("G"), integer("i")
R, gap = real("R"), real("Delta")
s = function("s")
SIZE = ge(G, 2)
TIES, AHEAD = All(i, 1, G - 1, eq(gap, s(0) - s(i))), All(i, 1, G - 1, le(gap, s(0) - s(i)))


def _claim(shave: Fraction = Fraction(1), others: int = 1, ties: bool = True) -> Claim:
    weight = sp.Sum(sp.exp(R * s(i)), (i, 0, G - 1))
    lam = number(shave) * (G - others) * sp.exp(-R * gap)
    hypotheses = (SIZE, TIES if ties else AHEAD)
    return claim("concentration-attained", hypotheses, eq(1 - sp.exp(R * s(0)) / weight, lam / (1 + lam)))


def _proof(statement: Claim) -> Sequence[Fact]:
    size, ties = assumed(SIZE, TIES)
    exponent = combine(eq(R * s(i), R * (s(0) - gap)), [(R, specialise(ties, i))])
    tail = termwise(equal_exponentials(exponent), i, 1, G - 1, [size])
    lam = (G - 1) * sp.exp(-R * gap)
    everything = sp.exp(R * s(0)) + sp.Sum(sp.exp(R * s(i)), (i, 1, G - 1))
    return (combine(statement.parts[0].conclusion, [(1 / ((1 + lam) * everything), tail)], [size]),)


def _brute(example: Example, shave: Fraction = Fraction(1), others: int = 1, ties: bool = True) -> Sequence[Pairs]:
    leak, size, delta, temperature = softmax_leak(example.values, s, G, gap, R)
    lam = ball(shave * (size - others)) * (-temperature * delta).exp()
    return (((leak, lam / (1 + lam)),),)


def _examples(level: int) -> tuple[Example, ...]:
    return score_examples(level, s, G, gap, R)


LEMMA = Lemma(
    slug="concentration-attained",
    group="softmax-concentration",
    words="When all other scores tie Delta below the top one, the mass off the top is exactly lambda/(1+lambda).",
    latex=r"s_i = s_0-\Delta\ (i\ge 1) \implies 1-p_0 = \frac{\lambda}{1+\lambda},\qquad \lambda=(G-1)e^{-R\Delta}",
    source="ours",
    hypotheses=("G >= 2 scores", "R and Delta real", "s_0 - s_i = Delta for every other score"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "all G scores, the sum of G - 1 equal terms written as a product",
            "1 - exp(R*s)/(exp(R*s) + (G-1)*exp(R*(s-D))) == (G-1)*exp(-R*D)/(1 + (G-1)*exp(-R*D))",
            ("G >= 2 integer",),
        ),
    ),
    beyond="the tail is a sum over a symbolic number of scores",
    mutants=(
        Mutant("lambda one percent smaller", {"shave": Fraction(99, 100)}),
        Mutant("G - 2 in place of G - 1", {"others": 2}),
        Mutant("other scores may be lower", {"ties": False}),
    ),
)
