"""The periodised Gaussian decreases on half a period; every partial sum of its derivative has the right sign."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import Claim, Rel, claim, ge, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, assume, classical, combine, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._lattice import COUNT, HOT, k, kappa, n

delta = real("delta")
NEAR, INSIDE = ge(delta, 0), le(delta, sp.Rational(1, 2))


def slope(distance: sp.Expr) -> sp.Expr:
    """x exp(-kappa x^2 / 2)."""
    return distance * sp.exp(-kappa * distance**2 / 2)


def partial_sum(last: sp.Expr) -> sp.Expr:
    """Sum of slope(k + delta) over |k| <= last, written by pairs."""
    return slope(delta) + sp.Sum(slope(k + delta) - slope(k - delta), (k, 1, last))


def _claim(shave: Fraction = Fraction(1), inside: bool = True, near: bool = True) -> Claim:
    pairs = sp.Sum(slope(k - delta) - slope(k + delta), (k, 1, n))
    hypotheses = (HOT, COUNT, *[NEAR] * near, *[INSIDE] * inside)
    return claim("theta-decreases", hypotheses, le(pairs, number(shave) * slope(delta)))


def _pair(turn: Fact, order: Fact, given: Sequence[Fact], outward: bool) -> Fact:
    """The sign of slope(k - delta) - slope(k + delta) from that at m = n + 1, further out (k >= m) or in (k <= m)."""
    m, start, end = n + 1, k - delta, k + delta
    exponents = _ordered(2 * kappa * m * delta, 2 * kappa * k * delta, outward)
    growth = exponential(combine(exponents, [(2 * kappa * delta, order)], given))
    scale, width = sp.exp(-kappa * end**2 / 2), m - delta
    terms = [
        (scale * start, growth),
        (scale * start / width * sp.exp(kappa * (m + delta) ** 2 / 2), turn),
        (2 * delta * scale / width, order),
    ]
    return combine(_ordered(slope(end), slope(start), outward), terms, given)


def _ordered(small: sp.Expr, large: sp.Expr, outward: bool) -> Rel:
    return le(small, large) if outward else le(large, small)


@cache
def theta_decreases() -> Fact:
    """0 <= partial_sum(n) for kappa > 0, 0 <= delta <= 1/2, n >= 0."""
    hot, size, near, inside = assumed(HOT, COUNT, NEAR, INSIDE)
    m = n + 1
    goal = ge(partial_sum(n), 0)
    later, earlier = assume(ge(k, m)), assumed(le(k, n), ge(k, 1))
    down = assume(le(slope(m + delta), slope(m - delta)))
    falling = termwise(_pair(down, later, [hot, size, near, inside], True), k, m, None, quantify=True)
    first = classical("theta decreases", kappa, delta, n, k, given=[hot, size, near, inside, falling])
    up = assume(le(slope(m - delta), slope(m + delta)))
    before = combine(le(k, m), [(1, earlier[0])])
    rising = termwise(_pair(up, before, [hot, earlier[1], size, near, inside], False), k, 1, n, [size])
    second = combine(goal, [(1, rising)], [size, near], rest=slope(delta))
    return classical("total order", slope(m + delta), slope(m - delta), goal, given=[first, second])


def _proof(statement: Claim) -> Sequence[Fact]:
    return (theta_decreases(),)


def _brute(example: Example, shave: Fraction = Fraction(1), inside: bool = True, near: bool = True) -> Sequence[Pairs]:
    heat, place, last = example.values[kappa], example.values[delta], int(example.values[n])

    def direct(x: Fraction) -> arb:
        return ball(x) * ball(-heat * x * x / 2).exp()

    pairs = sum((direct(a - place) - direct(a + place) for a in range(1, last + 1)), arb(0))
    return (((pairs, ball(shave) * direct(place)),),)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for heat in map(Fraction, ("1/2", "3", "10") if level < 2 else ("1/10", "1/2", "3", "10", "40")):
        for place in map(Fraction, ("0", "1/100", "1/4", "1/2", "3/4", "-1/4")):
            for last in (0, 1, 2, 6, 40):
                values = {kappa: heat, delta: place, n: Fraction(last)}
                found.append(Example(f"kappa={heat}, delta={place}, n={last}", values))
    return tuple(found)


LEMMA = Lemma(
    slug="theta-decreases",
    group="lattice",
    words="For kappa > 0 and 0 <= delta <= 1/2 the sum of (k + delta) exp(-kappa (k + delta)^2/2) over |k| <= n is at"
    " least 0, for every n: the periodised Gaussian decreases on [0, 1/2], and the pairs k, -k change sign once.",
    latex=r"\sum_{|k|\le n}(k+\delta)\,e^{-\kappa(k+\delta)^2/2}\ge0,\qquad 0\le\delta\le\tfrac12",
    source="classical in the limit (Jacobi); ours for partial sums",
    hypotheses=("kappa > 0", "0 <= delta <= 1/2", "n >= 0"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "three terms, kappa = 1, divided by exp(-delta^2/2)",
            "d + (1 + d)*exp(-1/2 - d) - (1 - d)*exp(d - 1/2) >= 0",
            ("0 <= d <= 1/2",),
        ),
    ),
    beyond="the number of terms is symbolic, and theta functions enter by a cited theorem",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("delta up to the whole period", {"inside": False}),
        Mutant("delta may be negative", {"near": False}),
    ),
)
