"""The lattice's second moment is at most 1/4 + 1/kappa for every kappa > 0."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from ..claim import Claim, claim, eq, ge, le, number, real
from ..derived import assumed, exponential
from ..kernel import Fact, assume, combine, identity, induction, monotone, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball
from ._lattice import COUNT, HOT, direct_sum, k, kappa, lattice_examples, n, weight

s = real("s")
ONE = sp.Integer(1)


def _claim(shave: Fraction = Fraction(1), shift: int = 0, quarter: bool = True) -> Claim:
    mass, excess = sp.Sum(weight(k), (k, 0, n)), sp.Sum(k * (k + 1) * weight(k), (k, 0, n))
    moment = excess if quarter else excess + mass / 4
    return claim("m2-rate", (HOT, COUNT), le((kappa + shift) * moment, number(shave) * mass))


def _growing(term: sp.Expr, slope: Fact, start: Fact) -> Fact:
    """term(0) <= term(s) from the slope's sign for s >= 0."""
    return monotone(term, s, slope, start)


def _series() -> tuple[Fact, Fact]:
    """exp(-s) <= 1 - s + s^2/2 and s + s^3/6 <= sinh(s), for s >= 0."""
    start = assume(ge(s, 0))
    flat = exponential(combine(le(-s, 0), [(1, start)]))
    first = _growing(s + sp.exp(-s), combine(ge(1 - sp.exp(-s), 0), [(1, flat)]), start)
    falling = combine(ge(s - 1 + sp.exp(-s), 0), [(1, first)])
    above = _growing(1 - s + s**2 / 2 - sp.exp(-s), falling, start)
    steep = combine(ge(sp.sinh(s), 0), [], [start])
    cosh = _growing(sp.cosh(s), steep, start)
    once = _growing(sp.sinh(s) - s, combine(ge(sp.cosh(s) - 1, 0), [(1, cosh)]), start)
    twice = _growing(sp.cosh(s) - s**2 / 2, combine(ge(sp.sinh(s) - s, 0), [(1, once)]), start)
    slope = combine(ge(sp.cosh(s) - 1 - s**2 / 2, 0), [(1, twice)])
    below = _growing(sp.sinh(s) - s - s**3 / 6, slope, start)
    return combine(le(sp.exp(-s), 1 - s + s**2 / 2), [(1, above)]), combine(le(s + s**3 / 6, sp.sinh(s)), [(1, below)])


def _difference(index: sp.Expr) -> sp.Expr:
    """k exp(-kappa k^2/2) - (k+1) exp(-kappa (k+1)^2/2), which telescopes."""
    return index * sp.exp(-kappa * index**2 / 2) - (index + 1) * sp.exp(-kappa * (index + 1) ** 2 / 2)


def _pointwise() -> tuple[Fact, Fact]:
    """(kappa k (k+1) - 1) w_k <= exp(kappa/4) times the difference, for k >= 1 and at k = 0."""
    hot, late = assumed(HOT, ge(k, 1))
    argument = kappa * (2 * k + 1) / 4
    positive = combine(ge(argument, 0), [], [hot, late])
    above, below = (substitute(fact, {s: argument}, [positive]) for fact in _series())
    scale = weight(k)
    left = (kappa * k * (k + 1) - 1) * scale
    square = k / 3 * (argument - 3 / (4 * k)) ** 2
    left_over = combine(ge(1 / (2 * k + 1), 3 / (16 * k)), [], [late])
    spare = combine(ge(argument**2 * k / 3 - argument / 2 + 1 / (2 * k + 1), 0), [(1, left_over)], [late], rest=square)
    goal = le(left, sp.exp(kappa / 4) * _difference(k))
    later = combine(goal, [(scale, above), (2 * k * scale, below), (scale * argument, spare)], [hot, late])
    begin = exponential(combine(le(-kappa / 4, 0), [], [hot]))
    zero = le(-ONE, sp.exp(kappa / 4) * _difference(sp.Integer(0)))
    return later, combine(zero, [(1, begin)], [hot])


def _proof(statement: Claim) -> Sequence[Fact]:
    hot, size = assumed(HOT, COUNT)
    later, zero = _pointwise()
    total = sp.Sum(_difference(k), (k, 0, n))
    goal = eq(total, -(n + 1) * sp.exp(-kappa * (n + 1) ** 2 / 2))
    base = identity(sp.Sum(_difference(k), (k, 0, 0)), -sp.exp(-kappa / 2))
    after = eq(sp.Sum(_difference(k), (k, 0, n + 1)), -(n + 2) * sp.exp(-kappa * (n + 2) ** 2 / 2))
    step = combine(after, [(1, assume(goal, [size]))], [size])
    telescope = induction(goal, n, 0, base, step)
    terms = [(1, termwise(later, k, 1, n, [size])), (1, zero), (sp.exp(kappa / 4), telescope)]
    rest = sp.exp(kappa / 4) * (n + 1) * sp.exp(-kappa * (n + 1) ** 2 / 2)
    return (combine(_claim().parts[0].conclusion, terms, [hot, size], rest=rest),)


def _brute(example: Example, shave: Fraction = Fraction(1), shift: int = 0, quarter: bool = True) -> Sequence[Pairs]:
    heat, last = example.values[kappa], int(example.values[n])
    mass, second = (direct_sum(heat, last, power) for power in (0, 2))
    moment = second - mass / 4 if quarter else second
    return (((ball(heat + shift) * moment, ball(shave) * mass),),)


def _examples(level: int) -> tuple[Example, ...]:
    cold = Fraction(1, 1000)
    return (*lattice_examples(level), Example(f"kappa={cold}, n=300", {kappa: cold, n: Fraction(300)}))


LEMMA = Lemma(
    slug="m2-rate",
    group="lattice",
    words="For every kappa > 0 the second moment of the distances k + 1/2 with weights w_k = exp(-kappa k(k+1)/2) is at"
    " most 1/4 + 1/kappa, for every number of terms, so in the limit: (kappa k(k+1) - 1) w_k is at most exp(kappa/4)"
    " times k exp(-kappa k^2/2) - (k+1) exp(-kappa (k+1)^2/2), which telescopes to something negative.",
    latex=r"m_2(\kappa)-\tfrac14=\frac{\sum_k k(k+1)w_k}{\sum_k w_k}\le\frac1\kappa",
    source="ours",
    hypotheses=("kappa > 0", "k = 0, ..., n, n >= 0: all partial sums, so the infinite sums too"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core("step", "exp below its Taylor polynomial", "exp(-s) <= 1 - s + s**2/2", ("s >= 0",)),
        Core("step", "sinh above its Taylor polynomial", "s + s**3/6 <= sinh(s)", ("s >= 0",)),
        Core("step", "what is to spare for k >= 1", "s**2*k/3 - s/2 + 1/(2*k + 1) >= 0", ("k >= 1", "s >= 0")),
        Core("instance", "two terms", "2*c*exp(-c) <= 1 + exp(-c)", ("c > 0",)),
    ),
    beyond="the number of terms is symbolic",
    mutants=(
        Mutant("99/100 of 1/kappa", {"shave": Fraction(99, 100)}),
        Mutant("1/(kappa + 1) in place of 1/kappa", {"shift": 1}),
        Mutant("m2 at most 1/kappa, without the 1/4", {"quarter": False}),
    ),
)
