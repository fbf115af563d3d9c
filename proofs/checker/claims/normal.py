"""When are two formulas equal? Quotients of polynomials over Q in atoms; a difference with numerator 0 is zero.

Atoms: variables, pi, exp of a monomial, roots of polynomials and primes, logarithms, sin and cos, any other function of
a quotient. exp(a + b) = exp(a)·exp(b), exp(c·log A) = A**c; the logarithm or root of a product is taken factor by
factor where the factors are known to be ≥ 0; sin² = 1 − cos² and angle sums; sinh, cosh, tanh, sigmoid and softplus are
written with exp. Each rule holds at every point where the formula it is applied to is defined.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import factorial, floor
from typing import Any

from .tree import Tree, number, value_of

Mono = tuple[tuple[int, Fraction], ...]
Poly = dict[Mono, Fraction]
Quotient = tuple[Poly, Poly]
TERMS, WORK = 3000, 400_000
UNIT: Poly = {(): Fraction(1)}
ODD = ("tan", "asin", "atan", "erf")


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


class Normal:
    """Normal forms where the named variables are > 0 (sign 1) or ≥ 0 (sign 0).

    >>> from .tree import read
    >>> Normal({"x": 0}).is_zero(read("sqrt(x)*exp(log(1 + x)/2) - sqrt(x**2 + x)", {"x": 0}))
    True
    """

    def __init__(self, signs: Mapping[str, int]) -> None:
        self.signs, self.work = signs, 0
        self.kinds: list[tuple[Any, ...]] = []
        self.known: dict[tuple[Any, ...], int] = {}
        self.atom_signs: list[int] = []
        self.noted: dict[tuple[Any, ...], int] = {}

    def note(self, tree: Tree, sign: int) -> None:
        """A formula that is ≥ 0 (sign 0) or > 0 (sign 1) on the domain, if it is a polynomial in atoms."""
        try:
            top, bottom = self.form(tree)
        except TooLarge:
            return
        if bottom == UNIT and top:
            key = _monic(top)
            self.noted[key] = max(sign, self.noted.get(key, 0))

    def is_zero(self, tree: Tree) -> bool:
        """Whether the formula is 0 wherever it is defined; False may mean that it was not seen."""
        try:
            return not self.form(tree)[0]
        except TooLarge:
            return False

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
        """Whole powers of roots are powers of their bases; sin² is 1 − cos²."""
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
        return {mono: Fraction(1)}

    def repeated(self, p: Poly, k: int) -> Poly:
        if k > 100:
            raise TooLarge
        found = UNIT
        for _ in range(k):
            found = self.times(found, p)
        return found

    def sign(self, p: Poly) -> int:
        """1 if p > 0, 0 if p ≥ 0, by the signs of the terms or as noted; −1 if these do not tell."""
        known = self.noted.get(_monic(p), -1) if p and self.noted else -1
        strict = False
        for mono, c in p.items():
            odd = [self.atom_signs[i] for i, e in mono if self.atom_signs[i] >= 0 or e.denominator > 1 or e % 2]
            if c < 0 or -1 in odd:
                return known
            strict = strict or all(self.atom_signs[i] == 1 for i, _ in mono)
        return 1 if strict else max(known, 0)

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
        free = {i: e for i, e in self.common(bottom, -1).items() if self.kinds[i][0] not in ("root", "sin")}
        lead = 1 / bottom[min(bottom)]
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
            if len(a[0]) == 1 and a[1] == UNIT and all(self.kinds[i][0] not in ("root", "sin") for i, _ in min(a[0])):
                ((mono, c),) = a[0].items()
                return ({tuple((i, x * e) for i, x in mono) if e else (): c ** int(e)}, UNIT)
            return self.quotient(self.repeated(a[0], int(e)), self.repeated(a[1], int(e)))
        if self.sign(a[1]) != 1:
            return self.atom(("**", e, *_key(a)), 0)
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
        for prime, k in _primes(c):
            found = self.mul(found, self.base({(): Fraction(prime)}, k * e))
        return found

    # --- functions ---

    def exp(self, a: Quotient) -> Quotient:
        if a[1] != UNIT:
            lead = a[0][min(a[0])]
            return self.atom(("exp*", *_key((scaled(a[0], 1 / lead), a[1]))), 1, lead)
        found: Quotient = (UNIT, UNIT)
        for mono, c in a[0].items():
            kind = self.kinds[mono[0][0]] if len(mono) == 1 and mono[0][1] == 1 else ("",)
            if kind[0] == "log":
                found = self.mul(found, self.power((dict(kind[1]), UNIT), c))
            else:
                found = self.mul(found, self.atom(("exp", mono), 1, c))
        return found

    def log(self, a: Quotient) -> Quotient:
        if self.sign(a[1]) != 1:
            return self.atom(("log*", *_key(a)))
        return self.add(self.log_of(a[0]), self.log_of(a[1]), -1)

    def log_of(self, p: Poly) -> Quotient:
        """log p for p > 0, factor by factor."""
        if not p:
            raise TooLarge
        shared = self.common(p, 0)
        rest = self.without(p, shared)
        content = abs(rest[min(rest)])
        total: Poly = {}
        for prime, k in _primes(content):
            base = {(): Fraction(prime)}
            total = plus(total, self.atom(("log", tuple(base.items())), 1)[0], k)
        for i, e in sorted(shared.items()):
            kind = self.kinds[i]
            if kind[0] == "exp":
                total = plus(total, {kind[1]: Fraction(1)}, e)
            elif kind[0] == "exp*":
                return self.atom(("log*", *_key((p, UNIT))))
            elif kind[0] == "root":
                total = plus(total, self.log_of(dict(kind[1]))[0], e)
            else:
                total = plus(total, self.atom(("log", ((((i, Fraction(1)),), Fraction(1)),)))[0], e)
        rest = scaled(rest, 1 / content)
        if rest != UNIT:
            total = plus(total, self.atom(("log", tuple(sorted(rest.items()))))[0])
        return total, UNIT

    def trigonometric(self, a: Quotient) -> tuple[Quotient, Quotient]:
        """(sin a, cos a) by angle sums over the terms of a, whole multiples up to 4 one by one."""
        if a[1] != UNIT or len(a[0]) > 4:
            return self.plain(a)
        s: Quotient = ({}, UNIT)
        c: Quotient = (UNIT, UNIT)
        for mono, k in sorted(a[0].items()):
            whole = k.denominator == 1 and abs(k) <= 4
            s1, c1 = self.plain(({mono: Fraction(1) if whole else abs(k)}, UNIT))
            s1 = (scaled(s1[0], Fraction(-1)), s1[1]) if k < 0 else s1
            for _ in range(abs(int(k)) if whole else 1):
                s, c = (
                    self.add(self.mul(s, c1), self.mul(c, s1)),
                    self.add(self.mul(c, c1), self.mul(s, s1), -1),
                )
        return s, c

    def plain(self, a: Quotient) -> tuple[Quotient, Quotient]:
        if not a[0]:
            return ({}, UNIT), (UNIT, UNIT)
        pi = min(self.atom(("pi",), 1)[0])
        if set(a[0]) == {pi} and a[1] == UNIT:
            known = self.turn(a[0][pi] % 2)
            if known is not None:
                return known
        cosine = self.atom(("cos", *_key(a)))
        return self.atom(("sin", *_key(a))), cosine

    def turn(self, t: Fraction) -> tuple[Quotient, Quotient] | None:
        """(sin tπ, cos tπ) for the multiples of π/6 and π/4, 0 ≤ t < 2."""
        flip = Fraction(-1 if t >= 1 else 1)
        t = t % 1
        mirror = Fraction(-1 if t > Fraction(1, 2) else 1)
        if t.denominator in (5, 10):
            return self.fifths(min(t, 1 - t), flip, flip * mirror)
        squares = {Fraction(0): 0, Fraction(1, 6): 1, Fraction(1, 4): 2, Fraction(1, 3): 3, Fraction(1, 2): 4}
        k = squares.get(min(t, 1 - t))
        if k is None:
            return None
        half = [self.of_number(Fraction(n, 4), Fraction(1, 2)) if n else ({}, UNIT) for n in (k, 4 - k)]
        (s, d), (c, f) = half
        return (scaled(s, flip), d), (scaled(c, flip * mirror), f)

    def fifths(self, t: Fraction, side: Fraction, other: Fraction) -> tuple[Quotient, Quotient]:
        """(side·sin tπ, other·cos tπ) for t = k/10: cos(π/5) = (√5 + 1)/4 and sin(π/10) = (√5 − 1)/4."""
        k = int(10 * t)
        quarter: Quotient = ({(): Fraction(1, 4)}, UNIT)
        known = self.add(self.of_number(Fraction(5, 16), Fraction(1, 2)), quarter, 1 if k in (2, 3) else -1)
        rest = self.power(self.add((UNIT, UNIT), self.mul(known, known), -1), Fraction(1, 2))
        sine, cosine = (known, rest) if k % 2 else (rest, known)
        return (scaled(sine[0], side), sine[1]), (scaled(cosine[0], other), cosine[1])

    # --- trees ---

    def form(self, tree: Tree) -> Quotient:
        """The quotient of a formula; `TooLarge` beyond the limits or for a division by zero."""
        head = tree[0]
        if head == "number":
            return ({(): tree[1]} if tree[1] else {}), UNIT
        if head == "variable":
            return self.atom(("variable", tree[1]), self.signs.get(tree[1], -1))
        if head == "constant":
            return self.exp((UNIT, UNIT)) if tree[1] == "e" else self.atom(("pi",), 1)
        a = self.form(tree[1])
        if head == "**":
            exponent = value_of(tree[2])
            if exponent is not None:
                return self.power(a, exponent)
            b = self.form(tree[2])
            constant = not b[0] or (set(b[0]) == {()} and b[1] == UNIT)
            return self.power(a, b[0].get((), Fraction(0))) if constant else self.exp(self.mul(b, self.log(a)))
        if head in ("+", "-"):
            return self.add(a, self.form(tree[2]), 1 if head == "+" else -1)
        if head in ("*", "/"):
            b = self.form(tree[2])
            return self.mul(a, b if head == "*" else self.inverse(b))
        if head in ("min", "max"):
            return self.extremum(head, a, self.form(tree[2]))
        return self.function(head, a)

    def function(self, head: str, a: Quotient) -> Quotient:
        one: Quotient = (UNIT, UNIT)
        match head:
            case "neg":
                return scaled(a[0], Fraction(-1)), a[1]
            case "exp":
                return self.exp(a)
            case "log":
                return self.log(a)
            case "sqrt":
                return self.power(a, Fraction(1, 2))
            case "softplus":
                return self.log(self.add(self.exp(a), one))
            case "sin" | "cos":
                return self.trigonometric(a)[head == "cos"]
            case "tan":
                sine, cosine = self.trigonometric(a)
                return self.mul(sine, self.inverse(cosine))
            case "sinh" | "cosh" | "tanh" | "sigmoid":
                return self.hyperbolic(head, a)
            case "abs":
                return self.extremum("max", a, (scaled(a[0], Fraction(-1)), a[1]))
        return self.opaque(head, a)

    def hyperbolic(self, head: str, a: Quotient) -> Quotient:
        t, one = self.exp(a), (UNIT, UNIT)
        if head == "sigmoid":
            return self.mul(t, self.inverse(self.add(t, one)))
        up, down = self.add(t, self.inverse(t)), self.add(t, self.inverse(t), -1)
        if head == "tanh":
            square = self.mul(t, t)
            return self.mul(self.add(square, one, -1), self.inverse(self.add(square, one)))
        return self.mul(up if head == "cosh" else down, ({(): Fraction(1, 2)}, UNIT))

    def opaque(self, head: str, a: Quotient) -> Quotient:
        value = a[0].get(()) if set(a[0]) == {()} and a[1] == UNIT else None
        if not a[0] and head in (*ODD, "lambertw"):
            return {}, UNIT
        if value is not None and head == "floor":
            return self.form(number(floor(value)))
        if value is not None and head == "ceil":
            return self.form(number(-floor(-value)))
        if value is not None and head in ("gamma", "loggamma") and value.denominator == 1 and 1 <= value <= 100:
            whole = self.form(number(factorial(int(value) - 1)))
            return whole if head == "gamma" else self.log(whole)
        if head in ("gamma", "loggamma"):
            return self.gamma(head, a)
        if head in ("floor", "ceil") and a[0] and a[0][min(a[0])] < 0:
            found = self.opaque("ceil" if head == "floor" else "floor", (scaled(a[0], Fraction(-1)), a[1]))
            return scaled(found[0], Fraction(-1)), found[1]
        if value == 1 and head == "atan":
            return scaled(self.atom(("pi",), 1)[0], Fraction(1, 4)), UNIT
        if head in ODD and a[0] and a[0][min(a[0])] < 0:
            found = self.atom((head, *_key((scaled(a[0], Fraction(-1)), a[1]))))
            return scaled(found[0], Fraction(-1)), UNIT
        return self.atom((head, *_key(a)))

    def gamma(self, head: str, a: Quotient) -> Quotient:
        """Γ(1/2)² = π, and Γ(u + 1) = u·Γ(u) for u > 0 with a constant term up to 3."""
        if a == ({(): Fraction(1, 2)}, UNIT):
            half = self.power(self.atom(("pi",), 1), Fraction(1, 2))
            return half if head == "gamma" else self.log(half)
        u = self.add(a, (UNIT, UNIT), -1)
        if a[1] == UNIT and 0 <= u[0].get((), Fraction(0)) <= 3 and self.sign(u[0]) == 1:
            rest = self.gamma(head, u)
            return self.mul(u, rest) if head == "gamma" else self.add(self.log(u), rest)
        return self.atom((head, *_key(a)), 1 if head == "gamma" else -1)

    def extremum(self, head: str, a: Quotient, b: Quotient) -> Quotient:
        """(a + b ± |a − b|)/2, with |u| as the root of u²."""
        gap = self.add(b, a, -1)
        for side in (1, -1):
            if self.sign(gap[1]) == 1 and self.sign(scaled(gap[0], Fraction(side))) >= 0:
                return b if (side == 1) == (head == "max") else a
        size = self.power(self.mul(gap, gap), Fraction(1, 2))
        twice = self.add(self.add(a, b), size, 1 if head == "max" else -1)
        return self.mul(twice, ({(): Fraction(1, 2)}, UNIT))


def _monic(p: Poly) -> tuple[Any, ...]:
    """A positive multiple of p, the same for all of them."""
    return tuple(sorted(scaled(p, 1 / abs(p[min(p)])).items()))


def _key(a: Quotient) -> tuple[Any, ...]:
    return tuple(sorted(a[0].items())), tuple(sorted(a[1].items()))


def _join(mono: Mono, other: Mapping[int, Fraction]) -> Mono:
    exponents = dict(mono)
    for i, e in other.items():
        exponents[i] = exponents.get(i, Fraction(0)) + e
    return tuple(sorted((i, e) for i, e in exponents.items() if e))


def _primes(c: Fraction) -> list[tuple[int, int]]:
    """Prime factors below 1000 with exponents; the rest of numerator and denominator counts as one prime each."""
    found: dict[int, int] = {}
    for rest, side in ((c.numerator, 1), (c.denominator, -1)):
        for p in range(2, 1000):
            while rest % p == 0:
                rest, found[p] = rest // p, found.get(p, 0) + side
        if rest > 1:
            found[rest] = found.get(rest, 0) + side
    return sorted(found.items())
