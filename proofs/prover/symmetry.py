"""Several variables: a goal that keeps its sign when all variables are moved together, with one variable fixed.

- ``shift``: gap(x + t·a) = exp(b·t)·gap(x) for all real t. Every point can be moved to v = 0 where a_v ≠ 0.
- ``scale``: gap(s**a_1·x_1, …) = s**b·gap(x) for all s > 0. Every point can be moved to v = 1, −1 or 0 where a_v ≠ 0.

The gaps of the side conditions behave in the same way, each with its own b, and so the domain is mapped onto itself.
Directions a are guessed from derivatives in floats; the two equations are proved by normal forms. Ours.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ...symbolic.tree import Expr, names, number, substitute, to_fraction
from .algebra import normaliser
from .language import Relation, Variable
from .normal import TooLarge
from .problem import Problem, inner_points, relation_at
from .refute import Target
from .step import Easier

PARAMETER, STEP, FINEST = "moved", Fraction(1, 2**13), 12


class Motion(NamedTuple):
    """``kind``: shift or scale; the weights a of the variables, the b of the gap and then of each condition."""

    kind: str
    weights: tuple[tuple[str, Fraction], ...]
    powers: tuple[Fraction, ...]


def slices(problem: Problem) -> Easier | None:
    """Goals with one variable less that are together equivalent to the goal, if it has a symmetry.

    >>> from attain.symbolic.expression import parse
    >>> half_lines = (Variable("R", number(0), None, True), Variable("D", number(0), None, True))
    >>> found = slices(Problem(half_lines, (), parse("1 - R*D*exp(-R*D)"), ">"))
    >>> found.data["name"], found.data["values"], [p.names for p in found.problems]
    ('R', (1,), [('D',)])
    """
    for kind in ("shift", "scale"):
        movable = [v for v in problem.variables if not v.integer and v.name in names(problem.gap) and _fits(v, kind)]
        fixed = sorted((v for v in movable), key=lambda v: (v.low is None, not v.low_open))
        for motion in _motions(problem, movable, kind) if len(movable) > 1 else ():
            weights = dict(motion.weights)
            v = next((v for v in fixed if weights.get(v.name)), None)
            if v is not None and keeps(problem, motion):
                values = (0,) if kind == "shift" else _values(v)
                data = {"motion": kind, "weights": motion.weights, "powers": motion.powers}
                places = tuple(at_value(problem, v.name, k) for k in values)
                return Easier("slices", {**data, "name": v.name, "values": values}, places)
    return None


def _fits(v: Variable, kind: str) -> bool:
    """Whether the domain of a variable is mapped onto itself."""
    ends = [end for end in (v.low, v.high) if end is not None]
    return not ends if kind == "shift" else all(to_fraction(end) == 0 for end in ends)


def _values(v: Variable) -> tuple[int, ...]:
    zero = (v.low is None or not v.low_open) and (v.high is None or not v.high_open)
    found = ((1,) if v.high is None else ()) + ((-1,) if v.low is None else ())
    return (*found, 0) if zero else found


def at_value(problem: Problem, name: str, value: int) -> Problem:
    """The problem where a variable has a value, without conditions that are numbers and hold."""
    swap = {name: number(value)}
    conditions = tuple(Relation(substitute(c.lhs, swap), c.op, substitute(c.rhs, swap)) for c in problem.conditions)
    left = tuple(c for c in conditions if names(c.gap) or relation_at(c, {}) is not True)
    others = tuple(w for w in problem.variables if w.name != name)
    return Problem(others, left, substitute(problem.gap, swap), problem.op)


def keeps(problem: Problem, motion: Motion) -> bool:
    """Whether the normal forms show that the motion multiplies the gap and the conditions by positive factors."""
    t = Expr("variable", (PARAMETER,))
    if PARAMETER in problem.names:
        return False
    images = {}
    for name, a in motion.weights:
        x = Expr("variable", (name,))
        images[name] = (
            Expr("+", (x, Expr("*", (number(a), t)))) if motion.kind == "shift" else Expr("*", (x, _power(t, a)))
        )
    gaps = (problem.gap, *(c.gap for c in problem.conditions))
    for gap, b in zip(gaps, motion.powers, strict=True):
        factor = Expr("exp", (Expr("*", (number(b), t)),)) if motion.kind == "shift" else _power(t, b)
        n = normaliser(problem)
        n.signs[PARAMETER] = 1 if motion.kind == "scale" else -1
        try:
            if n.form(Expr("-", (substitute(gap, images), Expr("*", (factor, gap))))).top:
                return False
        except TooLarge:
            return False
    return True


def _power(t: Expr, a: Fraction) -> Expr:
    return number(1) if a == 0 else t if a == 1 else Expr("**", (t, number(a)))


def _motions(problem: Problem, movable: list[Variable], kind: str) -> Iterator[Motion]:
    """Directions along which the logarithms of the gaps seem to have constant rates (floats: a guide)."""
    rows = _rates(problem, movable, kind)
    if not len(rows):
        return
    _, sizes, basis = np.linalg.svd(rows)
    rank = int(np.sum(sizes > 1e-6 * sizes[0]))
    for row in _reduced(basis[rank:]):
        found = [Fraction(float(x)).limit_denominator(FINEST) for x in row]
        if any(found[: len(movable)]) and np.abs(row - np.array([float(x) for x in found])).max() < 1e-4:
            named = zip((v.name for v in movable), found, strict=False)
            yield Motion(kind, tuple((name, a) for name, a in named if a), tuple(found[len(movable) :]))


def _rates(problem: Problem, movable: list[Variable], kind: str) -> np.ndarray:
    """Rows (D_1 g, …, D_n g, 0, …, −g, …, 0) at points, g the gap or a condition; D_i = d/dx_i or x_i·d/dx_i."""
    target = Target(problem.variables, problem.conditions, Relation(number(0), "<=", problem.gap))
    programs, generator = [target.gap, *target.others], random.Random(1)
    inner = {v.name: inner_points(v, 11) for v in problem.variables}
    rows: list[list[float]] = []
    for _ in range(2 * (len(movable) + len(programs)) if all(inner.values()) else 0):
        point = {name: generator.choice(xs) for name, xs in inner.items()}
        for k, program in enumerate(programs):
            value = target.value(program, point)
            row = [0.0] * len(movable) + [-value if j == k else 0.0 for j in range(len(programs))]
            for i, v in enumerate(movable):
                x = point[v.name]
                near = [x + side * STEP * (1 if kind == "shift" else x) for side in (1, -1)]
                high, low = (target.value(program, {**point, v.name: y}) for y in near)
                row[i] = (high - low) / float(2 * STEP)
            size = math.hypot(*row)
            if math.isfinite(size) and size > 1e-6:  # less is rounding
                rows.append([x / size for x in row])
    return np.array(rows)


def _reduced(basis: np.ndarray) -> np.ndarray:
    """The reduced row echelon form."""
    found, r = basis.copy(), 0
    for j in range(found.shape[1]):
        if r == len(found):
            break
        k = r + int(np.argmax(np.abs(found[r:, j])))
        if abs(found[k, j]) < 1e-6:
            continue
        found[[r, k]] = found[[k, r]]
        found[r] /= found[r, j]
        for i in range(len(found)):
            if i != r:
                found[i] -= found[i, j] * found[r]
        r += 1
    return found
