"""One call for all evaluators: the network, the points, and how to compute."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .backend import array_namespace
from .dense import POINT_BLOCK, dense_values, point_tails
from .local import GATHER_BUDGET, local_values, windows
from .network import GridNetwork, Network
from .separable import ROW_BUDGET, grid_tails, separable_values

METHODS = ("auto", "dense", "separable", "local")
DTYPES = ("float64", "float32")
GATHER_COST = 32


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What an evaluation returns.

    ``values`` (T,) in ``dtype``; ``dropped``: proved bound on |F_local − F| from the mass outside the window, 0 for
    the other methods (float rounding is not in it, see ``numeric/floats.py``); ``window``: centres per axis that were
    used, None for all; ``exponentials``: how many were computed; ``seconds``: wall time, device transfers included.
    """

    values: np.ndarray
    method: str
    dtype: str
    backend: str
    dropped: float
    window: tuple[int, ...] | None
    exponentials: int
    seconds: float


def evaluate(
    network: Network,
    points: ArrayLike,
    method: str = "auto",
    *,
    dtype: str = "float64",
    backend: str = "numpy",
    tolerance: float | None = None,
) -> Evaluation:
    """F at ``points`` (T, N).

    ``dense`` is attention over all cells; ``separable`` (grids) works axis by axis; ``local`` (grids) uses a window
    that leaves out at most ``tolerance`` of the mass (default: the unit roundoff of ``dtype``). ``auto`` is dense for
    arbitrary centres; for a grid it is local if a window has 32 times fewer cells than the grid, else separable.
    Points are rounded to ``dtype`` first. Points outside the grid are fine: the function is defined everywhere.
    Raises ``ValueError`` for bad arguments, ``BackendError`` for a missing backend, ``FloatingPointError`` where the
    scores leave the range of ``dtype``.

    >>> from .network import grid_network, midpoint_grid
    >>> v = midpoint_grid(0, 1, 64)
    >>> net = grid_network([v, v], (8 * 64.0**2,) * 2, np.sin(v)[:, None] + np.cos(v)[None, :])
    >>> result = evaluate(net, [[0.3, 0.7]], "separable")
    >>> f"{result.values[0]:.12f}"
    '1.063681121205'
    """
    xp = array_namespace(backend)
    if dtype not in DTYPES:
        raise ValueError(f"unknown dtype {dtype!r}: choose from {', '.join(DTYPES)}")
    working = np.dtype(dtype)
    x = _points(network, points).astype(working).astype(np.float64)
    if tolerance is not None and not 0 < tolerance < 1:
        raise ValueError(f"tolerance must lie in (0, 1), got {tolerance}")
    chosen, widths, mass = _choose(network, method, tolerance or float(np.finfo(working).eps) / 2)
    started = time.perf_counter()
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        if chosen == "dense":
            values = dense_values(network, x, xp, working, POINT_BLOCK[backend])
        elif chosen == "separable":
            values = separable_values(_grid(network, chosen), x, xp, working, ROW_BUDGET[backend])
        else:
            values = local_values(_grid(network, chosen), x, xp, working, widths, GATHER_BUDGET[backend])
        values = values.astype(working)
    seconds = time.perf_counter() - started
    if not bool(np.isfinite(values).all()):
        raise FloatingPointError(f"scores or values leave the range of {dtype}; use float64 or rescale the coordinates")
    count = network.cells if chosen == "dense" else sum(widths)
    return Evaluation(
        values=values,
        method=chosen,
        dtype=dtype,
        backend=backend,
        dropped=math.nextafter(mass * network.oscillation, math.inf) if mass > 0 else 0.0,
        window=widths if chosen == "local" else None,
        exponentials=count * len(x),
        seconds=seconds,
    )


def tail_mass(network: Network, points: ArrayLike) -> np.ndarray:
    """1 − p_max at ``points`` (T, N) in float64: the softmax mass outside the top cell.

    Summed from the other weights, so it keeps its relative accuracy (about 10⁻¹⁶·(score gap)) down to 10⁻³⁰⁰,
    where 1 − p_max computed from p_max would be 0 from a gap of 37 on.

    >>> from .network import point_network
    >>> float(f"{tail_mass(point_network([[0.0], [1.0]], 1000.0, [0.0, 1.0]), [[0.0]])[0]:.12g}")
    7.12457640674e-218
    """
    x = _points(network, points)
    if isinstance(network, GridNetwork):
        return grid_tails(network, x)
    return point_tails(network, x)


def _points(network: Network, points: ArrayLike) -> np.ndarray:
    x = np.array(points, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != network.dim:
        raise ValueError(f"points must have shape (T, {network.dim}), got {x.shape}")
    if not bool(np.isfinite(x).all()):
        raise ValueError("points must be finite")
    return x


def _grid(network: Network, method: str) -> GridNetwork:
    if not isinstance(network, GridNetwork):
        raise ValueError(f"method {method!r} needs a product grid; use 'dense' for arbitrary centres")
    return network


def _choose(network: Network, method: str, tolerance: float) -> tuple[str, tuple[int, ...], float]:
    """The method, the centres used per axis, and the bound on the mass left out."""
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}: choose from {', '.join(METHODS)}")
    if method == "dense" or (method == "auto" and not isinstance(network, GridNetwork)):
        return "dense", (), 0.0
    grid = _grid(network, method)
    if method == "separable":
        return "separable", grid.shape, 0.0
    widths, mass = windows(grid, tolerance)
    if method == "auto" and GATHER_COST * math.prod(widths) > grid.cells:
        return "separable", grid.shape, 0.0
    return "local", widths, mass
