"""How much undoing the slots can enlarge errors: the column sums of |Q^-1|, for any number of slots."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import All, Claim, Formula, Sequent, eq, function, gt, le, number, real
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value
from ..kernel import Fact, classical, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ._slots import ABOVE_ONE, FIRST, HERE, IDENTITY, LAST, ONE, SOME, W, entries, i, n, odds, slot_values, t, total

eps, e = real("eps"), function("e")
SMALL = All(i, 0, n - 1, le(sp.Abs(e(i)), eps))
COLUMN = total(sp.Abs(W(i, t)), i)


def _claim(shave: Fraction = Fraction(1), slots: int = 3, cold: bool = True) -> Claim:
    norm = number(shave) * (odds + 2 * n - slots) / (odds - 1)
    known: tuple[Formula, ...] = (*IDENTITY, ABOVE_ONE if cold else gt(odds, 0))
    read = sp.Abs(total(e(i) * W(i, t), i))
    return Claim(
        "slot-amplification",
        (
            Sequent(known, All(t, 0, n - 1, eq(COLUMN, norm))),
            Sequent((*known, SMALL), All(t, 0, n - 1, le(read, norm * eps))),
        ),
    )


def _magnitude(value: Fact, sign: int, given: Sequence[Fact]) -> Fact:
    """|x| == v from value: x == v (sign 1) or x == -v (sign -1), where `given` shows v >= 0."""
    x, v = value.relation.lhs, sign * value.relation.rhs
    sides = [combine(le(s * x, v), [(s, value)], given) for s in (1, -1)]
    below = combine(le(v, sp.Abs(x)), [(1, absolute_bounds(sign * x, given)), (-sign, value)], given)
    return classical("antisymmetry", sp.Abs(x), v, given=[at_most_in_absolute_value(*sides), below])


@cache
def norm() -> Fact:
    """The sum over i of |W(i, t)| is (E + 2n - 3)/(E - 1)."""
    size, cold, one, first, last, low, high = assumed(SOME, ABOVE_ONE, ONE, FIRST, LAST, *HERE)
    share = (odds + n - 1) / (odds - 1)
    sides = []
    for fact, start, end in ((first, 0, t - 1), (last, t + 1, n - 1)):
        zero = specialise(specialise(fact, t), i)
        value = combine(eq(W(i, t), -1 / (odds - 1)), [(share, zero)], [size, cold])
        sides.append(termwise(_magnitude(value, -1, [size, cold]), i, start, end, [size, cold, low, high]))
    own = combine(eq(W(t, t), (odds + n - 2) / (odds - 1)), [(share, specialise(one, t))], [size, cold])
    middle = _magnitude(own, 1, [size, cold])
    goal = eq(COLUMN, (odds + 2 * n - 3) / (odds - 1))
    return combine(goal, [*((1, side) for side in sides), (1, middle)], [size, cold, low, high])


@cache
def _facts() -> tuple[Fact, ...]:
    """The parts of the statement."""
    size, cold, small = assumed(SOME, ABOVE_ONE, SMALL)
    bound, sides = (odds + 2 * n - 3) / (odds - 1) * eps, []
    near, w, size_of = specialise(small, i), W(i, t), sp.Abs(W(i, t))
    signs = [absolute_bounds(s * w, [size, cold]) for s in (1, -1)]
    for sign in (1, -1):
        halves = [((size_of + s * w) / 2, absolute_bounds(s * sign * e(i))) for s in (1, -1)]
        one = combine(le(sign * e(i) * w, eps * size_of), [*halves, (size_of, near)], [size, cold, *signs])
        whole = termwise(one, i, 0, n - 1, [size, cold])
        sides.append(combine(le(sign * total(e(i) * W(i, t), i), bound), [(1, whole), (eps, norm())], [size, cold]))
    read = at_most_in_absolute_value(*sides)
    return tuple(termwise(fact, t, 0, n - 1, [size], quantify=True) for fact in (norm(), read))


def _proof(statement: Claim) -> Sequence[Fact]:
    return _facts()


def _brute(example: Example, shave: Fraction = Fraction(1), slots: int = 3, cold: bool = True) -> Sequence[Pairs]:
    size, ratio = int(example.values[n]), example.values[odds]
    inverse, bound = entries(size, ratio)[1], shave * (ratio + 2 * size - slots) / (ratio - 1)
    errors = [example.values[e](a) for a in range(size)]
    read = [abs(sum((errors[a] * inverse[a][b] for a in range(size)), Fraction(0))) for b in range(size)]
    return (
        tuple((sum((abs(row[b]) for row in inverse), Fraction(0)), bound) for b in range(size)),
        tuple((entry, bound * example.values[eps]) for entry in read),
    )


def _examples(level: int) -> tuple[Example, ...]:
    """Errors with the signs of a column of the inverse attain the bound in that column."""
    found = []
    for size, ratio, values in slot_values(level):
        for own in range(size):
            errors = {eps: Fraction(1, 3), e: lambda a, own=own: Fraction(1 if a == own else -1, 3)}
            found.append(Example(f"n={size}, e^lambda={ratio}, errors +-1/3, + at {own}", {**values, **errors}))
    return tuple(found)


LEMMA = Lemma(
    slug="slot-amplification",
    group="max-affine",
    words="Every column of |Q^-1| sums to (e^lambda + 2n - 3)/(e^lambda - 1): errors of at most eps in the n columns"
    " that a slot matrix mixed grow by no more than that when W_O = Q^-1 undoes the mixing, and may grow by that much."
    " For e^lambda = 2n it is below 2. E is e^lambda and d the identity matrix.",
    latex=r"\|Q^{-1}\|_1=\frac{e^\lambda+2n-3}{e^\lambda-1}",
    source="ours",
    hypotheses=(
        "n >= 1 slots",
        "E = e^lambda > 1",
        "d(t,t) = 1 and d(i,t) = 0 for i < t and for i > t",
        "second part: |e_i| <= eps for every i",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "the sum of a column, its n - 1 equal terms written as a product",
            "(E + n - 2)/(E - 1) + (n - 1)/(E - 1) == (E + 2*n - 3)/(E - 1)",
            ("n >= 1 integer", "E > 1"),
        ),
        Core("step", "for E = 2 n it is below 2", "(4*n - 3)/(2*n - 1) < 2", ("n >= 1 integer",)),
    ),
    beyond="the size of the matrix is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("2n - 4 in place of 2n - 3", {"slots": 4}),
        Mutant("negative lambda allowed", {"cold": False}),
    ),
)
