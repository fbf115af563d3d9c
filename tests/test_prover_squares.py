"""Sums of squares: the exact solutions, what the engine proves and must not prove, its proofs re-checked and forged."""

from __future__ import annotations

import json
import tracemalloc
from fractions import Fraction
from typing import Any

import pytest
from attain.proofs.checker.claims.proof import KIND, check_proof
from attain.proofs.checker.formula import CheckError
from attain.proofs.prover.decide import Verdict, prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import Clock, Problem
from attain.proofs.prover.saved import to_json
from attain.proofs.prover.semidefinite import System, decompose, solve
from attain.proofs.prover.squares import FIRST, LATER, prove
from attain.proofs.prover.step import Step
from hypothesis import given, settings
from hypothesis import strategies as st

HALF_SPACE = ["x >= 0", "y >= 0", "z >= 0"]
SCHUR = "x*(x-y)*(x-z) + y*(y-x)*(y-z) + z*(z-x)*(z-y)"
ROBINSON = "x**6+y**6+z**6 + 3*x**2*y**2*z**2 - (x**4*y**2+x**4*z**2+y**4*x**2+y**4*z**2+z**4*x**2+z**4*y**2)"


def step_for(text: str, where: list[str]) -> Step | None:
    claim = parse_claim(text, where)
    (goal,) = claim.goals
    problem = Problem(claim.variables, claim.conditions, goal.gap, ">" if goal.op == "<" else ">=")
    return prove(problem, Clock(10), (*FIRST, *LATER))


def checked(text: str, where: list[str], step: Step) -> set[str]:
    """What the checker says about the proof of the goal with this step."""
    claim = parse_claim(text, where)
    verdict = prove_claim(claim, 10)
    assert verdict.proof is not None
    one = Verdict("", text, "proved", proof=type(verdict.proof)(**{**vars(verdict.proof), "goals": (step,)}))
    return {status for _, status, _ in check_proof(json.loads(json.dumps(to_json(claim, one))), 30)}


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=3, max_size=3))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_a_decomposition_is_exact_and_refuses_what_is_not_semidefinite(rows: list[list[int]]) -> None:
    x = [[Fraction(sum(a * b for a, b in zip(v, w, strict=True))) for w in rows] for v in rows]
    squares = decompose(x)
    assert squares is not None
    assert x == [[sum((d * v[i] * v[j] for d, v in squares), Fraction(0)) for j in range(3)] for i in range(3)]
    x[1][1] = -x[1][1] - 1
    assert decompose(x) is None


def test_a_system_is_solved_exactly_on_its_face_or_not_at_all() -> None:
    one = Fraction(1)
    columns = [{"a": one}, {"b": one}, {"c": one}]
    found = solve(System((2,), columns, {"a": one, "b": Fraction(2, 3), "c": Fraction(4, 9)}))
    assert found is not None
    assert found.squares == [[(Fraction(4, 9), (Fraction(3, 2), one))]]
    assert solve(System((2,), columns, {"a": one, "b": Fraction(2, 3), "c": Fraction(443, 1000)})) is None
    assert solve(System((1,), [{"a": one, "b": one}], {"a": one})) is None


