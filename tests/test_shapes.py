"""Sizes of the sequence layers are the counts of their matrices, symbolic and materialised."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from attain.numeric.layer import AttentionLayer, materialise, sequence_network
from attain.numeric.network import grid_network
from attain.symbolic.cross_attention import cross_attention_layer
from attain.symbolic.self_attention import self_attention_layer
from attain.symbolic.shapes import Shape, shape_from
from attain.symbolic.slots import amplification, leakage
from sympy import Integer, symbols

d, n, m, G, rows = symbols("d n m G d_o", integer=True, positive=True)
CASES = [(1, 2, 3, 1, 1), (2, 2, 5, 2, 1), (3, 1, 4, 2, 2), (2, 3, 1, 4, 3)]


@pytest.mark.parametrize(("d_", "n_", "G_", "rows_", "m_"), CASES)
@pytest.mark.parametrize("variant", ["tokens", "cross"])
def test_sizes_are_the_counts_of_the_symbolic_layer(
    variant: str, d_: int, n_: int, G_: int, rows_: int, m_: int
) -> None:
    values = {d: d_, n: n_, m: m_, G: G_, rows: rows_}
    if variant == "tokens":
        layer, shape = self_attention_layer(d, n, G, rows), Shape("tokens", d_, n_, rows_)
    else:
        layer, shape = cross_attention_layer(d, n, m, G, rows), Shape("cross", d_, n_, rows_, m_)
    sizes = shape.sizes(G_)
    dense, some = (count.subs(values) for count in layer.counts())
    assert (sizes.dense, sizes.nonzero) == (dense, some)
    assert (sizes.hidden, sizes.tokens) == (layer.hidden.subs(values), layer.tokens.subs(values))


def layer_arrays(layer: AttentionLayer) -> list[np.ndarray]:
    lins = [layer.key] if layer.key is layer.query else [layer.query, layer.key]
    parts = [a for lin in lins for a in (lin.left, lin.right, lin.constant)]
    return [*parts, layer.W_Q, layer.W_K, layer.W_V, layer.W_O]


@pytest.mark.parametrize(("variant", "m_"), [("tokens", 0), ("flat", 0), ("cross", 1), ("cross", 0)])
@pytest.mark.parametrize(("d_", "n_", "rows_"), [(1, 2, 1), (2, 2, 3), (2, 1, 2)])
def test_sizes_are_the_counts_of_the_materialised_layer(variant: str, m_: int, d_: int, n_: int, rows_: int) -> None:
    shape = Shape(variant, d_, n_, rows_, m_)  # type: ignore[arg-type]
    centres = [np.array([0.25, 0.75])] * shape.dim
    table = 1.0 + np.arange(2**shape.dim).reshape((2,) * shape.dim)
    entry = grid_network(centres, (8.0,) * shape.dim, table)
    layer = materialise(sequence_network(d_, n_, [[entry] * n_] * rows_, variant, m_))
    arrays, sizes = layer_arrays(layer), shape.sizes(2**shape.dim)
    picked = layer.W_O.size if variant == "flat" else 0
    assert sizes.dense == sum(a.size for a in arrays) - picked
    assert sizes.nonzero == sum(np.count_nonzero(a) for a in arrays) - (1 if picked else 0)
    assert sizes.tokens == layer.key.constant.shape[1]
    assert sizes.hidden == layer.key.constant.shape[0]


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_slot_numbers_are_those_of_the_slot_matrix(count: int) -> None:
    shape = Shape("tokens", 1, count, 1)
    odds = Integer(shape.odds)
    assert shape.leakage == Fraction(str(leakage(odds, Integer(count))))
    assert shape.amplification == Fraction(str(amplification(odds, Integer(count))))
    assert shape.amplification < 2


def test_flops_count_the_kept_columns() -> None:
    width, T = 2 * 3 + 1 + 3, 3 * 5
    scores, softmax, read = 2 * width * T * 3, 4 * T * 3, 2 * 2 * T * 3
    assert Shape("tokens", 2, 3, 2).sizes(5).flops == scores + softmax + read + 2 * 2 * 3 * 3


def test_reading_a_shape() -> None:
    assert shape_from({"variant": "tokens"}, 2, 3) == Shape("tokens", 2, 3, 2)
    assert shape_from({}, 2, 3, 0) == Shape("cross", 2, 3, 2, 0)
    for values, message in (
        ({"variant": "flat", "outputs": "0"}, "outputs: '0' is not a count"),
        ({"outputs": "2"}, "a scalar function has one output"),
        ({"variant": "wide"}, "variant: 'wide' is unknown"),
        ({"variant": "cross"}, "choose scalar, flat or tokens"),
    ):
        with pytest.raises(ValueError, match=message):
            shape_from(values, 2, 3)
