"""Softmax averages over G values, for any scores, and concrete attention heads on midpoint grids."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb, ctx

from ..claim import All, function, ge, integer, le, real
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value
from ..kernel import Fact, classical, combine, specialise, substitute, termwise
from ..lemma import Example
from ..values import Number, Table, ball

G, N = integer("G"), integer("N")
j, k, count = integer("j"), integer("k"), integer("m_")
target, kappa = real("f"), real("kappa")
s, y, z = function("s"), function("y"), function("z")
SIZE, DIMENSION = ge(G, 1), ge(N, 1)
TOTAL = sp.Sum(sp.exp(s(j)), (j, 1, G))
ROOT = (real("a_"), real("b_"))
BITS = 160


def weighted(term: sp.Expr) -> sp.Expr:
    """Sum over j of exp(s_j) * term."""
    return sp.Sum(sp.exp(s(j)) * term, (j, 1, G))


OUTPUT = weighted(y(j)) / TOTAL
ERROR = sp.Abs(OUTPUT - target)
scale, mean, d = real("C"), real("M1"), function("d")
NEAR = All(j, 1, G, le(sp.Abs(y(j) - target), scale * d(j)))


@cache
def mean_bound() -> Fact:
    """|OUTPUT - f| <= C * M1 if |y_j - f| <= C d_j for every j and weighted(d) <= M1 * TOTAL, C >= 0."""
    size, rate, near, moment = assumed(SIZE, ge(scale, 0), NEAR, le(weighted(d(j)), mean * TOTAL))
    close, weight, sides = specialise(near, j), sp.exp(s(j)), []
    for sign in (1, -1):
        gap = sign * (y(j) - target)
        goal = le(weight * gap, weight * scale * d(j))
        one = combine(goal, [(weight, absolute_bounds(gap)), (weight, close)])
        total = termwise(one, j, 1, G, [size])
        final = le(sign * (OUTPUT - target), scale * mean)
        sides.append(combine(final, [(1 / TOTAL, total), (scale / TOTAL, moment)], [size, rate]))
    return at_most_in_absolute_value(*sides)


@cache
def _root() -> Fact:
    """a <= b from a**2 <= b**2 and 0 <= b: a <= b + 1/m for every m >= 1."""
    a, b = ROOT
    square, bound, late = assumed(le(a**2, b**2), ge(b, 0), ge(count, 1))
    wide = b + 1 / count
    rest = (a - wide) ** 2 / (2 * wide) + b / (2 * count * wide) + 1 / (2 * count)
    near = combine(le(a, wide), [(1 / (2 * wide), square)], [late, bound], rest=rest)
    everywhere = termwise(near, count, 1, None, [bound], quantify=True)
    return classical("archimedean", a, b, sp.Integer(1), count, given=[everywhere])


def below(term: sp.Expr, square: Fact, bound: Fact, given: Sequence[Fact] = ()) -> Fact:
    """t <= b from square: t**2 <= b**2 and bound: 0 <= b; `given` shows that t is defined.

    >>> a, b = real("a"), real("b")
    >>> below(a, *assumed(le(a**2, b**2), ge(b, 0))).conclusion
    a <= b
    """
    return substitute(_root(), dict(zip(ROOT, (term, bound.relation.rhs), strict=True)), [square, bound, *given])


@dataclass(frozen=True)
class Network:
    """One attention head on a midpoint grid: P_k cells of width h_k from 0 on axis k, padded by `pad` cells a side."""

    cells: tuple[int, ...]
    widths: tuple[Fraction, ...]
    kappa: Fraction
    point: tuple[Fraction, ...]
    pad: int = 0

    def centres(self) -> tuple[tuple[Fraction, ...], ...]:
        """The centres (k + 1/2) h in lexicographic order."""
        axes = [
            [(a + Fraction(1, 2)) * h for a in range(-self.pad, size + self.pad)]
            for size, h in zip(self.cells, self.widths, strict=True)
        ]
        return tuple(itertools.product(*axes))

    def example(self, values: Mapping[sp.Basic, Number | Table], extra: str = "") -> Example:
        """G, N, the scores sum_k (kappa/h_k^2)(v_k x_k - v_k^2/2), the offsets (v_k - x_k)/h_k, and other values."""
        centres, rates = self.centres(), [self.kappa / h**2 for h in self.widths]
        scores = [
            sum((r * (a * b - a * a / 2) for r, a, b in zip(rates, v, self.point, strict=True)), Fraction(0))
            for v in centres
        ]
        offsets = [[(a - b) / h for a, b, h in zip(v, self.point, self.widths, strict=True)] for v in centres]
        base: dict[sp.Basic, Number | Table] = {
            G: Fraction(len(centres)),
            N: Fraction(len(self.cells)),
            kappa: self.kappa,
            s: lambda a: scores[a - 1],
            z: lambda a, b: offsets[a - 1][b - 1],
        }
        grid, widths, point = ("x".join(map(str, self.cells)), *(map(str, row) for row in (self.widths, self.point)))
        words = f"{grid} grid, h={', '.join(widths)}, pad {self.pad}, kappa={self.kappa}, x=({', '.join(point)})"
        return Example(words + extra, {**base, **values})


def networks(level: int) -> Iterator[Network]:
    """Points at a corner of the box, at a cell corner, at a centre and elsewhere, in one and two dimensions."""
    zero, half, other = Fraction(0), Fraction(1, 2), Fraction(3, 5)
    for heat in (Fraction(2), Fraction(6)) if level < 2 else (Fraction(1, 2), Fraction(2), Fraction(6), Fraction(40)):
        for at in (zero, half, other):
            yield Network((6,), (half,), heat, (at,))
        yield Network((4, 4), (half, half), heat, (zero, zero))
        for point in ((zero, zero), (half, other)):
            yield Network((3, 4), (half, Fraction(1, 3)), heat, point)


def offsets(example: Example) -> list[list[Fraction]]:
    """The offsets (v - x)/h of an instance, one row a centre."""
    read, rows, columns = example.values[z], int(example.values[G]), int(example.values[N])
    return [[read(a, b) for b in range(1, columns + 1)] for a in range(1, rows + 1)]


def gaussian_mean(example: Example, values: Sequence[Number], heat: sp.Symbol = kappa) -> arb:
    """The average of the values under normalised Gaussian weights exp(-kappa |offset|^2 / 2), without the scores."""
    squares = [sum(entry * entry for entry in row) for row in offsets(example)]
    least = min(squares)
    weights = [ball(-example.values[heat] * (square - least) / 2).exp() for square in squares]
    total = sum((w * ball(value) for w, value in zip(weights, values, strict=True)), arb(0))
    return total / sum(weights, arb(0))


def network_error(example: Example, heat: sp.Symbol = kappa) -> arb:
    """|sum_j p_j y_j - f| of an instance, from the offsets and the temperature named `heat`."""
    values = [example.values[y](a) for a in range(1, int(example.values[G]) + 1)]
    return abs(gaussian_mean(example, values, heat) - ball(example.values[target]))


def length(row: Sequence[Number]) -> arb:
    """The Euclidean norm."""
    return sum((ball(a) * ball(a) for a in row), arb(0)).sqrt()


def upward(function_: Callable[..., arb], *arguments: Fraction | int | Sequence[Number]) -> Fraction:
    """A rational above a positive value of the function, by less than 1e-30 and the width of its ball."""
    with ctx.workprec(BITS):
        value = function_(*(ball(item) if isinstance(item, Fraction) else item for item in arguments))
        return Fraction(int((value * 10**30).upper().ceil().unique_fmpz()) + 1, 10**30)


def listed(row: Sequence[Number]) -> Table:
    """The family whose members 1, 2, ... are the entries of the row."""
    return lambda a: row[a - 1]
