"""Dimension 2 … 10: cells, parameters and the error of ‖x − corner‖₂, which attains the sharp bound at the corner."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from ..numeric.certificate import network_of
from ..numeric.evaluate import evaluate
from ..symbolic.target import Target
from ..symbolic.theorems.max_affine import design
from .experiment import Experiment, Panel, Row

POINTS = 3
ACCURACY = Fraction(1, 10)
SAMPLES = 64
COLUMNS = (
    "N", "P", "cells", "parameters", "error_bound", "at_corner", "largest", "seconds", "sharp_cells", "published_cells",
)  # fmt: skip


def _norm(x: np.ndarray) -> np.ndarray:
    return np.sqrt((x**2).sum(axis=1))


def run(seed: int, quick: bool) -> Iterator[Row]:
    """P = 3 points an axis, R as the sharp bound asks; beside it the cells that ε = 0.1 needs by two bounds."""
    for N in range(2, 6 if quick else 11):
        target = Target(((Fraction(0), Fraction(1)),) * N, {"l2": Fraction(1)})
        made = design(target, Fraction(1, 10**6), "sharp", (POINTS,) * N)
        network = network_of(made, _norm)
        x = np.vstack([np.zeros((1, N)), np.random.default_rng(seed).random((SAMPLES, N))])
        started = time.perf_counter()
        found = evaluate(network, x, "separable")
        seconds = time.perf_counter() - started
        error = np.abs(found.values - _norm(x))
        yield {
            "N": N,
            "P": POINTS,
            "cells": made.cells,
            "parameters": made.sizes.nonzero,
            "error_bound": float(made.error_bound),
            "at_corner": float(error[0]),
            "largest": float(error.max()),
            "seconds": seconds,
            "sharp_cells": float(design(target, ACCURACY, "sharp").cells),
            "published_cells": float(design(target, ACCURACY, "published").cells),
        }


def summary(rows: Sequence[Row]) -> list[str]:
    """How tight the bound is at the corner, and what ε = 0.1 takes in the last dimension."""
    last = rows[-1]
    least = min(float(r["at_corner"]) / float(r["error_bound"]) for r in rows)
    lines = [f"error at the corner / bound: at least {least:.4f} in every dimension"]
    lines.append(f"within the bound everywhere: {all(float(r['largest']) <= float(r['error_bound']) for r in rows)}")
    lines.append(
        f"N = {last['N']}, eps = 0.1: {float(last['sharp_cells']):.2e} cells sharp, "
        f"{float(last['published_cells']):.2e} published"
    )
    return lines


EXPERIMENT = Experiment(
    slug="dimension",
    title="dimension 2 to 10",
    columns=COLUMNS,
    run=run,
    count=lambda quick: 4 if quick else 9,
    summary=summary,
    panels=(
        Panel("N", ("at_corner", "error_bound"), f"P = {POINTS}: error and bound", "dimension N", "error",
              bounds=("error_bound",), logx=False, logy=False),
        Panel("N", ("sharp_cells", "published_cells"), "cells for ε = 0.1", "dimension N", "cells", logx=False),
    ),
)  # fmt: skip
