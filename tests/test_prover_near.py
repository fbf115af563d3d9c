"""Taylor's formula near zeros of a gap: what it must settle, false neighbours, and the re-check with forgeries."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from attain.proofs.prover.algebra import Candidate
from attain.proofs.prover.decide import Verdict, prove_claim
from attain.proofs.prover.definedness import check
from attain.proofs.prover.engines import engines
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.near import near_step
from attain.proofs.prover.newton import Jet
from attain.proofs.prover.points import points
from attain.proofs.prover.problem import Clock, Problem, feasible
from attain.proofs.prover.ranges import Range
from attain.proofs.prover.saved import to_json
from attain.proofs.prover.step import Proof, Step, method
from attain.proofs.prover.taylor import Expansion, Form, definite
from attain.symbolic.expression import constant
from attain.symbolic.tree import number, to_text
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from rechecking import Data, status


def problem_of(text: str, *where: str) -> Problem:
    claim = parse_claim(text, where)
    goal = claim.goals[0]
    return Problem(claim.variables, claim.conditions, goal.gap, {"<=": ">=", "<": ">"}[goal.op])


def near(text: str, *where: str, most: int = 400) -> Step | None:
    problem = problem_of(text, *where)
    return near_step(problem, [Candidate(problem.gap, "same")], most, Clock(20))


# a true claim, its domain, and a slightly stronger one that is false
TOUCHING = [
    ("exp(x) >= 7/3*(1 + x - log(7/3))", ["x in [-4, 5]"], "exp(x) >= 7/3*(1 + x - log(7/3)) + 1e-18"),
    ("x/e - log(x) >= 0", ["x > 0"], "x/e - log(x) >= 1e-20"),
    ("sin(x) + cos(x) <= sqrt(2)", ["x in [-10, 10]"], "sin(x) + cos(x) <= sqrt(2) - 1e-15"),
    ("cosh(x) + cos(x) >= 2", ["x in [-3, 3]"], "cosh(x) + cos(x) >= 2 + x**4/10"),
    ("sin(x) > x - x**3/6", ["x in (0, 3]"], "sin(x) > x - x**3/6.001"),
    ("sin(x) >= 2*x/pi", ["x in [0, pi/2]"], "sin(x) >= 2.0001*x/pi"),
    ("exp(x) - 3*x > 3 - 3*log(3) - 1e-40", ["x in [0, 3]"], "exp(x) - 3*x > 3 - 3*log(3) + 1e-40"),
    ("exp(x) + exp(y) + exp(-x-y) >= 3", ["x, y in [-1, 1]"], "exp(x) + exp(y) + exp(-x-y) >= 3 + 3.01*x*y"),
    ("sin(x)*sin(y)*sin(x+y) <= 3*sqrt(3)/8", ["x, y in [0, pi]"], "sin(x)*sin(y)*sin(x+y) <= 3*sqrt(3)/8 - 1e-12"),
    ("x/y + y/x + exp((x-y)**2) >= 3", ["x, y in [1, 2]"], "x/y + y/x + exp((x-y)**2/8) >= 3 + (x-y)**2/2"),
    ("tanh(x*y) <= x*tan(y)", ["x, y in [0, 1]"], "tanh(x*y) <= 0.999*x*tan(y)"),
    ("y*exp(x) >= y*(1 + x)", ["x in [-1, 1]", "y in [0, 2]"], "y*exp(x) >= y*(1 + x + x**2/2)"),
]


@pytest.mark.parametrize(("text", "where", "false"), TOUCHING, ids=lambda value: str(value)[:40])
def test_touching_goals_and_their_false_neighbours(text: str, where: list[str], false: str) -> None:
    assert near(text, *where) is not None
    assert near(false, *where) is None


def test_slack_too_small_for_floats_needs_more_bits() -> None:
    step = near("exp(x) - 3*x > 3 - 3*log(3) - 1e-40", "x in [0, 3]")
    assert step is not None
    assert step.data["places"][0].bits >= 128
    assert "Taylor" in method(step)


def test_a_removable_zero_is_seen_in_the_numerator() -> None:
    assert prove_claim(parse_claim("(sin(x)/x)**2 + tan(x)/x > 2", ["x in (0, pi/2)"]), 10).status == "proved"
    assert prove_claim(parse_claim("(sin(x)/x)**2 + tan(x)/x > 2.001", ["x in (0, pi/2)"]), 10).status == "refuted"


# --- violations below the precision of floats, and slack of the same size ---


@pytest.mark.parametrize(
    ("text", "where", "size"),
    [
        ("exp(x) - 3*x >= 3 - 3*log(3) + {}", ["x in [0, 3]"], "10**(-30)"),
        ("exp(x) + exp(2*y) - 3*x - 5*y >= 3 - 3*log(3) + 5/2 - 5/2*log(5/2) + {}", ["x, y in [0, 3]"], "10**(-24)"),
        ("sin(x)*sin(y)*sin(x+y) <= 3*sqrt(3)/8 - {}", ["x, y in [0, pi]"], "10**(-22)"),
        ("sin(3*x)*exp(-x) <= 3/sqrt(10)*exp(-atan(3)/3) - {}", ["x in [0, 2]"], "10**(-28)"),
    ],
)
def test_thin_violations_are_refuted_and_thin_slack_is_proved(text: str, where: list[str], size: str) -> None:
    assert prove_claim(parse_claim(text.format(size), where), 10).status == "refuted"
    assert prove_claim(parse_claim(text.format(f"(-{size})"), where), 10).status == "proved"


# --- one place at a time ---


def form(gap: str, place: Expansion, *where: str) -> Form:
    problem = problem_of(f"{gap} >= 0", *where)
    return Form(place, problem, Jet(problem.gap, problem.names))


def interval(low: float, high: float) -> Range:
    return Range(arb(low), arb(high))


def test_the_order_and_the_side_of_a_zero_matter() -> None:
    zero = (("x", number(0)),)
    cube = form("x**3", Expansion(zero, (3,)), "x in [-1, 1]")
    assert cube.settles([interval(0, 1)], False)
    assert not cube.settles([interval(-0.5, 1)], False)
    assert not cube.settles([interval(0, 1)], True)
    right = form("x**3", Expansion(zero, (3,)), "x in (0, 1]")
    assert right.settles([interval(0, 1)], True)


def test_a_kink_or_a_pole_between_is_no_way_for_a_taylor_form() -> None:
    zero = (("x", number(0)),)
    assert not form("sqrt(x**2)", Expansion(zero, (1,)), "x in [-1, 1]").settles([interval(0, 1)], False)
    assert not form("abs(x)", Expansion(zero, (1,)), "x in [-1, 1]").settles([interval(0, 1)], False)
    assert not form("x**2/(x - 0.5)**2", Expansion(zero, (2,)), "x in [-1, 0.4]").settles([interval(0.7, 1)], False)


def test_an_indefinite_hessian_or_a_steep_place_settles_nothing() -> None:
    both = (("x", number(0)), ("y", number(0)))
    box = [interval(-0.1, 0.1), interval(-0.1, 0.1)]
    flat = ("x", "y")
    assert form("x**2 + y**2 + x*y", Expansion(both, (), flat), "x, y in [-1, 1]").settles(box, False)
    assert not form("x**2 + y**2 + 3*x*y", Expansion(both, (), flat), "x, y in [-1, 1]").settles(box, False)
    assert not form("x**2 + y**2 + x/100", Expansion(both, (), ("y",)), "x, y in [-1, 1]").settles(box, False)
    assert form("x**2 + y**2 + x/100 + 1/900", Expansion(both), "x, y in [-1, 1]").settles(box, True)


def test_the_end_of_a_domain_is_an_end_only_for_whole_boxes() -> None:
    end = (("x", constant("pi")), ("y", number(0)))
    here = form("x - pi + y**2", Expansion(end, (), ("y",)), "x >= pi", "y in [-1, 1]")
    box = [interval(3.1, 4), interval(-1, 1)]
    assert here.settles(box, False)
    assert not here.settles(box, False, whole=False)


@given(st.lists(st.integers(-6, 6), min_size=6, max_size=6))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_definite_agrees_with_minors(entries: list[int]) -> None:
    a, b, c, d, e, f = entries
    rows = [[a, b, c], [b, d, e], [c, e, f]]
    minors = [a, a * d - b * b, a * (d * f - e * e) - b * (b * f - e * c) + c * (b * e - d * c)]
    found = definite([[Range(arb(h), arb(h)) for h in row] for row in rows])
    if found == 1:
        assert all(m > 0 for m in minors)
    if all(m > 0 for m in minors):
        assert found == 1
    if found == 0:
        assert minors[2] == 0


# --- the re-check ---


def saved(text: str, *where: str) -> Data:
    claim, step = parse_claim(text, where), near(text, *where)
    assert step is not None
    assert step.rule == "near"
    guards = check(claim.variables, claim.conditions, claim.goals, engines, Clock(20))
    assert isinstance(guards, tuple)
    point = next(p for p in points(claim.variables, 100) if feasible(claim.variables, (), p))
    proof = Proof((), guards, (step,), claim.conditions, point)
    found: Data = json.loads(json.dumps(to_json(claim, Verdict("", claim.text, "proved", proof=proof))))
    return found


@pytest.mark.parametrize(("text", "where", "false"), TOUCHING, ids=lambda value: str(value)[:40])
def test_proofs_are_re_checked_and_do_not_fit_a_false_claim(text: str, where: list[str], false: str) -> None:
    data = saved(text, *where)
    assert status(data) == "proved"
    data["claim"], data["goals"][0]["said"] = false, to_text(parse_claim(false, where).goals[0].gap)
    assert status(data) in ("refuted", "error")


FORGERIES: list[tuple[str, Callable[[Data], object]]] = [
    ("a place that is no zero", lambda d: d["places"][0].update(at=[["x", "log(2)"]])),
    ("an order that is too high", lambda d: d["places"][0].update(at=[["x", "0"]], orders=[1])),
    ("no orders, all said to be flat", lambda d: d["places"][0].update(at=[["x", "1/3"]], orders=[], flat=["x"])),
    ("a place that is no number", lambda d: d["places"][0].update(at=[["x", "log(-1)"]])),
    ("a place in its own variable", lambda d: d["places"][0].update(at=[["x", "x"]], orders=[2])),
    ("a variable twice", lambda d: d["places"][0].update(at=[["x", "0"], ["x", "0"]], orders=[1, 1])),
    ("a leaf without a place", lambda d: d.update(tree=[-5])),
    ("no tree", lambda d: d.update(tree=[])),
    ("no places", lambda d: d.update(places=[])),
]


@pytest.mark.parametrize(("what", "forge"), FORGERIES, ids=[what for what, _ in FORGERIES])
def test_forged_places_fail(what: str, forge: Callable[[Data], object]) -> None:
    data = saved("exp(x) >= 7/3*(1 + x - log(7/3))", "x in [-4, 5]")
    assert data["goals"][0]["places"]
    forge(data["goals"][0])
    assert status(data) in ("refuted", "error")


@pytest.mark.parametrize(
    ("claim", "where", "place"),
    [
        # each goal is false and one box; the place says something that does not hold
        ("x**3 >= 0", ["x in [-1, 1]"], {"at": [["x", "0"]], "orders": [3]}),
        ("x >= 0", ["x in [-1, 1]"], {"at": [["x", "0"]], "orders": [1]}),
        ("x**2 > 0", ["x in [-1, 1]"], {"at": [["x", "0"]], "orders": [2]}),
        ("x**2 - 1e-9 >= 0", ["x in [-1, 1]"], {"at": [["x", "0"]], "orders": [2]}),
        ("x**2 + x >= 0", ["x in [-1, 1]"], {"at": [["x", "0"]], "flat": ["x"]}),
        ("x**2 + x/100 >= 0", ["x in [-1, 1]"], {"at": [["x", "0"]]}),
        ("abs(x) - x/2 >= 0", ["x in [-1, 1]"], {"at": [["x", "0"]], "orders": [1]}),
        ("abs(x) - 2*x >= 0", ["x in [-1, 1]"], {"at": [["x", "0"]], "orders": [1]}),
        ("x**2/(x - 1/2) >= 0", ["x in (1/2, 1]"], {"at": [["x", "0"]], "orders": [2]}),
        ("sqrt(x)*x - x**2 - 1 >= 0", ["x in [0, 1]"], {"at": [["x", "0"]], "orders": [1]}),
    ],
)
def test_forged_boxes_fail(claim: str, where: list[str], place: Data) -> None:
    said = to_text(parse_claim(claim, where).goals[0].gap)
    full = {"orders": [], "flat": [], "bits": 64, **place}
    op = ">" if " > " in claim else ">="
    step = {"rule": "near", "said": said, "op": op, "tree": [-4], "bits": 64, "total": False, "parts": []}
    head = {"kind": "attain-proof/1", "claim": claim, "where": where, "verdict": "proved", "solved": []}
    data = {**head, "point": {"x": "3/4"}, "guards": [], "goals": [{**step, "candidates": {}, "places": [full]}]}
    assert status(data) in ("refuted", "error")


def test_an_honest_box_passes() -> None:
    for place in ({"orders": [2], "flat": []}, {"orders": [], "flat": ["x"]}):
        full = {"at": [["x", "0"]], "bits": 64, **place}
        step = {"rule": "near", "said": "exp(x) - (1 + x)", "op": ">=", "tree": [-4], "bits": 64, "total": False}
        head = {"kind": "attain-proof/1", "claim": "1 + x <= exp(x)", "where": [], "verdict": "proved", "solved": []}
        goal = {**step, "parts": [], "candidates": {}, "places": [full]}
        assert status({**head, "point": {"x": "0"}, "guards": [], "goals": [goal]}) == "proved"
