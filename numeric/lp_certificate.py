"""An L^p certificate: a network with cell averages as values, and the enclosure of ‖F − f‖_p that decides.

The network has the float64 values y_j nearest to enclosed averages over the cells, taken as exact numbers, so the
enclosure is about this very network. Its size is found by trying grids in floating point; only the enclosure proves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from flint import arb, ctx

from ..proofs.interval import DomainError
from ..symbolic.design import Design
from ..symbolic.exact import Real, ball, text_of
from ..symbolic.expression import evaluate, to_text
from ..symbolic.lattice import m1N
from ..symbolic.overlap import root
from ..symbolic.rounding import lower, upper
from ..symbolic.target import Target
from ..symbolic.theorems.max_affine import euclidean
from ..symbolic.theorems.max_affine_lp import Problem, average_bound
from .averages import cell_averages
from .enclosure import BITS
from .lp_error import MOST_DIMENSIONS, LpEnclosure, enclose_lp
from .midrad import Array
from .taylor import Surface

KAPPAS = tuple(map(Fraction, (2, 6, 20, 64)))
MOST_CELLS = 20_000
MARGIN = 0.96
"""A grid is tried if its float estimate is below this share of ε."""
AVERAGE_SHARE = 64
"""The averages are enclosed to about ε/64: any numbers near them serve as values."""
RETRIES = 4


@dataclass(frozen=True)
class LpCertificate:
    """What was proved about ‖F − f‖_{L^p(K)} for the exact-arithmetic network of `design`.

    `bound` is the theorem's bound for f with a known Lipschitz constant, else None; `holds` is True if it or the
    enclosure is at most ε, False if the enclosure is above ε. `radius` bounds the distance of the values from the
    averages, `estimate` is the floating-point guess of the error.
    """

    design: Design
    p: Fraction
    eps: Real
    error: LpEnclosure | None
    why_not_enclosed: str
    bound: str | None
    radius: str
    estimate: float
    holds: bool | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Plain data; bounds are decimal strings rounded outward."""
        t = self.design.target
        assert t.expression is not None
        e = self.error
        return {
            "target": {"text": to_text(t.expression), "variables": list(t.variables)},
            "eps": text_of(self.eps),
            "p": str(self.p),
            "values": "cell averages",
            "values_radius": self.radius,
            "bound": self.bound,
            "lp_error": {"why": self.why_not_enclosed}
            if e is None
            else {"lower": e.lower, "upper": e.upper, "boxes": e.boxes, "complete": e.complete},
            "observed": {"estimate": self.estimate, "float": "float64", "backend": "numpy"},
            "holds": self.holds,
            "evidence": "enclosed",
            "seconds": round(self.seconds, 3),
        }


