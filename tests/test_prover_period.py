"""One period of a goal: what it must prove, false neighbours, and that the checker confirms it on its own."""

from __future__ import annotations

import copy

import pytest
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.symbolic.tree import to_text
from rechecking import saved, statuses

NESTED = "cos(sin(x)) > sin(cos(x))"


@pytest.mark.parametrize(
    ("text", "where", "length", "false"),
    [
        (NESTED, (), "2*pi", "cos(sin(x)) > 1.3*sin(cos(x))"),
        (NESTED, ("x > 1",), "2*pi", "cos(sin(x)) > 1.3*sin(cos(x))"),
        (NESTED, ("x < 3",), "2*pi", "cos(sin(x)) > 1.3*sin(cos(x))"),
        (NESTED, ("x in (-50, 70)",), "2*pi", "cos(sin(x)) > 1.3*sin(cos(x))"),
        ("exp(sin(3*x)) >= 1 + sin(3*x) + sin(3*x)**2/4", (), "2/3*pi", "exp(sin(3*x)) > 1 + sin(3*x) + sin(3*x)**2/4"),
        ("cosh(sin(x)) >= 1 + sin(x)**2/2", (), "pi", "cosh(sin(x)) >= 1 + 0.55*sin(x)**2"),
        ("exp(cos(2*pi*x)) + sin(sin(pi*x)) < 2.77", (), "2", "exp(cos(2*pi*x)) + sin(sin(pi*x)) < 2.76"),
    ],
)
def test_waves_on_long_intervals(text: str, where: tuple[str, ...], length: str, false: str) -> None:
    data = saved(text, *where)
    assert (data["goals"][0]["rule"], data["goals"][0]["period"]) == ("period", length)
    assert statuses(data) == {"proved"}
    assert prove_claim(parse_claim(false, where), 10).status == "refuted"


@pytest.mark.parametrize("text", ["exp(sin(x)) + x/1000 > 0.36", "exp(sin(x)) + sin(x/1000) > 0.36"])
def test_what_does_not_repeat_soon_is_not_taken_for_a_wave(text: str) -> None:
    verdict = prove_claim(parse_claim(text), 3)  # true between -2*pi and 2*pi
    assert verdict.status == "refuted"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("period", "pi"),
        ("period", "-2*pi"),
        ("period", "0"),
        ("image", ["1", "7"]),
        ("image", ["0", "2*pi"]),
        ("image", ["1", "1 + pi"]),
        ("image", ["1"]),
        ("name", "y"),
    ],
)
def test_a_part_that_is_no_period_is_rejected(key: str, value: object) -> None:
    data = copy.deepcopy(saved(NESTED, "x >= 1"))
    data["goals"][0][key] = value
    assert "refuted" in statuses(data)


def test_a_short_period_is_rejected() -> None:
    data = saved(NESTED)
    data["goals"][0] |= {"period": "pi", "image": ["0", "pi"]}
    assert "refuted" in statuses(data)


def test_a_short_domain_is_rejected() -> None:
    data = saved(NESTED) | {"where": ["x in [0, 6]"]}
    assert "refuted" in statuses(data)


@pytest.mark.parametrize("claim", ["cos(sin(x)) + x/100 > sin(cos(x))", "cos(sin(x)) > sin(cos(x/2))"])
def test_a_proof_of_a_claim_that_repeats_later_is_rejected(claim: str) -> None:
    data = saved(NESTED) | {"claim": claim}
    data["goals"][0]["said"] = to_text(parse_claim(claim).goals[0].gap)
    assert "refuted" in statuses(data)


def test_a_variable_with_a_condition_is_left_alone() -> None:
    data = saved("exp(sin(x)) <= e + y**2", "x >= 0", "y >= 0")
    assert data["goals"][0]["rule"] == "period"
    data |= {"where": ["x >= 0", "y >= 0", "x*y >= 0"]}
    assert "refuted" in statuses(data)
