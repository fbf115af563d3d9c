"""The honest attention layer: streaming softmax over all cells, G exponentials a point.

A block of points meets blocks of ``CELL_BLOCK`` cells; a running maximum of the scores is kept and the sums are
rescaled when it moves, so memory is points-in-block × ``CELL_BLOCK``, never T × G. The order of the sums is part of
the float error bound (``numeric/floats.py``): scores, exponentials and the sums inside one cell block are in the
working format, the sums over blocks and their rescaling are in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .backend import to_host
from .network import Network, PointNetwork

CELL_BLOCK = 1024
POINT_BLOCK = {"numpy": 128, "cupy": 8192}
# In float64, NumPy's exp leaves its vector loop below −708: weights stop at e^−707, less than five smallest normals.
EXP_FLOOR = -707.0


def dense_values(network: Network, points: np.ndarray, xp: Any, dtype: Any, point_block: int) -> np.ndarray:
    """F at ``points`` (T, N) in float64; scores and weights are computed in the working format ``dtype``.

    >>> from .network import point_network
    >>> net = point_network([[0.0], [1.0]], 4.0, [2.0, 3.0])
    >>> dense_values(net, np.array([[0.5]]), np, np.float64, 128).tolist()
    [2.5]
    """
    scale = score_scales(network.axis_temperature, xp, dtype)
    total = np.empty(len(points))
    for start in range(0, len(points), point_block):
        x = xp.asarray(points[start : start + point_block], dtype=dtype)
        total[start : start + point_block] = to_host(_point_block(network, x, scale, xp, dtype))
    return total


def _point_block(network: Network, x: Any, scale: list[Any], xp: Any, dtype: Any) -> Any:
    low = xp.full(len(x), xp.inf, dtype=np.float64)
    num, den = xp.zeros(len(x), dtype=np.float64), xp.zeros(len(x), dtype=np.float64)
    ones = xp.ones(CELL_BLOCK, dtype=dtype)
    space = xp.empty((2, len(x) * CELL_BLOCK), dtype=dtype)
    for centres, values in network.centre_blocks(CELL_BLOCK):
        y = xp.asarray(values, dtype=dtype)
        score, spare = space[:, : len(x) * len(y)].reshape(2, len(x), len(y))
        distance_scores(x, xp.asarray(centres, dtype=dtype), scale, xp, score, spare)
        best = xp.minimum(low, score.min(axis=1).astype(np.float64))
        weight = xp.subtract(best.astype(dtype)[:, None], score, out=score)
        if dtype == np.float64:
            xp.maximum(weight, EXP_FLOOR, out=weight)
        xp.exp(weight, out=weight)
        shrink = xp.exp(best - low)
        num = num * shrink + (weight @ y).astype(np.float64)
        den = den * shrink + (weight @ ones[: len(y)]).astype(np.float64)
        low = best
    return num / den


def score_scales(temperature: tuple[float, ...], xp: Any, dtype: Any) -> list[Any]:
    """√(R_i/2) in the working format."""
    return [xp.asarray(np.sqrt(r / 2), dtype=dtype) for r in temperature]


def distance_scores(x: Any, v: Any, scale: list[Any], xp: Any, total: Any = None, spare: Any = None) -> Any:
    """½ Σ_i R_i (x_i − v_i)² for x (t, N) and v (g, N): shape (t, g), no cancellation.

    ``total`` and ``spare`` are arrays (t, g) to work in; the result is in ``total``.

    >>> distance_scores(np.array([[1.0]]), np.array([[3.0]]), [np.sqrt(0.5)], np).round(12).tolist()
    [[2.0]]
    """
    columns = xp.ascontiguousarray(v.T)
    for i, c in enumerate(scale):
        z = xp.subtract(x[:, i, None], columns[i][None, :], out=spare if i else total)
        z *= c
        z *= z
        total = xp.add(total, z, out=total) if i else z
    return total


def point_tails(network: PointNetwork, points: np.ndarray, block: int = 256) -> np.ndarray:
    """1 − p_max at each point, float64, as a sum over the cells that are not the top one."""
    scale = score_scales(network.axis_temperature, np, np.float64)
    out = np.empty(len(points))
    for start in range(0, len(points), block):
        x = points[start : start + block]
        rows = np.arange(len(x))
        low, tail = np.full(len(x), np.inf), np.zeros(len(x))
        for centres, _ in network.centre_blocks(CELL_BLOCK):
            score = distance_scores(x, centres, scale, np)
            top = score.argmin(axis=1)
            here = score[rows, top]
            best = np.minimum(low, here)
            weight = np.exp(best[:, None] - score)
            weight[rows, top] = 0.0
            # The larger of the two minima has lost the top place and joins the tail.
            loser = np.exp(best - np.maximum(low, here))
            tail = tail * np.exp(best - low) + weight.sum(axis=1) + loser
            low = best
        out[start : start + block] = tail / (1.0 + tail)
    return out