def certify_lp(
    target: Target,
    p: Fraction,
    eps: Real,
    P: tuple[int, ...] | None = None,
    R: Fraction | None = None,
    gap: float = 0.02,
    seconds: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> LpCertificate:
    """Find a grid and κ (unless fixed), build the network, and enclose ‖F − f‖_p; N ≤ 2.

    Raises ValueError for N > 2, and where no grid of at most `MOST_CELLS` cells seems to reach ε.
    """
    began = time.monotonic()
    if target.dim > MOST_DIMENSIONS:
        raise ValueError(f"an L^p error can be enclosed in at most {MOST_DIMENSIONS} dimensions")
    limit = eps if isinstance(eps, Fraction) else Fraction(lower(ball(eps), 17))
    for attempt, candidate in enumerate(_candidates(target, p, float(limit), P, R)):
        design, estimate = candidate
        left = seconds - (time.monotonic() - began)
        found = _certified(design, p, limit, gap, max(left, 1.0), progress)
        if found.holds or attempt == RETRIES or left < seconds / 3:
            break
    return replace(found, eps=eps, estimate=estimate, seconds=time.monotonic() - began)


def _certified(
    design: Design, p: Fraction, limit: Fraction, gap: float, seconds: float, progress: Callable[[float], None] | None
) -> LpCertificate:
    """Averages, enclosure and the theorem's bound for one design."""
    target, deadline = design.target, time.monotonic() + seconds / 3
    assert target.expression is not None
    with ctx.workprec(BITS):
        scale = root(Problem(target, p).volume, p)
        tolerance = float(limit / AVERAGE_SHARE / Fraction(upper(scale, 6)))
        start, end = ([ball(side[k]) for side in target.box] for k in (0, 1))
        steps = [design.spacing(i) for i in range(target.dim)]
        surface = Surface(target.expression, target.variables, start, end, steps, list(design.P))
        averages = cell_averages(target.expression, target.variables, surface, tolerance, deadline)
        radius = Fraction(float(averages.rad.max()))
        bound = upper(_theorem(design, p) + ball(radius) * scale, 8) if target.lipschitz else None
    error, why = None, ""
    try:
        error = enclose_lp(design, p, limit, averages.mid, gap, seconds, progress)
    except DomainError:
        raise
    except ValueError as reason:
        why = str(reason)
    proved = [Fraction(text) for text in (bound, error and error.upper) if text]
    holds = True if proved and min(proved) <= limit else None
    if holds is None and error is not None and Fraction(error.lower) > limit:
        holds = False
    if proved:
        shown = min(proved)
        design = replace(design, error_bound=upper(shown, 8), meets=bool(holds))
    return LpCertificate(design, p, limit, error, why, bound, upper(radius, 3), 0.0, holds, 0.0)


def _theorem(design: Design, p: Fraction) -> arb:
    """The less of the overlap bound and L h (m_{1,N}(κ) + √N/2)|K|^{1/p}: averages over cells, f Lipschitz."""
    target, N = design.target, design.target.dim
    problem = Problem(target, p)
    widest, kappa = design.spacing(0), design.kappa_on(0)
    for i in range(1, N):
        widest, kappa = widest.max(design.spacing(i)), kappa.min(design.kappa_on(i))
    plain = ball(euclidean(target)) * widest * (m1N(kappa, N) + arb(N).sqrt() / 2) * root(problem.volume, p)
    return average_bound(problem, widest, kappa)[0][2].min(plain)


def _candidates(
    target: Target, p: Fraction, eps: float, P: tuple[int, ...] | None, R: Fraction | None
) -> Iterator[tuple[Design, float]]:
    """Designs whose float estimate is below ε, smallest first; with P given that grid alone, with its best κ."""
    widths = [float(target.side(i).mid()) for i in range(target.dim)]
    count, promising = 1, False
    while True:
        grid = P or tuple(max(1, round(count * w / max(widths))) for w in widths)
        if prod(grid) > MOST_CELLS:
            raise ValueError(
                f"no grid of at most {MOST_CELLS} cells seems to reach eps; allow a larger eps, or fix one with --P"
            )
        best = min(_estimates(target, p, grid, R), key=lambda pair: pair[1])
        if P is not None or best[1] <= MARGIN * eps:
            yield _design(target, grid, best[0], R), best[1]
            promising = True
        if P is not None:
            return
        count = max(count + 1, round(count * (1.1 if promising else 1.2)))


def _design(target: Target, P: tuple[int, ...], kappa: Fraction | None, R: Fraction | None) -> Design:
    return Design(
        theorem="max-affine-lp",
        bound="enclosed",
        norm="lp",
        target=target,
        P=P,
        kappa=kappa,
        R=R,
        pad=0,
        budget=(),
        error_bound="0",
        meets=False,
        source="ours (enclosure of the L^p error)",
    )


def _estimates(
    target: Target, p: Fraction, P: tuple[int, ...], R: Fraction | None
) -> Iterator[tuple[Fraction | None, float]]:
    """Each κ (None if R is fixed) with a float estimate of ‖F − f‖_p from some points in every cell."""
    assert target.expression is not None
    N, per = target.dim, 48 if target.dim == 1 else 8
    offsets = (np.arange(per) + 0.4142) / per - 0.5
    widths = [float(target.side(i).mid()) / n for i, n in enumerate(P)]
    lines = [
        float(ball(target.box[i][0]).mid()) + (np.arange(P[i])[:, None] + 0.5 + offsets).ravel() * widths[i]
        for i in range(N)
    ]
    grids = np.meshgrid(*lines, indexing="ij")
    with np.errstate(all="ignore"):
        f = evaluate(target.expression, dict(zip(target.variables, grids, strict=True)), np)
    f = f + np.zeros(grids[0].shape)
    if np.isnan(f).any():
        at = np.unravel_index(int(np.argmax(np.isnan(f))), f.shape)
        place = ", ".join(f"{name} = {grid[at]:.6g}" for name, grid in zip(target.variables, grids, strict=True))
        raise ValueError(f"the function is not defined near {place}")
    f = np.where(np.isfinite(f), f, 0.0)
    y = f
    for i in range(N):
        y = y.reshape(*y.shape[:i], P[i], per, *y.shape[i + 1 :]).mean(axis=i + 1)
    for kappa in (None,) if R is not None else KAPPAS:
        F = y
        for i in range(N):
            F = _smoothed(F, float(kappa) if kappa is not None else float(R or 0) * widths[i] ** 2, offsets, i)
        power, volume = float(p), prod(widths) * prod(P)
        yield kappa, float((np.mean(np.abs(F - f) ** power) * volume) ** (1 / power))


def _smoothed(y: Array, kappa: float, offsets: Array, axis: int) -> Array:
    """The softmax averages of y along one axis at the offsets in every cell, over a window of centres."""
    y = np.moveaxis(y, axis, 0)
    count = len(y)
    reach = min(count, int(np.ceil((80 / kappa) ** 0.5)) + 1)
    cell, near = np.arange(count)[:, None], np.arange(-reach, reach + 1)
    inside = (cell + near >= 0) & (cell + near < count)
    scores = -(kappa / 2) * (offsets[:, None] - near) ** 2
    w = np.exp(scores - scores.max(axis=1, keepdims=True))[None] * inside[:, None, :]
    w /= w.sum(axis=2, keepdims=True)
    window = y[np.clip(cell + near, 0, count - 1)]
    found = np.einsum("cok,ck...->co...", w, window)
    return np.moveaxis(found.reshape(count * len(offsets), *y.shape[1:]), 0, axis)
