"""Touching equality in one variable: climb from the point where both sides meet by the signs of derivatives.

On an interval with a finite end c where g is continuous: g(c) ≥ 0 and g' ≥ 0 to the right of c give g ≥ 0 there (g' ≤ 0
to the left). Every derivative may be multiplied by a positive function first, so exponentials and logarithms wear off.
For analytic g the conclusion is strict away from c unless g' vanishes identically. Source: the mean value theorem.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from flint import ctx

from ...symbolic.tree import Expr, names, number, substitute, to_fraction
from .algebra import Rewritten, analytic, decide, rewrite
from .cover import cover
from .functions import derivative
from .language import Variable
from .normal import TooLarge
from .problem import Clock, Problem, constant_range, constant_sign, inner_points
from .ranges import as_float

DEPTH, BOXES = 7, 40


class Rung(NamedTuple):
    """``strict``: g > 0 on the open interval."""

    strict: bool
    steps: int


def piece(problem: Problem, low: Expr | None, high: Expr | None, low_open: bool, high_open: bool) -> Problem:
    """The one-variable problem on another interval."""
    name = problem.variables[0].name
    return Problem((Variable(name, low, high, low_open, high_open),), (), problem.gap, problem.op)


def climb(
    problem: Problem, anchor: Expr, side: int, clock: Clock, depth: int = DEPTH, strict: bool = True
) -> Rung | None:
    """Show gap ≥ 0 on the open interval of the problem, anchored at its end ``anchor`` (side 1: the lower end).

    The value of the gap at the anchor must be defined; it is then continuous there.

    >>> from attain.symbolic.expression import parse
    >>> half_line = Problem((Variable("x", number(0), None, True),), (), parse("x - sin(x)"), ">=")
    >>> climb(half_line, number(0), 1, Clock(5))
    Rung(strict=True, steps=1)
    """
    clock.check()
    whole = problem.with_gap(problem.gap, ">=")
    name = problem.variables[0].name
    with ctx.workprec(64):
        forms = rewrite(whole)
        candidates = [item.expr for item in forms] or [problem.gap]
    weak = _weak(whole, forms, candidates, clock)
    if weak is not None and (weak.strict or not strict):
        return weak
    if depth == 0:
        return weak
    for g in dict.fromkeys([*candidates, problem.gap] if depth == DEPTH else candidates[:1]):
        rung = _rung(whole, g, name, anchor, side, clock, depth)
        if rung is not None and (rung.strict or weak is None):
            return rung
    return weak


def _weak(problem: Problem, forms: list[Rewritten], candidates: list[Expr], clock: Clock) -> Rung | None:
    """The goal without derivatives: as a polynomial, or by a small cover on which all is defined."""
    strict = problem.with_gap(problem.gap, ">")
    for item in forms:
        if item.poly and decide(item, strict):
            return Rung(True, 0)
        if not item.poly or decide(item, problem):
            return Rung(False, 0)
    formulas = [problem.gap, *candidates]
    if cover(strict, formulas, BOXES, clock, total=True).proved:
        return Rung(True, 0)
    return Rung(False, 0) if cover(problem, formulas, BOXES, clock, total=True).proved else None


def _rung(problem: Problem, g: Expr, name: str, anchor: Expr, side: int, clock: Clock, depth: int) -> Rung | None:
    try:
        value = constant_sign(substitute(g, {name: anchor}), 512)
        rate = derivative(g, name)
    except TooLarge:
        return None
    if value is None or value < 0 or rate is None:
        return None
    slope = rate if side == 1 else Expr("neg", (rate,))
    below = climb(problem.with_gap(slope, ">="), anchor, side, clock, depth - 1, not analytic(g))
    if below is None:
        return None
    strict = value > 0 or below.strict or (analytic(g) and _nonzero(rate, problem))
    return Rung(strict, below.steps + 1)


def _nonzero(expr: Expr, problem: Problem) -> bool:
    """Whether the formula is certainly not zero at some point of the open interval."""
    for x in inner_points(problem.variables[0], 5):
        if constant_sign(substitute(expr, {problem.variables[0].name: number(x)}), 128) in (1, -1):
            return True
    return False


_SIMPLE = ("pi", "pi/2", "pi/4", "pi/3", "pi/6", "e", "1/e", "log(2)", "sqrt(2)", "sqrt(2)/2", "sqrt(3)", "log(3)")


def recognise(x: float) -> list[Expr]:
    """Simple numbers near a float: short fractions and a few constants, with both signs."""
    from ...symbolic.expression import constant

    found: list[Expr] = []
    for limit, tolerance in ((1, 1e-2), (12, 1e-4), (100, 1e-5)):
        near = Fraction(x).limit_denominator(limit)
        if abs(float(near) - x) < tolerance * max(1.0, abs(x)) and number(near) not in found:
            found.append(number(near))
    for text in _SIMPLE:
        for expr in (constant(text), constant(f"-({text})")):
            with ctx.workprec(64):
                if abs(as_float(constant_range(expr).lo) - x) < 1e-5:
                    found.append(expr)
    return found


def touching(problem: Problem, candidates: list[Expr], clock: Clock) -> str | None:
    """Prove a one-variable goal that is an equality at an end or at one of the candidate points."""
    v = problem.variables[0]
    if len(problem.variables) != 1 or v.integer or problem.conditions or problem.op == "==":
        return None
    for end, side, is_open in ((v.low, 1, v.low_open), (v.high, -1, v.high_open)):
        if end is not None and _side(problem, v.low, v.high, end, side, is_open, clock):
            return f"derivatives from {'the lower' if side == 1 else 'the upper'} end"
    if problem.op == ">":
        return None
    for c in candidates:
        clock.check()
        if constant_sign(substitute(problem.gap, {v.name: c}), 256) != 0:
            continue
        right = _side(problem, c, v.high, c, 1, True, clock)
        if right and _side(problem, v.low, c, c, -1, True, clock):
            return "derivatives on both sides of the point where both sides meet"
    return None


def _side(
    problem: Problem, low: Expr | None, high: Expr | None, anchor: Expr, side: int, anchor_open: bool, clock: Clock
) -> bool:
    """The goal on the interval between low and high that starts at the anchor; the far end belongs to it if closed."""
    v = problem.variables[0]
    if not anchor_open:
        value = constant_sign(substitute(problem.gap, {v.name: anchor}), 512)
        if value is None or value < 0 or (value == 0 and problem.op == ">"):
            return False
    far = high if side == 1 else low
    far_open = far is None or (v.high_open if side == 1 else v.low_open)
    if not far_open and far is not None:
        last = constant_sign(substitute(problem.gap, {v.name: far}), 512)
        if last is None or last < 0 or (last == 0 and problem.op == ">"):
            return False
    for width in (None, Fraction(1), Fraction(1, 8), Fraction(1, 64)):
        clock.check()
        near_end = far if width is None else _shifted(anchor, side * width, far, side)
        if near_end is None and width is not None:
            continue
        near, end = (anchor, near_end) if side == 1 else (near_end, anchor)
        rung = climb(piece(problem, near, end, True, True), anchor, side, clock, DEPTH if width is None else 4)
        if rung is None or (problem.op == ">" and not rung.strict):
            continue
        if width is None or near_end is None:
            return True
        with ctx.workprec(64):
            if side == 1:
                remaining = piece(problem, near_end, far, False, far_open)
            else:
                remaining = piece(problem, far, near_end, far_open, False)
            forms: list[Rewritten] = rewrite(remaining)
            if any(decide(item, remaining) for item in forms):
                return True
        if cover(remaining, [problem.gap, *(item.expr for item in forms)], 1500, clock).proved:
            return True
    return False


def _shifted(anchor: Expr, step: Fraction, far: Expr | None, side: int) -> Expr | None:
    """anchor + step if it lies before the far end."""
    start = to_fraction(anchor)
    place = Expr("+", (anchor, number(step))) if start is None else number(start + step)
    if far is not None:
        gap = Expr("-", (far, place) if side == 1 else (place, far))
        if names(gap) or constant_sign(gap, 128) != 1:
            return None
    return place
