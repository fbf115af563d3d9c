"""The steps of a proof: what the engines leave behind, and that the texts come from it."""

from __future__ import annotations

import pytest
from attain.proofs.prover.algebra import Candidate
from attain.proofs.prover.cover import Split, cover_step
from attain.proofs.prover.decide import Verdict, prove_claim
from attain.proofs.prover.definedness import guards
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import Clock, Problem
from attain.proofs.prover.step import Proof, method


def proof_of(text: str, *where: str) -> tuple[Verdict, Proof]:
    verdict = prove_claim(parse_claim(text, where))
    assert verdict.status == "proved"
    assert verdict.proof is not None
    return verdict, verdict.proof


CLAIMS = [
    ("exp(1) < 3", []),
    ("sin(x)**2 + cos(x)**2 == 1", []),
    ("x**2 - 2*x + 1 >= 0", []),
    ("x**2 + y**2 >= 2*x*y", []),
    ("sin(x)*cos(y) <= 1.01", ["x, y in [0, 1]"]),
    ("x*exp(-x) <= 1/e", ["x >= 0"]),
    ("abs(x) + abs(x - 1) >= 1", []),
    ("atan(x) + atan(1/x) == pi/2", ["x > 0"]),
    ("0 <= x <= 1", ["x in [0, 1]"]),
]


@pytest.mark.parametrize(("text", "where"), CLAIMS)
def test_each_goal_has_a_step_and_the_method_is_its_text(text: str, where: list[str]) -> None:
    verdict, proof = proof_of(text, *where)
    goals = parse_claim(text, where).goals
    assert [step.problem.gap for step in proof.goals] == [goal.gap for goal in goals]
    assert verdict.method == "; ".join(dict.fromkeys(method(step) for step in proof.goals))
    assert len(verdict.steps) == 1 + len(proof.guards) + len(goals)


def test_every_guard_has_a_step() -> None:
    _, proof = proof_of("log(1 + x)/(2 + x) <= sqrt(1 + x)", "x >= 0")
    goal = parse_claim("log(1 + x)/(2 + x) <= sqrt(1 + x)").goals[0]
    wanted = [guard.expr for side in (goal.lhs, goal.rhs) for guard in guards(side)]
    assert [step.problem.gap for step in proof.guards] == wanted
    assert [step.problem.op for step in proof.guards] == [">", ">", ">="]


def test_a_cover_is_a_tree_whose_leaves_fill_the_domain() -> None:
    claim = parse_claim("sin(x)*cos(5*y) + y**2 <= 1.7", ["x, y in [0, 1]"])
    problem = Problem(claim.variables, (), claim.goals[0].gap, ">=")
    step = cover_step(problem, [Candidate(problem.gap, "same")], 300, Clock(10))
    assert step is not None
    splits = [node for node in step.data["tree"] if isinstance(node, Split)]
    assert splits
    assert len(step.data["tree"]) == 2 * len(splits) + 1
    assert all(0 < node.value < 1 for node in splits)


def test_what_is_not_proved_leaves_no_proof() -> None:
    assert prove_claim(parse_claim("x <= 1")).proof is None


def test_evidence_is_exact_only_without_balls() -> None:
    assert proof_of("x**2 + y**2 >= 2*x*y")[0].evidence == "exact"
    assert proof_of("a/(b+c) + b/(c+a) + c/(a+b) >= 3/2", "a > 0", "b > 0", "c > 0")[0].evidence == "exact"
    assert proof_of("exp(1) < 3")[0].evidence == "enclosed"
