"""Noise on the input against the sharpness of the partition: what a higher temperature costs and what it protects.

For f that is L-Lipschitz in ℓ2, |F(x + ξ) − f(x)| ≤ L h m_{1,N}(κ) + L‖ξ‖₂ if x + ξ stays in the box. Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from ..numeric.certificate import network_of
from ..numeric.evaluate import evaluate
from ..symbolic.exact import ball
from ..symbolic.theorems.max_affine import design
from .construction import sine_and_cosine
from .experiment import Experiment, Panel, Row

POINTS = 12
KAPPAS = tuple(Fraction(text) for text in ("0.5", "1", "2", "4", "8", "16", "32", "64"))
NOISES = (0.0, 0.01, 0.03, 0.1)
SAMPLES = 4000
COLUMNS = ("kappa", "noise", "largest", "mean", "same_cell", "bound")


def run(seed: int, quick: bool) -> Iterator[Row]:
    """Uniform points of the square, uniform noise of the given length; the same points for every κ."""
    target = sine_and_cosine()
    L = float(ball(target.lipschitz["l2"]).upper())
    for noise in NOISES[::2] if quick else NOISES:
        rng = np.random.default_rng(seed)
        angle = rng.uniform(0, 2 * np.pi, SAMPLES)
        move = noise * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        x = rng.uniform(noise, 1 - noise, (SAMPLES, 2))
        exact = np.sin(x[:, 0]) + np.cos(x[:, 1])
        for kappa in KAPPAS[::3] if quick else KAPPAS:
            made = design(target, Fraction(1, 100), "sharp", (POINTS, POINTS), kappa * POINTS**2)
            error = np.abs(evaluate(network_of(made), x + move).values - exact)
            kept = (np.floor(POINTS * (x + move)) == np.floor(POINTS * x)).all(axis=1)
            yield {
                "kappa": float(kappa),
                "noise": noise,
                "largest": float(error.max()),
                "mean": float(error.mean()),
                "same_cell": float(kept.mean()),
                "bound": float(made.error_bound) + L * noise,
            }


def summary(rows: Sequence[Row]) -> list[str]:
    """Whether the bound holds, and the κ that is best at each noise level."""
    lines = [f"within the bound everywhere: {all(float(r['largest']) <= float(r['bound']) for r in rows)}"]
    for noise in dict.fromkeys(float(r["noise"]) for r in rows):
        best = min((r for r in rows if r["noise"] == noise), key=lambda r: float(r["mean"]))
        kept = 100 * float(best["same_cell"])
        lines.append(
            f"noise {noise:g}: mean error least at kappa = {best['kappa']:g} ({float(best['mean']):.3g}); "
            f"{kept:.0f} % of the points stay in their cell"
        )
    return lines


EXPERIMENT = Experiment(
    slug="noise",
    title="input noise against sharpness",
    columns=COLUMNS,
    run=run,
    count=lambda quick: (2 if quick else len(NOISES)) * len(KAPPAS[::3] if quick else KAPPAS),
    summary=summary,
    panels=(
        Panel("kappa", ("mean",), "mean error", "κ = R h²", "mean |F(x + ξ) − f(x)|", group="noise"),
        Panel("kappa", ("largest", "bound"), "largest error", "κ = R h²", "largest |F(x + ξ) − f(x)|", group="noise",
              bounds=("bound",)),
    ),
)  # fmt: skip
