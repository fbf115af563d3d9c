"""Polynomials over Q: signs on an interval by certified root isolation, on an orthant by successive differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations, product
from math import comb

from flint import ctx, fmpq, fmpq_poly

End = Fraction | None
Terms = dict[tuple[int, ...], Fraction]
DEGREE, TERMS = 80, 4000


def _at(p: fmpq_poly, x: Fraction) -> Fraction:
    value = p(fmpq(x.numerator, x.denominator))
    return Fraction(int(value.p), int(value.q))


def sign_on_interval(
    coefficients: Sequence[Fraction], low: End, high: End, closed: tuple[bool, bool], strict: bool
) -> bool:
    """Whether p ≥ 0 (p > 0 if strict) between the ends; False if it is not, or not decided.

    >>> sign_on_interval([Fraction(1), Fraction(-2), Fraction(1)], None, None, (False, False), False)
    True
    >>> sign_on_interval([Fraction(1), Fraction(-2), Fraction(1)], Fraction(0), None, (True, False), True)
    False
    """
    p = fmpq_poly([fmpq(c.numerator, c.denominator) for c in coefficients])
    if p == 0 or (low is not None and high is not None and low >= high):
        return p == 0 and not strict
    if p.degree() > DEGREE:
        return False
    places: list[Fraction] = []
    for end, inside in ((low, closed[0]), (high, closed[1])):
        if end is not None and inside and (_at(p, end) < 0 or (strict and _at(p, end) == 0)):
            return False
    _, factors = p.numer().factor()
    for factor, times in factors:
        q = fmpq_poly(factor)
        if factor.degree() == 1:
            root = Fraction(-int(factor[0]), int(factor[1]))
            if (low is None or low < root) and (high is None or root < high):
                if strict or times % 2:
                    return False
                places.append(root)
            continue
        if (strict or times % 2) and not _no_root(q, low, high):
            return False
    x = _between(low, high, places)
    return _at(p, x) > 0


def _no_root(q: fmpq_poly, low: End, high: End) -> bool:
    """Whether an irreducible polynomial of degree ≥ 2 has certainly no root in the open interval."""
    for bits in (64, 256, 1024):
        with ctx.workprec(bits):
            real = [root.real for root, _ in q.complex_roots() if root.imag == 0]
            if all((low is not None and x < _ball(low)) or (high is not None and x > _ball(high)) for x in real):
                return True
    return False


def _ball(x: Fraction) -> fmpq:
    return fmpq(x.numerator, x.denominator)


def _between(low: End, high: End, avoid: Sequence[Fraction]) -> Fraction:
    """A point of the open interval that is none of the given ones."""
    k = 2
    while True:
        if low is not None and high is not None:
            x = low + (high - low) / k
        else:
            x = low + k if low is not None else high - k if high is not None else Fraction(k)
        if x not in avoid:
            return x
        k += 1


def times(a: Terms, b: Terms) -> Terms:
    found: Terms = {}
    for m, c in a.items():
        for n, d in b.items():
            key = tuple(x + y for x, y in zip(m, n, strict=True))
            found[key] = found.get(key, Fraction(0)) + c * d
    if len(found) > TERMS:
        raise OverflowError
    return {m: c for m, c in found.items() if c}


def linear(p: Terms, images: Sequence[Terms]) -> Terms:
    """p with its variables replaced."""
    count = len(images)
    found: Terms = {}
    for mono, c in p.items():
        term: Terms = {(0,) * count: c}
        for image, e in zip(images, mono, strict=True):
            for _ in range(e):
                term = times(term, image)
        for m, d in term.items():
            found[m] = found.get(m, Fraction(0)) + d
    return {m: c for m, c in found.items() if c}


def on_box(
    p: Terms, ends: Sequence[tuple[End, End]], closed: Sequence[tuple[bool, bool]], strict: bool, depth: int = 3
) -> bool:
    """Whether p ≥ 0 (p > 0) where each variable lies between its ends, after a map of each side to [0, ∞).

    A bounded variable is low + (high − low)·v/(1 + v), a half-line is shifted, a line is cut at 0. Then all
    coefficients are ≥ 0, or are after x = u₁, y = u₁ + u₂, … in every order of the variables. For p > 0 the constant
    term is > 0 there, or all coefficients are ≥ 0 and each corner (0 or ∞ at closed ends) has a positive one.
    """
    count = len(ends)
    free = [i for i, (low, high) in enumerate(ends) if low is None and high is None]
    if len(free) > 4 or count > 8 or not p:
        return not p and not strict
    bounded = {i: high - low for i, (low, high) in enumerate(ends) if low is not None and high is not None}
    for flips in product((1, -1), repeat=len(free)):
        side = dict(zip(free, flips, strict=True))
        images: list[Terms] = []
        for i, (low, high) in enumerate(ends):
            unit = tuple(int(j == i) for j in range(count))
            start = low if low is not None else high if high is not None else Fraction(0)
            slope = Fraction(side.get(i, 1 if low is not None else -1))
            images.append({unit: slope} | ({(0,) * count: start} if start else {}))
        moved = linear(p, images)
        top = {i: max((m[i] for m in moved), default=0) for i in bounded}
        for i, width in bounded.items():
            moved = _half_line(moved, i, width)
        if strict and (bounded or moved.get((0,) * count, 0) <= 0):
            if not all(c >= 0 for c in moved.values()) or not _corners(moved, ends, closed, top):
                return False
        elif not _orthant(moved, depth):
            return False
    return True


def _corners(
    p: Terms, ends: Sequence[tuple[End, End]], closed: Sequence[tuple[bool, bool]], top: Mapping[int, int]
) -> bool:
    """Whether a p with coefficients ≥ 0 is > 0 on the domain; ``top`` are the degrees that `_half_line` cleared.

    At a closed end (v = 0, or v = ∞ for a bounded variable) only the terms of degree 0 (of the top degree) count.
    """
    wanted: list[list[int | None]] = []
    for i, ((low, high), (low_in, high_in)) in enumerate(zip(ends, closed, strict=True)):
        start_in = low_in if low is not None else high_in if high is not None else True
        states: list[int | None] = [0] if start_in else []
        states += [top[i]] if i in top and high_in else []
        wanted.append(states or [None])
    return all(
        any(c > 0 and all(w is None or e == w for e, w in zip(m, corner, strict=True)) for m, c in p.items())
        for corner in product(*wanted)
    )


def _half_line(p: Terms, i: int, width: Fraction) -> Terms:
    """The numerator after u = width·v/(1 + v)."""
    degree = max((m[i] for m in p), default=0)
    found: Terms = {}
    for m, c in p.items():
        for k in range(degree - m[i] + 1):
            key = (*m[:i], m[i] + k, *m[i + 1 :])
            found[key] = found.get(key, Fraction(0)) + c * width ** m[i] * comb(degree - m[i], k)
    return {m: c for m, c in found.items() if c}


def _orthant(p: Terms, depth: int) -> bool:
    """p ≥ 0 for variables ≥ 0."""
    if all(c >= 0 for c in p.values()):
        return True
    count = len(next(iter(p)))
    if depth == 0 or not 2 <= count <= 5 or p.get((0,) * count, 0) < 0:
        return False
    for order in permutations(range(count)):
        images: list[Terms] = [{} for _ in range(count)]
        for rank, i in enumerate(order):
            images[i] = {tuple(int(j == k) for k in range(count)): Fraction(1) for j in range(rank + 1)}
        if not _orthant(linear(p, images), depth - 1):
            return False
    return True
