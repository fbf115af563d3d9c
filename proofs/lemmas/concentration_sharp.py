"""Sharp softmax concentration: the mass off the top score is at most lambda / (1 + lambda)."""

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
AHEAD = All(i, 1, G - 1, le(gap, s(0) - s(i)))


def _claim(shave: Fraction = Fraction(1), others: int = 1, cold: bool = True) -> Claim:
    weight = sp.Sum(sp.exp(R * s(i)), (i, 0, G - 1))
    lam = number(shave) * (G - others) * sp.exp(-R * gap)
    return claim(
        "concentration-sharp",
        (SIZE, GAP, AHEAD, COLD) if cold else (SIZE, GAP, AHEAD),
        le(1 - sp.exp(R * s(0)) / weight, lam / (1 + lam)),
    )


def _proof(statement: Claim) -> Sequence[Fact]:
    size, cold, ahead = assumed(SIZE, COLD, AHEAD)
    exponent = combine(le(R * s(i), R * (s(0) - gap)), [(R, specialise(ahead, i))], [cold])
    tail = termwise(exponential(exponent), i, 1, G - 1, [size])
    lam = (G - 1) * sp.exp(-R * gap)
    everything = sp.exp(R * s(0)) + sp.Sum(sp.exp(R * s(i)), (i, 1, G - 1))
    return (combine(statement.parts[0].conclusion, [(1 / ((1 + lam) * everything), tail)], [size]),)


def _brute(example: Example, shave: Fraction = Fraction(1), others: int = 1, cold: bool = True) -> Sequence[Pairs]:
    leak, size, delta, temperature = softmax_leak(example.values, s, G, gap, R)
    lam = ball(shave * (size - others)) * (-temperature * delta).exp()
    return (((leak, lam / (1 + lam)),),)


def _examples(level: int) -> tuple[Example, ...]:
    return score_examples(level, s, G, gap, R)


LEMMA = Lemma(
    slug="concentration-sharp",
    group="softmax-concentration",
    words="If the top one of G scores leads every other by Delta or more, softmax leaves at most lambda/(1+lambda)"
    " outside it, lambda = (G-1) exp(-R Delta).",
    latex=r"1-p_{\mathrm{top}} \le \frac{\lambda}{1+\lambda},\qquad \lambda=(G-1)e^{-R\Delta}",
    source="ours; sharpens the concentration step of [MA] Prop. 3.2",
    hypotheses=("G >= 2 scores", "R >= 0", "Delta > 0", "s_0 - s_i >= Delta for every other score"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "from a bound on the tail T = sum of exp(-R (s_0 - s_i)) to the leak",
            "T/(1 + T) <= (G-1)*exp(-R*D)/(1 + (G-1)*exp(-R*D))",
            ("0 <= T <= (G-1)*exp(-R*D)", "G >= 2 integer", "R >= 0", "D > 0"),
        ),
        Core(
            "instance",
            "three scores with leads x and y",
            "1 - 1/(1 + exp(-R*x) + exp(-R*y)) <= 2*exp(-R*D)/(1 + 2*exp(-R*D))",
            ("R >= 0", "D > 0", "x >= D", "y >= D"),
        ),
    ),
    beyond="the tail is a sum over a symbolic number of scores",
    mutants=(
        Mutant("lambda one percent smaller", {"shave": Fraction(99, 100)}),
        Mutant("G - 2 in place of G - 1", {"others": 2}),
        Mutant("negative temperatures allowed", {"cold": False}),
    ),
)
