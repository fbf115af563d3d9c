"""Convex and concave goals: the least value of a convex formula by one plane below it, of a concave one at corners.

- ``plane``: a convex g with a gradient s at p has g(x) ≥ g(p) + Σ sᵢ·(xᵢ − pᵢ), and the right side is least at the
  ends of the box that the signs of s point to. Where s = 0 exactly, p is a global minimum, whatever the dimension and
  however the minimum extends (a diagonal, a ray). With coordinates log xᵢ instead of xᵢ > 0 the goals are posynomials:
  g(x) ≥ g(p) + Σ pᵢ·sᵢ·log(xᵢ/pᵢ).
- ``corners``: a formula that is concave in each of some variables between closed ends, all others fixed, is least at
  their ends.

`curvature` says what is convex; the points p are found in floats, recognised, and checked exactly or in balls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import islice, product

import numpy as np
import numpy.typing as npt
from flint import arb, ctx

from ...symbolic.tree import Expr, names, number, substitute
from .algebra import Candidate, candidates, rewrite
from .atoms import ONE
from .curvature import Calculus, affine_conditions
from .functions import derivative
from .irrational import float_of, recognise
from .language import Variable
from .normal import TooLarge
from .points import as_number, axis, points
from .problem import Clock, Problem, at, constant_sign, relation_at
from .program import Empty, Program, compile_program
from .ranges import Range, as_float
from .step import Step

STARTS, ENOUGH, ROUNDS, PLACES, CORNERS, MOST = 60, 16, 40, 6, 5, 8
NIL, FAR = Range(arb(0), arb(0)), 500.0
Array = npt.NDArray[np.float64]
Prove = Callable[[Problem], Step | None]
Place = Mapping[str, Expr]


def support(problem: Problem, clock: Clock, prove: Prove) -> Step | None:
    """A step for an inequality that is convex or concave, or None; ``prove`` is for its corners."""
    if problem.op == "==" or not problem.variables or len(problem.variables) > MOST:
        return None
    clock.engine = "convexity"
    chosen = candidates(problem)
    with ctx.workprec(64):
        for g, logs in (*((g, ()) for g in chosen), *_posynomials(problem, chosen)):
            clock.check()
            step = _plane(problem, g, logs, clock) if convex(problem, g.expr, logs) else None
            if step is not None:
                return step
        return next((step for g in chosen for step in [_corners(problem, g, clock, prove)] if step), None)


def _posynomials(problem: Problem, chosen: Sequence[Candidate]) -> Iterator[tuple[Candidate, tuple[str, ...]]]:
    """Formulas for logarithmic coordinates of the variables that are > 0; also sums divided by their negative term."""
    positive = tuple(v.name for v, b in zip(problem.variables, problem.box(), strict=True) if b.positive)
    if not positive:
        return
    yield from ((g, positive) for g in chosen)
    for item in rewrite(problem):
        negative = [m for m, c in item.poly.items() if c < 0]
        if len(negative) == 1 and all(item.normal.atoms[i].sign == 1 for i, _ in negative[0]):
            factor = {tuple((i, -e) for i, e in negative[0]): ONE}
            with suppress(TooLarge):
                yield (
                    item._replace(poly=item.normal.times(item.poly, factor), times=(*item.times, factor)).candidate,
                    positive,
                )


def convex(problem: Problem, expr: Expr, logs: tuple[str, ...]) -> bool:
    """Whether a formula is convex on the domain in all variables."""
    return Calculus(problem, problem.names, logs).shape(expr).convex


# --- planes ---


def _plane(problem: Problem, g: Candidate, logs: tuple[str, ...], clock: Clock) -> Step | None:
    rates = {v.name: rate for v in problem.variables if (rate := derivative(g.expr, v.name)) is not None}
    if len(rates) < len(problem.variables):
        return None
    search = _Search(problem, g.expr, logs)
    start = search.start()
    least = None if start is None else search.lowest(start, clock)
    if least is None or search.value(least) < -1e-9:
        return None
    for point in search.places(least, clock):
        clock.check()
        if supported(problem, g.expr, rates, point, logs):
            return Step("plane", problem, {"candidate": g, "point": tuple(point.items()), "logs": logs})
    return None


def supported(problem: Problem, g: Expr, rates: Mapping[str, Expr], point: Place, logs: Sequence[str]) -> bool:
    """Whether the plane at a point shows the goal, for g convex on the domain and at the point.

    The point may lie on open ends; g must be convex with these ends closed, and for real values of integers.
    """
    if not all(relation_at(c, point) for c in (() if logs else affine_conditions(problem))):
        return False
    closed, bound, beyond = [], at(g, point), False
    for v in problem.variables:
        found = _towards(v, rates[v.name], point, v.name in logs)
        if found is None:
            return False
        closed.append(found[0])
        bound = Expr("+", (bound, found[1]))
        beyond = beyond or found[2]
    wider = replace(problem, variables=tuple(closed))
    if wider != problem and not convex(wider, g, tuple(logs)):
        return False
    sign = constant_sign(bound, 512)
    return sign == 1 or (sign == 0 and (problem.op == ">=" or beyond))


def _towards(v: Variable, rate: Expr, point: Place, log: bool) -> tuple[Variable, Expr, bool] | None:
    """The variable with the end of its domain closed at which the point lies; how far the plane falls along it;
    and whether its least value is not reached, because that end is open and the plane not level. None: no bound."""
    p, slope = point[v.name], at(rate, point)
    below = 1 if v.low is None else constant_sign(Expr("-", (p, v.low)), 256)
    above = 1 if v.high is None else constant_sign(Expr("-", (v.high, p)), 256)
    sign = constant_sign(slope, 256)
    if below not in (0, 1) or above not in (0, 1) or sign is None or (log and constant_sign(p, 256) != 1):
        return None
    closed = replace(v, low_open=v.low_open and below == 1, high_open=v.high_open and above == 1, integer=False)
    if sign == 0:
        return closed, number(0), False
    end, is_open, there = (v.low, v.low_open, below == 0) if sign == 1 else (v.high, v.high_open, above == 0)
    if end is None or (log and constant_sign(end, 256) != 1):
        return None
    way = Expr("*", (p, Expr("log", (Expr("/", (end, p)),)))) if log else Expr("-", (end, p))
    return closed, number(0) if there else Expr("*", (slope, way)), is_open


class _Search:
    """A convex formula in floats, in the coordinates x or log x, and its least point: a guide, never a proof."""

    def __init__(self, problem: Problem, g: Expr, logs: tuple[str, ...]) -> None:
        self.problem = problem
        self.program: Program = compile_program(g, problem.names)
        self.conditions = [compile_program(c.gap, problem.names) for c in problem.conditions]
        self.log = np.array([name in logs for name in problem.names])
        ends = [(as_number(a.low), as_number(a.high)) for a in map(axis, problem.variables)]
        self.ends = [
            np.array([_coordinate(end[side], log) for end, log in zip(ends, self.log, strict=True)]) for side in (0, 1)
        ]

    def point(self, z: Array) -> list[float]:
        return [math.exp(min(t, FAR)) if log else float(t) for t, log in zip(z, self.log, strict=True)]

    def at(self, z: Array) -> tuple[float, Array] | None:
        """Value and gradient; None where the formula is undefined or too large, or a condition does not hold."""
        x = self.point(z)
        if not all(map(math.isfinite, x)) or np.abs(z[self.log]).max(initial=0) > FAR:
            return None
        box = [Range(arb(t), arb(t)) for t in x]
        try:
            found = self.program(box, slopes=True)
            if any(condition(box).value.negative for condition in self.conditions):
                return None
        except Empty:
            return None
        slopes = [found.slopes.get(i, NIL) for i in range(len(x))]
        if found.cut or not found.value.bounded or not all(s.bounded for s in slopes):
            return None
        slope = np.array(
            [as_float((s.lo + s.hi) / 2) * (t if log else 1.0) for s, t, log in zip(slopes, x, self.log, strict=True)]
        )
        value = as_float((found.value.lo + found.value.hi) / 2)
        return (value, slope) if math.isfinite(value) and np.isfinite(slope).all() else None

    def value(self, z: Array) -> float:
        found = self.at(z)
        return math.inf if found is None else found[0]

    def start(self) -> Array | None:
        """The best of a few points off the ends, simple ones first: the least value, then the flattest."""
        found: list[tuple[float, float, int, Array]] = []
        for k, point in enumerate(points(self.problem.variables, STARTS, 3)):
            x = [float(point[name]) for name in self.problem.names]
            if max(map(abs, x)) > 1e4 or any(t <= 0 and log for t, log in zip(x, self.log, strict=True)):
                continue
            z = np.array([_coordinate(t, log) for t, log in zip(x, self.log, strict=True)])
            here = self.at(z) if (z > self.ends[0]).all() and (z < self.ends[1]).all() else None
            if len(found) == ENOUGH or k > 2 * STARTS:
                break
            if here is not None:
                found.append((round(here[0], 12), round(float(np.abs(here[1]).max()), 9), k, z))
        return min(found)[3] if found else None

    def lowest(self, z: Array, clock: Clock, fixed: Sequence[int] = ()) -> Array:
        """Newton steps with differences of gradients, kept in the box, from z; some coordinates stay."""
        for _ in range(ROUNDS):
            clock.check()
            found = self.at(z)
            if found is None:
                return z
            value, slope = found
            stuck = ((z <= self.ends[0]) & (slope > 0)) | ((z >= self.ends[1]) & (slope < 0))
            free = [i for i in range(len(z)) if i not in fixed and not stuck[i]]
            if not free or np.abs(slope[free]).max() < 1e-13 * (1 + abs(value)):
                return z
            step = np.zeros(len(z))
            with np.errstate(all="ignore"):
                step[free] = self.newton(z, slope, free)
                trial = self.along(z, step, value)
            if trial is None:
                return z
            z = trial
        return z

    def level(self, z: Array) -> bool:
        """Whether the gradient is nearly 0 but for coordinates at their ends."""
        found = self.at(z)
        inner = (z > self.ends[0]) & (z < self.ends[1])
        return found is not None and bool((np.abs(found[1][inner]) < 1e-6 * (1 + abs(found[0]))).all())

    def newton(self, z: Array, slope: Array, free: list[int]) -> Array:
        rows = []
        for i in free:
            width = 1e-6 * (1 + abs(z[i]))
            near = z.copy()
            near[i] += width if z[i] + width <= self.ends[1][i] else -width
            found = self.at(near)
            rows.append(
                (found[1][free] - slope[free]) / (near[i] - z[i]) if found else np.eye(len(free))[free.index(i)]
            )
        matrix = np.array(rows)
        if not np.isfinite(matrix).all():
            return -slope[free]
        step = -np.linalg.lstsq((matrix + matrix.T) / 2, slope[free], rcond=1e-9)[0]
        return step if step @ slope[free] < 0 else -slope[free]

    def along(self, z: Array, step: Array, value: float) -> Array | None:
        """The first point that is lower, with the step halved again and again."""
        for k in range(40):
            trial = np.clip(z + step * 0.5**k, self.ends[0], self.ends[1])
            if self.value(trial) < value - 1e-16 * abs(value):
                return trial
        return None

    def places(self, z: Array, clock: Clock) -> Iterator[Place]:
        """Exact points near the least one: recognised; moved to simple numbers where that costs nothing; rounded."""
        yield from self.recognised(z)
        moved = z
        kept: list[int] = []
        for i, log in enumerate(self.log if self.level(z) else ()):
            for x in dict.fromkeys((0.0, 1.0, float(round(self.point(moved)[i])), 2.0, 0.5)):
                if (x > 0 or not log) and self.ends[0][i] <= _coordinate(x, log) <= self.ends[1][i]:
                    trial = moved.copy()
                    trial[i] = _coordinate(x, log)
                    trial = self.lowest(trial, clock, [*kept, i])
                    if self.value(trial) <= self.value(z) + 1e-11 * (1 + abs(self.value(z))):
                        moved = trial
                        kept.append(i)
                        break
        if kept:
            yield from self.recognised(moved)
        for digits in (64, 10**4, 10**9):
            near = [number(Fraction(x).limit_denominator(digits)) for x in self.point(z)]
            yield dict(zip(self.problem.names, near, strict=True))

    def recognised(self, z: Array) -> Iterator[Place]:
        """Combinations of simple numbers near the coordinates, and of the ends."""
        options: list[list[Expr]] = []
        for v, x in zip(self.problem.variables, self.point(z), strict=True):
            ends = [e for e in (v.low, v.high) if e is not None and abs(float_of(e) - x) < 1e-7 * (1 + abs(x))]
            near = [c for c in recognise(x) if abs(float_of(c) - x) < 1e-5 * (1 + abs(x))]
            options.append(list(dict.fromkeys([*ends, *near])))
        for chosen in islice(product(*options), PLACES):
            yield dict(zip(self.problem.names, chosen, strict=True))


def _coordinate(x: float, log: bool) -> float:
    return x if not log else -math.inf if x <= 0 else math.log(x)


# --- corners ---


def _corners(problem: Problem, g: Candidate, clock: Clock, prove: Prove) -> Step | None:
    used = {n for c in problem.conditions for n in names(c.gap)}
    chosen = []
    for v in problem.variables:
        good = v.name in names(g.expr) and v.name not in used and not (v.integer or v.low_open or v.high_open)
        good = good and v.low is not None and v.high is not None
        if good and Calculus(problem, (v.name,)).shape(g.expr).concave:
            chosen.append(v)
    if not chosen or len(chosen) > CORNERS:
        return None
    others = tuple(v for v in problem.variables if v not in chosen)
    parts = []
    for corner in product(*((v.low, v.high) for v in chosen)):
        clock.check()
        place = {v.name: end for v, end in zip(chosen, corner, strict=True) if end is not None}
        part = prove(Problem(others, problem.conditions, substitute(g.expr, place), problem.op))
        if part is None:
            return None
        parts.append(part)
    return Step("corners", problem, {"candidate": g, "names": tuple(v.name for v in chosen)}, tuple(parts))
