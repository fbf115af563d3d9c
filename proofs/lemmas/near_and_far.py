"""A point away from the jumps: near centres by the Lipschitz constant, far ones by the oscillation and their mass."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import All, Claim, Formula, claim, eq, function, ge, integer, le, number, real
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value
from ..kernel import Fact, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ._powers import Row, listed, shown

G, last, j = integer("G"), integer("q"), integer("j")
p, value, distance = function("p"), function("y"), function("d")
target, slope, osc, mean, share = (real(name) for name in ("f_x", "L", "O", "D", "tau"))
SIZE, START, STOP = ge(G, 1), ge(last, 0), le(last, G)
WEIGHTS = All(j, 0, G - 1, ge(p(j), 0))
DISTANCES = All(j, 0, G - 1, ge(distance(j), 0))
NEAR = All(j, 0, last - 1, le(sp.Abs(value(j) - target), slope * distance(j)))
FAR = All(j, last, G - 1, le(sp.Abs(value(j) - target), osc))
SIGNS = ge(slope, 0), ge(osc, 0)


def _total(term: sp.Expr, first: sp.Expr | int = 0, end: sp.Expr = G - 1) -> sp.Expr:
    return sp.Sum(term, (j, first, end))


MASS = eq(_total(p(j)), 1)
MEAN = le(_total(p(j) * distance(j)), mean)
TAIL = le(_total(p(j), last), share)


def _claim(shave: Fraction = Fraction(1), tail: bool = True, jump: int = 1) -> Claim:
    optional: list[Formula] = [TAIL] if tail else []
    setting = (SIZE, START, STOP, WEIGHTS, DISTANCES, *SIGNS, MASS, MEAN, NEAR, FAR, *optional)
    goal = le(sp.Abs(_total(p(j) * value(j)) - target), number(shave) * (slope * mean + jump * osc * share))
    return claim("near-and-far", setting, goal)


@cache
def near_and_far() -> Fact:
    """|sum p y - f| <= L D + O tau."""
    size, start, stop, weights, distances, steep, wide, mass, average, tail, near, far = assumed(
        SIZE, START, STOP, WEIGHTS, DISTANCES, *SIGNS, MASS, MEAN, TAIL, NEAR, FAR
    )
    known = [size, start, stop, weights, distances, steep, wide]
    spare = combine(ge(_total(p(j) * distance(j), last), 0), [], known)
    sides = []
    for sign in (1, -1):
        gap, parts = sign * (value(j) - target), []
        for bound, fact, begin, end in ((slope * distance(j), near, sp.Integer(0), last - 1), (osc, far, last, G - 1)):
            range_ = assumed(ge(j, begin), le(j, end))
            low = combine(ge(j, 0), [(1, range_[0]), *([(1, start)] if begin == last else [])])
            high = combine(le(j, G - 1), [(1, range_[1]), *([(1, stop)] if begin != last else [])])
            weight = specialise(weights, j, given=[low, high])
            one = combine(
                le(p(j) * gap, p(j) * bound), [(p(j), absolute_bounds(gap)), (p(j), specialise(fact, j))], [weight]
            )
            parts.append(termwise(one, j, begin, end, [*known, fact]))
        goal = le(sign * (_total(p(j) * value(j)) - target), slope * mean + osc * share)
        terms = [(1, part) for part in parts] + [(sign * target, mass), (slope, average), (osc, tail), (slope, spare)]
        sides.append(combine(goal, terms, known))
    return at_most_in_absolute_value(*sides)


def _proof(statement: Claim) -> Sequence[Fact]:
    return (near_and_far(),)


def _brute(example: Example, shave: Fraction = Fraction(1), tail: bool = True, jump: int = 1) -> Sequence[Pairs]:
    read = example.values
    error = sum((read[p](k) * read[value](k) for k in range(int(read[G]))), Fraction(0)) - read[target]
    return (((abs(error), shave * (read[slope] * read[mean] + jump * read[osc] * read[share])),),)


def _examples(level: int) -> tuple[Example, ...]:
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    tables: tuple[tuple[Row, Row, int], ...] = (
        ((half, half), (1, 1), 2),
        ((half, half), (1, 3), 1),
        ((half, quarter, quarter), (half, 2, 4), 1),
        ((quarter, quarter, half), (1, half, 3), 2),
        ((Fraction(1),), (0,), 0),
    )
    found = []
    for weights, distances, count in tables:
        for steep, wide in ((Fraction(2), Fraction(5)), (Fraction(0), Fraction(1)), (Fraction(1), Fraction(0))):
            offsets = [steep * d if k < count else wide for k, d in enumerate(distances)]
            spread = sum(
                (Fraction(u) * d for u, d in zip(weights[:count], distances[:count], strict=True)), Fraction(0)
            )
            rest = sum((Fraction(u) * d for u, d in zip(weights[count:], distances[count:], strict=True)), Fraction(0))
            for tau in (sum(weights[count:], Fraction(0)), Fraction(0)):
                sizes = {G: Fraction(len(weights)), last: Fraction(count), target: Fraction(1)}
                bounds = {slope: steep, osc: wide, mean: spread + rest, share: tau}
                families = {p: listed(weights), distance: listed(distances), value: listed([1 + o for o in offsets])}
                words = f"p={shown(weights)}, d={shown(distances)}, q={count}, L={steep}, O={wide}"
                values = {**sizes, **bounds, **families}
                found.append(Example(f"{words}, tau={tau}", values))
    return tuple(found)


LEMMA = Lemma(
    slug="near-and-far",
    group="max-affine-lp",
    words="If the values of the centres 0, ..., q-1 differ from f(x) by at most L times their distances from x, the"
    " others by at most O and share at most tau, and the mean distance is at most D, then |F(x) - f(x)| <= L D + O"
    " tau. Away from the jumps, centres within r of x are of the first kind (the segment misses the jumps) and D ="
    " h m_{1,N} (corner-lemma), tau the mass beyond r (far-tail).",
    latex=r"|F(x)-f(x)|\le L\,E\|v-x\|+\mathrm{osc}f\cdot\tau(r),\qquad \mathrm{dist}(x,J)>r",
    source="ours",
    hypotheses=(
        "p_j >= 0 with sum 1, d_j >= 0, L, O >= 0",
        "|y_j - f(x)| <= L d_j for j < q, <= O for j >= q",
        "sum p_j d_j <= D, and sum of p_j over j >= q at most tau",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "one near centre and one far",
            "p*a + (1 - p)*b <= L*d*p + O*(1 - p)",
            (
                "p in [0, 1]",
                "a <= L*d",
                "b <= O",
                "L in [0, 9]",
                "O in [0, 9]",
                "d in [0, 9]",
                "a in [-9, 90]",
                "b in [-9, 9]",
            ),
        ),
    ),
    beyond="it is about any number of centres",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("far centres of any mass", {"tail": False}),
        Mutant("no far centres at all", {"jump": 0}),
    ),
)
