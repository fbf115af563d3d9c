"""Max-affine cells are Voronoi cells: the larger score belongs to the nearer centre."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..claim import All, Claim, Sequent, eq, ge, integer, le, number
from ..derived import assumed
from ..kernel import Fact, combine, identity, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ._centres import G, N, affine_score, distance, i, j, point_examples, read

DIMENSION, COUNT = ge(N, 1), ge(G, 1)
top = integer("j_top")
LOW, HIGH = le(1, top), le(top, G)


def _claim(half: Fraction = Fraction(1, 2), shift: Fraction = Fraction(1, 2), swap: bool = False) -> Claim:
    known = (DIMENSION, COUNT)
    score_i, score_j, score_top = (affine_score(index, number(shift)) for index in (i, j, top))
    difference = eq(score_i - score_j, number(half) * (distance(j) - distance(i)))
    nearest = All(j, 1, G, le(distance(j), distance(top)) if swap else le(distance(top), distance(j)))
    largest = All(j, 1, G, le(score_j, score_top))
    return Claim(
        "voronoi-cells",
        (
            Sequent(known, All(i, 1, G, All(j, 1, G, difference))),
            Sequent((*known, LOW, HIGH, nearest), largest),
            Sequent((*known, LOW, HIGH, largest), nearest),
        ),
    )


def _proof(statement: Claim) -> Sequence[Fact]:
    known = assumed(DIMENSION, COUNT)
    half = number(Fraction(1, 2))
    difference = identity(affine_score(i, half) - affine_score(j, half), half * (distance(j) - distance(i)), known)
    rows = termwise(difference, j, 1, G, known, quantify=True)
    larger, nearer = le(affine_score(j, half), affine_score(top, half)), le(distance(top), distance(j))
    nearest, largest = (assumed(DIMENSION, COUNT, All(j, 1, G, body))[-1] for body in (nearer, larger))
    wins = combine(larger, [(half, specialise(nearest, j))], known)
    near = combine(nearer, [(2, specialise(largest, j))], known)
    return (
        termwise(rows, i, 1, G, known, quantify=True),
        termwise(wins, j, 1, G, known, quantify=True),
        termwise(near, j, 1, G, known, quantify=True),
    )


def _brute(
    example: Example, half: Fraction = Fraction(1, 2), shift: Fraction = Fraction(1, 2), swap: bool = False
) -> Sequence[Pairs]:
    data = read(example)
    scores = [sum(a * b for a, b in zip(c, data.x, strict=True)) - shift * sum(a * a for a in c) for c in data.centres]
    squares = [sum((a - b) ** 2 for a, b in zip(c, data.x, strict=True)) for c in data.centres]
    best = int(example.values[top]) - 1
    return (
        tuple(
            (a - b, half * (q - p))
            for a, p in zip(scores, squares, strict=True)
            for b, q in zip(scores, squares, strict=True)
        ),
        tuple((b, scores[best]) for b in scores),
        tuple((q, squares[best]) if swap else (squares[best], q) for q in squares),
    )


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for example in point_examples(level):
        for best in range(1, int(example.values[G]) + 1):
            found.append(Example(f"{example.words}, j*={best}", {**example.values, top: Fraction(best)}))
    return tuple(found)


LEMMA = Lemma(
    slug="voronoi-cells",
    group="max-affine",
    words="With a_j = v_j and b_j = -|v_j|^2/2, score differences are half the differences of squared distances, so the"
    " centre with the largest score is the nearest one, and the converse.",
    latex=r"s_i-s_j=\tfrac12\left(\|x-v_j\|^2-\|x-v_i\|^2\right)",
    source="[MA] Prop. 3.2",
    hypotheses=("x and v_1, ..., v_G in R^N, N >= 1, G >= 1",),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "the difference of two scores in dimension 2",
            "(v*x + w*y - (v**2 + w**2)/2) - (s*x + t*y - (s**2 + t**2)/2) == ((x-s)**2 + (y-t)**2 - (x-v)**2 - "
            "(y-w)**2)/2",
        ),
    ),
    beyond="the dimension and the number of centres are symbolic",
    mutants=(
        Mutant("without the factor one half", {"half": Fraction(1)}),
        Mutant("offset -|v_j|^2/4", {"shift": Fraction(1, 4)}),
        Mutant("the largest score at the farthest centre", {"swap": True}),
    ),
)
