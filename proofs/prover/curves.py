"""Exact points on nonlinear equations: roots of what is left of one when all variables but one have simple values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice

from ...symbolic.tree import Expr, number
from .language import Relation, Variable
from .normal import Normaliser, TooLarge
from .points import points
from .problem import Clock, Place, at, feasible

MOST = 120


def on_equations(variables: Sequence[Variable], conditions: Sequence[Relation], clock: Clock) -> Iterator[Place]:
    """Feasible points where an equation gives one variable as a root; none if no condition is an equation.

    >>> from .language import parse_claim
    >>> claim = parse_claim("x >= 0", ["x**2 + y**2 == 3", "y > 0"])
    >>> next(on_equations(claim.variables, claim.conditions, Clock(10)))
    {'y': Fraction(1, 1), 'x': parse('2**0.5')}
    """
    equations = [c for c in conditions if c.op == "=="]
    for point in islice(points(variables, MOST), MOST) if equations else ():
        for v in reversed(variables):
            clock.check()
            fixed = {name: x for name, x in point.items() if name != v.name}
            for equation in equations if not v.integer else ():
                for root in roots(at(equation.gap, fixed), v.name):
                    place: Place = {**fixed, v.name: root}
                    if feasible(variables, conditions, place):
                        yield place


def roots(gap: Expr, name: str) -> list[Expr]:
    """Zeros of a·xᵏ + b, or of a·x² + b·x + c, with rational coefficients; others are not looked for."""
    n = Normaliser({})
    try:
        form = n.form(gap).top
    except TooLarge:
        return []
    mine = n.ids.get(("var", name))
    if not form or mine is None or any(len(m) > 1 or m[0][0] != mine or m[0][1].denominator > 1 for m in form if m):
        return []
    terms = {int(m[0][1]) if m else 0: c for m, c in form.items()}
    top = max(terms)
    if min(terms) < 0 or top < 1 or (terms.keys() - {top, 0} and top != 2):
        return []
    a, b, c = terms[top], terms.get(1, Fraction(0)) if top == 2 else Fraction(0), terms.get(0, Fraction(0))
    size = (b * b - 4 * a * c) / (4 * a * a) if top == 2 else -c / a
    if size < 0 and top % 2 == 0:
        return []
    root = Expr("**", (number(abs(size)), number(Fraction(1, top))))
    sides = (1, -1) if top % 2 == 0 else (1 if size >= 0 else -1,)
    signed = [root if side == 1 else Expr("neg", (root,)) for side in sides]
    return [Expr("-", (x, number(b / (2 * a)))) if b else x for x in signed]
