"""The lemmas about slots and cross-attention: proved, attacked, and the formulas that the calculator uses."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from attain.proofs import ledger
from attain.proofs.claim import innermost
from attain.proofs.lemmas import _slots, slot_amplification, slot_leakage
from attain.proofs.values import evaluate
from attain.symbolic import slots
from attain.symbolic.shapes import Shape
from attain.symbolic.theorem import load
from hypothesis import given, settings
from hypothesis import strategies as st

SLOTS = ("slot-softmax", "slot-leakage", "slot-inverse", "slot-amplification", "slot-error")
CROSS = ("cross-attention-scores", "cross-attention-bound")
SETTINGS = settings(deadline=None, max_examples=40, derandomize=True)


def test_the_group_is_complete_and_theorems_name_their_lemmas() -> None:
    assert {lemma.slug for lemma in ledger.select("cross-attention")} == set(CROSS)
    assert {*SLOTS, *CROSS} <= set(load("cross-attention").lemmas)
    assert set(SLOTS) <= set(load("max-affine").lemmas)


def test_stated_formulas_are_those_of_the_symbolic_room() -> None:
    n, odds = _slots.n, _slots.odds
    norm = innermost(slot_amplification.LEMMA.claim().parts[0].conclusion).rhs
    assert sp.cancel(norm - slots.amplification(odds, n)) == 0
    leak = innermost(slot_leakage.LEMMA.claim().parts[0].conclusion).rhs
    assert sp.cancel(leak - slots.leakage(sp.exp(slot_leakage.slot), n)) == 0
    diagonal = slots.slot_softmax(odds, n)
    assert sp.cancel(_slots.Q(0, 1).subs(_slots.d(0, 1), 0) - diagonal.beta) == 0
    assert sp.cancel(_slots.Q(0, 0).subs(_slots.d(0, 0), 1) - diagonal.alpha - diagonal.beta) == 0
    inverse = diagonal.inverse()
    assert sp.cancel(_slots.W(0, 1).subs(_slots.d(0, 1), 0) - inverse.beta) == 0
    assert sp.cancel(_slots.W(0, 0).subs(_slots.d(0, 0), 1) - inverse.alpha - inverse.beta) == 0


@SETTINGS
@given(st.integers(1, 30))
def test_the_calculator_s_slot_numbers_are_the_lemmas_at_its_odds(count: int) -> None:
    shape = Shape("tokens", 1, count, 1)
    values = {_slots.n: Fraction(count), _slots.odds: Fraction(shape.odds)}
    norm = innermost(slot_amplification.LEMMA.claim().parts[0].conclusion).rhs
    assert evaluate(norm, values) == shape.amplification
    shares, inverse = _slots.entries(count, Fraction(shape.odds)) if count < 7 else ([], [])
    for t in range(len(shares)):
        assert sum(shares[i][t] for i in range(count) if i != t) == shape.leakage
        assert sum(abs(inverse[i][t]) for i in range(count)) == shape.amplification
