"""Derivatives of a formula on boxes, and Newton's method on its gradient: where it seems least (a guide, no proof)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from flint import arb, ctx

from ...symbolic.tree import Expr
from .functions import derivative
from .program import Empty, Program, compile_program
from .ranges import INF, NEG, ONE, ZERO, Range, as_float

STEPS, HALVINGS, NEARLY = 40, 6, 1e-5


class Jet:
    """A formula and its derivatives, compiled when they are asked for.

    >>> from attain.symbolic.expression import parse
    >>> Jet(parse("x**3"), ("x",)).on([Range(ZERO, arb(2))], "x", "x").hi
    12.0000000000000
    """

    def __init__(self, formula: Expr, names: tuple[str, ...]) -> None:
        self.formula, self.names = formula, names
        self._trees: dict[tuple[str, ...], Expr | None] = {(): formula}
        self._programs: dict[tuple[str, ...], Program | None] = {}

    def tree(self, *by: str) -> Expr | None:
        """The derivative by these variables, one after the other; None where a kink or a step is in the way."""
        if by not in self._trees:
            below = self.tree(*by[:-1])
            self._trees[by] = None if below is None else derivative(below, by[-1])
        return self._trees[by]

    def on(self, box: Sequence[Range], *by: str) -> Range | None:
        """The values of a derivative on a box; None if it may be undefined somewhere on it."""
        if by not in self._programs:
            tree = self.tree(*by)
            self._programs[by] = None if tree is None else compile_program(tree, self.names)
        program = self._programs[by]
        if program is None:
            return None
        try:
            result = program(box)
        except Empty:
            return None
        return None if result.cut else result.value

    def near(self, point: Sequence[arb], *by: str) -> arb | None:
        """A number close to the value of a derivative at a point; None if there is none."""
        value = self.on([Range(x, x) for x in point], *by)
        return None if value is None or not value.bounded else ((value.lo + value.hi) / 2).mid()


def newton(jet: Jet, box: Sequence[Range], start: Sequence[arb], bits: int) -> list[arb] | None:
    """A point of the box near which the gradient seems to vanish or to point out of it, to about so many bits.

    Steps follow a Hessian made positive definite, and are halved while the formula grows; None if it gets lost.

    >>> from attain.symbolic.expression import parse
    >>> [x] = newton(Jet(parse("exp(x) - 2*x"), ("x",)), [Range(NEG, INF)], [arb(3)], 128) or []
    >>> abs(x - arb(2).log()) < 1e-15
    True
    """
    with ctx.workprec(bits):
        x = [near.mid() for near in start]
        value, moved = jet.near(x), math.inf
        for _ in range(STEPS):
            gradient = [jet.near(x, name) for name in jet.names]
            if value is None or any(g is None for g in gradient):
                return None
            slopes = [g for g in gradient if g is not None]
            free = [i for i, g in enumerate(slopes) if not _leaves(x[i], g, box[i])]
            rows = [[jet.near(x, *sorted((jet.names[i], jet.names[j]))) for j in free] for i in free]
            if any(h is None for row in rows for h in row):
                return None
            steps = _downhill([[h for h in row if h is not None] for row in rows], [slopes[i] for i in free])
            trial = list(x)
            for i, step in zip(free, steps, strict=True):
                trial[i] = _inside(x[i], step, box[i])
            moved = max((as_float(abs(a - b) / (1 + abs(a))) for a, b in zip(x, trial, strict=True)), default=0.0)
            if moved <= 2.0 ** (16 - bits):
                return trial
            x, value = _shorter(jet, x, trial, value)
    return x if moved < NEARLY else None


def _leaves(x: arb, slope: arb, b: Range) -> bool:
    """Whether descent would leave the box through an end that belongs to it."""
    return bool(x == b.lo and slope > 0 and not b.lo_open) or bool(x == b.hi and slope < 0 and not b.hi_open)


def _inside(x: arb, step: arb, b: Range) -> arb:
    """x + step, at most a few times |x| away and within the box; halfway to an open end."""
    far = 4 * (1 + abs(x))
    step = far if step > far else -far if step < -far else step
    found = (x + step).mid()
    if found <= b.lo and b.lo != NEG:
        return ((x + b.lo) / 2).mid() if b.lo_open else b.lo
    if found >= b.hi and b.hi != INF:
        return ((x + b.hi) / 2).mid() if b.hi_open else b.hi
    return found


def _shorter(jet: Jet, x: list[arb], trial: list[arb], value: arb) -> tuple[list[arb], arb | None]:
    """The trial point, or one between if the formula is clearly larger there."""
    for _ in range(HALVINGS):
        found = jet.near(trial)
        if found is not None and found <= value + arb(2) ** (16 - ctx.prec) * (1 + abs(value)):
            return trial, found
        trial = [((a + b) / 2).mid() for a, b in zip(x, trial, strict=True)]
    return trial, jet.near(trial)


def _downhill(rows: list[list[arb]], slopes: list[arb]) -> list[arb]:
    """−(L·|D|·Lᵀ)⁻¹·slopes for the matrix L·D·Lᵀ, tiny pivots replaced by small ones."""
    n = len(rows)
    a, b = [list(row) for row in rows], [-s for s in slopes]
    largest = max((abs(h) for row in rows for h in row), default=ONE, key=as_float)
    least = largest * arb(2) ** (-ctx.prec // 3) + arb(2) ** -ctx.prec
    pivots: list[arb] = []
    for k in range(n):
        pivot = abs(a[k][k]).mid()
        pivots.append(pivot if pivot > least else least)
        for i in range(k + 1, n):
            factor = (a[i][k] / pivots[k]).mid()
            for j in range(k + 1, n):
                a[i][j] = (a[i][j] - factor * a[k][j]).mid()
            b[i] = (b[i] - factor * b[k]).mid()
            a[i][k] = factor
    found = [ZERO] * n
    for k in reversed(range(n)):
        rest = b[k] / pivots[k]
        for j in range(k + 1, n):
            rest -= a[j][k] * found[j]
        found[k] = rest.mid()
    return found
