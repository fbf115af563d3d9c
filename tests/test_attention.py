"""Symbolic attention: scores, outputs and counts are derived from named blocks and agree with explicit matrices."""

import math
from fractions import Fraction

import pytest
from attain.symbolic.attention import Layout, Softmax, common_column, instantiate, max_affine_layer, softmax_columns
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    BlockMatrix,
    Identity,
    ImmutableMatrix,
    Integer,
    MatrixSymbol,
    OneMatrix,
    Rational,
    Symbol,
    ZeroMatrix,
    block_collapse,
    exp,
    expand,
    symbols,
)
from sympy.matrices.expressions.diagonal import DiagonalOf

N, G, d_o = symbols("N G d_o", integer=True, positive=True)
R = Symbol("R", positive=True)
SMALL = [(n, g) for n in (1, 2, 3) for g in (2, 3, 4, 5)]


def data(n, g, outputs=1):
    """Distinct nonzero primes-over-something, so that no entry or half-norm vanishes."""
    centres = [[Fraction(3 * j + 5 * i + 1, 7) for i in range(n)] for j in range(g)]
    values = [[Fraction(2 * j + i + 1, 3) for i in range(outputs)] for j in range(g)]
    return centres, values


def normal(expression):
    """Exponents expanded, then the whole expanded: equal sums of exponentials become identical."""
    return expand(expression.replace(exp, lambda power: exp(expand(power))), power_exp=False)


def gaussian_output(layer, centres, values, temperature):
    """sum y_j e_j / sum e_j, e_j = exp(-R |x - v_j|^2 / 2), as numerators and one denominator."""
    kernel = [
        exp(
            -temperature
            * sum((a - Rational(c.numerator, c.denominator)) ** 2 for a, c in zip(layer.x, v, strict=True))
            / 2
        )
        for v in centres
    ]
    images = [[Rational(c.numerator, c.denominator) for c in y] for y in values]
    return [sum(e * y[i] for e, y in zip(kernel, images, strict=True)) for i in range(len(images[0]))], sum(kernel)


def test_scores_are_derived_for_symbolic_sizes():
    layer = max_affine_layer(N, G, d_o)
    x, V, Y = layer.data
    assert layer.score_matrix.shape == (G, G)
    column = layer.temperature * (V.T * x - DiagonalOf(V.T * V) / 2)
    assert (layer.scores - column).doit().expand().doit() == ZeroMatrix(G, 1)
    assert (layer.scores * OneMatrix(1, G) - layer.score_matrix).expand().doit() == ZeroMatrix(G, G)
    assert layer.values == Y
    assert layer.output == Y * Softmax(layer.scores)
    assert layer.output.shape == (d_o, 1)


def test_lin_gives_the_named_rows():
    layer = max_affine_layer(N, G, d_o)
    x, V, Y = layer.data
    assert layer.hidden == 2 * N + 2 + d_o
    assert layer.Z.shape == (2 * N + 2 + d_o, G)
    assert block_collapse(layer.A * x * layer.B + layer.C) == layer.Z
    assert layer.layout.select(layer.Z, "x") == x * OneMatrix(1, G)
    assert layer.layout.select(layer.Z, "centre") == V
    assert layer.layout.select(layer.Z, "value") == Y
    assert block_collapse(layer.W_K * layer.Z) == layer.keys
    assert layer.keys == BlockMatrix([[V], [-DiagonalOf(V.T * V).T / 2]])


def test_output_matrix_keeps_one_column_of_equal_columns():
    layer = max_affine_layer(N, G)
    ones = BlockMatrix([[OneMatrix(1, 1), OneMatrix(1, G - 1)]])
    assert block_collapse(ones * layer.W_O).shape == (1, 1)
    assert block_collapse(ones * layer.W_O)[0, 0] == 1


def test_general_layout():
    layout = Layout((("a", N), ("b", Integer(2)), ("c", d_o)))
    Z = layout.stack({"a": MatrixSymbol("P", N, G), "c": MatrixSymbol("Q", d_o, G)}, G)
    assert layout.size == N + 2 + d_o
    assert layout.select(Z, "b") == ZeroMatrix(2, G)
    both = block_collapse(layout.selector("c", "a") * Z)
    assert both == BlockMatrix([[MatrixSymbol("Q", d_o, G)], [MatrixSymbol("P", N, G)]])
    assert layout.selector("a").blocks[0, 0] == Identity(N)
    with pytest.raises(ValueError, match=r"unknown block 'z'; known: a, b, c"):
        layout.selector("z")
    with pytest.raises(ValueError, match="block 'a' has shape"):
        layout.stack({"a": MatrixSymbol("P", N, N)}, G)
    with pytest.raises(ValueError, match="unknown block"):
        layout.stack({"z": MatrixSymbol("P", N, G)}, G)
    with pytest.raises(ValueError, match="must differ"):
        Layout((("a", N), ("a", N)))


def test_common_column_refuses_different_columns():
    S, s = MatrixSymbol("S", G, G), MatrixSymbol("s", G, 1)
    with pytest.raises(ValueError, match="columns differ"):
        common_column(S)
    with pytest.raises(ValueError, match="columns differ"):
        common_column(s * OneMatrix(1, G) + S)
    assert common_column(s * OneMatrix(1, G)) == s


def test_symbolic_softmax_entries():
    S = MatrixSymbol("S", 3, 2)
    explicit = Softmax(S).as_explicit().doit()
    assert explicit == softmax_columns(S.as_explicit())
    assert sum(softmax_columns(ImmutableMatrix([[0], [0], [0]]))) == 1


