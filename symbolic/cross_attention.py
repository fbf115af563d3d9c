"""The cross-attention layer of [MA]: queries from X_Q ∈ R^{d×n}, keys and values from X_K ∈ R^{d×m}.

f: (X_K, X_Q) ↦ R^{d_o×n}, N = d(m + n) coordinates u = (vec X_K, vec X_Q), centres v_j = (v_j^K, v_j^Q), T = nG key
tokens (j, i). The keys already contain X_K:

    Z_Q = Lin_Q(X_Q), n tokens:   x  vec X_Q (dn) | one  1 | ask  e_t (n)
    Z_K = Lin_K(X_K), T tokens:   centre  v_j^Q (dn) | offset  v_j^K·vec X_K − ½‖v_j‖² (1) | slot  (λ/R) e_i (n)
                                  | value  f(v_j)_{:,i} (d_o)

The score of centre j is R(v_j·u − ½‖v_j‖²) = (R/2)‖u‖² − (R/2)‖u − v_j‖²: what is missing to the Gaussian kernel,
(R/2)(‖x_K‖² + ‖x_Q‖²), is common to all keys. A constant X_K is a memory; then u runs over a slice of the box.
"""

from __future__ import annotations

from sympy import (
    Expr,
    Identity,
    Integer,
    KroneckerProduct,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    symbols,
)
from sympy.matrices.expressions.diagonal import DiagonalOf

from .attention import Layout, Unit
from .linear import SumOfLinear, Vec
from .self_attention import vec_in_every_token
from .sequence_layer import Head, SequenceLayer, sequence_layer


def cross_attention_layer(d: Expr, n: Expr, m: Expr, G: Expr, rows: Expr) -> SequenceLayer:
    """The layer for symbolic (or integer, n, G ≥ 2) sizes; `data` is (X_Q, X_K, V_Q, V_K, Y).

    Lin_K takes d terms: v_j^K·vec X_K = Σ_{r<d} e_rᵀ X_K (I_m ⊗ e_rᵀ) v_j^K.

    >>> d, n, m, G, d_o = symbols("d n m G d_o", integer=True, positive=True)
    >>> layer = cross_attention_layer(d, n, m, G, d_o)
    >>> layer.hidden, layer.query_layout.size, layer.score_matrix.shape
    (d*n + d_o + n + 1, d*n + n + 1, (G*n, n))
    """
    R, slot = symbols("R lambda", positive=True)
    T, one = n * G, Integer(1)
    X_Q, X_K = MatrixSymbol("X_Q", d, n), MatrixSymbol("X_K", d, m)
    V_Q, V_K, Y = MatrixSymbol("V_Q", d * n, G), MatrixSymbol("V_K", d * m, G), MatrixSymbol("Y", rows, T)
    asks = Layout((("x", d * n), ("one", one), ("ask", n)))
    query_lin = vec_in_every_token(asks, X_Q, n, asks.stack({"one": OneMatrix(1, n), "ask": Identity(n)}, n))
    keys = Layout((("centre", d * n), ("offset", one), ("slot", n), ("value", rows)))
    half_norm = -(DiagonalOf(V_Q.T * V_Q).T + DiagonalOf(V_K.T * V_K).T) / 2
    constant = {
        "centre": KroneckerProduct(V_Q, OneMatrix(1, n)),
        "slot": slot / R * KroneckerProduct(OneMatrix(1, G), Identity(n)),
        "value": Y,
    }
    offsets = [KroneckerProduct(row, OneMatrix(1, n)) for row in (half_norm, half_norm + Vec(X_K).T * V_K)]

    def left(r: Expr | int) -> Expr:
        return keys.stack({"offset": Unit(d, r).T}, d)

    def right(r: Expr | int) -> Expr:
        return MatMul(KroneckerProduct(Identity(m), Unit(d, r).T), KroneckerProduct(V_K, OneMatrix(1, n)))

    key_lin = SumOfLinear(
        X_K,
        d,
        left,
        right,
        *(keys.stack(constant | {"offset": offset}, T) for offset in offsets),
    )
    head = Head(asks, keys, query_lin, key_lin, ("x", "one", "ask"), ("centre", "offset", "slot"))
    return sequence_layer(head, n, (X_Q, X_K, V_Q, V_K, Y), R, slot)
