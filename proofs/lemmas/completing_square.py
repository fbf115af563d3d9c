"""Max-affine scores are Gaussian scores: completing the square, for any dimension and any number of centres."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp
from flint import arb

from ..claim import All, Claim, claim, eq, ge, number
from ..derived import assumed
from ..kernel import Fact, identity, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._centres import G, N, R, affine_score, distance, i, j, point_examples, read, squared_norm

DIMENSION, COUNT = ge(N, 1), ge(G, 1)


def _claim(factor: Fraction = Fraction(1, 2), shift: Fraction = Fraction(1, 2)) -> Claim:
    scores = [R * affine_score(index, number(shift)) for index in (j, i)]
    gauss = [-number(factor) * R * distance(index) for index in (j, i)]
    return claim(
        "completing-square",
        (DIMENSION, COUNT),
        All(j, 1, G, eq(scores[0], R / 2 * squared_norm() + gauss[0])),
        All(
            j,
            1,
            G,
            eq(
                sp.exp(scores[0]) / sp.Sum(sp.exp(scores[1]), (i, 1, G)),
                sp.exp(gauss[0]) / sp.Sum(sp.exp(gauss[1]), (i, 1, G)),
            ),
        ),
    )


def _proof(statement: Claim) -> Sequence[Fact]:
    known = assumed(DIMENSION, COUNT)
    facts = [identity(part.relation.lhs, part.relation.rhs, known) for part in statement.parts]
    return tuple(termwise(fact, j, 1, G, known, quantify=True) for fact in facts)


def _brute(example: Example, factor: Fraction = Fraction(1, 2), shift: Fraction = Fraction(1, 2)) -> Sequence[Pairs]:
    data = read(example)
    scores = [
        data.r * (sum(a * b for a, b in zip(c, data.x, strict=True)) - shift * sum(a * a for a in c))
        for c in data.centres
    ]
    gauss = [-factor * data.r * sum((a - b) ** 2 for a, b in zip(c, data.x, strict=True)) for c in data.centres]
    half = data.r / 2 * sum(a * a for a in data.x)
    weights = [[ball(value).exp() for value in row] for row in (scores, gauss)]
    totals = [sum(row, arb(0)) for row in weights]
    return (
        tuple((a, half + b) for a, b in zip(scores, gauss, strict=True)),
        tuple((a / totals[0], b / totals[1]) for a, b in zip(*weights, strict=True)),
    )


LEMMA = Lemma(
    slug="completing-square",
    group="max-affine",
    words="With a_j = v_j and b_j = -|v_j|^2/2 the scores are R s_j = (R/2)|x|^2 - (R/2)|x - v_j|^2, so the softmax"
    " weights are a normalised Gaussian kernel.",
    latex=r"R\left(v_j^{\top}x-\tfrac12\|v_j\|^2\right)=\tfrac R2\|x\|^2-\tfrac R2\|x-v_j\|^2",
    source="[MA] Prop. 3.2, in our words",
    hypotheses=("x and v_1, ..., v_G in R^N, N >= 1, G >= 1", "R real"),
    claim=_claim,
    proof=_proof,
    examples=point_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "dimension 2",
            "R*(v*x + w*y - (v**2 + w**2)/2) == R/2*(x**2 + y**2) - R/2*((x-v)**2 + (y-w)**2)",
        ),
    ),
    beyond="the dimension is symbolic",
    mutants=(
        Mutant("the distance without the factor one half", {"factor": Fraction(1)}),
        Mutant("the distance with the opposite sign", {"factor": Fraction(-1, 2)}),
        Mutant("offset -|v_j|^2 in place of -|v_j|^2/2", {"shift": Fraction(1)}),
    ),
)
