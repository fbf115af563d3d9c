"""A point x and centres v_1, ..., v_G in R^N with symbolic N and G, and concrete instances of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from ..claim import function, integer, real
from ..lemma import Example

G, N = integer("G"), integer("N")
i, j, k = integer("i"), integer("j"), integer("k")
R = real("R")
x, v = function("x"), function("v")


def squared_norm() -> sp.Expr:
    """|x|^2."""
    return sp.Sum(x(k) ** 2, (k, 1, N))


def distance(index: sp.Expr) -> sp.Expr:
    """|x - v_index|^2."""
    return sp.Sum((x(k) - v(index, k)) ** 2, (k, 1, N))


def affine_score(index: sp.Expr, shift: sp.Expr) -> sp.Expr:
    """v_index . x - shift * |v_index|^2."""
    return sp.Sum(v(index, k) * x(k), (k, 1, N)) - shift * sp.Sum(v(index, k) ** 2, (k, 1, N))


@dataclass(frozen=True)
class Points:
    """The numbers of an instance."""

    r: Fraction
    x: tuple[Fraction, ...]
    centres: tuple[tuple[Fraction, ...], ...]


def read(example: Example) -> Points:
    """The numbers of an instance made by `point_examples`."""
    size, count = int(example.values[N]), int(example.values[G])
    return Points(
        example.values[R],
        tuple(example.values[x](a) for a in range(1, size + 1)),
        tuple(tuple(example.values[v](b, a) for a in range(1, size + 1)) for b in range(1, count + 1)),
    )


def point_examples(level: int) -> tuple[Example, ...]:
    """Centres and points on small rational lattices, in dimensions 1 to 3 (to 6 at level 2)."""
    found = []
    for size in (1, 2, 3) if level < 2 else (1, 2, 3, 6):
        for count in (1, 2, 4):
            for r in (Fraction(1, 2), Fraction(3)):
                found.append(
                    Example(
                        f"N={size}, G={count}, R={r}, x_k = k/3, v_jk = ((3j + 5k) mod 7)/4",
                        {
                            N: Fraction(size),
                            G: Fraction(count),
                            R: r,
                            x: lambda a: Fraction(a, 3),
                            v: lambda b, a: Fraction((3 * b + 5 * a) % 7, 4),
                        },
                    )
                )
    return tuple(found)


def squared_distances(example: Example) -> list[Fraction]:
    """|x - v_j|^2 for j = 0, ..., G - 1, from the coordinates of an instance made by `cluster_examples`."""
    size, count = int(example.values[N]), int(example.values[G])
    point = [example.values[x](a) for a in range(1, size + 1)]
    return [
        sum(((point[a - 1] - example.values[v](b, a)) ** 2 for a in range(1, size + 1)), Fraction(0))
        for b in range(count)
    ]


def cluster_examples(level: int, m: sp.Symbol, r: sp.Symbol, rho: sp.Symbol) -> tuple[Example, ...]:
    """One near centre, perhaps a few in between, the rest at distance r or more; some instances break a hypothesis.

    The first family attains the bound: centre 0 at distance rho, all others at distance exactly r along the axes.
    """
    found = []
    for size in (1, 2) if level < 2 else (1, 2, 3, 4):
        for count in (2, 3, 5):
            for inner in range(0, min(count, 3)):
                for temperature in (Fraction(-1), Fraction(0), Fraction(1), Fraction(4)):
                    for radius, gap in (
                        (Fraction(2), Fraction(1, 2)),
                        (Fraction(1), Fraction(0)),
                        (Fraction(1), Fraction(2)),
                    ):
                        found.append(_cluster(size, count, inner, temperature, radius, gap, (m, r, rho)))
    for temperature in (Fraction(-1), Fraction(1)):
        found.append(_cluster(1, 3, 1, temperature, Fraction(1), Fraction(1, 2), (m, r, rho), 5))
    return tuple(found)


def _cluster(
    size: int,
    count: int,
    inner: int,
    temperature: Fraction,
    radius: Fraction,
    gap: Fraction,
    names: tuple[sp.Symbol, sp.Symbol, sp.Symbol],
    reach: int = 1,
) -> Example:
    def centre(b: int, a: int) -> Fraction:
        if a != 1 + b % size:
            return Fraction(0)
        if b == 0:
            return gap
        return (radius * Fraction(b, inner + 1) if b <= inner else radius * reach) * (-1) ** b

    m, r, rho = names
    values = {
        N: Fraction(size),
        G: Fraction(count),
        R: temperature,
        m: Fraction(inner),
        r: radius,
        rho: min(gap, radius),
        x: lambda a: Fraction(0),
        v: centre,
    }
    place = f"x=0, one centre at {gap}, {inner} within and the rest at {radius * reach}"
    words = f"N={size}, G={count}, R={temperature}, {place}"
    return Example(words, values)
