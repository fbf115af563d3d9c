"""Factors and common divisors of polynomials over Q in atoms, by FLINT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

Mono = tuple[tuple[int, Fraction], ...]
Poly = dict[Mono, Fraction]
MOST_TERMS, MOST_DEGREE = 60, 60


class Ring:
    """Polynomials whose exponents of atom i are ``least[i] + whole/parts[i]``, as polynomials over Q."""

    def __init__(self, polys: Sequence[Poly]) -> None:
        monos = [dict(mono) for p in polys for mono in p]
        self.atoms = sorted({i for mono in monos for i in mono})
        self.least = {i: min(mono.get(i, Fraction(0)) for mono in monos) for i in self.atoms}
        self.parts = {i: lcm(*(mono.get(i, Fraction(0)).denominator for mono in monos)) for i in self.atoms}
        self.context = fmpq_mpoly_ctx.get([f"a{i}" for i in self.atoms], Ordering.lex)

    def inside(self, p: Poly) -> fmpq_mpoly | None:
        """p divided by the atoms to their least exponents; None if it is large."""
        rows = {}
        for mono, c in p.items():
            e = dict(mono)
            row = tuple(int((e.get(i, Fraction(0)) - self.least[i]) * self.parts[i]) for i in self.atoms)
            rows[row] = fmpq(c.numerator, c.denominator)
        if not self.atoms or len(rows) > MOST_TERMS or max(map(sum, rows)) > MOST_DEGREE:
            return None
        return self.context.from_dict(rows)

    def outside(self, p: fmpq_mpoly) -> Poly:
        """The polynomial in atoms, without their least exponents."""
        found: Poly = {}
        for row, c in p.to_dict().items():
            powers = zip(self.atoms, row, strict=True)
            found[tuple((i, Fraction(int(e), self.parts[i])) for i, e in powers if e)] = Fraction(int(c.p), int(c.q))
        return found


def factors(p: Poly) -> Iterator[tuple[Poly, int]]:
    """Polynomials with their multiplicities, whose product is p: the constant, powers of atoms, irreducible ones.

    >>> one, x = Fraction(1), ((0, Fraction(1)),)
    >>> [(len(q), k) for q, k in factors({((0, Fraction(3)),): one, ((0, Fraction(2)),): 2 * one, x: one})]
    [(1, 1), (1, 1), (2, 2)]
    """
    ring = Ring([p])
    inside = ring.inside(p)
    if inside is None:
        yield p, 1
        return
    constant, found = inside.factor()
    yield {(): Fraction(int(constant.p), int(constant.q))}, 1
    for i, e in ring.least.items():
        if e:
            yield {((i, e),): Fraction(1)}, 1
    for factor, times in found:
        yield ring.outside(factor), int(times)


def cancelled(top: Poly, bottom: Poly) -> tuple[Poly, Poly]:
    """top and bottom without their greatest common divisor, if they are small; monomials stay."""
    if len(top) < 2 or len(bottom) < 2:
        return top, bottom
    both = Ring([top, bottom])
    a, b = both.inside(top), both.inside(bottom)
    if a is None or b is None:
        return top, bottom
    common = a.gcd(b)
    if len(common.to_dict()) < 2:
        return top, bottom
    return both.outside(a / common), both.outside(b / common)
