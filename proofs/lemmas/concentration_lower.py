"""The lower side of concentration: scores within Delta of the top one keep at least lambda / (1 + lambda)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import All, Claim, claim, function, ge, integer, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._scores import score_examples, softmax_leak

G, i = integer("G"), integer("i")
R, gap = real("R"), real("Delta")
s = function("s")
SIZE, COLD = ge(G, 2), ge(R, 0)


def _near(first: int = 1) -> All:
    return All(i, first, G - 1, le(s(0) - s(i), gap))


def _claim(swell: Fraction = Fraction(1), cold: bool = True, first: int = 1) -> Claim:
    weight = sp.Sum(sp.exp(R * s(i)), (i, 0, G - 1))
    lam = number(swell) * (G - 1) * sp.exp(-R * gap)
    hypotheses = (SIZE, _near(first), COLD) if cold else (SIZE, _near(first))
    return claim("concentration-lower", hypotheses, le(lam / (1 + lam), 1 - sp.exp(R * s(0)) / weight))


def _proof(statement: Claim) -> Sequence[Fact]:
    size, cold, near = assumed(SIZE, COLD, _near())
    exponent = combine(le(R * (s(0) - gap), R * s(i)), [(R, specialise(near, i))], [cold])
    tail = termwise(exponential(exponent), i, 1, G - 1, [size])
    lam = (G - 1) * sp.exp(-R * gap)
    everything = sp.exp(R * s(0)) + sp.Sum(sp.exp(R * s(i)), (i, 1, G - 1))
    return (combine(statement.parts[0].conclusion, [(1 / ((1 + lam) * everything), tail)], [size]),)


def _brute(example: Example, swell: Fraction = Fraction(1), cold: bool = True, first: int = 1) -> Sequence[Pairs]:
    leak, size, delta, temperature = softmax_leak(example.values, s, G, gap, R)
    lam = ball(swell * (size - 1)) * (-temperature * delta).exp()
    return (((lam / (1 + lam), leak),),)


def _examples(level: int) -> tuple[Example, ...]:
    return score_examples(level, s, G, gap, R)


LEMMA = Lemma(
    slug="concentration-lower",
    group="softmax-concentration",
    words="If every other score is within Delta of s_0 and R >= 0, at least lambda/(1+lambda) of the mass is off s_0,"
    " lambda = (G-1) exp(-R Delta). By inverse-temperature, a leak of at most eta then needs the R stated there.",
    latex=r"s_0-s_i\le\Delta\ (i\ge 1) \implies 1-p_0 \ge \frac{\lambda}{1+\lambda},\qquad \lambda=(G-1)e^{-R\Delta}",
    source="ours",
    hypotheses=("G >= 2 scores", "R >= 0", "s_0 - s_i <= Delta for every other score"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "from a bound on the tail T = sum of exp(-R (s_0 - s_i)) to the leak",
            "T/(1 + T) >= (G-1)*exp(-R*D)/(1 + (G-1)*exp(-R*D))",
            ("T >= 0", "T >= (G-1)*exp(-R*D)", "G >= 2 integer", "R >= 0", "D >= 0"),
        ),
        Core(
            "instance",
            "three scores at most Delta behind",
            "1 - 1/(1 + exp(-R*x) + exp(-R*y)) >= 2*exp(-R*D)/(1 + 2*exp(-R*D))",
            ("R >= 0", "x <= D", "y <= D"),
        ),
    ),
    beyond="the tail is a sum over a symbolic number of scores",
    mutants=(
        Mutant("lambda one percent larger", {"swell": Fraction(101, 100)}),
        Mutant("negative temperatures allowed", {"cold": False}),
        Mutant("one rival may be further than Delta", {"first": 2}),
    ),
)
