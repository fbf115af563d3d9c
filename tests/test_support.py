"""Convexity as an engine: true claims, each beside a false neighbour that misses by little, and what must not count."""

from __future__ import annotations

import json

import pytest
from attain.proofs.checker.claims.proof import check_proof
from attain.proofs.prover.cover import quick
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.jensen import jensen
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import Clock, Problem, eliminate
from attain.proofs.prover.reduce import closed
from attain.proofs.prover.saved import to_json
from attain.proofs.prover.step import Step, method
from attain.proofs.prover.support import support
from attain.report.proofs import proof_latex


def step_of(text: str, where: list[str]) -> Step | None:
    """What convexity alone makes of a claim that is defined on its domain."""
    claim, _ = eliminate(parse_claim(text, where))
    goal = claim.goals[0]
    problem = Problem(claim.variables, claim.conditions, goal.gap, ">" if goal.op == "<" else ">=")
    clock = Clock(20)

    def prove(corner: Problem) -> Step | None:
        return (support(corner, clock, prove) or quick(corner, clock)) if corner.variables else closed(corner)

    return support(problem, clock, prove)


SIMPLEX = ["x > 0", "y > 0", "z > 0", "x + y + z == 1"]
POSITIVE = ["x, y, z in (0, inf)"]
CLAIMS = [
    # Jensen and log-sum-exp, without bounds
    ("(exp(x) + exp(y) + exp(z))/3 >= {}*exp((x + y + z)/3)", [], "1", "1.000001", "plane"),
    ("logsumexp(x, y, z) >= 0.5*x + 0.3*y + 0.2*z + {}", [], "1.029", "1.03", "plane"),
    ("softplus(x) + softplus(y) + softplus(-x - y) >= {}", [], "3*log(2)", "2.079442", "plane"),
    ("log(1 + exp(-x)) + 0.3*x >= {}", [], "0.6108", "0.6109", "plane"),
    # entropy and divergence
    ("x*log(x) + y*log(y) + z*log(z) >= {}", SIMPLEX, "-log(3)", "-1.098612", "plane"),
    ("x*log(x/y) + (1 - x)*log((1 - x)/(1 - y)) >= {}", ["x, y in (0, 1)"], "0", "1e-9", "plane"),
    ("x*log(x) + y*log(y) >= {}*(x + y)*log((x + y)/2)", ["x, y in (0, inf)"], "1", "1.000001", "plane"),
    # means, norms, quotients
    ("(x + y + z)/3 >= {}*(x*y*z)**(1/3)", ["x, y, z in [0, inf)"], "1", "1.000001", "plane"),
    ("x**0.3*y**0.7 <= {}*(0.3*x + 0.7*y)", POSITIVE[:1], "1", "0.999999", "plane"),
    ("x**3/3 + 2*y**1.5/3 >= {}*x*y", ["x, y in (0, inf)"], "1", "1.000001", "plane"),
    ("sqrt(x**2 + y**2 + z**2) >= (x + y + z)/sqrt({})", [], "3", "2.999999", "plane"),
    ("x**2/y + y**2/z + z**2/x >= {}*(x + y + z)", POSITIVE, "1", "1.000001", "plane"),
    ("1/(1 + x) + 1/(1 + y) + 1/(1 + z) >= {}", SIMPLEX, "9/4", "2.250001", "plane"),
    ("sqrt((x - 1)**2 + y**2) + sqrt((x + 1)**2 + y**2) >= {}", [], "2", "2.000001", "plane"),
    # a slack, the least point of a plane at an end
    ("exp(x) + x**2 >= {}", ["x in [-1, 1]"], "0.827", "0.82719", "plane"),
    ("exp(x) + y**4 + x*log(3) > {}", ["x > 0", "y in [-1, 1]"], "1", "1.000001", "plane"),
    # corners
    ("erf(x) + erf(y) + erf(z) >= {}*(x + y + z)", ["x, y, z in [0, 1]"], "erf(1)", "0.842701", "corners"),
    ("(1 - x)*(1 - y)*(1 - z) >= {} - x - y - z", ["x, y, z in [0, 1]"], "1", "1.000001", "corners"),
    ("log(1 + x) + log(1 + y) + sqrt(x*y) >= {}*(x + y)", ["x, y in [0, 1]"], "log(2)", "1.194", "corners"),
    ("x**z*y**(1 - z) <= {}*(z*x + (1 - z)*y)", ["x, y in (0, inf)", "z in [0, 1]"], "1", "0.999999", "corners"),
]


