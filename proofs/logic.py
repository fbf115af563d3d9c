"""Rules of logic: assume, termwise, induction, classical, substitute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from .claim import All, Formula, Rel, Sequent, number
from .classical import Instance, theorem
from .fact import Fact, known_of, make
from .sign import analysis, certified, entails
from .terms import (
    ProofError,
    check_formula,
    check_term,
    conditions,
    formula_applied_conditions,
    free_symbols,
    is_function_name,
    substitute_formula,
    whole,
)


def assume(formula: Formula, given: Sequence[Fact] = ()) -> Fact:
    """h |- h, for a well-formed and defined formula h (definedness may lean on `given`).

    >>> from .claim import gt, real
    >>> assume(gt(real("R"), 0)).hypotheses
    (0 < R,)
    """
    check_formula(formula)
    return make("assume", formula, given, [*(h for f in given for h in f.hypotheses), formula])


def termwise(
    fact: Fact,
    index: sp.Symbol,
    lower: sp.Expr | int,
    upper: sp.Expr | int | None,
    given: Sequence[Fact] = (),
    quantify: bool = False,
) -> Fact:
    """From H, lower <= i <= upper |- t(i) <= u(i): H |- sum of t <= sum of u, or the "for all i" itself.

    The index must not occur in H; the range may be empty (lower <= upper + 1 is certified from `given`); a
    strict relation stays strict only if lower <= upper is seen. `upper` None (no end) is for `quantify` only.

    >>> from .kernel import combine
    >>> from .claim import ge, function, integer
    >>> i, n, t = integer("i"), integer("n"), function("t")
    >>> termwise(combine(ge(t(i) ** 2, 0)), i, 1, n, [assume(ge(n, 1))]).conclusion
    Sum(0, (i, 1, n)) <= Sum(t(i)**2, (i, 1, n))
    """
    low = number(lower)
    high = None if upper is None else number(upper)
    if not (index.is_Symbol and all(whole(part) for part in (index, low, high) if part is not None)):
        raise ProofError("the index and the ends of its range must be integer terms")
    frame = All(index, low, high, fact.conclusion)
    free = [h for h in fact.hypotheses if index in free_symbols(h)]
    stuck = [h for h in free if not entails(frame.ranges, h)]
    kept = [h for h in fact.hypotheses if h not in free]
    if stuck:
        raise ProofError(f"the index {index} also occurs in the hypothesis {stuck[0]}")
    if any(index in free_symbols(h) for g in given for h in (g.conclusion, *g.hypotheses)):
        raise ProofError(f"the facts given must not mention the index {index}")
    hypotheses = [*kept, *(h for g in given for h in g.hypotheses)]
    ends = [c for part in (low, high) if part is not None for c in conditions(part)]
    failed = certified((*hypotheses, *known_of(given)), ends)
    if failed is not None:
        raise ProofError(f"the ends of the range may be undefined: {failed.base} not seen {failed.kind}")
    if quantify:
        return make("termwise", frame, [fact, *given], hypotheses, defined=True)
    if high is None:
        raise ProofError("only a quantifier can have no upper end")
    rel = fact.relation
    known = analysis((*hypotheses, *known_of(given)))
    if not known.sign(high - low + 1):
        raise ProofError(f"cannot see that the range {low}..{high} is not reversed")
    op = "<=" if rel.op == "<" and not known.sign(high - low) else rel.op
    sums = [sp.Sum(side, (index, low, high)) for side in (rel.lhs, rel.rhs)]
    return make("termwise", Rel(sums[0], op, sums[1]), [fact, *given], hypotheses, defined=True)


def induction(
    goal: Formula, variable: sp.Symbol, start: sp.Expr | int, base: Fact, step: Fact, upto: sp.Expr | None = None
) -> Fact:
    """H, start <= n |- P(n) from H |- P(start) and H, start <= n, P(n) |- P(n + 1) (n + 1 <= upto, if given).

    >>> from .kernel import combine, identity
    >>> from .claim import eq, function, ge, integer
    >>> k, n, x = integer("k"), integer("n"), function("x")
    >>> goal = eq(sp.Sum(x(k + 1) - x(k), (k, 1, n)), x(n + 1) - x(1))
    >>> from_one = assume(ge(n, 1))
    >>> base = identity(sp.Sum(x(k + 1) - x(k), (k, 1, 1)), x(2) - x(1))
    >>> step = combine(eq(sp.Sum(x(k + 1) - x(k), (k, 1, n + 1)), x(n + 2) - x(1)),
    ...                [(1, assume(goal, [from_one]))], [from_one])
    >>> induction(goal, n, 1, base, step).hypotheses
    (1 <= n,)
    """
    begin = number(start)
    if not (variable.is_Symbol and whole(variable) and whole(begin)) or begin.has(variable):
        raise ProofError(
            f"induction needs an integer variable and an integer start free of it, not {variable}, {start}"
        )
    ranges = [Rel(begin, "<=", variable)] + ([Rel(variable, "<=", upto)] if upto is not None else [])
    if upto is not None and upto.has(variable):
        raise ProofError("the upper end of the induction must not contain its variable")
    if any(variable in free_symbols(h) for h in base.hypotheses):
        raise ProofError(f"the base case must not assume anything about {variable}")
    if not entails([base.conclusion, *base.hypotheses], substitute_formula(goal, {variable: begin})):
        raise ProofError(f"{base.conclusion} is not the base case of {goal}")
    local = [Rel(begin, "<=", variable), goal] + ([Rel(variable + 1, "<=", upto)] if upto is not None else [])
    mine = [h for h in step.hypotheses if variable in free_symbols(h) or h == goal]
    stuck = [h for h in mine if not entails(local, h)]
    if stuck:
        raise ProofError(f"the step assumes {stuck[0]}, which is not the induction hypothesis")
    if not entails([step.conclusion, *step.hypotheses], substitute_formula(goal, {variable: variable + 1})):
        raise ProofError(f"{step.conclusion} is not the step of {goal}")
    kept = [h for h in step.hypotheses if h not in mine]
    return make("induction", goal, [base, step], [*base.hypotheses, *kept, *ranges])


def classical(name: str, *terms: sp.Basic, given: Sequence[Fact] = ()) -> Fact:
    """An instance of the named theorem, its hypotheses discharged by `given` (see `classical.py`).

    >>> from .claim import real
    >>> classical("absolute value bounds", real("x")).conclusion
    x <= Abs(x)
    """
    instance: Instance = theorem(name, *terms)
    cases: list[tuple[Fact, tuple[Formula, ...]]] = []
    for needed in instance.requirements:
        check_formula(needed.conclusion)
        if needed.hypotheses:
            cases.append((_case(name, needed, given), needed.hypotheses))
    plain = [fact for fact in given if all(fact is not case for case, _ in cases)]
    for needed in instance.requirements:
        if not needed.hypotheses and not entails(known_of(plain), needed.conclusion):
            raise ProofError(f"{name}: {needed.conclusion} has not been shown")
    hypotheses = [h for fact in plain for h in fact.hypotheses]
    hypotheses += [h for case, local in cases for h in case.hypotheses if h not in local]
    return make("classical", instance.conclusion, given, hypotheses, note=f"{name}; {instance.reference}")


def _case(name: str, needed: Sequent, given: Sequence[Fact]) -> Fact:
    shown = [fact for fact in given if entails([fact.conclusion], needed.conclusion)]
    for fact in sorted(shown, key=lambda fact: not set(needed.hypotheses) & set(fact.hypotheses)):
        return fact
    raise ProofError(f"{name}: no fact given shows {needed}")


def substitute(fact: Fact, mapping: Mapping[sp.Basic, sp.Basic] | None = None, given: Sequence[Fact] = ()) -> Fact:
    """The fact with free symbols replaced by terms and functions by Lambdas; hypotheses implied by `given` go.

    Integer symbols only take integer terms.

    >>> from .kernel import combine
    >>> from .claim import ge, real
    >>> x, y = real("x"), real("y")
    >>> fact = combine(ge(x + 1, 0), [(1, assume(ge(x, 0)))])
    >>> substitute(fact, {x: y**2}, [combine(ge(y**2, 0))]).hypotheses
    ()
    """
    mapping = dict(mapping or {})
    for key, value in mapping.items():
        _check_replacement(key, value)
    hypotheses = [substitute_formula(h, mapping) for h in fact.hypotheses]
    known = known_of(given)
    values = [c for value in mapping.values() if not isinstance(value, sp.Lambda) for c in conditions(value)]
    for formula in (fact.conclusion, *fact.hypotheses):
        values += formula_applied_conditions(formula, mapping)
    failed = certified((*known, *hypotheses), values)
    if failed is not None:
        raise ProofError(f"the substituted term may be undefined: {failed.base} not seen {failed.kind}")
    conclusion = substitute_formula(fact.conclusion, mapping)
    kept = [h for h in hypotheses if not entails(known, h)]
    kept += [h for g in given for h in g.hypotheses]
    return make("substitute", conclusion, [fact, *given], kept, defined=True)


def _check_replacement(key: sp.Basic, value: sp.Basic) -> None:
    if not (isinstance(key, sp.Symbol) or is_function_name(key)):
        raise ProofError(f"{key} is neither a variable nor the name of a function: nothing else can be replaced")
    body = value.expr if isinstance(value, sp.Lambda) else value
    check_term(body)
    if is_function_name(key) != isinstance(value, sp.Lambda):
        raise ProofError(f"{key} must be replaced by a {'Lambda' if is_function_name(key) else 'term'}")
    integral = key(*value.variables).is_integer if is_function_name(key) else key.is_integer
    if integral and not whole(body):
        raise ProofError(f"{key} is an integer but {body} is not known to be one")


def specialise(fact: Fact, *values: sp.Expr | int, given: Sequence[Fact] = ()) -> Fact:
    """The body of a "for all" fact at the index values (rule substitute); range conditions not implied are assumed.

    >>> from .claim import ge, function, integer
    >>> i, n, p = integer("i"), integer("n"), function("p")
    >>> fact = assume(All(i, 1, n, ge(p(i), 0)))
    >>> specialise(fact, 1, given=[assume(ge(n, 1))]).conclusion
    0 <= p(1)
    """
    conclusion: Formula = fact.conclusion
    hypotheses = [*fact.hypotheses, *(h for g in given for h in g.hypotheses)]
    known = (*hypotheses, *known_of(given))
    for value in map(number, values):
        if not isinstance(conclusion, All):
            raise ProofError(f"{conclusion} is not quantified")
        check_term(value)
        failed = certified(known, conditions(value))
        if failed is not None or not whole(value):
            raise ProofError(f"{value} is not known to be a defined integer")
        ranges = [substitute_formula(rel, {conclusion.index: value}) for rel in conclusion.ranges]
        hypotheses += [rel for rel in ranges if not entails(known, rel)]
        conclusion = substitute_formula(conclusion.body, {conclusion.index: value})
    return make("substitute", conclusion, [fact, *given], hypotheses, defined=True)
