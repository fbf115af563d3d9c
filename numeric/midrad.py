"""Midpoint–radius arrays in float64, rigorous under IEEE-754 rounding to nearest.

A pair (m, r) encloses every array X with |X − m| ≤ r entrywise. Radii are inflated by factors that dominate
the rounding of their own computation, so no rounding mode is ever changed. For an inner product of n terms
|fl(Σ a_k b_k) − Σ a_k b_k| ≤ γ_n Σ |a_k||b_k| in any order of summation, with or without fused operations,
γ_n = n u/(1 − n u), u = 2⁻⁵³ (Higham, Accuracy and Stability, §3.1). Where a number overflows, the pair it
belongs to is NaN or has an infinite radius, never a finite wrong one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
UNIT = 2.0**-53
TINY = 1e-290
"""Added to radii: covers underflow, also where it is multiplied by numbers up to 1e30 afterwards."""


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
        return (np.abs(self.mid) + self.rad) * (1 + 4 * UNIT)


def matmul(a: MidRad, b: MidRad) -> MidRad:
    """Enclosure of a @ b over the last two axes.

    |XY − m_a m_b| ≤ |X||Y| − |m_a||m_b| at its largest, taken as one product of magnitudes less another.

    >>> x = MidRad(np.ones((1, 2)), np.zeros((1, 2)))
    >>> bool(matmul(x, MidRad(np.ones((2, 1)), np.full((2, 1), 0.5))).rad[0, 0] >= 1.0)
    True
    """
    n = a.mid.shape[-1]
    least = np.abs(a.mid) @ np.abs(b.mid)
    most = a.magnitude @ b.magnitude
    return MidRad(a.mid @ b.mid, np.maximum(most - least, 0.0) + 8 * (n + 4) * UNIT * most + TINY)


def subtract(a: MidRad, b: MidRad) -> MidRad:
    """Enclosure of a − b.

    >>> one = MidRad(np.ones(1), np.full(1, 0.25))
    >>> bool(subtract(one, one).rad[0] >= 0.5)
    True
    """
    mid = a.mid - b.mid
    return MidRad(mid, (a.rad + b.rad + 2 * UNIT * np.abs(mid)) * (1 + 8 * UNIT) + TINY)
