"""Bisection of a box, in shares of its sides: middles and half-widths that are exact in floats.

On a box x the value of ψ with slopes d_i is at most ψ(p) + Σ d_i (x_i − p_i) over the axes whose slope has no sign
there, p being the point to which the other slopes lead (`corner`, `beyond`): monotone parts cost nothing.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from flint import arb

from .ball import ZERO, Undecided, span, up

Box = tuple[tuple[float, float], ...]
FINEST = 2.0**-42


class Clock:
    """Raises Undecided when the time is over, and passes on the share of the work that is done."""

    def __init__(self, seconds: float, progress: Callable[[float], None] | None = None) -> None:
        self.end, self.progress = time.monotonic() + seconds, progress or (lambda share: None)

    def tick(self) -> None:
        if time.monotonic() > self.end:
            raise Undecided("out of time; allow more seconds")


def halves(box: Box) -> list[Box]:
    """Both halves along the longest axis."""
    i = max(range(len(box)), key=lambda k: box[k][1])
    c, r = box[i][0], box[i][1] / 2
    if r < FINEST:
        raise Undecided("bisection went too deep: the claim is too tight, or f too rough")
    return [(*box[:i], (c + s * r, r), *box[i + 1 :]) for s in (1, -1)]


def cover(N: int, test: Callable[[Box], bool | None], clock: Clock) -> str:
    """Whether a claim holds on the unit cube, by a test that may leave a box open (None)."""
    stack: list[Box] = [((0.5, 0.5),) * N]
    while stack:
        clock.tick()
        box = stack.pop()
        ok = test(box)
        if ok is False:
            return "refuted"
        if ok is None:
            stack += halves(box)
    return "proved"


def climb(N: int, enclose: Callable[[Box], tuple[arb, arb]], clock: Clock) -> Iterator[tuple[float, float]]:
    """Ever better ends of the sup over the unit cube, from enclosures of the range over a box and at a point of it."""
    heap: list[tuple[float, int, Box]] = []
    best, count = -math.inf, itertools.count()
    fresh: list[Box] = [((0.5, 0.5),) * N]
    while True:
        for box in fresh:
            clock.tick()
            whole, point = enclose(box)
            best = max(best, -up(-point))
            heapq.heappush(heap, (-up(whole), next(count), box))
        yield best, -heap[0][0]
        fresh = halves(heapq.heappop(heap)[2])


def points(low: Sequence[arb], side: Sequence[arb], box: Iterable[tuple[float, float]], grow: float = 0.0) -> list[arb]:
    """The box of shares as balls, each half-width grown by the factor 1 + grow within the domain."""
    ends = [(max(0.0, c - r - grow * r), min(1.0, c + r + grow * r)) for c, r in box]
    at = [(a + s * arb(t), a + s * arb(u)) for a, s, (t, u) in zip(low, side, ends, strict=True)]
    return [a if t == u else span(a, b) for (t, u), (a, b) in zip(ends, at, strict=True)]


def probe(box: Box) -> Box:
    """A tiny box inside, off every diagonal. A kink that is tied there stays open, so what holds on it can refute."""
    return tuple((c + r * 0.4375 / (i + 1), r * 2.0**-20) for i, (c, r) in enumerate(box))


def corner(box: Box, slopes: Sequence[arb]) -> Box:
    """The point to which the signs of the slopes lead, as a box; the middle on an axis whose sign is open."""
    return tuple((c + r if d >= 0 else c - r if d <= 0 else c, 0.0) for (c, r), d in zip(box, slopes, strict=True))


def beyond(slopes: Sequence[arb], x: Sequence[arb], p: Sequence[arb]) -> arb:
    """What ψ can exceed ψ(p) by on the box x, ψ having these slopes and p being their corner."""
    return sum((d * (a - b) for d, a, b in zip(slopes, x, p, strict=True) if not (d >= 0 or d <= 0)), ZERO)
