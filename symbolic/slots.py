"""Slots: how one softmax serves n output columns, and how the columns are told apart again.

Token (j, i) holds column i of the value of centre j and gets λ more score from query i, so that its weight is
p_j Q_{i,t} with the n × n matrix Q = softmax(λI) = ((e^λ − 1)I + J)/(e^λ + n − 1), J = 11ᵀ. The matrices αI + βJ form a
commutative algebra (J² = nJ), in which everything below is computed for symbolic n.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Identity, MatAdd, MatMul, MatrixExpr, OneMatrix, cancel


@dataclass(frozen=True)
class SlotMatrix:
    """αI + βJ ∈ R^{n×n}, J all ones.

    >>> from sympy import S
    >>> SlotMatrix(S(2), S(1), S(2)).matrix.as_explicit()
    Matrix([
    [3, 1],
    [1, 3]])
    """

    alpha: Expr
    beta: Expr
    n: Expr

    @property
    def matrix(self) -> MatrixExpr:
        """The matrix itself."""
        if self.beta == 0:
            return self.alpha * Identity(self.n)
        return MatAdd(MatMul(self.alpha, Identity(self.n)), MatMul(self.beta, OneMatrix(self.n, self.n))).doit()

    def times(self, other: SlotMatrix) -> SlotMatrix:
        """(αI + βJ)(α'I + β'J) = αα'I + (αβ' + βα' + nββ')J.

        >>> from sympy import S
        >>> both = SlotMatrix(S(1), S(1), S(3))
        >>> both.times(both)
        SlotMatrix(alpha=1, beta=5, n=3)
        """
        if self.n != other.n:
            raise ValueError(f"slot matrices of sizes {self.n} and {other.n}")
        beta = self.alpha * other.beta + self.beta * other.alpha + self.n * self.beta * other.beta
        return SlotMatrix(cancel(self.alpha * other.alpha), cancel(beta), self.n)

    def inverse(self) -> SlotMatrix:
        """(1/α)(I − βJ/(α + nβ)); α and α + nβ must not vanish."""
        return SlotMatrix(
            cancel(1 / self.alpha), cancel(-self.beta / (self.alpha * (self.alpha + self.n * self.beta))), self.n
        )


def slot_softmax(odds: Expr, n: Expr) -> SlotMatrix:
    """Q = softmax(λI) by columns, odds = e^λ: Q_{t,t} = e^λ/(e^λ + n − 1), every other entry 1/(e^λ + n − 1).

    >>> from sympy import S
    >>> slot_softmax(S(3), S(2)).matrix.as_explicit()
    Matrix([
    [3/4, 1/4],
    [1/4, 3/4]])
    """
    total = odds + n - 1
    return SlotMatrix(cancel((odds - 1) / total), 1 / total, n)


def leakage(odds: Expr, n: Expr) -> Expr:
    """(n − 1)/(n − 1 + e^λ): the weight of a column of Q outside its own slot, exactly.

    >>> from sympy import S
    >>> leakage(S(5), S(2))
    1/6
    """
    return (n - 1) / (n - 1 + odds)


def amplification(odds: Expr, n: Expr) -> Expr:
    """‖Q⁻¹‖₁ = (e^λ + 2n − 3)/(e^λ − 1), e^λ > 1: how much Q⁻¹ can enlarge the largest entry of a row.

    Q⁻¹ has e^λ + n − 2 on the diagonal and −1 elsewhere, over e^λ − 1. For e^λ = 2n it is below 2.

    >>> from sympy import S
    >>> amplification(S(4), S(2))
    5/3
    """
    return (odds + 2 * n - 3) / (odds - 1)
