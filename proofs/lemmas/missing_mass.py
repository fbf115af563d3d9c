"""Missing mass: the Gaussian weights of the centres that a padded grid lacks on one side."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..claim import Claim, claim, le, number
from ..kernel import Fact
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._tails import COUNT, FAR, HOT, MASS, REACH, D, first, gauss, kappa, mass_bound, mass_sum, tail, tail_examples


def _claim(shave: Fraction = Fraction(1), far: bool = True, series: bool = True) -> Claim:
    hypotheses = [HOT, COUNT, REACH] + [FAR] * far
    bound = MASS if series else gauss(D)
    return claim("missing-mass", tuple(hypotheses), le(mass_sum(first), number(shave) * bound))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (mass_bound(),)


def _brute(example: Example, shave: Fraction = Fraction(1), far: bool = True, series: bool = True) -> Sequence[Pairs]:
    heat, reach = example.values[kappa], example.values[D]
    bound = ball(-heat * reach**2 / 2).exp()
    if series:
        bound /= 1 - ball(-heat * (reach + Fraction(1, 2))).exp()
    return (((tail(example, 0), ball(shave) * bound),),)


def _examples(level: int) -> tuple[Example, ...]:
    return tail_examples(level)


LEMMA = Lemma(
    slug="missing-mass",
    group="max-affine",
    words="Centres at distances d, d + 1, d + 2, ... (in cells, d >= D = w + 1/2) weigh together at most"
    " exp(-kappa D^2/2)/(1 - exp(-kappa (D + 1/2)))",
    latex=r"\sum_{i\ge0}e^{-\kappa(d+i)^2/2}\le\bar Q=\frac{e^{-\kappa D^2/2}}{1-e^{-\kappa(D+1/2)}}",
    source="ours",
    hypotheses=("kappa > 0", "D >= 1/2", "d >= D", "n >= 0 terms: all partial sums, so the infinite sum too"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the exponent of the i-th term",
            "(d + i)**2 >= D**2 + (2*D + 1)*i",
            ("D >= 1/2", "d >= D", "i >= 0 integer"),
        ),
        Core(
            "instance",
            "two terms, d = D",
            "exp(-k*D**2/2) + exp(-k*(D+1)**2/2) <= exp(-k*D**2/2)/(1 - exp(-k*(D + 1/2)))",
            ("k > 0", "D >= 1/2"),
        ),
    ),
    beyond="the number of terms is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("the first term alone", {"series": False}),
        Mutant("distances may be less than D", {"far": False}),
    ),
)
