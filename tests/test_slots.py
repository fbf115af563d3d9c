"""Slot matrices: the closed forms against softmax, inverse and norm computed from their definitions."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from attain.symbolic.attention import softmax_columns
from attain.symbolic.slots import SlotMatrix, amplification, leakage, slot_softmax
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Identity, ImmutableMatrix, Integer, OneMatrix, Rational, cancel, exp, eye, symbols

N, ODDS = symbols("n o", positive=True)
SIZES = st.integers(1, 7)
RATIOS = st.fractions(Fraction(11, 10), 50, max_denominator=20).map(lambda q: Rational(q.numerator, q.denominator))
SETTINGS = settings(deadline=None, max_examples=40, derandomize=True)


def rows(matrix: SlotMatrix) -> ImmutableMatrix:
    return ImmutableMatrix(matrix.matrix.as_explicit())


def test_the_inverse_is_exact_for_symbolic_size_and_odds() -> None:
    Q = slot_softmax(ODDS, N)
    assert Q.times(Q.inverse()) == SlotMatrix(Integer(1), Integer(0), N)
    one = ((ODDS - 1) * Identity(3) + OneMatrix(3, 3)) / (ODDS + 2)
    assert (Q.matrix.subs(N, 3).as_explicit() - one.as_explicit()).applyfunc(cancel).is_zero_matrix


def test_it_is_the_softmax_of_lambda_times_the_identity() -> None:
    slot = symbols("lambda", positive=True)
    for n in (1, 2, 3):
        literal = softmax_columns(ImmutableMatrix(slot * eye(n)))
        assert (literal - rows(slot_softmax(exp(slot), Integer(n)))).applyfunc(cancel).is_zero_matrix


@SETTINGS
@given(SIZES, RATIOS)
def test_inverse_leakage_and_norm_are_those_of_the_explicit_matrix(n: int, odds: Rational) -> None:
    Q = slot_softmax(odds, Integer(n))
    explicit, inverse = rows(Q), rows(Q.inverse())
    assert explicit * inverse == eye(n)
    assert all(sum(explicit[:, t]) == 1 for t in range(n))
    assert all(1 - explicit[t, t] == leakage(odds, Integer(n)) for t in range(n))
    assert max(sum(abs(entry) for entry in inverse[:, t]) for t in range(n)) == amplification(odds, Integer(n))


@pytest.mark.parametrize("n", [2, 3, 8])
@pytest.mark.parametrize("slot", ["0.01", "0.7", "5", "30"])
def test_leakage_and_amplification_against_mpmath(n: int, slot: str) -> None:
    with mpmath.workdps(60):
        weight = mpmath.exp(mpmath.mpf(slot))
        Q = mpmath.matrix(n, n)
        for t in range(n):
            column = [mpmath.exp(mpmath.mpf(slot) * (i == t)) for i in range(n)]
            for i in range(n):
                Q[i, t] = column[i] / mpmath.fsum(column)
        leak = mpmath.fsum(Q[i, 0] for i in range(1, n))
        grown = mpmath.mnorm(mpmath.inverse(Q), 1)
        odds = symbols("odds")
        for formula, seen in ((leakage, leak), (amplification, grown)):
            stated = mpmath.mpf(formula(odds, Integer(n)).subs(odds, weight))
            assert abs(stated - seen) < mpmath.mpf(10) ** -40 * abs(seen)


def test_the_default_odds_amplify_less_than_twice() -> None:
    gap = cancel(2 - amplification(2 * N, N))
    assert gap == 1 / (2 * N - 1)


def test_sizes_must_agree() -> None:
    with pytest.raises(ValueError, match="sizes 2 and 3"):
        slot_softmax(Integer(2), Integer(2)).times(slot_softmax(Integer(2), Integer(3)))
