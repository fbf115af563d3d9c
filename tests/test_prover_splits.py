"""Cases of several arguments, logarithms of terms of each sign, least points where a gap vanishes, sines of arcs."""

from __future__ import annotations

import json

import pytest
from attain.proofs.checker.claims.normal import Normal
from attain.proofs.checker.claims.proof import check_proof
from attain.proofs.checker.claims.tree import read
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.multiply import lowest_terms
from attain.proofs.prover.normal import Normaliser
from attain.proofs.prover.saved import to_json
from attain.symbolic.expression import parse

CLAIMS = [
    ("logsumexp(x,y,z,u,v) <= max(x,y,z,u,v) + log(5)", "log(5)", "1.609437", [], "cases"),
    ("log(1-p+p*exp(t)) <= p*t + t**2/8", "t**2/8", "t**2/8.001", ["0 < p < 1"], "least point"),
    ("sinh(x)/x <= exp(x**2/6)", "x**2/6", "x**2/6.001", ["x > 0"], "derivatives"),
]


@pytest.mark.parametrize(("text", "part", "less", "where", "way"), CLAIMS)
def test_proofs_are_rechecked_and_neighbours_refuted(
    text: str, part: str, less: str, where: list[str], way: str
) -> None:
    claim = parse_claim(text, where)
    verdict = prove_claim(claim)
    assert verdict.status == "proved"
    assert way in verdict.method
    saved = json.loads(json.dumps(to_json(claim, verdict)))
    assert {status for _, status, _ in check_proof(saved, 30)} == {"proved"}
    assert prove_claim(parse_claim(text.replace(part, less), where)).status == "refuted"


def test_quotients_in_lowest_terms() -> None:
    n = Normaliser({})
    top, bottom, common = (n.form(parse(text)).top for text in ("x - y", "x + 2*y", "1 + x*exp(-y)"))
    assert lowest_terms(n.times(top, common), n.times(bottom, common)) == (top, bottom)
    assert lowest_terms(top, bottom) == (top, bottom)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sin(acos(x))", "sqrt(1 - x**2)"),
        ("cos(asin(x/2))", "sqrt(1 - x**2/4)"),
        ("sin(2*atan(x))", "2*x/(1 + x**2)"),
        ("cos(2*acos(x))", "2*x**2 - 1"),
        ("tan(asin(-x))", "-x/sqrt(1 - x**2)"),
    ],
)
def test_sines_of_arcs(left: str, right: str) -> None:
    equal, doubled = parse(f"{left} - ({right})"), parse(f"{left} - 2*({right})")
    assert (Normaliser({}).form(equal).top, Normaliser({}).form(doubled).top == {}) == ({}, False)
    checked = [Normal({}).is_zero(read(f"{left} - {factor}*({right})", {"x": None})) for factor in (1, 2)]
    assert checked == [True, False]