@pytest.mark.parametrize(
    ("text", "where", "near"),
    [
        ("x**4*y**2 + x**2*y**4 + 1 >= 3*x**2*y**2", [], "x**4*y**2 + x**2*y**4 + 1 >= 3.0001*x**2*y**2"),
        ("x**4*y**2 + x**2*y**4 + z**6 >= 3*x**2*y**2*z**2", [], "x**4*y**2 + x**2*y**4 > 3*x**2*y**2*z**2 - z**6"),
        (f"{ROBINSON} >= 0", [], f"{ROBINSON} >= 0.0001*x**2*y**2*z**2"),
        ("1 + x**2*y**2 + y**2*z**2 + z**2*x**2 >= 4*x*y*z", [], "1 + x**2*y**2 + y**2*z**2 + z**2*x**2 > 4*x*y*z"),
        (f"{SCHUR} >= 0", HALF_SPACE, f"{SCHUR} >= 0.0001*x*y*z"),
        ("x/(y+z) + y/(z+x) + z/(x+y) >= 3/2", ["x > 0", "y > 0", "z > 0"], "x/(y+z) + y/(z+x) + z/(x+y) > 3/2"),
        ("(a*x+b*y+c*z)**2 <= (a**2+b**2+c**2)*(x**2+y**2+z**2)", [], "(a*x+b*y)**2 < (a**2+b**2)*(x**2+y**2)"),
        ("(x**2+y**2+z**2)**2 >= 3*(x**3*y+y**3*z+z**3*x)", [], "(x**2+y**2+z**2)**2 >= 3.0001*(x**3*y+y**3*z+z**3*x)"),
        ("a**6+b**6+c**6+d**6+f**6+g**6 >= 6*a*b*c*d*f*g", [], "a**6+b**6+c**6+d**6+f**6+g**6 > 6*a*b*c*d*f*g"),
        ("x**4*y**2 + x**2*y**4 + 1.0001 > 3*x**2*y**2", [], "x**4*y**2 + x**2*y**4 + 1 > 3*x**2*y**2"),
        ("x + 2*y + 2*z <= 3", ["x**2 + y**2 + z**2 <= 1"], "x + 2*y + 2*z < 3"),
        ("x*y*z <= 1/8", ["x**2 + y**2 + z**2 == 3/4"], "x*y*z <= 0.1249"),
        ("x**3 + y**3 >= x**2*y + x*y**2", ["x + y >= 0"], "x**3 + y**3 > x**2*y + x*y**2"),
    ],
)
def test_known_inequalities_have_certificates_that_the_checker_confirms(text: str, where: list[str], near: str) -> None:
    step = step_for(text, where)
    assert step is not None
    assert checked(text, where, step) == {"proved"}
    assert step_for(near, where) is None


def test_the_prover_gives_polynomials_to_squares() -> None:
    verdict = prove_claim(parse_claim("1 + x**2*y**2 + y**2*z**2 + z**2*x**2 >= 4*x*y*z"), 10)
    assert (verdict.status, verdict.evidence, verdict.trusts) == ("proved", "exact", ())
    fractions = prove_claim(parse_claim("x*y*z <= 1/8", ["x**2 + y**2 + z**2 == 3/4"]), 10)
    assert fractions.evidence == "exact"


def test_a_goal_that_is_identically_zero_is_not_strict() -> None:
    assert step_for("(x + y)**2 > x**2 + 2*x*y + y**2", []) is None
    assert step_for("x*y > y*x", ["x > 0", "x + y >= 1"]) is None


def test_coefficients_beyond_floats_are_left_alone() -> None:
    assert step_for("10**400*x**2 + y**2 >= 2*10**200*x*y", []) is None
    assert prove_claim(parse_claim("10**400*x**2 + y**2 >= 2*10**200*x*y"), 10).status == "proved"
    assert prove_claim(parse_claim("((1+pi)**300*x + e**200)**3 >= 0", ["x >= 0"]), 3).status == "proved"


@pytest.mark.parametrize(
    ("text", "where", "near"),
    [
        ("abs(x + y) <= abs(x) + abs(y)", [], "abs(x + y) <= abs(x) + 0.999*abs(y)"),
        ("abs(abs(x) - abs(y)) <= abs(x - y)", [], "abs(abs(x) - abs(y)) < abs(x - y)"),
        ("abs(f - g) <= eps", ["abs(f - h) <= eps/2", "abs(h - g) <= eps/2"], "abs(f - g) <= 0.99*eps"),
        ("max(x, y) + min(x, y) == x + y", [], "max(x, y) - min(x, y) == x - y"),
    ],
)
def test_kinks_have_certificates_case_by_case(text: str, where: list[str], near: str) -> None:
    claim = parse_claim(text, where)
    verdict = prove_claim(claim, 10)
    assert (verdict.status, verdict.trusts) == ("proved", ())
    assert {status for _, status, _ in check_proof(json.loads(json.dumps(to_json(claim, verdict))), 30)} == {"proved"}
    assert prove_claim(parse_claim(near, where), 10).status == "refuted"


