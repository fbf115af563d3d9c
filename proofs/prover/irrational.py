"""Refutation of strict claims at points that no decimal names: constants such as pi/4, and zeros between two decimals.

A constant is guessed from floats and verified exactly: the gap has the normal form 0 there. Otherwise the gap is
factored over its atoms. A factor that is continuous between two rational points and has opposite signs there vanishes
in between (intermediate value theorem), and so does the gap, which refutes ``<``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, pairwise, product
from typing import NamedTuple

from flint import Ordering, ctx, fmpq, fmpq_mpoly_ctx

from ...symbolic.expression import constant
from ...symbolic.tree import Expr, number, postorder
from .algebra import normaliser
from .language import Relation
from .normal import Normaliser, Poly, TooLarge, whole_exponents
from .points import points
from .problem import Clock, Point, Problem, at, constant_sign, feasible
from .program import Empty, compile_program
from .ranges import Range, make
from .refute import Target, descend, minimiser

TERMS, DEGREE, LINES = 40, 24, 3


class Bracket(NamedTuple):
    """Some number strictly between ``low`` and ``high`` at which ``factor``, a formula in that variable, vanishes."""

    low: Fraction
    high: Fraction
    factor: Expr


Witness = Mapping[str, Fraction | Expr | Bracket]


def refute_equality(target: Target, clock: Clock) -> Witness | None:
    """A point where a strict goal is an equality, or None.

    >>> from .language import Variable, parse_claim
    >>> refute_equality(Target((Variable("x"),), (), parse_claim("cos(x) > -1").goals[0]), Clock(10))
    {'x': parse('pi')}
    """
    if target.goal.op != "<":
        return None
    lines = list(_lines(target))
    for fixed, line in lines:
        name = line.variables[0].name
        for x in sorted(minimiser(line, clock), key=lambda x: (round(abs(x), 6), x < 0)):
            near = {name: Fraction(x)}
            if line.seems_feasible(near) and abs(line.value(line.gap, near)) < 1e-9:
                for c in constants(x, 1e-6, 24):
                    if target.false_at({**fixed, name: c}):
                        return {**fixed, name: c}
    return _together(target, clock) or _between(target, lines, clock)


def _lines(target: Target) -> Iterator[tuple[dict[str, Fraction], Target]]:
    """The goal along each real variable, with simple feasible numbers for the others."""
    simple = [p for p in points(target.variables, 40) if target.seems_feasible(p)]
    for v in target.variables:
        for point in islice(simple, 1 if len(target.variables) == 1 else LINES):
            fixed = {name: x for name, x in point.items() if name != v.name}
            conditions = tuple(Relation(at(c.lhs, fixed), c.op, at(c.rhs, fixed)) for c in target.conditions)
            goal = Relation(at(target.goal.lhs, fixed), "<", at(target.goal.rhs, fixed))
            if not v.integer:
                yield fixed, Target((v,), conditions, goal)


def _together(target: Target, clock: Clock) -> Witness | None:
    """Constants for all variables near a point to which descent on the gap leads."""
    starts = [p for p in points(target.variables, 40) if target.seems_feasible(p)]
    for start in islice(starts, LINES) if len(target.variables) > 1 else ():
        if math.isfinite(target.value(target.gap, start)) and all(abs(x) < 10**300 for x in start.values()):
            near = descend(target, start, clock)
            if abs(target.value(target.gap, near)) < 1e-9:
                found = [constants(float(x), 1e-6, 12)[:4] for x in near.values()]
                for values in product(*found):
                    point = dict(zip(near, values, strict=True))
                    if target.false_at(point):
                        return dict(point)
    return None


def constants(x: float, tolerance: float, most: int) -> list[Expr]:
    """Simple constants near a float: fractions with denominators up to ``most``, and what has one as its image.

    >>> [str(c.head) for c in constants(math.sqrt(2), 1e-9, 24)]
    ['sqrt']
    """
    images: list[tuple[float, str]] = [(x, "{}"), (x / math.pi, "{}*pi"), (x / math.e, "{}*e"), (x * math.e, "{}/e")]
    images += [((x - k / 2) ** 2, f"{'' if 2 * x > k else '-'}sqrt({{}})" + (f"+{k}/2" if k else "")) for k in _NEAR]
    if 0 < abs(x) < 20:
        images += [(abs(x) ** 3, "({})**(1/3)" if x > 0 else "-({})**(1/3)"), (math.exp(x), "log({})")]
        images += [(math.log(abs(x)), "exp({})" if x > 0 else "-exp({})"), (math.tan(x), "atan({})")]
        images += [(math.cos(x), "acos({})"), (math.sin(x), "asin({})"), (x * x / math.pi, "sqrt({}*pi)")]
        images += [(math.exp(min(x * x, 700.0)), "sqrt(log({}))" if x > 0 else "-sqrt(log({}))")]
    found: dict[Expr, None] = {}
    for value, text in images:
        near = Fraction(value).limit_denominator(most) if math.isfinite(value) else Fraction(0)
        if abs(near - value) < tolerance * max(1.0, abs(value)) and (near or text == "{}") and abs(near) < 10**6:
            c = number(near) if text == "{}" else constant(_filled(text, near))
            if abs(float_of(c) - x) < 10 * tolerance * max(1.0, abs(x)):
                found[c] = None
    return list(found)


def recognise(x: float) -> list[Expr]:
    """Simple constants near a float, the simpler the farther they may be."""
    near = (constants(x, tolerance, most) for tolerance, most in ((1e-2, 1), (1e-4, 12), (1e-5, 100)))
    return list(dict.fromkeys(c for found in near for c in found))


def _filled(text: str, near: Fraction) -> str:
    """The text with its fraction: ``3*pi/4``, ``pi``, ``-sqrt(2)``."""
    if not text.startswith("{}"):
        return text.format(near)
    top, rest = near.numerator, f"/{near.denominator}" if near.denominator > 1 else ""
    name = text[3:] if text[2] == "*" else "1/e"
    if name == "1/e":
        return f"{top}/{'(' + str(near.denominator) + '*e)' if rest else 'e'}"
    return {1: "", -1: "-"}.get(top, f"{top}*") + name + rest


_NEAR = (0, 1, -1, 2, -2, 3, -3, 4, -4, 6, -6)


def float_of(c: Expr) -> float:
    """A float near a constant formula; NaN where it is undefined or too large."""
    with ctx.workprec(64):
        try:
            return float(compile_program(c, ())(()).value.lo)
        except (Empty, OverflowError):
            return math.nan


def _between(target: Target, lines: list[tuple[dict[str, Fraction], Target]], clock: Clock) -> Witness | None:
    """A zero of a factor along a line, as a constant if it is one, else as a bracket."""
    for fixed, line in lines:
        (v,) = line.variables
        problem = Problem(line.variables, line.conditions, line.goal.gap, ">")
        places = sorted({p[v.name] for p in points(line.variables, 60, 3) if line.seems_feasible(p)})
        for factor, whole in factors(problem):
            program = compile_program(factor, (v.name,))
            signs = [(x, line.value(program, {v.name: x})) for x in places]
            for (a, below), (b, above) in pairwise([item for item in signs if item[1] == item[1]]):
                clock.check()
                if below * above < 0:
                    found = _narrowed(line, factor, a, b)
                    for c in constants(float(found.low), 1e-8, 100):
                        if target.false_at({**fixed, v.name: c}):
                            return {**fixed, v.name: c}
                    others = [w for w in target.variables if w is not v]
                    if feasible(others, (), fixed) and vanishes(problem, found, whole):
                        return {**fixed, v.name: found}
    return None


def _narrowed(line: Target, factor: Expr, a: Fraction, b: Fraction) -> Bracket:
    """Decimals around a change of sign, about nine digits apart from each other."""
    name = line.variables[0].name
    program = compile_program(factor, (name,))
    left = line.value(program, {name: a})
    for _ in range(200):
        middle = (a + b) / 2
        a, b = (middle, b) if line.value(program, {name: middle}) * left > 0 else (a, middle)
        if b - a < Fraction(1, 10**11) * max(abs(a), abs(b)):
            break
    size = max(abs(a), abs(b))
    unit = Fraction(10) ** (math.floor(math.log10(float(size))) - 9) if Fraction(1, 10**200) < size < 10**200 else b - a
    return Bracket(math.floor(a / unit) * unit, math.ceil(b / unit) * unit, factor)


def vanishes(problem: Problem, found: Bracket, whole: Expr) -> bool:
    """Whether a factor of the normal form ``whole`` of a gap certainly has a feasible zero inside a bracket.

    On the bracket the gap, its normal form and the factor must be defined and the conditions must hold.
    """
    (v,) = problem.variables
    ends: list[Point] = [{v.name: found.low}, {v.name: found.high}]
    signs = [constant_sign(at(found.factor, end)) for end in ends]
    if signs not in ([1, -1], [-1, 1]) or not all(feasible(problem.variables, (), end) for end in ends):
        return False
    if any(node.head in ("floor", "ceil") for node in postorder(found.factor)):
        return False
    with ctx.workprec(128):
        ball = [compile_program(number(end), ())(()).value for end in (found.low, found.high)]
        box = [make(ball[0].lo, ball[1].hi)]
        conditions = [(_range(c.gap, v.name, box), c.op) for c in problem.conditions]
        if any(r is None or op == "==" or not (r.nonnegative if op == "<=" else r.positive) for r, op in conditions):
            return False
        return all(_range(formula, v.name, box) is not None for formula in (problem.gap, whole, found.factor))


def _range(formula: Expr, name: str, box: list[Range]) -> Range | None:
    """The values on a box; None if the formula may be undefined somewhere on it."""
    try:
        result = compile_program(formula, (name,))(box)
    except Empty:
        return None
    return None if result.cut else result.value


def factors(problem: Problem) -> list[tuple[Expr, Expr]]:
    """Factors of the numerator of a gap over its atoms, each with the whole normal form; abs(a) counts as a.

    A zero of a factor is one of the gap wherever the gap and its normal form are defined.
    """
    with ctx.workprec(64):
        n = normaliser(problem)
        try:
            form = n.form(problem.gap)
        except TooLarge:
            return []
        scaled, scales = whole_exponents(form.top)
        if not scaled or len(scaled) > TERMS or len(scales) > 5:
            return []
        whole = n.to_expr(form)
        return [(_without_abs(n, p), whole) for p in _factored(n, scaled, scales)]


def _factored(n: Normaliser, p: Poly, scales: dict[int, int]) -> list[Poly]:
    atoms = sorted(scales)
    low = {i: min(int(dict(mono).get(i, 0)) for mono in p) for i in atoms}
    terms = {tuple(int(dict(mono).get(i, 0)) - min(low[i], 0) for i in atoms): c for mono, c in p.items()}
    if max(sum(key) for key in terms) > DEGREE:
        return []
    ring = fmpq_mpoly_ctx.get([f"t{i}" for i in atoms], Ordering.lex)
    whole = ring.from_dict({key: fmpq(c.numerator, c.denominator) for key, c in terms.items()})
    found = []
    for factor, _ in whole.factor()[1]:
        poly: Poly = {}
        for key, c in factor.to_dict().items():
            mono = tuple((i, Fraction(int(e), scales[i])) for i, e in zip(atoms, key, strict=True) if e)
            poly[mono] = Fraction(int(c.p), int(c.q))
        found.append(poly)
    return found


def _without_abs(n: Normaliser, p: Poly) -> Expr:
    expr = n.poly_expr(p)
    return expr.args[0] if expr.head == "abs" else expr
