"""Claims under nonlinear equations: points on them are roots, verdicts are re-checked."""

from __future__ import annotations

import json

import pytest
from attain.proofs.checker.claims.proof import check_proof
from attain.proofs.prover.curves import roots
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import at, constant_sign
from attain.proofs.prover.saved import to_json
from attain.symbolic.expression import parse


@pytest.mark.parametrize(
    ("text", "where", "wanted"),
    [
        ("x**4 == 4", ["x**2 == 2"], "proved"),
        ("x**4 == 4.0001", ["x**2 == 2"], "refuted"),
        ("x**5 == 5*x + 3", ["x**2 == x + 1"], "proved"),
        ("1/x == x - 1", ["x**2 == x + 1", "x > 0"], "proved"),
        ("x >= 0", ["x**2 == x + 1"], "refuted"),
        ("x*y <= 3/2", ["x**2 + y**2 == 3"], "proved"),
        ("x*y <= 1.4", ["x**2 + y**2 == 3"], "refuted"),
        ("x > 0", ["x**2 == -1"], "error"),
    ],
)
def test_verdicts_under_equations_without_rational_points(text: str, where: list[str], wanted: str) -> None:
    claim = parse_claim(text, where)
    verdict = prove_claim(claim, 10)
    assert verdict.status == wanted
    if wanted != "error":
        saved = json.loads(json.dumps(to_json(claim, verdict)))
        assert {status for _, status, _ in check_proof(saved, 30)} == {"proved"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x**2 - 2", 2),
        ("3*x**2 + 5*x + 1", 2),
        ("x**2 + x + 1", 0),
        ("x**3 + 5", 1),
        ("x**4 + 1", 0),
        ("2*x - 3", 1),
        ("x - x", 0),
    ],
)
def test_roots_are_roots(text: str, count: int) -> None:
    found = roots(parse(text), "x")
    assert len(found) == count
    assert all(constant_sign(at(parse(text), {"x": x})) == 0 for x in found)


def test_a_point_off_the_curve_is_refused_by_the_checker() -> None:
    claim = parse_claim("x**4 == 4", ["x**2 == 2"])
    saved = json.loads(json.dumps(to_json(claim, prove_claim(claim, 10))))
    saved["point"] = {"x": "1.5"}
    assert ("point", "refuted") in {(name, status) for name, status, _ in check_proof(saved, 30)}
