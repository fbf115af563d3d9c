"""Rules of analysis: monotone (sign of a derivative) and enclosure (ball arithmetic on a box)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp
from sympy.core.function import AppliedUndef

from .claim import Evidence, Formula, Rel, number
from .fact import Fact, known_of, make
from .sign import certified, entails
from .terms import (
    OTHER,
    ProofError,
    check_term,
    conditions,
    free_symbols,
    substitute_formula,
    substitute_term,
    symbols_of,
)
from .values import cover


def monotone(term: sp.Expr, variable: sp.Symbol, slope: Fact, order: Fact, given: Sequence[Fact] = ()) -> Fact:
    """f(a) <= f(b) (or >=) from order: a <= b and slope: 0 <= f'(t) (or f'(t) <= 0).

    The hypotheses of `slope` that mention t must read c <= t, t <= c (or strict) with c free of t: they
    describe an interval on which f is smooth and defined. They are required at a and at b, discharged by
    `given` where possible and kept as hypotheses otherwise. Strict slope and order give a strict conclusion.

    >>> from .kernel import assume, combine
    >>> from .claim import gt, le, real
    >>> t, a, b = real("t"), real("a"), real("b")
    >>> up = combine(gt(sp.exp(t), 0))
    >>> monotone(sp.exp(t), t, up, assume(le(a, b))).conclusion
    exp(a) <= exp(b)
    """
    check_term(term)
    if variable.is_integer:
        raise ProofError(f"{variable} must be a real variable")
    _check_smooth(term, variable)
    interval = [h for h in slope.hypotheses if variable in free_symbols(h)]
    for hypothesis in interval:
        _check_interval(hypothesis, variable)
    failed = certified((*slope.hypotheses, *known_of(given)), conditions(term))
    if failed is not None:
        raise ProofError(f"{term} may be undefined on the interval: {failed.base} not seen {failed.kind}")
    if any(variable in free_symbols(h) for fact in given for h in (fact.conclusion, *fact.hypotheses)):
        raise ProofError(f"the facts given must not mention {variable}")
    direction, strict = _slope_sign(term, variable, slope)
    low, high = order.relation.lhs, order.relation.rhs
    if order.relation.op == "==":
        raise ProofError("monotone needs an inequality between the end points")
    at = [substitute_formula(h, {variable: end}) for end in (low, high) for h in interval]
    known = known_of([*given, order])
    open_ends = [h for h in at if not entails(known, h)]
    fixed = [h for h in slope.hypotheses if h not in interval]
    f_low, f_high = (substitute_term(term, {variable: end}) for end in (low, high))
    op = "<" if strict and order.relation.op == "<" else "<="
    conclusion = Rel(f_low, op, f_high) if direction > 0 else Rel(f_high, op, f_low)
    hypotheses = [*fixed, *open_ends, *(h for fact in (order, *given) for h in fact.hypotheses)]
    return make("monotone", conclusion, [slope, order, *given], hypotheses, defined=True)


def _check_smooth(term: sp.Expr, variable: sp.Symbol) -> None:
    for node in sp.preorder_traversal(term):
        rough = isinstance(node, (AppliedUndef, *OTHER)) and node.has(variable)
        ends = isinstance(node, sp.Sum) and any(
            limit[0] == variable or limit[1].has(variable) or limit[2].has(variable) for limit in node.limits
        )
        if rough or ends:
            raise ProofError(f"{node} is not known to be differentiable in {variable}")


def _check_interval(hypothesis: Formula, variable: sp.Symbol) -> None:
    shaped = (
        isinstance(hypothesis, Rel)
        and hypothesis.op != "=="
        and (
            (hypothesis.lhs == variable and variable not in symbols_of(hypothesis.rhs))
            or (hypothesis.rhs == variable and variable not in symbols_of(hypothesis.lhs))
        )
    )
    if not shaped:
        raise ProofError(f"the hypothesis {hypothesis} does not describe an interval for {variable}")


def _slope_sign(term: sp.Expr, variable: sp.Symbol, slope: Fact) -> tuple[int, bool]:
    derivative = sp.diff(term, variable)
    check_term(derivative)
    known = [slope.conclusion, *slope.hypotheses]
    failed = certified(known, conditions(derivative))
    if failed is not None:
        raise ProofError(f"the derivative {derivative} may be undefined: {failed.base} not seen {failed.kind}")
    for direction in (1, -1):
        gap = direction * derivative
        for op, strict in (("<", True), ("<=", False)):
            if entails(known, Rel(sp.Integer(0), op, gap)):
                return direction, strict
    raise ProofError(f"{slope.conclusion} does not fix the sign of the derivative {derivative}")


def enclosure(
    term: sp.Expr, box: Mapping[sp.Symbol, tuple[sp.Rational, sp.Rational]], bits: int = 64, max_boxes: int = 20000
) -> Fact:
    """0 < term for every variable in its closed rational interval, by branch and bound in Arb.

    >>> from .claim import real
    >>> x = real("x")
    >>> str(enclosure(sp.exp(x) - x, {x: (sp.Integer(-1), sp.Integer(1))}).evidence)
    'enclosed'
    """
    check_term(term)
    if symbols_of(term) != frozenset(box):
        raise ProofError("the box must give an interval for exactly the free symbols of the term")
    ends = {symbol: (number(low), number(high)) for symbol, (low, high) in box.items()}
    if any(not (low.is_Rational and high.is_Rational and low <= high) for low, high in ends.values()):
        raise ProofError("a box has rational ends, in order")
    hypotheses = [rel for s, (low, high) in ends.items() for rel in (Rel(low, "<=", s), Rel(s, "<=", high))]
    boxes = cover(term, ends, bits, max_boxes)
    note = f"{boxes} boxes, {bits} bits"
    conclusion = Rel(sp.Integer(0), "<", term)
    return make("enclosure", conclusion, (), hypotheses, Evidence.ENCLOSED, note, defined=True)
