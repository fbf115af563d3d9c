"""x = k·log(t): what it must prove, false neighbours, and that the checker confirms it on its own."""

from __future__ import annotations

import copy

import pytest
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from rechecking import saved, statuses


@pytest.mark.parametrize(
    ("left", "right", "k", "where"),
    [
        ("log(1+exp(x)) - x", "{}*exp(-x/2)", "log(2)", "x >= 0"),
        ("log(2*cosh(x)) - x", "{}*exp(-x)", "log(2)", "x >= 0"),
    ],
)
def test_bounds_that_meet_at_an_end_and_at_infinity(left: str, right: str, k: str, where: str) -> None:
    data = saved(f"{left} <= {right.format(k)}", where, seconds=30)
    assert data["goals"][0]["rule"] == "exponential"
    assert statuses(data) == {"proved"}
    false = prove_claim(parse_claim(f"{left} <= {right.format('0.693147')}", [where]), 30)
    assert false.status == "refuted"


@pytest.mark.parametrize("scale", ["0", "2", "-2", "1"])
def test_a_scale_that_the_proof_was_not_made_for_is_rejected(scale: str) -> None:
    data = copy.deepcopy(saved("log(1+exp(x)) - x <= log(2)*exp(-x/2)", "x >= 0", seconds=30))
    assert data["goals"][0]["scale"] == "-2"
    data["goals"][0]["scale"] = scale
    found = statuses(data)
    assert found == {"proved"} if scale == "-2" else "refuted" in found


def test_a_proof_on_part_of_the_image_is_rejected() -> None:
    data = saved("log(1+exp(x)) - x <= log(2)*exp(-x/2)", "x >= 0", seconds=30)
    data |= {"where": ["x >= -1"], "point": {"x": "0"}}  # false below 0
    assert "refuted" in statuses(data)
