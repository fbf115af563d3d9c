"""The covering radius of a point set over a box, enclosed: branch and bound in float64 with outward rounding.

Over a box with middle c and half sides w, the largest distance to v is ‖|c − v| + w‖₂, so ρ ≤ max over a cover of the
boxes of min_j ‖|c − v_j| + w‖₂; and ρ ≥ min_j ‖c − v_j‖₂ at every middle.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

ULP = 2.0**-52
BLOCK = 2**22


@dataclass(frozen=True)
class CoveringRadius:
    """lower ≤ ρ ≤ upper; `boxes` were bounded."""

    lower: float
    upper: float
    boxes: int


def covering_radius(
    centres: Sequence[Sequence[Fraction]],
    box: Sequence[tuple[Fraction, Fraction]],
    gap: float = 1e-2,
    most: int = 200_000,
) -> CoveringRadius:
    """Enclose ρ = max_{x in the box} min_j ‖x − v_j‖₂ to the relative `gap`, or with `most` boxes.

    Each of the few operations on a coordinate errs by at most one unit of the scale times 2⁻⁵²; half sides are
    enlarged by eight of them and the norm by N + 8 relative ones, which covers all of them.

    >>> found = covering_radius([[Fraction(1, 4)], [Fraction(3, 4)]], [(Fraction(0), Fraction(1))])
    >>> found.lower <= 0.25 <= found.upper < 0.26
    True
    """
    v = np.array([[float(a) for a in row] for row in centres])
    low, high = (np.array([float(side[i]) for side in box]) for i in (0, 1))
    slack = 8 * ULP * max(1e-300, float(np.abs(v).max()), float(np.abs(low).max()), float(np.abs(high).max()))
    widen = 1 + (len(box) + 8) * ULP
    middle, half = (low + high)[None, :] / 2, (high - low)[None, :] / 2
    best, boxes, settled = 0.0, 0, 0.0
    while True:
        near, far = _distances(middle, half + slack, v)
        near, far = near / widen - math.sqrt(len(box)) * slack, far * widen
        boxes += len(middle)
        best = max(best, float(near.max()))
        open_ = far > max(best * (1 + gap), settled)
        settled = max(settled, float(far[~open_].max(initial=0.0)))
        if not open_.any() or boxes + 2 * int(open_.sum()) > most:
            top = max(settled, float(far[open_].max(initial=0.0)))
            return CoveringRadius(max(0.0, best), top, boxes)
        middle, half = _halved(middle[open_], half[open_])


def _distances(middle: np.ndarray, half: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """min_j ‖c − v_j‖ and min_j ‖|c − v_j| + w‖ for every box."""
    size = max(1, BLOCK // v.size)
    parts = []
    for start in range(0, len(middle), size):
        offset = np.abs(middle[start : start + size, None, :] - v[None, :, :])
        outer = offset + half[start : start + size, None, :]
        parts.append((np.sqrt((offset**2).sum(-1).min(1)), np.sqrt((outer**2).sum(-1).min(1))))
    return np.concatenate([near for near, _ in parts]), np.concatenate([far for _, far in parts])


def _halved(middle: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every box cut in two across its longest side."""
    rows, axis = np.arange(len(middle)), half.argmax(1)
    width = half.copy()
    width[rows, axis] /= 2
    left, right = middle.copy(), middle.copy()
    left[rows, axis] -= width[rows, axis]
    right[rows, axis] += width[rows, axis]
    return np.concatenate([left, right]), np.concatenate([width, width])