def forged(
    claim: str, where: list[str], point: dict[str, str], facts: list[Any], rows: list[Any], gap: str
) -> set[str]:
    candidate = {"formula": gap, "how": "same", "times": [], "inner": []}
    step = {"rule": "multiple", "op": ">=", "said": gap, "candidate": candidate, "facts": facts, "certificate": rows}
    head = {"kind": KIND, "claim": claim, "where": where, "verdict": "proved", "solved": [], "guards": []}
    try:
        return {status for _, status, _ in check_proof({**head, "goals": [step], "point": point}, 30)}
    except CheckError:
        return {"refuted"}


@pytest.mark.parametrize(
    ("claim", "where", "facts", "rows"),
    [
        ("x >= 0", [], [["0 - x", ">", "", None]], []),  # nothing is said of the goal
        ("x >= 0", [], [["0 - x", ">", "", None]], [["1", [0], "1", "0"]]),  # the multiplier is 0
        ("x >= 0", [], [["0 - x", ">", "", None]], [["1", [0], "x", "1"], ["1", [], "x**2", "1"]]),  # x is negative
        ("x >= 0", [], [["0 - x", ">", "", None]], [["1", [0], "1", "1"], ["-1", [0], "1", "1"]]),
        # one point only: n·(x − 1) + (1 − x) = 0 for n = 1
        (
            "x - 2 >= 0",
            ["x in [1, 1]"],
            [
                ["2 - x", ">", "", None],
                ["1 - x", ">=", "", {"formula": "1 - x", "how": "same", "times": [], "inner": []}],
            ],
            [["1", [0, 1], "1", "1"], ["1", [], "1", "x - 1"], ["1", [1], "-1", "1"]],
        ),
        # a condition that holds on no open set: n·x² + (−x²)·1 = 0 for n = 1
        (
            "x - 1 >= 0",
            ["x**2 <= 0"],
            [
                ["1 - x", ">", "", None],
                ["-x**2", ">=", "", {"formula": "-x**2", "how": "same", "times": [], "inner": []}],
            ],
            [["1", [0], "1", "x"], ["1", [1], "1 - x", "1"]],
        ),
        ("floor(x) - x >= 0", [], [["x - floor(x)", ">", "", None]], [["1", [0], "1", "x"]]),
    ],
)
def test_a_forged_multiple_is_rejected(claim: str, where: list[str], facts: list[Any], rows: list[Any]) -> None:
    point = {"x": "0" if where == ["x**2 <= 0"] else "1"}
    statuses = forged(
        claim, where, point, facts, rows, claim.replace(">= ", "- ") if where else claim[: claim.index(" >=")]
    )
    assert statuses & {"refuted", "not re-checked"}


def test_an_honest_multiple_needs_real_variables_and_a_goal_that_is_not_strict() -> None:
    facts = [["-(x**2)", ">", "", None]]
    rows = [["1", [0], "1", "x"], ["1", [], "1", "x**2"]]
    assert forged("x**2 >= 0", [], {"x": "0"}, facts, rows, "x**2 - 0") == {"proved"}
    assert "refuted" in forged("x**2 >= 0", ["x integer"], {"x": "0"}, facts, rows, "x**2 - 0")
    assert "refuted" in forged("x**2 > 0", [], {"x": "0"}, facts, rows, "x**2 - 0")


def test_long_exponents_are_given_up_at_once() -> None:
    """Between 1 and exp(p/q) there are about p monomials in powers of exp(1/q)."""
    claim = parse_claim("(x - y)**2 + y*exp(-y/x) > exp(-1000003/1000000)", ["x > 0", "y > 0"])
    tracemalloc.start()
    assert prove(Problem(claim.variables, (), claim.goals[0].gap, ">"), Clock(10), FIRST) is None
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
