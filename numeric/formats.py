"""The float format that a design needs, from the a-priori bound on |F_float − F|."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from math import inf, isfinite

from flint import arb

from ..symbolic.design import Design
from ..symbolic.exact import Real, ball
from .floats import FORMATS, FloatFormat, GridFacts, float_error, float_format, float_format_needed

SEPARABLE_FROM = 10**12
"""Beyond this many cells the dense layer cannot be summed at all; the separable form is what runs."""
COUNTABLE = 2**1000
"""Points an axis beyond this leave the range of the floats in which the bounds are computed."""
SHARE = 0.1
"""The format's error bound must be below this share of ε."""


def grid_facts_of(design: Design) -> GridFacts:
    """What the float bounds need, from the design alone.

    Coordinates are centred on the box and values shifted so that they lie in [−osc, osc] on the box: neither
    changes F − f. Values at padded centres, at most ‖w h‖ away, may leave that range by `_excess`.
    """
    t = design.target
    excess = _excess(design) if design.pad else arb(0)
    osc, beyond = (float(x.upper()) * (1 + 1e-12) for x in (t.oscillation(), excess))
    axes = range(t.dim)
    sides = [float(t.side(i).upper()) for i in axes]
    spacing = [float(design.spacing(i).upper()) for i in axes]
    return GridFacts(
        temperature=tuple(float(design.R_on(i).upper()) for i in axes),
        spacing=tuple(spacing),
        count=tuple(p + 2 * design.pad for p in design.P),
        radius=tuple(s / 2 + design.pad * h for s, h in zip(sides, spacing, strict=True)),
        value_max=osc + beyond,
        value_osc=osc + 2 * beyond,
    )


def _excess(design: Design) -> arb:
    """min over the norms of L‖w h‖, and ½M‖w h‖₂² more where f itself is used outside the box (∇f is M-Lipschitz)."""
    t = design.target
    reach = [design.pad * design.spacing(i) for i in range(t.dim)]
    square = sum((r * r for r in reach), arb(0))
    longest = reduce(lambda a, b: a.max(b), reach)
    lengths = {"l2": square.sqrt(), "l1": sum(reach, arb(0)), "linf": longest}
    slope = reduce(lambda a, b: a.min(b), (ball(L) * lengths[norm] for norm, L in t.lipschitz.items()))
    return slope + (ball(t.hessian or Fraction(0)) / 2 * square if t.padding == "extend" else arb(0))


def form_of(design: Design) -> str:
    """The evaluator whose rounding is bounded: "dense" where the layer can be run, else "separable".

    For a sequence layer that can be run it is "product": the layer as it is written, scores as dot products.
    """
    if design.sizes.tokens > SEPARABLE_FROM:
        return "separable"
    return "dense" if design.target.shape is None else "product"


def design_format(design: Design, eps: Real) -> str:
    """bf16, fp16, fp32 or fp64: the first whose error bound is below a tenth of ε; "none" if not even fp64 is."""
    accuracy = float(ball(eps).lower())
    facts = grid_facts_of(design)
    if not (accuracy > 0 and _in_range(facts)):
        return "none"
    if form_of(design) == "product":
        return layer_format(_slotted(design, facts), accuracy, SHARE)
    return float_format_needed(accuracy, facts, form_of(design), fraction=SHARE)


def design_float_error(design: Design, fmt: str) -> float:
    """The a-priori bound on |F_float − F| in format `fmt`, rounded up; inf beyond the range of floats."""
    facts = grid_facts_of(design)
    if not _in_range(facts):
        return inf
    form = form_of(design)
    return layer_error(_slotted(design, facts), fmt) if form == "product" else float_error(form, facts, fmt)


def _slotted(design: Design, facts: GridFacts) -> GridFacts:
    """The same with the slots of a sequence layer; two columns of values in [−v, v] differ by at most 2v."""
    shape = design.target.shape
    if shape is None or not shape.slotted:
        return replace(facts, slots=1)
    slot = math.log(shape.odds) * (1 + 1e-15)
    return replace(facts, value_osc=2 * facts.value_max, slots=shape.n, slot=slot)


def layer_error(facts: GridFacts, fmt: str | FloatFormat) -> float:
    """A proved bound on |F_float − F| for an entry of the materialised layer in format `fmt`, Q⁻¹ included.

    Infinite where R, an entry of W_Q, or the entries of Q⁻¹ are out of the format's range.

    >>> facts = GridFacts((80.0,) * 2, (0.2,) * 2, (5, 5), (1.0, 1.0), 1.0, 1.0, slots=2, slot=1.39)
    >>> layer_error(facts, "fp64") < 1e-11 < 1e-4 < layer_error(facts, "fp16")
    True
    """
    f = float_format(fmt) if isinstance(fmt, str) else fmt
    if 2 * max(facts.temperature) >= f.largest:
        return inf
    error = float_error("product", facts, f)
    if not facts.slot:
        return error
    n, ahead = facts.slots, math.expm1(facts.slot * (1 - 4e-15))
    amplified = (1 + 2 * (n - 1) / ahead) * (1 + 1e-14)
    if 2 * amplified * max(1.0, facts.value_max) >= f.largest:
        return inf
    steps = (n + 10) * f.u
    rounding = steps / (1 - steps) if steps < 1 else inf
    return amplified * (error + (facts.value_max + error) * rounding) * (1 + 1e-14)


def layer_format(facts: GridFacts, eps: float, share: float = SHARE) -> str:
    """bf16, fp16, fp32 or fp64: the first in which the literal layer errs by less than `share`·eps, else "none".

    >>> facts = GridFacts((80.0,) * 2, (0.2,) * 2, (5, 5), (1.0, 1.0), 1.0, 1.0, slots=2, slot=1.39)
    >>> [layer_format(facts, eps) for eps in (0.1, 1e-9, 1e-14)]
    ['fp32', 'fp64', 'none']
    """
    return next((f.name for f in FORMATS if layer_error(facts, f) < share * eps), "none")


def _in_range(facts: GridFacts) -> bool:
    finite = all(map(isfinite, (facts.value_max, facts.value_osc, *facts.temperature, *facts.radius)))
    return finite and max(facts.count) < COUNTABLE and all(x > 0 for x in (*facts.temperature, *facts.spacing))
