"""Lattice weights for the lemmas on lattice sums: terms of the kernel, series bounds, and the same sums in Arb."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp
from flint import arb

from ..claim import ge, gt, integer, le, real
from ..derived import assumed, chain, exponential
from ..kernel import Fact, assume, combine, enclosure, induction, substitute, termwise
from ..lemma import Example
from ..values import ball

kappa = real("kappa")
k, n = integer("k"), integer("n")
HOT, COUNT = gt(kappa, 0), ge(n, 0)
HEAD = 6  # the series bounds sum the terms before this one exactly and bound the others geometrically


def weight(index: sp.Expr) -> sp.Expr:
    """w_k = exp(-kappa k (k+1) / 2): the weight of the distance k + 1/2 relative to that of the distance 1/2."""
    return sp.exp(-kappa * index * (index + 1) / 2)


def series_bound(
    factor: Callable[[sp.Expr], sp.Expr], bound: int, threshold: sp.Rational, largest: sp.Rational
) -> Fact:
    """sum of c(k) w_k <= bound * exp(-kappa) * sum of w_k over k = 0..n, for kappa >= threshold and every n >= 0.

    For n >= HEAD the gap stays above 2 c(n+1) w_(n+1), as c(k) w_k at least halves with each k; for smaller n the
    gap is larger still. `largest` is a rational above exp(-threshold) and below the root of the polynomial at HEAD.
    """
    warm, size = assumed(ge(kappa, threshold), COUNT)
    y, x = sp.exp(-kappa), real("x")
    end = enclosure(largest - sp.exp(-threshold), {})
    small = chain(le(y, largest), exponential(chain(le(-kappa, -threshold), warm)), end)

    def gap(last: sp.Expr) -> sp.Expr:
        return bound * y * sp.Sum(weight(k), (k, 0, last)) - sp.Sum(factor(k) * weight(k), (k, 0, last))

    def reserve(last: sp.Expr) -> sp.Expr:
        return 2 * factor(last + 1) * weight(last + 1)

    head = sp.Add(*((bound * x - factor(sp.Integer(a))) * x ** (a * (a + 1) // 2) for a in range(HEAD + 1)))
    head -= 2 * factor(sp.Integer(HEAD + 1)) * x ** ((HEAD + 1) * (HEAD + 2) // 2)
    power = min(sum(monomial) for monomial in sp.Poly(head, x).monoms())
    start = substitute(
        enclosure(sp.expand(head / x**power), {x: (sp.Integer(0), largest)}, max_boxes=400), {x: y}, [small]
    )
    base = combine(ge(gap(sp.Integer(HEAD)), reserve(sp.Integer(HEAD))), [(y**power, start)])
    late = assume(ge(n, HEAD))
    square = combine(le(y**2, largest**2), [(y + largest, small)])
    faster = exponential(combine(le(-kappa * (n + 2), -2 * kappa), [], [late, warm]))
    decay = chain(le(sp.exp(-kappa * (n + 2)), largest**2), faster, square)
    goal = ge(gap(n), reserve(n))
    kept = assume(goal, [late])
    rest = weight(n + 1) * (bound * y + factor(n + 1) - 2 * largest**2 * factor(n + 2))
    terms = [(1, kept), (2 * factor(n + 2) * weight(n + 1), decay)]
    step = combine(ge(gap(n + 1), reserve(n + 1)), terms, [late, warm, size], rest=rest)
    everywhere = substitute(induction(goal, n, HEAD, base, step), {n: n + HEAD}, [size])
    below = combine(le(y, 1), [(1, small)])
    first = combine(ge(k, 1), [(1, assume(ge(k, n + 1))), (1, size)])
    rest = weight(k) * (factor(k) - bound)
    one = combine(le(bound * y * weight(k), factor(k) * weight(k)), [(bound * weight(k), below)], [first], rest=rest)
    lost = termwise(one, k, n + 1, n + HEAD, [size])
    kept = reserve(n + HEAD)
    return combine(ge(gap(n), 0), [(1, everywhere), (1, lost)], [size], rest=kept)


def direct_sum(heat: Fraction, last: int, power: int) -> arb:
    """Sum over k = 0..last of (k + 1/2)^power exp(-kappa ((k + 1/2)^2 - 1/4) / 2), from the distances themselves."""
    distances = [Fraction(2 * a + 1, 2) for a in range(last + 1)]
    terms = (ball(x**power) * ball(-heat * (x * x - Fraction(1, 4)) / 2).exp() for x in distances)
    return sum(terms, arb(0))


def lattice_examples(level: int, *heats: Fraction) -> tuple[Example, ...]:
    """Few, several and many terms at the given temperatures and at some others, cold and hot."""
    usual = (Fraction(1, 20), Fraction(1, 2), Fraction(2), Fraction(6))
    found = []
    for heat in (*heats, *usual, *(map(Fraction, ("0.11", "1.5", "4", "30")) if level > 1 else ())):
        for last in (0, 1, 2, 5, 40):
            found.append(Example(f"kappa={heat}, n={last}", {kappa: heat, n: Fraction(last)}))
    return tuple(found)
