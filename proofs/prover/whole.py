"""Whole numbers in normal forms: which monomials are integers, floors and ceilings of sums, (−1)**n as cos(π·n)."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from ...symbolic.tree import Expr
from .normal import ONE, Mono, Normaliser, Poly, Quotient


def monomial(n: Normaliser, mono: Mono) -> bool:
    """Whether a monomial is an integer at every point: whole positive powers of integers."""
    return all(e.denominator == 1 and e > 0 and atom(n, i) for i, e in mono)


def atom(n: Normaliser, i: int) -> bool:
    """Whether an atom is an integer: a variable that is, a step, an alternating sign."""
    key = n.atoms[i].key
    return key[0] in ("floor", "ceil", "alternating") or (key[0] == "var" and key[1] in n.integers)


def lattice(n: Normaliser, p: Poly) -> tuple[Fraction, Poly] | None:
    """(c, q) with p = c·q + p(0), c > 0 and an integer q without constant term whose coefficients are coprime.

    >>> from attain.symbolic.expression import parse
    >>> n = Normaliser({}, {"n"})
    >>> lattice(n, n.form(parse("(n - 1/2)**2/3")).top)[0]
    Fraction(1, 3)
    """
    rest = {m: c for m, c in p.items() if m}
    if not rest or not all(monomial(n, m) for m in rest):
        return None
    c = Fraction(gcd(*(v.numerator for v in rest.values())), lcm(*(v.denominator for v in rest.values())))
    return c, {m: v / c for m, v in rest.items()}


def rounded(n: Normaliser, a: Quotient) -> tuple[Poly, Quotient]:
    """The integer terms of a sum, and the rest: floor(n + x + 3/2) is n + 1 + floor(x + 1/2)."""
    if a.bottom != ONE:
        return {}, a
    out = {m: c for m, c in a.top.items() if m and c.denominator == 1 and monomial(n, m)}
    rest = {m: c for m, c in a.top.items() if m not in out}
    below = rest.get((), Fraction(0)).__floor__()
    if below:
        out[()] = Fraction(below)
        rest = {m: c - (0 if m else below) for m, c in rest.items() if m or c != below}
    return out, Quotient(rest, ONE)


def half_turns(n: Normaliser, mono: Mono, k: Fraction) -> tuple[Quotient, Quotient] | None:
    """(sin, cos) of k·mono for π times an integer monomial and a whole k: 0 and (−1)**(k·mono), by the parity of k."""
    pi = n.ids.get(("pi",), -1)
    rest = tuple((i, e) for i, e in mono if i != pi)
    if k.denominator != 1 or not rest or (pi, Fraction(1)) not in mono or not monomial(n, rest):
        return None
    if k % 2 == 0:
        return Quotient({}, ONE), Quotient(ONE, ONE)
    odd = tuple((i, Fraction(1)) for i, _ in rest)  # every power of an integer has its parity
    angle = n.poly_expr({((pi, Fraction(1)),): Fraction(1)}), n.poly_expr({odd: Fraction(1)})
    sign = n.atom(("alternating", odd), Expr("cos", (Expr("*", angle),)), -1)
    return Quotient({}, ONE), Quotient(sign, ONE)
