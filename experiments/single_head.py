"""A trainable attention head on the plane, in PyTorch: scores (W_K [v_j; −½‖v_j‖²; 1])ᵀ W_Q [x; 1], values y_j.

The construction is the point W_Q = R·I, W_K = [I | 0], y_j = f(v_j) of its parameter space. PyTorch is imported when a
head is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

BATCH, RATE = 256, 0.01
CHECK = 41
"""Errors are taken on a grid of so many points an axis."""


def target(x: Any) -> Any:
    """sin x + cos y for an array or tensor of points (…, 2)."""
    if isinstance(x, np.ndarray):
        return np.sin(x[..., 0]) + np.cos(x[..., 1])
    return x[..., 0].sin() + x[..., 1].cos()


@dataclass
class Head:
    """Parameters W_Q (3, 3), W_K (3, 4), y (G,) as tensors that require gradients; keys (4, G) fixed."""

    query: Any
    key: Any
    values: Any
    keys: Any

    def scores(self, x: Any) -> Any:
        """(T, G) for points x (T, 2)."""
        import torch

        asked = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], dim=1) @ self.query.T
        return asked @ (self.key @ self.keys)

    def __call__(self, x: Any) -> Any:
        """F(x)."""
        return self.scores(x).softmax(dim=1) @ self.values

    @property
    def norms(self) -> tuple[float, float]:
        """Spectral norms of W_Q and W_K."""
        import torch

        norm = torch.linalg.matrix_norm
        return float(norm(self.query.detach(), 2)), float(norm(self.key.detach(), 2))

    def errors(self) -> tuple[float, float]:
        """Largest and root-mean-square error on a grid of the unit square."""
        import torch

        axis = torch.linspace(0, 1, CHECK, dtype=torch.float64)
        x = torch.cartesian_prod(axis, axis)
        with torch.no_grad():
            error = (self(x) - target(x)).abs()
        return float(error.max()), float(error.square().mean().sqrt())


def new_head(points: int, seed: int, R: float | None = None) -> Head:
    """A head on the grid with `points` midpoints an axis: W_Q = W_K = √R·I and some noise, or Gaussian without R."""
    import torch

    torch.manual_seed(seed)
    middle = (torch.arange(points, dtype=torch.float64) + 0.5) / points
    v = torch.cartesian_prod(middle, middle)
    keys = torch.cat([v.T, -0.5 * v.square().sum(dim=1)[None], torch.ones(1, len(v), dtype=torch.float64)])
    query, key = torch.randn(3, 3, dtype=torch.float64), torch.randn(3, 4, dtype=torch.float64)
    if R is not None:
        query = R**0.5 * (torch.eye(3, dtype=torch.float64) + 0.01 * query)
        key = R**0.5 * (torch.eye(3, 4, dtype=torch.float64) + 0.01 * key)
    values = torch.zeros(len(v), dtype=torch.float64)
    return Head(query.requires_grad_(), key.requires_grad_(), values.requires_grad_(), keys)


def train(head: Head, steps: int, every: int) -> Iterator[int]:
    """Adam on the mean square error at fresh uniform points; yields 0, `every`, 2·`every`, … `steps`."""
    import torch

    torch.set_num_threads(1)  # on tensors as small as these, threads only wait for each other
    optimiser = torch.optim.Adam([head.query, head.key, head.values], lr=RATE)
    for step in range(steps + 1):
        if step % every == 0:
            yield step
        x = torch.rand(BATCH, 2, dtype=torch.float64)
        loss = (head(x) - target(x)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
