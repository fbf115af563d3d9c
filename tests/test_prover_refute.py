"""Refutation: each way to find a witness, beside a near miss that is true; and input made to hurt."""

from __future__ import annotations

import math
import resource
import time
from fractions import Fraction

import mpmath
import pytest
from attain.proofs.checker.claims.proof import check_proof
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.irrational import Bracket, constants, factors, vanishes
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.problem import Clock, Problem, constant_sign
from attain.proofs.prover.saved import to_json
from attain.symbolic.expression import constant, parse
from attain.symbolic.tree import to_text
from truth import fails_at, value_at

FALSE = [
    ("cos(x) > -1", "", "pi"),
    ("abs(x**2 - 2) > 0", "", "sqrt(2)"),
    ("sin(x) + cos(x) < sqrt(2)", "", "pi/4"),
    ("x**(1/x) < e**(1/e)", "x > 0", "e"),
    ("x**2 + y**2 > 1", "x + y == sqrt(2)", "sqrt(1/2)"),
    ("exp(2*x) - 4*exp(x) + 4 > 0", "", "log(2)"),
    ("(x**3 - x - 1)**2 > 0", "x in [0, 2]", "1.324717957..1.324717958"),
    ("abs(cos(x) - x) > 0", "", "0.7390851332..0.7390851333"),
    ("(exp(x) + x)**2 > 0", "", None),
    ("exp(-(10**9*(x - 0.7310585786))**2) <= 0.9", "", None),
    ("exp(-(10**9*(x - y))**2 - (10**8*(x - 1/7))**2) <= 0.9", "", None),
    ("2**x <= 1 + x", "x in [0, 1.000001]", "1.000001"),
    ("x + y <= 1.4", "x**2 + y**2 <= 1", None),
    ("abs(f - g) <= t", "abs(f - h) <= t/2; abs(h - g) <= 0.6*t; t > 0", None),
    ("log(log(x)) <= 6.5", "x >= 3", None),
    ("n**20 >= 1.1**n", "n >= 2 integer", None),
]
TRUE = [
    ("cos(x) > -1.000001", ""),
    ("cos(x) > -1", "x in [-3.1415926, 3.1415926]"),
    ("abs(x**2 - 2) > 0", "x in [-1.41421356, 1.41421356]"),
    ("sin(x) + cos(x) < sqrt(2) + 1e-12", ""),
    ("(x**3 - x - 1)**2 > 0", "x in [0, 1.324717957]"),
    ("(x**3 - x - 1)**2 > 0", "x >= 1.324717958"),
    ("(x**3 - x - 1)**2 > 0", "x in [0, 2]; x*exp(x) <= 4.98"),
    ("2**x <= 1 + x", "x in [0, 1]"),
    ("exp(-(10**9*(x - 0.7310585786))**2) <= 1", ""),
    ("x + y <= 1.4143", "x**2 + y**2 <= 1"),
]


def where(text: str) -> list[str]:
    return [part for part in text.split("; ") if part]


@pytest.mark.parametrize(("text", "given", "first"), FALSE)
def test_false_claims_are_refuted_and_the_witness_fails(text: str, given: str, first: str | None) -> None:
    claim = parse_claim(text, where(given))
    verdict = prove_claim(claim, 20)
    assert verdict.status == "refuted"
    assert verdict.witness is not None
    assert first in (None, verdict.witness[claim.variables[0].name])
    assert fails_at(claim, verdict.witness)
    [(_, status, _)] = check_proof(to_json(claim, verdict))
    assert status == ("not re-checked" if any(".." in x for x in verdict.witness.values()) else "proved")


@pytest.mark.parametrize(("text", "given"), TRUE)
def test_near_misses_are_not_refuted(text: str, given: str) -> None:
    assert prove_claim(parse_claim(text, where(given)), 4).status in ("proved", "undecided")


def problem(text: str, *given: str) -> Problem:
    claim = parse_claim(text, given)
    return Problem(claim.variables, claim.conditions, claim.goals[0].gap, ">")


