"""Softmax concentration as published: the mass off the top score is at most (G - 1) exp(-R Delta)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import All, Claim, claim, function, ge, gt, integer, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._scores import score_examples, softmax_leak

G, i = integer("G"), integer("i")
R, gap = real("R"), real("Delta")
s = function("s")
SIZE, GAP, COLD = ge(G, 2), gt(gap, 0), ge(R, 0)


def _ahead(first: int = 1) -> All:
    return All(i, first, G - 1, le(gap, s(0) - s(i)))


def _claim(shave: Fraction = Fraction(1), others: int = 1, first: int = 1) -> Claim:
    weight = sp.Sum(sp.exp(R * s(i)), (i, 0, G - 1))
    bound = number(shave) * (G - others) * sp.exp(-R * gap)
    return claim("concentration-published", (SIZE, GAP, COLD, _ahead(first)), le(1 - sp.exp(R * s(0)) / weight, bound))


def _proof(statement: Claim) -> Sequence[Fact]:
    size, cold, ahead = assumed(SIZE, COLD, _ahead())
    exponent = combine(le(R * s(i), R * (s(0) - gap)), [(R, specialise(ahead, i))], [cold])
    tail = termwise(exponential(exponent), i, 1, G - 1, [size])
    others = sp.Sum(sp.exp(R * s(i)), (i, 1, G - 1))
    everything = sp.exp(R * s(0)) + others
    lost = (G - 1) * sp.exp(-R * gap) * others / everything
    return (combine(statement.parts[0].conclusion, [(1 / everything, tail)], [size], rest=lost),)


def _brute(example: Example, shave: Fraction = Fraction(1), others: int = 1, first: int = 1) -> Sequence[Pairs]:
    leak, size, delta, temperature = softmax_leak(example.values, s, G, gap, R)
    return (((leak, ball(shave * (size - others)) * (-temperature * delta).exp()),),)


def _examples(level: int) -> tuple[Example, ...]:
    return score_examples(level, s, G, gap, R)


LEMMA = Lemma(
    slug="concentration-published",
    group="softmax-concentration",
    words="If the top one of G scores leads every other by Delta or more, softmax leaves at most (G-1) exp(-R Delta)"
    " outside it.",
    latex=r"1-p_{\mathrm{top}} \le (G-1)e^{-R\Delta}",
    source="[MA] Prop. 3.2",
    hypotheses=("G >= 2 scores", "R >= 0", "Delta > 0", "s_0 - s_i >= Delta for every other score"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "from a bound on the tail T = sum of exp(-R (s_0 - s_i)) to the leak",
            "T/(1 + T) <= (G-1)*exp(-R*D)",
            ("0 <= T <= (G-1)*exp(-R*D)", "G >= 2 integer", "R >= 0", "D > 0"),
        ),
        Core(
            "instance",
            "three scores with leads x and y",
            "1 - 1/(1 + exp(-R*x) + exp(-R*y)) <= 2*exp(-R*D)",
            ("R >= 0", "D > 0", "x >= D", "y >= D"),
        ),
    ),
    beyond="the tail is a sum over a symbolic number of scores",
    mutants=(
        Mutant("the bound one percent smaller", {"shave": Fraction(99, 100)}),
        Mutant("G - 2 in place of G - 1", {"others": 2}),
        Mutant("one rival may be closer than Delta", {"first": 2}),
    ),
)
