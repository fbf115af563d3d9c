"""The share of a softmax column outside its own slot, exactly, for any number of slots."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp
from flint import arb

from ..claim import All, Claim, claim, eq, number, real
from ..derived import assumed, equal_exponentials
from ..kernel import Fact, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._slots import FIRST, HERE, IDENTITY, LAST, ONE, SOME, d, i, n, t, total, unit

slot = real("lambda")
COLUMN = total(sp.exp(slot * d(i, t)), i)
MASS = sp.exp(slot) + n - 1


def _claim(shave: Fraction = Fraction(1), others: int = 1, power: int = 1) -> Claim:
    leak = number(shave) * (n - others) / (n - others + sp.exp(power * slot))
    rest = eq(sp.exp(slot * d(i, t)) / COLUMN, number(shave) / MASS)
    return claim(
        "slot-leakage",
        IDENTITY,
        All(t, 0, n - 1, eq(1 - sp.exp(slot * d(t, t)) / COLUMN, leak)),
        All(t, 0, n - 1, All(i, 0, t - 1, rest)),
        All(t, 0, n - 1, All(i, t + 1, n - 1, rest)),
    )


def _proof(statement: Claim) -> Sequence[Fact]:
    size, one, first, last, low, high = assumed(SOME, ONE, FIRST, LAST, *HERE)
    known = [size, low, high]
    own = equal_exponentials(combine(eq(slot * d(t, t), slot), [(slot, specialise(one, t))]))
    apart = {}
    for fact, start, end in ((first, 0, t - 1), (last, t + 1, n - 1)):
        zero = equal_exponentials(combine(eq(slot * d(i, t), 0), [(slot, specialise(specialise(fact, t), i))]))
        apart[start] = (zero, termwise(zero, i, start, end, known), end)
    sums = [(1, whole) for _, whole, _ in apart.values()]
    column = combine(eq(COLUMN, MASS), [*sums, (1, own)], known)
    share = sp.exp(slot * d(t, t)) / (COLUMN * MASS)
    goal = eq(1 - sp.exp(slot * d(t, t)) / COLUMN, (n - 1) / (n - 1 + sp.exp(slot)))
    facts = [termwise(combine(goal, [(-1 / MASS, own), (share, column)], known), t, 0, n - 1, [size], quantify=True)]
    for start, (zero, _, end) in apart.items():
        share = sp.exp(slot * d(i, t)) / (COLUMN * MASS)
        one_slot = eq(sp.exp(slot * d(i, t)) / COLUMN, 1 / MASS)
        fact = combine(one_slot, [(1 / MASS, zero), (-share, column)], known)
        inner = termwise(fact, i, start, end, known, quantify=True)
        facts.append(termwise(inner, t, 0, n - 1, [size], quantify=True))
    return facts


def _brute(example: Example, shave: Fraction = Fraction(1), others: int = 1, power: int = 1) -> Sequence[Pairs]:
    """The column of softmax from the definition, shifted by its largest score."""
    size, heat = int(example.values[n]), example.values[slot]
    scores = [[heat if a == b else Fraction(0) for a in range(size)] for b in range(size)]
    columns = [[ball(score - max(column)).exp() for score in column] for column in scores]
    shares = [[weight / sum(column, arb(0)) for weight in column] for column in columns]
    leak = ball(shave) * (size - others) / (size - others + ball(power * heat).exp())
    rest = ball(shave) / (size - 1 + ball(heat).exp())
    own = tuple((sum((s for a, s in enumerate(row) if a != b), arb(0)), leak) for b, row in enumerate(shares))
    pairs = [(a, b) for b in range(size) for a in range(size)]
    return (
        own,
        tuple((shares[b][a], rest) for a, b in pairs if a < b),
        tuple((shares[b][a], rest) for a, b in pairs if a > b),
    )


def _examples(level: int) -> tuple[Example, ...]:
    return tuple(
        Example(f"n={size}, lambda={heat}", {n: Fraction(size), slot: heat, d: unit})
        for size in ((1, 2, 3) if level < 2 else (1, 2, 3, 9))
        for heat in (Fraction(-1), Fraction(0), Fraction(1, 3), Fraction(5))
    )


LEMMA = Lemma(
    slug="slot-leakage",
    group="max-affine",
    words="If the own slot t of a query leads the n - 1 others by lambda, softmax over the slots leaves exactly"
    " (n - 1)/(n - 1 + e^lambda) outside it, 1/(e^lambda + n - 1) in every other slot: the column t of"
    " Q = ((e^lambda - 1) I + J)/(e^lambda + n - 1). d is the identity matrix.",
    latex=r"1-Q_{t,t}=\frac{n-1}{n-1+e^\lambda},\qquad Q_{i,t}=\frac{1}{e^\lambda+n-1}\ (i\ne t)",
    source="[MA], the read-out of n columns by n tokens a cell; the exact value is ours",
    hypotheses=("n >= 1 slots", "lambda real", "d(t,t) = 1 and d(i,t) = 0 for i < t and for i > t"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the share of the own slot, equal terms written as a product",
            "1 - exp(l)/(exp(l) + n - 1) == (n - 1)/(n - 1 + exp(l))",
            ("n >= 1 integer",),
        ),
    ),
    beyond="the number of slots is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("n - 2 in place of n - 1", {"others": 2}),
        Mutant("e^(2 lambda) in place of e^lambda", {"power": 2}),
    ),
)
