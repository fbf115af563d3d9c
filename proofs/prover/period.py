"""A goal with period T in a real variable, on an interval longer than T: it is proved on one period.

The period is a common multiple of those of the waves and steps with a linear argument, or half of that; it is one if
the normal forms of the gap at x and at x + T are equal. Source: ours; from every point of the interval steps of length
T lead to the part that is kept, and all points on the way are in the interval.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from ...symbolic.tree import Expr, names, number, postorder, substitute
from .functions import derivative
from .language import Variable
from .normal import ONE, Normaliser, TooLarge
from .problem import Problem, constant_sign
from .step import Easier

LENGTH = {"sin": 2, "cos": 2, "tan": 1, "floor": 1, "ceil": 1}
PI = Expr("constant", ("pi",))


def period(problem: Problem) -> Easier | None:
    """The goal on one period of a variable; None without one.

    >>> from attain.symbolic.expression import parse
    >>> found = period(Problem((Variable("x", None, None),), (), parse("1 - sin(2*x)"), ">="))
    >>> found.data["period"], found.problems[0].variables[0].high
    (parse('pi'), parse('pi'))
    """
    for i, v in enumerate(problem.variables):
        if v.integer or any(v.name in names(c.gap) for c in problem.conditions):
            continue
        for length in _lengths(problem.gap, v.name):
            image = _image(v, length)
            if image is not None and _repeats(problem.gap, v.name, length):
                variables = (*problem.variables[:i], image, *problem.variables[i + 1 :])
                data = {"name": v.name, "period": length, "image": (image.low, image.high)}
                return Easier("period", data, (Problem(variables, problem.conditions, problem.gap, problem.op),))
    return None


def _lengths(gap: Expr, name: str) -> list[Expr]:
    """Numbers that may be periods, the shorter one first."""
    n = Normaliser({})
    pi = next(iter(n.form(PI).top))
    found: dict[bool, list[Fraction]] = {False: [], True: []}
    try:
        for node in postorder(gap):
            rate = derivative(node.args[0], name) if node.head in LENGTH and name in names(node) else None
            form = None if rate is None else n.form(rate)
            if form is None or form.bottom != ONE or len(form.top) != 1 or not set(form.top) <= {(), pi}:
                continue
            ((mono, c),) = form.top.items()
            wave = node.head in ("sin", "cos", "tan")
            found[wave and mono == ()].append(LENGTH[node.head] / abs(c))
            if not wave and mono == pi:
                return []
    except TooLarge:
        return []
    if bool(found[True]) == bool(found[False]):
        return []
    turns = found[True] or found[False]
    whole = Fraction(lcm(*(t.numerator for t in turns)), gcd(*(t.denominator for t in turns)))
    return [_multiple(k, bool(found[True])) for k in (whole / 2, whole)]


def _multiple(k: Fraction, of_pi: bool) -> Expr:
    if not of_pi:
        return number(k)
    return PI if k == 1 else Expr("*", (number(k), PI))


def _repeats(gap: Expr, name: str, length: Expr) -> bool:
    """Whether the gap has the same normal form one period later."""
    later = substitute(gap, {name: Expr("+", (Expr("variable", (name,)), length))})
    try:
        return not Normaliser({}).form(Expr("-", (later, gap))).top
    except TooLarge:
        return False


def _image(v: Variable, length: Expr) -> Variable | None:
    """One period, from 0 or a finite end on; None if the interval is no longer than that."""
    if v.low is None and v.high is None:
        return Variable(v.name, number(0), length)
    if v.low is None:
        return Variable(v.name, Expr("-", (v.high, length)), v.high, False, v.high_open)
    high = Expr("+", (v.low, length))
    if v.high is not None and constant_sign(Expr("-", (v.high, high)), 128) != 1:
        return None
    return Variable(v.name, v.low, high, v.low_open, False)
