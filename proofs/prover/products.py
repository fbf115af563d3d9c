"""Search for certificates: which products to combine, and the linear program that combines them (Handelman 1988).

Products are the facts, the negated goal and simple squares, alone or in pairs, times monomials of known sign that bring
one of their terms onto a term that is already there. Their terms may leave the exponents that the goal has by at most
``level``. A product with a term that nothing can cancel is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from math import lcm
from typing import NamedTuple

from flint import ctx

from ...symbolic.tree import Expr
from .algebra import Candidate, Rewritten, rewrite
from .certificate import Certificate, Fact, Product, expand, kind, monomial_sign, verify
from .facts import facts
from .nonnegative import solve
from .normal import ONE, Mono, Normaliser, TooLarge, join
from .problem import Clock, Problem
from .step import Step

MOST_COLUMNS, MOST_KEPT, MOST_PAIRED, MOST_SQUARES = 4000, 2000, 24, 150
QUICK, DEEP, LAST = ((0, False), (1, False)), ((0, True), (2, False), (1, True)), ((2, True),)
BASE, MOST_EXPONENT = 1 << 20, 4096


def prove(problem: Problem, clock: Clock, plans: tuple[tuple[int, bool], ...]) -> Step | None:
    """A step with a certificate, by the first plan (a level, and whether products are paired) that finds one."""
    if problem.op == "==":
        return None
    clock.engine = "certificates of products"
    systems: list[tuple[Rewritten, list[Fact]]] = []
    with ctx.workprec(64):
        for item in rewrite(problem):
            item.normal.work = 0
            negated = Fact({m: -c for m, c in item.poly.items()}, ">" if problem.op == ">=" else ">=", "goal negated")
            try:
                systems.append((item, [negated, *facts(item.normal, problem, item.poly)]))
            except TooLarge:
                continue
    for level, paired in plans:
        for item, found in systems:
            clock.check()
            certificate = search(item.normal, found, level, paired, clock.check)
            if certificate:
                return step_of(problem, item, found, certificate)
    return None


def search(n: Normaliser, facts: list[Fact], level: int, paired: bool, tick: Callable[[], None]) -> Certificate | None:
    """A verified certificate from facts of which the first is the negated goal, or None; ``tick`` may stop it."""
    try:
        found = _Search(n, facts, level, tick).run(paired)
        n.work = 0
        return found if found and verify(n, facts, found) else None
    except TooLarge:
        return None
    finally:
        n.work = 0


def step_of(
    problem: Problem, item: Rewritten, facts: Sequence[Fact], certificate: Certificate, rule: str = "products"
) -> Step:
    """The certificate over the facts that it uses, as formulas."""
    used = list(dict.fromkeys(k for _, product in certificate for k in product.factors))
    n = item.normal
    listed = tuple((n.poly_expr(facts[k].poly), facts[k].op, facts[k].why, _source(n, facts[k])) for k in used)
    parts = tuple(
        (
            c,
            tuple(used.index(k) for k in p.factors),
            n.poly_expr({p.monomial: Fraction(1)}),
            n.poly_expr(dict(p.root) or ONE),
        )
        for c, p in certificate
    )
    signed = {n.atoms[i].key[0] for _, p in certificate for i, _ in p.monomial}
    balls = any(facts[k].why == "range" for k in used) or not signed <= {"var", "exp", "exp*", "pi", "root"}
    data = {"candidate": item.candidate, "facts": listed, "certificate": parts, "enclosed": balls}
    return Step(rule, problem, data)


def _source(n: Normaliser, fact: Fact) -> Candidate | tuple[Expr, ...] | None:
    """Where a fact comes from, as formulas."""
    if isinstance(fact.source, Rewritten):
        return fact.source.candidate
    return None if fact.source is None else tuple(map(n.poly_expr, fact.source))


class _Generator(NamedTuple):
    product: Product
    terms: list[tuple[int, Fraction]]
    equation: bool


class _Search:
    """Monomials are packed into one integer: Σ exponent·scale·BASE**place, so that products are sums."""

    def __init__(self, n: Normaliser, facts: list[Fact], level: int, tick: Callable[[], None]) -> None:
        self.n, self.facts, self.tick = n, facts, tick
        self.atoms = sorted({i for f in facts for m in f.poly for i, _ in m})
        self.place = {i: k for k, i in enumerate(self.atoms)}
        self.scales = dict.fromkeys(self.atoms, 1)
        for f in facts:
            for m in f.poly:
                for i, e in m:
                    self.scales[i] = lcm(self.scales[i], e.denominator)
        self.goal_atoms = sorted({i for m in facts[0].poly for i, _ in m})
        self.box = [(0, 0)] * len(self.atoms)
        for m in facts[0].poly:
            for i, e in m:
                k, scaled = self.place[i], int(e * self.scales[i])
                self.box[k] = (min(self.box[k][0], scaled), max(self.box[k][1], scaled))
        common = lcm(*self.scales.values())
        if common > MOST_EXPONENT:
            raise TooLarge
        self.weights = [common // self.scales[i] for i in self.atoms]
        self.level = level * common
        self.special = [i for i in self.atoms if not n.free(i)]
        self.inside: dict[int, bool] = {}
        self.signs: dict[int, int] = {}

    def pack(self, mono: Mono) -> int:
        if any(abs(e * self.scales[i]) > MOST_EXPONENT for i, e in mono):
            raise TooLarge
        return sum(int(e * self.scales[i]) * BASE ** self.place[i] for i, e in mono)

    def digits(self, packed: int) -> Iterator[tuple[int, int]]:
        """The places with their exponents, scaled, that are not 0."""
        k = 0
        while packed:
            e = (packed + BASE // 2) % BASE - BASE // 2
            if e:
                yield k, e
            packed = (packed - e) // BASE
            k += 1

    def unpack(self, packed: int) -> Mono:
        return tuple((self.atoms[k], Fraction(e, self.scales[self.atoms[k]])) for k, e in self.digits(packed))

    def within(self, packed: int) -> bool:
        """Whether the exponents leave those of the goal by at most the level."""
        known = self.inside.get(packed)
        if known is None:
            total = 0
            for k, e in self.digits(packed):
                low, high = self.box[k]
                total += self.weights[k] * max(e - high, low - e, 0)
            known = self.inside[packed] = total <= self.level
        return known

    def allowed(self, packed: int, equation: bool) -> bool:
        """Whether a monomial may multiply a fact."""
        if not self.within(packed):
            return False
        if packed not in self.signs:
            mono = self.unpack(packed)
            plain = not any(i in self.special for i, _ in mono)
            whole = all(e > 0 or self.n.atoms[i].sign == 1 for i, e in mono)
            positive = plain and monomial_sign(self.n, mono) >= 0
            self.signs[packed] = 1 if positive else 0 if plain and whole else -1
        return self.signs[packed] >= (0 if equation else 1)

    def generators(self, paired: bool) -> Iterator[_Generator]:
        products = [Product((k,)) for k in range(len(self.facts))]
        products += [Product(()), Product((0, 0)), *self.squares()]
        if paired:
            strong = [k for k, f in enumerate(self.facts) if f.why != "range"][:MOST_PAIRED]
            products += [Product(pair) for pair in combinations_with_replacement(strong, 2)]
        for product in dict.fromkeys(products):
            for mono in ((), *self.special_parts()):
                whole = product._replace(monomial=mono)
                known = kind(self.n, self.facts, whole)
                self.n.work = 0
                try:
                    terms = expand(self.n, self.facts, whole) if known else {}
                except TooLarge:
                    continue
                if any(
                    (e * self.scales.get(i, 1)).denominator != 1 or i not in self.place for m in terms for i, e in m
                ):
                    continue
                if terms:
                    yield _Generator(whole, [(self.pack(m), c) for m, c in terms.items()], known == "==")

    def special_parts(self) -> list[Mono]:
        """The parts of the goal's monomials in roots and sines, whose products reduce, and these alone."""
        parts = [tuple((i, e) for i, e in m if i in self.special) for m in self.facts[0].poly]
        single = [((i, Fraction(1, self.scales[i])),) for i in self.special]
        return [m for m in dict.fromkeys([*single, *parts]) if m]

    def squares(self) -> list[Product]:
        """Squares of a − b (and a + b, where signs are unknown) for a·b among the terms of the goal and its square."""
        goal = self.facts[0].poly
        single: list[Mono] = [(), *(((i, Fraction(1, self.scales[i])),) for i in self.goal_atoms)]
        halves = [tuple((i, e / 2) for i, e in m) for m in goal if all(e % 2 == 0 for _, e in m)]
        pairs = dict.fromkeys((*combinations(single, 2), *combinations(halves, 2)))
        terms = dict.fromkeys(goal)
        if len(goal) <= 12:
            terms.update(dict.fromkeys(join(a, b) for a, b in combinations(goal, 2)))
        for mono in terms:
            if 1 < len(mono) <= 6 and all(e > 0 for _, e in mono):
                for size in range(1, len(mono) // 2 + 1):
                    for chosen in combinations(mono, size):
                        pairs[chosen, tuple(x for x in mono if x not in chosen)] = None
        found = []
        for a, b in list(pairs)[:MOST_SQUARES]:
            if any(i in self.special for i, _ in a + b):
                continue
            signs = (1, -1) if any(self.n.atoms[i].sign == -1 for i, _ in a + b) else (-1,)
            found += [Product((), (), tuple(sorted(((a, Fraction(1)), (b, Fraction(s)))))) for s in signs]
        return found

    def columns(self, paired: bool) -> dict[Product, dict[int, Fraction]]:
        generators = list(self.generators(paired))
        found: dict[Product, dict[int, Fraction]] = {}
        seen: set[tuple[int, int]] = set()
        front = dict.fromkeys([0, *(self.pack(m) for m in self.facts[0].poly)])
        for _ in range(2):
            reached: dict[int, None] = {}
            for at, (product, terms, equation) in enumerate(generators):
                self.tick()
                for shift in dict.fromkeys((0, *(w - t for t, _ in terms for w in front))):
                    if (at, shift) in seen:
                        continue
                    seen.add((at, shift))
                    if not self.allowed(shift, equation) or not all(self.within(t + shift) for t, _ in terms):
                        continue
                    key = product._replace(monomial=join(product.monomial, self.unpack(shift)))
                    found[key] = {t + shift: c for t, c in terms}
                    reached.update(dict.fromkeys(found[key]))
                    if len(found) >= MOST_COLUMNS:
                        return found
            front = reached
        return found

    def run(self, paired: bool) -> Certificate | None:
        columns = self.columns(paired)
        kinds = {key: kind(self.n, self.facts, key) for key in columns}
        _prune(columns, kinds)
        if len(columns) > MOST_KEPT or ">" not in {kinds[key] for key in columns}:
            return None
        signed = [(key, side) for key in columns for side in ((1, -1) if kinds[key] == "==" else (1,))]
        unit = -1 - max(max(terms) for terms in columns.values()) ** 2
        vectors = []
        for key, side in signed:
            vector = {t: side * c for t, c in columns[key].items()}
            if kinds[key] == ">":
                vector[unit] = Fraction(1)
            vectors.append(vector)
        solution = solve(vectors, {unit: Fraction(1)})
        if solution is None:
            return None
        return tuple((c * signed[j][1], signed[j][0]) for j, c in solution.items())


def _prune(columns: dict[Product, dict[int, Fraction]], kinds: dict[Product, str | None]) -> None:
    """Drop, again and again, the products with a term that no other product can cancel."""
    rows: dict[int, tuple[set[Product], set[Product]]] = {}
    for key, terms in columns.items():
        for t, c in terms.items():
            sides = rows.setdefault(t, (set(), set()))
            for side in (0, 1) if kinds[key] == "==" else (int(c < 0),):
                sides[side].add(key)
    waiting = list(rows)
    while waiting:
        up, down = rows[waiting.pop()]
        if up and down and len(up | down) > 1:
            continue
        for key in up | down:
            for t in columns.pop(key):
                rows[t][0].discard(key)
                rows[t][1].discard(key)
                waiting.append(t)
