"""Trained weights beside the construction: is what training finds the Gaussian kernel of the proof?

Agreement of scores: the share of the variance of the trained scores, centred over the cells at every point, that
the construction's scores −½‖x − v_j‖² explain with one factor R (softmax ignores what all cells share).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from ..numeric.certificate import network_of
from ..numeric.evaluate import evaluate
from ..symbolic.theorems.max_affine import design
from .construction import sine_and_cosine
from .experiment import Experiment, Panel, Row
from .single_head import CHECK, Head, new_head, target, train

GRIDS = (2, 3, 4, 6)
SEEDS = 3
STEPS = 3000
KAPPAS = tuple(Fraction(k, 2) for k in range(1, 17))
COLUMNS = ("P", "cells", "seed", "trained", "constructed", "agreement", "R_fitted", "R_constructed", "values_apart")


def _grid() -> np.ndarray:
    axis = np.linspace(0, 1, CHECK)
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)


def _constructed(points: int) -> tuple[float, float]:
    """The least largest error of the construction over R = κP², and that R."""
    x = _grid()
    found = []
    for kappa in KAPPAS:
        made = design(sine_and_cosine(), Fraction(1, 100), "sharp", (points, points), kappa * points**2)
        found.append((float(np.abs(evaluate(network_of(made), x).values - target(x)).max()), float(kappa) * points**2))
    return min(found)


def _agreement(head: Head) -> tuple[float, float]:
    import torch

    x = _grid()
    with torch.no_grad():
        S = head.scores(torch.from_numpy(x)).numpy()
    v = head.keys.numpy()[:2].T
    C = -0.5 * ((x[:, None, :] - v[None]) ** 2).sum(-1)
    S, C = S - S.mean(1, keepdims=True), C - C.mean(1, keepdims=True)
    R = float((S * C).sum() / (C * C).sum())
    return float(1 - ((S - R * C) ** 2).sum() / (S * S).sum()), R


def run(seed: int, quick: bool) -> Iterator[Row]:
    """Heads with 4 to 36 cells from three Gaussian starts each."""
    for points in GRIDS[:2] if quick else GRIDS:
        error, R = _constructed(points)
        for start in range(1 if quick else SEEDS):
            head = new_head(points, 1000 * seed + start)
            for _ in train(head, 300 if quick else STEPS, STEPS):
                pass
            agreement, fitted = _agreement(head)
            apart = head.values.detach().numpy() - target(head.keys.numpy()[:2].T)
            yield {
                "P": points,
                "cells": points**2,
                "seed": start,
                "trained": head.errors()[0],
                "constructed": error,
                "agreement": agreement,
                "R_fitted": fitted,
                "R_constructed": R,
                "values_apart": float(np.abs(apart).max()),
            }


def summary(rows: Sequence[Row]) -> list[str]:
    """Errors and agreement, averaged over the starts."""
    lines = []
    for P in dict.fromkeys(int(r["P"]) for r in rows):
        mine = [r for r in rows if r["P"] == P]
        mean = {key: float(np.mean([float(r[key]) for r in mine])) for key in COLUMNS[3:]}
        lines.append(
            f"{P * P} cells: largest error {mean['trained']:.3g} trained, {mean['constructed']:.3g} constructed; "
            f"the construction explains {100 * mean['agreement']:.0f} % of the scores; "
            f"values differ from f(v) by up to {mean['values_apart']:.2g}"
        )
    return lines


EXPERIMENT = Experiment(
    slug="training",
    title="trained weights beside the construction",
    columns=COLUMNS,
    run=run,
    count=lambda quick: 2 if quick else len(GRIDS) * SEEDS,
    summary=summary,
    panels=(
        Panel("cells", ("trained", "constructed"), "largest error", "cells", "largest |F − f|", points=True),
        Panel("cells", ("agreement",), "scores explained by the construction", "cells", "share of variance",
              logy=False, points=True),
    ),
    needs="learn",
)  # fmt: skip
