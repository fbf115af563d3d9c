"""Midpoint–radius arrays in float64, rigorous under IEEE-754 rounding to nearest.

A pair (m, r) encloses every array X with |X − m| ≤ r entrywise. Radii are inflated by factors that dominate
the rounding of their own computation, so no rounding mode is ever changed. For an inner product of n terms
|fl(Σ a_k b_k) − Σ a_k b_k| ≤ γ_n Σ |a_k||b_k| in any order of summation, with or without fused operations,
γ_n = n u/(1 − n u), u = 2⁻⁵³ (Higham, Accuracy and Stability, §3.1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
UNIT = 2.0**-53
TINY = 1e-290
"""Added to radii: covers underflow in any product that occurs here."""


class MidRad(NamedTuple):
    """Midpoints and radii of the same shape."""

    mid: Array
    rad: Array

    def at(self, *index: object) -> MidRad:
        """The same indexing applied to both."""
        return MidRad(self.mid[index], self.rad[index])  # type: ignore[index]

    @property
    def magnitude(self) -> Array:
        """An upper bound of |X|."""
        return (np.abs(self.mid) + self.rad) * (1 + 2 * UNIT)


def matmul(a: MidRad, b: MidRad) -> MidRad:
    """Enclosure of a @ b over the last two axes.

    >>> x = MidRad(np.ones((1, 2)), np.zeros((1, 2)))
    >>> matmul(x, MidRad(np.ones((2, 1)), np.full((2, 1), 0.5))).rad[0, 0] >= 1.0
    True
    """
    n = a.mid.shape[-1]
    size = np.abs(a.mid) @ np.abs(b.mid)
    spread = a.rad @ b.magnitude + np.abs(a.mid) @ b.rad
    slack = 1 + 8 * (n + 4) * UNIT
    return MidRad(a.mid @ b.mid, (spread + (n + 4) * UNIT * size) * slack + TINY)


def subtract(a: MidRad, b: MidRad) -> MidRad:
    """Enclosure of a − b."""
    mid = a.mid - b.mid
    return MidRad(mid, (a.rad + b.rad + 2 * UNIT * np.abs(mid)) * (1 + 8 * UNIT) + TINY)


def scale(a: MidRad, factor: MidRad) -> MidRad:
    """Enclosure of the entrywise product."""
    mid = a.mid * factor.mid
    rad = a.rad * factor.magnitude + np.abs(a.mid) * factor.rad + 2 * UNIT * np.abs(mid)
    return MidRad(mid, rad * (1 + 16 * UNIT) + TINY)
