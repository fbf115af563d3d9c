"""The float format that a design needs, from the a-priori bound on |F_float − F|."""

from __future__ import annotations

from math import isfinite

from ..symbolic.design import Design
from ..symbolic.exact import Real, ball
from .floats import GridFacts, float_error, float_format_needed

SEPARABLE_FROM = 10**12
"""Beyond this many cells the dense layer cannot be summed at all; the separable form is what runs."""
SHARE = 0.1
"""The format's error bound must be below this share of ε."""


def grid_facts_of(design: Design) -> GridFacts:
    """What the float bounds need, from the design alone.

    Coordinates are centred on the box and values shifted so that they lie in [−osc, osc]: neither changes F − f.
    """
    t = design.target
    osc = float(t.oscillation().upper()) * (1 + 1e-12)
    axes = range(t.dim)
    sides = [float(t.side(i).upper()) for i in axes]
    spacing = [float(design.spacing(i).upper()) for i in axes]
    return GridFacts(
        temperature=tuple(float(design.R_on(i).upper()) for i in axes),
        spacing=tuple(spacing),
        count=tuple(p + 2 * design.pad for p in design.P),
        radius=tuple(s / 2 + design.pad * h for s, h in zip(sides, spacing, strict=True)),
        value_max=osc,
        value_osc=osc,
    )


def form_of(design: Design) -> str:
    """The evaluator whose rounding is bounded: "dense" where the layer can be run, else "separable"."""
    return "dense" if design.cells <= SEPARABLE_FROM else "separable"


def design_format(design: Design, eps: Real) -> str:
    """bf16, fp16, fp32 or fp64: the first whose error bound is below a tenth of ε; "none" if not even fp64 is."""
    accuracy = float(ball(eps).lower())
    facts = grid_facts_of(design)
    if not (accuracy > 0 and isfinite(facts.value_max) and all(map(isfinite, facts.temperature))):
        return "none"
    return float_format_needed(accuracy, facts, form_of(design), fraction=SHARE)


def design_float_error(design: Design, fmt: str) -> float:
    """The a-priori bound on |F_float − F| in format `fmt`, rounded up."""
    return float_error(form_of(design), grid_facts_of(design), fmt)
