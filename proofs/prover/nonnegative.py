"""Exact nonnegative solutions of linear equations: found with floats, solved for over Q."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat

MOST_STEPS = 120


def solve(columns: Sequence[dict[int, Fraction]], right: dict[int, Fraction]) -> dict[int, Fraction] | None:
    """x ≥ 0 with Σ x_j·columns[j] = right exactly (x without its zeros); None if the search does not find one.

    >>> solve([{0: Fraction(1)}, {0: Fraction(1), 1: Fraction(2)}], {0: Fraction(1), 1: Fraction(1)})
    {1: Fraction(1, 2), 0: Fraction(1, 2)}
    """
    rows = {r: k for k, r in enumerate(dict.fromkeys(r for column in (*columns, right) for r in column))}
    matrix = np.zeros((len(rows), len(columns)))
    for j, column in enumerate(columns):
        for r, c in column.items():
            matrix[rows[r], j] = float(c)
    scale = np.linalg.norm(matrix, axis=0)
    target = np.zeros(len(rows))
    for r, c in right.items():
        target[rows[r]] = float(c)
    if not np.isfinite(matrix).all() or not scale.all():
        return None
    support = _least_squares(matrix / scale, target)
    return None if support is None else _exact(columns, right, support)


def _least_squares(a: np.ndarray, b: np.ndarray) -> list[int] | None:
    """The support of a nonnegative solution (Lawson and Hanson 1974, on the normal equations), largest first."""
    gram, target = a.T @ a, a.T @ b
    x = np.zeros(a.shape[1])
    passive: list[int] = []
    banned = np.zeros(a.shape[1], dtype=bool)
    for _ in range(MOST_STEPS):
        gradient = target - gram[:, passive] @ x[passive]
        gradient[passive] = -1
        gradient[banned] = -1
        entering = int(np.argmax(gradient))
        if gradient[entering] <= 1e-10:
            break
        found = _step(gram, target, x, [*passive, entering])
        if found is None:
            banned[entering] = True
            continue
        passive = found
        banned[:] = False
        rest = b - a[:, passive] @ x[passive]
        if rest @ rest < 1e-18:
            break
    rest = b - a @ x
    if rest @ rest > 1e-12:
        return None
    return sorted((j for j in passive if x[j] > 1e-11), key=lambda j: -x[j])


def _step(gram: np.ndarray, target: np.ndarray, x: np.ndarray, passive: list[int]) -> list[int] | None:
    """Move x to the least squares solution on the passive set, which loses what becomes 0; None if the new one does."""
    first = True
    while passive:
        square = gram[np.ix_(passive, passive)]
        try:
            s = np.linalg.solve(square, target[passive])
        except np.linalg.LinAlgError:
            s = np.linalg.lstsq(square, target[passive], rcond=None)[0]
        if first and s[-1] <= 0:
            return None
        first = False
        if (s > 0).all():
            x[:] = 0
            x[passive] = s
            return passive
        old = x[passive]
        bad = s <= 0
        x[passive] = old + np.min(old[bad] / (old[bad] - s[bad])) * (s - old)
        for j in passive:
            x[j] = x[j] if x[j] > 1e-13 else 0.0
        passive = [j for j in passive if x[j]]
    return passive


def _exact(
    columns: Sequence[dict[int, Fraction]], right: dict[int, Fraction], support: list[int]
) -> dict[int, Fraction] | None:
    rows = {r: k for k, r in enumerate(dict.fromkeys(r for j in support for r in columns[j]))}
    if any(r not in rows for r in right):
        return None
    system = fmpq_mat(len(rows), len(support) + 1)
    for place, column in enumerate([*(columns[j] for j in support), right]):
        for r, c in column.items():
            system[rows[r], place] = fmpq(c.numerator, c.denominator)
    reduced, rank = system.rref()
    found: dict[int, Fraction] = {}
    for r in range(rank):
        lead = next(j for j in range(len(support) + 1) if reduced[r, j] != 0)
        value = reduced[r, len(support)]
        if lead == len(support) or value < 0:
            return None
        if value != 0:
            found[support[lead]] = Fraction(int(value.p), int(value.q))
    return found
