"""Symmetries of goals: which are found, and that claims proved by them have refuted neighbours."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from attain.proofs.checker.claims.proof import check_proof
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import Problem
from attain.proofs.prover.saved import to_json
from attain.proofs.prover.step import Easier
from attain.proofs.prover.symmetry import slices


def found(text: str, *where: str) -> Easier | None:
    claim = parse_claim(text, where)
    return slices(Problem(claim.variables, claim.conditions, claim.goals[0].gap, ">="))


@pytest.mark.parametrize(
    ("text", "where", "weights", "powers"),
    [
        ("R*D <= exp(R*D)", ["R > 0", "D > 0"], {"R": 1, "D": -1}, (0,)),
        ("exp(-R*D**2) <= 1", ["R > 0", "D > 0"], {"R": 1, "D": Fraction(-1, 2)}, (0,)),
        ("(x - y)**2 <= exp(x - y)", [], {"x": 1, "y": 1}, (0,)),
        ("exp(x) + exp(y) >= 2*exp(x/2 + y/2)", [], {"x": 1, "y": 1}, (1,)),
        ("sqrt(x*y) <= x + y", ["x > 0", "y > 0", "x*y <= x**2"], {"x": 1, "y": 1}, (1, 2)),
        ("p*log(p/q) - p + q >= 0", ["p > 0", "q > 0"], {"p": 1, "q": 1}, (1,)),
    ],
)
def test_symmetries_are_found(text: str, where: list[str], weights: dict[str, int], powers: tuple[int, ...]) -> None:
    motion = found(text, *where)
    assert motion is not None
    assert (dict(motion.data["weights"]), motion.data["powers"]) == (weights, powers)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("R*D <= exp(R*D) + R/10**9", ["R > 0", "D > 0"]),
        ("R*D <= exp(R*D)", ["R > 0", "D > 1"]),
        ("R*D <= exp(R*D)", ["R > 0", "D > 0", "R <= D + 1"]),
        ("R*D <= exp(R*D)", ["R >= 1 integer", "D > 0"]),
        ("(x - y)**2 <= exp(x - y)", ["x >= 0"]),
        ("(x - y)**2 <= exp(x - y) + sin(x)/10**6", []),
        ("exp(x) + exp(y) >= exp(x/2 + y/3)", []),
    ],
)
def test_what_breaks_a_symmetry_is_seen(text: str, where: list[str]) -> None:
    assert found(text, *where) is None


def test_every_number_can_be_moved_to_a_value() -> None:
    for where, values in (("x > 0", (1,)), ("x >= 0", (1, 0)), ("x < 0", (-1,)), ("x real", (1, -1, 0))):
        at = found("abs(x*y) <= exp(x*y)", where, "y real")
        assert at is not None
        assert (at.data["name"], at.data["values"]) == ("x", values)


CLAIMS = [
    ("R*D*exp(-R*D)/(1+exp(-R*D)) <= 0.2785", "R*D*exp(-R*D)/(1+exp(-R*D)) <= 0.27846454", ["R >= 0", "D >= 0"]),
    ("softmax(x,y)*softmax(y,x)*(x-y)**2 <= 0.44", "softmax(x,y)*softmax(y,x)*(x-y)**2 <= 0.4392", []),
    (
        "(x*exp(R*x)+y*exp(R*y))/(exp(R*x)+exp(R*y)) >= max(x,y)-0.2785/R",
        "(x*exp(R*x)+y*exp(R*y))/(exp(R*x)+exp(R*y)) >= max(x,y)-0.2784/R",
        ["R > 0"],
    ),
]


@pytest.mark.parametrize(("text", "wrong", "where"), CLAIMS)
def test_proofs_by_symmetry_are_rechecked_and_neighbours_refuted(text: str, wrong: str, where: list[str]) -> None:
    claim = parse_claim(text, where)
    verdict = prove_claim(claim)
    assert "all variables" in verdict.method
    saved = json.loads(json.dumps(to_json(claim, verdict)))
    lines = list(check_proof(saved, 30))
    assert {status for _, status, _ in lines} == {"proved"}
    assert any("slices" in note for _, _, note in lines)
    assert prove_claim(parse_claim(wrong, where)).status == "refuted"
