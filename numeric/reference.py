"""Evaluation at any precision with mpmath, straight from the definition: an observation to compare floats with.

Nothing is shared with the NumPy evaluators: every cell's score is formed from its centre, exponentiated and summed.
mpmath rounds each operation to the working precision, so the digits are trustworthy in practice but not a proof.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

from .network import Network

GUARD_DIGITS = 10
Number = int | float | Fraction


@dataclass(frozen=True)
class ExactGrid:
    """A grid network in exact terms: centres lo_i + (k+½)h_i, h_i = (hi_i − lo_i)/P_i, k = −pad_i … P_i−1+pad_i.

    ``kappa`` is R_i h_i² per axis; ``value`` takes a centre (tuple of mpf) and returns its value.

    >>> grid = ExactGrid((0,), (1,), (2,), (0,), (Fraction(8),), lambda v: v[0])
    >>> grid.centres(0)
    [Fraction(1, 4), Fraction(3, 4)]
    """

    lo: tuple[Number, ...]
    hi: tuple[Number, ...]
    count: tuple[int, ...]
    pad: tuple[int, ...]
    kappa: tuple[Number, ...]
    value: Callable[[tuple[Any, ...]], Any]

    def spacing(self, axis: int) -> Fraction:
        return (Fraction(self.hi[axis]) - Fraction(self.lo[axis])) / self.count[axis]

    def centres(self, axis: int) -> list[Fraction]:
        first, h = Fraction(self.lo[axis]), self.spacing(axis)
        return [first + (2 * k + 1) * h / 2 for k in range(-self.pad[axis], self.count[axis] + self.pad[axis])]


def reference(grid: ExactGrid, point: Sequence[Number], digits: int = 50) -> Any:
    """F(point) for an :class:`ExactGrid` as an mpf; time is proportional to the number of cells.

    >>> grid = ExactGrid((0,), (1,), (2,), (0,), (Fraction(8),), lambda v: v[0])
    >>> print(mpmath.nstr(reference(grid, [Fraction(1, 2)]), 10))
    0.5
    """
    axes = [grid.centres(i) for i in range(len(grid.count))]
    rates = [Fraction(kappa) / grid.spacing(i) ** 2 for i, kappa in enumerate(grid.kappa)]
    with mpmath.workdps(digits + GUARD_DIGITS):
        cells = ((v, grid.value(tuple(_mp(c) for c in v))) for v in itertools.product(*axes))
        return _softmax_mean(cells, rates, point)


def reference_network(network: Network, point: Sequence[Number], digits: int = 50) -> Any:
    """F(point) for the numbers that a network's arrays hold, taken as exact binary fractions.

    >>> from .network import point_network
    >>> print(mpmath.nstr(reference_network(point_network([[0.0], [1.0]], 4.0, [2.0, 3.0]), [0.5]), 10))
    2.5
    """
    centres, values = next(iter(network.centre_blocks(network.cells)))
    with mpmath.workdps(digits + GUARD_DIGITS):
        cells = (([float(c) for c in v], mpmath.mpf(float(y))) for v, y in zip(centres, values, strict=True))
        return _softmax_mean(cells, network.axis_temperature, point)


def _softmax_mean(
    cells: Iterable[tuple[Sequence[Number], Any]], rates: Sequence[Number], point: Sequence[Number]
) -> Any:
    rows, x, r = list(cells), [_mp(c) for c in point], [_mp(c) for c in rates]
    scores = [-sum(ri * (xi - _mp(vi)) ** 2 for ri, xi, vi in zip(r, x, v, strict=True)) / 2 for v, _ in rows]
    top = max(scores)
    weights = [mpmath.exp(s - top) for s in scores]
    return mpmath.fsum(w * y for w, (_, y) in zip(weights, rows, strict=True)) / mpmath.fsum(weights)


def _mp(number: Number) -> Any:
    if isinstance(number, Fraction):
        return mpmath.mpf(number.numerator) / number.denominator
    return mpmath.mpf(float(number)) if not isinstance(number, int) else mpmath.mpf(number)
