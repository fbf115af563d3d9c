"""The sup-norm error of max-affine attention for any centres, sharper form."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from flint import arb

from ..claim import All, Claim, Formula, claim, function, ge, le, number, real
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value
from ..kernel import Fact, classical, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._centres import G, R, cluster_examples, distance, j, squared_distances
from .far_mass import COLD, DIMENSION, LAM, SIZE, SOME, SPLIT, d, far, far_share, m, mass, near, r, rho

y = function("y")
target, omega, osc = real("f_x"), real("omega"), real("osc")
CLOSE = All(j, 0, m, le(sp.Abs(y(j) - target), omega))


def _bounded(first: int = 0) -> All:
    return All(j, first, G - 1, le(sp.Abs(y(j) - target), osc))


def output(square: sp.Expr) -> sp.Expr:
    """F = sum_j p_j y_j with weights from the squared distances."""
    return sp.Sum(sp.exp(-R / 2 * square) * y(j), (j, 0, G - 1)) / mass(square, 0)


def hypotheses(first: int = 0) -> tuple[Formula, ...]:
    """All hypotheses of the bound, with the distances written out."""
    here, away = near(distance(sp.Integer(0))), far(distance(j))
    return (SIZE, DIMENSION, COLD, SOME, SPLIT, here, away, CLOSE, _bounded(first))


def _claim(shave: Fraction = Fraction(1), excess: bool = True, others: int = 1) -> Claim:
    lam = number(shave) * (G - others) / (G - 1) * LAM
    worse = sp.Max(0, osc - omega) if excess else sp.Integer(0)
    bound = omega + worse * lam / (1 + lam)
    return claim("sup-error-sharper", hypotheses(), le(sp.Abs(output(distance(j)) - target), bound))


@cache
def error_bound() -> Fact:
    """The lemma for any squared distances d(j)."""
    size, some, split, close, bounded = assumed(SIZE, SOME, SPLIT, CLOSE, _bounded())
    sizes = [size, some, split]
    (weight,) = assumed(ge(j, m + 1))
    total, w, tail = mass(d(j), 0), sp.exp(-R / 2 * d(j)), mass(d(j), m + 1)
    excess = sp.Max(0, osc - omega)
    worse = classical("maximum bounds", osc - omega, sp.Integer(0))
    never = classical("maximum bounds", sp.Integer(0), osc - omega)
    share = far_share()
    sides = []
    for sign in (1, -1):
        gap = sign * (y(j) - target)
        inside = combine(le(w * gap, w * omega), [(w, absolute_bounds(gap)), (w, specialise(close, j))])
        one = specialise(bounded, j, given=[weight, some])
        outside = combine(le(w * gap, w * osc), [(w, absolute_bounds(gap)), (w, one)])
        parts = [(inside, 0, m), (outside, m + 1, G - 1)]
        sums = [termwise(fact, j, low, high, sizes) for fact, low, high in parts]
        goal = le(sign * (output(d(j)) - target), omega + excess * LAM / (1 + LAM))
        terms = [(1 / total, fact) for fact in sums] + [(tail / total, worse), (excess, share)]
        sides.append(combine(goal, terms, [*sizes, never]))
    return at_most_in_absolute_value(*sides)


@cache
def _written_out() -> Fact:
    return substitute(error_bound(), {d: sp.Lambda(j, distance(j))}, assumed(DIMENSION))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (_written_out(),)


def attention(example: Example) -> arb:
    """F(x) from coordinates, straight from the definition of the softmax weights."""
    squares = squared_distances(example)
    weights = [(ball(-example.values[R] * square) / 2).exp() for square in squares]
    return sum((weight * ball(example.values[y](a)) for a, weight in enumerate(weights)), arb(0)) / sum(weights, arb(0))


def decay(example: Example) -> arb:
    """exp(-(R/2)(r^2 - rho^2))."""
    return ball(-example.values[R] / 2 * (example.values[r] ** 2 - example.values[rho] ** 2)).exp()


def _brute(example: Example, shave: Fraction = Fraction(1), excess: bool = True, others: int = 1) -> Sequence[Pairs]:
    values = example.values
    lam = ball(shave * (values[G] - others)) * decay(example)
    worse = max(Fraction(0), values[osc] - values[omega]) if excess else Fraction(0)
    error = abs(attention(example) - ball(values[target]))
    return (((error, ball(values[omega]) + ball(worse) * lam / (1 + lam)),),)


def value_examples(level: int) -> tuple[Example, ...]:
    """Near values omega away from f(x), far values osc away, all on one side: the worst case."""
    found = []
    for example in cluster_examples(level, m, r, rho):
        inner = int(example.values[m])
        for small, large in ((Fraction(1, 4), Fraction(2)), (Fraction(1), Fraction(1))):
            table: dict[sp.Basic, Any] = {omega: small, osc: large, target: Fraction(1, 3)}
            table[y] = lambda a, inner=inner, small=small, large=large: (
                Fraction(1, 3) + (small if a <= inner else large)
            )
            found.append(Example(f"{example.words}, values {small} and {large} off", {**example.values, **table}))
    return tuple(found)


LEMMA = Lemma(
    slug="sup-error-sharper",
    group="max-affine",
    words="At a point x with centre 0 within rho, centres m+1, ..., G-1 at least r away, |y_j - f(x)| at most omega for"
    " j <= m and at most osc for every j: the error at x is at most omega + max(0, osc-omega) lambda/(1+lambda). With"
    " y_j = f(v_j) and the others closer than r, omega(r) and osc f are such numbers.",
    latex=r"|F(x)-f(x)|\le\omega+(\mathrm{osc}-\omega)_+\frac{\lambda}{1+\lambda},\qquad"
    r"\lambda=(G-1)e^{-\frac R2(r^2-\rho^2)}",
    source="ours; sharpens [MA] Thm 4.1",
    hypotheses=(
        "G >= 2 centres in R^N, R >= 0",
        "|x - v_0|^2 <= rho^2",
        "|x - v_j|^2 >= r^2 for j > m >= 0",
        "|y_j - f(x)| <= omega for j <= m and <= osc for all j",
    ),
    claim=_claim,
    proof=_proof,
    examples=value_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "from far-mass, q the far mass and l = lambda, to the bound",
            "w*(1-q) + o*q <= w + max(0, o-w)*l/(1 + l)",
            ("w >= 0", "o >= 0", "q in [0, 1]", "l >= 0", "q <= l/(1 + l)"),
        ),
    ),
    beyond="the numbers of centres and coordinates are symbolic",
    mutants=(
        Mutant("lambda one percent smaller", {"shave": Fraction(99, 100)}),
        Mutant("no far mass at all", {"excess": False}),
        Mutant("G - 2 in place of G - 1", {"others": 2}),
    ),
)
