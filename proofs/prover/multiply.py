"""Products, powers and common divisors of polynomials by FLINT; roots and sines are not reduced here."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb, lcm, prod
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx, fmpz_mat

Mono = tuple[tuple[int, Fraction], ...]
Poly = dict[Mono, Fraction]
MOST_EXPONENT, MOST_PAIRS, MOST_WIDTH = 1 << 30, 1000, 24


class _Ring:
    """Polynomials with whole exponents ≥ 0: those of an atom are multiplied by ``scale`` and moved up by ``low``."""

    def __init__(self, polys: Sequence[Poly]) -> None:
        exponents: dict[int, list[Fraction]] = {}
        for mono in (m for p in polys for m in p):
            for i, e in mono:
                exponents.setdefault(i, []).append(e)
        self.atoms = sorted(exponents)
        self.scales = [lcm(*(e.denominator for e in exponents[i])) for i in self.atoms]
        scaled = [[int(e * s) for e in exponents[i]] for i, s in zip(self.atoms, self.scales, strict=True)]
        self.low = [min(0, *column) for column in scaled]
        self.widths = [max(0, *column) - low for column, low in zip(scaled, self.low, strict=True)]
        self.context = fmpq_mpoly_ctx.get(("t", len(self.atoms)), Ordering.lex)

    def exponents(self, mono: Mono) -> tuple[int, ...]:
        found = dict(mono)
        return tuple(
            int(found.get(i, 0) * s) - low for i, s, low in zip(self.atoms, self.scales, self.low, strict=True)
        )

    def enter(self, p: Poly) -> Any:
        return self.context.from_dict({self.exponents(m): fmpq(c.numerator, c.denominator) for m, c in p.items()})

    def leave(self, p: Any, factors: int) -> Poly:
        """A product of so many polynomials of the ring."""
        rows = list(zip(self.atoms, self.scales, self.low, strict=True))
        found: Poly = {}
        for exponents, c in p.to_dict().items():
            whole = [int(e) + factors * low for e, (_, _, low) in zip(exponents, rows, strict=True)]
            mono = tuple((i, Fraction(e, s)) for e, (i, s, _) in zip(whole, rows, strict=True) if e)
            found[mono] = Fraction(int(c.p), int(c.q))
        return found


def multiply(a: Poly, b: Poly) -> Poly:
    """a·b.

    >>> x, one = ((0, Fraction(1)),), Fraction(1)
    >>> multiply({x: one, (): one}, {x: one, (): -one})
    {((0, Fraction(2, 1)),): Fraction(1, 1), (): Fraction(-1, 1)}
    """
    ring = _Ring((a, b))
    return ring.leave(ring.enter(a) * ring.enter(b), 2)


def lowest_terms(top: Poly, bottom: Poly) -> tuple[Poly, Poly]:
    """top and bottom divided by a greatest common divisor; as they are if one is large.

    >>> x, one = ((0, Fraction(1)),), Fraction(1)
    >>> lowest_terms({((0, Fraction(2)),): one, (): -one}, {x: one, (): -one})
    ({((0, Fraction(1, 1)),): Fraction(1, 1), (): Fraction(1, 1)}, {(): Fraction(1, 1)})
    """
    ring = _Ring((top, bottom))
    if len(top) * len(bottom) > MOST_PAIRS or max(ring.widths, default=0) > MOST_WIDTH:
        return top, bottom
    a, b = ring.enter(top), ring.enter(bottom)
    common = a.gcd(b)
    if len(common) < 2:
        return top, bottom
    return ring.leave(a // common, 0), ring.leave(b // common, 0)


def power(a: Poly, k: int, most: int) -> Poly | None:
    """a**k, k ≥ 0; None if it probably has more than ``most`` terms.

    Without cancellation it has at least C(k + d, d) of them, d the dimension of the exponents of a: the sums of k out
    of d + 1 exponents in general position are distinct.
    """
    if not a or k == 0:
        return {} if k else {(): Fraction(1)}
    ring = _Ring((a,))
    exponents = [ring.exponents(m) for m in a]
    dimension = fmpz_mat([[x - y for x, y in zip(e, exponents[0], strict=True)] for e in exponents]).rank()
    widest = min(prod(k * w + 1 for w in ring.widths), comb(k + len(a) - 1, len(a) - 1))
    if comb(k + dimension, dimension) > most or widest > 100 * most or max(ring.widths, default=0) * k > MOST_EXPONENT:
        return None
    return ring.leave(ring.enter(a) ** k, k)
