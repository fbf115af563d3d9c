"""Certificates: Σ coefficient·monomial·root²·Π facts = 0, where the negated goal is one of the facts.

Where the goal fails, every product is ≥ 0 (= 0 with an equation) and one of them > 0: a contradiction (the easy
direction of the Positivstellensatz; Krivine 1964, Stengle 1974). Every fact is derived anew, whatever the file says
about it: the negated goal; a domain or a condition, rewritten; B(log B − log A) ≥ B − A for positive A, B; bounds of
kinks, steps and the arc tangent by their arguments; the values of a formula on the box.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

from ..formula import CheckError
from .cover import Rejected
from .entries import field, rational
from .points import ends_of, samples, sign_of
from .reading import Goal, Problem
from .steps import Checker, product
from .tree import ONE, ZERO, Tree, at, make, nodes, number, read, value_of

IMPLIED = {">=": (">=", ">", "=="), ">": (">",), "==": ("==",)}
MOST = 200


def certificate(checker: Checker, step: object, problem: Problem) -> None:
    """The negated goal and facts have products whose sum is identically 0, and one of them is > 0."""
    op = problem.goal.op
    if op == "==":
        raise Rejected("a certificate shows no identity")
    found = checker.candidate(field(step, "candidate", dict), problem)
    negated = Goal(make("neg", found), ">" if op == ">=" else ">=")
    if not any(positive for _, positive in _vanishing(checker, step, problem, negated)):
        raise Rejected("no product of a certificate is positive")


def multiple(checker: Checker, step: object, problem: Problem) -> None:
    """p ≥ 0 on a box with inner points, from M·p = Σ products of squares and ends, where M is not the zero polynomial.

    M is a sum of such products, too; all is polynomial in the variables. Where p < 0 it is on an open set, so that
    M = 0 on an open set: then M is the zero polynomial, and so is each of its terms.
    """
    if problem.goal.op != ">=":
        raise Rejected("a multiple of a goal may be 0 where the goal is not positive")
    found = checker.candidate(field(step, "candidate", dict), problem)
    for name, domain in problem.domains.items():
        width = make("-", domain.high, domain.low) if domain.low is not None and domain.high is not None else ONE
        if domain.integer or sign_of(width) != 1:
            raise Rejected(f"the domain of {name} is no interval of real numbers")
    negated = Goal(make("neg", found), ">")
    bare = Problem(problem.domains, (), Goal(found, ">="))
    rows = field(step, "certificate", list)
    products = [term for term, _ in _vanishing(checker, step, bare, negated)]
    listed = [read(data[0], problem.domains) for data in field(step, "facts", list)]
    if not all(_polynomial(tree) for tree in (found, *products, *listed)):
        raise Rejected("a multiple of a goal is polynomial in the variables")
    normal = checker.normal(bare)
    goals = {k for k, tree in enumerate(listed) if normal.is_zero(make("-", tree, negated.gap))}
    used = [term for row, term in zip(rows, products, strict=True) if sum(k in goals for k in row[1]) == 1]
    if not any(sign_of(at(term, point)) in (1, -1) for term in used for point in samples(bare)):
        raise Rejected("the goal is multiplied by 0")


def _polynomial(tree: Tree) -> bool:
    """Sums, products and whole powers of variables and numbers."""
    if tree[0] in ("number", "variable"):
        return True
    if tree[0] == "**":
        exponent = value_of(tree[2])
        return exponent is not None and exponent.denominator == 1 and exponent >= 0 and _polynomial(tree[1])
    return tree[0] in ("neg", "+", "-", "*") and all(map(_polynomial, tree[1:]))


def _vanishing(checker: Checker, step: object, problem: Problem, negated: Goal) -> list[tuple[Tree, bool]]:
    """The products, whose sum is identically 0, and which of them are > 0 where the goal fails."""
    listed, rows = field(step, "facts", list), field(step, "certificate", list)
    if max(len(listed), len(rows)) > MOST:
        raise CheckError(f"facts, certificate: at most {MOST}")
    facts = [_fact(checker, data, problem, negated) for data in listed]
    found: list[tuple[Tree, bool]] = []
    for row in rows:
        checker.tick()
        found.append(_product(checker, row, facts, problem))
    checker.equal(reduce(lambda total, term: make("+", total, term[0]), found, ZERO), ZERO, problem, "certificate")
    return found


def _product(checker: Checker, row: object, facts: list[Goal], problem: Problem) -> tuple[Tree, bool]:
    """A product, ≥ 0 or = 0 where the goal fails; whether it is > 0 there."""
    if not (isinstance(row, list) and len(row) == 4 and isinstance(row[1], list)):
        raise CheckError("certificate: [coefficient, [facts], monomial, root] is expected")
    c, monomial, root = rational(row[0]), read(row[2], problem.domains), read(row[3], problem.domains)
    if not all(type(k) is int and 0 <= k < len(facts) for k in row[1]):
        raise CheckError("certificate: a fact that there is not")
    used = [facts[k] for k in row[1]]
    for factor in (monomial, root):
        checker.defined(factor, problem)
    equation = any(fact.op == "==" for fact in used)
    positive = checker.holds(monomial, "positive", problem)
    if not equation and (c < 0 or not (positive or checker.holds(monomial, "nonnegative", problem))):
        raise Rejected("a product of a certificate may be negative")
    square = [] if root == ONE else [make("**", root, number(2))]
    term = make("*", number(c), product([monomial, *square, *(fact.gap for fact in used)]))
    return term, c > 0 and positive and not square and all(fact.op == ">" for fact in used)


def _fact(checker: Checker, data: object, problem: Problem, negated: Goal) -> Goal:
    """A fact of the file, derived anew; a note if no derivation is found."""
    if not (isinstance(data, list) and len(data) == 4 and data[1] in list(IMPLIED)):
        raise CheckError("facts: [formula, relation, why, source] is expected")
    fact, source = Goal(read(data[0], problem.domains), data[1]), data[3]
    checker.defined(fact.gap, problem)
    known = [negated, *_bounds(fact.gap)]
    if isinstance(source, dict):
        known += _hypotheses(checker, source, problem)
    elif isinstance(source, list):
        known += _tangent(checker, source, problem)
    normal = checker.normal(problem)
    for goal in known:
        if goal.op in IMPLIED[fact.op] and (goal.gap == fact.gap or normal.is_zero(make("-", goal.gap, fact.gap))):
            return fact
    kind = "positive" if fact.op == ">" else "nonnegative"
    if fact.op == "==" or not checker.holds(fact.gap, kind, problem):
        checker.notes.append("certificate: a fact")
    return fact


def _hypotheses(checker: Checker, source: object, problem: Problem) -> Iterator[Goal]:
    """The domains and conditions from which a rewritten formula follows."""
    ends = [goal for name, domain in problem.domains.items() for goal in ends_of(name, domain)]
    for goal in (*ends, *problem.conditions):
        trial = Checker(checker.tick, checker.table)
        try:
            found = trial.candidate(source, replace(problem, goal=goal))
        except Rejected:
            continue
        if not trial.notes:
            yield Goal(found, goal.op)


def _tangent(checker: Checker, source: list[object], problem: Problem) -> Iterator[Goal]:
    """B(log B − log A) − (B − A) for positive A, B: from log t ≤ t − 1 at t = A/B, which is strict for A ≠ B."""
    if len(source) != 2:
        raise CheckError("facts: A and B of a tangent are expected")
    a, b = (read(text, problem.domains) for text in source)
    for value in (a, b):
        checker.defined(value, problem)
        if not checker.holds(value, "positive", problem):
            return
    apart = make("-", b, a)
    gap = make("-", make("*", b, make("-", make("log", b), make("log", a))), apart)
    yield Goal(gap, ">" if checker.sign(apart, problem) in (1, -1) else ">=")


def _bounds(tree: Tree) -> Iterator[Goal]:
    """What the kinks, steps and arc tangents of a formula satisfy."""
    for v in dict.fromkeys(nodes(tree)):
        if v[0] not in ("abs", "min", "max", "floor", "ceil", "atan"):
            continue
        u = v[1]
        square = make("-", make("*", u, u), make("*", v, v))
        if v[0] in ("floor", "ceil"):
            gap = make("-", *((u, v) if v[0] == "floor" else (v, u)))
            yield from (Goal(gap, ">="), Goal(make("-", ONE, gap), ">"))
        elif v[0] == "abs":
            yield from (Goal(gap, ">=") for gap in (v, make("-", v, u), make("+", v, u)))
            yield Goal(square, "==")
        elif v[0] == "atan":
            yield from (Goal(square, ">="), Goal(make("*", u, v), ">="))
        else:
            gaps = [make("-", *((v, arg) if v[0] == "max" else (arg, v))) for arg in v[1:]]
            yield from (Goal(gap, ">=") for gap in gaps)
            yield Goal(reduce(lambda a, b: make("*", a, b), gaps), "==")


RULES = {"products": certificate, "multiple": multiple}
