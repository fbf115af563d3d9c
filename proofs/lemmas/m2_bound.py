"""The lattice's second moment is at most 1/4 + 2 exp(-kappa) for kappa >= 1.0624773."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import Claim, Evidence, claim, ge, le, number
from ..kernel import Fact
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._lattice import COUNT, direct_sum, k, kappa, lattice_examples, n, series_bound, weight

THRESHOLD = Fraction("1.0624773")
LARGEST_Y = Fraction("0.3455986")


def _claim(shave: Fraction = Fraction(1), threshold: Fraction = THRESHOLD, rate: Fraction = Fraction(1)) -> Claim:
    mass, excess = sp.Sum(weight(k), (k, 0, n)), sp.Sum(k * (k + 1) * weight(k), (k, 0, n))
    bound = 2 * number(shave) * sp.exp(-number(rate) * kappa)
    return claim("m2-bound", (ge(kappa, threshold), COUNT), le(excess, bound * mass))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (series_bound(lambda index: index * (index + 1), 2, number(THRESHOLD), number(LARGEST_Y)),)


def _brute(
    example: Example,
    shave: Fraction = Fraction(1),
    threshold: Fraction = THRESHOLD,
    rate: Fraction = Fraction(1),
) -> Sequence[Pairs]:
    heat, last = example.values[kappa], int(example.values[n])
    mass, second = (direct_sum(heat, last, power) for power in (0, 2))
    return (((second - mass / 4, ball(2 * shave) * ball(-rate * heat).exp() * mass),),)


def _examples(level: int) -> tuple[Example, ...]:
    return lattice_examples(level, THRESHOLD, Fraction("1.0624"))


LEMMA = Lemma(
    slug="m2-bound",
    group="lattice",
    words="For kappa >= 1.0624773 (the threshold is 1.06247720...) the second moment of the distances k + 1/2 with"
    " weights w_k = exp(-kappa k(k+1)/2) is at most 1/4 + 2 exp(-kappa); for every number of terms, so in the limit.",
    latex=r"m_2(\kappa)-\tfrac14=\frac{\sum_k k(k+1)w_k}{\sum_k w_k}\le 2e^{-\kappa},\qquad \kappa\ge1.0624773",
    source="ours",
    hypotheses=("kappa >= 1.0624773", "k = 0, ..., n, n >= 0: all partial sums, so the infinite sums too"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "five terms",
            "(2*exp(-k) + 6*exp(-3*k) + 12*exp(-6*k) + 20*exp(-10*k))/(1 + exp(-k) + exp(-3*k) + exp(-6*k) + "
            "exp(-10*k)) <= 2*exp(-k)",
            ("k >= 1.0624773",),
        ),
    ),
    beyond="the number of terms is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("from kappa = 1.0624 on", {"threshold": Fraction("1.0624")}),
        Mutant("exp(-1.01 kappa) in place of exp(-kappa)", {"rate": Fraction("1.01")}),
    ),
    evidence=Evidence.ENCLOSED,
)
