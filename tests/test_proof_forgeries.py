"""Forged proofs of false claims, each of which must be rejected, beside the honest proof that it imitates."""

from __future__ import annotations

from typing import Any

import pytest
from attain.proofs.checker.claims.proof import KIND, check_proof
from attain.proofs.checker.formula import CheckError
from rechecking import forged, same

Step = dict[str, Any]


def one_box(said: str, op: str, tree: list[Any] | None = None, **more: Any) -> Step:
    step = {"rule": "cover", "said": said, "op": op, "tree": tree or [0], "bits": 64, "total": False, "parts": []}
    return {**step, "candidates": {"0": same(said)}, **more}


def upward(formula: str, slope: str, op: str, **more: Any) -> Step:
    """From the lower end, by a derivative that one box shows to be >= 0."""
    rate = {
        "rule": "rate",
        "op": op,
        "side": 1,
        "candidate": same(formula),
        "strict": False,
        "parts": [one_box(slope, ">=")],
    }
    return {"rule": "anchor", "said": formula, "op": op, "side": 1, "near": None, "parts": [rate], **more}


def sturm(said: str, op: str, low: str, terms: list[Any], ends: list[str]) -> Step:
    step = {"rule": "sturm", "said": said, "op": op, "candidate": same("x"), "atoms": ["x"], "low": [low]}
    return {**step, "terms": terms, "ends": [ends], "parts": []}


def by_terms(said: str) -> Step:
    return {"rule": "terms", "said": said, "op": ">=", "candidate": same(said), "parts": []}


def identity(said: str) -> Step:
    return {"rule": "identity", "said": said, "op": ">=", "parts": []}


@pytest.mark.parametrize(
    ("op", "ends", "low", "terms", "good"),
    [
        (">=", ["-1", "1"], "1", [["1", [0]]], False),  # x = 1·x¹, and 1 > 0
        (">", ["0", "1"], "1", [["1", [0]]], False),
        (">=", ["0", "1"], "0", [["1", [1]]], True),
    ],
)
def test_no_power_is_divided_out_of_a_polynomial(
    op: str, ends: list[str], low: str, terms: list[Any], good: bool
) -> None:
    found = forged(f"x {op} 0", [f"x in [{ends[0]}, {ends[1]}]"], sturm("x - 0", op, low, terms, ends), "0")
    assert found == {"proved"} if good else "refuted" in found


@pytest.mark.parametrize(
    "step",
    [
        {"rule": "both ways", "parts": [identity("x - x"), identity("-(x - x)")]},
        {"rule": "derivative zero", "point": "0", "parts": []},
    ],
)
def test_an_identity_is_no_strict_inequality(step: Step) -> None:
    assert "refuted" in forged("x > x", ["x in [0, 1]"], {**step, "said": "x - x", "op": ">"}, "0")
    assert forged("x == x", ["x in [0, 1]"], {**step, "said": "x - x", "op": "=="}, "0") == {"proved"}


def test_a_case_does_not_widen_the_domain() -> None:
    """Beyond the lower end there is a pole; the goal is false everywhere."""
    goal = "abs(x + 1) - (x + 1) - 1/x"
    slope = "0 - (-1)/x**2"
    parts = [upward("x + 1 - (x + 1) - 1/x - 0", slope, ">=", domain=["x", "-1", None]), {"rule": "nothing left"}]
    step = {"rule": "cases", "said": f"{goal} - 0", "op": ">=", "kink": "abs(x + 1)", "parts": parts}
    guard = one_box("x", ">", given=[])
    assert "refuted" in forged(f"{goal} >= 0", ["x in [1/2, 1)"], step, "1/2", [guard])


def test_a_guard_is_known_only_under_the_conditions_that_show_it() -> None:
    """x is not 0 where x**3 >= 1/8; on the whole domain it is, and -1/x has a pole there."""
    only = [["x", "1/4"], -1, 0]
    guards = [one_box("x", ">", only, given=[0]), upward("-1/x", "1/x**2", ">", given=[])]
    goal = one_box("5 - log(-1/x)", ">=", only)
    found = forged("log(-1/x) <= 5", ["x in [-1, 1)", "x**3 >= 1/8"], goal, "3/4", guards)
    assert "refuted" in found


