"""One variable: cut the interval into pieces, and climb on each from an end, finite or not, by signs of derivatives.

On an open interval where g is differentiable, g' ≥ 0 and a value (or a limit at −∞) ≥ 0 at the lower end give g ≥ 0;
with g' ≤ 0 the upper end decides. The sign of g' is a goal of the same kind, each time at the end that suits it.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from itertools import pairwise

from flint import ctx

from ...symbolic.tree import Expr, number, postorder, substitute
from .algebra import Candidate, analytic, candidates, decide, rewrite
from .cover import cover_step, middle
from .definedness import defined, known
from .functions import derivative
from .ladder import between, piece, ranked, sampled
from .language import Variable
from .limits import at_infinity
from .normal import TooLarge
from .problem import Clock, Problem, constant_sign, domain_of, inner_points
from .step import Step
from .stirling import stirling

PIECES, DEPTH, BOXES, NODES = 12, 4, 30, 120


def pieces(problem: Problem, places: list[Expr], clock: Clock) -> Step | None:
    """A step for a goal in one real variable, cut at the places (numbers inside) and at middles, or None."""
    (v,) = problem.variables
    ends = [v.low, *sorted(places, key=_size), v.high]
    if not all(_good(problem, c) for c in places) or not _closed_ends(problem):
        return None
    waiting = deque((low, high) for low, high in pairwise(ends))
    cuts, parts = list(places), []
    while waiting:
        low, high = waiting.popleft()
        inner = piece(problem, low, high, True, True)
        step = climb(inner, DEPTH, clock)
        if step is not None:
            parts.append(step)
            continue
        cut = _middle(inner)
        if cut is None or len(cuts) >= PIECES or not _good(problem, cut):
            return None
        cuts.append(cut)
        waiting += [(low, cut), (cut, high)]
    return Step("pieces", problem, {"cuts": tuple(cuts)}, tuple(parts))


def _size(place: Expr) -> Fraction:
    with ctx.workprec(64):
        value = domain_of(Variable("x", place, place)).lo
        mantissa, exponent = (int(x) for x in value.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def _good(problem: Problem, place: Expr) -> bool:
    """Whether the goal holds at a number."""
    sign = constant_sign(substitute(problem.gap, {problem.variables[0].name: place}), 512)
    return sign == 1 or (sign == 0 and problem.op == ">=")


def _closed_ends(problem: Problem) -> bool:
    (v,) = problem.variables
    ends = ((v.low, v.low_open), (v.high, v.high_open))
    return all(_good(problem, end) for end, is_open in ends if end is not None and not is_open)


def _middle(problem: Problem) -> Expr | None:
    (v,) = problem.variables
    with ctx.workprec(64):
        mantissa, exponent = (int(x) for x in middle(domain_of(v)).man_exp())
    found = number(Fraction(mantissa) * Fraction(2) ** exponent)
    return found if between(v, found) else None


def climb(problem: Problem, depth: int, clock: Clock) -> Step | None:
    """A step for a goal on an open interval; the gap is defined there.

    >>> from attain.symbolic.expression import parse
    >>> tail = Variable("x", number(1), None, True, True)
    >>> climb(Problem((tail,), (), parse("exp(-x**2) + erf(x) - 1"), ">"), 4, Clock(60)).rule
    'rate'
    """
    clock.check()
    if sum(1 for _ in postorder(problem.gap)) > NODES or -1 in sampled(problem, problem.gap):
        return None
    with ctx.workprec(64):
        forms = rewrite(problem)
        for item in forms:
            step = decide(item, problem)
            if step:
                return step
    chosen = candidates(problem)
    step = cover_step(problem, chosen, BOXES, clock)
    if step is not None or depth == 0:
        return step
    step = stirling(problem, lambda p: climb(p, depth, clock))
    if step is not None:
        return step
    for g in ranked(problem, forms)[:3]:
        step = _rung(problem, g, depth, clock)
        if step is not None:
            return step
    return None


def _rung(problem: Problem, chosen: Candidate, depth: int, clock: Clock) -> Step | None:
    (v,) = problem.variables
    try:
        rate = derivative(chosen.expr, v.name)
    except TooLarge:
        rate = None
    signs = set() if rate is None else sampled(problem, rate)
    if rate is None or len(signs) != 1:
        return None
    side = 1 if 1 in signs else -1
    value = _anchored(chosen.expr, v.name, v.low if side == 1 else v.high, side)
    if value is None or value < 0:
        return None
    more = defined(problem, known(problem.gap, chosen.expr), lambda p: climb(p, 0, clock), rate)
    if more is None:
        return None
    slope = rate if side == 1 else Expr("neg", (rate,))
    strict = problem.op == ">" and value == 0
    below = climb(problem.with_gap(slope, ">" if strict else ">="), depth - 1, clock)
    point: Fraction | bool = bool(value)
    if below is None and strict and analytic(chosen.expr):
        below, found = climb(problem.with_gap(slope, ">="), depth - 1, clock), _certain(rate, v)
        below, point = (below, found) if found is not None else (None, False)
    if below is None:
        return None
    anchor = v.low if side == 1 else v.high
    data = {"candidate": chosen, "anchor": anchor, "side": side, "strict": point or strict}
    return Step("rate", problem, data, (below, *more))


def _anchored(g: Expr, name: str, end: Expr | None, side: int) -> int | None:
    """The sign of a formula at an end of the interval, or of its limit at an infinite one."""
    if end is not None:
        return constant_sign(substitute(g, {name: end}), 512)
    limit = at_infinity(g, name, -side)
    return None if limit is None else limit.sign


def _certain(rate: Expr, v: Variable) -> Fraction | None:
    """A point inside at which a formula is certainly not zero."""
    for x in inner_points(v, 5):
        if between(v, number(x)) and constant_sign(substitute(rate, {v.name: number(x)}), 128) in (1, -1):
            return x
    return None
