"""Softmax over n slots a cell factors into a softmax over the cells and one over the slots, for any numbers of both."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, claim, eq, function, ge, integer, number
from ..derived import assumed, equal_exponentials
from ..kernel import Fact, classical, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

G, n, i, j, l = (integer(name) for name in ("G", "n", "i", "j", "l"))
s, b, S = function("s"), function("b"), function("S")
CELLS, SLOTS = ge(G, 1), ge(n, 1)
FLAT = sp.Sum(sp.exp(S(l)), (l, 0, G * n - 1))
OF_CELLS, OF_SLOTS = sp.Sum(sp.exp(s(j)), (j, 0, G - 1)), sp.Sum(sp.exp(b(i)), (i, 0, n - 1))
TOKEN = j * n + i


def _scores(sign: int = 1) -> All:
    return All(j, 0, G - 1, All(i, 0, n - 1, eq(S(TOKEN), s(j) + sign * b(i))))


def _claim(share: Fraction = Fraction(1), sign: int = 1, power: int = 1) -> Claim:
    weight = sp.exp(s(j)) / OF_CELLS * sp.exp(b(i)) ** power / OF_SLOTS
    return claim(
        "slot-softmax",
        (CELLS, SLOTS, _scores(sign)),
        eq(FLAT, number(share) * OF_CELLS * OF_SLOTS),
        All(j, 0, G - 1, All(i, 0, n - 1, eq(sp.exp(S(TOKEN)) / FLAT, weight))),
    )


@cache
def _factored() -> tuple[Fact, Fact]:
    """exp of one score, and the sum over all tokens."""
    cells, slots, scores = assumed(CELLS, SLOTS, _scores())
    split = combine(
        eq(sp.exp(S(TOKEN)), sp.exp(s(j)) * sp.exp(b(i))), [(1, equal_exponentials(specialise(scores, j, i)))]
    )
    blocks = termwise(termwise(split, i, 0, n - 1, [slots]), j, 0, G - 1, [cells, slots])
    fubini = classical("finite Fubini", j, G, i, n, sp.Lambda(l, sp.exp(S(l))), given=[cells, slots])
    return split, combine(eq(FLAT, OF_CELLS * OF_SLOTS), [(1, fubini), (1, blocks)], [cells, slots])


def _proof(statement: Claim) -> Sequence[Fact]:
    cells, slots = assumed(CELLS, SLOTS)
    split, whole = _factored()
    product, part = OF_CELLS * OF_SLOTS, sp.exp(s(j)) * sp.exp(b(i))
    shares = [(1 / FLAT, split), (-part / (product * FLAT), whole)]
    weight = combine(eq(sp.exp(S(TOKEN)) / FLAT, part / product), shares, [cells, slots])
    inner = termwise(weight, i, 0, n - 1, [cells, slots], quantify=True)
    return whole, termwise(inner, j, 0, G - 1, [cells, slots], quantify=True)


def _brute(example: Example, share: Fraction = Fraction(1), sign: int = 1, power: int = 1) -> Sequence[Pairs]:
    value = example.values
    cells, slots = int(value[G]), int(value[n])
    every = [[ball(value[S](a * slots + c)).exp() for c in range(slots)] for a in range(cells)]
    whole = sum((entry for row in every for entry in row), arb(0))
    first, second = ([ball(value[name](a)).exp() for a in range(size)] for name, size in ((s, cells), (b, slots)))
    sums = sum(first, arb(0)), sum(second, arb(0))
    weights = tuple(
        (every[a][c] / whole, first[a] / sums[0] * second[c] ** power / sums[1])
        for a in range(cells)
        for c in range(slots)
    )
    return ((whole, ball(share) * sums[0] * sums[1]),), weights


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for cells in (1, 2, 3) if level < 2 else (1, 2, 3, 8):
        for slots in (1, 2, 3):
            for sign in (1, -1):
                values = {
                    G: Fraction(cells),
                    n: Fraction(slots),
                    s: lambda a: Fraction(3 - a, 2),
                    b: lambda c: Fraction(c * c - 1, 3),
                    S: lambda a, m=slots, v=sign: Fraction(3 - a // m, 2) + v * Fraction((a % m) ** 2 - 1, 3),
                }
                found.append(Example(f"G={cells}, n={slots}, token scores s_j {'+-'[sign < 0]} b_i", values))
    return tuple(found)


LEMMA = Lemma(
    slug="slot-softmax",
    group="max-affine",
    words="If cell j has n tokens, token j n + i with the score s(j) + b(i), then softmax over all tokens is the"
    " softmax over the cells times the softmax over the slots: the weight of a token is p_j times its slot's share,"
    " and the share depends on the query alone.",
    latex=r"\mathrm{softmax}(s\otimes\mathbf 1+\mathbf 1\otimes b)=\mathrm{softmax}(s)\otimes\mathrm{softmax}(b)",
    source="ours; [MA] uses n tokens a cell without factoring them",
    hypotheses=("G >= 1 cells, n >= 1 slots", "S(j n + i) = s(j) + b(i) for all cells j and slots i"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two cells, two slots",
            "exp(s+b)/(exp(s+b) + exp(s+c) + exp(t+b) + exp(t+c)) == exp(s)/(exp(s) + exp(t))*exp(b)/(exp(b) + exp(c))",
        ),
    ),
    beyond="the numbers of cells and slots are symbolic",
    mutants=(
        Mutant("normaliser one percent smaller", {"share": Fraction(99, 100)}),
        Mutant("slot scores of the opposite sign", {"sign": -1}),
        Mutant("the slots counted twice", {"power": 2}),
    ),
)
