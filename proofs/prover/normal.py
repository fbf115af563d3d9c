"""A normal form over Q: quotients of generalised polynomials in atoms, unique enough that many identities become 0 = 0.

Atoms are variables, pi, primes and other bases under fractional powers, exp(M) of monomials M, logarithms of primitive
polynomials, sines, cosines, and any other function of a normal form. Rules: exp(a + b) = exp(a)·exp(b), exp(c·log A) =
A**c, log of a product of positive things is a sum, sin² = 1 − cos², angle sums, sines of arcs; sinh, cosh, tanh,
sigmoid, softplus are written with exp. Every rule holds at each point where the original formula is defined. The normal
form may be defined at more points, never at fewer, except where a denominator vanishes that vanishes in the original.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

from ...symbolic.tree import Expr, fold, number, to_fraction
from .multiply import Mono, Poly, multiply, power

MAX_TERMS, MAX_WORK, MAX_BITS, SMALL = 1200, 150_000, 20_000, 100
ONE: Poly = {(): Fraction(1)}


class TooLarge(Exception):
    """The normal form has too many terms."""


class Quotient(NamedTuple):
    """numerator / denominator; the denominator is not the zero polynomial."""

    top: Poly
    bottom: Poly


class Atom(NamedTuple):
    """``sign``: 1 if it is positive wherever defined, 0 if nonnegative, −1 if nothing is known."""

    key: tuple[Any, ...]
    expr: Expr
    sign: int
    base: Poly | None = None


def add_poly(a: Poly, b: Poly, scale: Fraction = Fraction(1)) -> Poly:
    """a + scale·b."""
    result = dict(a)
    _accumulate(result, b, scale)
    if len(result) > MAX_TERMS:
        raise TooLarge
    return result


def _accumulate(total: Poly, b: Poly, scale: Fraction) -> None:
    """total += scale·b, in place."""
    for mono, c in b.items():
        value = total.get(mono, Fraction(0)) + scale * c
        if value:
            total[mono] = value
        else:
            total.pop(mono, None)


def constant_of(q: Quotient) -> Fraction | None:
    """The rational value if the quotient is a number."""
    if not q.top:
        return Fraction(0)
    if set(q.top) == {()} and set(q.bottom) == {()}:
        return q.top[()] / q.bottom[()]
    return None


class Normaliser:
    """Normal forms under known signs of variables (1: > 0, 0: ≥ 0), which are integers, and, by `note`, of polynomials.

    >>> from attain.symbolic.expression import parse
    >>> form = Normaliser({}).form(parse("tanh(2*x) - 2*tanh(x)/(1 + tanh(x)**2)"))
    >>> form.top
    {}
    """

    def __init__(self, signs: Mapping[str, int], integers: Set[str] = frozenset()) -> None:
        self.signs, self.integers = dict(signs), integers
        self.atoms: list[Atom] = []
        self.ids: dict[tuple[Any, ...], int] = {}
        self.noted: dict[tuple[Any, ...], tuple[Fraction, int]] = {}
        self.work = 0

    # --- atoms and monomials ---

    def atom(self, key: tuple[Any, ...], expr: Expr, sign: int = -1, base: Poly | None = None) -> Poly:
        if key not in self.ids:
            self.ids[key] = len(self.atoms)
            self.atoms.append(Atom(key, expr, sign, base))
        return {((self.ids[key], Fraction(1)),): Fraction(1)}

    def variable(self, name: str) -> Poly:
        return self.atom(("var", name), Expr("variable", (name,)), self.signs.get(name, -1))

    def times(self, a: Poly, b: Poly) -> Poly:
        """The product, with roots and squares of sines reduced."""
        self.work += len(a) * len(b)
        if len(a) * len(b) > 20_000 or self.work > MAX_WORK:
            raise TooLarge
        special = self.special(a) or self.special(b)
        if not special and len(a) * len(b) > SMALL:
            return add_poly({}, multiply(a, b))
        result: Poly = {}
        for m, c in a.items():
            for n, d in b.items():
                mono = join(m, n) if n and m else m or n
                if special and n and m:
                    _accumulate(result, self.reduce(mono, c * d), Fraction(1))
                else:
                    result[mono] = result.get(mono, Fraction(0)) + c * d
            if len(result) > 2 * MAX_TERMS:
                raise TooLarge
        return add_poly({}, result)

    def reduce(self, mono: Mono, c: Fraction) -> Poly:
        for at, (i, e) in enumerate(mono):
            kind = self.atoms[i].key[0]
            rest = (*mono[:at], *mono[at + 1 :])
            if kind == "root" and not 0 < e < 1:
                whole = e.numerator // e.denominator
                if whole < 0:
                    continue
                base = self.atoms[i].base or ONE
                left = join(rest, ((i, e - whole),)) if e != whole else rest
                return self.times(self.reduce(left, c), self.whole_power(base, whole))
            if kind == "sin" and e >= 2:
                cosine = self.ids[("cos", *self.atoms[i].key[1:])]
                flat: Poly = {(): Fraction(1), ((cosine, Fraction(2)),): Fraction(-1)}
                return self.times(self.reduce(join(rest, ((i, e - 2),)), c), flat)
            if kind == "alternating" and e not in (0, 1) and e.denominator == 1:
                return self.reduce(join(rest, ((i, e % 2),)), c)
        return {mono: c}

    def special(self, p: Poly) -> bool:
        """Whether it has atoms whose powers reduce."""
        return any(not self.free(i) for i in {i for m in p for i, _ in m})

    def whole_power(self, a: Poly, k: int) -> Poly:
        if k > 200:
            raise TooLarge
        if k > 2 and not self.special(a):
            found = power(a, k, MAX_TERMS)
            self.work += 0 if found is None else len(a) * len(found)
            if found is None or self.work > MAX_WORK:
                raise TooLarge
            return add_poly({}, found)
        result = ONE
        for _ in range(k):
            result = self.times(result, a)
        return result

    def free(self, i: int) -> bool:
        """Whether negative exponents of the atom are allowed in monomials."""
        return self.atoms[i].key[0] not in ("root", "sin", "alternating")

    # --- quotients ---

    def tidy(self, top: Poly, bottom: Poly) -> Quotient:
        """Divide by the monomials of the denominator and make its leading coefficient 1."""
        if not top:
            return Quotient({}, ONE)
        if top == bottom:
            return Quotient(ONE, ONE)
        if len(bottom) == 1:
            ((mono, c),) = bottom.items()
            up = tuple((i, -e) for i, e in mono if self.free(i))
            keep = tuple((i, e) for i, e in mono if not self.free(i))
            return Quotient(self.times(top, {up: 1 / c}), {keep: Fraction(1)})
        common = self.common(bottom)
        lead = bottom[min(bottom)]
        scale: Poly = {tuple((i, -e) for i, e in common): 1 / lead}
        return Quotient(self.times(top, scale), self.times(bottom, scale))

    def common(self, p: Poly) -> Mono:
        """The largest common monomial in atoms that may be divided by."""
        shared = dict(next(iter(p)))
        for mono in p:
            exponents = dict(mono)
            for i in list(shared):
                shared[i] = min(shared[i], exponents.get(i, Fraction(0)))
        for mono in p:
            for i, e in mono:
                if e < 0:
                    shared[i] = min(shared.get(i, e), e)
        return tuple(sorted((i, e) for i, e in shared.items() if e and self.free(i)))

    def add(self, a: Quotient, b: Quotient, scale: int = 1) -> Quotient:
        s = Fraction(scale)
        if a.bottom == b.bottom:
            return self.tidy(add_poly(a.top, b.top, s), a.bottom)
        top = add_poly(self.times(a.top, b.bottom), self.times(b.top, a.bottom), s)
        return self.tidy(top, self.times(a.bottom, b.bottom))

    def mul(self, a: Quotient, b: Quotient) -> Quotient:
        if a.top == b.bottom:
            return self.tidy(b.top, a.bottom)
        if b.top == a.bottom:
            return self.tidy(a.top, b.bottom)
        return self.tidy(self.times(a.top, b.top), self.times(a.bottom, b.bottom))

    def inverse(self, a: Quotient) -> Quotient:
        if not a.top:
            raise TooLarge
        return self.tidy(a.bottom, a.top)

    def power(self, a: Quotient, e: Fraction) -> Quotient:
        if e.denominator == 1:
            base = a if e >= 0 else self.inverse(a)
            k = abs(int(e))
            if len(base.top) == 1 and len(base.bottom) == 1 and not next(iter(base.bottom)):
                ((mono, c),) = base.top.items()
                if all(self.free(i) for i, _ in mono) and _bits(c) * k <= MAX_BITS:
                    return Quotient({tuple((i, x * k) for i, x in mono) if k else (): c**k}, ONE)
            return self.tidy(self.whole_power(base.top, k), self.whole_power(base.bottom, k))
        top, bottom = self.root(a.top, e), self.root(a.bottom, e) if self.sign(a.bottom) == 1 else None
        if bottom is None:
            return self.opaque("**", [a], Expr("**", (self.to_expr(a), number(e))), 0)
        return self.mul(top, self.inverse(bottom))

    def root(self, p: Poly, e: Fraction) -> Quotient:
        """p**e for p ≥ 0: positive factors one by one, the rest as one base."""
        if not p:
            return Quotient({}, ONE)
        content, c, rest = self.split(p, 0)
        if self.sign(rest) == -1:
            content, c, rest = self.split(p)
        result = self.number_power(c, e)
        for i, x in content:
            result = self.mul(result, Quotient({((i, x * e),): Fraction(1)}, ONE))
        if rest != ONE:
            only = next(iter(rest))
            if len(rest) == 1 and rest[only] == 1 and len(only) == 1 and only[0][1] == 1 and self.free(only[0][0]):
                return self.mul(result, Quotient({((only[0][0], e),): Fraction(1)}, ONE))
            result = self.mul(result, self.base_power(rest, e))
        return result

    def base_power(self, base: Poly, e: Fraction) -> Quotient:
        whole = e.numerator // e.denominator
        key = ("root", _key(base))
        sign = 1 if self.sign(base) == 1 else 0
        (mono,) = self.atom(key, self.poly_expr(base), sign, base)
        root = Quotient({((mono[0][0], e - whole),): Fraction(1)}, ONE) if e != whole else Quotient(ONE, ONE)
        return self.mul(root, self.power(Quotient(base, ONE), Fraction(whole)))

    def number_power(self, c: Fraction, e: Fraction) -> Quotient:
        result = Quotient(ONE, ONE)
        for p, k in _primes(c):
            result = self.mul(result, self.base_power({(): Fraction(p)}, k * e))
        return result

    def split(self, p: Poly, least: int = 1) -> tuple[Mono, Fraction, Poly]:
        """p = (monomial of atoms with a sign ≥ least)·(positive number)·rest."""
        content = tuple((i, e) for i, e in self.common(p) if self.atoms[i].sign >= least)
        rest = self.times(p, {tuple((i, -e) for i, e in content): Fraction(1)}) if content else p
        c = abs(rest[min(rest)])
        return content, c, {m: v / c for m, v in rest.items()}

    def note(self, p: Poly, sign: int) -> None:
        """Remember that p > 0 (1) or p ≥ 0 (0) on the domain."""
        if p.keys() - {()}:
            key, start = _direction(p)
            self.noted[key] = max((-start, sign), self.noted.get(key, (-start, sign)))

    def sign(self, p: Poly) -> int:
        """1 if p > 0, 0 if p ≥ 0, by the signs of its terms or because it was noted; −1 if they do not tell."""
        known = self.sign_by_terms(p)
        if known == 1 or not p.keys() - {()} or not self.noted:
            return known
        return max(known, *(self.sign_by_notes(q) for q in (p, self.split(p)[2])))

    def sign_by_notes(self, p: Poly) -> int:
        key, start = _direction(p) if p.keys() - {()} else ((), Fraction(0))
        low, strict = self.noted.get(key, (-start - 1, 0))
        return 1 if low > -start else strict if low == -start else -1

    def sign_by_terms(self, p: Poly) -> int:
        strict = False
        for mono, c in p.items():
            if c < 0:
                return -1
            some = True
            for i, e in mono:
                known = self.atoms[i].sign
                if known == -1 and not (e.denominator == 1 and e % 2 == 0):
                    return -1
                some = some and known == 1
            strict = strict or some
        return 1 if strict else 0

    # --- functions ---

    def exp(self, a: Quotient) -> Quotient:
        if set(a.bottom) != {()}:
            lead = a.top[min(a.top)]
            unit = Quotient({m: c / lead for m, c in a.top.items()}, a.bottom)
            (mono,) = self.opaque("exp", [unit], Expr("exp", (self.to_expr(unit),)), 1).top
            return Quotient({((mono[0][0], lead),): Fraction(1)}, ONE)
        result = Quotient(ONE, ONE)
        for mono, c in a.top.items():
            if len(mono) == 1 and mono[0][1] == 1 and self.atoms[mono[0][0]].key[0] == "log":
                base = Quotient(self.atoms[mono[0][0]].base or ONE, ONE)
                result = self.mul(result, self.power(base, c))
                continue
            inner = Expr("exp", (self.poly_expr({mono: Fraction(1)}),)) if mono else Expr("constant", ("e",))
            ((at,),) = [next(iter(self.atom(("exp", mono), inner, 1)))]
            result = self.mul(result, Quotient({((at[0], c),): Fraction(1)}, ONE))
        return result

    def log(self, a: Quotient) -> Quotient:
        if self.sign(a.bottom) != 1:
            return self.opaque("log", [a], Expr("log", (self.to_expr(a),)), -1)
        return self.add(self.log_poly(a.top), self.log_poly(a.bottom), -1)

    def log_poly(self, p: Poly) -> Quotient:
        if not p:
            raise TooLarge
        content, c, rest = self.split(p, 0)
        total: Poly = {}
        for prime, k in _primes(c):
            total = add_poly(total, self.log_atom({(): Fraction(prime)}), Fraction(k))
        for i, e in content:
            atom = self.atoms[i]
            if atom.key[0] == "exp" and isinstance(atom.key[1], tuple):
                total = add_poly(total, {atom.key[1]: Fraction(1)}, e)
            elif atom.key[0] == "exp*":
                return self.opaque("log", [Quotient(p, ONE)], Expr("log", (self.poly_expr(p),)), -1)
            else:
                total = add_poly(total, self.log_atom({((i, Fraction(1)),): Fraction(1)}), e)
        if len(rest) == 1:
            roots = [(i, e) for i, e in next(iter(rest)) if self.atoms[i].key[0] == "root"]
            rest = {tuple(x for x in mono if x not in roots): v for mono, v in rest.items()}
            for i, e in roots:
                total = add_poly(total, self.log_poly(self.atoms[i].base or ONE).top, e)
        if rest != ONE:
            total = add_poly(total, self.log_atom(rest))
        return Quotient(total, ONE)

    def log_atom(self, base: Poly) -> Poly:
        sign = 1 if set(base) == {()} and base[()] > 1 else -1
        return self.atom(("log", _key(base)), Expr("log", (self.poly_expr(base),)), sign, base)

    def opaque(self, head: str, args: list[Quotient], expr: Expr, sign: int) -> Quotient:
        name = "exp*" if head == "exp" else head
        key = (name, *((_key(a.top), _key(a.bottom)) for a in args), *((str(expr.args[1]),) if head == "**" else ()))
        return Quotient(self.atom(key, expr, sign), ONE)

    # --- trees ---

    def form(self, expr: Expr) -> Quotient:
        """The normal form; `TooLarge` if it grows beyond the limits or divides by zero."""
        from .functions import apply

        result: Quotient = fold(expr, lambda node, args: apply(self, node, args))
        return result

    def poly_expr(self, p: Poly) -> Expr:
        terms = [self._term(m, c) for m, c in sorted(p.items())]
        if not terms:
            return number(0)
        while len(terms) > 1:
            pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
            terms = [Expr("+", tuple(pair)) if len(pair) == 2 else pair[0] for pair in pairs]
        return terms[0]

    def _term(self, mono: Mono, c: Fraction) -> Expr:
        result: Expr | None = None if c == 1 and mono else number(c)
        for i, e in mono:
            factor = self.factor(self.atoms[i], e)
            result = factor if result is None else Expr("*", (result, factor))
        return result or number(1)

    def factor(self, atom: Atom, e: Fraction) -> Expr:
        if e == 1 and atom.key[0] != "root":
            return atom.expr
        if atom.key[0] in ("exp", "exp*"):
            inner = atom.expr.args[0] if atom.expr.head == "exp" else number(1)
            return Expr("exp", (number(e) if inner == number(1) else Expr("*", (number(e), inner)),))
        return Expr("**", (atom.expr, number(e)))

    def to_expr(self, q: Quotient) -> Expr:
        top = self.poly_expr(q.top)
        return top if q.bottom == ONE else Expr("/", (top, self.poly_expr(q.bottom)))


def _key(p: Poly) -> tuple[Any, ...]:
    return tuple(sorted(p.items()))


def _direction(p: Poly) -> tuple[tuple[Any, ...], Fraction]:
    """q and c with p = positive·(q + c), q without a constant term."""
    lead = abs(p[min(m for m in p if m)])
    return _key({m: c / lead for m, c in p.items() if m}), p.get((), Fraction(0)) / lead


def _bits(c: Fraction) -> int:
    """The length of a number, 0 for ±1."""
    return (abs(c.numerator) * c.denominator - 1).bit_length()


def join(a: Mono, b: Mono) -> Mono:
    """The product of two monomials."""
    exponents = dict(a)
    for i, e in b:
        exponents[i] = exponents.get(i, Fraction(0)) + e
    return tuple(sorted((i, e) for i, e in exponents.items() if e))


def _primes(c: Fraction) -> list[tuple[int, int]]:
    """Prime factors up to 1000 with exponents; what is left of numerator and denominator counts as prime."""
    found: dict[int, int] = {}
    for value, sign in ((c.numerator, 1), (c.denominator, -1)):
        p = 2
        while value > 1:
            if p > 1000 or p * p > value:
                found[value] = found.get(value, 0) + sign
                break
            while value % p == 0:
                value //= p
                found[p] = found.get(p, 0) + sign
            p += 1
    return [(p, k) for p, k in sorted(found.items()) if k]


def whole_exponents(p: Poly) -> tuple[Poly, dict[int, int]]:
    """p with every exponent scaled to a coprime whole number per atom, and the scale: atom = t**scale."""
    denominators: dict[int, int] = {}
    for mono in p:
        for i, e in mono:
            d = denominators.get(i, 1)
            denominators[i] = d * e.denominator // gcd(d, e.denominator)
    return {tuple((i, e * denominators[i]) for i, e in mono): c for mono, c in p.items()}, denominators


Rule = Callable[[Normaliser, Quotient], Quotient]
__all__ = ["Atom", "Mono", "Normaliser", "Poly", "Quotient", "Rule", "TooLarge", "constant_of", "to_fraction"]
