"""Softmax attention on block matrices of symbolic size, built from named row blocks.

Tokens are columns: Attn(Z) = W_V Z softmax((W_K Z)^T W_Q Z) W_O with the softmax over each column.  A ``Layout`` names
groups of rows of Z; weights are selectors of named blocks, never index arithmetic, so that scores, outputs and
parameter counts are *derived* from the same blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, TypeAlias

from sympy import (
    BlockMatrix,
    Dummy,
    Expr,
    Identity,
    ImmutableMatrix,
    Integer,
    KroneckerDelta,
    KroneckerProduct,
    MatAdd,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    OneMatrix,
    Rational,
    Sum,
    Symbol,
    Transpose,
    ZeroMatrix,
    block_collapse,
    exp,
    expand,
    symbols,
)
from sympy.matrices.expressions.diagonal import DiagonalOf

Size: TypeAlias = Expr | int


def _size(value: Size, name: str) -> Expr:
    if isinstance(value, bool) or not isinstance(value, (int, Expr)):
        raise TypeError(f"{name} must be an int or a SymPy expression, not {value!r}")
    size = Integer(value) if isinstance(value, int) else value
    if size.is_integer is False or size.is_positive is False:
        raise ValueError(f"{name} must be a positive integer, not {value!r}")
    return size


def _exact(value: Any, name: str) -> Expr:
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return Rational(value.numerator, value.denominator)
    if isinstance(value, Expr) and not value.is_Float:
        return value
    raise TypeError(f"{name} must be exact (int, Fraction or SymPy expression), not {value!r}")


class Softmax(MatrixExpr):
    """Column-wise softmax of a matrix expression: entry (i, j) is exp(S_ij) / sum_k exp(S_kj).

    >>> Softmax(MatrixSymbol("S", 2, 1)).shape
    (2, 1)
    """

    def __new__(cls, scores: MatrixExpr) -> Softmax:
        return MatrixExpr.__new__(cls, scores)

    @property
    def arg(self) -> MatrixExpr:
        return self.args[0]

    @property
    def shape(self) -> tuple[Expr, Expr]:
        rows, columns = self.arg.shape
        return rows, columns

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        k = Dummy("k", integer=True)
        return exp(self.arg[i, j]) / Sum(exp(self.arg[k, j]), (k, 0, self.arg.rows - 1))


class Unit(MatrixExpr):
    """The basis column e_t of length n, t = 0 … n − 1; n and t may be symbolic.

    >>> Unit(3, 1).as_explicit().T
    Matrix([[0, 1, 0]])
    """

    def __new__(cls, length: Expr | int, place: Expr | int) -> Unit:
        one = (Integer(entry) if isinstance(entry, int) else entry for entry in (length, place))
        return MatrixExpr.__new__(cls, *one)

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return self.args[0], Integer(1)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        return KroneckerDelta(i, self.args[1])


@dataclass(frozen=True)
class Layout:
    """Named groups of rows, in order: ``blocks`` is a tuple of (name, number of rows).

    >>> layout = Layout((("x", Integer(2)), ("one", Integer(1))))
    >>> layout.size, layout.selector("one").as_explicit()
    (3, Matrix([[0, 0, 1]]))
    """

    blocks: tuple[tuple[str, Expr], ...]

    def __post_init__(self) -> None:
        names = self.names
        if len(set(names)) != len(names):
            raise ValueError(f"block names must differ: {', '.join(names)}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.blocks)

    @property
    def size(self) -> Expr:
        """D, the number of rows."""
        return sum((rows for _, rows in self.blocks), Integer(0))

    def rows(self, name: str) -> Expr:
        """Number of rows of a block; ValueError that lists the known names otherwise."""
        for known, rows in self.blocks:
            if known == name:
                return rows
        raise ValueError(f"unknown block {name!r}; known: {', '.join(self.names)}")

    def selector(self, *names: str) -> BlockMatrix:
        """The 0/1 matrix whose product with Z is the named blocks of Z, stacked in the order given."""
        wanted = [(name, self.rows(name)) for name in names]
        return BlockMatrix(
            [[Identity(r) if n == name else ZeroMatrix(r, c) for n, c in self.blocks] for name, r in wanted]
        )

    def stack(self, parts: Mapping[str, MatrixExpr], columns: Size) -> BlockMatrix:
        """The matrix with these blocks, and zero rows for every name that is left out.  Shapes are checked."""
        width = _size(columns, "columns")
        for name, part in parts.items():
            if part.shape != (self.rows(name), width):
                raise ValueError(f"block {name!r} has shape {part.shape}, expected {(self.rows(name), width)}")
        return BlockMatrix([[parts.get(name, ZeroMatrix(rows, width))] for name, rows in self.blocks])

    def select(self, Z: BlockMatrix, name: str) -> MatrixExpr:
        """The named block of Z as a block matrix: selector(name) Z, multiplied out."""
        return block_collapse(self.selector(name) * Z)


def common_column(scores: MatrixExpr) -> MatrixExpr:
    """s with ``scores`` = s 1^T: every column of the matrix is s.  Raises ValueError if a term has no factor 1^T.

    >>> s, one = MatrixSymbol("s", 3, 1), OneMatrix(1, 3)
    >>> common_column(2 * s * one)
    2*s
    """
    terms = scores.args if isinstance(scores, MatAdd) else (scores,)
    for term in terms:
        if not (isinstance(term, MatMul) and isinstance(term.args[-1], OneMatrix) and term.args[-1].rows == 1):
            raise ValueError(f"columns differ: {term} is not a column times a row of ones")
    columns = [MatMul(*term.args[:-1]).doit() for term in terms]
    return MatAdd(*columns).doit() if len(columns) > 1 else columns[0]


def nonzeros(matrix: MatrixExpr) -> Expr:
    """Number of entries that are not zero for generic data, from the kinds of the blocks.

    >>> nonzeros(KroneckerProduct(OneMatrix(1, 3), Identity(2)))
    6
    """
    if isinstance(matrix, MatMul):
        factors = [factor for factor in matrix.args if factor.is_Matrix]
        if len(factors) == 1:
            return nonzeros(factors[0])
    if isinstance(matrix, BlockMatrix):
        return expand(sum((nonzeros(block) for block in matrix.blocks), Integer(0)))
    if isinstance(matrix, Transpose):
        return nonzeros(matrix.arg)
    if isinstance(matrix, Unit):
        return Integer(1)
    if isinstance(matrix, KroneckerProduct):
        return expand(prod(nonzeros(factor) for factor in matrix.args))
    if isinstance(matrix, ZeroMatrix):
        return Integer(0)
    return matrix.rows if isinstance(matrix, Identity) else expand(matrix.rows * matrix.cols)


@dataclass(frozen=True)
class SymbolicLayer:
    """One attention layer Z = A x B + C, W_V Z softmax((W_K Z)^T W_Q Z) W_O, with everything derived from the blocks.

    ``score_matrix`` is (W_K Z)^T W_Q Z, ``scores`` its common column, ``output`` the d_o x 1 result.  ``data`` are the
    matrix symbols x, V (centres as columns) and Y (values as columns); R > 0 scales the queries.
    """

    layout: Layout
    tokens: Expr
    data: tuple[MatrixSymbol, MatrixSymbol, MatrixSymbol]
    temperature: Symbol
    A: BlockMatrix
    B: OneMatrix
    C: BlockMatrix
    W_Q: MatrixExpr
    W_K: BlockMatrix
    W_V: BlockMatrix
    W_O: BlockMatrix
    Z: BlockMatrix
    queries: MatrixExpr
    keys: MatrixExpr
    values: MatrixExpr
    score_matrix: MatrixExpr
    scores: MatrixExpr
    output: MatrixExpr

    @property
    def hidden(self) -> Expr:
        """D, the rows of Z."""
        return self.layout.size

    def matrices(self) -> dict[str, MatrixExpr]:
        """The parameters by name: A, B, C of the sum-of-linear layer, then the four attention matrices."""
        return {name: getattr(self, name) for name in ("A", "B", "C", "W_Q", "W_K", "W_V", "W_O")}

    def _chosen(self, names: Sequence[str]) -> list[MatrixExpr]:
        known = self.matrices()
        for name in names:
            if name not in known:
                raise ValueError(f"unknown matrix {name!r}; known: {', '.join(known)}")
        return [known[name] for name in names or known]

    def dense_count(self, *names: str) -> Expr:
        """Entries of the named matrices (all by default) as a polynomial in the sizes.

        >>> N, G = symbols("N G", integer=True, positive=True)
        >>> max_affine_layer(N, G).dense_count("W_V")
        2*N + 3
        """
        return expand(sum((matrix.rows * matrix.cols for matrix in self._chosen(names)), Integer(0)))

    def nonzero_count(self, *names: str) -> Expr:
        """Entries of the named matrices (all by default) that are not zero for generic centres and values.

        >>> N, G = symbols("N G", integer=True, positive=True)
        >>> max_affine_layer(N, G).nonzero_count("W_Q", "W_K", "W_V")
        2*N + 3
        """
        return expand(sum((nonzeros(matrix) for matrix in self._chosen(names)), Integer(0)))


def max_affine_layer(N: Size, G: Size, outputs: Size = 1) -> SymbolicLayer:
    """The max-affine partition in one attention layer ([MA] Theorem 4.1), for symbolic or integer sizes.

    Rows of Z: x (N) | one (1) | centre v_j (N) | half_norm -|v_j|^2/2 (1) | value y_j (outputs); D = 2N + 2 + outputs.
    W_Q = R [x; one], W_K = [centre; half_norm], W_V = value, so (W_K Z)^T W_Q Z multiplies out to
    R (V^T x - diag(V^T V)/2) 1^T, every token asks the same question, and W_O keeps the first answer.

    >>> N, G = symbols("N G", integer=True, positive=True)
    >>> layer = max_affine_layer(N, G)
    >>> layer.hidden, layer.score_matrix.shape
    (2*N + 3, (G, G))
    >>> layer.scores
    (-R/2)*DiagonalOf(V.T*V) + R*V.T*x
    """
    n, g, out = _size(N, "N"), _size(G, "G"), _size(outputs, "outputs")
    R = Symbol("R", positive=True)
    x, V, Y = MatrixSymbol("x", n, 1), MatrixSymbol("V", n, g), MatrixSymbol("Y", out, g)
    layout = Layout((("x", n), ("one", Integer(1)), ("centre", n), ("half_norm", Integer(1)), ("value", out)))
    A, B = layout.stack({"x": Identity(n)}, n), OneMatrix(1, g)
    half_norm = -DiagonalOf(V.T * V).T / 2
    C = layout.stack({"one": OneMatrix(1, g), "centre": V, "half_norm": half_norm, "value": Y}, g)
    W_Q, W_K, W_V = R * layout.selector("x", "one"), layout.selector("centre", "half_norm"), layout.selector("value")
    W_O = BlockMatrix([[Identity(1)], [ZeroMatrix(g - 1, 1)]])

    Z = block_collapse(A * x * B + C)
    queries, keys, values = (block_collapse(weight * Z) for weight in (W_Q, W_K, W_V))
    score_matrix = block_collapse(keys.T * queries)
    scores = common_column(score_matrix)
    return SymbolicLayer(
        layout=layout,
        tokens=g,
        data=(x, V, Y),
        temperature=R,
        A=A,
        B=B,
        C=C,
        W_Q=W_Q,
        W_K=W_K,
        W_V=W_V,
        W_O=W_O,
        Z=Z,
        queries=queries,
        keys=keys,
        values=values,
        score_matrix=score_matrix,
        scores=scores,
        output=values * Softmax(scores),
    )


def softmax_columns(scores: ImmutableMatrix) -> ImmutableMatrix:
    """Softmax of each column of an explicit matrix, exact.

    >>> softmax_columns(ImmutableMatrix([[0], [0]]))
    Matrix([
    [1/2],
    [1/2]])
    """
    powers = scores.applyfunc(exp)
    totals = [sum(powers[:, j], Integer(0)) for j in range(powers.cols)]
    return ImmutableMatrix(powers.rows, powers.cols, lambda i, j: powers[i, j] / totals[j])


@dataclass(frozen=True)
class ExplicitLayer:
    """A layer with numbers in it: explicit matrices, still exact, over the symbols ``x``."""

    x: tuple[Symbol, ...]
    A: ImmutableMatrix
    B: ImmutableMatrix
    C: ImmutableMatrix
    W_Q: ImmutableMatrix
    W_K: ImmutableMatrix
    W_V: ImmutableMatrix
    W_O: ImmutableMatrix

    @property
    def Z(self) -> ImmutableMatrix:
        return self.A * ImmutableMatrix(self.x) * self.B + self.C

    @property
    def score_matrix(self) -> ImmutableMatrix:
        """(W_K Z)^T (W_Q Z), multiplied out literally."""
        return ((self.W_K * self.Z).T * (self.W_Q * self.Z)).applyfunc(expand)

    @property
    def output(self) -> ImmutableMatrix:
        """W_V Z softmax((W_K Z)^T W_Q Z) W_O, literally."""
        return self.W_V * self.Z * softmax_columns(self.score_matrix) * self.W_O


def instantiate(layer: SymbolicLayer, centres: Sequence[Any], values: Sequence[Any], R: Any) -> ExplicitLayer:
    """Fill a layer with G centres (each N exact numbers), G values (each a number or d_o numbers) and R.

    Entries are int, Fraction or exact SymPy expressions; floats raise TypeError, uneven lengths ValueError.

    >>> N, G = symbols("N G", integer=True, positive=True)
    >>> small = instantiate(max_affine_layer(N, G), [[0], [1]], [5, 7], 4)
    >>> small.score_matrix[:, 0].T
    Matrix([[0, 4*x1 - 2]])
    """
    points = [[_exact(c, "a centre") for c in (v if isinstance(v, Sequence) else [v])] for v in centres]
    images = [[_exact(c, "a value") for c in (y if isinstance(y, Sequence) else [y])] for y in values]
    if not points or len(points) != len(images) or len({*map(len, points)}) != 1 or len({*map(len, images)}) != 1:
        raise ValueError("give as many values as centres, at least one, each list of vectors of equal length")
    V, Y = layer.data[1:]
    sizes: dict[Expr, Expr] = {}
    for size, number in ((V.rows, len(points[0])), (V.cols, len(points)), (Y.rows, len(images[0]))):
        if sizes.setdefault(size, Integer(number)) != (number if isinstance(size, Symbol) else size):
            raise ValueError(f"the layer has size {size} where the data have {number}")
    V, Y = (symbol.subs(sizes) for symbol in (V, Y))
    entries = {V[i, j]: point[i] for j, point in enumerate(points) for i in range(len(point))}
    entries |= {Y[i, j]: image[i] for j, image in enumerate(images) for i in range(len(image))}
    entries[layer.temperature] = _exact(R, "R")

    def explicit(matrix: MatrixExpr) -> ImmutableMatrix:
        return ImmutableMatrix(matrix.subs(sizes).as_explicit()).applyfunc(lambda e: e.doit().xreplace(entries))

    names = symbols(f"x1:{len(points[0]) + 1}", real=True)
    return ExplicitLayer(names, **{name: explicit(matrix) for name, matrix in layer.matrices().items()})
