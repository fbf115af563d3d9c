"""Self- and cross-attention layers: derived for symbolic sizes, and equal to explicit matrices multiplied literally."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import mpmath
import pytest
from attain.symbolic.attention import Softmax, max_affine_layer, nonzeros, softmax_columns
from attain.symbolic.cross_attention import cross_attention_layer
from attain.symbolic.linear import SumOfLinear, Vec
from attain.symbolic.self_attention import self_attention_layer
from attain.symbolic.sequence_layer import SequenceLayer, explicit, first_columns
from attain.symbolic.slots import leakage, slot_softmax
from sympy import (
    BlockMatrix,
    Expr,
    Identity,
    ImmutableMatrix,
    Integer,
    KroneckerProduct,
    MatrixSymbol,
    OneMatrix,
    Rational,
    ZeroMatrix,
    exp,
    expand,
    symbols,
)
from sympy.matrices.expressions.diagonal import DiagonalOf

d, n, m, G, rows = symbols("d n m G d_o", integer=True, positive=True)
SELF, CROSS = self_attention_layer(d, n, G, rows), cross_attention_layer(d, n, m, G, rows)
Table = list[list[Any]]
SIZES = [
    {d: 1, n: 2, m: 1, G: 2, rows: 1},
    {d: 2, n: 2, m: 1, G: 3, rows: 1},
    {d: 1, n: 3, m: 2, G: 2, rows: 2},
    {d: 3, n: 1, m: 2, G: 2, rows: 3},
]


def centres(size: int, cells: int, first: int = 1) -> Table:
    """Distinct nonzero entries, one column a centre."""
    return [[Rational(3 * j + 5 * i + first, 7) for j in range(cells)] for i in range(size)]


def table(height: int, columns: int) -> Table:
    return [[Rational((2 * c + 3 * r + 1) * (-1) ** (c // 2), 5) for c in range(columns)] for r in range(height)]


def data_of(layer: SequenceLayer, sizes: dict[Expr, int]) -> dict[MatrixSymbol, Table]:
    made = {}
    for place, symbol in enumerate(layer.data):
        height, width = (int(side.subs(sizes)) for side in symbol.shape)
        made[symbol] = table(height, width) if symbol.name == "Y" else centres(height, width, 1 + place)
    return made


def vec(matrix: Table) -> list[Any]:
    return [row[t] for t in range(len(matrix[0])) for row in matrix]


def gaussian_average(V: Table, Y: Table, u: list[Any], R: Any) -> mpmath.matrix:
    """Σ_j e_j Y_j / Σ_j e_j, e_j = exp(−R‖u − v_j‖²/2), Y_j the j-th block of n columns; nothing shared."""
    cells = len(V[0])
    columns = len(Y[0]) // cells
    kernel = []
    for j in range(cells):
        square = sum((a - row[j]) ** 2 for a, row in zip(u, V, strict=True))
        kernel.append(mpmath.exp(-number(R) * number(square) / 2))
    out = mpmath.matrix(len(Y), columns)
    for r, row in enumerate(Y):
        for i in range(columns):
            mean = mpmath.fsum(kernel[j] * number(row[j * columns + i]) for j in range(cells))
            out[r, i] = mean / mpmath.fsum(kernel)
    return out


def number(value: Any) -> mpmath.mpf:
    return mpmath.mpf(int(Rational(value).p)) / int(Rational(value).q)


def as_mp(matrix: ImmutableMatrix) -> mpmath.matrix:
    return mpmath.matrix([[mpmath.mpf(entry.n(60)) for entry in matrix.row(i)] for i in range(matrix.rows)])


def literal_lin(lin: SumOfLinear, X: Table, fill: Any, sizes: dict[Expr, int]) -> ImmutableMatrix:
    """Σ_t A_t X B_t + C with the explicit factors."""
    total = fill(lin.constant)
    for t in range(int(Integer(1) * lin.terms.subs(sizes))):
        total += fill(lin.left(t)) * ImmutableMatrix(X) * fill(lin.right(t))
    return total


def test_the_scores_are_derived_for_symbolic_sizes() -> None:
    X, V, _ = SELF.data
    common = SELF.R * V.T * Vec(X) - SELF.R / 2 * DiagonalOf(V.T * V)
    assert (SELF.centre_scores - common).doit().expand().doit() == ZeroMatrix(G, 1)
    slots = SELF.slot * KroneckerProduct(OneMatrix(G, 1), Identity(n))
    assert slots in SELF.scores.args
    assert SELF.score_matrix.shape == (n * G, n * G)
    assert first_columns(SELF.score_matrix, n).shape == (n * G, n)
    X_Q, X_K, V_Q, V_K, _ = CROSS.data
    norms = DiagonalOf(V_Q.T * V_Q) + DiagonalOf(V_K.T * V_K)
    both = CROSS.R * (V_Q.T * Vec(X_Q) + V_K.T * Vec(X_K) - norms / 2)
    assert (CROSS.centre_scores - both).doit().expand().doit() == ZeroMatrix(G, 1)


@pytest.mark.parametrize("layer", [SELF, CROSS])
def test_the_output_is_the_average_of_the_values_and_the_selection_mixes(layer: SequenceLayer) -> None:
    Y = layer.data[-1]
    p = Softmax(layer.centre_scores)
    assert layer.output == Y * KroneckerProduct(p, Identity(n))
    Q = slot_softmax(exp(layer.slot), n)
    assert layer.weights == KroneckerProduct(p, Q.matrix)
    assert layer.selected == Y * layer.weights
    assert layer.output.shape == (rows, n)


def test_sizes_are_those_of_the_statement() -> None:
    N = d * n
    assert expand(SELF.hidden - (2 * N + 2 * n + 2 + rows)) == 0
    assert (SELF.tokens, CROSS.tokens) == (n * G, n * G)
    shapes = {name: getattr(SELF, name).shape for name in ("W_Q", "W_K", "W_V", "W_O")}
    D, width = SELF.hidden, N + 1 + n
    assert shapes == {"W_Q": (width, D), "W_K": (width, D), "W_V": (rows, D), "W_O": (n * G, n)}
    assert CROSS.W_O.shape == (n, n)
    assert nonzeros(SELF.W_Q) == nonzeros(SELF.W_K) == expand(width)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("layer", [SELF, CROSS])
def test_every_matrix_multiplied_literally_gives_the_gaussian_average(
    layer: SequenceLayer, sizes: dict[Expr, int]
) -> None:
    tables, R, odds = data_of(layer, sizes), Rational(5, 2), Rational(7, 2)
    scalars = {layer.R: R, exp(layer.slot): odds}

    def fill(matrix: Any) -> ImmutableMatrix:
        return explicit(matrix, sizes, tables, {**scalars, layer.slot: symbols("l")})

    inputs = {lin.X: tables[lin.X] for lin in (layer.query_lin, layer.key_lin)}
    Z_Q, Z_K = (literal_lin(lin, inputs[lin.X], fill, sizes) for lin in (layer.query_lin, layer.key_lin))
    assert fill(layer.query_lin.image) == Z_Q
    assert (Z_K - fill(layer.key_lin.image)).applyfunc(expand).is_zero_matrix
    scores = ((fill(layer.W_K) * Z_K).T * fill(layer.W_Q) * Z_Q).applyfunc(expand)
    assert (scores - fill(layer.score_matrix)).applyfunc(expand).is_zero_matrix
    count = sizes[n]
    assert (scores[:, :count] - fill(layer.scores)).applyfunc(expand).is_zero_matrix
    with mpmath.workdps(50):
        slot = mpmath.log(number(odds))
        weights = mpmath.matrix(scores.rows, scores.cols)
        for c in range(scores.cols):
            column = [mpmath.exp(mpmath.mpf(entry.subs(symbols("l"), slot))) for entry in scores.col(c)]
            for k, weight in enumerate(column):
                weights[k, c] = weight / mpmath.fsum(column)
        attended = as_mp(fill(layer.W_V) * Z_K) * weights
        kept = [tables[s] for s in layer.data if s.name.startswith("V")]
        V = kept[0] if layer is SELF else kept[1] + kept[0]
        X = [tables[s] for s in layer.data if s.name.startswith("X")]
        u = vec(X[0]) if layer is SELF else vec(X[1]) + vec(X[0])
        expected = gaussian_average(V, tables[layer.data[-1]], u, R)
        assert mpmath.mnorm(attended * as_mp(fill(layer.W_O)) - expected, 1) < mpmath.mpf(10) ** -40
        spread = max(
            abs(row[j * count + i] - row[j * count + k])
            for row in tables[layer.data[-1]]
            for j in range(sizes[G])
            for i in range(count)
            for k in range(count)
        )
        selected = attended * as_mp(fill(layer.W_select))
        worst = max(abs(selected[r, i] - expected[r, i]) for r in range(sizes[rows]) for i in range(count))
        assert worst <= number(leakage(odds, Integer(count)) * spread) + mpmath.mpf(10) ** -40
        assert count == 1 or worst > mpmath.mpf(10) ** -3


@pytest.mark.parametrize("sizes", SIZES[1:])
@pytest.mark.parametrize("layer", [SELF, CROSS])
def test_counts_are_those_of_the_explicit_matrices(layer: SequenceLayer, sizes: dict[Expr, int]) -> None:
    tables = data_of(layer, sizes)

    def fill(matrix: Any) -> ImmutableMatrix:
        return explicit(matrix, sizes, tables, {layer.R: Rational(5, 2), exp(layer.slot): Rational(7, 2)})

    lins = [layer.key_lin] if layer is SELF else [layer.query_lin, layer.key_lin]
    matrices = [fill(getattr(layer, name)) for name in ("W_Q", "W_K", "W_V", "W_O")]
    for lin in lins:
        matrices.append(fill(lin.constant))
        matrices += [fill(side(t)) for t in range(int(lin.terms.subs(sizes))) for side in (lin.left, lin.right)]
    dense, some = layer.counts()
    assert dense.subs(sizes) == sum(matrix.rows * matrix.cols for matrix in matrices)
    assert some.subs(sizes) == sum(entry != 0 for matrix in matrices for entry in matrix)


def test_a_constant_key_sequence_drops_out_of_the_weights() -> None:
    """v_j^K = vec X_K for every j adds R‖X_K‖²/2 to every score and nothing else."""
    sizes = {d: 2, n: 2, m: 2, G: 3, rows: 1}
    tables = data_of(CROSS, sizes)
    _, X_K, _, V_K, _ = CROSS.data
    tables[V_K] = [[entry] * 3 for entry in vec(tables[X_K])]
    a = explicit(CROSS.centre_scores, sizes, tables, {CROSS.R: Rational(3)})
    alone = {X_K: [[0] * 2] * 2, V_K: [[0] * 3] * 4}
    b = explicit(CROSS.centre_scores, sizes, tables | alone, {CROSS.R: Rational(3)})
    shift = Rational(3, 2) * sum(entry**2 for entry in vec(tables[X_K]))
    assert a - b == ImmutableMatrix([shift] * 3)


def test_the_flat_variant_has_the_same_centre_scores() -> None:
    flat = max_affine_layer(d * n, G, rows * n)
    x, _, Y = flat.data
    assert flat.scores == SELF.centre_scores.subs(Vec(SELF.data[0]), x)
    assert (Y.rows, flat.output.shape) == (rows * n, (rows * n, 1))


def test_first_columns_refuses_what_it_cannot_see() -> None:
    with pytest.raises(ValueError, match="not visible"):
        first_columns(MatrixSymbol("S", 3, 5), Integer(2))
    block = BlockMatrix([[Identity(2), ZeroMatrix(2, 3)]])
    assert first_columns(block, Integer(2)) == Identity(2)


def test_scores_that_do_not_tell_slots_apart_are_refused() -> None:
    from attain.symbolic.sequence_layer import Head, sequence_layer

    head = Head(SELF.query_layout, SELF.key_layout, SELF.query_lin, SELF.key_lin, ("x", "one"), ("centre", "half_norm"))
    with pytest.raises(ValueError, match="the scores are not"):
        sequence_layer(head, n, SELF.data, SELF.R, SELF.slot)
    with pytest.raises(ValueError, match="V is"):
        explicit(SELF.data[1], {d: 1, n: 2, G: 2}, {SELF.data[1]: [[1]]}, {})
    assert replace(head, asks=("x",)).asks == ("x",)


def test_softmax_factorises_for_symbols() -> None:
    """softmax(a ⊗ 1 + 1 ⊗ b) = softmax(a) ⊗ softmax(b), in symbols, for two centres and two slots."""
    a, b = ImmutableMatrix(symbols("a1 a2", real=True)), ImmutableMatrix(symbols("b1 b2", real=True))
    both = ImmutableMatrix([[a[j] + b[i]] for j in range(2) for i in range(2)])
    left, right = softmax_columns(a), softmax_columns(b)
    product = ImmutableMatrix([[left[j] * right[i]] for j in range(2) for i in range(2)])
    assert (
        (softmax_columns(both) - product).applyfunc(lambda e: expand(e.together().as_numer_denom()[0])).is_zero_matrix
    )