def test_a_guard_rests_on_the_guards_of_its_parts() -> None:
    """atan(x) + atan(1/x) is pi/2 for x > 0 only, but its derivative is 0 wherever it is defined."""
    gap, only = "atan(x) + atan(1/x) - pi/2", [["x", "-1/4"], 0, -1]
    half = {"rule": "derivative zero", "said": gap, "op": ">=", "point": "1", "parts": []}
    whole, part = {**half, "given": []}, {**half, "given": [0]}
    nonzero = one_box("-x", ">", only, given=[0])
    goal = one_box(f"sqrt({gap}) - 5", ">=", only)
    where = ["x in [-1, 1]", "x**3 <= -1/8"]
    for guards in ([whole, nonzero], [nonzero, whole], [nonzero, part]):
        assert "refuted" in forged(f"sqrt({gap}) >= 5", where, goal, "-3/4", guards)


@pytest.mark.parametrize(
    ("claim", "op", "good"), [("0 == x", "==", False), ("x > 0", ">", False), ("x >= 0", ">=", True)]
)
def test_derivatives_show_no_identity(claim: str, op: str, good: bool) -> None:
    found = forged(claim, ["x in [0, 1)"], {**upward("x - 0", "1", ">="), "op": op}, "0")
    assert found == {"proved"} if good else "refuted" in found


def test_integers_are_not_relaxed_over_a_pole() -> None:
    """The quotient is -1 at n = 1 and 1 beyond; its derivative is 0 on both sides of the pole at 3/2."""
    gap = "(x - 3/2)/sqrt((x - 3/2)**2)"
    constant = {"rule": "derivative zero", "op": "==", "point": "3", "parts": []}
    inverse = {"rule": "inverse", "said": f"{gap} - 1", "op": "==", "parts": [{**constant, "point": "1/3"}]}
    first = {"rule": "number", "op": "==", "parts": []}
    prefix = {"rule": "prefix and tail", "said": f"{gap} - 1", "op": "==", "name": "x", "first": 0, "start": 1}
    guards = [
        one_box("(x - 3/2)**2", ">=", given=[]),
        one_box("sqrt((x - 3/2)**2)", ">", [["x", "3/2"], 0, 0], given=[]),
    ]
    for step in (inverse, {**prefix, "parts": [constant, first]}):
        assert forged(f"1 == {gap}", ["x >= 1 integer"], step, "2", guards) != {"proved"}


def test_a_dropped_condition_may_not_define_a_kept_one() -> None:
    """-1/x > 0 is false where x**3 >= 1/8; from -3 on upward it looks increasing if nothing is said about the pole."""
    gap, only = "-1/x - 0", [["x", "1/4"], -1, 0]
    where = ["x in [-3, 1)", "x**3 >= 1/8", "y >= 1/x"]
    last = upward(gap, "1/x**2", ">")
    idle = {"rule": "fewer", "op": ">", "keep": [], "variables": ["x"], "parts": [last]}
    shift = {"rule": "shift", "op": ">", "name": "y", "image": "1/x + y", "parts": [idle]}
    goal = {"rule": "fewer", "said": gap, "op": ">", "keep": [1], "variables": ["x", "y"], "parts": [shift]}
    found = forged("-1/x > 0", where, goal, "3/4,y=3", [one_box("x", ">", only, given=[0])])
    assert found != {"proved"}


@pytest.mark.parametrize(
    ("cuts", "intervals", "good"),
    [
        (["0"], [[None, "0"], ["0", None]], True),
        (["0"], [[None, "0"], [None, "0"]], False),
        (["0"], [["0", None], ["0", None]], False),
        (["1"], [[None, "1"], ["1", None]], False),
        ([], [[None, "0"]], False),
        ([], [["0", None]], False),
    ],
)
def test_pieces_fill_the_domain(cuts: list[str], intervals: list[Any], good: bool) -> None:
    parts = []
    for low, high in intervals:
        side, slope = (-1, "-2*x") if high == "0" else (1, "2*x")
        rate = {"rule": "rate", "op": ">=", "side": side, "candidate": same("x**2 - 0"), "strict": False}
        parts.append({**rate, "parts": [one_box(slope, ">=")], "interval": [low, high]})
    step = {"rule": "pieces", "said": "x**2 - 0", "op": ">=", "cuts": cuts, "parts": parts}
    found = forged("x**2 >= 0", ["x real"], step, "0")
    assert found == {"proved"} if good else "refuted" in found


NEGATED, DOMAIN = ["-(x - 0)", ">", "goal negated", None], ["x", ">=", "domain 0 <= x", {**same("x"), "how": "times"}]


