"""Attention on slots, derived in block matrices of symbolic size: scores, weights and output of one head.

Query i asks R [x; 1; (λ/R) e_i] of n slots per centre. Whatever the keys, if the scores of the n queries are
S = a ⊗ J + λ (1 ⊗ I) with a ∈ R^G (token (j, i) at row jn + i), then

    softmax(S) = softmax(a) ⊗ Q,      Y (p ⊗ Q) W = Y (p ⊗ QW),      QW = I for W = Q⁻¹,

so that W_O = Q⁻¹ returns Σ_j p_j f(v_j), exactly and for every λ > 0 (ours), while W_O = I, the read-out of [MA],
mixes columns with the weights of Q.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    BlockMatrix,
    Expr,
    Identity,
    ImmutableMatrix,
    Integer,
    KroneckerProduct,
    MatAdd,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    OneMatrix,
    Symbol,
    ZeroMatrix,
    block_collapse,
    exp,
    expand,
)

from .attention import Layout, Softmax, nonzeros
from .linear import SumOfLinear
from .slots import SlotMatrix, slot_softmax


@dataclass(frozen=True)
class SequenceLayer:
    """One head W_V Z_K softmax((W_K Z_K)ᵀ W_Q Z_Q) W_O; Z_Q, Z_K are the images of `query_lin`, `key_lin`.

    Attributes:
        data: the matrix symbols of the inputs, the centres and the values Y ∈ R^{d_o×nG}, column jn + i being
            column i of f(v_j).
        R, slot: the inverse temperature and λ, positive symbols.
        score_matrix: (W_K Z_K)ᵀ W_Q Z_Q, one column a query token; `scores` its first n columns, as a sum of
            Kronecker products; `centre_scores` the a ∈ R^G in them.
        weights: softmax of `scores`, softmax(a) ⊗ Q; `output` the d_o × n result with W_O; `selected` with W_select,
            which only keeps the first n columns ([MA]).
    """

    query_layout: Layout
    key_layout: Layout
    query_lin: SumOfLinear
    key_lin: SumOfLinear
    data: tuple[MatrixSymbol, ...]
    R: Symbol
    slot: Symbol
    W_Q: MatrixExpr
    W_K: MatrixExpr
    W_V: MatrixExpr
    W_O: MatrixExpr
    W_select: MatrixExpr
    score_matrix: MatrixExpr
    scores: MatrixExpr
    centre_scores: MatrixExpr
    weights: MatrixExpr
    output: MatrixExpr
    selected: MatrixExpr

    @property
    def tokens(self) -> Expr:
        """T = nG key tokens."""
        return self.key_lin.constant.cols

    @property
    def hidden(self) -> Expr:
        """D, the rows of Z_K."""
        return self.key_layout.size

    def counts(self) -> tuple[Expr, Expr]:
        """(dense, nonzero) entries of the sum-of-linear layers and the four matrices, for generic data."""
        lins = {id(lin): lin for lin in (self.query_lin, self.key_lin)}.values()
        matrices = (self.W_Q, self.W_K, self.W_V, self.W_O)
        dense = [lin.counts()[0] for lin in lins] + [m.rows * m.cols for m in matrices]
        some = [lin.counts()[1] for lin in lins] + [nonzeros(m) for m in matrices]
        return expand(Add(*dense)), expand(Add(*some))


@dataclass(frozen=True)
class Head:
    """What the derivation starts from: the two inputs of the head, as layouts and sum-of-linear layers, and names of
    the blocks that make queries, keys and values.
    """

    query_layout: Layout
    key_layout: Layout
    query_lin: SumOfLinear
    key_lin: SumOfLinear
    asks: tuple[str, ...]
    answers: tuple[str, ...]


def sequence_layer(head: Head, n: Expr, data: tuple[MatrixSymbol, ...], R: Symbol, slot: Symbol) -> SequenceLayer:
    """W_Q = R × the blocks `asks`, W_K the blocks `answers`, W_V the block "value"; all else is derived.

    Raises ValueError if the scores of the first n queries are not a ⊗ J + λ (1 ⊗ I) with λ = `slot`.
    """
    W_Q = R * head.query_layout.selector(*head.asks)
    W_K, W_V = head.key_layout.selector(*head.answers), head.key_layout.selector("value")
    queries, keys, values = (
        block_collapse(weight * lin.image)
        for weight, lin in ((W_Q, head.query_lin), (W_K, head.key_lin), (W_V, head.key_lin))
    )
    score_matrix = block_collapse(keys.T * queries)
    terms = _slot_terms(first_columns(score_matrix, n), n)
    scores = MatAdd(*(coefficient * KroneckerProduct(A, B) for coefficient, A, B in terms))
    centre_scores = _centre_scores(terms, n, slot)
    Q = slot_softmax(exp(slot), n)
    one = SlotMatrix(Integer(1), Integer(0), n)
    Y, p = values, Softmax(centre_scores)
    mixed, kept = (KroneckerProduct(p, Q.times(W).matrix) for W in (one, Q.inverse()))
    return SequenceLayer(
        query_layout=head.query_layout,
        key_layout=head.key_layout,
        query_lin=head.query_lin,
        key_lin=head.key_lin,
        data=data,
        R=R,
        slot=slot,
        W_Q=W_Q,
        W_K=W_K,
        W_V=W_V,
        W_O=_on_first_columns(Q.inverse().matrix, score_matrix.cols),
        W_select=_on_first_columns(one.matrix, score_matrix.cols),
        score_matrix=score_matrix,
        scores=scores,
        centre_scores=centre_scores,
        weights=mixed,
        output=Y * kept,
        selected=Y * mixed,
    )


def first_columns(matrix: MatrixExpr, n: Expr) -> MatrixExpr:
    """The first n columns of a sum of products that end in 1ᵀ or in a block row whose first block has n columns.

    >>> from sympy import MatrixSymbol
    >>> first_columns(MatrixSymbol("a", 3, 1) * OneMatrix(1, 5), Integer(2)).shape
    (3, 2)
    """
    if matrix.cols == n:
        return matrix
    if isinstance(matrix, MatAdd):
        return MatAdd(*(first_columns(term, n) for term in matrix.args)).doit()
    if isinstance(matrix, MatMul):
        return MatMul(*matrix.args[:-1], first_columns(matrix.args[-1], n)).doit()
    if isinstance(matrix, OneMatrix):
        return OneMatrix(matrix.rows, n)
    if isinstance(matrix, BlockMatrix) and matrix.blocks.rows == 1 and matrix.blocks[0, 0].cols == n:
        return matrix.blocks[0, 0]
    raise ValueError(f"the first {n} columns of {matrix} are not visible")


def _slot_terms(scores: MatrixExpr, n: Expr) -> list[tuple[Expr, MatrixExpr, MatrixExpr]]:
    """Each term as (c, A, B) with the term equal to c A ⊗ B: (A ⊗ B)(a ⊗ 1ᵀ) = Aa ⊗ B1ᵀ."""
    found = []
    for term in scores.args if isinstance(scores, MatAdd) else (scores,):
        coefficient, factors = term.as_coeff_matrices() if isinstance(term, MatMul) else (Integer(1), [term])
        kron, rest = factors[0], factors[1:]
        if not isinstance(kron, KroneckerProduct) or (rest and rest[-1] != OneMatrix(1, n)):
            raise ValueError(f"{term} is not of the form (A ⊗ B) a 1ᵀ")
        A, B = kron.args
        found.append((coefficient, MatMul(A, *rest[:-1]).doit(), MatMul(B, *rest[-1:]).doit()))
    return found


def _centre_scores(terms: list[tuple[Expr, MatrixExpr, MatrixExpr]], n: Expr, slot: Symbol) -> MatrixExpr:
    """a, from the terms of a ⊗ J + λ (1 ⊗ I)."""
    common = [coefficient * A for coefficient, A, B in terms if OneMatrix(n, n) == B]
    own = [(coefficient, A, B) for coefficient, A, B in terms if OneMatrix(n, n) != B]
    if len(own) != 1 or own[0] != (slot, OneMatrix(own[0][1].rows, 1), Identity(n)) or not common:
        raise ValueError(f"the scores are not a ⊗ J + {slot} (1 ⊗ I): {own} besides the terms common to all slots")
    return MatAdd(*common).doit()


def _on_first_columns(square: MatrixExpr, tokens: Expr) -> MatrixExpr:
    """[W; 0] ∈ R^{tokens×n} for W ∈ R^{n×n}; W itself if there are n tokens."""
    if square.rows == tokens:
        return square
    return BlockMatrix([[square], [ZeroMatrix(tokens - square.rows, square.cols)]])


def explicit(
    matrix: MatrixExpr,
    sizes: Mapping[Expr, int],
    data: Mapping[MatrixSymbol, Sequence[Sequence[Any]]],
    scalars: Mapping[Symbol, Any],
) -> ImmutableMatrix:
    """The matrix with numbers in it, exact: integer sizes, rows of every matrix symbol, and R and λ.

    >>> from sympy import symbols
    >>> N, G = symbols("N G", integer=True, positive=True)
    >>> V = MatrixSymbol("V", N, G)
    >>> explicit(V.T * V, {N: 1, G: 2}, {V: [[1, 3]]}, {})
    Matrix([
    [1, 3],
    [3, 9]])
    """
    entries: dict[Expr, Any] = dict(scalars)
    for symbol, rows in data.items():
        sized = symbol.subs(sizes)
        if sized.shape != (len(rows), len(rows[0])):
            raise ValueError(f"{symbol} is {sized.shape}, the data {(len(rows), len(rows[0]))}")
        entries |= {sized[i, j]: value for i, row in enumerate(rows) for j, value in enumerate(row)}
    shown = ImmutableMatrix(matrix.subs(sizes).as_explicit())
    return shown.applyfunc(lambda entry: entry.doit().xreplace(entries))
