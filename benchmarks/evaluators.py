"""Time dense, separable, local and PyTorch's attention on the same network and points, in one run.

Usage: python benchmarks/evaluators.py [CELLS_PER_AXIS [DIMENSION [POINTS [BACKEND]]]]      (default 64 2 2000 numpy)

Ratios are to the dense float64 evaluator. Mexp/s counts exponentials, GFLOP/s scores (3 a coordinate) and weighted sums
(2 a term and sum); both also as a share of what exp and matmul alone reach here. gap: distance to the separable float64
values; bound: the proved float bound (plus the dropped mass for local).
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from attain.numeric.backend import array_namespace, to_host
from attain.numeric.evaluate import evaluate
from attain.numeric.floats import float_error, grid_facts
from attain.numeric.network import GridNetwork, grid_network, midpoint_grid

KAPPA = 8.0
REPEATS = 3


def best_of(action: Callable[[], Any]) -> float:
    """Shortest wall time in seconds of a few runs after a warm-up."""
    action()
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return min(times)


def build(count: int, dim: int) -> GridNetwork:
    axis = midpoint_grid("-1/2", "1/2", count)
    mesh = np.meshgrid(*[axis] * dim, indexing="ij")
    return grid_network([axis] * dim, (KAPPA * count**2,) * dim, sum(np.sin(3 * m) for m in mesh))


def peaks(backend: str, dtype: str) -> tuple[float, float]:
    """(exponentials a second, matmul FLOP a second) of this machine."""
    xp = array_namespace(backend)
    size = 2048 if backend == "numpy" else 8192
    a = xp.ones((size, size), dtype=dtype)
    small = xp.linspace(-20, 0, 2**15 if backend == "numpy" else 2**26, dtype=dtype)
    out = xp.empty_like(small)
    rounds = 50

    def exponentials() -> None:
        for _ in range(rounds):
            xp.exp(small, out=out)
        to_host(out[:1])

    return rounds * small.size / best_of(exponentials), 2 * size**3 / best_of(lambda: to_host((a @ a)[:1]))


def torch_row(net: GridNetwork, points: np.ndarray, dtype: str) -> tuple[float, np.ndarray] | None:
    try:
        import torch
    except ImportError:
        return None
    wide = net.expand()
    keys = wide.temperature * np.concatenate([wide.centres, -(wide.centres**2).sum(1, keepdims=True) / 2], axis=1)
    queries = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    kind = torch.float32 if dtype == "float32" else torch.float64
    q, k, v = (torch.tensor(a[None, None], dtype=kind) for a in (queries, keys, wide.values[:, None]))

    def run() -> Any:
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=1.0)

    return best_of(run), run()[0, 0, :, 0].double().numpy()


def work(method: str, net: GridNetwork, window: tuple[int, ...] | None, points: int) -> tuple[float, float]:
    """(exponentials, floating-point operations) of an evaluation."""
    shape = window or net.shape
    if method in ("dense", "torch"):
        terms = net.cells
        return points * terms, points * terms * (3.0 * net.dim + 4)
    sums = sum(2 * math.prod(shape[i:]) for i in range(net.dim))
    return points * sum(shape), points * (3.0 * sum(shape) + sums)


def main(arguments: list[str]) -> None:
    count, dim, many = (int(a) for a in (arguments + ["64", "2", "2000"][len(arguments) :])[:3])
    backend = arguments[3] if len(arguments) > 3 else "numpy"
    net = build(count, dim)
    points = np.float32(np.random.default_rng(0).uniform(-0.5, 0.5, size=(many, dim))).astype(np.float64)
    exact = evaluate(net, points, "separable").values
    base = 0.0
    print(f"{count}^{dim} = {net.cells} cells, kappa {KAPPA}, {many} points, {backend}")
    print(
        f"{'method':<10} {'dtype':<8} {'seconds':>9} {'dense/this':>10} {'Mexp/s':>8} {'share':>6} "
        f"{'GFLOP/s':>8} {'share':>6} {'gap':>8} {'bound':>8}"
    )
    for dtype in ("float64", "float32"):
        exp_peak, flop_peak = peaks(backend, dtype)
        fmt = "fp64" if dtype == "float64" else "fp32"
        for method in ("dense", "separable", "local", "torch"):
            window, dropped = None, 0.0
            if method == "torch":
                found = torch_row(net, points, dtype)
                if found is None:
                    print("torch      not installed")
                    continue
                seconds, values = found
            else:
                result = evaluate(net, points, method, dtype=dtype, backend=backend)
                window, dropped, values = result.window, result.dropped, result.values
                seconds = best_of(lambda m=method, d=dtype: evaluate(net, points, m, dtype=d, backend=backend))
            base = base or seconds
            exponentials, flops = work(method, net, window, many)
            form = {"dense": "dense", "torch": "product"}.get(method, "separable")
            bound = float_error(form, grid_facts(net, 3 * dim**0.5), fmt, exp_ulps=24.0) + dropped
            print(
                f"{method:<10} {dtype:<8} {seconds:9.5f} {base / seconds:10.2f} {exponentials / seconds / 1e6:8.1f} "
                f"{exponentials / seconds / exp_peak:6.1%} {flops / seconds / 1e9:8.2f} "
                f"{flops / seconds / flop_peak:6.1%} {abs(values - exact).max():8.1e} {bound:8.1e}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
