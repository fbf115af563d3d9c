"""Softmax weights are a probability vector."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp
from flint import arb

from ..claim import All, Claim, claim, eq, function, ge, gt, integer, le, lt, number, real
from ..derived import assumed
from ..kernel import Fact, combine, identity, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

G, i, j = integer("G"), integer("i"), integer("j")
R, s = real("R"), function("s")
SIZE = ge(G, 1)
TOTAL = sp.Sum(sp.exp(R * s(i)), (i, 1, G))


def _claim(total: Fraction = Fraction(1), least: Fraction = Fraction(0), most: Fraction = Fraction(1)) -> Claim:
    weight = sp.exp(R * s(j)) / TOTAL
    return claim(
        "softmax-probability",
        (SIZE,),
        eq(sp.Sum(weight, (j, 1, G)), number(total)),
        All(j, 1, G, gt(weight, number(least))),
        All(j, 1, G, le(weight, number(most))),
    )


def _proof(statement: Claim) -> Sequence[Fact]:
    size, low, high = assumed(SIZE, ge(j, 1), le(j, G))
    weight = sp.exp(R * s(j)) / TOTAL
    total = identity(sp.Sum(weight, (j, 1, G)), sp.Integer(1), [size])
    positive = combine(lt(0, weight), [], [size])
    others = [sp.Sum(sp.exp(R * s(i)), ends) for ends in ((i, 1, j - 1), (i, j + 1, G))]
    part = combine(le(sp.exp(R * s(j)), TOTAL), [], [size, low, high], rest=sp.Add(*others))
    at_most = combine(le(weight, 1), [(1 / TOTAL, part)], [size])
    everywhere = (termwise(fact, j, 1, G, [size], quantify=True) for fact in (positive, at_most))
    return (total, *everywhere)


def _brute(
    example: Example, total: Fraction = Fraction(1), least: Fraction = Fraction(0), most: Fraction = Fraction(1)
) -> Sequence[Pairs]:
    size, r = int(example.values[G]), ball(example.values[R])
    powers = [(r * ball(example.values[s](k))).exp() for k in range(1, size + 1)]
    weights = [power / sum(powers, arb(0)) for power in powers]
    return (
        ((sum(weights, arb(0)), ball(total)),),
        tuple((ball(least), weight) for weight in weights),
        tuple((weight, ball(most)) for weight in weights),
    )


def _examples(level: int) -> tuple[Example, ...]:
    return tuple(
        Example(
            f"G={size}, R={r}, scores {step} k",
            {G: Fraction(size), R: Fraction(r), s: lambda k, step=step: k * step},
        )
        for size in ((1, 2, 5) if level < 2 else (1, 2, 3, 5, 40))
        for r in (-2, 0, 7)
        for step in (Fraction(1, 3), Fraction(-2))
    )


LEMMA = Lemma(
    slug="softmax-probability",
    group="softmax-concentration",
    words="Softmax weights are positive, at most 1, and sum to 1, for any scores and any temperature.",
    latex=r"\sum_j p_j = 1,\qquad 0 < p_j \le 1,\qquad p_j = e^{R s_j}\big/\textstyle\sum_i e^{R s_i}",
    source="standard; used in [MA], [SA] and [LR]",
    hypotheses=("G >= 1 real scores", "R real"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "three scores sum to 1",
            "softmax(R*a, R*b, R*c) + softmax(R*b, R*c, R*a) + softmax(R*c, R*a, R*b) == 1",
        ),
        Core("instance", "one weight of three", "0 < softmax(R*a, R*b, R*c) <= 1"),
    ),
    beyond="the number G of scores is symbolic",
    mutants=(
        Mutant("the weights sum to 99/100", {"total": Fraction(99, 100)}),
        Mutant("every weight is above 1/100", {"least": Fraction(1, 100)}),
        Mutant("every weight is at most 99/100", {"most": Fraction(99, 100)}),
    ),
)
