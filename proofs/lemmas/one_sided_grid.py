"""On a one-sided grid the second moment of the distance does not fall as the first distance grows beyond 1/2."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import Claim, claim, ge, gt, le, number, real
from ..derived import assumed
from ..kernel import Fact, combine, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._lattice import HOT, kappa
from ._pairs import WAVE, hump, pair, s
from ._reindex import K, h, i, l, total
from ._square import LAST, SOME, a, nu, square
from .theta_decreases import INSIDE, NEAR, delta

x = real("x")
BEYOND = ge(x, sp.Rational(1, 2))


def gauss(distance: sp.Expr) -> sp.Expr:
    """exp(-kappa x^2 / 2)."""
    return sp.exp(-kappa * distance**2 / 2)


def mass(first: sp.Expr, last: sp.Expr = LAST) -> sp.Expr:
    """Sum of the weights at first, first + 1, ..., first + last."""
    return total(gauss(first + i), i, 0, last)


def second(first: sp.Expr, last: sp.Expr = LAST) -> sp.Expr:
    """Sum of the weights times the squared distances."""
    return total((first + i) ** 2 * gauss(first + i), i, 0, last)


def _claim(shave: Fraction = Fraction(1), beyond: bool = True, near: bool = True) -> Claim:
    hypotheses = (HOT, SOME, *[NEAR] * near, INSIDE, *[BEYOND] * beyond)
    first = x - delta
    return claim("one-sided-grid", hypotheses, le(second(first) * mass(x), number(shave) * second(x) * mass(first)))


@cache
def one_sided_grid() -> Fact:
    """E of the squared distance on x - delta, x - delta + 1, ... is at most that on x, x + 1, ... (2 nu + 2 terms)."""
    hot, some, near, inside, beyond = assumed(HOT, SOME, NEAR, INSIDE, BEYOND)
    given = [hot, some, near, inside, beyond]
    start = 2 * x - delta
    first, later, high = assumed(ge(K, 0), ge(K, 1), le(K, nu))
    half = sp.Rational(1, 2)
    place = {s: start + 2 * K}
    ahead = combine(ge(place[s], 2 * K + 1 - delta), [(2, beyond)])
    right = combine(gt(place[s], 0), [(2, beyond), (1, inside), (2, first)], rest=half)
    front = termwise(substitute(pair(), place, [*given, ahead, right, first]), K, 0, nu, [some], quantify=True)
    place = {s: start + 2 * LAST - 2 * K}
    ahead = combine(ge(place[s], 2 * K - 1 - delta), [(2, beyond), (4, high)], rest=sp.Integer(4))
    right = combine(gt(place[s], 0), [(2, beyond), (1, inside), (4, high), (2, later)], rest=half + 4)
    back = termwise(substitute(pair(True), place, [*given, ahead, right, later]), K, 1, nu, [some], quantify=True)
    end = start + 2 * LAST
    far = combine(ge(end, 0), [(2, beyond), (1, inside), (4, some)], rest=half + 2)
    corner = combine(ge(hump(end) * hump(delta), 0), [(sp.exp(-kappa * end**2 / 4) * hump(delta), far)], [near])
    rule = {a: sp.Lambda(l, hump(start + l)), h: WAVE}
    turned = substitute(square(), rule, [some, front, back, corner])
    first = x - delta
    goal = le(second(first) * mass(x), second(x) * mass(first))
    return combine(goal, [(1, turned)], [some], rest=sp.Integer(0))


def _proof(statement: Claim) -> Sequence[Fact]:
    return (one_sided_grid(),)


def _brute(example: Example, shave: Fraction = Fraction(1), beyond: bool = True, near: bool = True) -> Sequence[Pairs]:
    heat, last = example.values[kappa], 2 * int(example.values[nu]) + 1
    start, step = example.values[x], example.values[delta]

    def direct(first: Fraction, power: int) -> arb:
        distances = [first + k for k in range(last + 1)]
        return sum((ball(d**power) * ball(-heat * d * d / 2).exp() for d in distances), arb(0))

    first, later = start - step, start
    return (((direct(first, 2) * direct(later, 0), ball(shave) * direct(later, 2) * direct(first, 0)),),)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for heat in map(Fraction, ("1/2", "3", "10") if level < 2 else ("1/10", "1/2", "2", "3", "10", "40")):
        for start in map(Fraction, ("1/4", "1/2", "3/4", "5/2")):
            for step in map(Fraction, ("0", "1/100", "1/4", "1/2", "-1/2")):
                for size in (0, 4):
                    values = {kappa: heat, x: start, delta: step, nu: Fraction(size)}
                    found.append(Example(f"kappa={heat}, x={start}, delta={step}, {2 * size + 2} terms", values))
    return tuple(found)


LEMMA = Lemma(
    slug="one-sided-grid",
    group="lattice",
    words="Let distances run through x, x + 1, ..., x + 2 nu + 1 with weights exp(-kappa d^2/2). For x >= 1/2 their"
    " second moment is at least that of x - delta, ..., x - delta + 2 nu + 1, 0 <= delta <= 1/2: it is at most its"
    " value at 1/2 for x in [0, 1/2] and never falls below it for x >= 1/2. In p = d + d', q = d - d' the difference"
    " is a sum of F(p) F(q), F(x) = x exp(-kappa x^2/4), and neighbouring diagonals add up to something nonnegative.",
    latex=r"E_{x-\delta}\,d^2\le E_x\,d^2,\qquad x\ge\tfrac12,\ 0\le\delta\le\tfrac12",
    source="ours",
    hypotheses=("kappa > 0", "nu >= 0", "0 <= delta <= 1/2", "x >= 1/2"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "two terms, kappa = 1, delta = 1/2",
            "((x - 1/2)**2 + (x + 1/2)**2*exp(-x))*(1 + exp(-x - 1/2)) <= (x**2 + (x + 1)**2*exp(-x - 1/2))*(1 + "
            "exp(-x))",
            ("x >= 1/2",),
        ),
    ),
    beyond="the number of terms is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("x may be less than 1/2", {"beyond": False}),
        Mutant("delta may be negative", {"near": False}),
    ),
)
