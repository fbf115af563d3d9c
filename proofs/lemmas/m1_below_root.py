"""The mean Euclidean distance is at most sqrt(N m2) when every coordinate's second moment is at most m2."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp
from flint import arb

from ..claim import All, Claim, claim, eq, function, ge, gt, integer, le, number, real
from ..derived import assumed
from ..kernel import Fact, combine, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..values import ball

G, N, i, j = (integer(name) for name in "GNij")
p, z, m2 = function("p"), function("z"), real("m_2")
SIZE, AXES, POSITIVE = ge(G, 1), ge(N, 1), gt(m2, 0)
WEIGHTS, NORMALISED = All(j, 1, G, ge(p(j), 0)), eq(sp.Sum(p(j), (j, 1, G)), 1)
SQUARE = sp.Sum(z(i, j) ** 2, (i, 1, N))


def _moments(first: int = 1) -> All:
    return All(i, first, N, le(sp.Sum(p(j) * z(i, j) ** 2, (j, 1, G)), m2))


def _claim(shave: Fraction = Fraction(1), first: int = 1, root: bool = True) -> Claim:
    mean = sp.Sum(p(j) * sp.sqrt(SQUARE), (j, 1, G))
    bound = sp.sqrt(N * m2) if root else sp.sqrt(m2)
    hypotheses = (SIZE, AXES, POSITIVE, WEIGHTS, NORMALISED, _moments(first))
    return claim("m1-below-root", hypotheses, le(mean, number(shave) * bound))


def _proof(statement: Claim) -> Sequence[Fact]:
    size, axes, positive, weights, whole, moments = assumed(SIZE, AXES, POSITIVE, WEIGHTS, NORMALISED, _moments())
    bound, distance = sp.sqrt(N * m2), sp.sqrt(SQUARE)
    here = specialise(weights, j)
    goal = le(p(j) * distance, p(j) * (SQUARE / (2 * bound) + bound / 2))
    tangent = combine(goal, [], [axes, positive, here], rest=p(j) * (distance - bound) ** 2 / (2 * bound))
    mean = termwise(tangent, j, 1, G, [size, axes, positive])
    total = termwise(specialise(moments, i), i, 1, N, [axes, size])
    conclusion = _claim().parts[0].conclusion
    terms = [(1, mean), (1 / (2 * bound), total), (bound / 2, whole)]
    return (combine(conclusion, terms, [size, axes, positive], rest=sp.Integer(0)),)


def _brute(example: Example, shave: Fraction = Fraction(1), first: int = 1, root: bool = True) -> Sequence[Pairs]:
    value, cells, axes = example.values, int(example.values[G]), int(example.values[N])
    rows = [[value[z](a, b) for a in range(1, axes + 1)] for b in range(1, cells + 1)]
    lengths = [ball(sum(entry**2 for entry in row)).sqrt() for row in rows]
    mean = sum((ball(value[p](b + 1)) * length for b, length in enumerate(lengths)), arb(0))
    return (((mean, ball(shave) * ball(value[m2] * (axes if root else 1)).sqrt()),),)


def _examples(level: int) -> tuple[Example, ...]:
    """Equal distances, spread ones, and one axis that is longer than the others."""
    found = []
    for cells in (1, 3):
        for axes in (1, 2) if level < 2 else (1, 2, 5, 20):
            for stretch, spread in ((1, 0), (3, 0), (1, 1), (2, 2)):
                rows = [
                    [Fraction(2 + spread * b, 2) * (stretch if a == 0 else 1) for a in range(axes)]
                    for b in range(cells)
                ]
                moments = [sum(row[a] ** 2 for row in rows) / cells for a in range(axes)]
                for bound in {max(moments), min(moments)}:
                    values = {
                        G: Fraction(cells),
                        N: Fraction(axes),
                        m2: bound,
                        p: lambda b, cells=cells: Fraction(1, cells),
                        z: lambda a, b, rows=rows: rows[b - 1][a - 1],
                    }
                    words = f"G={cells}, N={axes}, offsets {', '.join(map(str, rows[-1]))} at the last, m2={bound}"
                    found.append(Example(words, values))
    return tuple(found)


LEMMA = Lemma(
    slug="m1-below-root",
    group="lattice",
    words="If the weights p_j are a probability vector and every coordinate of the offsets z has E z_i^2 <= m2, then"
    " E|z|_2 <= sqrt(N m2): Jensen's inequality, by the tangent D <= D^2/(2t) + t/2 at t = sqrt(N m2). With the weights"
    " of a cell corner, cut after any number of terms, this is m_{1,N} <= sqrt(N m2) in the limit.",
    latex=r"\sum_jp_jz_{ij}^2\le m_2\ (i=1,\dots,N)\implies\sum_jp_j\|z_j\|_2\le\sqrt{N\,m_2}",
    source="ours",
    hypotheses=("G >= 1, N >= 1, m2 > 0", "p_j >= 0, sum_j p_j = 1", "sum_j p_j z_ij^2 <= m2 for i = 1, ..., N"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core("step", "the tangent of the square root", "D <= D**2/(2*t) + t/2", ("t > 0",)),
        Core(
            "instance",
            "two points, one axis",
            "p*r + (1-p)*s <= sqrt(m)",
            ("p in [0, 1]", "m > 0", "p*r**2 + (1-p)*s**2 <= m"),
        ),
    ),
    beyond="the numbers of points and axes are symbolic",
    mutants=(
        Mutant("one percent less", {"shave": Fraction(99, 100)}),
        Mutant("nothing is asked of the first coordinate", {"first": 2}),
        Mutant("sqrt(m2), without N", {"root": False}),
    ),
)
