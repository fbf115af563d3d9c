"""Certificates for polynomial implications: a sum of products of facts that contradicts the negation of a goal.

Where the goal fails, n = −goal is > 0 (≥ 0 for a strict goal). Coefficients cᵢ ≥ 0 and products Pᵢ of n, facts,
squares and monomials of known sign with Σ cᵢ·Pᵢ = 0 identically, some Pᵢ > 0 having cᵢ > 0, are then a contradiction.
Source: the easy direction of the Positivstellensatz (Krivine 1964, Stengle 1974).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from .normal import Mono, Normaliser, Poly, add_poly


class Fact(NamedTuple):
    """``poly op 0`` with op ``>=``, ``>`` or ``==`` at every point of the domain, and why.

    ``source``, for a re-check: how it comes from a domain or condition, or A and B of a tangent of log.
    """

    poly: Poly
    op: str
    why: str
    source: Any = None


class Product(NamedTuple):
    """monomial · root² · Π factors, the factors by their numbers in a list of facts; an empty root is 1."""

    factors: tuple[int, ...]
    monomial: Mono = ()
    root: tuple[tuple[Mono, Fraction], ...] = ()


Certificate = tuple[tuple[Fraction, Product], ...]


def monomial_sign(n: Normaliser, mono: Mono) -> int:
    """1 if the monomial is > 0 on the domain, 0 if ≥ 0, −1 if its sign is not known."""
    found = 1
    for i, e in mono:
        known = n.atoms[i].sign
        even = e.denominator == 1 and e % 2 == 0
        if known != 1 and (e < 0 or (known == -1 and not even)):
            return -1
        found = min(found, known if known == 1 else 0)
    return found


def kind(n: Normaliser, facts: Sequence[Fact], product: Product) -> str | None:
    """What holds for the product if all facts do: ``>``, ``>=`` or ``==``; None if nothing is known."""
    if any(facts[k].op == "==" for k in product.factors):
        return "==" if all(e > 0 or n.atoms[i].sign == 1 for i, e in product.monomial) else None
    side = monomial_sign(n, product.monomial)
    if side == -1:
        return None
    strict = side == 1 and not product.root and all(facts[k].op == ">" for k in product.factors)
    return ">" if strict else ">="


def expand(n: Normaliser, facts: Sequence[Fact], product: Product) -> Poly:
    """The product, multiplied out; raises `TooLarge`."""
    result: Poly = {product.monomial: Fraction(1)}
    for k in product.factors:
        result = n.times(result, facts[k].poly)
    for _ in range(2 if product.root else 0):
        result = n.times(result, dict(product.root))
    return result


def verify(n: Normaliser, facts: Sequence[Fact], certificate: Certificate) -> bool:
    """Whether the sum is identically 0, the coefficients have the right signs, and a positive product is used.

    >>> n = Normaliser({"x": 1})
    >>> x = n.variable("x")
    >>> facts = [Fact({m: -c for m, c in x.items()}, ">", "x <= 0")]
    >>> verify(n, facts, ((Fraction(1), Product((0,))), (Fraction(1), Product((), next(iter(x))))))
    True
    """
    positive = any(c > 0 and kind(n, facts, product) == ">" for c, product in certificate)
    return positive and vanishes(n, facts, certificate)


def vanishes(n: Normaliser, facts: Sequence[Fact], certificate: Certificate) -> bool:
    """Whether the sum is identically 0 and the coefficients have the right signs."""
    total: Poly = {}
    for c, product in certificate:
        known = kind(n, facts, product)
        if known is None or (c < 0 and known != "=="):
            return False
        total = add_poly(total, expand(n, facts, product), c)
    return not total


def dense(n: Normaliser, facts: Sequence[Fact], certificate: Certificate) -> bool:
    """Whether, of a sum that vanishes, a part is a multiple of the goal n > 0 that is > 0 on a dense set.

    All is polynomial in the variables, and no other facts are used than ends of the domain, which must be a box with
    inner points. Where −n ≥ 0 fails it fails on an open set, and there the part, the sum of terms c·n·monomial·root²·
    Π ends with c > 0, is > 0 somewhere: the multiplier is a polynomial that is not 0, and ≥ 0 on the box.
    """
    used = {k for _, product in certificate for k in product.factors}
    polys = [facts[k].poly for k in used] + [
        {product.monomial: Fraction(1), **dict(product.root)} for _, product in certificate
    ]
    plain = all(n.atoms[i].key[0] == "var" and e > 0 and e.denominator == 1 for p in polys for m in p for i, e in m)
    ends = all(facts[k].why.startswith("domain") and facts[k].op != "==" for k in used - {0})
    return (
        plain
        and ends
        and facts[0].op == ">"
        and any(c > 0 and product.factors.count(0) == 1 for c, product in certificate)
    )
