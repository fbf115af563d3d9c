"""Max-affine partitions with any slopes and offsets: cells, margins, covering radius, value reassignment, sizes.

MaxAff(x) = max_j (a_jᵀx + b_j) cuts the box into the cells on which j attains the maximum; where the margin over every
other score is Δ, the weight outside cell j is at most λ/(1 + λ), λ = (G − 1)e^{−RΔ} ([MA] Propositions 3.2 and 3.3).
With a_j = v_j and b_j = −½‖v_j‖² the cells are Voronoi cells. All numbers are exact rationals: in one and two
dimensions the cells are intervals and polygons found by clipping, and the largest distance to a centre is at one of
their corners, since the distance is convex.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Vector = tuple[Fraction, ...]
Box = tuple[tuple[Fraction, Fraction], ...]
LIMIT = 512
"""Cells are found by clipping with every other cell, so their number is bounded."""


@dataclass(frozen=True)
class Partition:
    """Scores a_jᵀx + b_j, j = 1 … G, on the box Π [lower_i, upper_i] of R^N.

    >>> p = voronoi([(Fraction(1, 4),), (Fraction(3, 4),)], ((Fraction(0), Fraction(1)),))
    >>> p.cell((Fraction(1, 3),)), p.margin((Fraction(1, 3),))
    (0, Fraction(1, 12))
    """

    slopes: tuple[Vector, ...]
    offsets: Vector
    box: Box

    def __post_init__(self) -> None:
        if not self.slopes or len(self.slopes) != len(self.offsets):
            raise ValueError("a partition needs as many slopes as offsets, at least one of each")
        if any(len(a) != self.dim for a in self.slopes) or any(low >= high for low, high in self.box):
            raise ValueError("every slope needs one entry for each axis of a box that is not empty")

    @property
    def dim(self) -> int:
        """N."""
        return len(self.box)

    def scores(self, x: Vector) -> Vector:
        """a_jᵀx + b_j for every j."""
        return tuple(_dot(a, x) + b for a, b in zip(self.slopes, self.offsets, strict=True))

    def cell(self, x: Vector) -> int:
        """The first j with the largest score at x."""
        found = self.scores(x)
        return found.index(max(found))

    def margin(self, x: Vector) -> Fraction:
        """The largest score at x minus the second largest (0 on the boundary between cells)."""
        if len(self.slopes) == 1:
            raise ValueError("a partition with one cell has no margin")
        second, first = sorted(self.scores(x))[-2:]
        return first - second

    def corners(self, j: int, margin: Fraction = Fraction(0)) -> tuple[Vector, ...]:
        """Where score j leads every other by at least `margin`: its corners, in order; () if there is no such point.

        N = 1 gives the ends of an interval, N = 2 the corners of a polygon counterclockwise. Raises ValueError for
        N > 2 and for more than `LIMIT` cells.
        """
        if self.dim > 2 or len(self.slopes) > LIMIT:
            raise ValueError(f"cells are found for one or two dimensions and at most {LIMIT} of them")
        shape = _corners_of_box(self.box)
        for k, (a, b) in enumerate(zip(self.slopes, self.offsets, strict=True)):
            if k != j:
                normal = tuple(p - q for p, q in zip(self.slopes[j], a, strict=True))
                shape = _clipped(shape, normal, self.offsets[j] - b - margin)
        return tuple(dict.fromkeys(shape))


def voronoi(centres: Sequence[Vector], box: Box) -> Partition:
    """Slopes v_j and offsets −½‖v_j‖²: the cell of j is where v_j is the nearest centre."""
    points = tuple(tuple(v) for v in centres)
    return Partition(points, tuple(-_dot(v, v) / 2 for v in points), box)


def area(corners: Sequence[Vector]) -> Fraction:
    """Length of an interval or area of a polygon; 0 for the empty one.

    >>> area([(Fraction(0), Fraction(0)), (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))])
    Fraction(1, 2)
    """
    if len(corners) < 2:
        return Fraction(0)
    if len(corners[0]) == 1:
        return abs(corners[1][0] - corners[0][0])
    around = zip(corners, (*corners[1:], corners[0]), strict=True)
    return abs(sum((p[0] * q[1] - q[0] * p[1] for p, q in around), Fraction(0))) / 2


def covering_radius_squared(centres: Sequence[Vector], box: Box) -> tuple[Fraction, Vector]:
    """ρ², the largest squared distance of a point of the box to its nearest centre, exactly, and such a point (N ≤ 2).

    >>> covering_radius_squared([(Fraction(1, 4),), (Fraction(3, 4),)], ((Fraction(0), Fraction(1)),))
    (Fraction(1, 16), (Fraction(0, 1),))
    """
    cells = voronoi(centres, box)
    found = [(_square(x, v), x) for j, v in enumerate(cells.slopes) for x in cells.corners(j)]
    return max(found, key=lambda item: item[0])


def reassignment_spread(values: Sequence[Fraction], j: int) -> Fraction:
    """max_k |y_k − y_j|: where j leads by Δ, |Σ p_k y_k − y_j| ≤ leak · this ([MA] Proposition 3.3)."""
    return max(abs(y - values[j]) for y in values)


def _dot(a: Vector, b: Vector) -> Fraction:
    return sum((p * q for p, q in zip(a, b, strict=True)), Fraction(0))


def _square(x: Vector, v: Vector) -> Fraction:
    return sum(((p - q) ** 2 for p, q in zip(x, v, strict=True)), Fraction(0))


def _corners_of_box(box: Box) -> list[Vector]:
    if len(box) == 1:
        return [(box[0][0],), (box[0][1],)]
    (a, b), (c, d) = box
    return [(a, c), (b, c), (b, d), (a, d)]


def _clipped(shape: list[Vector], normal: Vector, offset: Fraction) -> list[Vector]:
    """The part of a convex shape where normal·x + offset ≥ 0 (Sutherland and Hodgman)."""
    heights = [_dot(normal, x) + offset for x in shape]
    if all(h >= 0 for h in heights):
        return shape
    kept: list[Vector] = []
    edges = range(len(shape)) if len(shape) > 2 else range(len(shape) - 1)
    for i in edges:
        k = (i + 1) % len(shape)
        p, q, s, t = shape[i], shape[k], heights[i], heights[k]
        if s >= 0:
            kept.append(p)
        if s * t < 0:
            share = s / (s - t)
            kept.append(tuple(a + share * (b - a) for a, b in zip(p, q, strict=True)))
        if t >= 0 and len(shape) == 2:
            kept.append(q)
    return kept
