"""From pointwise bounds to L^p: one bound everywhere, or one off a small set and a larger one on it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from ..claim import All, Claim, Formula, Sequent, ge, gt, integer, le, number, real
from ..derived import assumed
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._powers import CONVEX, SIZE, a, i, listed, m, n, p, power_of, power_order, shown, total, w, x
from .jensen_power import ENTRIES, WEIGHTS

q = integer("q")
low, high, volume, tube = real("A"), real("O"), real("V"), real("T")
SPLIT = (ge(q, 0), le(q, n))
OUTSIDE = All(i, 0, q - 1, le(a(i), low))
INSIDE = All(i, q, n - 1, le(a(i), high))
POSITIVE = gt(low, 0), gt(high, 0)


def _part(first: sp.Expr | int, last: sp.Expr, term: sp.Expr) -> sp.Expr:
    return sp.Sum(term, (i, first, last))


MEASURES = le(_part(0, q - 1, w(i)), volume), le(_part(q, n - 1, w(i)), tube)


def _claim(shave: Fraction = Fraction(1), measured: bool = True, weights: bool = True) -> Claim:
    setting: tuple[Formula, ...] = (SIZE, CONVEX, *[WEIGHTS] * weights, ENTRIES, *POSITIVE)
    everywhere = All(i, 0, n - 1, le(a(i), low))
    one = le(total(w(i) * a(i) ** p), number(shave) * low**p * volume)
    two = le(total(w(i) * a(i) ** p), number(shave) * (low**p * volume + high**p * tube))
    return Claim(
        "lp-from-sup",
        (
            Sequent((*setting, everywhere, le(total(w(i)), volume)), one),
            Sequent((*setting, *SPLIT, OUTSIDE, INSIDE, MEASURES[0], *[MEASURES[1]] * measured), two),
        ),
    )


@cache
def bounded_part(top: sp.Symbol) -> Fact:
    """w(i) a(i)^p <= w(i) top^p from a(i) <= top."""
    weight, entry, order = assumed(ge(w(i), 0), gt(a(i), 0), le(a(i), top))
    power = substitute(power_order(), {x: a(i), m: top}, [entry, order])
    known = [weight, entry, *assumed(gt(top, 0))]
    return combine(le(w(i) * a(i) ** p, w(i) * top**p), [(w(i), power)], known)


@cache
def everywhere() -> Fact:
    """sum w a^p <= A^p V."""
    hypotheses = All(i, 0, n - 1, le(a(i), low)), le(total(w(i)), volume)
    size, convex, weights, entries, positive, order, measure = assumed(
        SIZE, CONVEX, WEIGHTS, ENTRIES, POSITIVE[0], *hypotheses
    )
    one = substitute(bounded_part(low), {}, [specialise(fact, i) for fact in (weights, entries, order)])
    known = [size, convex, weights, entries, positive]
    summed = termwise(one, i, 0, n - 1, [*known, order])
    return combine(le(total(w(i) * a(i) ** p), low**p * volume), [(1, summed), (low**p, measure)], known)


@cache
def on_two_sets() -> Fact:
    """sum w a^p <= A^p V + O^p T."""
    size, convex, weights, entries, first, second, start, stop, outside, inside, *measures = assumed(
        SIZE, CONVEX, WEIGHTS, ENTRIES, *POSITIVE, *SPLIT, OUTSIDE, INSIDE, *MEASURES
    )
    known, terms = [size, convex, weights, entries, first, second, start, stop], []
    for top, order, begin, end, measure in (
        (low, outside, sp.Integer(0), q - 1, measures[0]),
        (high, inside, q, n - 1, measures[1]),
    ):
        range_ = assumed(ge(i, begin), le(i, end))
        here = [combine(ge(i, 0), [(1, range_[0]), (1, start)] if begin == q else [(1, range_[0])])]
        here.append(combine(le(i, n - 1), [(1, range_[1]), (1, stop)] if begin != q else [(1, range_[1])]))
        facts = [specialise(fact, i, given=here) for fact in (weights, entries)]
        one = substitute(bounded_part(top), {}, [*facts, specialise(order, i)])
        terms += [(1, termwise(one, i, begin, end, [*known, order])), (top**p, measure)]
    return combine(le(total(w(i) * a(i) ** p), low**p * volume + high**p * tube), terms, known)


def _proof(statement: Claim) -> Sequence[Fact]:
    return everywhere(), on_two_sets()


def _brute(
    example: Example, shave: Fraction = Fraction(1), measured: bool = True, weights: bool = True
) -> Sequence[Pairs]:
    value = example.values
    left = sum((power_of(value[a](k), value[p]) * ball(value[w](k)) for k in range(int(value[n]))), arb(0))
    off, on = (power_of(value[top], value[p]) * ball(value[size]) for top, size in ((low, volume), (high, tube)))
    return ((left, ball(shave) * off),), ((left, ball(shave) * (off + on)),)


def _examples(level: int) -> tuple[Example, ...]:
    half = Fraction(1, 2)
    found = []
    tables = (
        ((half, half), (2, 2), 2, 1, 0),
        ((half, half), (1, 3), 1, half, half),
        ((half, half), (1, 3), 1, half, Fraction(1, 4)),
        ((Fraction(1, 4), half, Fraction(1, 4)), (1, half, 4), 2, Fraction(3, 4), Fraction(1, 4)),
        ((1, -half), (2, 1), 2, half, 0),
        ((-1, 2), (half, 1), 2, 1, 0),
    )
    for weights, entries, split, size, rest in tables:
        for power in map(Fraction, ("1", "2") if level < 2 else ("1", "3/2", "2", "5")):
            tops = {low: max(entries[:split]), high: max((*entries[split:], 1))}
            base = {n: len(weights), q: split, p: power, volume: size, tube: rest, **tops}
            values = {key: Fraction(entry) for key, entry in base.items()} | {w: listed(weights), a: listed(entries)}
            words = f"p={power}, w={shown(weights)}, a={shown(entries)}, q={split}, T={rest}"
            found.append(Example(words, values))
    return tuple(found)


LEMMA = Lemma(
    slug="lp-from-sup",
    group="max-affine-lp",
    words="Values a_i > 0 with measures w_i: if all are at most A and the measures add up to at most V, the integral of"
    " a^p is at most A^p V (a sup bound times |K|^{1/p}); if the first q are at most A with measure V, and the"
    " others at most O with measure T (the points within r of the jumps), it is at most A^p V + O^p T. Integrals"
    " are limits of such sums; values that are 0 follow by continuity.",
    latex=r"\int|e|^p\le A^p\,|K|,\qquad\int|e|^p\le A^p\,|K|+O^p\,|J_r|",
    source="ours (the second: the two sets are disjoint, so p-th powers add); [MA] for the first",
    hypotheses=("p >= 1", "w_i >= 0, a_i > 0", "a_i <= A off the set, a_i <= O on it", "measures at most V and T"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "one value",
            "w*a**p <= A**p*w",
            ("w in [0, 10]", "p in [1, 10]", "a in [1/10, 5]", "A in [1/10, 5]", "a <= A"),
        ),
    ),
    beyond="it is about sums of symbolic length",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("the tube of any measure", {"measured": False}),
        Mutant("measures of any sign", {"weights": False}),
    ),
)
