"""x = k·log(t): what it must prove, false neighbours, and that the checker confirms it on its own."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from attain.proofs.checker.claims.proof import check_proof
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.saved import to_json


def saved(text: str, *where: str) -> dict[str, Any]:
    claim = parse_claim(text, where)
    return to_json(claim, prove_claim(claim, 30))


@pytest.mark.parametrize(
    ("left", "right", "k", "where"),
    [
        ("log(1+exp(x)) - x", "{}*exp(-x/2)", "log(2)", "x >= 0"),
        ("log(2*cosh(x)) - x", "{}*exp(-x)", "log(2)", "x >= 0"),
    ],
)
def test_bounds_that_meet_at_an_end_and_at_infinity(left: str, right: str, k: str, where: str) -> None:
    data = saved(f"{left} <= {right.format(k)}", where)
    assert data["goals"][0]["rule"] == "exponential"
    assert {status for _, status, _ in check_proof(data, 30)} == {"proved"}
    false = prove_claim(parse_claim(f"{left} <= {right.format('0.693147')}", [where]), 30)
    assert false.status == "refuted"


@pytest.mark.parametrize("scale", ["0", "2", "-2", "1"])
def test_a_scale_that_the_proof_was_not_made_for_is_rejected(scale: str) -> None:
    data = copy.deepcopy(saved("log(1+exp(x)) - x <= log(2)*exp(-x/2)", "x >= 0"))
    assert data["goals"][0]["scale"] == "-2"
    data["goals"][0]["scale"] = scale
    statuses = {status for _, status, _ in check_proof(data, 30)}
    assert statuses == {"proved"} if scale == "-2" else "refuted" in statuses


def test_a_proof_on_part_of_the_image_is_rejected() -> None:
    data = saved("log(1+exp(x)) - x <= log(2)*exp(-x/2)", "x >= 0")
    data |= {"where": ["x >= -1"], "point": {"x": "0"}}  # false below 0
    assert "refuted" in {status for _, status, _ in check_proof(data, 30)}
