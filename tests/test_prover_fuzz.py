"""Generated claims of known truth: the prover never contradicts it, and mpmath confirms the truth itself."""

from __future__ import annotations

import random

import pytest
from attain.proofs.prover.decide import Verdict, prove_claim
from attain.proofs.prover.language import parse_claim
from facts import FACTS, IDENTITIES
from fuzz_prover import Sample, check, judge, sample
from truth import fails_at, violation


def text(known: Sample) -> dict[str, str]:
    return {name: str(value) for name, value in known.point.items()}


@pytest.mark.parametrize("seed", range(0, 1000, 8))
def test_generated_claims_have_the_truth_they_say(seed: int) -> None:
    known = sample(seed)
    claim = parse_claim(known.text, known.where)
    if known.truth == "refuted":
        assert fails_at(claim, text(known))
    elif known.truth == "proved":
        assert violation(claim, random.Random(seed), 8)[0] is None


def test_facts_touch_zero_where_they_say() -> None:
    for fact in FACTS:
        point = {name: str(value) for name, value in fact.zero.items()}
        assert fails_at(parse_claim(f"{fact.gap} >= 1e-50", fact.where), point)
        assert violation(parse_claim(f"{fact.gap} >= 0", fact.where), random.Random(0), 20)[0] is None
    for left, right in IDENTITIES:
        assert violation(parse_claim(f"{left} == {right}"), random.Random(0), 20)[0] is None


def test_every_truth_is_generated() -> None:
    assert {sample(seed).truth for seed in range(60)} == {"proved", "refuted", "error"}


@pytest.mark.parametrize(
    ("status", "witness", "outcome"),
    [
        ("proved", None, "wrong"),
        ("refuted", {"x": "1"}, "refuted"),
        ("refuted", {"x": "0"}, "wrong"),
        ("error", None, "wrong"),
    ],
)
def test_a_wrong_verdict_is_seen(status: str, witness: dict[str, str] | None, outcome: str) -> None:
    false = Sample("x <= 1/2", ("x >= 0",), "refuted", {})
    assert judge(false, Verdict("", "", status, witness=witness)) == outcome


def test_no_wrong_verdict_on_a_few() -> None:
    outcomes = check(0, 30, seed=0, seconds=0.3)
    assert outcomes["wrong"] == []
    assert outcomes["proved"]
    assert outcomes["refuted"]


def test_verdicts_on_conditions_are_not_vacuous() -> None:
    assert prove_claim(parse_claim("m >= 0.001", ["m >= x**2"]), 2).status == "refuted"


def test_far_witnesses_are_computed() -> None:
    claim = parse_claim("1/(1 + x**2) - exp(-x**2) > 1e-12")
    assert fails_at(claim, {"x": "1e69"})
    assert not fails_at(claim, {"x": "1"})
