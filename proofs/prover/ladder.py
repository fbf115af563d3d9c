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
from .algebra import Candidate, Rewritten, analytic, decide, rewrite
from .cover import cover_step, quick
from .definedness import defined, known
from .functions import derivative
from .language import Relation, Variable
from .normal import Normaliser, Poly, TooLarge
from .problem import Clock, Problem, constant_sign, inner_points
from .refute import Target
from .step import Step

DEPTH, BOXES, TERMS = 7, 40, 24


class Rung(NamedTuple):
    """``strict``: g > 0 on the open interval; the step that shows g ≥ 0 (g > 0) there."""

    strict: bool
    step: Step


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
    >>> rung = climb(half_line, number(0), 1, Clock(5))
    >>> rung.strict, [step.rule for step in rung.step.walk()]
    (True, ['rate', 'sturm'])
    """
    clock.check()
    if -1 in sampled(problem, problem.gap):
        return None
    whole = problem.with_gap(problem.gap, ">=")
    name = problem.variables[0].name
    with ctx.workprec(64):
        forms = rewrite(whole)
    candidates = [item.candidate for item in forms]
    weak = _weak(whole, forms, candidates, clock)
    if weak is not None and (weak.strict or not strict):
        return weak
    if depth == 0:
        return weak
    most = 4 if depth == DEPTH else 2 if depth > DEPTH - 3 else 1
    for g in ranked(whole, forms)[:most]:
        rung = _rung(whole, g, name, anchor, side, clock, depth)
        if rung is not None and (rung.strict or weak is None):
            return rung
    return weak


def sampled(problem: Problem, gap: Expr) -> set[int]:
    """The signs that a formula seems to have at some points inside (floats: a guide, never a proof)."""
    target = Target(problem.variables, (), Relation(number(0), "<=", gap))
    name = problem.variables[0].name
    values = [target.value(target.gap, {name: x}) for x in inner_points(problem.variables[0], 9)]
    return {1 if value > 0 else -1 for value in values if abs(value) > 1e-13}


def ranked(problem: Problem, forms: list[Rewritten]) -> list[Candidate]:
    """The gap, its forms and these with isolated functions, the simplest derivative (fewest functions, terms) first."""
    with ctx.workprec(64):
        found = [
            Candidate(problem.gap, "same"),
            *(f.candidate for f in forms),
            *(c for f in forms for c in isolated(f)),
        ]
    weights = {g: _weight(problem, g.expr) for g in {g.expr: g for g in found[::-1]}.values()}
    return sorted((g for g in weights if weights[g] is not None), key=lambda g: weights[g] or (0, 0, 0))


def _weight(problem: Problem, expr: Expr) -> tuple[int, int, int] | None:
    """How many functions but exp, and terms, the numerator of the derivative has; None if it is too large."""
    try:
        rate = derivative(expr, problem.variables[0].name)
        if rate is None:
            return None
        n = Normaliser(problem.signs())
        form = n.form(rate)
    except TooLarge:
        return None
    if len(form.top) + len(form.bottom) > TERMS:
        return None
    used = {i for m in form.top for i, _ in m}
    heads = [n.atoms[i].key[0] for i in used if names(n.atoms[i].expr)]
    return sum(h not in ("var", "exp", "root") for h in heads), len(form.top) + len(form.bottom), len(used)


def isolated(item: Rewritten) -> list[Candidate]:
    """Σ A·f + B divided by the coefficient A of one function f that is no exponential, if A has a sign.

    The derivative of f + B/A is simpler than that of A·f + B if that of f is.
    """
    n = item.normal
    own = [i for i, a in enumerate(n.atoms) if a.key[0] in ("log", "erf", "atan", "asin", "acos") and names(a.expr)]
    parts: dict[int, Poly] = {}
    for mono, c in item.poly.items():
        inside = [i for i, e in mono if i in own]
        if len(inside) > 1 or any(e != 1 for i, e in mono if i in own):
            return []
        parts.setdefault(inside[0] if inside else -1, {})[tuple(x for x in mono if x[0] not in own)] = c
    found = []
    for i, p in parts.items():
        side = 1 if n.sign(p) == 1 else -1
        scale = {m: side * c for m, c in p.items()}
        if i < 0 or set(p) == {()} or n.sign(scale) != 1:
            continue
        try:
            ratios = {
                j: n.to_expr(n.tidy(q, scale)) if not _multiple(q, scale) else number(_multiple(q, scale))
                for j, q in parts.items()
            }
        except TooLarge:
            continue
        terms = [r if j < 0 else Expr("*", (r, n.atoms[j].expr)) for j, r in ratios.items()]
        whole = terms[0]
        for term in terms[1:]:
            whole = Expr("+", (whole, term))
        divisor = Expr("/", (number(1), n.poly_expr(scale)))
        candidate = item.candidate
        found.append(candidate._replace(expr=whole, times=(*candidate.times, divisor)))
    return found


def _multiple(p: Poly, q: Poly) -> Fraction:
    """c if p = c·q, otherwise 0."""
    first = next(iter(q))
    c = p.get(first, Fraction(0)) / q[first]
    return c if c and {m: c * v for m, v in q.items()} == p else Fraction(0)


def _weak(problem: Problem, forms: list[Rewritten], candidates: list[Candidate], clock: Clock) -> Rung | None:
    """The goal without derivatives: as a polynomial, or by a small cover on which all is defined."""
    strict = problem.with_gap(problem.gap, ">")
    for item in forms:
        step = decide(item, strict) if item.poly else None
        if step:
            return Rung(True, step)
        step = decide(item, problem)
        if step:
            return Rung(False, step)
    formulas = [Candidate(problem.gap, "same"), *candidates]
    for version in (strict, problem):
        step = cover_step(version, formulas, BOXES, clock, total=True)
        if step:
            return Rung(version is strict, step)
    return None


def _rung(
    problem: Problem, chosen: Candidate, name: str, anchor: Expr, side: int, clock: Clock, depth: int
) -> Rung | None:
    g = chosen.expr
    try:
        value = constant_sign(substitute(g, {name: anchor}), 512)
        rate = derivative(g, name)
    except TooLarge:
        return None
    if value is None or value < 0 or rate is None:
        return None
    slope = rate if side == 1 else Expr("neg", (rate,))
    more = defined(problem, known(problem.gap, g), lambda p: quick(p, clock), rate)
    if more is None:
        return None
    below = climb(problem.with_gap(slope, ">="), anchor, side, clock, depth - 1, not analytic(g))
    if below is None:
        return None
    strict: bool | Fraction = value > 0 or below.strict
    if not strict and analytic(g):
        found = _nonzero(rate, problem)
        strict = found if found is not None else False
    data = {"candidate": chosen, "anchor": anchor, "side": side, "strict": strict}
    return Rung(strict is not False, Step("rate", problem, data, (below.step, *more)))


def _nonzero(expr: Expr, problem: Problem) -> Fraction | None:
    """A point of the open interval at which the formula is certainly not zero."""
    v = problem.variables[0]
    for x in inner_points(v, 5):
        if between(v, number(x)) and constant_sign(substitute(expr, {v.name: number(x)}), 128) in (1, -1):
            return x
    return None


def touching(problem: Problem, candidates: list[Expr], clock: Clock) -> Step | None:
    """Prove a one-variable goal that is an equality at an end or at one of the candidate points."""
    v = problem.variables[0]
    if len(problem.variables) != 1 or v.integer or problem.conditions or problem.op == "==":
        return None
    for end, side, is_open in ((v.low, 1, v.low_open), (v.high, -1, v.high_open)):
        step = None if end is None else _side(problem, v.low, v.high, end, side, is_open, clock)
        if step:
            return step
    if problem.op == ">":
        return None
    for c in candidates:
        clock.check()
        if not between(v, c) or constant_sign(substitute(problem.gap, {v.name: c}), 256) != 0:
            continue
        right = _side(problem, c, v.high, c, 1, True, clock)
        left = _side(problem, v.low, c, c, -1, True, clock) if right else None
        if right and left:
            return Step("meet", problem, {"point": c}, (right, left))
    return None


def between(v: Variable, c: Expr) -> bool:
    """Whether a number certainly lies strictly between the ends of a variable."""
    below = v.low is None or constant_sign(Expr("-", (c, v.low)), 256) == 1
    return below and (v.high is None or constant_sign(Expr("-", (v.high, c)), 256) == 1)


def _side(
    problem: Problem, low: Expr | None, high: Expr | None, anchor: Expr, side: int, anchor_open: bool, clock: Clock
) -> Step | None:
    """The goal on the interval between low and high that starts at the anchor; the far end belongs to it if closed."""
    v = problem.variables[0]
    if not anchor_open:
        value = constant_sign(substitute(problem.gap, {v.name: anchor}), 512)
        if value is None or value < 0 or (value == 0 and problem.op == ">"):
            return None
    far = high if side == 1 else low
    far_open = far is None or (v.high_open if side == 1 else v.low_open)
    if not far_open and far is not None:
        last = constant_sign(substitute(problem.gap, {v.name: far}), 512)
        if last is None or last < 0 or (last == 0 and problem.op == ">"):
            return None
    for width in (None, Fraction(1), Fraction(1, 8), Fraction(1, 64)):
        clock.check()
        near_end = far if width is None else _shifted(anchor, side * width, far, side)
        if near_end is None and width is not None:
            continue
        near, end = (anchor, near_end) if side == 1 else (near_end, anchor)
        rung = climb(piece(problem, near, end, True, True), anchor, side, clock, DEPTH if width is None else 4)
        if rung is None or (problem.op == ">" and not rung.strict):
            continue
        data = {"anchor": anchor, "side": side, "near": near_end, "far": far}
        if width is None or near_end is None:
            return Step("anchor", problem, data, (rung.step,))
        with ctx.workprec(64):
            if side == 1:
                remaining = piece(problem, near_end, far, False, far_open)
            else:
                remaining = piece(problem, far, near_end, far_open, False)
            forms: list[Rewritten] = rewrite(remaining)
            rest = next((step for step in (decide(item, remaining) for item in forms) if step), None)
        formulas = [Candidate(problem.gap, "same"), *(item.candidate for item in forms)]
        rest = rest or cover_step(remaining, formulas, 1500, clock)
        if rest:
            return Step("anchor", problem, data, (rung.step, rest))
    return None


def _shifted(anchor: Expr, step: Fraction, far: Expr | None, side: int) -> Expr | None:
    """anchor + step if it lies before the far end."""
    start = to_fraction(anchor)
    place = Expr("+", (anchor, number(step))) if start is None else number(start + step)
    if far is not None:
        gap = Expr("-", (far, place) if side == 1 else (place, far))
        if names(gap) or constant_sign(gap, 128) != 1:
            return None
    return place
