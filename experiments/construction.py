"""f = sin x + cos y on [0, 1]²: does the construction reach ε, and how near is each bound to the true error?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ..numeric.certificate import certify
from ..proofs.designs import designs_for, measured
from ..symbolic.design import Design
from ..symbolic.expression import parse
from ..symbolic.target import Target
from .experiment import Experiment, Panel, Row

ACCURACIES = tuple(Fraction(text) for text in ("0.3", "0.1", "0.05", "0.02", "0.01"))
COLUMNS = ("eps", "bound", "P", "R", "cells", "error_bound", "observed", "lower", "upper")


def sine_and_cosine() -> Target:
    """sin x + cos y on the unit square, its constants proved."""
    return measured(parse("sin(x) + cos(y)"), ("x", "y"), ((Fraction(0), Fraction(1)),) * 2)


def _accuracies(quick: bool) -> tuple[Fraction, ...]:
    return ACCURACIES[:2] if quick else ACCURACIES


def run(seed: int, quick: bool) -> Iterator[Row]:
    """One row a bound and accuracy: the design, the proved bound, the error seen and enclosed."""
    target = sine_and_cosine()
    for eps in _accuracies(quick):
        for bound, design in designs_for(target, eps).items():
            assert isinstance(design, Design)
            found = certify(design, eps, gap=0.1, seconds=20)
            assert found.sup_error is not None
            assert found.observed is not None
            yield {
                "eps": float(eps),
                "bound": bound,
                "P": max(design.P),
                "R": max(float(design.R_on(i).mid()) for i in range(2)),
                "cells": design.cells,
                "error_bound": float(design.error_bound),
                "observed": found.observed.max,
                "lower": float(found.sup_error.lower),
                "upper": min(float(found.sup_error.upper), float(design.error_bound)),
            }


def summary(rows: Sequence[Row]) -> list[str]:
    """Whether every design reaches its accuracy, and bound over error for the smallest one."""
    least = min(float(r["eps"]) for r in rows)
    lines = [f"all {len(rows)} designs stay within eps: {all(float(r['upper']) <= float(r['eps']) for r in rows)}"]
    for r in rows:
        if r["eps"] == least:
            ratio = float(r["error_bound"]) / float(r["upper"])
            lines.append(f"eps = {least:g}, {r['bound']}: {r['cells']} cells, bound / sup error = {ratio:.3g}")
    return lines


EXPERIMENT = Experiment(
    slug="construction",
    title="sin x + cos y by construction",
    columns=COLUMNS,
    run=run,
    count=lambda quick: 3 * len(_accuracies(quick)),
    summary=summary,
    panels=(
        Panel("eps", ("cells",), "cells that each bound asks for", "accuracy ε", "cells", group="bound"),
        Panel("eps", ("upper",), "true sup error", "accuracy ε", "sup |F − f|", group="bound"),
    ),
)
