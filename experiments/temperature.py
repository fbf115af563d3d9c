"""A trained single head from several inverse temperatures: do the norms of W_Q and W_K grow, and towards what?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .experiment import Experiment, Panel, Row
from .single_head import new_head, train

POINTS = 4
TEMPERATURES = (0.1, 1.0, 10.0, 100.0, 1000.0)
STEPS, EVERY = 3000, 150
COLUMNS = ("R0", "step", "largest", "rms", "norm_Q", "norm_K", "product")


def _plan(quick: bool) -> tuple[tuple[float, ...], int]:
    return (TEMPERATURES[1::3], 300) if quick else (TEMPERATURES, STEPS)


def run(seed: int, quick: bool) -> Iterator[Row]:
    """Training of a head with 16 cells; a row every 150 steps."""
    temperatures, steps = _plan(quick)
    for R in temperatures:
        head = new_head(POINTS, seed, R)
        for step in train(head, steps, EVERY):
            largest, rms = head.errors()
            norm_Q, norm_K = head.norms
            yield {
                "R0": R,
                "step": step,
                "largest": largest,
                "rms": rms,
                "norm_Q": norm_Q,
                "norm_K": norm_K,
                "product": norm_Q * norm_K,
            }


def summary(rows: Sequence[Row]) -> list[str]:
    """The product of the norms before and after, and the error reached, from every start."""
    lines = []
    for R in dict.fromkeys(float(r["R0"]) for r in rows):
        mine = [r for r in rows if r["R0"] == R]
        first, last = mine[0], mine[-1]
        lines.append(
            f"from R = {R:g}: |W_Q||W_K| {float(first['product']):.3g} -> {float(last['product']):.3g} "
            f"in {last['step']} steps, largest error {float(last['largest']):.3g}"
        )
    return lines


EXPERIMENT = Experiment(
    slug="temperature",
    title="a trained head from several temperatures",
    columns=COLUMNS,
    run=run,
    count=lambda quick: len(_plan(quick)[0]) * (_plan(quick)[1] // EVERY + 1),
    summary=summary,
    panels=(
        Panel("step", ("product",), "norms during training", "step", "‖W_Q‖‖W_K‖", group="R0", logx=False),
        Panel("step", ("largest",), "error during training", "step", "largest |F − f|", group="R0", logx=False),
    ),
    needs="learn",
)
