"""Refutation: find an exact point where the claim is certainly false, then shrink it to short decimals.

Points come from the ends, a seeded grid over all scales, local descent on the gap in floats, and integers by doubling.
A witness counts only if `relation_at` says so: exactly, or in balls at the exact rational point.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction

from flint import ctx

from ...symbolic.tree import to_fraction
from .language import Relation, Variable
from .problem import Clock, Point, at, feasible, relation_at, solve
from .program import Empty, Program, compile_program
from .ranges import Range, as_float

Floats = tuple[float, ...]
_FIRST = tuple(
    Fraction(n, 100) for n in (0, 100, -100, 200, -200, 50, -50, 300, -300, 1000, -1000, 10**4, -(10**4), 10, 1)
)


class Target:
    """Float values of the gaps of a goal and its conditions at points; infinities where undefined."""

    def __init__(self, variables: tuple[Variable, ...], conditions: tuple[Relation, ...], goal: Relation) -> None:
        names = tuple(v.name for v in variables)
        self.variables, self.conditions, self.goal = variables, conditions, goal
        self.gap = compile_program(goal.gap, names)
        self.others = [compile_program(c.gap, names) for c in conditions]

    def value(self, program: Program, point: Point) -> float:
        from .program import number

        with ctx.workprec(64):
            box = [Range(x.mid(), x.mid()) for x in (number(point[v.name]) for v in self.variables)]
            try:
                result = program(box)
            except Empty:
                return math.nan
        if result.cut or not result.value.bounded:
            return math.nan
        return as_float(result.value.lo + result.value.hi) / 2

    def false_at(self, point: Point) -> bool:
        """Whether the goal is certainly false at a certainly feasible point."""
        return feasible(self.variables, self.conditions, point) and relation_at(self.goal, point) is False


def ends(v: Variable) -> list[Fraction]:
    """The rational ends that belong to the domain of a variable."""
    low = None if v.low is None or v.low_open else to_fraction(v.low)
    high = None if v.high is None or v.high_open else to_fraction(v.high)
    return [x for x in (low, high) if x is not None]


def float_ends(v: Variable) -> tuple[float, float]:
    """The ends of the domain as floats."""
    from .problem import domain_of

    with ctx.workprec(64):
        box = domain_of(v)
        return (
            as_float(box.lo) if box.lo.is_finite() else -math.inf,
            as_float(box.hi) if box.hi.is_finite() else math.inf,
        )


def sample(v: Variable, generator: random.Random) -> Fraction:
    """A random rational of the domain, over many scales."""
    low, high = float_ends(v)
    for _ in range(20):
        kind = generator.random()
        if math.isfinite(low) and math.isfinite(high):
            t = generator.random()
            if kind < 0.25:
                t = 10 ** -generator.uniform(0, 6)
            elif kind < 0.5:
                t = 1 - 10 ** -generator.uniform(0, 6)
            x = low + (high - low) * t
        else:
            size = 10 ** generator.uniform(-3, 3) * (
                1 if kind < 0.9 else 10 ** generator.uniform(0, 9 if kind < 0.98 else 90)
            )
            if math.inf in (low, -high):
                break
            x = low + size if math.isfinite(low) else high - size if math.isfinite(high) else size
            x = -x if math.isinf(low) and math.isinf(high) and generator.random() < 0.5 else x
        value = Fraction(round(x)) if v.integer else Fraction(x).limit_denominator(10**6)
        if inside(v, value):
            return value
    return next(iter(ends(v)), Fraction(0))


def inside(v: Variable, x: Fraction) -> bool:
    """A float check of the domain; `feasible` is the certain one."""
    low, high = float_ends(v)
    if v.integer and x.denominator != 1:
        return False
    return (low < x if v.low_open else low <= x) and (x < high if v.high_open else x <= high)


def points(variables: tuple[Variable, ...], count: int, seed: int = 1) -> Iterator[dict[str, Fraction]]:
    """Candidate points: simple numbers on the diagonal and the axes, the ends, then random ones."""
    generator = random.Random(seed)
    simple = []
    for v in variables:
        fitting = [x for x in (*ends(v), *_FIRST) if inside(v, x)]
        simple.append(fitting or [sample(v, generator)])
    for k in range(max((len(s) for s in simple), default=1)):
        yield {v.name: s[k % len(s)] for v, s in zip(variables, simple, strict=True)}
    for _ in range(count):
        mixed = generator.random() < 0.5
        yield {
            v.name: generator.choice(s) if mixed and generator.random() < 0.6 else sample(v, generator)
            for v, s in zip(variables, simple, strict=True)
        }


def refute(target: Target, count: int, clock: Clock, seed: int = 1) -> dict[str, Fraction] | None:
    """A witness against the goal, or None. For ``==`` any certain difference counts."""
    ranked: list[tuple[float, int, dict[str, Fraction]]] = []
    for k, point in enumerate(_with_edges(target, points(target.variables, count, seed))):
        clock.check()
        if not _seems_feasible(target, point):
            continue
        value = target.value(target.gap, point)
        if math.isnan(value):
            continue
        bad = value < 1e-9 if target.goal.op != "==" else True
        if bad and target.false_at(point):
            return shrink(target, point, clock)
        ranked.append((value, k, point))
    ranked.sort(key=lambda item: (item[0], item[1]))
    for _, _, start in ranked[:6] if target.goal.op != "==" else ():
        found = descend(target, start, clock)
        if target.false_at(found):
            return shrink(target, found, clock)
    return None


def _with_edges(target: Target, found: Iterator[dict[str, Fraction]]) -> Iterator[dict[str, Fraction]]:
    """The points, and each moved onto the edge of every condition that is linear in a real variable."""
    edges = []
    for condition in target.conditions:
        for v in target.variables:
            value = None if v.integer else solve(condition.gap, v.name)
            if value is not None:
                edges.append((v.name, value))
    for point in found:
        yield point
        for name, value in edges[:8]:
            exact = to_fraction(at(value, point))
            if exact is not None:
                yield {**point, name: exact}


def _seems_feasible(target: Target, point: Point) -> bool:
    for program, relation in zip(target.others, target.conditions, strict=True):
        value = target.value(program, point)
        if math.isnan(value) or value < -1e-12 or (relation.op == "==" and value > 1e-12):
            return False
    return True


def descend(target: Target, start: dict[str, Fraction], clock: Clock, rounds: int = 60) -> dict[str, Fraction]:
    """Pattern search that lowers the gap, coordinate by coordinate, with growing and shrinking steps."""
    best, least = dict(start), target.value(target.gap, start)
    steps = {v.name: max(abs(float(start[v.name])) / 8, 0.125) for v in target.variables}
    for _ in range(rounds):
        clock.check()
        moved = False
        for v in target.variables:
            for sign in (1, -1):
                x = Fraction(float(best[v.name]) + sign * steps[v.name])
                trial = {**best, v.name: Fraction(round(x)) if v.integer else x}
                if trial[v.name] == best[v.name] or not inside(v, trial[v.name]) or not _seems_feasible(target, trial):
                    continue
                value = target.value(target.gap, trial)
                if value < least:
                    best, least, moved = trial, value, True
                    steps[v.name] *= 2
                    break
            else:
                steps[v.name] /= 2
        if not moved and all(step < 1e-13 * max(1.0, abs(float(best[n]))) for n, step in steps.items()):
            break
    return best


def minimiser(target: Target, clock: Clock) -> list[float]:
    """Where a one-variable gap seems smallest: best of a scan, refined."""
    (v,) = target.variables
    found: list[tuple[float, float]] = []
    for point in points(target.variables, 60, 7):
        value = target.value(target.gap, point)
        if not math.isnan(value):
            found.append((value, float(point[v.name])))
    found.sort()
    result: list[float] = []
    for _, x in found[:3]:
        best = float(descend(target, {v.name: Fraction(x)}, clock)[v.name])
        if not any(abs(best - other) < 1e-6 for other in result):
            result.append(best)
    return result


def shrink(target: Target, point: dict[str, Fraction], clock: Clock) -> dict[str, Fraction]:
    """The same refutation at shorter decimals, one coordinate at a time."""
    best = dict(point)
    for v in target.variables:
        x = best[v.name]
        options = [Fraction(0), Fraction(1), Fraction(-1)]
        options += [_rounded(x, digits) for digits in range(1, 17)]
        for option in options:
            if option == x:
                break
            trial = {**best, v.name: option}
            if inside(v, option) and target.false_at(trial):
                best = trial
                break
    return best


def _rounded(x: Fraction, digits: int) -> Fraction:
    """x to so many significant digits."""
    if x == 0:
        return x
    exponent = math.floor(math.log10(abs(float(x)))) if abs(x) < Fraction(10) ** 300 else 300
    scale = Fraction(10) ** (digits - 1 - exponent)
    return Fraction(round(x * scale)) / scale
