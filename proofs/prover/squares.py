"""Certificates with sums of squares: σ·n + Σ τ·f + Σ λ·h = 0 for the negated goal n, facts f ≥ 0 and h = 0.

σ, τ are Σ monomial·root² (monomials of known sign), λ any polynomials: unknown matrices over lists of monomials under
linear equations, solved by `semidefinite`. A variable ≥ 0 counts as a square s², so that monomials in it are parities
of s. Flips of signs that change none of the polynomials split the matrices into blocks; monomials whose square nothing
can cancel drop out. Source: Parrilo (2003); Putinar (1993); Reznick's multipliers (1995).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import NamedTuple

from flint import ctx

from ...symbolic.tree import Expr
from .algebra import Rewritten, rewrite
from .certificate import Certificate, Fact, Product, dense, expand, monomial_sign, vanishes, verify
from .facts import hypotheses, ranges
from .language import Variable
from .normal import Mono, Normaliser, Poly, TooLarge, join
from .problem import Clock, Problem, constant_sign
from .products import step_of
from .semidefinite import Column, Solution, System, solve
from .step import Step

MOST_MONOMIALS, MOST_BLOCK, MOST_ENTRIES, MOST_FACTS, MOST_TERMS = 400, 30, 8000, 10, 120
MOST_UNKNOWNS = (450, 250)
Vector = tuple[int, ...]


class Plan(NamedTuple):
    """Whether facts are used, and whether the goal is multiplied by squares of variables."""

    facts: bool
    multiplied: bool


FIRST = (Plan(False, False), Plan(True, False))
LATER = (Plan(False, True), Plan(True, True))


def prove(problem: Problem, clock: Clock, plans: Sequence[Plan]) -> Step | None:
    """A step with a certificate of squares by the first plan that finds one, or None."""
    if problem.op == "==":
        return None
    clock.engine = "sums of squares"
    with ctx.workprec(64):
        systems = [(item, _facts(item, problem)) for item in rewrite(problem)]
    for plan in plans:
        for item, found in systems:
            if found and (not plan.facts or len(found) > 1):
                clock.check()
                step = _certified(problem, item, found if plan.facts else found[:1], plan, clock)
                if step is not None:
                    return step
    return None


def _certified(problem: Problem, item: Rewritten, facts: list[Fact], plan: Plan, clock: Clock) -> Step | None:
    """The step, if its certificate is one: positive somewhere wherever the goal fails, or at least on a dense part."""
    n = item.normal
    try:
        certificate = _Search(n, facts, plan, clock).run()
        n.work = 0
        if certificate is None or not vanishes(n, facts, certificate):
            return None
        if verify(n, facts, certificate):
            return step_of(problem, item, facts, certificate)
        fat = all(not v.integer and not _pinned(v) for v in problem.variables)
        return step_of(problem, item, facts, certificate, "multiple") if fat and dense(n, facts, certificate) else None
    except TooLarge:
        return None
    finally:
        n.work = 0


def _pinned(v: Variable) -> bool:
    """Whether the domain may have only one point."""
    return v.low is not None and v.high is not None and constant_sign(Expr("-", (v.high, v.low))) != 1


def _facts(item: Rewritten, problem: Problem) -> list[Fact]:
    """The negated goal, and the facts that share atoms with it, directly or through others; none if 0 or too large."""
    n = item.normal
    n.work = 0
    if not item.poly:
        return []
    negated = Fact({m: -c for m, c in item.poly.items()}, ">" if problem.op == ">=" else ">=", "goal negated")
    try:
        rest = [f for f in hypotheses(n, problem) if 1 < len(f.poly) <= MOST_TERMS]
    except TooLarge:
        return []
    ranges(n, problem)
    found, atoms = [negated], _atoms(negated.poly)
    while more := [f for f in rest if _atoms(f.poly) & atoms]:
        found += more
        rest = [f for f in rest if f not in more]
        atoms = atoms.union(*(_atoms(f.poly) for f in more))
    return found[: 1 + MOST_FACTS]


def _atoms(p: Poly) -> set[int]:
    return {i for m in p for i, _ in m}


class _Block(NamedTuple):
    """Unknown matrix over ``basis`` (times a product of facts); a free number for each element of it if ``free``."""

    factors: tuple[int, ...]
    basis: tuple[Vector, ...]
    free: bool = False


class _Search:
    """Exponents are vectors of whole numbers: those of s with atom = s², of t with atom = t**scale if it has a sign."""

    def __init__(self, n: Normaliser, facts: Sequence[Fact], plan: Plan, clock: Clock) -> None:
        self.n, self.facts, self.plan, self.clock = n, facts, plan, clock
        self.atoms = sorted(set().union(*(_atoms(f.poly) for f in facts)))
        exponents = [(i, e) for f in facts for m in f.poly for i, e in m]
        self.units = [
            lcm(*(e.denominator for j, e in exponents if j == i)) * (2 if n.atoms[i].sign >= 0 else 1)
            for i in self.atoms
        ]
        self.supports = [[self.vector(m) for m in f.poly] for f in facts]
        self.parities = self.span()
        self.products: dict[tuple[tuple[int, ...], Vector], Poly] = {}

    def vector(self, mono: Mono) -> Vector:
        found = dict(mono)
        return tuple(int(found.get(i, 0) * u) for i, u in zip(self.atoms, self.units, strict=True))

    def mono(self, v: Vector) -> Mono:
        return tuple((i, Fraction(e, u)) for i, e, u in zip(self.atoms, v, self.units, strict=True) if e)

    def span(self) -> list[int]:
        """The parities of all exponents, in echelon form: a flip of signs changes nothing if it is even on them."""
        roots = [p for i in self.atoms if (p := self.n.atoms[i].base) and self.n.atoms[i].key[0] == "root"]
        vectors = [v for support in self.supports for v in support]
        vectors += [self.vector(m) for p in roots if _atoms(p) <= set(self.atoms) for m in p]
        found: list[int] = []
        for v in vectors:
            bits = self.parity(v, found)
            if bits:
                found = sorted([*(min(b, b ^ bits) for b in found), bits], reverse=True)
        return found

    def parity(self, v: Vector, rows: Sequence[int]) -> int:
        """The parity of a vector, reduced: equal for vectors that no flip tells apart."""
        bits = sum((e % 2) << k for k, e in enumerate(v))
        for row in rows:
            bits = min(bits, bits ^ row)
        return bits

    # --- monomials ---

    def blocks(self) -> Iterator[_Block]:
        zero = (0,) * len(self.atoms)
        steps = [tuple(int(j == k) for j in range(len(zero))) for k in range(len(zero))]
        multipliers = [zero, *steps] if self.plan.multiplied else [zero]
        goal = [_sum(v, w, 2) for v in self.supports[0] for w in multipliers]
        limits = goal
        if len(self.facts) > 1:
            degree = max(sum(v) for v in (*goal, *(v for s in self.supports[1:] for v in s)))
            limits = [zero, *(_sum(zero, step, degree + degree % 2) for step in steps)]
        yield _Block((0,), (zero,))
        if self.plan.multiplied:
            yield from (_Block((0,), group) for group in self.groups(multipliers))
        squares = self.inside([zero], limits)
        yield from (_Block((), group) for group in self.groups(squares))
        if self.facts[0].op == ">=":
            yield from (_Block((k,), (zero,)) for k, f in enumerate(self.facts) if k and f.op == ">")
            whole = [v for v in squares if _sum(v, v) in self.supports[0] and self.positive(v)]
            yield from (_Block((), (v,)) for v in dict.fromkeys([zero, *whole[:MOST_FACTS]]))
        for k, support in enumerate(self.supports):
            if not k:
                continue
            if self.facts[k].op == "==":
                free = self.inside(support, limits, 1)
                yield _Block((k,), tuple(v for v in free if not self.parity(v, self.parities)), True)
            else:
                yield from (_Block((k,), group) for group in self.groups(self.inside(support, limits)))

    def inside(self, support: Sequence[Vector], limits: Sequence[Vector], times: int = 2) -> list[Vector]:
        """The v with times·v + support within the limits, by coordinates, sums, and sums and differences of two.

        Powers of roots and sines that do not reduce are all within the limits.
        """
        free = [k for k, i in enumerate(self.atoms) if self.n.free(i)]
        forms: list[dict[int, int]] = [{k: 1} for k in free]
        if len(self.facts) == 1:
            forms += [{i: 1, j: s} for i, j in combinations(free, 2) for s in (1, -1)]
        forms.append(dict.fromkeys(free, 1))
        ranges = []
        for form in forms:
            old, new = ([sum(c * v[k] for k, c in form.items()) for v in vs] for vs in (support, limits))
            ranges.append((form, min(new) - min(old), max(new) - max(old)))
        columns = [range(unit) for unit in self.units]
        for k, (_, low, high) in zip(free, ranges, strict=False):
            columns[k] = range(-(-low // times), high // times + 1)
        found: list[Vector] = [()]
        for k, column in enumerate(columns):
            if column.stop - column.start > MOST_MONOMIALS:
                raise TooLarge
            rest = sum(columns[j].start for j in free if j > k)
            found = [(*v, e) for v in found for e in column]
            found = [v for v in found if times * (sum(v[j] for j in free if j <= k) + rest) <= ranges[-1][2]]
            for form, low, high in ranges:
                if max(form, default=-1) == k:
                    found = [v for v in found if low <= times * sum(c * v[j] for j, c in form.items()) <= high]
            if len(found) > MOST_MONOMIALS:
                raise TooLarge
        return found

    def positive(self, v: Vector) -> bool:
        return monomial_sign(self.n, self.mono(_sum(v, v))) == 1

    def groups(self, vectors: Sequence[Vector]) -> list[tuple[Vector, ...]]:
        found: dict[int, list[Vector]] = {}
        for v in vectors:
            found.setdefault(self.parity(v, self.parities), []).append(v)
        return [tuple(group) for group in found.values()]

    # --- equations ---

    def column(self, block: _Block, v: Vector) -> Poly:
        key = (block.factors, v)
        if key not in self.products:
            self.n.work = 0
            start = expand(self.n, self.facts, Product(block.factors))
            self.products[key] = self.n.times(start, {self.mono(v): Fraction(1)})
        return self.products[key]

    def columns(self, block: _Block) -> dict[tuple[Vector, Vector], Column]:
        if block.free:
            return {(v, v): self.column(block, v) for v in block.basis}
        return {
            (v, w): {m: c * (1 if v == w else 2) for m, c in self.column(block, _sum(v, w)).items()}
            for k, v in enumerate(block.basis)
            for w in block.basis[k:]
        }

    def run(self) -> Certificate | None:
        self.clock.check()
        blocks = self.pruned([b for b in dict.fromkeys(self.blocks()) if b.basis])
        order = [b for b in blocks if not b.free] + [b for b in blocks if b.free]
        sizes = tuple(len(b.basis) for b in order if not b.free)
        columns = [column for b in order for column in self.normalised(b)]
        if not sizes or max(sizes) > MOST_BLOCK or len(columns) > MOST_UNKNOWNS[len(self.facts) > 1]:
            return None
        solution = solve(System(sizes, columns, {"unit": Fraction(1)}), self.clock.check)
        return None if solution is None else self.certificate(order, solution)

    def normalised(self, block: _Block) -> list[Column]:
        """The columns; the traces of the multipliers of the goal have the sum 1."""
        found = self.columns(block)
        unit: Column = {"unit": Fraction(1)} if block.factors == (0,) else {}
        return [{**column, **(unit if v == w else {})} for (v, w), column in found.items()]

    def pruned(self, blocks: list[_Block]) -> list[_Block]:
        """Without the elements whose squares have a term that nothing can cancel."""
        if sum(len(b.basis) ** 2 for b in blocks) > MOST_ENTRIES:
            raise TooLarge
        while True:
            signs: dict[object, set[int]] = {}
            for block in blocks:
                for (v, w), column in self.columns(block).items():
                    for row, c in column.items():
                        plain = v == w and not block.free
                        signs.setdefault(row, set()).update(((1 if c > 0 else -1),) if plain else (1, -1))
            alone = {row for row, found in signs.items() if len(found) == 1}
            smaller = [
                b
                if b.free
                else b._replace(basis=tuple(v for v in b.basis if not alone & self.column(b, _sum(v, v)).keys()))
                for b in blocks
            ]
            if smaller == blocks:
                return blocks
            blocks = [b for b in smaller if b.basis]

    def certificate(self, blocks: Sequence[_Block], solution: Solution) -> Certificate:
        found: list[tuple[Fraction, Product]] = []
        for block, squares in zip((b for b in blocks if not b.free), solution.squares, strict=True):
            found += [self.square(block, d, vector) for d, vector in squares]
        free = [(b.factors, self.mono(v)) for b in blocks if b.free for v in b.basis]
        found += [(c, Product(*parts)) for parts, c in zip(free, solution.free, strict=True) if c]
        return tuple(found)

    def square(self, block: _Block, d: Fraction, vector: Sequence[Fraction]) -> tuple[Fraction, Product]:
        """d·factors·monomial·root²: the parities of what is ≥ 0, which all elements share, are the monomial."""
        signed = [self.n.atoms[i].sign >= 0 for i in self.atoms]
        odd = tuple(e % 2 if s else 0 for e, s in zip(block.basis[0], signed, strict=True))
        root = [(self.mono(_sum(v, odd, -1)), c) for v, c in zip(block.basis, vector, strict=True) if c]
        monomial = self.mono(_sum(odd, odd))
        if len(root) == 1 and all(self.n.free(i) for i, _ in root[0][0]):
            ((only, c),) = root
            return d * c * c, Product(block.factors, join(monomial, join(only, only)))
        return d, Product(block.factors, monomial, tuple(sorted(root)))


def _sum(v: Vector, w: Vector, times: int = 1) -> Vector:
    return tuple(a + times * b for a, b in zip(v, w, strict=True))
