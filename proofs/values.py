"""Numbers for terms: exact fractions where possible, Arb balls otherwise.

Used to bound terms on boxes (`cover`) and to look at a statement at one concrete instance. Any node that is not
listed here raises, so an unknown function can never be skipped. Balls that are not finite mean "not defined for
all points of the box" and are passed on as such.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import isqrt
from typing import Any, TypeAlias

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.core.function import AppliedUndef

from .claim import Formula, Rel
from .terms import ProofError

Number: TypeAlias = Fraction | arb
Table: TypeAlias = Callable[..., Number]
LARGEST_SUM = 200000


def ball(value: Number | int) -> arb:
    """The value as a ball at the current precision."""
    if isinstance(value, arb):
        return value
    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


def evaluate(term: sp.Expr, values: Mapping[sp.Basic, Any]) -> Number:
    """The value of a term; symbols map to numbers, function names to Python functions of integers.

    >>> x = sp.Symbol("x", real=True)
    >>> evaluate(x**2 / 3, {x: Fraction(1, 2)})
    Fraction(1, 12)
    """
    if term.is_Rational:
        return Fraction(int(term.p), int(term.q))
    if isinstance(term, sp.Symbol):
        if term not in values:
            raise ProofError(f"no value for {term}")
        return values[term]
    if isinstance(term, sp.Sum):
        return _sum(term, values)
    if term == sp.pi:
        return arb.pi()
    if term == sp.E:
        return arb(1).exp()
    arguments = [evaluate(argument, values) for argument in term.args]
    if isinstance(term, AppliedUndef):
        if term.func not in values:
            raise ProofError(f"no values for {term.func}")
        return values[term.func](*(_whole(argument) for argument in arguments))
    return _apply(term, arguments)


def _whole(value: Number) -> int:
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    raise ProofError(f"an index must be an integer, not {value}")


def _sum(term: sp.Sum, values: Mapping[sp.Basic, Any]) -> Number:
    index, lower, upper = term.limits[-1]
    body = term.function if len(term.limits) == 1 else sp.Sum(term.function, *term.limits[:-1])
    low, high = _whole(evaluate(lower, values)), _whole(evaluate(upper, values))
    if not low - 1 <= high <= low + LARGEST_SUM:
        raise ProofError(f"the range {low}..{high} is reversed or too long")
    total: Number = Fraction(0)
    for k in range(low, high + 1):
        total = _add(total, evaluate(body, {**values, index: Fraction(k)}))
    return total


def _add(a: Number, b: Number) -> Number:
    return a + b if isinstance(a, Fraction) and isinstance(b, Fraction) else ball(a) + ball(b)


def _multiply(a: Number, b: Number) -> Number:
    return a * b if isinstance(a, Fraction) and isinstance(b, Fraction) else ball(a) * ball(b)


def integer_power(value: Number, exponent: int) -> Number:
    """value ** exponent by squaring; the even power of a ball that contains 0 reaches (up to rounding) no lower than 0.

    >>> integer_power(arb(0, 1), 2) > -1e-6
    True
    """
    if isinstance(value, Fraction):
        return arb("nan") if value == 0 and exponent < 0 else value**exponent
    if exponent < 0:
        return 1 / ball(integer_power(value, -exponent))
    if exponent % 2 == 0 and value.contains(0):
        half = _repeat(arb(abs(value).upper()), exponent) / 2
        return half + arb(0, half.upper())
    return _repeat(value, exponent)


def _repeat(value: arb, exponent: int) -> arb:
    result, square = arb(1), value
    while exponent:
        if exponent & 1:
            result = result * square
        square, exponent = square * square, exponent >> 1
    return result


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and abs(exponent) <= 10**6:
        return integer_power(base, exponent.numerator)
    if exponent == Fraction(1, 2):
        return _square_root(base)
    if isinstance(base, Fraction) and base == 0 and isinstance(exponent, Fraction) and exponent > 0:
        return Fraction(0)
    return (ball(exponent) * ball(base).log()).exp()


def _square_root(value: Number) -> Number:
    if isinstance(value, Fraction) and value >= 0:
        top, bottom = isqrt(value.numerator), isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    return ball(value).sqrt()


def _apply(term: sp.Expr, arguments: list[Number]) -> Number:
    if isinstance(term, (sp.Add, sp.Mul)):
        result = arguments[0]
        for argument in arguments[1:]:
            result = _add(result, argument) if isinstance(term, sp.Add) else _multiply(result, argument)
        return result
    if isinstance(term, sp.Pow):
        return _power(*arguments)
    if isinstance(term, (sp.Max, sp.Min)):
        return _extreme(arguments, isinstance(term, sp.Max))
    if isinstance(term, sp.Abs):
        return abs(arguments[0])
    if isinstance(term, sp.floor):
        value = arguments[0]
        return Fraction(value.numerator // value.denominator) if isinstance(value, Fraction) else value.floor()
    for kind, name in (
        (sp.exp, "exp"),
        (sp.log, "log"),
        (sp.sinh, "sinh"),
        (sp.cosh, "cosh"),
        (sp.tanh, "tanh"),
        (sp.sin, "sin"),
        (sp.cos, "cos"),
    ):
        if isinstance(term, kind):
            return getattr(ball(arguments[0]), name)()
    raise ProofError(f"{type(term).__name__} has no rule of evaluation")


def _extreme(arguments: list[Number], largest: bool) -> Number:
    if all(isinstance(argument, Fraction) for argument in arguments):
        return max(arguments) if largest else min(arguments)
    result = ball(arguments[0])
    for argument in arguments[1:]:
        result = arb.max(result, ball(argument)) if largest else arb.min(result, ball(argument))
    return result


def holds(formula: Formula, values: Mapping[sp.Basic, Any], horizon: int = 0) -> bool | None:
    """True or False if the formula is decided at the instance, None if the balls overlap.

    An unbounded quantifier is never True; with a `horizon` it is read for at most that many indices, as far as the
    instance's families go.

    >>> x = sp.Symbol("x", real=True)
    >>> holds(Rel(sp.exp(x), "<", sp.Integer(3)), {x: Fraction(1)})
    True
    """
    if isinstance(formula, Rel):
        return compare(evaluate(formula.lhs, values), formula.op, evaluate(formula.rhs, values))
    low, endless = _whole(evaluate(formula.lower, values)), formula.upper is None
    high = low + max(horizon, 1) - 1 if formula.upper is None else _whole(evaluate(formula.upper, values))
    answers: list[bool | None] = []
    for k in range(low, high + 1):
        try:
            answers.append(holds(formula.body, {**values, formula.index: Fraction(k)}, horizon))
        except LookupError:
            if not (endless and answers):
                raise
            break
    if False in answers:
        return False
    return None if None in answers or (endless and not horizon) else True


def compare(lhs: Number, op: str, rhs: Number) -> bool | None:
    """The three-valued comparison of two values by '==', '<=' or '<'.

    >>> compare(Fraction(1), "<", Fraction(1)), compare(arb(1, 0.5), "<", arb(1))
    (False, None)
    """
    if isinstance(lhs, Fraction) and isinstance(rhs, Fraction):
        return {"==": lhs == rhs, "<=": lhs <= rhs, "<": lhs < rhs}[op]
    a, b = ball(lhs), ball(rhs)
    if not (a.is_finite() and b.is_finite()):
        return None
    if op == "==":
        return False if not a.overlaps(b) else None
    yes = bool(a < b) if op == "<" else bool(a <= b)
    no = bool(a >= b) if op == "<" else bool(a > b)
    return True if yes else False if no else None


def cover(term: sp.Expr, box: Mapping[sp.Symbol, tuple[sp.Rational, sp.Rational]], bits: int, max_boxes: int) -> int:
    """Number of boxes of a finite cover on each of which the term is enclosed above 0; ProofError if none is found.

    >>> x = sp.Symbol("x", real=True)
    >>> cover(x**2 - x + 1, {x: (sp.Integer(0), sp.Integer(1))}, 53, 100) >= 1
    True
    """
    symbols = tuple(box)
    start = tuple((Fraction(int(a.p), int(a.q)), Fraction(int(b.p), int(b.q))) for a, b in box.values())
    waiting, done, counter = [(0.0, 0, start)], 0, 0
    with ctx.workprec(bits):
        while waiting:
            _, _, piece = heapq.heappop(waiting)
            balls = {s: ball(low).union(ball(high)) for s, (low, high) in zip(symbols, piece, strict=True)}
            value = ball(evaluate(term, balls))
            if value.is_finite() and value > 0:
                done += 1
                continue
            middle = {s: (low + high) / 2 for s, (low, high) in zip(symbols, piece, strict=True)}
            if compare(evaluate(term, middle), "<=", Fraction(0)):
                raise ProofError(f"{term} is not positive at {middle}")
            if done + len(waiting) >= max_boxes:
                raise ProofError(f"{term} was not enclosed above 0 with {max_boxes} boxes at {bits} bits")
            widest = max(range(len(piece)), key=lambda k: piece[k][1] - piece[k][0])
            low, high = piece[widest]
            for part in ((low, (low + high) / 2), ((low + high) / 2, high)):
                counter += 1
                smaller = (*piece[:widest], part, *piece[widest + 1 :])
                heapq.heappush(waiting, (-float(part[1] - part[0]), counter, smaller))
    return done
