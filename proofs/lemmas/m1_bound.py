"""The lattice's mean distance is at most 1/2 + exp(-kappa) for kappa >= 0.63264."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import Claim, Evidence, claim, ge, le, number
from ..kernel import Fact
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._lattice import COUNT, direct_sum, k, kappa, lattice_examples, n, series_bound, weight

THRESHOLD = Fraction("0.63264")
LARGEST_Y = Fraction("0.53119")


def _claim(shave: Fraction = Fraction(1), threshold: Fraction = THRESHOLD, rate: Fraction = Fraction(1)) -> Claim:
    mass, excess = sp.Sum(weight(k), (k, 0, n)), sp.Sum(k * weight(k), (k, 0, n))
    bound = number(shave) * sp.exp(-number(rate) * kappa)
    return claim("m1-bound", (ge(kappa, threshold), COUNT), le(excess, bound * mass))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (series_bound(lambda index: index, 1, number(THRESHOLD), number(LARGEST_Y)),)


def _brute(
    example: Example,
    shave: Fraction = Fraction(1),
    threshold: Fraction = THRESHOLD,
    rate: Fraction = Fraction(1),
) -> Sequence[Pairs]:
    heat, last = example.values[kappa], int(example.values[n])
    mass, first = (direct_sum(heat, last, power) for power in (0, 1))
    return (((first - mass / 2, ball(shave) * ball(-rate * heat).exp() * mass),),)


def _examples(level: int) -> tuple[Example, ...]:
    return lattice_examples(level, THRESHOLD, Fraction("0.6326"))


LEMMA = Lemma(
    slug="m1-bound",
    group="lattice",
    words="For kappa >= 0.63264 (the threshold is 0.63263...) the mean of the distances k + 1/2 with weights"
    " w_k = exp(-kappa k(k+1)/2) is at most 1/2 + exp(-kappa); for every number of terms, so in the limit.",
    latex=r"m_1(\kappa)-\tfrac12=\frac{\sum_k k\,w_k}{\sum_k w_k}\le e^{-\kappa},\qquad \kappa\ge0.63264",
    source="ours",
    hypotheses=("kappa >= 0.63264", "k = 0, ..., n, n >= 0: all partial sums, so the infinite sums too"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "five terms",
            "(exp(-k) + 2*exp(-3*k) + 3*exp(-6*k) + 4*exp(-10*k))/(1 + exp(-k) + exp(-3*k) + exp(-6*k) + "
            "exp(-10*k)) <= exp(-k)",
            ("k >= 0.63264",),
        ),
    ),
    beyond="the number of terms is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("from kappa = 0.6326 on", {"threshold": Fraction("0.6326")}),
        Mutant("exp(-1.01 kappa) in place of exp(-kappa)", {"rate": Fraction("1.01")}),
    ),
    evidence=Evidence.ENCLOSED,
)
