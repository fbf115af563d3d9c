"""The analytic engines of the prover: what they must prove, and near misses that they must not."""

from __future__ import annotations

from fractions import Fraction

import pytest
from attain.proofs.prover.algebra import rewrite
from attain.proofs.prover.decide import Verdict, prove_claim
from attain.proofs.prover.ladder import isolated
from attain.proofs.prover.language import Relation, parse_claim
from attain.proofs.prover.limits import at_infinity
from attain.proofs.prover.normal import Normaliser
from attain.proofs.prover.problem import Clock, Problem, linear
from attain.proofs.prover.reduce import reduce
from attain.proofs.prover.slide import ends_of, straightened
from attain.proofs.prover.touch import cut, touch
from attain.symbolic.expression import parse
from attain.symbolic.tree import substitute, to_text


def decide(text: str, *where: str, seconds: float = 30) -> Verdict:
    return prove_claim(parse_claim(text, where), seconds)


def problem_of(text: str, *where: str) -> Problem:
    claim = parse_claim(text, where)
    goal = claim.goals[0]
    return Problem(claim.variables, claim.conditions, goal.gap, {"<=": ">=", "<": ">"}[goal.op])


# --- false claims that once were proved ---


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("min(1 - 2*exp(-(10**6*(x-0.7310585786))**2), 10) >= 0", ["x in [0,1]"]),
        (
            "1/(x-0.9975) - ((2000000000000000000000000000/12562814466900226327601)*x"
            " + (-1994974874213239909468959600/12562814466900226327601)) >= 0",
            ["0 <= x", "x < sqrt(99/100)"],
        ),
        (
            "3/2 - sqrt((x-1)**2) + x*10**(-200)*(1+pi)**300 >= 0",
            ["0 <= x", "x < 2.5000000000000035330883187368425"],
        ),
    ],
)
def test_once_proved_but_false(text: str, where: list[str]) -> None:
    assert decide(text, *where, seconds=2).status != "proved"


def test_a_cancelling_variable_does_not_bound_a_case() -> None:
    verdict = decide("abs(x+y-y)*abs(x) == x**2", "x in [-1,1]", "y in [0,1]", seconds=2)
    assert verdict.status in ("proved", "undecided")


# --- several variables ---

TRUE = [
    ("sigmoid(x) - sigmoid(y) <= (x-y)/4", ["x >= y"]),
    ("x*y <= exp(x-1) + y*log(y)", ["y > 0"]),
    ("p*log(p/q)+(1-p)*log((1-p)/(1-q)) >= 2*(p-q)**2", ["0 < p < 1", "0 < q < 1"]),
    ("x - y >= sqrt(x*y)*(log(x)-log(y))", ["x > y", "y > 0"]),
    ("exp(x+y) >= 1 + x + y", []),
    ("logsumexp(a,b)-logsumexp(c,d) <= a-c", ["b-d <= a-c"]),
    ("p*(1-p)*exp(x)/(1-p+p*exp(x))**2 <= 1/4", ["0 < p < 1"]),
    ("x**2*exp(-x)*y*exp(-y) <= 4*exp(-3)", ["x >= 0", "y >= 0"]),
]
FALSE = [
    ("sigmoid(x) - sigmoid(y) <= (x-y)/4.001", ["x >= y"]),
    ("x*y <= exp(x-1) + y*log(y) - 1e-9", ["y > 0"]),
    ("x*y < exp(x-1) + y*log(y)", ["y > 0"]),
    ("x - y >= 1.000001*sqrt(x*y)*(log(x)-log(y))", ["x > y", "y > 0"]),
    ("exp(x+y) > 1 + x + y", []),
    ("logsumexp(a,b)-logsumexp(c,d) <= a-c-1e-6", ["b-d <= a-c"]),
]


@pytest.mark.parametrize(("text", "where"), TRUE)
def test_moving_one_variable_proves(text: str, where: list[str]) -> None:
    assert reduce(problem_of(text, *where), Clock(60)) is not None


@pytest.mark.parametrize(("text", "where"), FALSE)
def test_moving_one_variable_does_not_prove(text: str, where: list[str]) -> None:
    assert reduce(problem_of(text, *where), Clock(60)) is None


def test_a_jump_or_an_undefined_derivative_is_not_moved_over() -> None:
    assert reduce(problem_of("floor(x) + y**2 >= x - 1/2"), Clock(60)) is None
    assert reduce(problem_of("y**2 + 3/2 >= sqrt((x-1)**2)", "0 <= x <= 2.6"), Clock(60)) is None


