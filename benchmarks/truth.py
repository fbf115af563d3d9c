"""What a claim says at a point, by mpmath to 160 digits or more: the truth against which provers are measured.

Nothing here is taken from a prover but the reading of the text. An observation, never a proof: a sampled claim that
holds everywhere may still be false.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import mpmath
from attain.proofs.prover.language import Claim, Relation, Variable, parse_claim
from attain.symbolic.tree import Expr, fold, names

DIGITS = 160
TINY = mpmath.mpf(10) ** -60
Point = dict[str, mpmath.mpf]
_RATIONAL = re.compile(r"-?\d+(\.\d+|/\d+|e\d+)?")

_RULES: dict[str, Callable[..., Any]] = {
    "neg": lambda a: -a,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "abs": abs,
    "min": min,
    "max": max,
    "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)),
    "softplus": lambda a: mpmath.log1p(mpmath.exp(a)),
}


class Undefined(ValueError):
    """The formula has no real value at the point."""


class TooLarge(ValueError):
    """The formula has a value too large to compute here."""


def number(text: str | Fraction) -> mpmath.mpf:
    """A rational, as closely as the working precision allows."""
    value = Fraction(text)
    return mpmath.mpf(value.numerator) / value.denominator


def value_at(expr: Expr, point: Mapping[str, mpmath.mpf]) -> mpmath.mpf:
    """The value of a formula; raises `Undefined` where it is not real, and `TooLarge`.

    >>> from attain.symbolic.expression import parse
    >>> mpmath.nstr(value_at(parse("x**2 + 1"), {"x": number("1/2")}), 5)
    '1.25'
    """

    def rule(node: Expr, args: list[mpmath.mpf]) -> mpmath.mpf:
        if node.head == "number":
            return number(node.args[0])
        if node.head == "variable":
            return point[node.args[0]]
        if node.head == "constant":
            return +mpmath.pi if node.args[0] == "pi" else mpmath.exp(1)
        if node.head in ("loggamma", "gamma") and args[0] <= 0:
            raise Undefined(node.head)
        if node.head == "sqrt" and -TINY < args[0] < 0:
            return mpmath.mpf(0)
        if node.head in ("asin", "acos") and 1 < abs(args[0]) < 1 + TINY:
            args = [mpmath.sign(args[0])]
        huge = mpmath.mpf(10) ** (mpmath.mp.dps - 100)
        if node.head not in ("+", "-", "*", "/", "neg", "log", "sqrt", "abs") and any(abs(a) > huge for a in args):
            raise TooLarge(node.head)
        found = (_RULES.get(node.head) or getattr(mpmath, node.head))(*args)
        if not isinstance(found, mpmath.mpf | int) or not mpmath.isfinite(found):
            raise Undefined(node.head)
        return found

    try:
        return mpmath.mpf(fold(expr, rule))
    except (ZeroDivisionError, OverflowError) as error:
        raise Undefined(str(error)) from None


def holds(relation: Relation, point: Mapping[str, mpmath.mpf]) -> bool | None:
    """Whether a relation holds at a point; None if the sides are too close to tell."""
    left, right = value_at(relation.lhs, point), value_at(relation.rhs, point)
    if abs(right - left) > TINY * (1 + abs(left)):
        return bool(right > left) and relation.op != "=="
    if relation.op == "<":
        return False if left == right else None
    return True


def admissible(claim: Claim, point: Mapping[str, mpmath.mpf]) -> bool:
    """Whether the point lies in the domain and satisfies the side conditions."""
    for v in claim.variables:
        x = point[v.name]
        if v.integer and x != mpmath.nint(x):
            return False
        low, high = (None if end is None else value_at(end, {}) for end in (v.low, v.high))
        if low is not None and (x < low or (x == low and v.low_open)):
            return False
        if high is not None and (x > high or (x == high and v.high_open)):
            return False
    try:
        return all(holds(c, point) is True for c in claim.conditions)
    except (Undefined, TooLarge):
        return False


def fails_at(claim: Claim, point: Mapping[str, str]) -> bool:
    """Whether the point is admissible and makes some goal false, as far as digits tell.

    Coordinates are texts: rationals, formulas such as ``pi/4``, or ``a..b`` for the point in between where the sides
    of a strict goal are closest. A strict goal fails if its sides agree in all digits.
    """
    formulas = {name: text for name, text in point.items() if not _RATIONAL.fullmatch(text)}
    exact = {name: Fraction(text) for name, text in point.items() if name not in formulas}
    between = next((name for name, text in formulas.items() if ".." in text), None)
    with mpmath.workdps(DIGITS + 4 * max((len(str(abs(int(x)))) for x in exact.values()), default=0)):

        def full(x: mpmath.mpf | None) -> Point:
            values = {name: number(value) for name, value in exact.items()} | ({} if between is None else {between: x})
            for name, text in formulas.items():
                if name != between:
                    values[name] = value_at(parse_claim(f"{text} == 0").goals[0].lhs, values)
            return values

        for goal in claim.goals:
            values = full(
                None if between is None else _closest(goal, full, *map(number, formulas[between].split("..")))
            )
            if admissible(claim, values) and not holds(goal, values):
                return True
    return False


def _closest(goal: Relation, full: Callable[[mpmath.mpf], Point], a: mpmath.mpf, b: mpmath.mpf) -> mpmath.mpf:
    """Where the sides are closest between a and b, if they have one such point."""

    def distance(x: mpmath.mpf) -> mpmath.mpf:
        values = full(x)
        return abs(value_at(goal.lhs, values) - value_at(goal.rhs, values))

    for _ in range(4 * DIGITS):
        third = (b - a) / 3
        a, b = (a, b - third) if distance(a + third) < distance(b - third) else (a + third, b)
    return (a + b) / 2


def violation(claim: Claim, generator: random.Random, tries: int) -> tuple[Point | None, int]:
    """A sampled admissible point where the claim is false or undefined, if one is met; and how many were tried."""
    tried = 0
    with mpmath.workdps(DIGITS):
        for point in points_of(claim, generator, tries):
            tried += 1
            try:
                if any(holds(goal, point) is False for goal in claim.goals):
                    return point, tried
            except TooLarge:
                continue
            except Undefined:
                return point, tried
    return None, tried


def points_of(claim: Claim, generator: random.Random, tries: int) -> Iterator[Point]:
    """Random admissible points; violated or slack side conditions are often moved to equality by a secant step."""
    for _ in range(tries):
        point = {v.name: _draw(v, generator) for v in claim.variables}
        same = generator.random()
        if same < 0.2 and len(point) > 1:
            first = next(iter(point.values()))
            point = dict.fromkeys(point, first)
        elif same < 0.3 and len(point) > 1:
            a, b = generator.sample(list(point), 2)
            point[a] = point[b] + mpmath.mpf(generator.choice([1, -1])) / 10 ** generator.randint(1, 9)
        for relation in claim.conditions:
            _tighten(relation, claim, point, generator)
        if admissible(claim, point):
            yield point


def _draw(v: Variable, generator: random.Random) -> mpmath.mpf:
    low, high = (None if end is None else value_at(end, {}) for end in (v.low, v.high))
    scale = mpmath.mpf(10) ** generator.uniform(-4, 3 if v.integer else 2)
    if low is not None and high is not None:
        t = mpmath.mpf(generator.choice([0, 1, 0.5, generator.random(), generator.random(), 1e-6, 1 - 1e-6]))
        x = low + (high - low) * t
    elif low is not None:
        x = low + generator.choice([0, 1, scale, scale, generator.random() / 3])
    elif high is not None:
        x = high - generator.choice([0, 1, scale, scale])
    else:
        x = generator.choice([0, 1, -1, scale, -scale])
    return mpmath.nint(x) if v.integer else mpmath.mpf(x)


def _tighten(relation: Relation, claim: Claim, point: Point, generator: random.Random) -> None:
    """Moves one variable so that an affine relation is met with equality, or with a little to spare."""
    used = [n for n in names(relation.gap) if not any(v.integer for v in claim.variables if v.name == n)]
    try:
        if not used or (relation.op != "==" and holds(relation, point) and generator.random() < 0.5):
            return
        spare = 0 if relation.op == "==" else generator.choice([0, 0, 1e-9, 0.1, 1])
        alone = [s.args[0] for s in (relation.lhs, relation.rhs) if s.head == "variable" and s.args[0] in used]
        name = generator.choice(alone or used)
        at = value_at(relation.gap, point) - spare
        step = value_at(relation.gap, point | {name: point[name] + 1}) - spare - at
        if step:
            point[name] -= at / step
    except (Undefined, TooLarge):
        return
