"""Derived rules: short combinations of the kernel's rules, trusted no more than they are."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from .claim import Formula, Rel, le, lt, real
from .kernel import Fact, assume, classical, combine, monotone, substitute
from .terms import ProofError


def assumed(*formulas: Formula) -> tuple[Fact, ...]:
    """The formulas as facts h |- h; earlier ones may make later ones defined.

    >>> from .claim import ge
    >>> x = real("x")
    >>> assumed(ge(x, 1), ge(1 / x, 0))[1].hypotheses
    (1 <= x, 0 <= 1/x)
    """
    facts: list[Fact] = []
    for formula in formulas:
        try:
            facts.append(assume(formula))
        except ProofError:
            facts.append(assume(formula, facts))
    return tuple(facts)


def exponential(order: Fact) -> Fact:
    """exp(a) <= exp(b) from a <= b (strict from strict).

    >>> from .claim import le
    >>> exponential(assume(le(real("a"), real("b")))).conclusion
    exp(a) <= exp(b)
    """
    t = real("t_")
    return monotone(sp.exp(t), t, combine(lt(0, sp.exp(t))), order)


def equal_exponentials(equality: Fact) -> Fact:
    """exp(a) == exp(b) from a == b.

    >>> from .claim import eq
    >>> equal_exponentials(assume(eq(real("a"), real("b")))).conclusion
    exp(a) == exp(b)
    """
    a, b = equality.relation.lhs, equality.relation.rhs
    up = exponential(combine(Rel(a, "<=", b), [(1, equality)]))
    down = exponential(combine(Rel(b, "<=", a), [(-1, equality)]))
    return classical("antisymmetry", sp.exp(a), sp.exp(b), given=[up, down])


def logarithm(order: Fact, positive: Fact) -> Fact:
    """log(a) <= log(b) from a <= b and positive: 0 < a."""
    t = real("t_")
    domain = assume(lt(0, t))
    slope = combine(lt(0, 1 / t), [], [domain])
    end = combine(lt(0, order.relation.rhs), [(1, positive), (1, order)])
    return monotone(sp.log(t), t, slope, order, [positive, end])


def root_at_most(square: Fact, bound: Fact, given: Sequence[Fact] = ()) -> Fact:
    """sqrt(a) <= b from square: a <= b**2 and bound: 0 <= b (or 0 < b); `given` shows that a is nonnegative.

    >>> from .claim import ge, le
    >>> a, b = real("a"), real("b")
    >>> root_at_most(*assumed(le(a, b**2), ge(b, 0)), assumed(ge(a, 0))).conclusion
    sqrt(a) <= b
    """
    a, b = real("a_"), real("b_")
    small, some, nonnegative = assumed(le(a, b**2), le(0, b), le(0, a))
    root = classical("root is increasing", a, b**2, given=[small, nonnegative])
    size = at_most_in_absolute_value(combine(le(b, b)), combine(le(-b, b), [(2, some)]))
    schema = combine(le(sp.sqrt(a), b), [(1, root), (1, size)])
    weak = combine(le(0, bound.relation.rhs), [(1, bound)])
    return substitute(schema, {a: square.relation.lhs, b: bound.relation.rhs}, [square, weak, *given])


def absolute_bounds(term: sp.Expr, given: Sequence[Fact] = ()) -> Fact:
    """t <= |t|; with -t for t this is -t <= |t|, as |-t| and |t| are one term.

    >>> absolute_bounds(-real("a")).conclusion
    -a <= Abs(a)
    """
    return classical("absolute value bounds", term, given=given)


def at_most_in_absolute_value(above: Fact, below: Fact) -> Fact:
    """|t| <= c from t <= c and -t <= c.

    >>> from .claim import le
    >>> a = real("a")
    >>> at_most_in_absolute_value(assume(le(a, 1)), assume(le(-a, 1))).conclusion
    Abs(a) <= 1
    """
    bound = above.relation.rhs
    return classical("absolute value least", above.relation.lhs, bound, given=[above, below])


def chain(goal: Rel, *facts: Fact, given: Sequence[Fact] = ()) -> Fact:
    """The goal as the plain sum of the facts (transitivity and addition)."""
    return combine(goal, [(1, fact) for fact in facts], given)
