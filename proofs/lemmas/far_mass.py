"""Far mass: with a centre within rho, all centres at least r away share at most lambda / (1 + lambda)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, Formula, Rel, claim, function, ge, integer, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._centres import G, N, R, cluster_examples, distance, j, squared_distances

m = integer("m")
r, rho = real("r"), real("rho")
d = function("d")
SIZE, DIMENSION, COLD, SOME, SPLIT = ge(G, 2), ge(N, 1), ge(R, 0), ge(m, 0), le(m, G - 1)
LAM = (G - 1) * sp.exp(-R / 2 * (r**2 - rho**2))


def near(square: sp.Expr) -> Rel:
    """The centre 0 is within rho (square: its squared distance)."""
    return le(square, rho**2)


def far(square: sp.Expr) -> All:
    """The centres m+1, ..., G-1 are at least r away (square: the squared distance of centre j)."""
    return All(j, m + 1, G - 1, le(r**2, square))


def mass(square: sp.Expr, low: sp.Expr | int) -> sp.Expr:
    """Sum over the centres from `low` on of the Gaussian weights."""
    return sp.Sum(sp.exp(-R / 2 * square), (j, low, G - 1))


def _claim(shave: Fraction = Fraction(1), cold: bool = True, nearest: bool = True) -> Claim:
    lam = number(shave) * LAM
    here = near(distance(sp.Integer(0)))
    optional: list[Formula] = [*([COLD] if cold else []), *([here] if nearest else [])]
    share = mass(distance(j), m + 1) / mass(distance(j), 0)
    return claim("far-mass", (SIZE, DIMENSION, SOME, SPLIT, far(distance(j)), *optional), le(share, lam / (1 + lam)))


@cache
def far_share() -> Fact:
    """The lemma for any squared distances d(j)."""
    size, cold, some, split, close, away = assumed(SIZE, COLD, SOME, SPLIT, near(d(0)), far(d(j)))
    sizes = [size, some, split]
    top = combine(le(-R / 2 * rho**2, -R / 2 * d(0)), [(R / 2, close)], [cold])
    low = combine(le(-R / 2 * d(j), -R / 2 * r**2), [(R / 2, specialise(away, j))], [cold])
    tail = termwise(exponential(low), j, m + 1, G - 1, sizes)
    first = sp.exp(-R / 2 * d(0))
    edge = sp.exp(-R / 2 * r**2)
    small = combine(le(mass(d(j), m + 1), LAM * first), [(1, tail), (LAM, exponential(top))], sizes, rest=m * edge)
    everything, lam = mass(d(j), 0), LAM
    inner = sp.Sum(sp.exp(-R / 2 * d(j)), (j, 1, m))
    total = (1 + lam) * everything
    goal = le(mass(d(j), m + 1) / everything, lam / (1 + lam))
    return combine(goal, [(1 / total, small)], sizes, rest=lam * inner / total)


def _proof(statement: Claim) -> Sequence[Fact]:
    return (substitute(far_share(), {d: sp.Lambda(j, distance(j))}, assumed(DIMENSION)),)


def _brute(example: Example, shave: Fraction = Fraction(1), cold: bool = True, nearest: bool = True) -> Sequence[Pairs]:
    squares = squared_distances(example)
    temperature, first = example.values[R], int(example.values[m])
    weights = [(ball(-temperature * square) / 2).exp() for square in squares]
    exponent = -temperature / 2 * (example.values[r] ** 2 - example.values[rho] ** 2)
    lam = ball(shave * (len(squares) - 1)) * ball(exponent).exp()
    return (((sum(weights[first + 1 :], arb(0)) / sum(weights, arb(0)), lam / (1 + lam)),),)


def _examples(level: int) -> tuple[Example, ...]:
    return cluster_examples(level, m, r, rho)


LEMMA = Lemma(
    slug="far-mass",
    group="max-affine",
    words="If some centre is within rho of x, the softmax mass of the centres m+1, ..., G-1, all at least r away, is at"
    " most lambda/(1+lambda), lambda = (G-1) exp(-(R/2)(r^2-rho^2)). The near centre is number 0; for r > rho the far"
    " ones can be all centres at least r away. The weights exp(-R |x-v_j|^2/2) are those of the scores"
    " (completing-square).",
    latex=r"\sum_{j:\|x-v_j\|\ge r}p_j\le\frac{\lambda}{1+\lambda},\qquad\lambda=(G-1)e^{-\frac R2(r^2-\rho^2)},"
    r"\quad r>\rho\ge\min_j\|x-v_j\|",
    source="ours; sharpens [MA] Thm 4.1",
    hypotheses=("G >= 2 centres in R^N", "R >= 0", "|x - v_0|^2 <= rho^2", "|x - v_j|^2 >= r^2 for j > m >= 0"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "from a bound on the far weight F to its share",
            "F/(N + F) <= t/(1 + t)",
            ("N > 0", "F >= 0", "t >= 0", "F <= t*N"),
        ),
        Core(
            "instance",
            "two centres at squared distances c and d",
            "exp(-R*d/2)/(exp(-R*c/2) + exp(-R*d/2)) <= exp(-R/2*(r**2 - q**2))/(1 + exp(-R/2*(r**2 - q**2)))",
            ("R >= 0", "c >= 0", "c <= q**2", "d >= r**2"),
        ),
    ),
    beyond="the numbers of centres and coordinates are symbolic",
    mutants=(
        Mutant("lambda one percent smaller", {"shave": Fraction(99, 100)}),
        Mutant("negative temperatures allowed", {"cold": False}),
        Mutant("no centre need be within rho", {"nearest": False}),
    ),
)
