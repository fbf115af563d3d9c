"""A certificate: one design for one function, the proved bound, and the enclosure of its true sup error."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb, ctx

from ..proofs.interval import compile as compile_jet
from ..symbolic.design import Design, upper
from ..symbolic.exact import Real, ball, text_of
from ..symbolic.expression import evaluate as evaluate_expression
from ..symbolic.expression import number, to_json, to_text
from ..symbolic.rounding import lower
from ..symbolic.target import Side
from .enclosure import MAX_CELLS, Enclosure, coordinate, enclose
from .evaluate import evaluate
from .network import GridNetwork, grid_network

FORMAT = "attain-certificate/1"
Function = Callable[[np.ndarray], np.ndarray]
"""Points (T, N) to values (T,), in float64."""
OBSERVED_POINTS = 20_000


@dataclass(frozen=True)
class Observed:
    """The largest |F − f| seen at float64 points: an observation, never a bound."""

    max: float
    at: tuple[float, ...]
    points: int
    backend: str
    float: str


@dataclass(frozen=True)
class Certificate:
    """What was proved about sup_K |F − f| for the exact-arithmetic network of `design`.

    `holds` is True if the theorem's bound or the enclosure is at most ε, False if a point above ε was proved,
    None if neither was reached. `sup_error` and `observed` are None where the network cannot be enclosed or run (too
    many cells, more than three variables); then the theorem's bound stands alone.
    """

    design: Design
    eps: Real
    sup_error: Enclosure | None
    why_not_enclosed: str
    observed: Observed | None
    holds: bool | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Everything `attain check` needs, as plain data; bounds are decimal strings rounded outward."""
        d, t = self.design, self.design.target
        assert t.expression is not None
        data: dict[str, Any] = {
            "format": FORMAT,
            "target": {
                "text": to_text(t.expression),
                "expression": to_json(t.expression),
                "variables": list(t.variables),
                "box": _box_json(t.box),
            },
            "eps": text_of(self.eps),
            "regularity": {
                "lipschitz": {norm: text_of(L) for norm, L in t.lipschitz.items()},
                "axes": None if t.axes is None else [text_of(L) for L in t.axes],
                "hessian": None if t.hessian is None else text_of(t.hessian),
                "hull": None if t.hull is None else _box_json(t.hull),
                "osc": None if t.osc is None else text_of(t.osc),
            },
            "design": {
                "bound": d.bound,
                "norm": d.norm,
                "P": list(d.P),
                "pad": d.pad,
                "padding": t.padding,
                "kappa": None if d.kappa is None else text_of(d.kappa),
                "R": None if d.R is None else text_of(d.R),
            },
            "bound": d.error_bound,
            "holds": self.holds,
            "evidence": "enclosed",
            "seconds": round(self.seconds, 3),
        }
        data["sup_error"] = self._sup_error()
        o = self.observed
        data["observed"] = o and {
            "max": o.max,
            "at": list(o.at),
            "points": o.points,
            "backend": o.backend,
            "float": o.float,
        }
        return data

    def _sup_error(self) -> dict[str, Any]:
        if self.sup_error is None:
            return {"lower": "0", "upper": self.design.error_bound, "why": self.why_not_enclosed}
        e = self.sup_error
        names = self.design.target.variables
        return {
            "lower": lower(ball(e.lower), 8),
            "upper": upper(ball(min(e.upper, Fraction(self.design.error_bound))), 8),
            "at": dict(zip(names, place(self.design, e.at), strict=True)),
            "at_share": [str(t) for t in e.at],
            "boxes": e.boxes,
            "complete": e.complete,
        }

    def save(self, path: Path) -> None:
        """Write the certificate; an existing file is replaced only when the new one is complete."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(self.to_json(), indent=1) + "\n", encoding="utf-8")
        part.replace(path)


def network_of(design: Design, function: Function | None = None) -> GridNetwork:
    """The float64 instance of `design`: centres, temperatures and values rounded to nearest from balls.

    The values are those of the target's expression, or of `function`, a callable that maps points (T, N) to values
    (T,) and whose regularity the caller declared in the target. Raises ValueError if there is neither, if there are too
    many cells to tabulate, or if a function would have to be continued outside the box.

    >>> from attain.symbolic.target import Target
    >>> from attain.symbolic.theorems.max_affine import design
    >>> unit = ((Fraction(0), Fraction(1)),) * 2
    >>> made = design(Target(unit, {"l1": Fraction(1)}), Fraction(1, 2), "sharp")
    >>> network_of(made, lambda x: np.minimum(x[:, 0], x[:, 1])).cells
    9
    """
    t = design.target
    if t.expression is None and function is None:
        raise ValueError("the target has no expression to tabulate")
    if function is not None and design.pad and t.padding == "clip":
        raise ValueError("a callable has no continuation outside the box: use padding 'extend', or the sharp bound")
    if design.cells > MAX_CELLS:
        raise ValueError(f"{design.cells} cells are too many to tabulate (limit {MAX_CELLS})")
    with ctx.workprec(96):
        centres = [
            np.array(
                [float((ball(t.box[i][0]) + design.spacing(i) * (arb(2 * k + 1) / 2)).mid()) for k in _axis(design, i)]
            )
            for i in range(t.dim)
        ]
        temperature = tuple(float(design.R_on(i).mid()) for i in range(t.dim))
        ends = [(float(ball(a).mid()), float(ball(b).mid())) for a, b in t.box]
    grids = list(np.meshgrid(*centres, indexing="ij"))
    clipped = [np.clip(g, lo, hi) for g, (lo, hi) in zip(grids, ends, strict=True)]
    extended = t.padding == "extend" or design.pad == 0
    values = _on(design, grids if extended else clipped, function)
    if not extended:
        values = values + _continuation(design, grids, clipped)
    return grid_network(tuple(centres), temperature, values)


def _axis(design: Design, i: int) -> range:
    return range(-design.pad, design.P[i] + design.pad)


def _on(design: Design, grids: list[np.ndarray], function: Function | None = None) -> np.ndarray:
    t = design.target
    if function is not None:
        points = np.stack([g.ravel() for g in grids], axis=1)
        found = np.asarray(function(points), dtype=np.float64)
        if found.shape != (len(points),) or not np.isfinite(found).all():
            raise ValueError(f"the function must return {len(points)} finite values for {len(points)} points")
        return found.reshape(grids[0].shape)
    assert t.expression is not None
    values = evaluate_expression(t.expression, dict(zip(t.variables, grids, strict=True)), np)
    return np.array(np.broadcast_to(values, grids[0].shape), dtype=np.float64)


def _continuation(design: Design, grids: list[np.ndarray], clipped: list[np.ndarray]) -> np.ndarray:
    """∇f(π)·(v − π) at centres outside the box."""
    t = design.target
    assert t.expression is not None
    jet = compile_jet(t.expression, t.variables, 1)
    outside = np.any([g != c for g, c in zip(grids, clipped, strict=True)], axis=0)
    extra = np.zeros(grids[0].shape)
    for index in zip(*np.nonzero(outside), strict=True):
        gradient = jet([arb(float(c[index])) for c in clipped]).gradient
        steps = (float(g[index]) - float(c[index]) for g, c in zip(grids, clipped, strict=True))
        extra[index] = sum(float(slope.mid()) * step for slope, step in zip(gradient, steps, strict=True))
    return extra


def observe(
    design: Design,
    witness: tuple[float, ...] | None = None,
    points: int = OBSERVED_POINTS,
    function: Function | None = None,
) -> Observed:
    """The largest float64 error at quarter points of cells (all, or a seeded choice of `points`) and at `witness`.

    `function` as in `network_of`: nothing but samples is known of a callable, so this is all that can be said of it.
    """
    t = design.target
    with ctx.workprec(96):
        ends = [(float(ball(a).mid()), float(ball(b).mid())) for a, b in t.box]
    quarters = [4 * p + 1 for p in design.P]
    rng = np.random.default_rng(0)
    if prod(quarters) <= points:
        index = np.stack([g.ravel() for g in np.indices(quarters)], axis=1)
    else:
        index = np.stack([rng.integers(0, q, points) for q in quarters], axis=1)
    low, high = np.array(ends).T
    x = low + index / (np.array(quarters) - 1.0) * (high - low)
    if witness is not None:
        x = np.vstack([x, witness])
    result = evaluate(network_of(design, function), x)
    error = np.abs(result.values - _on(design, [x[:, i] for i in range(t.dim)], function))
    worst = int(np.argmax(error))
    return Observed(float(error[worst]), tuple(map(float, x[worst])), len(x), result.backend, result.dtype)


def certify(
    design: Design,
    eps: Real,
    gap: float = 0.05,
    seconds: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> Certificate:
    """Build the network of `design`, observe it, and enclose sup_K |F − f| (N ≤ 3) within `gap` in `seconds`."""
    began = time.monotonic()
    sup_error, why, witness = None, "", None
    limit = _rational_below(eps)
    try:
        sup_error = enclose(design, limit, gap, seconds, progress)
        witness = place(design, sup_error.at)
    except ValueError as error:
        why = str(error)
    holds: bool | None = True if design.meets else None
    if sup_error is not None:
        if sup_error.upper <= limit:
            holds = True
        elif sup_error.lower > 0 and bool(ball(sup_error.lower) > ball(eps)):
            holds = False
    observed = observe(design, witness) if design.cells <= MAX_CELLS else None
    return Certificate(design, eps, sup_error, why, observed, holds, time.monotonic() - began)


def place(design: Design, at: tuple[Fraction, ...]) -> tuple[float, ...]:
    """The point with shares `at` of the sides, in float64."""
    with ctx.workprec(96):
        return tuple(float(coordinate(design, i, t).mid()) for i, t in enumerate(at))


def _rational_below(eps: Real) -> Fraction:
    return eps if isinstance(eps, Fraction) else Fraction(lower(ball(eps), 17))


def _box_json(box: tuple[Side, ...]) -> list[list[Any]]:
    return [[_end(a), _end(b)] for a, b in box]


def _end(x: Real) -> Any:
    return to_json(number(x) if isinstance(x, Fraction) else x)
