"""The lemmas behind the L^p bounds: proved exactly, seen on instances, every mutant killed; and the whole theorem."""

from __future__ import annotations

from attain.proofs import ledger
from attain.proofs.lemmas._powers import exponential_tangent, power_order, power_tangent, stretched_tangent
from attain.symbolic.theorem import load

SLUGS = ("far-tail", "jensen-power", "line-modulus", "lp-from-sup", "near-and-far", "overlap-kernel")


def test_the_group_is_complete():
    assert {lemma.slug for lemma in ledger.select("max-affine-lp")} == set(SLUGS)
    assert set(SLUGS) <= set(load("max-affine-lp").lemmas)
    assert set(load("max-affine-lp").lemmas) <= {lemma.slug for lemma in ledger.discover()}


def test_the_tangents_assume_only_what_they_say():
    assert exponential_tangent().hypotheses == ()
    assert [str(h) for h in stretched_tangent().hypotheses] == ["1 <= p"]
    assert {str(h) for h in power_tangent().hypotheses} == {"1 <= p", "0 < x", "0 < m"}
    assert {str(h) for h in power_order().hypotheses} == {"1 <= p", "0 < x", "x <= m"}
