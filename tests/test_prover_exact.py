"""The exact side of the prover: what it must never prove, each beside a near miss that it must."""

from __future__ import annotations

import pytest
from attain.proofs.prover.algebra import decide, rewrite
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.engines import relaxed
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import Clock, Problem
from attain.proofs.prover.step import Step
from flint import ctx


def problem(text: str, *where: str) -> Problem:
    claim = parse_claim(text, where)
    goal = claim.goals[0]
    op = {"<=": ">=", "<": ">", "==": "=="}[goal.op]
    return Problem(claim.variables, claim.conditions, goal.gap, op)


def status(text: str, *where: str) -> str:
    return prove_claim(parse_claim(text, where), 5).status


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 10**(-30)*(sqrt(log(2)) - sqrt(2)) == 1", "refuted"),
        ("1 + 10**(-30)*(log(log(2)) - log(2)) == 1", "refuted"),
        ("sqrt(log(2))**2 == log(2)", "proved"),
        ("log(log(2)**3) == 3*log(log(2))", "proved"),
    ],
)
def test_functions_of_a_logarithm_keep_it(text: str, wanted: str) -> None:
    assert status(text) == wanted


def polynomial_step(goal: Problem) -> Step | None:
    with ctx.workprec(64):
        return next((step for item in rewrite(goal) if (step := decide(item, goal))), None)


def test_a_strict_goal_that_vanishes_on_a_far_face_is_not_proved() -> None:
    where = ("x in [0, 3]", "y in [0, 1]")
    assert polynomial_step(problem("(1 - sin(x))*(1 + y) > 0", *where)) is None
    assert polynomial_step(problem("(1 - sin(x))*(1 + y) >= 0", *where)) is not None
    assert polynomial_step(problem("(1 - x)*(1 + y) > 0", "x in [0, 1]", "y in [0, 1]")) is None
    assert polynomial_step(problem("(1 - x)*(1 + y) > 0", "x in [0, 1)", "y in [0, 1]")) is not None
    assert polynomial_step(problem("(2 - sin(x))*(1 + y) > 0", *where)) is not None


def test_conditions_may_come_in_any_order() -> None:
    where = ["log(x*y) >= 0", "x*y > 0", "x in [-3, 3]", "y in [-3, 3]"]
    assert status("x*y >= 1/2", *where) == status("x*y >= 1/2", where[1], where[0], *where[2:]) == "proved"
    assert status("x*y >= 1/2", where[0], *where[2:]) == "error"


def test_integers_are_relaxed_only_where_everything_stays_defined() -> None:
    poles = problem("1/((n - 11/2)**2 - 1/100) <= 5", "n >= 0 integer")
    assert relaxed(poles, Clock(5)) is None
    smooth = problem("1/((n - 11/2)**2 + 1/100) <= 5", "n >= 0 integer")
    found = relaxed(smooth, Clock(5))
    assert found is not None
    assert not found[0].variables[0].integer
    assert status("log(1 + 1/n) < 1/n", "n >= 1 integer") == "proved"
