"""The sup-norm error of max-affine attention for any centres, as published."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import Claim, claim, ge, le, number
from ..derived import assumed
from ..kernel import Fact, classical, combine, specialise, substitute
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._centres import G, R, distance, j
from .far_mass import DIMENSION, LAM, SIZE, SOME, SPLIT, d, r, rho
from .sup_error_sharper import (
    CLOSE,
    _bounded,
    attention,
    decay,
    error_bound,
    hypotheses,
    omega,
    osc,
    output,
    target,
    value_examples,
    y,
)

DECAY = sp.exp(-R / 2 * (r**2 - rho**2))


def _claim(modulus: Fraction = Fraction(1), power: int = 1, shave: Fraction = Fraction(1)) -> Claim:
    bound = number(modulus) * omega + number(shave) * osc * G * DECAY**power
    return claim("sup-error-published", hypotheses(), le(sp.Abs(output(distance(j)) - target), bound))


@cache
def _published() -> Fact:
    size, some, split, close, bounded = assumed(SIZE, SOME, SPLIT, CLOSE, _bounded())
    gap = sp.Abs(y(0) - target)
    positive = combine(ge(gap, 0))
    small = combine(ge(omega, 0), [(1, positive), (1, specialise(close, 0, given=[some]))])
    large = combine(ge(osc, 0), [(1, positive), (1, specialise(bounded, 0, given=[size]))])
    lower = combine(le(osc - omega, osc), [(1, small)])
    capped = classical("maximum least", osc, sp.Integer(0), osc - omega, given=[large, lower])
    share = LAM / (1 + LAM)
    goal = le(sp.Abs(output(d(j)) - target), omega + osc * G * DECAY)
    terms = [(1, error_bound()), (share, capped), (DECAY + LAM * share, large)]
    fact = combine(goal, terms, [size, some, split])
    return substitute(fact, {d: sp.Lambda(j, distance(j))}, assumed(DIMENSION))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (_published(),)


def _brute(
    example: Example, modulus: Fraction = Fraction(1), power: int = 1, shave: Fraction = Fraction(1)
) -> Sequence[Pairs]:
    values = example.values
    error = abs(attention(example) - ball(values[target]))
    tail = ball(shave * values[osc] * values[G])
    for _ in range(power):
        tail = tail * decay(example)
    return (((error, ball(modulus * values[omega]) + tail),),)


LEMMA = Lemma(
    slug="sup-error-published",
    group="max-affine",
    words="At a point x with centre 0 within rho, centres m+1, ..., G-1 at least r away, |y_j - f(x)| at most omega for"
    " j <= m and at most osc for every j: the error at x is at most omega + osc G exp(-(R/2)(r^2-rho^2)). With"
    " y_j = f(v_j) and the others closer than r, omega(r) and osc f are such numbers; if every x has a centre within"
    " rho (on the grid: covering-radius) the bound is one for the sup norm.",
    latex=r"|F(x)-f(x)|\le\omega(r)+\mathrm{osc}f\cdot G\,e^{-\frac R2(r^2-\rho^2)}",
    source="[MA] Thm 4.1",
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
            "from far-mass, q the far mass, to the bound",
            "w*(1-q) + o*q <= w + o*G*exp(-R/2*(r**2 - s**2))",
            (
                "G >= 2 integer",
                "R >= 0",
                "w >= 0",
                "o >= 0",
                "q in [0, 1]",
                "q <= (G-1)*exp(-R/2*(r**2 - s**2))/(1 + (G-1)*exp(-R/2*(r**2 - s**2)))",
            ),
        ),
    ),
    beyond="the numbers of centres and coordinates are symbolic",
    mutants=(
        Mutant("the modulus term one percent smaller", {"modulus": Fraction(99, 100)}),
        Mutant("the exponent doubled", {"power": 2}),
        Mutant("a quarter of the tail term", {"shave": Fraction(1, 4)}),
    ),
)
