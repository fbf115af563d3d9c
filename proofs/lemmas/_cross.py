"""Cross-attention scores, N and M symbolic: coordinates 1..M are those of the keys' sequence, the rest the queries'."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ..claim import ge, integer, le
from ..lemma import Example
from ._centres import N, Points, R, k, read, v, x

M = integer("M")
HALF = sp.Rational(1, 2)
PARTS = (ge(M, 0), le(M, N))


def query_side(term: sp.Expr) -> sp.Expr:
    """Sum over the queries' coordinates."""
    return sp.Sum(term, (k, M + 1, N))


def cross_score(index: sp.Expr, shift: sp.Expr = HALF, inner: int = 1) -> sp.Expr:
    """Query R [x_Q; 1] times key [v_Q; v_K . x_K - shift |v|^2]; with `inner` 0 the key lacks v_K . x_K."""
    offset = inner * sp.Sum(v(index, k) * x(k), (k, 1, M)) - shift * sp.Sum(v(index, k) ** 2, (k, 1, N))
    return query_side(R * x(k) * v(index, k)) + R * offset


def literal_scores(example: Example, shift: Fraction = Fraction(1, 2), inner: int = 1) -> list[Fraction]:
    """The same for every centre, as a dot product of the two vectors."""
    data, first = read(example), int(example.values[M])
    query = [data.r * entry for entry in (*data.x[first:], Fraction(1))]
    return [
        sum((q * e for q, e in zip(query, _key(data, c, first, shift, inner), strict=True)), Fraction(0))
        for c in data.centres
    ]


def _key(data: Points, centre: tuple[Fraction, ...], first: int, shift: Fraction, inner: int) -> list[Fraction]:
    own = sum((a * b for a, b in zip(centre[:first], data.x[:first], strict=True)), Fraction(0))
    return [*centre[first:], inner * own - shift * sum((a * a for a in centre), Fraction(0))]
