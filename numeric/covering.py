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
FAR = Fraction(10**100)
"""Centres further away than this many units are nobody's nearest; they may as well be nearer."""


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

    Coordinates are taken, exactly, from the lower corner of the box and in units of its longest side or of the way to
    the nearest centre. From there each operation on a coordinate below 2 errs by at most 2⁻⁵²; half sides are enlarged
    by 64 of these, for more halvings of an axis than are made, and distances by N + 8 relative ones, which covers
    centres further away. Raises ValueError where ρ is too large for a float.

    >>> found = covering_radius([[Fraction(1, 4)], [Fraction(3, 4)]], [(Fraction(0), Fraction(1))])
    >>> found.lower <= 0.25 <= found.upper < 0.26
    True
    """
    corner = [low for low, _ in box]
    away = [[a - o for a, o in zip(row, corner, strict=True)] for row in centres]
    unit = max([end - low for low, end in box] + [min(max(abs(a) for a in row) for row in away)])
    v = np.array([[float(max(-FAR, min(FAR, a / unit))) for a in row] for row in away])
    high = np.array([float((end - low) / unit) for low, end in box])
    slack = 64 * ULP
    widen = 1 + (len(box) + 8) * ULP
    middle, half = high[None, :] / 2, high[None, :] / 2
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
            return CoveringRadius(_scaled(best, unit, -math.inf), _scaled(top, unit, math.inf), boxes)
        middle, half = _halved(middle[open_], half[open_])


def _scaled(x: float, unit: Fraction, towards: float) -> float:
    """x·unit ≥ 0, rounded outward."""
    try:
        return max(0.0, math.nextafter(float(Fraction(x) * unit), towards))
    except OverflowError:
        raise ValueError("the covering radius is too large for a float") from None


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
