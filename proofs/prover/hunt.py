"""Refutation by branch and bound: always split the box with the least lower bound, and try its middle.

Boxes on which the goal certainly holds, or a condition certainly fails, are dropped, so the search contracts onto
what is left: thin spikes, corners between conditions, violations far out.
"""

from __future__ import annotations

import math
from fractions import Fraction
from heapq import heappop, heappush

from flint import ctx

from .cover import Box, Search, fraction_of, middle
from .problem import Clock, Problem
from .program import Empty
from .ranges import as_float
from .refute import Target, shrink


def hunt(target: Target, most: int, clock: Clock) -> dict[str, Fraction] | None:
    """A witness among the middles of at most ``most`` boxes, or None.

    >>> from .language import Variable, parse_claim
    >>> goal = parse_claim("exp(-(10**8*(x - 0.7310585786))**2) <= 0.9").goals[0]
    >>> witness = hunt(Target((Variable("x"),), (), goal), 300, Clock(10))
    >>> abs(witness["x"] - Fraction("0.7310585786")) < Fraction(1, 10**8)
    True
    """
    if target.goal.op == "==" or not target.variables:
        return None
    op = ">=" if target.goal.op == "<=" else ">"
    problem = Problem(target.variables, target.conditions, target.goal.gap, op)
    with ctx.workprec(64):
        search = Search(problem, [problem.gap], False)
        box = tuple(problem.box())
        heap: list[tuple[float, int, Box, tuple[int, ...]]] = [(-math.inf, 0, box, (0,) * len(box))]
        made = 1
        while heap and made < most:
            clock.check()
            _, _, box, counts = heappop(heap)
            leaf, slopes = search.leaf(problem, box)
            i = search.axis(box, counts, slopes) if leaf is None else None
            if leaf is None:
                centre = {v.name: fraction_of(middle(b)) for v, b in zip(target.variables, box, strict=True)}
                if target.seems_feasible(centre) and target.false_at(centre):
                    return shrink(target, centre)
            if i is None:
                continue
            deeper = (*counts[:i], counts[i] + 1, *counts[i + 1 :])
            for part in search.split(i, box[i], middle(box[i])):
                smaller = (*box[:i], part, *box[i + 1 :])
                if not part.lo > part.hi:
                    heappush(heap, (_least(search, smaller), made, smaller, deeper))
                    made += 1
    return None


def _least(search: Search, box: Box) -> float:
    """A lower bound of the gap on the box."""
    try:
        low = search.programs[0](box).value.lo
    except Empty:
        return math.inf
    return as_float(low) if low.is_finite() else -math.inf
