"""Averages of a formula over the cells of a grid, enclosed: Taylor models, adaptive halving, poles by `singular`."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..symbolic.expression import Expr
from .midrad import TINY, UNIT, Array, MidRad
from .singular import norm_bound
from .taylor import Model, Surface
from .weights import DEEPEST, Index, centre_of, level_of, radius_of

MOST_BOXES = 100_000


class Boxes(NamedTuple):
    """Boxes: a cell and a dyadic interval inside it on every axis (see `weights`)."""

    cell: Index
    node: Index

    def take(self, rows: np.ndarray) -> Boxes:
        """The boxes at `rows`."""
        return Boxes(self.cell[rows], self.node[rows])

    def halves(self, axis: Index) -> Boxes:
        """Both halves along `axis`."""
        rows = np.arange(len(self.cell))
        low, high = self.node.copy(), self.node.copy()
        low[rows, axis] *= 2
        high[rows, axis] = low[rows, axis] + 1
        return Boxes(np.concatenate([self.cell, self.cell]), np.concatenate([low, high]))

    @property
    def share(self) -> Array:
        """The share of its cell that a box takes."""
        return np.asarray(np.prod(2 * radius_of(self.node), axis=1))

    def models(self, f: Surface) -> Model:
        """Taylor models of f about the centres of the boxes."""
        return f.models(self.cell, centre_of(self.node), radius_of(self.node))


def every_cell(P: tuple[int, ...]) -> Index:
    """The indices of all cells, last axis fastest."""
    return np.stack([g.ravel() for g in np.indices(P)], axis=1).astype(np.int64)


def pole_norm(expression: Expr, variables: tuple[str, ...], f: Surface, boxes: Boxes, row: int, p: Fraction) -> float:
    """An upper bound of (mean over one box of |f|^p)^{1/p}, inf where none is found."""
    centre, radius = centre_of(boxes.node[row]), radius_of(boxes.node[row])
    cell = boxes.cell[row]
    sides = [f.side(i, int(cell[i]), float(centre[i]), float(radius[i])) for i in range(f.N)]
    whole = norm_bound(expression, dict(zip(variables, sides, strict=True)), p)
    if not whole.is_finite():
        return math.inf
    for i in range(f.N):
        least = (2 * f.step[i] * radius[i]).lower()
        whole /= least if p == 1 else (least.log() * p.denominator / p.numerator).exp()
    return math.nextafter(float(whole.upper()), math.inf)


def means(model: Model, radius: Array) -> MidRad:
    """The mean of v + g·τ + ½τᵀHτ over |τ_i| ≤ r_i: v + Σ mid(H_ii) r_i²/6, the radii by E|τ_i| = r_i/2 and so on."""
    N = radius.shape[1]
    square = radius * radius / 6
    bend = np.einsum("bii,bi->b", model.hessian.mid, square)
    size = np.abs(model.value.mid) + np.einsum("bii,bi->b", np.abs(model.hessian.mid), square)
    rad = model.value.rad + np.einsum("bi,bi->b", model.gradient.rad, radius) / 2
    for i in range(N):
        rad = rad + model.hessian.rad[:, i, i] * square[:, i]
        for k in range(i):
            rad = rad + model.hessian.rad[:, i, k] * radius[:, i] * radius[:, k] / 4
    return MidRad(model.value.mid + bend, (rad + 16 * UNIT * size) * (1 + 64 * UNIT) + TINY)


def cell_averages(
    expression: Expr, variables: tuple[str, ...], f: Surface, tolerance: float, deadline: float
) -> MidRad:
    """⨍_{C_j} f for every cell, radii about `tolerance` where the deadline (and `MOST_BOXES`) allow.

    Raises ValueError where some average is not enclosed, `DomainError` where f is undefined on part of the box.
    """
    cells = every_cell(tuple(f.P))
    count, done = len(cells), 0
    wide = np.array([float(h.mid()) for h in f.step])
    fresh, owner = Boxes(cells, np.ones_like(cells)), np.arange(count)
    pool = _Pool(fresh.take(owner[:0]), owner[:0], np.zeros(0), np.zeros(0))
    while True:
        found = means(fresh.models(f), radius_of(fresh.node))
        done += len(owner)
        for row in np.flatnonzero(~np.isfinite(found.rad)):
            found.mid[row], found.rad[row] = 0.0, pole_norm(expression, variables, f, fresh, int(row), Fraction(1))
        pool = pool.joined(_Pool(fresh, owner, found.mid * fresh.share, found.rad * fresh.share))
        total = np.bincount(pool.owner, pool.error, minlength=count)
        worst = np.zeros(count)
        np.maximum.at(worst, pool.owner, pool.error)
        split = (total[pool.owner] > tolerance) & (pool.error >= worst[pool.owner] / 4)
        split &= level_of(pool.boxes.node).max(axis=1) < DEEPEST
        if not split.any() or time.monotonic() > deadline or done > MOST_BOXES:
            break
        chosen, pool = pool.take(split), pool.take(~split)
        axis = np.argmax(radius_of(chosen.boxes.node) * wide, axis=1)
        fresh, owner = chosen.boxes.halves(axis), np.concatenate([chosen.owner, chosen.owner])
    mid = np.bincount(pool.owner, pool.part, minlength=count).astype(np.float64)
    size = np.bincount(pool.owner, np.abs(pool.part), minlength=count)
    rad = (total + (done + 8) * UNIT * size) * (1 + (done + 8) * UNIT) + TINY
    if not np.isfinite(rad).all():
        raise ValueError("the average over a cell is not enclosed: a singularity is not seen to be integrable")
    return MidRad(mid.reshape(tuple(f.P)), rad.reshape(tuple(f.P)))


class _Pool(NamedTuple):
    """Boxes, the cells (by number) that they belong to, and what they contribute to the averages, with errors."""

    boxes: Boxes
    owner: np.ndarray
    part: Array
    error: Array

    def take(self, mask: np.ndarray) -> _Pool:
        return _Pool(self.boxes.take(mask), self.owner[mask], self.part[mask], self.error[mask])

    def joined(self, other: _Pool) -> _Pool:
        boxes = Boxes(*(np.concatenate(pair) for pair in zip(self.boxes, other.boxes, strict=True)))
        rest = (np.concatenate(pair) for pair in zip(self[1:], other[1:], strict=True))
        return _Pool(boxes, *rest)
