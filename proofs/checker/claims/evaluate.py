"""Formulas evaluated on boxes, with their slopes.

A formula is taken to be defined where it is asked for (its guards are proved): an argument is cut to the natural domain
of its function, `Value.cut` says that something was cut, `Nowhere` that nothing is left. The slope in variable i over a
box encloses, for x and y in it that differ in coordinate i, a g with f(x) − f(y) = g·(x_i − y_i) if f is defined
between.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb

from ..ball import ball
from ..formula import CheckError
from .interval import (
    INF,
    NATURAL,
    NEG,
    NONNEGATIVE,
    ONE,
    POSITIVE,
    RATES,
    UNIT,
    VALUES,
    ZERO,
    I,
    add,
    around,
    cosine,
    cut,
    inverse,
    join,
    larger,
    mul,
    negative,
    power,
    smaller,
)
from .reading import Domain
from .tree import LEAVES, Tree, value_of


class Nowhere(Exception):
    """The formula is undefined on the whole box."""


Slopes = dict[str, I]
Op = tuple[str, tuple[int, ...], Any]


class Value(NamedTuple):
    """Values, slopes (missing: 0), whether an argument was cut to its domain."""

    value: I
    slopes: Slopes
    cut: bool


def operations(tree: Tree) -> list[Op]:
    """The tree as a list of operations in which equal ones are shared."""
    known: dict[Op, int] = {}

    def put(*op: Any) -> int:
        return known.setdefault(op, len(known))

    def visit(node: Tree) -> int:
        if node[0] in LEAVES:
            return put(node[0], (), node[1])
        if node[0] == "**":
            exponent, base = value_of(node[2]), visit(node[1])
            if exponent is not None:
                return put("power", (base,), exponent)
            return put("exp", (put("*", (visit(node[2]), put("log", (base,), None)), None),), None)
        below = tuple(visit(child) for child in node[1:])
        if node[0] == "*" and below[0] == below[1]:
            return put("power", below[:1], Fraction(2))
        return put(node[0], below, None)

    visit(tree)
    return list(known)


def evaluate(ops: list[Op], box: Mapping[str, I], slopes: bool = False) -> Value:
    """Enclosures over a box; `Nowhere` where the formula is undefined on all of it."""
    out: list[Value] = []
    was_cut = False
    for head, below, data in ops:
        if head == "variable":
            out.append(Value(box[data], {data: ONE}, False))
            continue
        if head in LEAVES:
            exact = ball(data) if head == "number" else arb.pi() if data == "pi" else UNIT.exp()
            out.append(Value(around(exact, exact), {}, False))
            continue
        args = [out[k].value for k in below]
        args, less = _restrict(head, data, args)
        was_cut = was_cut or less
        value = _value(head, data, args)
        rates = [out[k].slopes for k in below]
        out.append(Value(value, _slopes(head, data, args, value, rates) if slopes and any(rates) else {}, False))
    return Value(out[-1].value, out[-1].slopes, was_cut)


def _restrict(head: str, data: Any, args: list[I]) -> tuple[list[I], bool]:
    wanted = NATURAL[head]() if head in NATURAL else None
    if head == "power" and data.denominator > 1:
        wanted = POSITIVE if data < 0 else NONNEGATIVE
    if wanted is not None:
        inside = cut(args[0], wanted)
        if inside is None:
            raise Nowhere
        return [inside], inside != args[0]
    divisor = args[1] if head == "/" else cosine(args[0]) if head == "tan" else None
    divisor = args[0] if head == "power" and data < 0 else divisor
    if divisor is None or divisor.above(True) or divisor.below(True):
        return args, False
    if divisor.lo == divisor.hi:
        raise Nowhere
    return args, True


def _value(head: str, data: Any, a: list[I]) -> I:
    match head:
        case "power":
            return power(a[0], data)
        case "+" | "-":
            return add(a[0], a[1] if head == "+" else negative(a[1]))
        case "*" | "/":
            return mul(a[0], a[1] if head == "*" else inverse(a[1]))
        case "min" | "max":
            return (larger if head == "max" else smaller)(a[0], a[1])
    if head not in VALUES:
        raise CheckError(f"{head} cannot be evaluated")
    return VALUES[head](a[0])


def _slopes(head: str, data: Any, a: list[I], v: I, below: list[Slopes]) -> Slopes:
    if head in ("min", "max"):
        first = a[0].lo >= a[1].hi if head == "max" else a[0].hi <= a[1].lo
        second = a[1].lo >= a[0].hi if head == "max" else a[1].hi <= a[0].lo
        if first or second:
            return below[0 if first else 1]
        return {n: join(below[0].get(n, ZERO), below[1].get(n, ZERO)) for n in below[0] | below[1]}
    if head in ("+", "-"):
        factors = [ONE, ONE if head == "+" else negative(ONE)]
    elif head == "*":
        factors = [a[1], a[0]]
    elif head == "/":
        factors = [inverse(a[1]), negative(mul(v, inverse(a[1])))]
    elif head == "power":
        exponent = ball(data)
        factors = [mul(around(exponent, exponent), power(a[0], data - 1)) if data else ZERO]
    else:
        factors = [RATES[head](a[0], v)]
    found: Slopes = {}
    for factor, rates in zip(factors, below, strict=True):
        for name, rate in rates.items():
            part = mul(factor, rate)
            found[name] = add(found[name], part) if name in found else part
    return found


def interval_of(domain: Domain) -> I:
    """The domain, rounded outward (inward to whole numbers)."""
    low = NEG if domain.low is None else evaluate(operations(domain.low), {}).value.lo
    high = INF if domain.high is None else evaluate(operations(domain.high), {}).value.hi
    found = around(low, high, domain.low_open, domain.high_open)
    return whole(found) if domain.integer else found


def whole(a: I) -> I:
    """The hull of the integers in an interval; lo > hi if there are none."""
    lo, hi = (a.lo.ceil() if a.lo.is_finite() else a.lo), (a.hi.floor() if a.hi.is_finite() else a.hi)
    lo = lo + 1 if a.lo_open and lo == a.lo else lo
    hi = hi - 1 if a.hi_open and hi == a.hi else hi
    return I(lo, hi, not lo.is_finite(), not hi.is_finite())
