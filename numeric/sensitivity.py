"""How far the output of a literal layer can move when its weights are perturbed.

With W_Q + E_Q, W_K + E_K, W_V + E_V, query column z_t and key columns z_k, k_k = W_K z_k, q_t = W_Q z_t, every score in
column t moves by at most

    σ_t = max_k ( ‖k_k‖‖E_Q‖‖z_t‖ + ‖E_K‖‖z_k‖‖q_t‖ + ‖E_K‖‖E_Q‖‖z_k‖‖z_t‖ ),

so row r of W_V Z p moves by at most osc_r tanh(σ_t/2) + ‖E_V‖ max_k ‖z_k‖ (lemma score-sensitivity), osc_r the
oscillation of row r of W_V Z; multiplying by W_O multiplies that by at most the ℓ1 norm of its columns. Spectral norms.
Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from .layer import AttentionLayer

ROUNDING = 1 + 1e-9
"""Covers the rounding of the float64 norms; the bound is about the layer in exact arithmetic."""


@dataclass(frozen=True, eq=False)
class Perturbation:
    """Added to W_Q, W_K and W_V of a layer."""

    query: np.ndarray
    key: np.ndarray
    value: np.ndarray

    def applied(self, layer: AttentionLayer) -> AttentionLayer:
        """The layer with the perturbed weights."""
        return replace(layer, W_Q=layer.W_Q + self.query, W_K=layer.W_K + self.key, W_V=layer.W_V + self.value)


def gaussian_perturbation(layer: AttentionLayer, relative: float, rng: np.random.Generator) -> Perturbation:
    """Gaussian matrices with `relative` times the spectral norm of the weight they perturb."""

    def noise(W: np.ndarray) -> np.ndarray:
        raw = rng.standard_normal(W.shape)
        return raw * (relative * _norm(W) / _norm(raw))

    return Perturbation(noise(layer.W_Q), noise(layer.W_K), noise(layer.W_V))


def sensitivity_bound(layer: AttentionLayer, X: ArrayLike, change: Perturbation, X_K: ArrayLike | None = None) -> float:
    """A bound of the largest change of an output entry for the input X (self-attention, or cross with X_K).

    >>> from .network import grid_network
    >>> from .layer import materialise, sequence_network
    >>> net = grid_network([[0.0, 1.0]] * 2, (4.0, 4.0), [[0.0, 1.0], [2.0, 3.0]])
    >>> layer = materialise(sequence_network(1, 2, [[net, net]]))
    >>> change = gaussian_perturbation(layer, 1e-3, np.random.default_rng(0))
    >>> x = np.array([[0.3, 0.9]])
    >>> bool(np.abs(change.applied(layer)(x) - layer(x)).max() <= sensitivity_bound(layer, x, change))
    True
    """
    x = np.asarray(X, dtype=np.float64)
    Z_Q = layer.query(x)
    Z_K = Z_Q if layer.key is layer.query else layer.key(x if X_K is None else np.asarray(X_K, dtype=np.float64))
    asked = np.abs(layer.W_O).sum(axis=1) > 0
    z_q, q = (np.linalg.norm(M, axis=0)[asked] for M in (Z_Q, layer.W_Q @ Z_Q))
    z_k, k = np.linalg.norm(Z_K, axis=0), np.linalg.norm(layer.W_K @ Z_K, axis=0)
    e_q, e_k, e_v = (_norm(E) for E in (change.query, change.key, change.value))
    sigma = (np.outer(e_q * k, z_q) + np.outer(e_k * z_k, q) + np.outer(e_k * e_q * z_k, z_q)).max(axis=0)
    values = layer.W_V @ Z_K
    osc = float((values.max(axis=1) - values.min(axis=1)).max())
    mixing = float(np.abs(layer.W_O).sum(axis=0).max())
    return ROUNDING * mixing * (osc * float(np.tanh(sigma.max() / 2)) + e_v * float(z_k.max()))


def _norm(W: np.ndarray) -> float:
    return float(np.linalg.norm(W, 2))
