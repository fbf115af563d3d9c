"""What the mixing of columns costs if it is not undone: leakage times the largest difference of values in a row."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from ..claim import All, Claim, Sequent, eq, function, ge, integer, le, number, real
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value
from ..kernel import Fact, combine, specialise, substitute, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ._slots import ABOVE_ONE, HERE, IDENTITY, SOME, Q, entries, f, i, n, odds, sifted, slot_values, t, total

G, j = integer("G"), integer("j")
spread = real("S")
p, y = function("p"), function("y")
CELLS = ge(G, 1)
MASS = eq(sp.Sum(p(j), (j, 0, G - 1)), 1)
POSITIVE = All(j, 0, G - 1, ge(p(j), 0))
LEAK = (n - 1) / (n - 1 + odds)


def _near(own: bool = False) -> All:
    """|y(j, i) - y(j, t)| <= S for all cells and slots; with `own`, |y(j, i) - y(0, i)| <= S."""
    other = y(0, i) if own else y(j, t)
    return All(j, 0, G - 1, All(i, 0, n - 1, All(t, 0, n - 1, le(sp.Abs(y(j, i) - other), spread))))


def _claim(shave: Fraction = Fraction(1), own: bool = False, others: int = 1) -> Claim:
    mixed = sp.Sum(p(j) * total(y(j, i) * Q(i, t), i), (j, 0, G - 1))
    kept = sp.Sum(p(j) * y(j, t), (j, 0, G - 1))
    leak = number(shave) * (n - others) / (n - others + odds)
    known = (CELLS, *IDENTITY, ABOVE_ONE, MASS, POSITIVE, _near(own))
    return Claim("slot-error", (Sequent(known, All(t, 0, n - 1, le(sp.Abs(mixed - kept), leak * spread))),))


def _cell(sign: int) -> Fact:
    """p_j times sign times (mixed value - own value) is at most p_j LEAK S."""
    size, cold, positive, near, low, high = assumed(SOME, ABOVE_ONE, POSITIVE, _near(), *HERE)
    gap, sides = sign * (y(j, i) - y(j, t)), []
    for start, end in ((0, t - 1), (t + 1, n - 1)):
        between = assumed(ge(i, start), le(i, end))
        close = specialise(near, j, i, t, given=[*between, low, high])
        one = combine(le(gap, spread), [(1, absolute_bounds(gap)), (1, close)])
        sides.append((1 / (odds + n - 1), termwise(one, i, start, end, [size, low, high])))
    picked = substitute(sifted(), {f: sp.Lambda(i, y(j, i))}, [size, low, high])
    weight, share = specialise(positive, j), sign * (odds - 1) / (odds + n - 1)
    mixed = sign * (total(y(j, i) * Q(i, t), i) - y(j, t))
    inner = combine(le(mixed, LEAK * spread), [*sides, (share, picked)], [size, cold, low, high])
    return combine(le(p(j) * mixed, p(j) * LEAK * spread), [(p(j), inner)], [size, cold, weight])


@cache
def _facts() -> tuple[Fact, ...]:
    """The parts of the statement."""
    cells, size, cold, mass = assumed(CELLS, SOME, ABOVE_ONE, MASS)
    mixed = sp.Sum(p(j) * total(y(j, i) * Q(i, t), i), (j, 0, G - 1))
    difference, sides = mixed - sp.Sum(p(j) * y(j, t), (j, 0, G - 1)), []
    for sign in (1, -1):
        whole = termwise(_cell(sign), j, 0, G - 1, [cells, size, cold])
        goal = le(sign * difference, LEAK * spread)
        sides.append(combine(goal, [(1, whole), (LEAK * spread, mass)], [cells, size, cold]))
    return (termwise(at_most_in_absolute_value(*sides), t, 0, n - 1, [size], quantify=True),)


def _proof(statement: Claim) -> Sequence[Fact]:
    return _facts()


def _brute(example: Example, shave: Fraction = Fraction(1), own: bool = False, others: int = 1) -> Sequence[Pairs]:
    value, size, cells = example.values, int(example.values[n]), range(int(example.values[G]))
    shares = entries(size, value[odds])[0]
    leak = shave * Fraction(size - others) / (size - others + value[odds])
    pairs = []
    for column in range(size):
        seen = sum((value[p](a) * value[y](a, c) * shares[c][column] for a in cells for c in range(size)), Fraction(0))
        meant = sum((value[p](a) * value[y](a, column) for a in cells), Fraction(0))
        pairs.append((abs(seen - meant), leak * value[spread]))
    return (tuple(pairs),)


def _examples(level: int) -> tuple[Example, ...]:
    """Constant functions with one column apart attain the bound; the others do not."""
    found = []
    for size, ratio, values in slot_values(level):
        for cells in (1, 2):
            for words, table in (
                ("column 0 is 7, the others 2", lambda a, c: Fraction(7 if c == 0 else 2)),
                ("y = j + i", lambda a, c: Fraction(a + c)),
            ):
                rows = [[table(a, c) for c in range(size)] for a in range(cells)]
                for widest in {max(max(row) - min(row) for row in rows), Fraction(0)}:
                    data = {G: Fraction(cells), p: lambda a, k=cells: Fraction(1, k), y: table, spread: widest}
                    text = f"n={size}, e^lambda={ratio}, G={cells}, {words}, S={widest}"
                    found.append(Example(text, {**values, **data}))
    return tuple(found)


LEMMA = Lemma(
    slug="slot-error",
    group="max-affine",
    words="If W_O only keeps the first n tokens, each column of the output is mixed with the others by the slot matrix"
    " Q: it errs by at most the leakage (n - 1)/(n - 1 + e^lambda) times the largest difference S between two columns"
    " of a row of f(v_j). The oscillation of an entry over the box does not bound this: that of a constant f = [0, 100]"
    " is 0.",
    latex=r"\Bigl|\sum_{j,i}p_jQ_{i,t}\,f(v_j)_{r,i}-\sum_jp_jf(v_j)_{r,t}\Bigr|\le\frac{n-1}{n-1+e^\lambda}\,"
    r"\max_{j,i,t}|f(v_j)_{r,i}-f(v_j)_{r,t}|",
    source="[MA], with the spread of a row in place of an oscillation; the exact share is ours",
    hypotheses=(
        "G >= 1 cells with weights p_j >= 0 that sum to 1, n >= 1 slots",
        "E = e^lambda > 1; d is the identity matrix",
        "|y(j, i) - y(j, t)| <= S for all cells j and slots i, t",
    ),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "instance",
            "one cell, two slots with the values y and z",
            "(E*y + z)/(E + 1) - y <= S/(1 + E)",
            ("E > 1", "z - y <= S"),
        ),
    ),
    beyond="the numbers of cells and slots are symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("the oscillation of each entry in place of the spread of a row", {"own": True}),
        Mutant("n - 2 in place of n - 1", {"others": 2}),
    ),
)
