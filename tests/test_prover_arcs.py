"""x = m + r·cos(k·t): what it must prove, false neighbours, and that the checker confirms it on its own."""

from __future__ import annotations

import copy

import pytest
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.symbolic.tree import to_text
from rechecking import saved, statuses

ROOTS = "acos(x) >= 6*sqrt(1-x)/(2*sqrt(2)+sqrt(1+x))"
BELOW = "asin(x) <= pi*x/(2+sqrt(1-x**2))"
SHIFTED = "acos(1-x) <= pi*sqrt(x/2)"


@pytest.mark.parametrize(
    ("text", "where", "false"),
    [
        (ROOTS, "x in [0, 1]", "acos(x) >= 6.001*sqrt(1-x)/(2*sqrt(2)+sqrt(1+x))"),
        (BELOW, "x in [0, 1]", "asin(x) <= 3.1415*x/(2+sqrt(1-x**2))"),
        (SHIFTED, "x in [0, 2]", "acos(1-x) <= 3.1415*sqrt(x/2)"),
        ("acos(x/2-1) >= sqrt(4-x)", "x in [0, 4]", "acos(x/2-1) >= 1.0001*sqrt(4-x)"),
        ("acos(x) > sqrt(2)*sqrt(1-x)", "x in [0.3, 1)", "acos(x) > 1.4143*sqrt(1-x)"),
        ("acos(x)*asin(x) <= pi**2/16", "x in [-1, 1]", "acos(x)*asin(x) <= 0.6168"),
    ],
)
def test_arcs_that_meet_their_bounds(text: str, where: str, false: str) -> None:
    data = saved(text, where)
    assert data["goals"][0]["rule"] == "arc"
    assert statuses(data) == {"proved"}
    assert prove_claim(parse_claim(false, [where]), 10).status == "refuted"


@pytest.mark.parametrize(
    ("text", "where", "false"),
    [
        ("asin(x) <= pi*x/2", "x in [0, 1]", "asin(x) < pi*x/2"),
        ("acos(x) <= pi*(1-x**2)**(-1/2)/2", "x in [0, 1)", "acos(x) < pi*(1-x**2)**(-1/2)/2"),
        ("asin(x) + acos(x) == pi/2", "x in [-1, 1]", "asin(x) + acos(x) == 1.57"),
        ("acos(-x) == pi - acos(x)", "x in [-1, 1]", "acos(-x) == acos(x)"),
    ],
)
def test_arcs_with_known_values_at_the_ends(text: str, where: str, false: str) -> None:
    assert statuses(saved(text, where)) == {"proved"}
    assert prove_claim(parse_claim(false, [where]), 10).status == "refuted"


def test_nothing_outside_the_circle_is_proved() -> None:
    assert prove_claim(parse_claim("asin(x) <= pi*x/2", ["x in [0, 1.01]"]), 10).status == "error"


@pytest.mark.parametrize("k", range(5))
def test_arcs_of_halves_are_known(k: int) -> None:
    angle = ("-pi/2", "-pi/6", "0", "pi/6", "pi/2")[k]
    data = saved(f"asin({k - 2}/2) == {angle} == pi/2 - acos({k - 2}/2)")
    assert statuses(data) == {"proved"}
    assert prove_claim(parse_claim(f"asin({k - 2}/2) == {angle} + 1/10**20"), 10).status == "refuted"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("radius", "1"),
        ("radius", "-2"),
        ("radius", "0"),
        ("middle", "0"),
        ("middle", "2"),
        ("turn", 1),
        ("turn", 3),
        ("turn", -2),
        ("image", ["0", "pi"]),
        ("image", ["0", "pi/4"]),
        ("image", ["pi", "3*pi/2"]),
        ("image", ["pi/2", "0"]),
        ("image", ["-pi/2", "0"]),
        ("image", ["0"]),
    ],
)
def test_another_angle_than_that_of_the_proof_is_rejected(key: str, value: object) -> None:
    data = copy.deepcopy(saved(SHIFTED, "x in [0, 2]"))
    assert [data["goals"][0][k] for k in ("middle", "radius", "turn", "image")] == ["1", "-1", 2, ["0", "pi/2"]]
    data["goals"][0][key] = value
    assert "refuted" in statuses(data)


@pytest.mark.parametrize("where", ["x in [-1, 1]", "x in [0.5, 1]", "x in [-1/2, 1]"])
def test_a_proof_on_another_part_of_the_circle_is_rejected(where: str) -> None:
    data = saved(BELOW, "x in [0, 1]")
    data |= {"where": [where], "point": {"x": "3/4"}}  # false below 0
    assert "refuted" in statuses(data)


@pytest.mark.parametrize(
    "claim",
    [
        "asin(x) <= 3.1415*x/(2+sqrt(1-x**2))",
        "acos(x) <= pi*x/(2+sqrt(1-x**2))",
        "asin(x) <= pi*x/(2+sqrt(1-x))",
        "asin(x) <= pi*x/(2+2*sqrt(1-x**2))",
        "asin(x/2) <= pi*x/(5.9+sqrt(1-x**2))",
    ],
)
def test_a_proof_of_another_claim_is_rejected(claim: str) -> None:
    data = saved(BELOW, "x in [0, 1]")
    data["claim"] = claim
    data["goals"][0]["said"] = to_text(parse_claim(claim).goals[0].gap)
    assert "refuted" in statuses(data)
