"""Softmax attention networks as arrays: a product grid that is never expanded, and arbitrary centres.

Letters: N dimension, P_i centres on axis i, G = Π P_i cells, R_i inverse temperature of axis i, h_i spacing,
κ_i = R_i h_i². The network's function is F(x) = Σ_j p_j y_j with p = softmax of the scores
s_j = −½ Σ_i R_i (x_i − v_{j,i})²; the missing ½ Σ R_i x_i² is common to all cells, so these are the weights of one
attention head with queries x and keys v ([MA], Prop. 3.2).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

EXPAND_LIMIT = 2**22


@dataclass(frozen=True, eq=False)
class PointNetwork:
    """Attention over any G centres: ``centres`` (G, N), one ``temperature`` R, ``values`` (G,).

    >>> net = point_network([[0.0], [1.0]], 4.0, [2.0, 3.0])
    >>> net.dim, net.cells
    (1, 2)
    """

    centres: np.ndarray
    temperature: float
    values: np.ndarray

    @property
    def dim(self) -> int:
        return int(self.centres.shape[1])

    @property
    def cells(self) -> int:
        return int(self.centres.shape[0])

    @property
    def oscillation(self) -> float:
        """max y − min y, rounded up."""
        return _oscillation(self.values)

    @property
    def axis_temperature(self) -> tuple[float, ...]:
        return (self.temperature,) * self.dim

    def centre_blocks(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Consecutive cells as (centres (g, N), values (g,)), g ≤ size."""
        for start in range(0, self.cells, size):
            yield self.centres[start : start + size], self.values[start : start + size]


