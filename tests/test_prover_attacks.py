"""Claims on which the prover answered wrongly once, each beside a true one that it must still decide."""

from __future__ import annotations

import time
from itertools import combinations

import pytest
from attain.proofs.prover import products
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.ladder import touching
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import Clock, OutOfTime, Problem
from attain.symbolic.expression import parse


def status(text: str, *where: str, seconds: float = 5) -> str:
    return prove_claim(parse_claim(text, where), seconds).status


def climbed(text: str, *where: str) -> bool:
    """Whether derivatives from an end, or from 1, prove a claim without strict comparisons."""
    claim = parse_claim(text, where)
    problem = Problem(claim.variables, claim.conditions, claim.goals[0].gap, ">=")
    return touching(problem, [parse("1")], Clock(10)) is not None


SPIKE = "1 - 2*exp(-(10**6*(x - 0.7310585786))**2)"


@pytest.mark.parametrize(
    ("false", "true", "where"),
    [
        (f"min({SPIKE}, 10) >= 0", "min(x, 10) >= 0", ["x in [0, 1]"]),
        (f"0 <= -max(-10, -({SPIKE}))", "max(-x, -10) <= 0", ["x in [0, 1]"]),
        ("1 + 10**(-30)*(sqrt(log(2)) - sqrt(2)) == 1", "sqrt(log(2))**2 == log(2)", []),
        ("1 + 10**(-30)*(log(log(3)) - log(3)) == 1", "log(log(3)**2) == 2*log(log(3))", []),
        (
            "(x**2 - 2)**2 + sqrt(log(2)) - log(2)/sqrt(log(2)) > 0",
            "(x**2 - 2)**2 + sqrt(log(2)) - log(2)/sqrt(log(2)) >= 0",
            ["x real"],
        ),
        ("(1 - sin(x))*(1 + y) > 0", "(1.01 - sin(x))*(1 + y) > 0", ["x in [0, 3]", "y in [0, 1]"]),
    ],
)
def test_a_false_claim_is_not_proved_and_its_neighbour_is(false: str, true: str, where: list[str]) -> None:
    assert status(false, *where, seconds=0.7) != "proved"
    assert status(true, *where) == "proved"


def test_the_order_of_side_conditions_does_not_matter() -> None:
    box = ["x in [-3, 3]", "y in [-3, 3]"]
    for where in (["log(x*y) >= 0", "x*y > 0"], ["x*y > 0", "log(x*y) >= 0"]):
        assert status("x*y >= 1", *where, *box) == "proved"
    assert status("x*y >= 1", "log(x*y) >= 0", *box) == "error"


def test_a_variable_that_cancels_in_a_kink_is_no_obstacle() -> None:
    box = ["x in [-1, 1]", "y in [0, 1]"]
    assert status("abs(x + y - y)*abs(x) == x**2", *box) == "proved"
    assert status("abs(x + y - y)*abs(x) == x**3", *box) == "refuted"


def test_no_ladder_starts_outside_the_domain() -> None:
    """Between the domain and 1 there is a pole, beyond which the goal is of another kind."""
    low, rate = "1994974874213239909468959600/12562814466900226327601", "2e27/12562814466900226327601"
    domain = ["0 <= x", "x < sqrt(99/100)"]
    assert not climbed(f"1/(x - 0.9975) - {rate}*x + {low} >= 0", *domain)
    assert climbed("(1 - x)**2*exp(x) >= 0", "0 <= x", "x < sqrt(101/100)")


def test_no_ladder_climbs_over_a_jump_of_a_derivative() -> None:
    """3/2 - |x - 1| + cx with c so near 0 that the goal fails on the last 1e-25 of the domain only."""
    domain = ["0 <= x", "x < 2.5000000000000035330883187368425"]
    assert not climbed("3/2 - sqrt((x - 1)**2) + x*10**(-200)*(1 + pi)**300 >= 0", *domain)
    assert climbed("sqrt((x + 1)**2) - 1/2 + x*10**(-200)*(1 + pi)**300 >= 0", *domain)


def test_a_fixed_factor_keeps_its_sign_in_the_curvature() -> None:
    """13*x - y*log(x) - x**2 is convex in x near its least point, an irrational one; its corners lie higher."""
    box, c = ["x in [1/2, 2]", "y in [10, 21/2]"], "((13 - sqrt(89))/4)"
    assert status(f"13*x - y*log(x) - x**2 > 13*{c} - 10*log({c}) - {c}**2", *box, seconds=1) != "proved"
    assert status("13*x + y*log(x) - x**2 >= 25/4 - 21/2*log(2)", *box) == "proved"


def test_a_condition_that_says_nothing_is_no_obstacle() -> None:
    box = ["x in [0, 1]", "y in [0, 1]", "x <= x"]
    assert status("exp(x*y) <= x*(exp(y) - 1) + 1", *box) == "proved"
    assert status("exp(x*y) <= x*(exp(y) - 1) + 0.999", *box) == "refuted"


def test_a_case_that_says_0_is_positive_is_no_obstacle() -> None:
    """Where x**3 is the larger one the goal is 0 > 0, and y > x does not hold."""
    assert status("max(x**3, y**3) + z**2 > x**3 + z**2", "y > x", "x > 0") == "proved"
    assert status("max(x**3, y**3) + z**2 > x**3 + z**2", "y >= x", "x > 0") == "refuted"


def test_conditions_are_defined_for_real_values_of_integers_too() -> None:
    """Between 2 and 3 there is a pole, beyond which the bound of x is of the other sign."""
    where = ["x <= -sqrt(2)/(2*n - 5)", "n integer"]
    assert status("x < sqrt(2) - 1/10**30", *where, "n in [2, 6]", seconds=2) != "proved"
    assert status("x < 0", *where, "n in [3, 6]") == "proved"


@pytest.mark.parametrize("nothing", ["sqrt(-1) - sqrt(-1)", "0*log(-1)", "1/(pi - pi)"])
def test_a_condition_with_an_undefined_number_is_an_error(nothing: str) -> None:
    """Though it can be solved for y, which may not even occur in the goal."""
    for goal in ("x + y**2 >= -1/4", "x**2 >= 0"):
        assert status(goal, f"y == x + {nothing}") == "error"
        assert status(goal, "y == x + sqrt(2) - sqrt(2)") == "proved"


def test_certificates_of_long_goals_keep_to_the_budget() -> None:
    names = [f"x{i}" for i in range(1, 7)]
    roots = ", ".join(f"sqrt(1 + {a}**2 + {b}**4)" for a, b in combinations(names, 2))
    claim = parse_claim(f"logsumexp({roots}) >= 3.7 + x1/100")
    started = time.process_time()
    with pytest.raises(OutOfTime):
        products.prove(Problem(claim.variables, (), claim.goals[0].gap, ">="), Clock(0.5), products.QUICK)
    assert time.process_time() - started < 5
