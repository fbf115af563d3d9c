"""The self-attention layer of [MA] for sequences f: R^{d×n} → R^{d_o×n}: every matrix in closed form.

N = dn, G centres v_j ∈ R^N, T = nG tokens (j, i), token (j, i) at column jn + i. Rows of Z = Lin(X):

    x     vec X (N)         the same in every token
    one   1
    ask   e_t (n)           in the first n tokens only: these are the queries that W_O keeps
    centre v_j (N),  half_norm −½‖v_j‖²,  slot (λ/R) e_i (n),  value f(v_j)_{:,i} (d_o)

so D = 2N + 2n + 2 + d_o. The *flat* variant has G tokens, values vec f(v_j) of d_o n rows, and one column that is
reshaped: it is `attention.max_affine_layer(d n, G, d_o n)` on x = vec X.
"""

from __future__ import annotations

from sympy import (
    BlockMatrix,
    Expr,
    Identity,
    Integer,
    KroneckerProduct,
    MatrixSymbol,
    OneMatrix,
    ZeroMatrix,
    block_collapse,
    symbols,
)
from sympy.matrices.expressions.diagonal import DiagonalOf

from .attention import Layout, Unit
from .linear import SumOfLinear, Vec
from .sequence_layer import Head, SequenceLayer, sequence_layer


def self_attention_layer(d: Expr, n: Expr, G: Expr, rows: Expr) -> SequenceLayer:
    """The layer for symbolic (or integer, n, G ≥ 2) d, n, G and d_o = `rows`; `data` is (X, V, Y).

    Lin(X) = Σ_{t<n} A_t X B_t + C with A_t = [e_t ⊗ I_d on block x], B_t = e_t 1ᵀ, as vec X = Σ_t (e_t ⊗ I_d) X e_t.

    >>> d, n, G, d_o = symbols("d n G d_o", integer=True, positive=True)
    >>> layer = self_attention_layer(d, n, G, d_o)
    >>> layer.hidden, layer.score_matrix.shape
    (2*d*n + d_o + 2*n + 2, (G*n, G*n))
    >>> layer.centre_scores
    (-R/2)*DiagonalOf(V.T*V) + R*V.T*Vec(X)
    >>> layer.output
    Y*(KroneckerProduct(Softmax((-R/2)*DiagonalOf(V.T*V) + R*V.T*Vec(X)), I))
    """
    R, slot = symbols("R lambda", positive=True)
    N, T, one = d * n, n * G, Integer(1)
    X, V, Y = MatrixSymbol("X", d, n), MatrixSymbol("V", N, G), MatrixSymbol("Y", rows, T)
    layout = Layout(
        (("x", N), ("one", one), ("ask", n), ("centre", N), ("half_norm", one), ("slot", n), ("value", rows))
    )
    constant = layout.stack(
        {
            "one": OneMatrix(1, T),
            "ask": BlockMatrix([[Identity(n), ZeroMatrix(n, T - n)]]),
            "centre": KroneckerProduct(V, OneMatrix(1, n)),
            "half_norm": KroneckerProduct(-DiagonalOf(V.T * V).T / 2, OneMatrix(1, n)),
            "slot": slot / R * KroneckerProduct(OneMatrix(1, G), Identity(n)),
            "value": Y,
        },
        T,
    )
    lin = vec_in_every_token(layout, X, T, constant)
    head = Head(layout, layout, lin, lin, ("x", "one", "ask"), ("centre", "half_norm", "slot"))
    return sequence_layer(head, n, (X, V, Y), R, slot)


def vec_in_every_token(layout: Layout, X: MatrixSymbol, tokens: Expr, constant: BlockMatrix) -> SumOfLinear:
    """Lin(X) = Σ_t A_t X B_t + C that puts vec X into block "x" of every token."""
    d, n = X.shape

    def left(t: Expr | int) -> BlockMatrix:
        return layout.stack({"x": KroneckerProduct(Unit(n, t), Identity(d))}, d)

    def right(t: Expr | int) -> KroneckerProduct:
        return KroneckerProduct(Unit(n, t), OneMatrix(1, tokens))

    image = block_collapse(layout.stack({"x": Identity(d * n)}, d * n) * Vec(X) * OneMatrix(1, tokens) + constant)
    return SumOfLinear(X, n, left, right, constant, image)
