"""The slot matrix times its closed-form inverse is the identity, for any number of slots: columns are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import All, Claim, Formula, Sequent, eq, function, ge, le, number
from ..derived import assumed
from ..kernel import Fact, combine, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import Number
from ._slots import (
    ABOVE_ONE,
    HERE,
    IDENTITY,
    SOME,
    Q,
    W,
    c,
    d,
    entries,
    f,
    i,
    n,
    odds,
    r,
    row_sum,
    sifted,
    slot_values,
    t,
    total,
)

y = function("y")
COLUMN = (ge(c, 0), le(c, n - 1))


def _claim(shave: Fraction = Fraction(1), sign: int = 1, spread: int = 0) -> Claim:
    inverse = ((odds + n - 1) * d(t, c) - sign) / (odds - 1 + spread)
    product, read = total(Q(r, t) * inverse, t), total(total(y(i) * Q(i, t), i) * inverse, t)
    known: tuple[Formula, ...] = (*IDENTITY, ABOVE_ONE)
    everywhere = All(r, 0, n - 1, All(c, 0, n - 1, eq(product, number(shave) * d(r, c))))
    return Claim(
        "slot-inverse",
        (Sequent(known, everywhere), Sequent(known, All(c, 0, n - 1, eq(read, number(shave) * y(c))))),
    )


def _column(row: sp.Expr, mass: Fact, goal: sp.Expr) -> Fact:
    """The sum over t of row(t) W(t, c) is `goal`, from mass: the sum of row(t) over all t."""
    size, one, *rest = assumed(SOME, ABOVE_ONE, *COLUMN)
    picked = substitute(sifted(), {t: c, f: sp.Lambda(i, row.subs(t, i))}, [size, one, *rest])
    share = (odds + n - 1) / (odds - 1)
    return combine(eq(total(row * W(t, c), t), goal), [(share, picked), (-1 / (odds - 1), mass)], [size, one])


@cache
def _facts() -> tuple[Fact, Fact]:
    """The parts of the statement."""
    size, one = assumed(SOME, ABOVE_ONE)
    scale = 1 / (odds + n - 1)
    mass = combine(eq(total(Q(r, t), t), 1), [((odds - 1) * scale, row_sum())], [size, one])
    product = _column(Q(r, t), mass, d(r, c))
    for index in (c, r):
        product = termwise(product, index, 0, n - 1, [size], quantify=True)
    here = assumed(*HERE)
    kept = substitute(sifted(), {f: sp.Lambda(i, y(i))}, [size, *here])
    mixed = (odds - 1) * scale * y(t) + scale * total(y(i), i)
    column = combine(eq(total(y(i) * Q(i, t), i), mixed), [((odds - 1) * scale, kept)], [size, one])
    whole = combine(eq(total(mixed, t), total(y(i), i)), [], [size, one])
    plain = _column(mixed, whole, y(c))
    replaced = combine(eq(total(y(i) * Q(i, t), i) * W(t, c), mixed * W(t, c)), [(W(t, c), column)], [one])
    read = termwise(replaced, t, 0, n - 1, [size])
    final = combine(eq(total(total(y(i) * Q(i, t), i) * W(t, c), t), y(c)), [(1, read), (1, plain)], [size, one])
    return product, termwise(final, c, 0, n - 1, [size], quantify=True)


def _proof(statement: Claim) -> Sequence[Fact]:
    return _facts()


def _brute(example: Example, shave: Fraction = Fraction(1), sign: int = 1, spread: int = 0) -> Sequence[Pairs]:
    size, ratio = int(example.values[n]), example.values[odds]
    shares, inverse = entries(size, ratio)
    if sign != 1 or spread:
        inverse = [
            [((ratio + size - 1) * (a == b) - sign) / (ratio - 1 + spread) for b in range(size)] for a in range(size)
        ]
    slots = range(size)
    product = [[sum((shares[a][k] * inverse[k][b] for k in slots), Fraction(0)) for b in slots] for a in slots]
    values = [example.values[y](a) for a in slots]
    mixed = [sum((values[a] * shares[a][k] for a in slots), Fraction(0)) for k in slots]
    read: list[Number] = [sum((mixed[k] * inverse[k][b] for k in slots), Fraction(0)) for b in slots]
    return (
        tuple((product[a][b], shave * Fraction(a == b)) for a in slots for b in slots),
        tuple((read[b], shave * values[b]) for b in slots),
    )


def _examples(level: int) -> tuple[Example, ...]:
    return tuple(
        Example(f"n={size}, e^lambda={ratio}", {**values, y: lambda a: Fraction(3 * a - 2, 2)})
        for size, ratio, values in slot_values(level)
    )


LEMMA = Lemma(
    slug="slot-inverse",
    group="max-affine",
    words="The n x n matrix Q with e^lambda/(e^lambda + n - 1) on the diagonal and 1/(e^lambda + n - 1) elsewhere has"
    " the inverse ((e^lambda + n - 1) I - J)/(e^lambda - 1), J all ones: with W_O = Q^-1 the columns that slots mix"
    " come back exactly, for every lambda > 0 and every n. E is e^lambda and d the identity matrix.",
    latex=r"QQ^{-1}=I,\qquad \sum_t\Bigl(\sum_i y_iQ_{i,t}\Bigr)(Q^{-1})_{t,c}=y_c",
    source="ours; removes the column leakage of [MA]",
    hypotheses=("n >= 1 slots", "E = e^lambda > 1", "d(t,t) = 1 and d(i,t) = 0 for i < t and for i > t"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "an entry of the product on the diagonal, equal terms written as a product",
            "(E*(E + n - 2) - (n - 1))/((E + n - 1)*(E - 1)) == 1",
            ("n >= 1 integer", "E > 1"),
        ),
        Core(
            "step",
            "an entry off the diagonal",
            "(-E + (E + n - 2) - (n - 2))/((E + n - 1)*(E - 1)) == 0",
            ("n >= 1 integer", "E > 1"),
        ),
    ),
    beyond="the size of the matrix is symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("J added instead of taken off", {"sign": -1}),
        Mutant("e^lambda in place of e^lambda - 1", {"spread": 1}),
    ),
)
