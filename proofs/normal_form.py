"""Exact normal form: is one term equal to another, as a matter of algebra?

A term becomes a rational function over Q in generators: symbols, applied functions, exponentials, roots,
logarithms and finite sums. Exponents are split into monomials, so exp(a + b) = exp(a) exp(b); powers of a
positive base become exponentials; sums are made linear, sorted, and written by prefix sums
S(u) = sum over start..u, so that ranges split and end terms peel off: S(u + 1) = S(u) + t(u + 1).
Every step that is only valid under a side condition (a nonzero denominator, a positive logarithm)
records it; the caller has to certify all of them. Equal normal forms are equal terms; the converse fails.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import sympy as sp
from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

from .claim import Rel
from .terms import Condition, ProofError, conditions, substitute_relation, substitute_term

Oracle = Callable[[sp.Expr, tuple[Rel, ...]], bool]
MAX_PEEL = 40


class Normaliser:
    """One normalisation problem: a table of generators, shared by all terms put through it.

    `positive` may say that a term is surely positive (it is only used to split roots and logarithms);
    `split` selects prefix sums (for identities) or untouched ranges (for sign questions).
    """

    def __init__(self, positive: Oracle = lambda term, ranges: False, split: bool = True) -> None:
        self.positive = positive
        self.split = split
        self.conditions: list[Condition] = []
        self.back: dict[sp.Symbol, sp.Expr] = {}
        self.roots: dict[sp.Symbol, tuple[int, sp.Expr]] = {}
        self._table: dict[sp.Expr, sp.Symbol] = {}
        self._logs: dict[sp.Symbol, sp.Expr] = {}
        self._starts: dict[sp.Expr, sp.Integer] = {}
        self._ends: dict[tuple[sp.Expr, sp.Expr], sp.Integer] = {}

    def atom(self, key: sp.Expr, meaning: sp.Expr, sign: bool = False) -> sp.Symbol:
        """The generator for `key`, whose plain term is `meaning`."""
        if key not in self._table:
            name = f"g{len(self._table)}"
            generator = sp.Dummy(name, positive=True) if sign else sp.Dummy(name, real=True)
            self._table[key] = generator
            self.back[generator] = meaning
        return self._table[key]

    def plain(self, term: sp.Expr) -> sp.Expr:
        """Generators replaced by the terms they stand for."""
        return substitute_term(term, self.back)

    def fraction(self, term: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        """Numerator (expanded, roots reduced) and denominator of the term in generators."""
        top, bottom = sp.fraction(sp.together(self.rational(term)))
        top = sp.expand(top)
        changed = True
        while changed:
            changed = False
            for root, (degree, base) in self.roots.items():
                folded = _fold_root(top, root, degree, base) if top.has(root) else top
                if folded != top:
                    top, more = sp.fraction(sp.together(folded))
                    top, bottom, changed = sp.expand(top), bottom * more, True
        return top, sp.expand(bottom)

    def is_zero(self, term: sp.Expr) -> bool:
        """True only if the term is 0 under the recorded conditions."""
        return self.fraction(term)[0] == 0

    def rational(self, term: sp.Expr, ranges: tuple[Rel, ...] = ()) -> sp.Expr:
        """The term as an expression in generators."""
        if term.is_Rational or term in self.back:
            return term
        if isinstance(term, sp.Symbol):
            return self.atom(term, term)
        if isinstance(term, (sp.Add, sp.Mul)):
            return term.func(*(self.rational(argument, ranges) for argument in term.args))
        if isinstance(term, sp.Pow) and term != sp.E:
            return self._power(term, ranges)
        if isinstance(term, sp.exp) or term == sp.E:
            return self._exponential(self.rational(term.args[0] if term.args else sp.Integer(1), ranges))
        if isinstance(term, (sp.sinh, sp.cosh)):
            return self.rational(term.rewrite(sp.exp), ranges)
        if isinstance(term, sp.log):
            return self._logarithm(term.args[0], ranges)
        if isinstance(term, sp.Sum):
            return self._sum(term, ranges)
        return self._opaque(term, ranges)

    def canonical(self, term: sp.Expr, ranges: tuple[Rel, ...] = ()) -> sp.Expr:
        """A plain term in expanded canonical shape."""
        return self.plain(self._tidy(self.rational(term, ranges)))

    def _tidy(self, value: sp.Expr) -> sp.Expr:
        if any(power.exp.is_negative and power.base.is_Add for power in value.atoms(sp.Pow)):
            value = sp.cancel(sp.together(value))
            top, bottom = sp.fraction(value)
            return sp.Add(*(part / bottom for part in sp.Add.make_args(sp.expand(top))))
        return sp.expand(value)

    def _opaque(self, term: sp.Expr, ranges: tuple[Rel, ...]) -> sp.Expr:
        kind = type(term)
        if isinstance(term, sp.Abs):
            for inner in (term.args[0], -term.args[0]):
                if not inner.has(sp.Sum) and self.positive(inner, ranges):
                    return self.rational(inner, ranges)
            inner = self.canonical(term.args[0], ranges)
            term = sp.Abs(min(inner, sp.expand(-inner), key=sp.default_sort_key))
        elif term.args:
            term = term.func(*(self.canonical(argument, ranges) for argument in term.args))
        return self.atom(term, term) if type(term) is kind else self.rational(term, ranges)

    def _power(self, term: sp.Pow, ranges: tuple[Rel, ...]) -> sp.Expr:
        base, exponent = term.args
        if exponent.is_Integer:
            if exponent < 0:
                self.conditions.append(Condition("nonzero", base, ranges))
            return self.rational(base, ranges) ** exponent
        if exponent.is_Rational:
            return self._root(base, exponent, ranges)
        if not (base.is_Rational and base > 0):
            self.conditions.append(Condition("positive", base, ranges))
        return self._exponential(self.rational(exponent, ranges) * self._logarithm(base, ranges))

    def _root(self, base: sp.Expr, exponent: sp.Rational, ranges: tuple[Rel, ...]) -> sp.Expr:
        if base.is_Rational and base > 0:
            return base**exponent
        if isinstance(base, sp.exp):
            return self._exponential(exponent * self.rational(base.args[0], ranges))
        if isinstance(base, sp.Mul):
            inside = [factor for factor in base.args if not self.positive(factor, ranges)]
            outside = [factor for factor in base.args if factor not in inside]
            if outside:
                parts = [self.rational(factor**exponent, ranges) for factor in outside]
                return sp.Mul(*parts, *([self.rational(sp.Mul(*inside) ** exponent, ranges)] if inside else []))
        self.conditions.append(Condition("nonnegative" if exponent > 0 else "positive", base, ranges))
        key = self.canonical(base, ranges)
        if not isinstance(base, sp.Mul):
            factored = factor(key)
            if isinstance(factored, sp.Mul):
                return self._root(factored, exponent, ranges)
        meaning = key ** sp.Rational(1, exponent.q)
        root = self.atom(sp.Pow(key, sp.Rational(1, exponent.q), evaluate=False), meaning, sign=True)
        self.roots[root] = (int(exponent.q), self._tidy(self.rational(base, ranges)))
        return root**exponent.p

    def _exponential(self, exponent: sp.Expr) -> sp.Expr:
        factors = []
        for part in sp.Add.make_args(self._tidy(exponent)):
            coefficient, monomial = part.as_coeff_Mul()
            if monomial in self._logs and coefficient.is_Integer:
                factors.append(self._logs[monomial] ** coefficient)
            elif part != 0:
                meaning = sp.exp(self.plain(monomial))
                factors.append(
                    self.atom(sp.exp(self.plain(monomial), evaluate=False), meaning, sign=True) ** coefficient
                )
        return sp.Mul(*factors)

    def _logarithm(self, term: sp.Expr, ranges: tuple[Rel, ...]) -> sp.Expr:
        if term.is_Rational and term.is_positive and term.p < 10**6 and term.q < 10**6:
            primes = sp.factorrat(term)
            return sp.Add(
                *(power * self._log_atom(sp.Integer(prime), sp.Integer(prime)) for prime, power in primes.items())
            )
        if isinstance(term, sp.exp):
            return self.rational(term.args[0], ranges)
        if isinstance(term, sp.Pow) and self.positive(term.args[0], ranges):
            return self.rational(term.args[1], ranges) * self._logarithm(term.args[0], ranges)
        if isinstance(term, sp.Mul) and all(self.positive(factor, ranges) for factor in term.args):
            return sp.Add(*(self._logarithm(factor, ranges) for factor in term.args))
        self.conditions.append(Condition("positive", term, ranges))
        return self._log_atom(self.canonical(term, ranges), self.rational(term, ranges))

    def _log_atom(self, plain: sp.Expr, value: sp.Expr) -> sp.Symbol:
        generator = self.atom(sp.log(plain, evaluate=False), sp.log(plain))
        self._logs[generator] = value
        return generator

    def _sum(self, term: sp.Sum, ranges: tuple[Rel, ...]) -> sp.Expr:
        index, lower, upper = term.limits[-1]
        body = term.function if len(term.limits) == 1 else sp.Sum(term.function, *term.limits[:-1])
        name = sp.Dummy(index.name, integer=True)
        inner = (*ranges, Rel(lower, "<=", name), Rel(name, "<=", upper))
        low, high = self.canonical(lower, ranges), self.canonical(upper, ranges)
        total = sp.Integer(0)
        for part in sp.Add.make_args(self._tidy(self.rational(substitute_term(body, {index: name}), inner))):
            outside, inside = self._separate(part, name)
            total += outside * self._sum_of(inside, name, low, high, ranges)
        return total

    def _separate(self, part: sp.Expr, name: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
        outside: list[sp.Expr] = []
        inside: list[sp.Expr] = []
        for factor in sp.Mul.make_args(part):
            (inside if self.plain(factor).has(name) else outside).append(factor)
        return sp.Mul(*outside), self.plain(sp.Mul(*inside))

    def _sum_of(self, body: sp.Expr, name: sp.Symbol, low: sp.Expr, high: sp.Expr, ranges: tuple[Rel, ...]) -> sp.Expr:
        if not body.has(name):
            return self.rational(body, ranges) * self.rational(high - low + 1, ranges)
        if not self.split:
            key = _multi_sum(body, name, low, high)
            return self.atom(key, key)
        key = substitute_term(body, {name: sp.Symbol("#", integer=True)})
        start = self._starts.setdefault(key, low if low.is_Integer else sp.Integer(1))
        above, below = (self._prefix(body, name, start, end, key, ranges) for end in (high, sp.expand(low - 1)))
        return above - below

    def _prefix(
        self, body: sp.Expr, name: sp.Symbol, start: sp.Integer, upper: sp.Expr, key: sp.Expr, ranges: tuple[Rel, ...]
    ) -> sp.Expr:
        """Sum over start..upper: a generator for start..base + c, the c first met, and single terms up to upper."""
        constant, base = upper.as_coeff_Add()
        total = sp.Integer(0)
        anchor = start - 1
        if base != 0:
            anchor = self._ends.setdefault((key, base), constant)
            atom = _multi_sum(body, name, start, base + anchor)
            total = self.atom(atom, atom)
        if not (constant.is_Integer and abs(constant - anchor) <= MAX_PEEL):
            raise ProofError(f"cannot write a sum with upper end {upper} by sums that start at {start}")
        for offset in range(anchor + 1, constant + 1):
            total += self._at(body, name, base + offset, ranges)
        for offset in range(constant + 1, anchor + 1):
            total -= self._at(body, name, base + offset, ranges)
        return total

    def _at(self, body: sp.Expr, name: sp.Symbol, value: sp.Expr, ranges: tuple[Rel, ...]) -> sp.Expr:
        for condition in conditions(body):
            mapped = [substitute_relation(rel, {name: value}) for rel in condition.ranges]
            base = substitute_term(condition.base, {name: value})
            self.conditions.append(Condition(condition.kind, base, (*ranges, *mapped)))
        return self.rational(substitute_term(body, {name: value}), ranges)


def factor(term: sp.Expr) -> sp.Expr:
    """A sum of products over a product of powers, as `sympy.factor` writes it, but by FLINT; other terms by SymPy.

    SymPy's factorisation in several variables draws points at random, and an unlucky draw costs seconds.

    >>> x, y = sp.symbols("x y")
    >>> factor(x / 2 + y + y**2 / x / 2)
    (x + y)**2/(2*x)
    """
    top, bottom = sp.fraction(sp.together(term))
    polynomial = sp.Poly(sp.expand(top)) if term.is_Add and not bottom.has(sp.Add) else None
    if polynomial is None or not (polynomial.domain.is_ZZ or polynomial.domain.is_QQ):
        return sp.factor(term)
    ring = fmpq_mpoly_ctx.get(("t", len(polynomial.gens)), Ordering.lex)
    given = ring.from_dict({powers: fmpq(int(c.p), int(c.q)) for powers, c in polynomial.terms()})

    def back(part: fmpq_mpoly) -> sp.Expr:
        parts = (
            sp.Rational(int(c.p), int(c.q))
            * sp.Mul(*(g ** int(k) for g, k in zip(polynomial.gens, powers, strict=True)))
            for powers, c in part.terms()
        )
        return sp.Add(*parts)

    constant, found = given.factor()
    content, below = bottom.as_coeff_Mul()
    first = sp.Rational(int(constant.p), int(constant.q)) / content
    factors = [back(part) ** int(power) for part, power in found]
    if below != 1:
        factors += sp.Mul.make_args(1 / below)
    if len(factors) == 1 and first in (1, -1):
        return term if factors[0].is_Add else first * factors[0]
    return sp.Mul(*([] if first == 1 else [first]), *factors, evaluate=False)


def _fold_root(top: sp.Expr, root: sp.Symbol, degree: int, base: sp.Expr) -> sp.Expr:
    total = sp.Integer(0)
    for part in sp.Add.make_args(top):
        rest, power = part.as_independent(root)
        exponent = power.as_base_exp()[1] if power.has(root) else sp.Integer(0)
        whole = sp.floor(exponent / degree)
        total += rest * base**whole * root ** (exponent - degree * whole)
    return total


def _multi_sum(body: sp.Expr, name: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """The sum with canonical bound names, nested sums over independent ranges in sorted order."""
    limits = [(name, low, high)]
    inner = [factor for factor in sp.Mul.make_args(body) if isinstance(factor, sp.Sum)]
    bound = {name, *(limit[0] for factor in inner for limit in factor.limits)}
    if len(inner) == 1 and not any(end.has(*bound) for limit in inner[0].limits for end in limit[1:]):
        names = {limit[0]: sp.Dummy("k", integer=True) for limit in inner[0].limits}
        limits += [(names[limit[0]], *limit[1:]) for limit in inner[0].limits]
        rest = sp.Mul(*(factor for factor in sp.Mul.make_args(body) if factor is not inner[0]))
        body = rest * substitute_term(inner[0].function, names)
    height = 1 + max((int(s.name[1:]) for s in _bound(body)), default=-1)
    if len(limits) > 3:
        raise ProofError("sums nested more than three deep are not normalised")
    candidates = []
    for order in permutations(limits):
        names = {limit[0]: sp.Symbol(f"#{height + k}", integer=True) for k, limit in enumerate(order)}
        ends = [(names[limit[0]], limit[1], limit[2]) for limit in order]
        candidates.append(sp.Sum(substitute_term(body, names), *ends))
    return min(candidates, key=sp.default_sort_key)


def _bound(term: sp.Expr) -> set[sp.Symbol]:
    return {limit[0] for node in term.atoms(sp.Sum) for limit in node.limits if limit[0].name.startswith("#")}
