"""Where to look for a counterexample: the ends of the domain, simple, far and random numbers of all scales."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import ctx

from ...symbolic.tree import to_fraction
from .language import Variable
from .problem import domain_of
from .ranges import as_float

_FIRST = tuple(
    Fraction(n, 100) for n in (0, 100, -100, 200, -200, 50, -50, 300, -300, 1000, -1000, 10**4, -(10**4), 10, 1)
)
_FAR = tuple(sign * Fraction(10) ** k for k in (3, 6, 9, -6, 12, -9, 18, 30, 60, 100, 300) for sign in (1, -1))
_WHOLE = tuple(Fraction(sign * (2**k + d)) for k in range(1, 41) for d in (-1, 0, 1) for sign in (1, -1))


class Axis(NamedTuple):
    """A variable and the ends of its domain: exact, or floats if they are irrational or infinite."""

    variable: Variable
    low: Fraction | float
    high: Fraction | float

    def contains(self, x: Fraction) -> bool:
        """A check of the domain that is exact but for irrational ends; `feasible` is the certain one."""
        v = self.variable
        if v.integer and x.denominator != 1:
            return False
        return (self.low < x if v.low_open else self.low <= x) and (x < self.high if v.high_open else x <= self.high)

    def ends(self) -> list[Fraction]:
        """The rational ends that belong to the domain."""
        return [x for x in (self.low, self.high) if isinstance(x, Fraction) and self.contains(x)]

    def sample(self, generator: random.Random) -> Fraction:
        """A random number of the domain, over many scales."""
        low, high = as_number(self.low), as_number(self.high)
        for _ in range(20):
            x = _between(low, high, generator) if math.isfinite(high - low) else _beyond(low, high, generator)
            if x is None:
                break
            if self.variable.integer:
                x = float(round(x))
            for value in (Fraction(x).limit_denominator(10**6), Fraction(x)):
                if self.contains(value):
                    return value
        return next(iter(self.ends()), Fraction(0))


def as_number(end: Fraction | float) -> float:
    """An end as a float, infinite beyond their range."""
    try:
        return float(end)
    except OverflowError:
        return math.inf if end > 0 else -math.inf


def float_ends(v: Variable) -> tuple[float, float]:
    """The ends of the domain as floats."""
    with ctx.workprec(64):
        box = domain_of(v)
        return (
            as_float(box.lo) if box.lo.is_finite() else -math.inf,
            as_float(box.hi) if box.hi.is_finite() else math.inf,
        )


def axis(v: Variable) -> Axis:
    """The axis of a variable.

    >>> axis(Variable("x")).contains(Fraction(10) ** 400)
    True
    """
    low, high = float_ends(v)
    exact = [None if end is None else to_fraction(end) for end in (v.low, v.high)]
    return Axis(v, low if exact[0] is None else exact[0], high if exact[1] is None else exact[1])


def _between(low: float, high: float, generator: random.Random) -> float:
    kind, t = generator.random(), generator.random()
    if kind < 0.25:
        t = 10 ** -generator.uniform(0, 6)
    elif kind < 0.5:
        t = 1 - 10 ** -generator.uniform(0, 6)
    return low + (high - low) * t


def _beyond(low: float, high: float, generator: random.Random) -> float | None:
    """A number beyond one finite end, or of either sign; None if no float is."""
    kind = generator.random()
    size = 10 ** generator.uniform(-3, 3)
    if kind >= 0.9:
        size *= 10 ** generator.uniform(0, 9 if kind < 0.98 else 90)
    if math.inf in (low, -high):
        return None
    if math.isfinite(low) or math.isfinite(high):
        return low + size if math.isfinite(low) else high - size
    return -size if generator.random() < 0.5 else size


def points(
    variables: Sequence[Variable], count: int, seed: int = 1, more: Sequence[tuple[str, Fraction]] = ()
) -> Iterator[dict[str, Fraction]]:
    """Candidate points: simple numbers on the diagonal and the axes, the ends, then random ones and far ones.

    ``more`` are further simple values of variables.
    """
    generator = random.Random(seed)
    axes = [axis(v) for v in variables]
    simple = []
    for a in axes:
        mine = [x for name, x in more if name == a.variable.name]
        fitting = [x for x in dict.fromkeys((*a.ends(), *mine, *_FIRST)) if a.contains(x)]
        simple.append(fitting or [a.sample(generator)])
    for k in range(max((len(s) for s in simple), default=1)):
        yield {a.variable.name: s[k % len(s)] for a, s in zip(axes, simple, strict=True)}
    for _ in range(count):
        mixed = generator.random() < 0.5
        yield {
            a.variable.name: generator.choice(s) if mixed and generator.random() < 0.6 else a.sample(generator)
            for a, s in zip(axes, simple, strict=True)
        }
    far = [[x for x in (_WHOLE if a.variable.integer else _FAR) if a.contains(x)] for a in axes]
    for k in range(min((len(f) for f in far), default=0)):
        yield {a.variable.name: f[k] for a, f in zip(axes, far, strict=True)}
