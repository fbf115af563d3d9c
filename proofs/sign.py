"""Which terms are surely positive or nonnegative, given known formulas.

The method is a posynomial check: a sum of products of things known to be nonnegative. Known are exponentials,
even powers, absolute values, roots, sums over nonnegative bodies, and whatever the given formulas say,
after instantiating their bounded quantifiers and subtracting a few of them. No numbers are rounded and
SymPy's own assumption system is never asked. A False answer means "not seen", never "negative".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import sympy as sp
from sympy.core.function import AppliedUndef

from .claim import All, Formula, Rel
from .normal_form import Normaliser
from .terms import (
    OTHER,
    SMOOTH,
    Condition,
    ProofError,
    free_symbols,
    fresh,
    substitute_formula,
    substitute_relation,
    substitute_term,
    whole,
)

POSITIVE, NONNEGATIVE, UNKNOWN = 2, 1, 0
DEPTH = 2


def entails(known: Sequence[Formula], goal: Formula) -> bool:
    """Whether the goal follows from the known formulas by the posynomial check and exact algebra.

    >>> from .claim import ge, integer
    >>> n = integer("n")
    >>> entails([ge(n, 2)], ge(n**2, 2 * n))
    True
    >>> entails([ge(n, 2)], ge(n, 3))
    False
    """
    if goal in known:
        return True
    facts = analysis(tuple(known))
    if isinstance(goal, All):
        if any(_same_quantified(formula, goal) for formula in known):
            return True
        taken = frozenset().union(*(free_symbols(formula) for formula in known), free_symbols(goal))
        name = fresh(goal.index, taken)
        renamed = _rename(goal, name)
        return entails((*known, *renamed.ranges), renamed.body)
    gap = goal.gap
    if goal.op == "==":
        return facts.zero(gap)
    return facts.sign(gap) >= (POSITIVE if goal.op == "<" else NONNEGATIVE)


def same(formula: Formula, goal: Formula, known: Sequence[Formula]) -> bool:
    """Whether the goal is the formula itself: equal gaps in normal form, index names and '<' for '<=' aside.

    >>> from .claim import le, real
    >>> x, y = real("x"), real("y")
    >>> same(le(x, y), le(0, y - x), []), same(le(x, y), le(x, y + 1), [])
    (True, False)
    """
    if formula == goal:
        return True
    if isinstance(formula, All) and isinstance(goal, All):
        if _same_quantified(formula, goal):
            return True
        if (formula.upper is None) != (goal.upper is None):
            return False
        ends = [(formula.lower, goal.lower)] + ([] if goal.upper is None else [(formula.upper, goal.upper)])
        if any(sp.expand(mine - theirs) != 0 for mine, theirs in ends):
            return False
        name = sp.Dummy(goal.index.name, integer=True)
        renamed = _rename(goal, name)
        return same(_rename(formula, name).body, renamed.body, (*known, *renamed.ranges))
    if isinstance(formula, All) or isinstance(goal, All):
        return False
    if formula.op != goal.op and (formula.op, goal.op) not in (("<", "<="), ("==", "<=")):
        return False
    return analysis(tuple(known)).identical(goal.gap - formula.gap)


def certified(known: Sequence[Formula], needed: Iterable[Condition], depth: int = DEPTH) -> Condition | None:
    """The first condition that the known formulas do not certify, or None if they certify all."""
    seen = set()
    for condition in needed:
        if condition in seen:
            continue
        seen.add(condition)
        facts = analysis((*known, *condition.ranges), depth)
        least = NONNEGATIVE if condition.kind == "nonnegative" else POSITIVE
        if facts.sign(condition.base) >= least:
            continue
        if condition.kind == "nonzero" and facts.sign(-condition.base) == POSITIVE:
            continue
        return condition
    return None


def _rename(goal: All, name: sp.Symbol) -> All:
    return All(name, goal.lower, goal.upper, substitute_formula(goal.body, {goal.index: name}))


def _same_quantified(formula: Formula, goal: All) -> bool:
    if not isinstance(formula, All) or (formula.upper is None) != (goal.upper is None):
        return False
    if sp.expand(formula.lower - goal.lower) != 0:
        return False
    if goal.upper is not None and sp.expand(formula.upper - goal.upper) != 0:
        return False
    name = sp.Dummy("k", integer=True)
    mine, theirs = _rename(formula, name).body, _rename(goal, name).body
    return (isinstance(mine, All) and isinstance(theirs, All) and _same_quantified(mine, theirs)) or mine == theirs


class Known:
    """The sign analysis for one list of known formulas."""

    def __init__(self, formulas: Sequence[Formula], depth: int = DEPTH) -> None:
        self.relations = tuple(rel for rel in formulas if isinstance(rel, Rel))
        self.quantified = tuple(rel for rel in formulas if isinstance(rel, All))
        self.depth = depth
        self._cache: dict[sp.Expr, int] = {}
        self._known: dict[frozenset[sp.Expr], tuple[tuple[Rel, ...], tuple[sp.Expr, ...]]] = {}

    def zero(self, term: sp.Expr) -> bool:
        """Whether the term is 0: identically, or as a multiple of a known equality's gap."""
        if self.identical(term):
            return True
        for rel in self._instances(term):
            if rel.op == "==" and rel.gap != 0:
                ratio = _ratio(term, rel.gap)
                if ratio is not None:
                    return True
        return self.sign(term) >= NONNEGATIVE and self.sign(-term) >= NONNEGATIVE

    def identical(self, term: sp.Expr) -> bool:
        """Whether the term is identically 0 by exact normal form, its side conditions certified."""
        if term.is_Rational:
            return term == 0
        try:
            form = Normaliser(self._oracle)
            return form.is_zero(term) and self._certify(form.conditions)
        except ProofError:
            return False

    def sign(self, term: sp.Expr) -> int:
        """POSITIVE, NONNEGATIVE or UNKNOWN."""
        if term.is_Rational:
            return POSITIVE if term > 0 else NONNEGATIVE if term == 0 else UNKNOWN
        if term not in self._cache:
            self._cache[term] = UNKNOWN
            best = self._structural(term)
            if best != POSITIVE:
                best = max(best, self._by_known(term))
            if best != POSITIVE and self.depth > 0 and not isinstance(term, (sp.Symbol, AppliedUndef, *OTHER, *SMOOTH)):
                best = max(best, self._posynomial(term))
            self._cache[term] = best
        return self._cache[term]

    def _oracle(self, term: sp.Expr, ranges: tuple[Rel, ...]) -> bool:
        facts = self if not ranges else analysis((*self.relations, *self.quantified, *ranges), self.depth - 1)
        return self.depth > 0 and facts.sign(term) == POSITIVE

    def _certify(self, needed: Iterable[Condition]) -> bool:
        return certified((*self.relations, *self.quantified), needed, self.depth) is None

    def _structural(self, term: sp.Expr) -> int:
        if term in (sp.pi, sp.E) or isinstance(term, (sp.exp, sp.cosh)):
            return POSITIVE
        if isinstance(term, sp.Add):
            signs = [self.sign(part) for part in term.args]
            return 0 if min(signs) == 0 else max(signs)
        if isinstance(term, sp.Mul):
            return self._product(term)
        if isinstance(term, sp.Pow):
            return self._power(*term.args)
        if isinstance(term, sp.Abs):
            inner = term.args[0]
            return POSITIVE if POSITIVE in (self.sign(inner), self.sign(-inner)) else NONNEGATIVE
        if isinstance(term, sp.Max):
            return max(self.sign(part) for part in term.args)
        if isinstance(term, sp.Min):
            return min(self.sign(part) for part in term.args)
        if isinstance(term, (sp.sinh, sp.tanh)):
            return self.sign(term.args[0])
        if isinstance(term, sp.log):
            return self.sign(term.args[0] - 1)
        if isinstance(term, sp.Sum):
            return self._sum(term)
        return UNKNOWN

    def _product(self, term: sp.Mul) -> int:
        signs, flips = [], 0
        for factor in term.args:
            sign = self.sign(factor)
            if sign == UNKNOWN:
                sign, flips = self.sign(-factor), flips + 1
            signs.append(sign)
        return 0 if min(signs) == 0 or flips % 2 else min(signs)

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> int:
        sign = self.sign(base)
        if exponent.is_Integer and exponent % 2 == 0:
            return POSITIVE if POSITIVE in (sign, self.sign(-base)) else NONNEGATIVE
        if sign == POSITIVE:
            return POSITIVE
        return sign if exponent.is_Rational and exponent > 0 else UNKNOWN

    def _sum(self, term: sp.Sum) -> int:
        index, lower, upper = term.limits[-1]
        body = term.function if len(term.limits) == 1 else sp.Sum(term.function, *term.limits[:-1])
        name = sp.Dummy(index.name, integer=True)
        facts = Known((*self.relations, *self.quantified, Rel(lower, "<=", name), Rel(name, "<=", upper)), self.depth)
        inner = facts.sign(substitute_term(body, {index: name}))
        if inner == UNKNOWN or self.sign(sp.expand(upper - lower + 1)) == UNKNOWN:
            return UNKNOWN
        nonempty = inner == POSITIVE and self.sign(sp.expand(upper - lower)) != UNKNOWN
        return POSITIVE if nonempty else NONNEGATIVE

    def _instances(self, term: sp.Expr) -> tuple[Rel, ...]:
        return self._relevant(term)[0]

    def _relevant(self, term: sp.Expr) -> tuple[tuple[Rel, ...], tuple[sp.Expr, ...]]:
        """The known relations, quantified ones at the indices of the term, and their expanded gaps (each >= 0)."""
        bound = {limit[0] for node in term.atoms(sp.Sum) for limit in node.limits}
        applied = frozenset(node for node in term.atoms(AppliedUndef) if not node.free_symbols & bound)
        key = applied if self.quantified else frozenset()
        if key not in self._known:
            found = dict.fromkeys(self.relations)
            for formula in self.quantified:
                found.update(dict.fromkeys(self._instantiate(formula, applied)))
            self._known[key] = (tuple(found), tuple(_gaps(found)))
        return self._known[key]

    def _instantiate(self, formula: All, applied: frozenset[sp.Expr]) -> list[Rel]:
        values = set()
        for pattern in _applied(formula.body):
            for node in applied:
                if node.func == pattern.func:
                    pairs = zip(node.args, pattern.args, strict=True)
                    values |= {value for value, slot in pairs if slot == formula.index and whole(value)}
        result: list[Rel] = []
        for value in sorted(values, key=sp.default_sort_key):
            ranges = [substitute_relation(rel, {formula.index: value}) for rel in formula.ranges]
            if not all(_subtract(sp.expand(rel.gap), _gaps(self.relations), 4) for rel in ranges):
                continue
            body = substitute_formula(formula.body, {formula.index: value})
            result += [body] if isinstance(body, Rel) else self._instantiate(body, applied)
        return result

    def _by_known(self, term: sp.Expr) -> int:
        relations, gaps = self._relevant(term)
        target = _expanded(term)
        if self._strictly(target, relations, gaps):
            return POSITIVE
        for rel in relations:
            for gap in (rel.gap, -rel.gap) if rel.op == "==" else (rel.gap,):
                ratio = _ratio(term, gap)
                if ratio is not None and ratio > 0:
                    return NONNEGATIVE
        return NONNEGATIVE if _subtract(target, gaps, 3) else UNKNOWN

    def _strictly(self, target: sp.Expr, relations: Sequence[Rel], gaps: Sequence[sp.Expr]) -> bool:
        for rel in relations:
            if rel.op == "<":
                ratio = _ratio(target, rel.gap)
                if (ratio is not None and ratio > 0) or _subtract(sp.expand(target - rel.gap), gaps, 2):
                    return True
        return _subtract(target, gaps, 3, strict=True)

    def _posynomial(self, term: sp.Expr) -> int:
        inner = analysis((*self.relations, *self.quantified), self.depth - 1)
        form = Normaliser(inner._oracle, split=False)
        try:
            top, bottom = form.fraction(term)
        except ProofError:
            return UNKNOWN
        if not inner._certify(form.conditions):
            return UNKNOWN
        shifted = inner._shift(form)
        for flip in (1, -1):
            above = inner._monomials(sp.expand(substitute_term(flip * top, shifted)), form, shifted)
            if above == UNKNOWN:
                continue
            below = inner._monomials(sp.expand(substitute_term(flip * bottom, shifted)), form, shifted)
            if below == POSITIVE:
                return above
        return UNKNOWN

    def _shift(self, form: Normaliser) -> dict[sp.Expr, sp.Expr]:
        """Generators g with a known rational lower bound c > 0, replaced by c + (nonnegative dummy)."""
        shifts = {}
        for generator, plain in form.back.items():
            lower = [
                rel.lhs
                for rel in self._instances(plain)
                if rel.op != "==" and rel.rhs == plain and rel.lhs.is_Rational and rel.lhs > 0
            ]
            if lower:
                shifts[generator] = max(lower) + sp.Dummy("m", nonnegative=True)
        return shifts

    def _monomials(self, polynomial: sp.Expr, form: Normaliser, shifted: dict[sp.Expr, sp.Expr]) -> int:
        fresh_names = {symbol for value in shifted.values() for symbol in value.free_symbols}
        best = UNKNOWN if polynomial == 0 else None
        if polynomial == 0:
            return NONNEGATIVE
        for part in sp.Add.make_args(polynomial):
            sign = POSITIVE
            for factor in sp.Mul.make_args(part):
                base, exponent = factor.as_base_exp()
                if base in fresh_names:
                    sign = min(sign, NONNEGATIVE)
                elif base in form.back:
                    sign = min(sign, self._generator(form, base, exponent))
                else:
                    sign = min(sign, POSITIVE if _positive_number(base, exponent) else UNKNOWN)
            if sign == UNKNOWN:
                return UNKNOWN
            best = sign if best is None else max(best, sign)
        return UNKNOWN if best is None else best

    def _generator(self, form: Normaliser, generator: sp.Symbol, exponent: sp.Expr) -> int:
        sign = self.sign(form.back[generator])
        if sign == POSITIVE:
            return POSITIVE
        return NONNEGATIVE if exponent.is_Integer and exponent > 0 and (exponent % 2 == 0 or sign) else UNKNOWN


