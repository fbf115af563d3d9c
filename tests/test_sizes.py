"""Sizes are the counts of the weights themselves."""

from __future__ import annotations

from fractions import Fraction

import pytest
from attain.symbolic.attention import instantiate, max_affine_layer
from attain.symbolic.sizes import max_affine_sizes
from sympy import symbols

MATRICES = ("A", "B", "C", "W_Q", "W_K", "W_V")
"""All but W_O, which only picks one of G equal columns: `Sizes` counts one evaluation with one column."""


@pytest.mark.parametrize(("N", "G", "outputs"), [(1, 2, 1), (2, 9, 1), (3, 5, 2), (6, 64, 4)])
def test_sizes_are_the_counts_of_the_symbolic_layer(N, G, outputs):
    layer, sizes = max_affine_layer(N, G, outputs), max_affine_sizes(N, G, outputs)
    assert sizes.dense == layer.dense_count(*MATRICES)
    assert sizes.nonzero == layer.nonzero_count(*MATRICES)
    assert sizes.hidden == layer.hidden
    assert sizes.tokens == layer.tokens == G
    assert sizes.heads == 1
    assert sizes.bytes(8) == 8 * sizes.dense


def test_sizes_are_the_counts_of_an_explicit_layer():
    N, G = symbols("N G", integer=True, positive=True)
    centres = [[Fraction(j + 1, 3), Fraction(2 * j + 1, 5)] for j in range(4)]
    explicit = instantiate(max_affine_layer(N, G), centres, [Fraction(j + 1, 7) for j in range(4)], Fraction(5, 2))
    matrices = [getattr(explicit, name) for name in MATRICES]
    sizes = max_affine_sizes(2, 4)
    assert sizes.dense == sum(m.rows * m.cols for m in matrices)
    assert sizes.nonzero == sum(entry != 0 for m in matrices for entry in m)


def test_flops_count_the_operations():
    """Scores (N + 1 products and sums a centre), maximum, shift, exponential, sum, then numerators; 64 centres."""
    N, G, outputs = 3, 64, 2
    scores, softmax, read = 2 * (N + 1) * G, 4 * G, 2 * outputs * G
    assert max_affine_sizes(N, G, outputs).flops == scores + softmax + read
    assert max_affine_sizes(1000, 159**1000).tokens == 159**1000
