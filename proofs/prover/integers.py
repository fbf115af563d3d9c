"""Integer variables: relations between integers tightened, residues, a prefix checked number by number and a real tail.

An integer q with q > t is ≥ ⌊t⌋ + 1, so conditions between integers become stronger than they are for real values, and
goals weaker: m > n gives m ≥ n + 1, and n² − n ≥ 0 follows from n² − n > −1. Source: ours, elementary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, lcm

from flint import ctx

from ...symbolic.tree import Expr, number, postorder, substitute, to_fraction
from .algebra import Rewritten, normaliser, numerator
from .cover import quick
from .definedness import defined_on_box
from .language import Relation, Variable
from .normal import Normaliser, Poly, TooLarge, add_poly
from .problem import Clock, Problem, domain_of
from .reduce import closed
from .step import Easier, Step
from .whole import lattice

Prove = Callable[[Problem], Step | None]
PREFIX, MODULUS, FINITE = (2, 8, 32), 12, 3000
ROUNDING, TURNING = ("floor", "ceil"), ("sin", "cos", "tan")


def easier(problem: Problem) -> Easier | None:
    """The same goal with tightened relations, or for each residue of a variable; None if neither changes anything.

    >>> from .language import parse_claim
    >>> claim = parse_claim("m >= n + 1", ["n integer", "m integer", "2*m > 2*n + 1"])
    >>> found = easier(Problem(claim.variables, claim.conditions, claim.goals[0].gap, ">="))
    >>> [str(c) for c in found.problems[0].conditions]
    ['1 <= m + (-1*n)']
    """
    formulas = (problem.gap, *(c.gap for c in problem.conditions))
    if not problem.integers and not any(node.head in ROUNDING for f in formulas for node in postorder(f)):
        return None
    with ctx.workprec(64):
        try:
            return _tightened(problem) or _residues(problem)
        except TooLarge:
            return None


def _tightened(problem: Problem) -> Easier | None:
    n = normaliser(problem)
    goal = _goal(n, problem)
    conditions = tuple(_condition(n, c) for c in problem.conditions)
    domains = {v.name: _domain(v) for v in problem.variables}
    for c in conditions:
        domains |= _bounded(n, c, domains)
    kept = tuple(c for c in conditions if not _bounded(n, c, domains))
    variables = tuple(domains.values())
    if goal is None and kept == problem.conditions and variables == problem.variables:
        return None
    smaller = Problem(variables, kept, problem.gap, problem.op)
    if goal is not None:
        smaller = smaller.with_gap(n.poly_expr(goal[1]), ">")
    return Easier("tightened", {"candidate": None if goal is None else goal[0].candidate}, (smaller,))


def _goal(n: Normaliser, problem: Problem) -> tuple[Rewritten, Poly] | None:
    """The numerator of the gap, if it is c·(q − t) for an integer q, and q − ⌈t⌉ + 1 or q − ⌊t⌋, to be shown > 0."""
    top = None if problem.op == "==" else numerator(n, n.form(problem.gap), problem)
    found = None if top is None else lattice(n, top.poly)
    if top is None or found is None:
        return None
    t = -top.poly.get((), Fraction(0)) / found[0]
    if problem.op == ">" and t.denominator == 1:
        return None
    least = ceil(t) - 1 if problem.op == ">=" else floor(t)
    return Rewritten(n, top.poly, "times", top.times), _above(found[1], least)


def _above(q: Poly, least: int) -> Poly:
    return add_poly(q, {(): Fraction(-least)}) if least else q


def _condition(n: Normaliser, c: Relation) -> Relation:
    """k ≤ q for an integer q, if the condition is about one."""
    form = n.form(c.gap)
    found = lattice(n, form.top) if set(form.bottom) == {()} and c.op != "==" else None
    if found is None:
        return c
    t = -form.top.get((), Fraction(0)) / found[0]
    if c.op == "<=" and t.denominator == 1:
        return c
    return Relation(number(ceil(t) if c.op == "<=" else floor(t) + 1), "<=", n.poly_expr(found[1]))


def _domain(v: Variable) -> Variable:
    """Rational ends of an integer variable as integers that belong to its domain."""
    low, high = (None if end is None else to_fraction(end) for end in (v.low, v.high))
    if low is not None and v.integer:
        v = replace(v, low=number(floor(low) + 1 if v.low_open else ceil(low)), low_open=False)
    if high is not None and v.integer:
        v = replace(v, high=number(ceil(high) - 1 if v.high_open else floor(high)), high_open=False)
    return v


def _bounded(n: Normaliser, c: Relation, domains: Mapping[str, Variable]) -> dict[str, Variable]:
    """The domain of an integer variable with the end that a condition on it alone gives."""
    form = n.form(c.gap)
    rest = [(m, slope) for m, slope in form.top.items() if m]
    if len(rest) != 1 or set(form.bottom) != {()} or c.op != "<=" or len(rest[0][0]) != 1:
        return {}
    ((((i, e),), slope),) = rest
    name = n.atoms[i].key[1]
    if n.atoms[i].key[0] != "var" or e != 1 or name not in n.integers:
        return {}
    end, v = -form.top.get((), Fraction(0)) / slope, domains[name]
    old = v.low if slope > 0 else v.high
    known = None if old is None else to_fraction(old)
    if old is not None and known is None:
        return {}
    if slope > 0:
        return {name: replace(v, low=number(max(ceil(end), ceil(end) if known is None else known)), low_open=False)}
    return {name: replace(v, high=number(min(floor(end), floor(end) if known is None else known)), high_open=False)}


def _residues(problem: Problem) -> Easier | None:
    """n = d·k + r for r = 0 … d − 1, where d makes the steps and angles of the formulas whole in k."""
    n = normaliser(problem)
    wanted: dict[str, int] = {}
    for formula in (problem.gap, *(c.gap for c in problem.conditions)):
        for node in postorder(formula):
            if node.head in (*ROUNDING, *TURNING):
                for name, d in _denominators(n, node):
                    wanted[name] = lcm(wanted.get(name, 1), d)
    few = [v.name for v in problem.variables if 1 < wanted.get(v.name, 1) <= MODULUS]
    if not few:
        return None
    name, d = few[0], wanted[few[0]]
    parts = tuple(_residue(problem, name, d, r) for r in range(d))
    return Easier("residues", {"name": name, "modulus": d}, parts)


def _denominators(n: Normaliser, node: Expr) -> Iterator[tuple[str, int]]:
    """Integer variables of an argument with the denominators of their terms (over π, halved, in an angle)."""
    form = n.form(node.args[0])
    pi = n.ids.get(("pi",))
    for mono, c in form.top.items() if set(form.bottom) == {()} else ():
        turn = (pi, Fraction(1)) in mono
        if turn == (node.head in TURNING):
            own = [n.atoms[i].key for i, _ in mono if i != pi]
            if own and all(key[0] == "var" and key[1] in n.integers for key in own):
                yield from ((key[1], (c / 2 if turn else c).denominator) for key in own)


def _residue(problem: Problem, name: str, d: int, r: int) -> Problem:
    me = Expr("variable", (name,))
    image = Expr("+", (Expr("*", (number(d), me)), number(r))) if r else Expr("*", (number(d), me))
    swap = {name: image}

    def end(old: Expr | None) -> Expr | None:
        return None if old is None else Expr("/", (Expr("-", (old, number(r))), number(d)))

    variables = tuple(replace(v, low=end(v.low), high=end(v.high)) if v.name == name else v for v in problem.variables)
    conditions = tuple(Relation(substitute(c.lhs, swap), c.op, substitute(c.rhs, swap)) for c in problem.conditions)
    return Problem(variables, conditions, substitute(problem.gap, swap), problem.op)


def points_of(problem: Problem) -> int:
    """How many points a problem with bounded integer variables only has at most, up to `FINITE`; otherwise 0."""
    count = 1
    with ctx.workprec(64):
        for box in problem.box() if len(problem.integers) == len(problem.variables) else ():
            width = (box.hi - box.lo).floor().unique_fmpz() if box.bounded else None
            if width is None or width < 0 or count * (int(width) + 1) > FINITE:
                return 0
            count *= int(width) + 1
    return count if problem.integers and len(problem.integers) == len(problem.variables) else 0


def prefix(problem: Problem, clock: Clock, prove: Prove, tail: Prove) -> Step | None:
    """One integer variable with a whole lower end: check a prefix number by number and prove the tail for reals."""
    v = next((v for v in problem.variables if v.integer and v.low is not None and v.high is None), None)
    if v is None:
        return None
    with ctx.workprec(64):
        first = domain_of(v).lo.unique_fmpz()
    if first is None:
        return None
    for length in PREFIX:
        start = int(first) + length
        real = replace(v, low=number(start), low_open=False, integer=False)
        beyond = replace(problem, variables=tuple(real if w is v else w for w in problem.variables))
        guards = defined_on_box(beyond, lambda p: quick(p, clock))
        part = None if guards is None else tail(beyond)
        if part is None or guards is None:
            continue
        singles = _singles(problem, v, range(int(first), start), prove)
        if singles is None:
            return None
        data = {"name": v.name, "first": int(first), "start": start}
        return Step("prefix and tail", problem, data, (part, *singles, *guards))
    return None


def _singles(problem: Problem, v: Variable, values: range, prove: Prove) -> list[Step] | None:
    """Steps for the goal at single values of a variable."""
    others = tuple(w for w in problem.variables if w is not v)
    found = []
    for k in values:
        swap = {v.name: number(k)}
        conditions = tuple(Relation(substitute(c.lhs, swap), c.op, substitute(c.rhs, swap)) for c in problem.conditions)
        single = Problem(others, conditions, substitute(problem.gap, swap), problem.op)
        one = prove(single) if others else closed(single)
        if one is None:
            return None
        found.append(one)
    return found
