"""Figures (Matplotlib): pure functions from results to a picture that is written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..numeric.evaluate import tail_mass
from ..numeric.network import PointNetwork
from ..numeric.partition import lifted
from ..symbolic.partition import Partition

FORMATS = (".png", ".svg", ".pdf")


def partition_figure(cells: Partition, network: PointNetwork, margin: Fraction, path: Path) -> None:
    """The cells of a partition of a rectangle and, beside it, the largest attention weight at the network's R.

    The dashed outline is where the score of the cell leads by at least `margin`.
    """
    figure, (left, right) = _axes(2, (9.0, 4.2))
    for j in range(len(cells.slopes)):
        _outline(left, cells.corners(j), "-", f"C{j % 10}")
        _outline(right, cells.corners(j, margin), "--", "white", fill=False)
    left.set_title(f"{len(cells.slopes)} cells")
    (a, b), (c, d) = [(float(low), float(high)) for low, high in cells.box]
    grid = np.stack(np.meshgrid(np.linspace(a, b, 161), np.linspace(c, d, 161)), -1)
    top = 1 - tail_mass(network, lifted(network, grid.reshape(-1, 2))).reshape(grid.shape[:2])
    shown = right.pcolormesh(grid[..., 0], grid[..., 1], top, vmin=0, vmax=1, shading="auto", rasterized=True)
    figure.colorbar(shown, ax=right, label="largest weight")
    right.set_title(f"R = {network.temperature:.4g}")
    for axes in (left, right):
        axes.set_xlim(a, b)
        axes.set_ylim(c, d)
        axes.set_aspect("equal")
    save(figure, path)


def save(figure: Any, path: Path) -> None:
    """Write the figure; ValueError if the ending is not a known format."""
    if path.suffix not in FORMATS:
        raise ValueError(f"figure: {path.name} must end in {', '.join(FORMATS)}")
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)


def _axes(count: int, size: tuple[float, float]) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(1, count)


def _outline(axes: Any, corners: Sequence[tuple[Fraction, ...]], style: str, colour: str, fill: bool = True) -> None:
    if len(corners) < 3:
        return
    x, y = zip(*[(float(p), float(q)) for p, q in (*corners, corners[0])], strict=True)
    if fill:
        axes.fill(x, y, color=colour, alpha=0.35)
    axes.plot(x, y, style, color="black" if fill else colour, linewidth=0.8)
