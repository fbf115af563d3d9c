"""The maximum, Euclidean and sum norms of a vector of any length: how Lipschitz constants convert."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import All, Claim, claim, function, ge, integer, le, number
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value
from ..kernel import Fact, combine, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._averages import below, length
from ._vectors import DIMENSION, N, a, b, cauchy_schwarz, k, total

z, i = function("z"), integer("i")
SQUARES, LENGTH, SUM = total(z(k) ** 2), sp.sqrt(total(z(k) ** 2)), total(sp.Abs(z(k)))


def _claim(entry: Fraction = Fraction(1), euclid: Fraction = Fraction(1), root: Fraction = Fraction(1)) -> Claim:
    return claim(
        "norm-comparison",
        (DIMENSION,),
        All(i, 1, N, le(sp.Abs(z(i)), number(entry) * LENGTH)),
        le(LENGTH, number(euclid) * SUM),
        le(SUM, number(root) * sp.sqrt(N) * LENGTH),
    )


@cache
def comparisons() -> tuple[Fact, ...]:
    """|z_i| <= |z|_2 for every i, |z|_2 <= |z|_1 and |z|_1 <= sqrt(N) |z|_2."""
    dimension, low, high = assumed(DIMENSION, ge(i, 1), le(i, N))
    nonnegative = combine(ge(LENGTH, 0), [], [dimension])
    inside = [dimension, low, high]
    others = sp.Sum(z(k) ** 2, (k, 1, i - 1)) + sp.Sum(z(k) ** 2, (k, i + 1, N))
    entry, under, over = z(i), absolute_bounds(z(i)), absolute_bounds(-z(i))
    largest = combine(le(entry**2, LENGTH**2), [], inside, rest=others)
    sides = [below(sign * entry, largest, nonnegative, inside) for sign in (1, -1)]
    one = at_most_in_absolute_value(*sides)
    rest = sp.Abs(z(i)) * (sp.Sum(sp.Abs(z(k)), (k, 1, i - 1)) + sp.Sum(sp.Abs(z(k)), (k, i + 1, N)))
    row = combine(le(entry**2, sp.Abs(entry) * SUM), [(sp.Abs(entry) + entry, under)], [*inside, over], rest=rest)
    square = combine(le(LENGTH**2, SUM**2), [(1, termwise(row, i, 1, N, [dimension]))], [dimension])
    two = below(LENGTH, square, combine(ge(SUM, 0), [], [dimension]), [dimension])
    schwarz = substitute(cauchy_schwarz(), {a: sp.Lambda(k, sp.Abs(z(k))), b: sp.Lambda(k, sp.Integer(1))})
    bound = sp.sqrt(N) * LENGTH
    wide = combine(le(SUM**2, bound**2), [(1, schwarz)], [dimension])
    three = below(SUM, wide, combine(ge(bound, 0), [], [dimension]), [dimension])
    return termwise(one, i, 1, N, [dimension], quantify=True), two, three


def _proof(statement: Claim) -> Sequence[Fact]:
    return comparisons()


def _brute(
    example: Example, entry: Fraction = Fraction(1), euclid: Fraction = Fraction(1), root: Fraction = Fraction(1)
) -> Sequence[Pairs]:
    row = [example.values[z](c) for c in range(1, int(example.values[N]) + 1)]
    sums, size = sum(map(abs, row), Fraction(0)), length(row)
    return (
        tuple((abs(c), ball(entry) * size) for c in row),
        ((size, euclid * sums),),
        ((sums, ball(root) * ball(len(row)).sqrt() * size),),
    )


def _examples(level: int) -> tuple[Example, ...]:
    rows = [(1,), (0, 0), (0, -3, 0), (1, 1, 1, 1), (2, -1, 5, 0, 3)]
    return tuple(
        Example(f"z = {row}", {N: Fraction(len(row)), z: lambda c, row=row: Fraction(row[c - 1])}) for row in rows
    )


LEMMA = Lemma(
    slug="norm-comparison",
    group="max-affine",
    words="|z|_inf <= |z|_2 <= |z|_1 <= sqrt(N) |z|_2: a Lipschitz constant for the maximum norm serves the Euclidean"
    " norm, that one the l1 norm, and an l1 constant times sqrt(N) serves the Euclidean norm.",
    latex=r"\|z\|_\infty\le\|z\|_2\le\|z\|_1\le\sqrt N\,\|z\|_2",
    source="standard",
    hypotheses=("z in R^N, N >= 1",),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "dimension 3",
            "max(abs(x), abs(y), abs(z)) <= sqrt(x**2 + y**2 + z**2) <= abs(x) + abs(y) + abs(z) <= "
            "sqrt(3)*sqrt(x**2 + y**2 + z**2)",
        ),
    ),
    beyond="the dimension is symbolic",
    mutants=(
        Mutant("the maximum norm one percent below the Euclidean norm", {"entry": Fraction(99, 100)}),
        Mutant("the Euclidean norm one percent below the l1 norm", {"euclid": Fraction(99, 100)}),
        Mutant("sqrt(N) one percent smaller", {"root": Fraction(99, 100)}),
    ),
)
