"""Rigorous spectral norm of a symmetric matrix of Arb balls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import arb, arb_mat

from .elementary import hull, power


def spectral_norm(rows: Sequence[Sequence[arb]]) -> arb:
    """A ball around ‖H‖₂ for every symmetric H in the given balls (ours).

    N = 1: |h|. N = 2: |a+d|/2 + √((a−d)²/4 + b²) at the ends of a and d and the largest |b|, enough above because the
    norm is convex. N ≥ 3: with any invertible Q, here the float eigenvectors of the midpoint, T = QᵀHQ and G = QᵀQ,
    max_k |T_kk|/G_kk ≤ ‖H‖₂ ≤ ‖T‖_∞ / (1 − ‖G − I‖_∞), the right side because xᵀHx = yᵀTy with x = Qy and
    ‖y‖² ≤ ‖x‖²/λ_min(G). Besides ‖H‖₂ ≤ ‖mid H‖₂ + ‖rad H‖_∞.

    >>> spectral_norm([[arb(3), arb(4)], [arb(4), arb(-3)]])
    5.00000000000000
    """
    entries = [entry for row in rows for entry in row]
    if not all(entry.is_finite() for entry in entries):
        return arb.nan()
    if len(rows) == 1:
        return _between(entries[0].abs_lower(), entries[0].abs_upper())
    if len(rows) == 2:
        return _two(rows[0][0], rows[0][1], rows[1][1])
    return _many(rows)


def _between(low: arb, high: arb) -> arb:
    return high if low == high else hull(low, high, keep_high=True)


def _two(a: arb, b: arb, d: arb) -> arb:
    def norm(a: arb, b: arb, d: arb) -> arb:
        if b == 0:
            return abs(a).max(abs(d))
        return abs(a + d) / 2 + (power((a - d) / 2, 2) + power(b, 2)).sqrt()

    if a.is_exact() and b.is_exact() and d.is_exact():
        return norm(a, b, d)
    top = b.abs_upper()
    values = [norm(x, top, y).upper() for x in (a.lower(), a.upper()) for y in (d.lower(), d.upper())]
    high = values[0]
    for value in values[1:]:
        high = high.max(value)
    natural = norm(a, b, d)
    low = natural.abs_lower() if natural.is_finite() else arb(0)
    return _between(low.min(high), high)


def _many(rows: Sequence[Sequence[arb]]) -> arb:
    n = len(rows)
    middle = arb_mat([[entry.mid() for entry in row] for row in rows])
    floats = np.array([[float(entry.mid()) for entry in row] for row in rows])
    if not np.isfinite(floats).all():
        return arb.nan()
    vectors = arb_mat(np.linalg.eigh(floats)[1].tolist())
    gram = vectors.transpose() * vectors
    gap = 1 - _row_sum(gram - arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)]))
    if not gap > 0:
        return arb.nan()
    whole = vectors.transpose() * arb_mat([list(row) for row in rows]) * vectors
    centre = vectors.transpose() * middle * vectors
    radius = max((sum((entry.rad() for entry in row), arb(0)).upper() for row in rows), key=float)
    first, second = (_row_sum(whole) / gap).upper(), (_row_sum(centre) / gap + radius).upper()
    low = arb(0)
    for k in range(n):
        low = low.max((abs(whole[k, k]) / gram[k, k]).abs_lower())
    high = first.min(second)
    return _between(low.min(high), high)


def _row_sum(matrix: arb_mat) -> arb:
    result = arb(0)
    for i in range(matrix.nrows()):
        result = result.max(sum((matrix[i, j].abs_upper() for j in range(matrix.ncols())), arb(0)).upper())
    return result
