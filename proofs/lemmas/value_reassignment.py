"""Value reassignment: attention returns the value of the top cell up to leak times the largest difference of values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import All, Claim, Formula, claim, eq, function, ge, integer, le, number, real
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value
from ..kernel import Fact, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs

G, j = integer("G"), integer("j")
spread = real("W")
p, y = function("p"), function("y")
SIZE = ge(G, 2)
MASS = eq(sp.Sum(p(j), (j, 0, G - 1)), 1)
POSITIVE = All(j, 0, G - 1, ge(p(j), 0))
SPREAD = All(j, 1, G - 1, le(sp.Abs(y(j) - y(0)), spread))


def _claim(shave: Fraction = Fraction(1), mass: bool = True, positive: bool = True) -> Claim:
    optional: list[Formula] = [*([MASS] if mass else []), *([POSITIVE] if positive else [])]
    output = sp.Sum(p(j) * y(j), (j, 0, G - 1))
    return claim(
        "value-reassignment", (SIZE, SPREAD, *optional), le(sp.Abs(output - y(0)), number(shave) * (1 - p(0)) * spread)
    )


def _proof(statement: Claim) -> Sequence[Fact]:
    size, mass, positive, bound = assumed(SIZE, MASS, POSITIVE, SPREAD)
    weight = combine(ge(p(j), 0), [(1, specialise(positive, j, given=assumed(ge(j, 1))))])
    near = specialise(bound, j)
    output = sp.Sum(p(j) * y(j), (j, 0, G - 1))
    sides = []
    for sign in (1, -1):
        one = combine(
            le(sign * p(j) * (y(j) - y(0)), p(j) * spread),
            [(p(j), absolute_bounds(sign * (y(j) - y(0)))), (p(j), near)],
            [weight],
        )
        total = termwise(one, j, 1, G - 1, [size])
        goal = le(sign * (output - y(0)), (1 - p(0)) * spread)
        sides.append(combine(goal, [(1, total), (sign * y(0) + spread, mass)], [size]))
    return (at_most_in_absolute_value(*sides),)


def _brute(
    example: Example, shave: Fraction = Fraction(1), mass: bool = True, positive: bool = True
) -> Sequence[Pairs]:
    size = int(example.values[G])
    weights = [example.values[p](a) for a in range(size)]
    values = [example.values[y](a) for a in range(size)]
    output = sum(a * b for a, b in zip(weights, values, strict=True))
    return (((abs(output - values[0]), shave * (1 - weights[0]) * example.values[spread]),),)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    tables = [
        ((Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)), (Fraction(1), Fraction(3), Fraction(3))),
        ((Fraction(2, 3), Fraction(1, 3)), (Fraction(0), Fraction(-2))),
        ((Fraction(1, 8), Fraction(5, 8), Fraction(1, 8), Fraction(1, 8)), tuple(map(Fraction, (2, -1, 0, 5)))),
        ((Fraction(1), Fraction(0)), (Fraction(7), Fraction(9))),
        ((Fraction(1, 2), Fraction(1)), (Fraction(1), Fraction(2))),
        ((Fraction(1), Fraction(1), Fraction(-1)), (Fraction(1), Fraction(2), Fraction(0))),
    ]
    for weights, values in tables:
        width = max(abs(value - values[0]) for value in values)
        found.append(
            Example(
                f"p = {', '.join(map(str, weights))}; y = {', '.join(map(str, values))}",
                {
                    G: Fraction(len(weights)),
                    spread: width,
                    p: lambda a, table=weights: table[a],
                    y: lambda a, table=values: table[a],
                },
            )
        )
    return tuple(found)


LEMMA = Lemma(
    slug="value-reassignment",
    group="max-affine",
    words="A weighted mean of values differs from the value of the top cell by at most the mass outside that cell times"
    " the largest difference of values: any assignment of values to cells is realised up to that.",
    latex=r"\Bigl|\sum_j p_j y_j-y_0\Bigr|\le(1-p_0)\max_j|y_j-y_0|",
    source="[MA] Prop. 3.3",
    hypotheses=("G >= 2", "p_j >= 0, sum p_j = 1", "|y_j - y_0| <= W for every j"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "three cells",
            "abs((1-p-q)*a + p*b + q*c - a) <= (p+q)*W",
            ("p >= 0", "q >= 0", "p + q <= 1", "abs(b-a) <= W", "abs(c-a) <= W"),
        ),
    ),
    beyond="the number of cells is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("weights need not sum to 1", {"mass": False}),
        Mutant("weights may be negative", {"positive": False}),
    ),
)
