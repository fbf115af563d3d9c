"""Rules that end a proof: a number, an identity, a polynomial of known sign, a cover of the domain."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce

from flint import ctx

from ..ball import ball
from ..formula import CheckError
from .bounds import Signs
from .cover import OUTSIDE, POINT, Box, Rejected, decided, violated, walk
from .entries import field, rational, terms_of
from .evaluate import Nowhere, evaluate, operations
from .interval import I
from .points import HOLDS, at_point, box_of, sign_of
from .polynomial import End, on_box, sign_on_interval
from .reading import Domain, Problem
from .steps import Checker, product
from .tree import ONE, ZERO, Tree, make, names, number, read


def number_sign(checker: Checker, step: object, problem: Problem) -> None:
    """A goal without variables, or a condition without variables that is false."""
    goal = problem.goal
    if any(names(c.gap) == set() and at_point(c, {}) is False for c in problem.conditions):
        return
    if names(goal.gap) or sign_of(goal.gap) not in HOLDS[goal.op]:
        raise Rejected("a number does not have the sign that is said")


def identity(checker: Checker, step: object, problem: Problem) -> None:
    if problem.goal.op == ">":
        raise Rejected("an identity is no strict inequality")
    checker.equal(problem.goal.gap, ZERO, problem, "identity")


def terms(checker: Checker, step: object, problem: Problem) -> None:
    found = checker.candidate(field(step, "candidate", dict), problem)
    if problem.goal.op == "==" or not plain(checker, found, problem, problem.goal.op == ">"):
        raise Rejected("a term of a polynomial may be negative")


def plain(checker: Checker, tree: Tree, problem: Problem, strict: bool) -> bool:
    """≥ 0 (> 0) by the terms, on the box, or because a guard or a condition says so."""
    kinds = ("positive",) if strict else ("positive", "nonnegative")
    if checker.by_terms(tree, problem, strict) or any((tree, kind) in problem.known for kind in kinds):
        return True
    try:
        value = evaluate(operations(tree), box_of(problem))
    except Nowhere:
        return False
    if (value.value.above(strict) and not value.cut) or Signs(problem).above(tree, strict):
        return True
    normal, ops = checker.normal(problem), (">",) if strict else (">", ">=")
    return any(c.op in ops and normal.is_zero(make("-", c.gap, tree)) for c in problem.conditions)


def polynomial(checker: Checker, step: object, problem: Problem) -> None:
    """A polynomial in atoms whose ranges are re-evaluated, ≥ 0 between their ends."""
    with ctx.workprec(192):
        _polynomial(checker, step, problem)


def _polynomial(checker: Checker, step: object, problem: Problem) -> None:
    atoms = [read(text, problem.domains) for text in field(step, "atoms", list)]
    low = [rational(e) for e in field(step, "low", list)]
    terms = terms_of(field(step, "terms", list), len(atoms))
    if not len(atoms) == len(low) == len(field(step, "ends", list)) or problem.goal.op == "==":
        raise Rejected("a polynomial step has atoms, ends and exponents of different lengths")
    ends: list[tuple[End, End]] = []
    closed = []
    for atom, pair, least in zip(atoms, field(step, "ends", list), low, strict=True):
        found = values(checker, atom, problem)
        if least > 0 or (least < 0 and not found.above(True)):
            raise Rejected("a power that is divided out of a polynomial may not be positive")
        if not isinstance(pair, list) or len(pair) != 2:
            raise CheckError("ends: pairs are expected")
        least_end, most_end = (None if end is None else rational(end) for end in pair)
        ends.append((least_end, most_end))
        closed.append(between(atom, found, ends[-1], problem))
    whole = [make("*", number(c), product([power(a, e + d) for a, e, d in zip(atoms, key, low, strict=True)]))
             for key, c in terms.items()]  # fmt: skip
    source = checker.source(field(step, "candidate", dict), problem)
    checker.equal(source, reduce(lambda a, b: make("+", a, b), whole, ZERO), problem, "polynomial")
    strict = problem.goal.op == ">"
    if len(atoms) == 1:
        degree = max(key[0] for key in terms)
        coefficients = [terms.get((k,), Fraction(0)) for k in range(degree + 1)]
        good = sign_on_interval(coefficients, *ends[0], closed[0], strict)
    else:
        good = on_box(terms, ends, closed, strict)
    if not good:
        raise Rejected("a polynomial does not have the sign that is said")


def values(checker: Checker, tree: Tree, problem: Problem) -> I:
    """The values of an atom on the box, which must be defined where the conditions hold."""
    try:
        found = evaluate(operations(tree), box_of(problem))
    except Nowhere:
        raise Rejected("an atom is defined nowhere") from None
    if found.cut:
        checker.defined(tree, problem)
    return found.value


def cover(checker: Checker, step: object, problem: Problem) -> None:
    covered(checker, step, problem, lambda box, leaf: False)


def covered(checker: Checker, step: object, problem: Problem, other: Callable[[Box, int], bool]) -> None:
    """A cover; ``other`` settles boxes whose leaf is no candidate."""
    if problem.goal.op == "==":
        raise Rejected("no cover shows an identity")
    tree, bits = field(step, "tree", list), field(step, "bits", int)
    used = {node for node in tree if type(node) is int and node >= 0}
    chosen = field(step, "candidates", dict)
    formulas = {k: checker.candidate(chosen.get(str(k)), problem) for k in sorted(used)}
    if not 32 <= bits <= 4096:
        raise Rejected("bits: 32 to 4096")
    strict, total = problem.goal.op == ">", field(step, "total", bool)
    with ctx.workprec(bits):
        programs = {k: operations(formula) for k, formula in formulas.items()}
        conditions = [(operations(c.gap), c.op) for c in problem.conditions]

        def settle(box: Box, leaf: int) -> bool:
            checker.tick()
            if leaf == OUTSIDE:
                return violated(conditions, box)
            if leaf == POINT:
                return point(box, problem)
            if leaf in programs:
                return decided(programs[leaf], box, strict, total)
            return not total and other(box, leaf)

        integers = {name: domain.integer for name, domain in problem.domains.items()}
        boxes = walk(tree, box_of(problem), integers, settle)
    checker.rules["boxes"] = checker.rules.get("boxes", 0) + boxes


def point(box: Box, problem: Problem) -> bool:
    if not all(d.integer for d in problem.domains.values()) or any(x.lo != x.hi for x in box.values()):
        return False
    point: dict[str, Fraction | Tree] = {n: Fraction(int(x.lo.unique_fmpz())) for n, x in box.items()}
    return at_point(problem.goal, point) is True


def power(a: Tree, e: Fraction) -> Tree:
    return ONE if e == 0 else a if e == 1 else make("**", a, number(e))


def between(atom: Tree, value: I, pair: tuple[End, End], problem: Problem) -> tuple[bool, bool]:
    """Which ends may belong to the values of an atom; `Rejected` if the values are not between the ends."""
    closed = []
    domain = problem.domains[atom[1]] if atom[0] == "variable" else Domain()
    for end, known, known_open, x, x_open, side in (
        (pair[0], domain.low, domain.low_open, value.lo, value.lo_open, 1),
        (pair[1], domain.high, domain.high_open, value.hi, value.hi_open, -1),
    ):
        if end is None:
            closed.append(False)
            continue
        room = None if known is None else sign_of(make("-", known, number(end)))
        if room is not None and room * side >= 0:
            closed.append(room == 0 and not known_open)
            continue
        gap = (x - ball(end)) * side
        if not gap >= 0:
            raise Rejected("an atom leaves its ends")
        closed.append(not (x_open or gap > 0))
    return closed[0], closed[1]


RULES = {
    "number": number_sign,
    "identity": identity,
    "terms": terms,
    "sturm": polynomial,
    "differences": polynomial,
    "cover": cover,
}