def test_ends_and_straightening() -> None:
    problem = problem_of("x <= 1", "x > 0", "2*x <= y", "y <= 4")
    x = problem.variables[0]
    ends = ends_of(problem, x)
    assert ends is not None
    assert [(to_text(e), o) for e, o in ends.highs] == [("0.5*y", False)]
    name, image, changed = next(found for found in straightened(problem) if found[0] == "x")
    assert name == "x"
    assert substitute(image, {"x": parse("1"), "y": parse("4")}) == parse("0 + 1*(0.5*4 - 0)")
    assert Relation(parse("0"), "<", parse("0.5*y")) in changed.conditions


def test_linear_needs_a_rational_slope() -> None:
    assert linear(parse("2*x - y"), "x", {}) == (Fraction(2), parse("0.5*y"))
    assert linear(parse("x*y - 1"), "x", {}) is None
    assert linear(parse("atan(x) + atan(1/x) + x"), "x", {}) is None


def test_a_kept_condition_must_be_defined_without_the_dropped_one() -> None:
    problem = problem_of("x**2*z <= 0", "z in [-3, 1]", "z**3 > 0", "x <= 1/z")
    step = reduce(problem, Clock(60))
    assert step is None or all(s.problem.conditions or s.rule != "fewer" for s in step.walk())


# --- one variable: limits and pieces ---


@pytest.mark.parametrize(
    ("text", "side", "sign"),
    [
        ("x*(1 - erf(x)) + exp(-x)", 1, 0),
        ("x*(1 + erf(x)) + 1/1000", -1, 1),
        ("x**2 - x - 5", -1, 1),
        ("x**3 - x**2", -1, -1),
        ("exp(-x) - 1/x", 1, 0),
        ("sigmoid(x) - 1", 1, 0),
        ("x**2/exp(x) - 1", 1, -1),
        ("atan(x) - pi/2", 1, 0),
    ],
)
def test_limits(text: str, side: int, sign: int) -> None:
    found = at_infinity(parse(text), "x", side)
    assert found is not None
    assert found.sign == sign


@pytest.mark.parametrize("text", ["sin(x)", "x*(1 - atan(x)*2/pi)", "x - log(exp(x))*(1 + 1/x)", "exp(x) - exp(2*x)"])
def test_limits_that_no_rule_gives(text: str) -> None:
    assert at_infinity(parse(text), "x") is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("1 - erf(x) <= exp(-x**2)", ["x >= 0"]),
        ("x*(1+erf(x/sqrt(2)))/2 >= -0.17", []),
        ("(1+1/x)**x < e", ["x > 0"]),
        ("sqrt(x) >= log(x)", ["x > 0"]),
        ("lambertw(x) <= x", ["x >= 0"]),
    ],
)
def test_tails_are_proved(text: str, where: list[str]) -> None:
    problem = problem_of(text, *where)
    assert touch(problem, Clock(60)) or cut(problem, Clock(60))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("1 - erf(x) <= 0.999999*exp(-x**2)", ["x >= 0"]),
        ("x*(1+erf(x/sqrt(2)))/2 >= -0.1699", []),
        ("sqrt(x) >= 1.3592*log(x)", ["x > 0"]),
        ("lambertw(x) <= 0.999*x", ["x >= 0"]),
    ],
)
def test_false_tails_are_not_proved(text: str, where: list[str]) -> None:
    problem = problem_of(text, *where)
    assert touch(problem, Clock(60)) is None
    assert cut(problem, Clock(60)) is None


def test_one_function_is_isolated_before_derivatives() -> None:
    assert touch(problem_of("softplus(x) - x*sigmoid(x) <= log(2)"), Clock(60)) is not None
    assert touch(problem_of("x*tanh(x) >= log(cosh(x))"), Clock(60)) is not None
    assert touch(problem_of("softplus(x) - x*sigmoid(x) <= log(2) - x**2/1000"), Clock(60)) is None
    (item, *_) = rewrite(problem_of("(1 + x**2)*atan(x) <= x"))
    (candidate,) = isolated(item)
    assert candidate.times[-1] == parse("1/(1 + x**2)")
    assert isolated(rewrite(problem_of("(1 - x**2)*atan(x) <= x"))[0]) == []


def test_a_bound_gives_the_signs_of_what_differs_by_a_constant() -> None:
    n = Normaliser({})
    x = n.variable("x")
    n.note({**x, (): Fraction(-2)}, 0)
    shifted = [{**x, (): Fraction(-c)} for c in (1, 2, 3)]
    assert [n.sign(p) for p in shifted] == [1, 0, -1]
    n.note({**x, (): Fraction(-2)}, 1)
    assert n.sign(shifted[1]) == 1
