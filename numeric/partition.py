"""The attention head of any max-affine partition, with one more coordinate in place of the offsets.

a_jᵀx + b_j = c + ½‖x‖² − ½‖(x, 0) − (a_j, t_j)‖² for t_j² = 2 max_k (b_k + ½‖a_k‖²) − 2(b_j + ½‖a_j‖²) ≥ 0, and what
does not depend on j leaves the softmax unchanged. For Voronoi cells t = 0 and no coordinate is added. Source: ours
(power diagrams are Voronoi diagrams one dimension up: F. Aurenhammer, 1987).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..symbolic.partition import Partition
from .network import PointNetwork, point_network


def partition_network(partition: Partition, R: float, values: Sequence[Fraction]) -> PointNetwork:
    """Σ_j softmax(R(a_jᵀx + b_j)) y_j as a network with centres (a_j, t_j).

    >>> p = Partition(((Fraction(1),), (Fraction(-1),)), (Fraction(0), Fraction(1)), ((Fraction(-1), Fraction(1)),))
    >>> partition_network(p, 4.0, [Fraction(0), Fraction(1)]).centres.tolist()
    [[1.0, 1.4142135623730951], [-1.0, 0.0]]
    """
    heights = [
        b + sum((p * p for p in a), Fraction(0)) / 2 for a, b in zip(partition.slopes, partition.offsets, strict=True)
    ]
    top = max(heights)
    lift = [[math.sqrt(2 * (top - h))] for h in heights]
    centres = np.array([[float(p) for p in a] for a in partition.slopes])
    if any(t for (t,) in lift):
        centres = np.concatenate([centres, np.array(lift)], axis=1)
    return point_network(centres, R, [float(y) for y in values])


def lifted(network: PointNetwork, points: np.ndarray) -> np.ndarray:
    """Points (T, N) with the zeros that the network's further coordinate needs."""
    return np.pad(points, ((0, 0), (0, network.dim - points.shape[1])))