@pytest.mark.parametrize(("n", "g"), SMALL)
@pytest.mark.parametrize("temperature", [R, Fraction(7, 2)])
def test_literal_scores_are_the_gaussian_exponents(n, g, temperature):
    """R s_j = (R/2)|x|^2 - (R/2)|x - v_j|^2, and every column of the score matrix is the same."""
    centres, values = data(n, g)
    layer = instantiate(max_affine_layer(N, G), centres, values, temperature)
    T = temperature if temperature is R else Rational(7, 2)
    square = sum(a**2 for a in layer.x)
    for j, v in enumerate(centres):
        distance = sum((a - Rational(c.numerator, c.denominator)) ** 2 for a, c in zip(layer.x, v, strict=True))
        for t in range(g):
            assert expand(layer.score_matrix[j, t] - (T * square - T * distance) / 2) == 0


@pytest.mark.parametrize(("n", "g"), SMALL)
def test_literal_attention_is_gaussian_regression(n, g):
    """Exact in x and R: numerator * denominator' = numerator' * denominator, term by term."""
    outputs = 2 if n == 1 else 1
    centres, values = data(n, g, outputs)
    layer = instantiate(max_affine_layer(N, G, d_o), centres, values, R)
    numerators, denominator = gaussian_output(layer, centres, values, R)
    weights = [exp(score) for score in layer.score_matrix[:, 0]]
    literal = layer.output
    assert literal.shape == (outputs, 1)
    for i in range(outputs):
        top = sum(Rational(y[i].numerator, y[i].denominator) * w for y, w in zip(values, weights, strict=True))
        assert expand(literal[i] - top / sum(weights)) == 0
        assert normal(expand(top * denominator) - expand(numerators[i] * sum(weights))) == 0


@settings(deadline=None, max_examples=15, derandomize=True)
@given(st.integers(1, 3), st.integers(1, 4), st.data())
def test_attention_at_rational_points_is_kernel_regression_in_floats(n, g, draw):
    small = st.fractions(-3, 3, max_denominator=5)
    vectors = st.lists(small, min_size=n, max_size=n)
    centres = draw.draw(st.lists(vectors, min_size=g, max_size=g))
    values = draw.draw(st.lists(small, min_size=g, max_size=g))
    point, temperature = draw.draw(vectors), draw.draw(st.fractions(0, 4, max_denominator=3))
    layer = instantiate(max_affine_layer(N, G), centres, values, temperature)
    at = {a: Rational(c.numerator, c.denominator) for a, c in zip(layer.x, point, strict=True)}
    squares = [sum((a - c) ** 2 for a, c in zip(point, v, strict=True)) for v in centres]
    kernel = [math.exp(-temperature * square / 2) for square in squares]
    expected = sum(e * y for e, y in zip(kernel, values, strict=True)) / sum(kernel)
    assert float(layer.output[0].xreplace(at)) == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.parametrize(("n", "g"), SMALL)
@pytest.mark.parametrize("outputs", [1, 3])
def test_counts_match_an_explicit_layer(n, g, outputs):
    layer = max_affine_layer(N, G, d_o)
    sizes = {N: n, G: g, d_o: outputs}
    explicit = instantiate(layer, *data(n, g, outputs), Fraction(5, 2))
    for name in layer.matrices():
        matrix = getattr(explicit, name)
        assert layer.dense_count(name).subs(sizes) == matrix.rows * matrix.cols
        assert layer.nonzero_count(name).subs(sizes) == sum(entry != 0 for entry in matrix)
    assert layer.dense_count().subs(sizes) == sum(layer.dense_count(name).subs(sizes) for name in layer.matrices())
    numbers = max_affine_layer(n, g, outputs)
    assert numbers.nonzero_count() == layer.nonzero_count().subs(sizes)
    assert numbers.hidden == layer.hidden.subs(sizes)


def test_counts_as_polynomials():
    layer = max_affine_layer(N, G, d_o)
    D = 2 * N + 2 + d_o
    assert layer.dense_count("W_Q", "W_K") == expand(2 * (N + 1) * D)
    assert layer.dense_count("W_V") == expand(d_o * D)
    assert layer.nonzero_count("W_Q", "W_K", "W_V", "W_O") == 2 * N + 3 + d_o
    assert layer.nonzero_count("C") == expand(G * (N + 2 + d_o))
    with pytest.raises(ValueError, match="unknown matrix 'W'"):
        layer.dense_count("W")


def test_bad_input():
    layer = max_affine_layer(N, G)
    with pytest.raises(TypeError, match="exact"):
        instantiate(layer, [[0.5], [1]], [0, 1], 2)
    with pytest.raises(TypeError, match="exact"):
        instantiate(layer, [[0], [1]], [0, 1], 2.0)
    with pytest.raises(ValueError, match="as many values as centres"):
        instantiate(layer, [[0], [1]], [0], 2)
    with pytest.raises(ValueError, match="equal length"):
        instantiate(layer, [[0], [1, 2]], [0, 1], 2)
    with pytest.raises(ValueError, match="the layer has size 1 where the data have 2"):
        instantiate(layer, [[0], [1]], [[0, 1], [1, 2]], 2)
    with pytest.raises(ValueError, match="the layer has size N where the data have 3"):
        instantiate(max_affine_layer(N, N), [[0, 1], [1, 2], [3, 4]], [1, 2, 3], 2)
    with pytest.raises(ValueError, match="N must be a positive integer"):
        max_affine_layer(0, 2)
    with pytest.raises(TypeError, match="G must be"):
        max_affine_layer(1, 2.5)