@pytest.mark.parametrize(("text", "where", "good", "bad", "rule"), CLAIMS)
def test_true_claims_and_their_false_neighbours(text: str, where: list[str], good: str, bad: str, rule: str) -> None:
    step = step_of(text.format(good), where)
    assert step is not None
    assert step.rule == rule
    assert step_of(text.format(bad), where) is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("(exp(x) + exp(y))/2 >= exp((x + y)/2) + (x - y)**4/10**6", ["x, y in [-9, 9]"]),
        ("exp(x + y) > 1 + x + y", []),  # an equality
        ("x**4 - x**2 >= -0.24", ["x in [-1, 1]"]),  # two valleys
        ("abs(x - y) >= 1", ["x, y integer"]),
        ("-(n - 1/2)**2 >= -1/4", ["n in [0, 2] integer"]),  # concave, false at an end
        ("sqrt(x**2 - 1) >= x/10", ["x**2 >= 1"]),
        ("(x**2 + y - 2)**3 >= 0.01", ["x**2 + y >= 2", "y >= 0"]),
        ("-1/x >= -1", ["x in (0, 1]"]),  # concave only where it is defined
        ("abs(x) + x/2 >= 1e-6", []),  # convex, with a kink where it is least
        ("max(x, -x) + abs(y - x) >= 1e-6", ["x, y in [-1, 1]"]),
        ("x*y >= 0.2", ["x + y >= 1", "x, y in [0, 1]"]),
    ],
)
def test_false_claims_that_look_convex(text: str, where: list[str]) -> None:
    assert step_of(text, where) is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("log(x) >= -50", ["x > 0"]),
        ("x**0.001 >= 0.001", ["x > 0"]),
        ("exp(exp(x)) >= x + 10**300", []),
        ("exp(exp(x)) + exp(-exp(y)) >= x/10**9 + 3", []),
        ("x**300 + y**(-300) >= 1", ["x, y in (0, inf)"]),
        ("10**(-200)*x >= 10**(-201)", ["x > 0"]),
    ],
)
def test_far_points_and_steep_slopes_end_the_search(text: str, where: list[str]) -> None:
    assert step_of(text, where) is None


def test_a_plane_touches_only_where_the_formula_is_convex() -> None:
    """(x + y)**3 is convex where x + y >= 0; its tangent plane at x = y = -1 shows nothing."""
    where = ["x + y >= 0", "x, y in [-2, 2]"]
    assert step_of("(x + y)**3 >= 0", where) is not None
    assert step_of("(x + y)**3 + 2*(x + y) >= 0.0001", where) is None


@pytest.mark.parametrize(
    ("text", "where", "good"),
    [
        ("sin(x) + sin(y) + sin(z) <= 3*sin((x + y + z)/3)", ["x, y, z in [0, pi]"], True),
        ("sin(x) + sin(y) <= 2*sin((x + y)/2)", ["x, y in [0, 3.1416]"], False),
        ("sin(x) + sin(y) <= 2*sin((x + y)/2) - 1e-9", ["x, y in [0, pi]"], False),
        ("sin(x) + sin(y) < 2*sin((x + y)/2)", ["x, y in [0, pi]"], False),
        ("loggamma(x) + 2*loggamma(y) + 1e-9 > 3*loggamma((x + 2*y)/3)", ["x, y in (0, inf)"], True),
        ("loggamma(x) + 2*loggamma(y) >= 3*loggamma((2*x + y)/3)", ["x, y in (0, inf)"], False),
        ("atan(x**2) + atan(y) <= 2*atan((x**2 + y)/2) + y", ["y >= 0"], True),
        ("atan(x**2) + atan(y) <= 2*atan((x**2 + y)/2) - y", ["y >= 0"], False),
        ("atan(x) + atan(y) <= 2*atan((x + y)/2)", ["x in [-1, 1]", "y >= 0"], False),
        ("tanh(x) + tanh(y) - tanh(z) <= tanh(x + y - z)", ["x, y, z in [0, inf)"], False),  # a mean of no points
    ],
)
def test_jensen(text: str, where: list[str], good: bool) -> None:
    claim = parse_claim(text, where)
    problem = Problem(claim.variables, (), claim.goals[0].gap, ">" if claim.goals[0].op == "<" else ">=")
    assert (jensen(problem) is not None) is good


def test_texts_and_the_re_check() -> None:
    for text, where in (
        ("softplus(x) + softplus(y) + softplus(-x - y) >= 3*log(2)", []),
        ("x**5 + y**5 + z**5 + exp(1)*0 + 2 >= 5*x*y*z", POSITIVE),
        ("erf(x) + erf(y) >= erf(1)*(x + y)", ["x, y in [0, 1]"]),
        ("loggamma(x) + loggamma(y) >= 2*loggamma((x + y)/2)", ["x, y in (0, inf)"]),
    ):
        claim = parse_claim(text, where)
        verdict = prove_claim(claim)
        assert verdict.proof is not None
        step = verdict.proof.goals[0]
        words = {"plane": "convex", "corners": "concave", "jensen": "Jensen"}[step.rule]
        assert method(step).startswith(words)
        assert words in proof_latex(claim, verdict)
        lines = check_proof(json.loads(json.dumps(to_json(claim, verdict))), 30)
        assert {status for _, status, _ in lines} == {"proved"}