@pytest.mark.parametrize(
    ("claim", "low", "facts", "rows", "good"),
    [
        ("x >= 0", "0", [NEGATED, DOMAIN], [["1", [0], "1", "1"], ["1", [1], "1", "1"]], True),
        ("x >= 0", "-1", [NEGATED, DOMAIN], [["1", [0], "1", "1"], ["1", [1], "1", "1"]], False),
        ("x >= 0", "-1", [NEGATED, [*DOMAIN[:3], None]], [["1", [0], "1", "1"], ["1", [1], "1", "1"]], False),
        ("x >= 0", "-1", [NEGATED], [["1", [0], "1", "1"], ["1", [], "x", "1"]], False),
        ("x >= 0", "-1", [NEGATED], [["1", [0], "1", "1"], ["-1", [0], "1", "1"]], False),
        ("x >= 0", "-1", [NEGATED], [["1", [0], "x**2", "1"], ["1", [0], "-x**2", "1"]], False),
        ("x >= 0", "-1", [], [["1", [], "1", "1"]], False),
        ("x >= 0", "-1", [], [], False),
        ("x >= 0", "-1", [["-1", ">=", "tangent", ["x", "1"]]], [["1", [], "1", "1"], ["1", [0], "1", "1"]], False),
        ("x >= 0", "-1", [["x - 1", "==", "max", None]], [["1", [], "1", "1"], ["-1", [0], "1", "1"]], False),
        # not positive at x = 0
        ("x > 0", "0", [[*NEGATED[:1], ">=", "", None], DOMAIN], [["1", [0], "1", "1"], ["1", [1], "1", "1"]], False),
        ("x > 0", "0", [NEGATED, DOMAIN], [["1", [0], "1", "1"], ["1", [1], "1", "1"]], False),
    ],
)
def test_certificates(claim: str, low: str, facts: list[Any], rows: list[Any], good: bool) -> None:
    step = {"rule": "products", "said": "x - 0", "op": claim[2:4].strip(), "candidate": same("x - 0")}
    found = forged(claim, [f"x in [{low}, 1]"], {**step, "facts": facts, "certificate": rows}, "1/2")
    assert (found == {"proved"}) is good


@pytest.mark.parametrize(
    ("formula", "op", "source", "good"),
    [
        ("x*(log(x) - log(2)) - (x - 2)", ">=", ["2", "x"], True),
        ("x*(log(x) - log(2)) - (x - 2)", ">", ["2", "x"], False),
        ("x*(log(x) - log(2)) - (x - 3)", ">=", ["2", "x"], False),
        ("x*(log(x) - log(4)) - (x - 4)", ">", ["4", "x"], True),
        ("floor(x) - x + 1", ">", None, True),
        ("floor(x) - x", ">=", None, False),
        ("max(x, 2) - x", ">=", None, True),
        ("max(x, 2) - x", ">", None, False),
        ("(max(x, 2) - x)*(max(x, 2) - 2)", "==", None, True),
        ("(max(x, 2) - x)*(max(x, 2) - 1)", "==", None, False),
    ],
)
def test_facts_of_certificates_are_derived_anew(formula: str, op: str, source: list[str] | None, good: bool) -> None:
    """The fact alone is not used for the conclusion, but a file may not state it if it is not derived."""
    facts = [["-(x - 0)", ">", "", None], ["x", ">=", "", {**same("x"), "how": "times"}], [formula, op, "", source]]
    step = {"rule": "products", "said": "x - 0", "op": ">=", "candidate": same("x - 0"), "facts": facts}
    rows = [["1", [0], "1", "1"], ["1", [1], "1", "1"]]
    guards = [one_box("x", ">", given=[])] if "log" in formula else []
    found = forged("x >= 0", ["x in [1, 3]"], {**step, "certificate": rows}, "2", guards)
    assert (found == {"proved"}) is good


