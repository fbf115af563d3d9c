"""A formula compiled to a list of steps on ranges: its values and its slopes over a box, bounded or not.

The formula is taken to be defined wherever it is asked for (`definedness` proves that first), so every argument is
cut to the natural domain of its function; `Result.cut` says whether something was cut. A slope in variable i over a
box B encloses, for all x, y ∈ B that differ in coordinate i only, some g with f(x) − f(y) = g·(x_i − y_i), provided
that f is defined between them; jointly they give the mean value form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from ...symbolic.tree import Expr, children, postorder, to_fraction
from . import ranges as r
from .kernels import BINARY, DERIVATIVES, NONNEGATIVE, ONE_RANGE, POSITIVE, UNARY, UNIT, fractional, number
from .ranges import ALL, INF, ONE, ZERO, Range

Slopes = dict[int, Range]


class Empty(Exception):
    """The formula is undefined on the whole box: ``node`` is the part that is."""

    def __init__(self, node: Expr) -> None:
        super().__init__()
        self.node = node


class Result(NamedTuple):
    """Enclosure of the values; of the slopes (missing: 0); whether an argument was cut to its domain."""

    value: Range
    slopes: Slopes
    cut: bool


class _Step(NamedTuple):
    head: str
    inputs: tuple[int, ...]
    payload: Fraction | str | None
    node: Expr


@dataclass(frozen=True)
class Program:
    """Steps in order; the last one is the value. Make it with `compile_program`."""

    variables: tuple[str, ...]
    steps: tuple[_Step, ...]

    def __call__(self, box: Sequence[Range], slopes: bool = False) -> Result:
        """Enclosures over the box; raises `Empty` where the formula is undefined on all of it."""
        values: list[Range] = []
        rates: list[Slopes] = []
        cut = False
        for step in self.steps:
            if step.head == "variable":
                index = self.variables.index(str(step.payload))
                values.append(box[index])
                rates.append({index: ONE_RANGE})
                continue
            inputs = [values[i] for i in step.inputs]
            domain = _DOMAINS.get(step.head)
            if step.head == "power":
                domain = _power_domain(step.payload)
            if domain is not None:
                wanted = domain()
                inside = r.meet(inputs[0], wanted)
                if inside is None:
                    raise Empty(step.node)
                cut = cut or not _within(inputs[0], wanted)
                inputs[0] = inside
            divisor = _divisor(step, inputs)
            if divisor is not None and not (divisor.positive or divisor.negative):
                if divisor.is_point:
                    raise Empty(step.node)
                cut = True
            value = _value(step, inputs)
            values.append(value)
            below = [rates[i] for i in step.inputs]
            rates.append(_rates(step, inputs, value, below) if slopes and any(below) else {})
        return Result(values[-1], rates[-1], cut)


def _divisor(step: _Step, inputs: list[Range]) -> Range | None:
    """What must not vanish."""
    if step.head == "/":
        return inputs[1]
    if step.head == "tan":
        return r.cos(inputs[0])
    negative = step.head == "power" and isinstance(step.payload, Fraction) and step.payload < 0
    return inputs[0] if negative else None


def _within(a: Range, b: Range) -> bool:
    low = a.lo > b.lo or (a.lo == b.lo and (a.lo_open or not b.lo_open))
    return bool(low) and bool(a.hi < b.hi or (a.hi == b.hi and (a.hi_open or not b.hi_open)))


def compile_program(expr: Expr, variables: Sequence[str]) -> Program:
    """Compile; equal subexpressions become one step. General powers become exp(b·log a).

    >>> from attain.symbolic.expression import parse
    >>> half_line = Range(arb(1), INF, False, True)
    >>> compile_program(parse("x - sin(x)"), ["x"])([half_line]).value.lo >= 0
    True
    """
    steps: list[_Step] = []
    known: dict[tuple[object, ...], int] = {}
    at: dict[int, int] = {}

    def put(head: str, inputs: tuple[int, ...], payload: Fraction | str | None, node: Expr) -> int:
        key = (head, inputs, payload)
        if key not in known:
            known[key] = len(steps)
            steps.append(_Step(head, inputs, payload, node))
        return known[key]

    for node in postorder(expr):
        head, below = node.head, tuple(at[id(child)] for child in children(node))
        if head in ("number", "constant", "variable"):
            at[id(node)] = put(head, (), node.args[0], node)
        elif head == "**":
            exponent = to_fraction(node.args[1])
            if exponent is not None:
                at[id(node)] = put("power", below[:1], exponent, node)
            else:
                product = put("*", (put("log", below[:1], None, node), below[1]), None, node)
                at[id(node)] = put("exp", (product,), None, node)
        elif head in ("min", "max"):
            result = below[0]
            for other in below[1:]:
                result = put(head, (result, other), None, node)
            at[id(node)] = result
        elif head == "*" and below[0] == below[1]:
            at[id(node)] = put("power", below[:1], Fraction(2), node)
        else:
            at[id(node)] = put(head, below, None, node)
    root = at[id(expr)]
    return Program(tuple(variables), tuple(steps[: root + 1]))


def _branch_point() -> Range:
    return r.make((-ONE).exp() * -1, INF)


_DOMAINS: dict[str, Callable[[], Range]] = {
    "log": lambda: POSITIVE,
    "gamma": lambda: POSITIVE,
    "loggamma": lambda: POSITIVE,
    "sqrt": lambda: NONNEGATIVE,
    "asin": lambda: UNIT,
    "acos": lambda: UNIT,
    "lambertw": _branch_point,
}


def _power_domain(exponent: Fraction | str | None) -> Callable[[], Range] | None:
    if not isinstance(exponent, Fraction) or exponent.denominator == 1:
        return None
    return lambda: POSITIVE if exponent < 0 else NONNEGATIVE


def _value(step: _Step, a: list[Range]) -> Range:
    head = step.head
    if head == "number" and isinstance(step.payload, Fraction):
        return r.point(number(step.payload))
    if head == "constant":
        return r.point(arb.pi() if step.payload == "pi" else arb.const_e())
    if head == "power" and isinstance(step.payload, Fraction):
        return fractional(a[0], step.payload)
    if head in BINARY:
        return BINARY[head](a[0], a[1])
    return UNARY[head](a[0])


def _rates(step: _Step, a: list[Range], value: Range, below: list[Slopes]) -> Slopes:
    head = step.head
    if head in ("+", "-"):
        return _combine(below[0], ONE_RANGE, below[1], ONE_RANGE if head == "+" else r.neg(ONE_RANGE))
    if head == "*":
        return _combine(below[0], a[1], below[1], a[0])
    if head == "/":
        scale = r.inverse(a[1])
        return _combine(below[0], scale, below[1], r.neg(r.mul(value, scale)))
    if head in ("min", "max"):
        first, second = (a[0], a[1]) if head == "max" else (a[1], a[0])
        if first.lo >= second.hi:
            return below[0]
        if second.lo >= first.hi:
            return below[1]
        zero = Range(ZERO, ZERO)
        keys = sorted(set(below[0]) | set(below[1]))
        return {k: r.join(below[0].get(k, zero), below[1].get(k, zero)) for k in keys}
    factor = derivative_of(step, a[0], value)
    return {k: r.mul(factor, slope) for k, slope in below[0].items()}


def _combine(x: Slopes, p: Range, y: Slopes, q: Range) -> Slopes:
    found = {k: slope if p is ONE_RANGE else r.mul(p, slope) for k, slope in x.items()}
    for k, slope in y.items():
        part = slope if q is ONE_RANGE else r.mul(q, slope)
        found[k] = r.add(found[k], part) if k in found else part
    return found


def derivative_of(step: _Step, a: Range, v: Range) -> Range:
    """The derivative (slope, at kinks) of a function of one argument over a range, v its values there."""
    head = step.head
    if head == "power" and isinstance(step.payload, Fraction):
        if step.payload == 0:
            return Range(ZERO, ZERO)
        return r.mul(r.point(number(step.payload)), fractional(a, step.payload - 1))
    rule = DERIVATIVES.get(head)
    return rule(a, v) if rule else ALL