@dataclass(frozen=True, eq=False)
class GridNetwork:
    """Attention over a product grid: N arrays of centres, R_i per axis, ``values`` of shape (P_1, …, P_N).

    Build it with :func:`grid_network`, which checks the fields. Memory is Σ P_i + G numbers.

    >>> net = grid_network([midpoint_grid(0, 1, 4)] * 2, (32.0, 32.0), np.zeros((4, 4)))
    >>> net.dim, net.cells, net.spacing, net.kappa
    (2, 16, (0.25, 0.25), (2.0, 2.0))
    """

    centres: tuple[np.ndarray, ...]
    temperature: tuple[float, ...]
    values: np.ndarray

    @property
    def dim(self) -> int:
        return len(self.centres)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(c) for c in self.centres)

    @property
    def cells(self) -> int:
        return math.prod(self.shape)

    @property
    def spacing(self) -> tuple[float, ...]:
        """Smallest distance of neighbouring centres on each axis (h_i on a uniform grid); inf on an axis with one."""
        return tuple(float(np.diff(c).min()) if len(c) > 1 else math.inf for c in self.centres)

    @property
    def kappa(self) -> tuple[float, ...]:
        """R_i h_i² with h_i = :attr:`spacing`."""
        return tuple(r * h * h for r, h in zip(self.temperature, self.spacing, strict=True))

    @property
    def oscillation(self) -> float:
        """max y − min y, rounded up."""
        return _oscillation(self.values)

    @property
    def axis_temperature(self) -> tuple[float, ...]:
        return self.temperature

    def centre_blocks(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Consecutive cells (last axis fastest) as (centres (g, N), values (g,)), g ≤ size, made block by block."""
        flat = self.values.reshape(-1)
        for start in range(0, self.cells, size):
            index = np.unravel_index(np.arange(start, min(start + size, self.cells)), self.shape)
            centres = np.stack([c[k] for c, k in zip(self.centres, index, strict=True)], axis=1)
            yield centres, flat[start : start + size]

    def expand(self, limit: int = EXPAND_LIMIT) -> PointNetwork:
        """The same network with its G centres written out.

        Raises ``ValueError`` above ``limit`` cells, and where the temperatures of the axes differ.

        >>> grid_network([[0.0, 1.0], [0.0]], (1.0, 1.0), [[5.0], [6.0]]).expand().centres.tolist()
        [[0.0, 0.0], [1.0, 0.0]]
        """
        if self.cells > limit:
            raise ValueError(f"refusing to expand {self.cells} cells (limit {limit}); evaluate the grid itself")
        if len(set(self.temperature)) > 1:
            raise ValueError(f"cannot expand: temperature {self.temperature} differs between axes, one R is needed")
        centres, values = next(self.centre_blocks(self.cells))
        return point_network(centres, self.temperature[0], values)


Network = GridNetwork | PointNetwork


def grid_network(centres: Sequence[ArrayLike], temperature: Sequence[float], values: ArrayLike) -> GridNetwork:
    """A checked :class:`GridNetwork`; the arrays are copied and made read-only.

    Raises ``ValueError`` with one line for wrong shapes, centres that do not increase, and numbers that are not
    finite or not positive where they must be.

    >>> grid_network([[0.0, 0.0]], (1.0,), [1.0, 2.0])
    Traceback (most recent call last):
    ...
    ValueError: centres of axis 0 must increase strictly
    """
    axes = tuple(_finite(c, f"centres of axis {i}", 1) for i, c in enumerate(centres))
    if not axes:
        raise ValueError("a grid needs at least one axis of centres")
    for i, axis in enumerate(axes):
        if len(axis) == 0:
            raise ValueError(f"centres of axis {i} are empty")
        if not bool(np.all(axis[1:] > axis[:-1])):
            raise ValueError(f"centres of axis {i} must increase strictly")
    rates = tuple(float(r) for r in temperature)
    if len(rates) != len(axes):
        raise ValueError(f"temperature needs one number per axis: got {len(rates)} for {len(axes)} axes")
    for i, rate in enumerate(rates):
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"temperature of axis {i} must be finite and positive, got {rate}")
    table = _finite(values, "values", len(axes))
    shape = tuple(len(a) for a in axes)
    if table.shape != shape:
        raise ValueError(f"values must have shape {shape} (one per cell), got {table.shape}")
    return GridNetwork(axes, rates, table)


def point_network(centres: ArrayLike, temperature: float, values: ArrayLike) -> PointNetwork:
    """A checked :class:`PointNetwork`; raises ``ValueError`` as :func:`grid_network` does.

    >>> point_network([[0.0, 1.0]], -1.0, [1.0])
    Traceback (most recent call last):
    ...
    ValueError: temperature must be finite and positive, got -1.0
    """
    points = _finite(centres, "centres", 2)
    if 0 in points.shape:
        raise ValueError(f"centres must have shape (G, N) with G, N >= 1, got {points.shape}")
    rate = float(temperature)
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"temperature must be finite and positive, got {rate}")
    table = _finite(values, "values", 1)
    if table.shape != (len(points),):
        raise ValueError(f"values must have shape ({len(points)},) (one per centre), got {table.shape}")
    return PointNetwork(points, rate, table)


def midpoint_grid(
    lo: int | float | str | Fraction, hi: int | float | str | Fraction, count: int, pad: int = 0
) -> np.ndarray:
    """Cell midpoints lo + (k+½)h, h = (hi−lo)/count, k = −pad … count−1+pad, each correctly rounded to float64.

    A float bound means its exact binary value; write ``"1/10"`` or ``"0.1"`` or a Fraction for a decimal.
    Raises ``ValueError`` unless lo < hi, count ≥ 1, pad ≥ 0.

    >>> midpoint_grid(0, 1, 2, pad=1).tolist()
    [-0.25, 0.25, 0.75, 1.25]
    """
    low, high = Fraction(lo), Fraction(hi)
    if not low < high:
        raise ValueError(f"need lo < hi, got {lo} and {hi}")
    if count < 1 or pad < 0:
        raise ValueError(f"need at least one cell and pad >= 0, got {count} and {pad}")
    half = (high - low) / (2 * count)
    return np.array([float(low + (2 * k + 1) * half) for k in range(-pad, count + pad)])


def _finite(data: ArrayLike, name: str, ndim: int) -> np.ndarray:
    array = np.array(data, dtype=np.float64)
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension{'s' * (ndim > 1)}, got {array.ndim}")
    if not bool(np.isfinite(array).all()):
        raise ValueError(f"{name} must be finite")
    array.setflags(write=False)
    return array


def _oscillation(values: np.ndarray) -> float:
    low, high = float(values.min()), float(values.max())
    return 0.0 if low == high else math.nextafter(high - low, math.inf)
