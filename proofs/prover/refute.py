"""Refutation: find an exact point where the claim is certainly false, then shrink it to short decimals.

Points come from the ends, simple and far numbers, a seeded grid over all scales, zeros of parts of the formulas, edges
of the side conditions, local descent on the gap in floats, Newton's method for violations below their precision, and
boxes of least lower bound (`hunt`). Where no rational point can do, constants and sign changes are tried
(`irrational`). A witness counts only if `relation_at` says so: exactly, or in balls at the exact point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from flint import ctx

from ...symbolic.tree import Expr, children, names, postorder, to_fraction
from .cover import fraction_of
from .kernels import number
from .language import Relation, Variable
from .newton import Jet, newton
from .points import axis, points
from .problem import Clock, Place, at, domain_of, feasible, relation_at, solve
from .program import Empty, Program, compile_program
from .ranges import Range, as_float

PARTS, EDGES, NEAR = 24, 8, 16
TINY, THIN, BITS = 1e-9, 2, 256


class Target:
    """Float values of the gaps of a goal and its conditions at points; infinities where undefined."""

    def __init__(self, variables: tuple[Variable, ...], conditions: tuple[Relation, ...], goal: Relation) -> None:
        names = tuple(v.name for v in variables)
        self.variables, self.conditions, self.goal = variables, conditions, goal
        self.axes = [axis(v) for v in variables]
        self.gap = compile_program(goal.gap, names)
        self.others = [compile_program(c.gap, names) for c in conditions]

    def value(self, program: Program, point: dict[str, Fraction]) -> float:
        """A float value; infinite if the value certainly has that sign and is too large, NaN if undefined."""
        with ctx.workprec(64):
            box = [Range(x.mid(), x.mid()) for x in (number(point[v.name]) for v in self.variables)]
            try:
                result = program(box)
            except Empty:
                return math.nan
            found = result.value
            if result.cut:
                return math.nan
            if not found.bounded:
                return -math.inf if found.negative else math.inf if found.positive else math.nan
            return as_float((found.lo + found.hi) / 2)

    def false_at(self, point: Place) -> bool:
        """Whether the goal is certainly false at a certainly feasible point."""
        return feasible(self.variables, self.conditions, point) and relation_at(self.goal, point) is False

    def seems_feasible(self, point: dict[str, Fraction], slack: float = 1e-12) -> bool:
        """Whether the point lies in the domain and satisfies all conditions in floats."""
        if not all(a.contains(point[a.variable.name]) for a in self.axes):
            return False
        for program, relation in zip(self.others, self.conditions, strict=True):
            value = self.value(program, point)
            if math.isnan(value) or value < -slack or (relation.op == "==" and value > slack):
                return False
        return True


def refute(target: Target, count: int, clock: Clock, seed: int = 1) -> dict[str, Fraction] | None:
    """A rational witness against the goal, or None. For ``==`` any certain difference counts."""
    ranked: list[tuple[float, int, dict[str, Fraction]]] = []
    constants, edges = special(target)
    for k, point in enumerate(_with_edges(points(target.variables, count, seed, constants), edges)):
        clock.check()
        if not target.seems_feasible(point):
            continue
        value = target.value(target.gap, point)
        if math.isnan(value):
            continue
        bad = value < 1e-9 if target.goal.op != "==" else True
        if bad and target.false_at(point):
            return shrink(target, point)
        ranked.append((value, k, point))
    if target.goal.op == "==":
        return None
    lowest: list[dict[str, Fraction]] = []
    for start in _starts(ranked, 6):
        for found in (*to_edges(target, start, clock), descend(target, start, clock)):
            if target.false_at(found):
                return shrink(target, found)
            if abs(target.value(target.gap, found)) < TINY:
                lowest.append(found)
    return thin(target, lowest[:THIN], clock)


def thin(target: Target, starts: Sequence[dict[str, Fraction]], clock: Clock) -> dict[str, Fraction] | None:
    """A violation too small for floats: Newton's method on the gradient, to many bits, from points of tiny gaps.

    >>> from .language import Variable, parse_claim
    >>> goal = parse_claim("exp(x) - 3*x >= 3 - 3*log(3) + 10**(-30)").goals[0]
    >>> thin(Target((Variable("x"),), (), goal), [{"x": Fraction(11, 10)}], Clock(10))
    {'x': Fraction(109861228866811, 100000000000000)}
    """
    if any(a.variable.integer for a in target.axes):
        return None
    jet = Jet(target.goal.gap, tuple(a.variable.name for a in target.axes))
    for start in starts:
        clock.check()
        with ctx.workprec(BITS):
            box = [domain_of(a.variable) for a in target.axes]
            near = newton(jet, box, [number(x).mid() for x in start.values()], BITS)
        found = None if near is None else dict(zip(start, map(fraction_of, near), strict=True))
        if found is not None and target.false_at(found):
            return shrink(target, found)
    return None


def _starts(ranked: list[tuple[float, int, dict[str, Fraction]]], count: int) -> list[dict[str, Fraction]]:
    """The first two points, which are simple, and those with the least gaps, each gap once."""
    usable = [item for item in ranked if all(abs(x) < 10**300 for x in item[2].values())]
    least = {value: point for value, k, point in sorted(usable, key=lambda item: (item[0], -item[1]))}
    return [*(point for _, _, point in usable[:2]), *list(least.values())[: count - 2]]


def special(target: Target) -> tuple[list[tuple[str, Fraction]], list[tuple[str, Expr]]]:
    """Zeros of the conditions and of parts of the formulas, linear in a real variable: numbers, and formulas."""
    sums = [c.gap for c in target.conditions]
    for formula in (target.goal.gap, *sums):
        for node in postorder(formula):
            if node.head in ("min", "max"):
                sums += [Expr("-", (node.args[0], other)) for other in node.args[1:]]
            elif node.head not in ("+", "-", "*", "neg"):
                sums += [child for child in children(node) if names(child)]
    found = [
        (v.name, value)
        for part in list(dict.fromkeys(sums))[:PARTS]
        for v in target.variables
        if not v.integer and (value := solve(part, v.name)) is not None
    ]
    exact = [(name, to_fraction(value)) for name, value in dict.fromkeys(found)]
    constants = [(name, value) for name, value in exact if value is not None]
    return constants, [item for item in dict.fromkeys(found) if to_fraction(item[1]) is None][:EDGES]


def _with_edges(
    found: Iterator[dict[str, Fraction]], edges: Sequence[tuple[str, Expr]]
) -> Iterator[dict[str, Fraction]]:
    """The points, and each moved to the zero of every part that is linear in a variable."""
    for point in found:
        yield point
        for name, value in edges:
            exact = to_fraction(at(value, point))
            if exact is not None:
                yield {**point, name: exact}


def to_edges(target: Target, start: dict[str, Fraction], clock: Clock) -> Iterator[dict[str, Fraction]]:
    """Lower the gap by moving one real coordinate after the other as far as the conditions allow, in two orders."""
    for order in (target.variables, target.variables[::-1]) if target.conditions else ():
        best, least = start, target.value(target.gap, start)
        for v in order:
            for sign in (1, -1) if not v.integer else ():
                trial = pushed(target, best, v.name, sign, clock)
                value = target.value(target.gap, trial)
                if value < least:
                    best, least = trial, value
        yield best


def pushed(target: Target, start: dict[str, Fraction], name: str, sign: int, clock: Clock) -> dict[str, Fraction]:
    """The point with one coordinate moved as far as the conditions allow; as it is if they allow very much."""
    good, step = start[name], Fraction(sign)
    for _ in range(30):
        clock.check()
        if not target.seems_feasible({**start, name: good + step}, 0):
            break
        good, step = good + step, 2 * step
    else:
        return start
    for _ in range(45):
        step /= 2
        if target.seems_feasible({**start, name: good + step}, 0):
            good += step
    return {**start, name: good}


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
                if trial[v.name] == best[v.name] or not target.seems_feasible(trial):
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
        if math.isfinite(value) and abs(point[v.name]) < 10**300:
            found.append((value, float(point[v.name])))
    found.sort()
    result: list[float] = []
    near = [item for item in found if abs(item[1]) <= NEAR]  # a gap may vanish at infinity, too
    for _, x in dict.fromkeys((*found[:3], *near[:2])):
        best = float(descend(target, {v.name: Fraction(x)}, clock)[v.name])
        if not any(abs(best - other) < 1e-6 for other in result):
            result.append(best)
    return result


def shrink(target: Target, point: dict[str, Fraction]) -> dict[str, Fraction]:
    """The same refutation at shorter decimals, one coordinate at a time."""
    best = dict(point)
    for a in 2 * target.axes:
        x = best[a.variable.name]
        options = [Fraction(0), Fraction(1), Fraction(-1)]
        options += [_rounded(x, digits) for digits in (*range(1, 17), *range(18, 61, 3))]
        for option in options:
            if option == x:
                break
            trial = {**best, a.variable.name: option}
            if a.contains(option) and target.false_at(trial):
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