@lru_cache(maxsize=512)
def analysis(formulas: tuple[Formula, ...], depth: int = DEPTH) -> Known:
    """The sign analysis for these formulas, kept: a proof asks again and again under the same ones."""
    return Known(formulas, depth)


def _gaps(relations: Iterable[Rel]) -> tuple[sp.Expr, ...]:
    """Expanded rhs - lhs of the relations, both signs for an equality."""
    gaps = []
    for rel in relations:
        gap = _expanded(rel.gap)
        gaps += [gap, -gap] if rel.op == "==" else [gap]
    return tuple(gaps)


@lru_cache(maxsize=4096)
def _expanded(term: sp.Expr) -> sp.Expr:
    return sp.expand(term)


def _positive_number(base: sp.Expr, exponent: sp.Expr) -> bool:
    return bool(base.is_Rational and base > 0 and exponent.is_Rational)


def _applied(formula: Formula) -> set[sp.Expr]:
    if isinstance(formula, All):
        return _applied(formula.body)
    return formula.lhs.atoms(AppliedUndef) | formula.rhs.atoms(AppliedUndef)


@lru_cache(maxsize=4096)
def _primitive(term: sp.Expr) -> tuple[sp.Rational, sp.Expr]:
    """Rational factor and primitive part whose first coefficient is positive."""
    content, primitive = sp.expand(term).as_content_primitive()
    first = sp.Add.make_args(primitive)[0].as_coeff_Mul()[0]
    return (-content, sp.expand(-primitive)) if first < 0 else (content, primitive)


def _ratio(term: sp.Expr, gap: sp.Expr) -> sp.Rational | None:
    """The rational c with term == c * gap, if plain expansion shows one."""
    mine, theirs = _primitive(term), _primitive(gap)
    if mine[1] != theirs[1] or theirs[0] == 0 or not (mine[0].is_Rational and theirs[0].is_Rational):
        return None
    return mine[0] / theirs[0]


def _subtract(target: sp.Expr, gaps: Sequence[sp.Expr], depth: int, strict: bool = False) -> bool:
    """Whether the target is a sum of at most `depth` of the gaps and a nonnegative (positive) number."""
    if target.is_Rational:
        return bool(target > 0 if strict else target >= 0)
    if depth == 0:
        return False
    negative = [part for part in sp.Add.make_args(target) if not part.is_Rational]
    for gap in gaps:
        parts = set(sp.Add.make_args(gap))
        if parts & set(negative) and _subtract(sp.expand(target - gap), gaps, depth - 1, strict):
            return True
    return False
