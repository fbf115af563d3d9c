"""Quotients of polynomials over Q in atoms of known sign; the powers of roots and sines are reduced.

Every cancellation divides by what is a denominator of the formula, so it holds wherever the formula is defined.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from fractions import Fraction
from math import floor
from typing import Any

from .factors import Mono, Poly, cancelled

Quotient = tuple[Poly, Poly]
TERMS, WORK = 3000, 400_000
REDUCED = ("root", "sin", "alternating")
UNIT: Poly = {(): Fraction(1)}


class TooLarge(Exception):
    """The polynomials have too many terms."""


def plus(a: Poly, b: Poly, c: Fraction | int = 1) -> Poly:
    """a + c·b."""
    found = dict(a)
    for mono, value in b.items():
        found[mono] = found.get(mono, Fraction(0)) + c * value
    if len(found) > TERMS:
        raise TooLarge
    return {mono: value for mono, value in found.items() if value}


def scaled(p: Poly, c: Fraction) -> Poly:
    return {mono: c * value for mono, value in p.items()}


class Quotients:
    """Atoms and what is computed with them; the named variables are > 0 (sign 1) or ≥ 0 (sign 0), or integers."""

    def __init__(self, signs: Mapping[str, int], integers: Set[str] = frozenset()) -> None:
        self.signs, self.integers, self.work = signs, integers, 0
        self.kinds: list[tuple[Any, ...]] = []
        self.known: dict[tuple[Any, ...], int] = {}
        self.atom_signs: list[int] = []
        self.noted: dict[tuple[Any, ...], tuple[Fraction, int]] = {}

    # --- polynomials ---

    def atom(self, kind: tuple[Any, ...], sign: int = -1, exponent: Fraction | int = 1) -> Quotient:
        if kind not in self.known:
            self.known[kind] = len(self.kinds)
            self.kinds.append(kind)
            self.atom_signs.append(sign)
        return {((self.known[kind], Fraction(exponent)),): Fraction(1)}, UNIT

    def times(self, a: Poly, b: Poly) -> Poly:
        self.work += len(a) * len(b)
        if self.work > WORK:
            raise TooLarge
        found: Poly = {}
        for m, c in a.items():
            for n, d in b.items():
                found = plus(found, self.reduced(_join(m, dict(n))), c * d)
        return found

    def reduced(self, mono: Mono) -> Poly:
        """Whole powers of roots are powers of their bases; sin² is 1 − cos², the square of (−1)ⁿ is 1."""
        for k, (i, e) in enumerate(mono):
            kind, rest = self.kinds[i], (*mono[:k], *mono[k + 1 :])
            if kind[0] == "root" and e >= 1:
                left = self.reduced((*rest, (i, e - floor(e)))) if e != floor(e) else self.reduced(rest)
                left = {tuple(sorted(m)): c for m, c in left.items()}
                return self.times(left, self.repeated(dict(kind[1]), floor(e)))
            if kind[0] == "sin" and e >= 2:
                cosine = self.known["cos", *kind[1:]]
                left = {tuple(sorted((*rest, (i, e - 2)) if e > 2 else rest)): Fraction(1)}
                return self.times(left, {(): Fraction(1), ((cosine, Fraction(2)),): Fraction(-1)})
            if kind[0] == "alternating" and e >= 2:
                return self.reduced(tuple(sorted((*rest, (i, e - 2)) if e > 2 else rest)))
        return {mono: Fraction(1)}

    def whole(self, mono: Mono) -> bool:
        """Whether a monomial is an integer at every point."""
        kinds = [self.kinds[i] for i, e in mono if e.denominator == 1 and e > 0]
        return len(kinds) == len(mono) and all(
            kind[0] in ("floor", "ceil", "alternating") or (kind[0] == "variable" and kind[1] in self.integers)
            for kind in kinds
        )

    def repeated(self, p: Poly, k: int) -> Poly:
        if k > 100:
            raise TooLarge
        found = UNIT
        for _ in range(k):
            found = self.times(found, p)
        return found

    def sign(self, p: Poly) -> int:
        """1 if p > 0, 0 if p ≥ 0, by the signs of the terms or as noted; −1 if these do not tell."""
        known = self.noticed(p) if p.keys() - {()} else -1
        strict = False
        for mono, c in p.items():
            odd = [self.atom_signs[i] for i, e in mono if self.atom_signs[i] >= 0 or e.denominator > 1 or e % 2]
            if c < 0 or -1 in odd:
                return known
            strict = strict or all(self.atom_signs[i] == 1 for i, _ in mono)
        return 1 if strict else max(known, 0)

    def noticed(self, p: Poly) -> int:
        """What a noted polynomial says about p, a positive monomial or 1 times it + c, c ≥ 0."""
        found = -1
        for q in (p, self.without(p, self.common(p, 1))):
            key, c = direction(q) if q.keys() - {()} else ((), Fraction(0))
            least, strict = self.noted.get(key, (c + 1, 0))
            found = max(found, 1 if c > least else strict if c == least else -1)
        return found

    def common(self, p: Poly, least: int) -> dict[int, Fraction]:
        """The largest common monomial of atoms with sign ≥ least; negative exponents are common, too."""
        shared: dict[int, Fraction] = {}
        for i in {i for mono in p for i, _ in mono}:
            low = min(dict(mono).get(i, Fraction(0)) for mono in p)
            if low and self.atom_signs[i] >= least:
                shared[i] = low
        return shared

    def without(self, p: Poly, shared: Mapping[int, Fraction]) -> Poly:
        """p divided by a monomial."""
        back = {i: -e for i, e in shared.items()}
        return {_join(mono, back): c for mono, c in p.items()}

    # --- quotients ---

    def quotient(self, top: Poly, bottom: Poly) -> Quotient:
        """Without a monomial denominator (of atoms that may have negative exponents), leading coefficient 1."""
        if not top:
            return {}, UNIT
        if top == bottom:
            return UNIT, UNIT
        top, bottom = cancelled(top, bottom)
        free = {i: e for i, e in self.common(bottom, -1).items() if self.kinds[i][0] not in REDUCED}
        if free:
            top, bottom = self.without(top, free), self.without(bottom, free)
        lead = 1 / bottom[min(bottom)]
        return scaled(top, lead), scaled(bottom, lead)

    def add(self, a: Quotient, b: Quotient, c: int = 1) -> Quotient:
        if a[1] == b[1]:
            return self.quotient(plus(a[0], b[0], c), a[1])
        return self.quotient(plus(self.times(a[0], b[1]), self.times(b[0], a[1]), c), self.times(a[1], b[1]))

    def mul(self, a: Quotient, b: Quotient) -> Quotient:
        if a[0] == b[1] or b[0] == a[1]:
            return self.quotient(*((b[0], a[1]) if a[0] == b[1] else (a[0], b[1])))
        return self.quotient(self.times(a[0], b[0]), self.times(a[1], b[1]))

    def inverse(self, a: Quotient) -> Quotient:
        if not a[0]:
            raise TooLarge
        return self.quotient(a[1], a[0])

    def power(self, a: Quotient, e: Fraction) -> Quotient:
        if e < 0:
            return self.inverse(self.power(a, -e))
        if e.denominator == 1:
            if len(a[0]) == 1 and a[1] == UNIT and all(self.kinds[i][0] not in REDUCED for i, _ in min(a[0])):
                ((mono, c),) = a[0].items()
                return ({tuple((i, x * e) for i, x in mono) if e else (): c ** int(e)}, UNIT)
            return self.quotient(self.repeated(a[0], int(e)), self.repeated(a[1], int(e)))
        if self.sign(a[1]) != 1:
            return self.atom(("**", e, *key_of(a)), 0)
        return self.mul(self.root(a[0], e), self.inverse(self.root(a[1], e)))

    def root(self, p: Poly, e: Fraction) -> Quotient:
        """pᵉ for p ≥ 0, factor by factor."""
        if not p:
            return {}, UNIT
        shared = self.common(p, 0)
        rest = self.without(p, shared)
        if self.sign(rest) == -1:
            shared = self.common(p, 1)
            rest = self.without(p, shared)
        content = abs(rest[min(rest)])
        found: Quotient = self.of_number(content, e)
        for i, x in sorted(shared.items()):
            kind = self.kinds[i]
            if kind[0] in ("exp", "exp*"):
                found = self.mul(found, ({((i, x * e),): Fraction(1)}, UNIT))
            else:
                base = dict(kind[1]) if kind[0] == "root" else {((i, Fraction(1)),): Fraction(1)}
                found = self.mul(found, self.base(base, x * e))
        rest = scaled(rest, 1 / content)
        return found if rest == UNIT else self.mul(found, self.base(rest, e))

    def base(self, p: Poly, e: Fraction) -> Quotient:
        """pᵉ with p as one base."""
        whole = floor(e)
        found: Quotient = (UNIT, UNIT)
        if e != whole:
            sign = 1 if self.sign(p) == 1 else 0
            found = self.atom(("root", tuple(sorted(p.items()))), sign, e - whole)
        side = self.quotient(self.repeated(p, abs(whole)), UNIT)
        return self.mul(found, side if whole >= 0 else self.inverse(side))

    def of_number(self, c: Fraction, e: Fraction) -> Quotient:
        found: Quotient = (UNIT, UNIT)
        for prime, k in primes(c):
            found = self.mul(found, self.base({(): Fraction(prime)}, k * e))
        return found


def direction(p: Poly) -> tuple[tuple[Any, ...], Fraction]:
    """q without a constant term and c such that p is a positive multiple of q + c; the same q for all multiples."""
    lead = abs(p[min(m for m in p if m)])
    return tuple(sorted((m, v / lead) for m, v in p.items() if m)), p.get((), Fraction(0)) / lead


def key_of(a: Quotient) -> tuple[Any, ...]:
    return tuple(sorted(a[0].items())), tuple(sorted(a[1].items()))


def _join(mono: Mono, other: Mapping[int, Fraction]) -> Mono:
    exponents = dict(mono)
    for i, e in other.items():
        exponents[i] = exponents.get(i, Fraction(0)) + e
    return tuple(sorted((i, e) for i, e in exponents.items() if e))


def primes(c: Fraction) -> list[tuple[int, int]]:
    """Prime factors below 1000 with exponents; the rest of numerator and denominator counts as one prime each."""
    found: dict[int, int] = {}
    for rest, side in ((c.numerator, 1), (c.denominator, -1)):
        for p in range(2, 1000):
            while rest % p == 0:
                rest, found[p] = rest // p, found.get(p, 0) + side
        if rest > 1:
            found[rest] = found.get(rest, 0) + side
    return sorted(found.items())
