"""From a design and a sequence target to the network that runs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..symbolic.design import Design
from ..symbolic.exact import ball
from ..symbolic.sequence import SequenceTarget
from .certificate import network_of
from .floats import GridFacts
from .layer import SequenceNetwork, sequence_network


def network_of_sequence(
    design: Design, f: SequenceTarget, variant: str | None = None, odds: float = 0.0
) -> SequenceNetwork:
    """The float64 network of `design` with the values of every entry of f; odds = e^λ, by default 2n.

    `design` sizes `f.target`, whose shape names the layer unless `variant` does. Raises ValueError if the grid is too
    large to tabulate, or for a variant that cannot carry f.

    >>> from fractions import Fraction
    >>> from ..proofs.designs import measured_sequence
    >>> from ..symbolic.theorems.max_affine import design
    >>> f = measured_sequence(1, 2, [["y", "x"]], ("x", "y"), ((Fraction(0), Fraction(1)),) * 2)
    >>> swap = network_of_sequence(design(f.target, Fraction(1, 10), "sharp"), f)
    >>> swap([[[0.25, 0.75]]]).round(2).tolist()
    [[[0.75, 0.25]]]
    """
    entries = [
        [network_of(replace(design, target=f.entry(row, token))) for token in range(f.n)] for row in range(f.rows)
    ]
    named = f.target.shape.variant if f.target.shape else "tokens"
    return sequence_network(f.d, f.n, entries, variant or named, f.memory, odds)


def layer_facts(design: Design, network: SequenceNetwork) -> GridFacts:
    """What the float bounds need of the materialised layer, for inputs in the box of `design`.

    Coordinates are not centred here: the radius is the largest |coordinate| of box and centres. `value_osc` is the
    largest difference of two values in one row of the output, over all cells and slots.
    """
    axes, values = range(design.target.dim), network.values()
    ends = [max(float(abs(ball(end)).upper()) for end in design.target.box[i]) for i in axes]
    spacing = [float(design.spacing(i).upper()) for i in axes]
    flat = network.variant == "flat"
    span = (lambda v: v.max(axis=0) - v.min(axis=0)) if flat else (lambda v: v.max(axis=(0, 2)) - v.min(axis=(0, 2)))
    return GridFacts(
        temperature=tuple(float(design.R_on(i).upper()) for i in axes),
        spacing=tuple(spacing),
        count=network.grid.shape,
        radius=tuple(end + design.pad * h for end, h in zip(ends, spacing, strict=True)),
        value_max=float(np.abs(values).max()),
        value_osc=float(span(values).max()) * (1 + 1e-15),
        slots=1 if flat else network.n,
        slot=0.0 if flat else math.log(network.odds) * (1 + 1e-15),
    )
