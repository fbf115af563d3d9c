"""Sum-of-linear layers Lin(X) = Σ_t A_t X B_t + C in block matrices of symbolic size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, MatrixExpr, MatrixSymbol, expand, floor

from .attention import nonzeros


class Vec(MatrixExpr):
    """vec X ∈ R^{dn}: the columns of X ∈ R^{d×n} stacked; entry i is X[i mod d, ⌊i/d⌋].

    >>> Vec(MatrixSymbol("X", 2, 2)).as_explicit().T
    Matrix([[X[0, 0], X[1, 0], X[0, 1], X[1, 1]]])
    """

    def __new__(cls, matrix: MatrixExpr) -> Vec:
        return MatrixExpr.__new__(cls, matrix)

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return self.args[0].rows * self.args[0].cols, Integer(1)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        rows = self.args[0].rows
        return self.args[0][i % rows, floor(i / rows)]


@dataclass(frozen=True)
class SumOfLinear:
    """Lin(X) = Σ_{t < terms} left(t) X right(t) + constant; `image` is the same matrix with vec X in it.

    The families left(t), right(t) take a symbolic or an integer t and have the same shape for every t.
    """

    X: MatrixSymbol
    terms: Expr
    left: Callable[[Expr | int], MatrixExpr]
    right: Callable[[Expr | int], MatrixExpr]
    constant: MatrixExpr
    image: MatrixExpr

    def counts(self) -> tuple[Expr, Expr]:
        """(dense, nonzero): entries of all A_t, B_t and of C, and those that are not zero for generic data."""
        A, B, C = self.left(0), self.right(0), self.constant
        dense = self.terms * (A.rows * A.cols + B.rows * B.cols) + C.rows * C.cols
        return expand(dense), expand(self.terms * (nonzeros(A) + nonzeros(B)) + nonzeros(C))
