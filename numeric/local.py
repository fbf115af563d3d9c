"""A window of centres around each point, with a proved bound on the mass left out.

**Lemma (window; ours).** Take increasing centres on one axis, neighbours at least h apart, κ = R h², any real x, and
let c be the index of a centre nearest to x. For q ≥ 0 the softmax mass of {k : |k − c| > q} is at most

  δ(q) = (e^{−κ q(q+1)/2} + e^{−κ (q+1)²/2}) / (1 − e^{−κ(q+1)}).

*Proof.* Say x ≥ v_c, ρ = x − v_c (mirror otherwise). The mass is at most the sum of the far weights over the nearest
weight. On the right, Δ = v_{c+m} − v_c ≥ mh and ρ ≤ ½(v_{c+1} − v_c) ≤ ½(Δ − (m−1)h), as c is nearest, so
(Δ−ρ)² − ρ² = Δ(Δ − 2ρ) ≥ m(m−1)h². (If c is the last centre there is no right side, whatever ρ.) On the left,
(Δ+ρ)² − ρ² = Δ(Δ+2ρ) ≥ m²h². So the sum is at most Σ_{m>q} (e^{−κm(m−1)/2} + e^{−κm²/2}), and both series decrease at
least as fast as the ratio e^{−κ(q+1)} from their first terms on (m(m+1) − m(m−1) = 2m, (m+1)² − m² ≥ 2m). ∎

With l the number of centres ≤ x, minus one, a nearest centre is l or l+1, so the window {l−q, …, l+1+q} holds
{c−q, …, c+q}: the choice needs comparisons only, no rounding. Axes are independent, so the mass δ outside the product
window is at most Σ_i δ_i, F = (1−δ)F_in + δF_out with conditional means, and |F − F_in| = δ|F_out − F_in| ≤
(Σ_i δ_i)(max y − min y). F_in is what the window evaluates: the constant is 1, renormalisation included.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .backend import to_host
from .dense import score_scales
from .network import GridNetwork
from .separable import axis_softmax, contract

GATHER_BUDGET = {"numpy": 2**18, "cupy": 2**25}
TINY = float(np.finfo(np.float64).tiny)


def window_mass(kappa: float, reach: int) -> float:
    """δ(q) of the lemma, rounded up, at most 1: the mass on one axis beyond ``reach`` = q centres from the nearest.

    The exponents carry a relative error of a few units and are at most 745 where exp is not 0, so a factor
    1 + 10⁻¹¹ and one smallest normal number cover all rounding.

    >>> window_mass(8.0, 2) < 4e-11, window_mass(0.1, 0)
    (True, 1.0)
    """
    q = reach
    head = math.exp(-kappa * q * (q + 1) / 2) + math.exp(-kappa * (q + 1) ** 2 / 2)
    return min(1.0, head / -math.expm1(-kappa * (q + 1)) * (1 + 1e-11) + TINY)


def window_reach(kappa: float, tolerance: float, count: int) -> int:
    """Smallest q with δ(q) ≤ ``tolerance``, or ``count`` if all centres are needed.

    >>> window_reach(8.0, 1e-16, 64)
    3
    """
    return next((q for q in range(count) if window_mass(kappa, q) <= tolerance), count)


def windows(network: GridNetwork, tolerance: float) -> tuple[tuple[int, ...], float]:
    """Window widths per axis and the proved bound on the mass outside, for a total ``tolerance`` in (0, 1).

    >>> from .network import midpoint_grid
    >>> net = GridNetwork((midpoint_grid(0, 1, 64),), (8 * 64.0**2,), np.zeros(64))
    >>> windows(net, 1e-16)[0]
    (8,)
    """
    widths, mass = [], 0.0
    for kappa, count in zip(network.kappa, network.shape, strict=True):
        reach = 0 if count == 1 else window_reach(kappa, tolerance / network.dim, count)
        width = min(2 * reach + 2, count)
        widths.append(width)
        mass += 0.0 if width == count else window_mass(kappa, reach)
    return tuple(widths), mass * (1 + 1e-14)


def local_values(
    network: GridNetwork, points: np.ndarray, xp: Any, dtype: Any, widths: tuple[int, ...], budget: int
) -> np.ndarray:
    """The conditional mean F_in over the window at ``points`` (T, N), computed in the format ``dtype``."""
    scale = score_scales(network.temperature, xp, dtype)
    centres = [xp.asarray(c, dtype=dtype) for c in network.centres]
    exact = [xp.asarray(c) for c in network.centres]
    table = xp.asarray(network.values, dtype=dtype).reshape(-1)
    strides = [math.prod(network.shape[i + 1 :]) for i in range(network.dim)]
    rows = max(1, min(len(points), budget // math.prod(widths)))
    out = np.empty(len(points), dtype=dtype)
    for start in range(0, len(points), rows):
        wide = xp.asarray(points[start : start + rows])
        x = wide.astype(dtype)
        flat: Any = xp.zeros((len(x), 1), dtype=np.int64)
        weights = []
        for i, width in enumerate(widths):
            left = xp.searchsorted(exact[i], wide[:, i], side="right") - 1
            first = xp.clip(left - (width // 2 - 1), 0, network.shape[i] - width)
            index = first[:, None] + xp.arange(width)[None, :]
            weights.append(axis_softmax(x[:, i, None] - centres[i][index], scale[i], xp))
            flat = (flat[:, :, None] + (index * strides[i])[:, None, :]).reshape(len(x), -1)
        out[start : start + rows] = to_host(contract(table[flat], weights, xp))
    return out