def test_a_bracket_counts_only_where_everything_is_defined_feasible_and_continuous() -> None:
    def counts(text: str, factor: str, low: str, high: str, *given: str) -> bool:
        where = problem(text, *given)
        formula = parse_claim(f"0 <= {factor}").goals[0].rhs
        return vanishes(where, Bracket(Fraction(low), Fraction(high), formula), where.gap)

    square = "(x**2 - 2)**2 > 0"
    assert counts(square, "x**2 - 2", "1.4", "1.5")
    assert not counts(square, "x**2 - 2", "1.5", "1.6")
    assert not counts(square, "x**2 - 2", "1.4", "1.5", "x in [0, 1.45]")
    assert not counts(square, "x**2 - 2", "1.4", "1.5", "x**3 <= 3")
    assert counts(square, "x**2 - 2", "1.4", "1.5", "x**3 <= 4")
    assert not counts(square, "x**2 - 2", "1.4", "1.5", "x**3 == 3")
    assert not counts("x**2 > 0", "1/x", "-1", "1")
    assert not counts("x**2 > 0", "floor(x) - 1/2", "0", "1")
    assert not counts("(x**2 - 2)**2/(x - 1.45) > 0", "x**2 - 2", "1.4", "1.5")


def test_factors_of_a_gap_over_its_atoms() -> None:
    found = {to_text(factor) for factor, _ in factors(problem("abs(x - cos(x))*(exp(x) + x)**2/(1 + x**2) > 0"))}
    assert {"x + exp(x)", "x + (-1*cos(x))"} <= found


@pytest.mark.parametrize(
    "text", ["pi/4", "-3*pi/2", "sqrt(2)", "log(3)", "1/e", "(1+sqrt(5))/2", "exp(2/3)", "atan(2)"]
)
def test_constants_are_recognised(text: str) -> None:
    wanted = constant(text)
    value = float(value_of(text))
    assert any(constant_sign(parse(f"({to_text(c)}) - ({text})")) == 0 for c in constants(value, 1e-9, 24)), wanted
    assert constants(0.123456789012345 * math.sqrt(3), 1e-12, 24) == []


def value_of(text: str) -> mpmath.mpf:
    with mpmath.workdps(700):
        return value_at(parse(text), {})


@pytest.mark.parametrize(
    "text", ["tan(10**300)", "sin(10**300)", "cos(3**500) - 0.5", "1/(exp(pi*sqrt(163)) - 262537412640768744)"]
)
def test_signs_of_constants_that_need_many_digits(text: str) -> None:
    assert constant_sign(parse(text)) == mpmath.sign(value_of(text))


def test_a_constant_beyond_the_precision_stays_undecided() -> None:
    assert constant_sign(parse("sin(10**900 * 10**900)")) is None


def test_a_spent_budget_names_the_goal_and_the_engine() -> None:
    names = "abcdefgh"
    text = " + ".join(f"{x}*exp({y})*sin({x}*{y})" for x, y in zip(names, names[1:] + names[:1], strict=True))
    why = prove_claim(parse_claim(f"{text} >= -1e9", [f"{x} in [0, 3]" for x in names]), 0.6).why
    assert "seconds is spent" in why
    assert " in " in why
    assert "--budget" in why


HOSTILE = [
    ("+".join(f"x{k}**2" for k in range(10)) + " >= 2*x0*x1 - exp(-x2)", ()),
    ("(" * 60 + "x" + ")" * 60 + " >= 0", ()),
    ("exp(" * 40 + "x" + ")" * 40 + " >= 0", ("x in [0, 1]",)),
    ("10**10**10 > x", ()),
    ("x**(10**10**10) >= 0", ("x >= 0",)),
    ("x**1000000 + 1 >= x", ()),
    ("(x + y + z)**12 >= 0", ()),
    ("2**(2**(2**(2**(2**2)))) > 0", ()),
    ("x" + " + x" * 2_000_000 + " >= 0", ()),
    ("x >= 0", tuple(f"x >= -{k}" for k in range(100))),
    ("x >= 0", tuple(f"x >= -{k}" for k in range(200))),
    ("gamma(1e9) > 0", ()),
    ("exp(exp(exp(exp(10)))) > x", ("x in [0, 1]",)),
]


@pytest.mark.parametrize(("text", "given"), HOSTILE, ids=lambda value: str(value)[:24])
def test_hostile_claims_cost_little(text: str, given: tuple[str, ...]) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        said = prove_claim(parse_claim(text, given), 1.0).why
    except ValueError as error:
        said = str(error)
    assert "\n" not in said
    assert time.process_time() - started < 3
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_the_clock_says_what_is_being_done() -> None:
    assert Clock(1).engine
