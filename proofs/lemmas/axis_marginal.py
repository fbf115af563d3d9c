"""Under product weights the mean of a function of one coordinate is its mean under the weights of that axis alone."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp
from flint import arb

from ..claim import Claim, claim, eq, function, ge, integer, number
from ..derived import assumed
from ..kernel import Fact, combine
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

P, B = integer("P"), integer("B")
i, j = integer("i"), integer("j")
axis, other, phi = function("g"), function("r"), function("phi")
POINTS, REST = ge(P, 1), ge(B, 1)


def _claim(share: Fraction = Fraction(1), coupling: int = 0, mixed: int = 0) -> Claim:
    weight = sp.exp(axis(i) + other(j) + coupling * i * j)

    def whole(term: sp.Expr) -> sp.Expr:
        return sp.Sum(sp.Sum(weight * term, (j, 1, B)), (i, 1, P))

    def alone(term: sp.Expr) -> sp.Expr:
        return sp.Sum(sp.exp(axis(i)) * term, (i, 1, P))

    one = sp.Integer(1)
    mean = whole(phi(i) + mixed * other(j)) / whole(one)
    return claim("axis-marginal", (POINTS, REST), eq(mean, number(share) * alone(phi(i)) / alone(one)))


def _proof(statement: Claim) -> Sequence[Fact]:
    goal = statement.parts[0].conclusion
    return (combine(goal, [], assumed(POINTS, REST)),)


def _brute(example: Example, share: Fraction = Fraction(1), coupling: int = 0, mixed: int = 0) -> Sequence[Pairs]:
    values = example.values
    points, rest = (range(1, int(values[size]) + 1) for size in (P, B))
    top = bottom = mean = total = arb(0)
    for a in points:
        alone = ball(values[axis](a)).exp()
        mean, total = mean + alone * ball(values[phi](a)), total + alone
        for b in rest:
            weight = ball(values[axis](a) + values[other](b) + coupling * a * b).exp()
            top, bottom = top + weight * ball(values[phi](a) + mixed * values[other](b)), bottom + weight
    return (((top / bottom, ball(share) * mean / total),),)


def _examples(level: int) -> tuple[Example, ...]:
    """Gaussian scores -kappa (k - u)^2/2 on the axis, several functions of k - u, and any scores on the rest."""
    found = []
    for points, rest in ((1, 3), (4, 1), (4, 5)) if level < 2 else ((1, 3), (4, 1), (4, 5), (9, 20)):
        for heat, u in ((Fraction(1), Fraction(1, 2)), (Fraction(5), Fraction(7, 3))):
            for power in (1, 2):
                values = {
                    P: Fraction(points),
                    B: Fraction(rest),
                    axis: lambda a, heat=heat, u=u: -heat * (a - u) ** 2 / 2,
                    other: lambda b: Fraction((3 * b) % 4, 2),
                    phi: lambda a, u=u, power=power: (a - u) ** power,
                }
                found.append(Example(f"P={points}, B={rest}, kappa={heat}, u={u}, phi = (k-u)^{power}", values))
    return tuple(found)


LEMMA = Lemma(
    slug="axis-marginal",
    group="max-affine",
    words="If scores are g_i on one axis plus r_j on the rest of the grid, the mean of phi_i over the whole grid is its"
    " mean over the axis alone: bias and moments of a coordinate are those of the one-dimensional grid.",
    latex=r"\frac{\sum_{i,j}e^{g_i+r_j}\phi_i}{\sum_{i,j}e^{g_i+r_j}}=\frac{\sum_ie^{g_i}\phi_i}{\sum_ie^{g_i}}",
    source="ours; see product-factorisation",
    hypotheses=("P >= 1 points on the axis, B >= 1 points on the rest of the grid",),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two points by two",
            "((exp(a+c) + exp(a+d))*f + (exp(b+c) + exp(b+d))*g)/(exp(a+c) + exp(a+d) + exp(b+c) + exp(b+d)) == "
            "(exp(a)*f + exp(b)*g)/(exp(a) + exp(b))",
        ),
    ),
    beyond="it is about families of scores on grids of symbolic size",
    mutants=(
        Mutant("one percent smaller", {"share": Fraction(99, 100)}),
        Mutant("scores that couple the axis with the rest", {"coupling": 1}),
        Mutant("the function also depends on the rest", {"mixed": 1}),
    ),
)
