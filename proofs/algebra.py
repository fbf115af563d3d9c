"""Rules of exact algebra: identity and combine."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy.core.function import AppliedUndef

from .claim import All, Formula, Rel, number
from .fact import Fact, known_of, make
from .normal_form import Normaliser
from .sign import Known, analysis, certified
from .terms import (
    ProofError,
    check_formula,
    check_term,
    conditions,
    substitute_term,
)


def identity(lhs: sp.Expr, rhs: sp.Expr, given: Sequence[Fact] = (), using: Sequence[Fact] = ()) -> Fact:
    """lhs == rhs by exact normal form; denominators and logarithms are certified from `given`.

    The equalities `using` are applied first: their left sides (a symbol or a family member such as s(i)) are
    replaced by their right sides, wherever no index of theirs is bound.

    >>> from .kernel import assume
    >>> from .claim import All, Formula, function, integer, real
    >>> R, i, n, s = real("R"), integer("i"), integer("n"), function("s")
    >>> from .claim import All, Formula, ge
    >>> size = assume(ge(n, 1))
    >>> identity(sp.Sum(s(i), (i, 0, n)), s(0) + sp.Sum(s(i), (i, 1, n)), [size]).rule
    'identity'
    """
    lhs, rhs = number(lhs), number(rhs)
    check_term(lhs)
    check_term(rhs)
    rewriting = {}
    for fact in using:
        if fact.relation.op != "==" or not isinstance(fact.relation.lhs, (sp.Symbol, AppliedUndef)):
            raise ProofError(f"{fact.conclusion} is not an equation for a symbol or a family member")
        rewriting[fact.relation.lhs] = fact.relation.rhs
    given = [*given, *using]
    form = Normaliser(analysis(known_of(given))._oracle)
    if not form.is_zero(substitute_term(lhs, rewriting) - substitute_term(rhs, rewriting)):
        raise ProofError(f"not an identity in normal form: {lhs} == {rhs}")
    failed = certified(known_of(given), form.conditions)
    if failed is not None:
        raise ProofError(f"identity {lhs} == {rhs} needs {failed.base} {failed.kind}")
    return make("identity", Rel(lhs, "==", rhs), given)


def combine(
    goal: Formula,
    terms: Sequence[tuple[sp.Expr | int, Fact]] = (),
    given: Sequence[Fact] = (),
    rest: sp.Expr | None = None,
) -> Fact:
    """The goal, from rhs - lhs == sum of m_i * (b_i - a_i) + rest (Positivstellensatz style).

    Each m_i belongs to a fact a_i <= b_i (m_i must be seen to be nonnegative), a_i < b_i, or a_i == b_i (any
    m_i). Without `rest` the remainder is computed and checked; a strict goal needs a positive rest or a strict
    fact with a positive multiplier; an equality needs equalities only and no rest.

    >>> from .kernel import assume
    >>> from .claim import All, Formula, ge, le, real
    >>> a, b, c = map(real, "abc")
    >>> combine(le(a, c), [(1, assume(le(a, b))), (1, assume(le(b, c)))]).conclusion
    a <= c
    """
    facts = [fact for _, fact in terms]
    known = analysis(known_of([*given, *facts]))
    check_formula(goal)
    if isinstance(goal, All):
        raise ProofError(f"{goal} is quantified: combine its body, then use termwise")
    total, strict = sp.Integer(0), False
    for multiplier, fact in terms:
        factor = number(multiplier)
        check_term(factor)
        if goal.op == "==" and fact.relation.op != "==":
            raise ProofError("an equality can only be combined from equalities")
        sign = known.sign(factor) if fact.relation.op != "==" else 1
        if not sign:
            raise ProofError(f"cannot see that the multiplier {factor} is nonnegative")
        strict = strict or (fact.relation.op == "<" and sign == 2)
        total += factor * fact.relation.gap
    remainder = goal.gap - total
    factors = [number(multiplier) for multiplier, _ in terms] + ([] if rest is None else [rest])
    failed = certified(known_of([*given, *facts]), (c for factor in factors for c in conditions(factor)))
    if failed is not None:
        raise ProofError(f"combine for {goal} needs {failed.base} {failed.kind}")
    _close(goal, remainder, rest, known, strict)
    return make("combine", goal, [*facts, *given])


def _close(goal: Rel, remainder: sp.Expr, rest: sp.Expr | None, known: Known, strict: bool) -> None:
    if rest is not None:
        check_term(rest)
        if not known.identical(remainder - rest):
            raise ProofError(f"the given rest {rest} is not the remainder of {goal}")
        remainder = rest
    if known.identical(remainder):
        if goal.op == "<" and not strict:
            raise ProofError(f"only the non-strict form of {goal} follows")
        return
    if goal.op == "==":
        raise ProofError(f"{goal} leaves the remainder {remainder}")
    sign = known.sign(remainder)
    if not sign or (goal.op == "<" and sign < 2 and not strict):
        raise ProofError(
            f"cannot see that the remainder {remainder} of {goal} is {'positive' if not strict else '>= 0'}"
        )
