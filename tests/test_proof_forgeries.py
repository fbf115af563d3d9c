"""Forged proofs of false claims, each of which must be rejected, beside the honest proof that it imitates."""

from __future__ import annotations

from typing import Any

import pytest
from attain.proofs.checker.claims.proof import KIND, check_proof

Step = dict[str, Any]


def same(formula: str) -> Step:
    return {"formula": formula, "how": "same", "times": [], "inner": []}


def one_box(said: str, op: str, tree: list[Any] | None = None, **more: Any) -> Step:
    step = {"rule": "cover", "said": said, "op": op, "tree": tree or [0], "bits": 64, "total": False, "parts": []}
    return {**step, "candidates": {"0": same(said)}, **more}


def upward(formula: str, slope: str, op: str, **more: Any) -> Step:
    """From the lower end, by a derivative that one box shows to be >= 0."""
    rate = {"rule": "rate", "op": op, "candidate": same(formula), "strict": False, "parts": [one_box(slope, ">=")]}
    return {"rule": "anchor", "said": formula, "op": op, "side": 1, "near": None, "parts": [rate], **more}


def sturm(said: str, op: str, low: str, terms: list[Any], ends: list[str]) -> Step:
    step = {"rule": "sturm", "said": said, "op": op, "candidate": same("x"), "atoms": ["x"], "low": [low]}
    return {**step, "terms": terms, "ends": [ends], "parts": []}


def identity(said: str) -> Step:
    return {"rule": "identity", "said": said, "op": ">=", "parts": []}


def statuses(claim: str, where: list[str], goal: Step, point: str, guards: list[Step] | None = None) -> set[str]:
    data = {"kind": KIND, "claim": claim, "where": where, "verdict": "proved", "solved": [], "guards": guards or []}
    return {status for _, status, _ in check_proof({**data, "goals": [goal], "point": {"x": point}}, 30)}


@pytest.mark.parametrize(
    ("op", "ends", "low", "terms", "good"),
    [
        (">=", ["-1", "1"], "1", [["1", [0]]], False),  # x = 1·x¹, and 1 > 0
        (">", ["0", "1"], "1", [["1", [0]]], False),
        (">=", ["0", "1"], "0", [["1", [1]]], True),
    ],
)
def test_no_power_is_divided_out_of_a_polynomial(
    op: str, ends: list[str], low: str, terms: list[Any], good: bool
) -> None:
    found = statuses(f"x {op} 0", [f"x in [{ends[0]}, {ends[1]}]"], sturm("x - 0", op, low, terms, ends), "0")
    assert found == {"proved"} if good else "refuted" in found


@pytest.mark.parametrize(
    "step",
    [
        {"rule": "both ways", "parts": [identity("x - x"), identity("-(x - x)")]},
        {"rule": "derivative zero", "point": "0", "parts": []},
    ],
)
def test_an_identity_is_no_strict_inequality(step: Step) -> None:
    assert "refuted" in statuses("x > x", ["x in [0, 1]"], {**step, "said": "x - x", "op": ">"}, "0")
    assert statuses("x == x", ["x in [0, 1]"], {**step, "said": "x - x", "op": "=="}, "0") == {"proved"}


def test_a_case_does_not_widen_the_domain() -> None:
    """Beyond the lower end there is a pole; the goal is false everywhere."""
    goal = "abs(x + 1) - (x + 1) - 1/x"
    slope = "0 - (-1)/x**2"
    parts = [upward("x + 1 - (x + 1) - 1/x - 0", slope, ">=", domain=["x", "-1", None]), {"rule": "nothing left"}]
    step = {"rule": "cases", "said": f"{goal} - 0", "op": ">=", "kink": "abs(x + 1)", "parts": parts}
    guard = one_box("x", ">", given=[])
    assert "refuted" in statuses(f"{goal} >= 0", ["x in [1/2, 1)"], step, "1/2", [guard])


def test_a_guard_is_known_only_under_the_conditions_that_show_it() -> None:
    """x is not 0 where x**3 >= 1/8; on the whole domain it is, and -1/x has a pole there."""
    only = [["x", "1/4"], -1, 0]
    guards = [one_box("x", ">", only, given=[0]), upward("-1/x", "1/x**2", ">", given=[])]
    goal = one_box("5 - log(-1/x)", ">=", only)
    found = statuses("log(-1/x) <= 5", ["x in [-1, 1)", "x**3 >= 1/8"], goal, "3/4", guards)
    assert found != {"proved"}
