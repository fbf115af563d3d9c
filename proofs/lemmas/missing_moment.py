"""Missing first moment: what the centres that a padded grid lacks on one side would add to the bias."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..claim import Claim, claim, le, number
from ..kernel import Fact
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._tails import (
    COUNT,
    FAR,
    HOT,
    MOMENT,
    REACH,
    D,
    first,
    gauss,
    kappa,
    moment_bound,
    moment_sum,
    tail,
    tail_examples,
)


def _claim(shave: Fraction = Fraction(1), far: bool = True, series: bool = True) -> Claim:
    hypotheses = [HOT, COUNT, REACH] + [FAR] * far
    bound = MOMENT if series else D * gauss(D)
    return claim("missing-moment", tuple(hypotheses), le(moment_sum(first), number(shave) * bound))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (moment_bound(),)


def _brute(example: Example, shave: Fraction = Fraction(1), far: bool = True, series: bool = True) -> Sequence[Pairs]:
    heat, reach = example.values[kappa], example.values[D]
    bound = ball(-heat * reach**2 / 2).exp() * ball(reach)
    if series:
        bound /= 1 - ball(-heat * reach).exp()
    return (((tail(example, 1), ball(shave) * bound),),)


def _examples(level: int) -> tuple[Example, ...]:
    return tail_examples(level)


LEMMA = Lemma(
    slug="missing-moment",
    group="max-affine",
    words="Centres at distances d, d + 1, d + 2, ... (in cells, d >= D = w + 1/2) have a first moment of at most"
    " D exp(-kappa D^2/2)/(1 - exp(-kappa D)): E(x - 1/2) - E(x + 1/2) = 2 exp(-kappa/8) sinh(kappa x/2) E(x)"
    " telescopes, and x/sinh(kappa x/2) decreases",
    latex=r"\sum_{i\ge0}(d+i)\,e^{-\kappa(d+i)^2/2}\le\bar T=\frac{D\,e^{-\kappa D^2/2}}{1-e^{-\kappa D}}",
    source="ours",
    hypotheses=("kappa > 0", "D >= 1/2", "d >= D", "n >= 0 terms: all partial sums, so the infinite sum too"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the difference that telescopes",
            "exp(-k*(x - 1/2)**2/2) - exp(-k*(x + 1/2)**2/2) == 2*exp(-k/8)*sinh(k*x/2)*exp(-k*x**2/2)",
        ),
        Core("step", "x/sinh x decreases: its derivative has this sign", "x*cosh(x) >= sinh(x)", ("x >= 0",)),
        Core(
            "instance",
            "two terms, d = D = 1/2, divided by exp(-kappa/8)",
            "1/2 + 3/2*exp(-k) <= 1/2/(1 - exp(-k/2))",
            ("k > 0",),
        ),
    ),
    beyond="the number of terms is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("the first term alone", {"series": False}),
        Mutant("distances may be less than D", {"far": False}),
    ),
)