@pytest.mark.parametrize(
    ("where", "end", "side", "slope", "good"),
    [
        (["x in [0, 1]", "y in [0, 1]"], "0", 1, "1", True),
        (["x in [-2, 1]", "y in [0, 1]"], "0", 1, "1", False),
        (["x <= 1", "y in [0, 1]"], "0", 1, "1", False),
        (["x in [0, 1]", "y in [-1, 1]"], "0", 1, "1", False),
        (["x in [-2, 1]", "y in [0, 1]"], "1", -1, "-1", False),
        (["x <= 1", "x >= y - 3", "y in [0, 1]"], "0", 1, "1", False),
    ],
)
def test_a_variable_moves_to_all_of_its_ends(where: list[str], end: str, side: int, slope: str, good: bool) -> None:
    face = {**one_box(f"{end} + y - 0", ">="), "under": []}
    step = {"rule": "slide", "said": "x + y - 0", "op": ">=", "name": "x", "side": side, "candidate": same("x + y - 0")}
    parts = [face, one_box(slope, ">=")]
    found = forged("x + y >= 0", where, {**step, "reached": [[end, 1]], "parts": parts}, "1/2,y=1/2")
    assert (found == {"proved"}) is good


@pytest.mark.parametrize("node", [["x", ""], ["x", "1/0"], ["x", "1/"], [["x"], "1"], ["x", "0.5"]])
def test_malformed_cuts_are_rejected(node: list[Any]) -> None:
    assert "refuted" in forged("x >= 0", ["x in [0, 1]"], one_box("x - 0", ">=", [node, 0, 0]), "0")


def climbing(formula: str, slope: str, op: str, side: int, strict: str | bool = False) -> Step:
    """One piece from an end that is not a number, by the sign of the derivative on one box."""
    rate = {"rule": "rate", "op": op, "side": side, "candidate": same(formula), "strict": strict}
    rate |= {"interval": [None, None], "parts": [one_box(slope, ">=")]}
    return {"rule": "pieces", "said": formula, "op": op, "cuts": [], "parts": [rate]}


@pytest.mark.parametrize(
    ("claim", "gap", "slope", "side", "good"),
    [
        ("sigmoid(x) >= 0", "sigmoid(x) - 0", "sigmoid(x)*(1 - sigmoid(x))", 1, True),
        ("sigmoid(x) > 0", "sigmoid(x) - 0", "sigmoid(x)*(1 - sigmoid(x))", 1, False),
        ("sigmoid(x) >= 1e-9", "sigmoid(x) - 1e-9", "sigmoid(x)*(1 - sigmoid(x))", 1, False),
        ("1 >= tanh(x)", "1 - tanh(x)", "-(-(1 - tanh(x)**2))", -1, True),
        ("0.999999 >= tanh(x)", "0.999999 - tanh(x)", "-(-(1 - tanh(x)**2))", -1, False),
        ("exp(x) >= 0", "exp(x) - 0", "exp(x)", 1, True),
        ("exp(x) >= 0", "exp(x) - 0", "exp(x)", -1, False),  # from the side where it is large, and falls
        ("x >= 0", "x - 0", "1", 1, False),
        ("atan(x) >= -1.5", "atan(x) - (-1.5)", "1/(1 + x**2)", 1, False),
    ],
)
def test_climbs_from_infinity(claim: str, gap: str, slope: str, side: int, good: bool) -> None:
    found = forged(claim, ["x real"], climbing(gap, slope, claim.split()[1], side), "0")
    assert (found == {"proved"}) is good


@pytest.mark.parametrize(("least", "good"), [("0", True), ("-1/9", True), ("1/100", False)])
def test_climbs_from_an_end_where_the_formula_is_undefined(least: str, good: bool) -> None:
    gap = f"-x*log(x) - ({least})"
    step = climbing(gap, "-(log(x) + 1)", ">=", 1)
    step["parts"][0]["interval"] = ["0", "1/4"]
    found = forged(f"-x*log(x) >= {least}", ["x in (0, 1/4)"], step, "1/8", [one_box("x", ">", given=[])])
    assert (found == {"proved"}) is good


PLACE = {"rule": "valley", "op": ">=", "name": "x", "bottom": 4}


