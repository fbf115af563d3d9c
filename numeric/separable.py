"""Product grids without expanding them: softmax weights axis by axis, then one contraction an axis.

p_j = Π_i p_{i, k_i} because the score is a sum over axes, so Σ P_i exponentials replace Π P_i. The first contraction
is a matrix product of cost T·G multiply-adds; memory is points-in-block × G/P_1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .backend import to_host
from .dense import EXP_FLOOR, score_scales
from .network import GridNetwork

ROW_BUDGET = {"numpy": 2**21, "cupy": 2**26}


def separable_values(network: GridNetwork, points: np.ndarray, xp: Any, dtype: Any, budget: int) -> np.ndarray:
    """F at ``points`` (T, N), everything in the format ``dtype``; ``budget`` limits the numbers held for a block.

    >>> from .network import grid_network
    >>> net = grid_network([[0.0, 1.0], [0.0, 1.0]], (4.0, 4.0), [[1.0, 2.0], [3.0, 4.0]])
    >>> separable_values(net, np.array([[0.5, 0.5]]), np, np.float64, 2**20).tolist()
    [2.5]
    """
    scale = score_scales(network.temperature, xp, dtype)
    centres = [xp.asarray(c, dtype=dtype) for c in network.centres]
    table = xp.asarray(network.values, dtype=dtype).reshape(network.shape[0], -1)
    rows = max(1, min(len(points), budget // max(table.shape[1], sum(network.shape))))
    out = np.empty(len(points), dtype=dtype)
    for start in range(0, len(points), rows):
        x = xp.asarray(points[start : start + rows], dtype=dtype)
        weights = [axis_softmax(x[:, i, None] - v[None, :], scale[i], xp) for i, v in enumerate(centres)]
        out[start : start + rows] = to_host(contract(weights[0] @ table, weights[1:], xp))
    return out


def axis_softmax(difference: Any, scale: Any, xp: Any) -> Any:
    """Rows of softmax(−(scale·difference)²), computed in place from x − v (t, P)."""
    z = difference
    z *= scale
    z *= z
    xp.subtract(z.min(axis=1, keepdims=True), z, out=z)
    if z.dtype == np.float64:
        xp.maximum(z, EXP_FLOOR, out=z)
    xp.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


def contract(table: Any, weights: list[Any], xp: Any) -> Any:
    """Σ over the remaining axes of table (t, P_2 ⋯ P_N) against weights (t, P_2), …, (t, P_N), first axis first."""
    for w in weights:
        table = xp.matmul(w[:, None, :], table.reshape(*w.shape, -1))[:, 0, :]
    return table[:, 0]


def grid_tails(network: GridNetwork, points: np.ndarray) -> np.ndarray:
    """1 − p_max at each point, float64: with τ_i = 1 − max_k p_{i,k} of axis i it is 1 − Π(1 − τ_i)."""
    log_top = np.zeros(len(points))
    for i, centres in enumerate(network.centres):
        z = (points[:, i, None] - centres[None, :]) * math.sqrt(network.temperature[i] / 2)
        z *= z
        top = z.argmin(axis=1)[:, None]
        weight = np.exp(np.take_along_axis(z, top, axis=1) - z)
        np.put_along_axis(weight, top, 0.0, axis=1)
        tail = weight.sum(axis=1)
        log_top -= np.log1p(tail)
    return -np.expm1(log_top)
