"""Weights perturbed by Gaussian noise: the change of the output against the bound of `numeric/sensitivity.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from ..numeric.layer import materialise
from ..numeric.sensitivity import gaussian_perturbation, sensitivity_bound
from ..numeric.sequences import network_of_sequence
from ..symbolic.named_sequences import named_sequence
from ..symbolic.theorems.max_affine import design
from .experiment import Experiment, Panel, Row
from .fits import slope

SIZES = tuple(10.0**-k for k in range(7, 0, -1))
INPUTS = 64
TARGETS = ("reverse", "running-max")
COLUMNS = ("target", "relative", "change", "bound", "ratio")


def run(seed: int, quick: bool) -> Iterator[Row]:
    """The layer for two tokens of dimension 1, every weight perturbed; the worst of 64 inputs and perturbations."""
    for name in TARGETS:
        f = named_sequence(name, 1, 2, (Fraction(0), Fraction(1)))
        layer = materialise(network_of_sequence(design(f.target, Fraction(1, 10), "sharp"), f))
        for relative in SIZES[::3] if quick else SIZES:
            rng = np.random.default_rng(seed)
            seen = []
            for _ in range(INPUTS):
                x, change = rng.random((1, 2)), gaussian_perturbation(layer, relative, rng)
                moved = float(np.abs(change.applied(layer)(x) - layer(x)).max())
                seen.append((moved, sensitivity_bound(layer, x, change)))
            moved, bound = max(seen)
            ratio = max(a / b for a, b in seen)
            yield {"target": name, "relative": relative, "change": moved, "bound": bound, "ratio": ratio}


def summary(rows: Sequence[Row]) -> list[str]:
    """Whether the bound held at every sample, and the slope where it is small."""
    lines = [f"within the bound at every sample: {all(float(r['ratio']) <= 1 for r in rows)}"]
    for name in dict.fromkeys(str(r["target"]) for r in rows):
        mine = [r for r in rows if r["target"] == name and float(r["relative"]) <= 1e-4]
        if len(mine) > 1:
            fit = slope([float(r["relative"]) for r in mine], [float(r["change"]) for r in mine])
            tight = max(float(r["ratio"]) for r in mine)
            lines.append(f"{name}: change grows with the power {fit:.3f} of the noise; change / bound <= {tight:.3g}")
    return lines


EXPERIMENT = Experiment(
    slug="perturbation",
    title="perturbed weights",
    columns=COLUMNS,
    run=run,
    count=lambda quick: len(TARGETS) * len(SIZES[::3] if quick else SIZES),
    summary=summary,
    panels=(
        Panel("relative", ("change", "bound"), "largest change of an output entry", "relative size of the noise",
              "change", group="target", bounds=("bound",)),
    ),
)  # fmt: skip