@pytest.mark.parametrize(
    ("least", "where", "place", "rate", "good"),
    [
        ("0", "x in [-1, 2]", "y", "2*(y - y)", True),
        ("1/100", "x in [-1, 2]", "y", "2*(y - y)", False),  # not >= there
        ("0", "x in [1/2, 2]", "y", "2*(y - y)", False),  # the place may be outside
        ("0", "x in [-1, 2]", "y + 1/2", "2*(y + 1/2 - y)", False),  # the derivative is not 0 there
        ("0", "x in [-1, 2]", "sqrt(y - 1/2)", "2*(y - y)", False),  # a place that is not defined
    ],
)
def test_a_variable_moves_to_its_least_point(least: str, where: str, place: str, rate: str, good: bool) -> None:
    gap = f"(x - y)**2 - ({least})"
    low, high = where[6:-1].split(", ")
    parts = [
        one_box(f"({place} - y)**2 - ({least})", ">="),
        {"rule": "identity", "said": rate, "op": "=="},
        one_box(f"{place} - {low}", ">"),
        one_box(f"{high} - ({place})", ">"),
        one_box("2", ">="),
    ]
    step = {**PLACE, "said": gap, "candidate": same(gap), "place": place, "parts": parts}
    found = forged(f"(x - y)**2 >= {least}", [where, "y in [0, 1]"], step, "1,y=1/2")
    assert (found == {"proved"}) is good


@pytest.mark.parametrize(("sign", "good"), [("", True), ("-", False)])
def test_a_least_point_needs_a_second_derivative_that_is_not_negative(sign: str, good: bool) -> None:
    gap = f"{sign}(x - y)**2 + 2 - 0"
    parts = [one_box("2", ">="), {"rule": "identity", "said": "0", "op": "=="}, one_box("y + 4", ">")]
    parts += [one_box("4 - y", ">"), one_box(f"{sign}2", ">=")]
    step = {**PLACE, "said": gap, "candidate": same(gap), "place": "y", "parts": parts}
    found = forged(f"{sign}(x - y)**2 + 2 >= 0", ["x in [-4, 4]", "y in [0, 1]"], step, "0,y=0")
    assert (found == {"proved"}) is good


@pytest.mark.parametrize("where", [["x == log(y)", "y in [-1, 1]"], ["y in [-1, 1]", "x == 0*log(y)"]])
def test_a_condition_that_gives_a_variable_is_defined(where: list[str]) -> None:
    """The goal holds without it, but the claim is undefined at y = -1."""
    goal = {**one_box("1 - y", ">="), "op": ">="}
    data = {"kind": KIND, "claim": "y <= 1", "where": where, "verdict": "proved", "guards": [], "goals": [goal]}
    with pytest.raises(CheckError, match="no condition gives x"):
        check_proof({**data, "solved": [["x", where[0][5:] if "log" in where[0] else "0"]], "point": {"y": "1/2"}}, 30)


def test_an_end_with_many_digits_is_exact() -> None:
    """At 32 bits the cut is a ball; the box beyond it has no point left that is not below 0."""
    cut = f"{2**90 + 1}/{2**90}"
    step = one_box("x - 1", ">=", [["x", cut], 0, 0], bits=32)
    assert "refuted" in forged("x >= 1", ["x in [1/2, 2]"], step, "1")
    assert forged("x >= 1", ["x in [1, 2]"], step, "1") == {"proved"}


def fixed(powers: list[str], weights: list[list[str]], values: list[int], *parts: Step) -> Step:
    step = {"rule": "slices", "said": "y - 1", "op": ">=", "motion": "scale", "weights": weights}
    return {**step, "powers": powers, "name": "x", "values": values, "parts": list(parts)}


@pytest.mark.parametrize(
    ("claim", "where", "step", "good"),
    [
        ("y >= 1", ["x > 0", "x*y >= x"], fixed(["0", "1"], [["x", "1"]], [1], by_terms("y - 1")), True),
        ("y >= 1", ["x > 0", "x*y >= 1"], fixed(["0", "0"], [["x", "1"]], [1], by_terms("y - 1")), False),
        ("y >= 1", ["x >= 0", "x*y >= x"], fixed(["0", "1"], [["x", "1"]], [1], by_terms("y - 1")), False),
        ("y >= 1", ["0 < x <= 4", "x*y >= x"], fixed(["0", "1"], [["x", "1"]], [1], by_terms("y - 1")), False),
        ("y >= x", ["x > 0", "y >= 1"], fixed(["0"], [["x", "1"]], [1], by_terms("y - 1")), False),
        ("y >= x", ["x > 0", "y >= 1"], fixed(["1"], [["x", "1"], ["y", "1"]], [1], by_terms("y - 1")), False),
        ("y >= 1", ["x > 0", "x*y >= x"], fixed(["0", "1"], [["x", "0"]], [1], by_terms("y - 1")), False),
        ("y >= 1", ["x > 0", "x*y >= x"], fixed(["0"], [["x", "1"]], [1], by_terms("y - 1")), False),
    ],
)
def test_a_symmetry_keeps_the_goal_the_conditions_and_the_domains(
    claim: str, where: list[str], step: Step, good: bool
) -> None:
    assert (forged(claim, where, step, "1,y=2") == {"proved"}) == good


