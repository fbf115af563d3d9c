"""Sizes of one max-affine attention head, as exact integers; tests/test_sizes.py counts the weights themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Sizes of the layer with G tokens of D = 2N + 2 + d_o rows [x | 1 | v_j | −½‖v_j‖² | y_j].

    `dense` counts every entry of W_Q, W_K ∈ R^{(N+1)×D}, W_V ∈ R^{d_o×D} and of the layer Lin(x) = A x 1ᵀ + C
    (A ∈ R^{D×N}, 1 ∈ R^G, C ∈ R^{D×G}); `nonzero` those that are not structurally zero. `flops` counts one
    evaluation: 2(N+1)G for the scores, 4G for maximum, shift, exponential and sum, 2 d_o G for the read-out.
    """

    tokens: int
    hidden: int
    heads: int
    dense: int
    nonzero: int
    flops: int

    def bytes(self, width: int) -> int:
        """Bytes of the dense parameters at `width` bytes a number."""
        return self.dense * width


def max_affine_sizes(dim: int, cells: int, outputs: int = 1) -> Sizes:
    """Sizes of the max-affine layer for N = `dim`, G = `cells`, d_o = `outputs`.

    >>> max_affine_sizes(2, 9).hidden
    7
    """
    hidden = 2 * dim + 2 + outputs
    return Sizes(
        tokens=cells,
        hidden=hidden,
        heads=1,
        dense=2 * (dim + 1) * hidden + outputs * hidden + hidden * dim + cells + hidden * cells,
        nonzero=2 * (dim + 1) + outputs + dim + cells + cells * (dim + 2 + outputs),
        flops=cells * (2 * (dim + 1) + 4 + 2 * outputs),
    )