def apart(formula: str, op: str, leaf: int = -1) -> Step:
    """A cover of z = -1, 0, 1 that leaves out 0."""
    return one_box(formula, op, [["z", "-1/2"], 0, ["z", "1/2"], leaf, 0])


NARROW = {"rule": "slide", "name": "x", "side": 1, "said": "x + z**2 - 0", "op": ">", "reached": [["0", 1]]}
FACE = [{**apart("0 + z**2", ">"), "under": [["z/z", ">="]]}, one_box("1", ">=")]
AWAY = {"goals": [["abs(z) - 1", ">="]], "conditions": [["z/z*(z + 1)", ">="]], "domains": {}, "candidate": None}
HIDDEN = [
    ("x + z**2 > 0", {**NARROW, "candidate": same("x + z**2 - 0"), "parts": FACE}),
    ("x + z**2 > 0", {**NARROW, "candidate": same("x + z**2 - 0"), "parts": FACE, "side": 2, "reached": []}),
    ("z**2 > 0", {"rule": "cases", "kink": "abs(z/z)", "parts": [apart("z**2 - 0", ">")] * 2}),
    ("abs(z) >= 1", {"rule": "tightened", **AWAY, "parts": [apart("abs(z) - 1", ">=")]}),
    ("abs(z) >= 1", {"rule": "tightened", **AWAY, "domains": {"w": ["0", None]}, "parts": []}),
]


@pytest.mark.parametrize(("claim", "step"), HIDDEN)
def test_no_point_is_left_out_because_a_condition_is_undefined_there(claim: str, step: Step) -> None:
    """Each claim fails at z = 0, where a formula that the file brings along divides by zero."""
    gap = claim.replace(" >= ", " - ").replace(" > ", " - ")
    goal = {"said": gap, "op": claim.split()[-2], **step}
    found = forged(claim, ["x in [0, 1]", "z in [-1, 1] integer"], goal, "1,z=1")
    assert "proved" not in found or "refuted" in found


def test_a_condition_that_is_kept_is_defined_without_those_that_are_not() -> None:
    """y - 2 >= x keeps y away from 1; without it all y are scaled to 1, where the other condition is undefined."""
    nothing = {"rule": "cover", "op": ">=", "tree": [-1], "bits": 64, "total": False, "candidates": {}}
    scaled = {"rule": "slices", "op": ">=", "motion": "scale", "weights": [["y", "1"]], "powers": ["0", "0"]}
    scaled |= {"name": "y", "values": [1], "parts": [nothing]}
    idle = {"rule": "fewer", "op": ">=", "keep": [0], "variables": ["y", "z"], "parts": [scaled]}
    goal = {"rule": "shift", "op": ">=", "said": "0 - z", "name": "x", "image": "0 + x", "parts": [idle]}
    where = ["x in [0, 1]", "y > 0", "y - 2 >= x", "z*(y - 1)/(y - 1) >= 0"]
    guard = one_box("y - 1", ">", [["y", "3/2"], -1, 0], given=[0])
    assert "refuted" in forged("z <= 0", where, goal, "0,y=3,z=0", [guard])


@pytest.mark.parametrize(
    ("claim", "kink", "parts", "good"),
    [
        ("min(x, y, z) <= x", "min(x, y, z)", [identity("0"), by_terms("x - y"), by_terms("x - z")], True),
        ("min(x, y, z) <= x", "min(x, y, z)", [identity("0"), by_terms("x - y")], False),
        ("min(x, y, z) <= x", "min(x, y, z)", [identity("0"), identity("0"), by_terms("x - z")], False),
        ("max(x, y, z) <= x", "max(x, y, z)", [identity("0"), by_terms("x - y"), by_terms("x - z")], False),
        ("max(x, y, z) <= x", "max(x, y)", [identity("0"), by_terms("x - y")], False),
    ],
)
def test_each_argument_of_a_minimum_is_a_case(claim: str, kink: str, parts: list[Step], good: bool) -> None:
    said = f"x - {claim.removesuffix(' <= x')}"
    step = {"rule": "cases", "said": said, "op": ">=", "kink": kink, "parts": parts}
    assert (forged(claim, [], step, "0,y=0,z=0") == {"proved"}) == good
