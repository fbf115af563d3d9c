"""Forged proofs by convexity, each of which must be rejected, beside the honest proof that it imitates."""

from __future__ import annotations

from typing import Any

import pytest
from rechecking import forged, same

Step = dict[str, Any]


def positive(said: str, op: str = ">") -> Step:
    """A guard that one box shows."""
    step = {"rule": "cover", "said": said, "op": op, "tree": [0], "bits": 64, "total": False, "given": []}
    return {**step, "candidates": {"0": same(said)}}


def plane(said: str, op: str, point: dict[str, str], logs: list[str] | None = None, formula: str = "") -> Step:
    step = {"rule": "plane", "said": said, "op": op, "candidate": same(formula or said), "logs": logs or []}
    return {**step, "point": [list(pair) for pair in point.items()]}


@pytest.mark.parametrize(
    ("claim", "where", "point", "good"),
    [
        ("x**2 - x + 1/4 >= 0", "x in [-1, 1]", "1/2", True),
        ("x**2 - x + 1/4 >= 0", "x in [-1, 1]", "1/3", False),  # the plane falls below 0
        ("x**2 > 0", "x in [-1, 1]", "0", False),  # reached inside
        ("exp(x) - x > 1", "x in (0, 1)", "0", False),  # the plane is level: nothing says that 0 is left out
        ("exp(x) > 1", "x in (0, 1)", "0", True),
        ("exp(x) > 1", "x in [0, 1]", "0", False),
        ("x**3 >= -1/100", "x in [-1, 1]", "0", False),  # a level tangent of no convex function
        ("cos(x) >= 9/10", "x in [-1, 1]", "0", False),
        ("x + 1/x >= 2", "x in [-2, 2]", "1", False),
        ("x**2 >= 1", "x in [-1, 1]", "3", False),  # outside of the domain
        ("sqrt(x**2) >= 1/100", "x in [-1, 1]", "1/2", False),
        ("abs(x) >= 0", "x in [-1, 1]", "0", False),  # no derivative
        ("x**2 >= -1", "x real", "1", False),  # falls without end
    ],
)
def test_a_plane_lies_below_a_convex_formula_only(claim: str, where: str, point: str, good: bool) -> None:
    side, op, other = claim.split()[0], claim.split()[-2], claim.split()[-1]
    said = claim.replace(f" {op} {other}", "") + f" - {other}"
    guards = [positive("x")] if "/x" in side or "/x" in claim else []
    guards += [positive("x**2", ">=")] if "sqrt" in claim else []
    found = forged(claim, [where], plane(said, op, {"x": point}), "1/2", guards)
    assert (found == {"proved"}) is good


def test_a_plane_touches_where_the_conditions_of_convexity_hold() -> None:
    """u**3 - 100*u is convex for u >= 0; its tangent at u = -3 is above its value at u = 2."""
    said, where = "(x + y)**3 - 100*(x + y)", ["x + y >= 0", "x, y in [-2, 1]"]
    at = {"x": "-3/2", "y": "-3/2"}
    assert forged(f"{said} >= -92", where, plane(f"{said} - (-92)", ">=", at), "1/2,y=0") != {"proved"}
    at = {"x": "1", "y": "1"}
    assert forged(f"{said} >= -192", where, plane(f"{said} - (-192)", ">=", at), "1/2,y=0") == {"proved"}


def test_logarithmic_coordinates_are_positive() -> None:
    """x + 1/(x*y) + y is at least 3 for positive x and y only."""
    at, logs = {"x": "1", "y": "1"}, ["x", "y"]
    for where, good in (("x, y in (0, inf)", True), ("x, y in [-9, -1]", False)):
        said = "x + 1/(x*y) + y - 3"
        guard = {"rule": "terms", "said": "x*y", "op": ">", "candidate": same("x*y"), "given": []}
        found = forged("x + 1/(x*y) + y >= 3", [where], plane(said, ">=", at, logs), "1,y=1", [guard])
        assert (found == {"proved"}) is good
    assert forged("x**2 + y**2 >= 2*x*y", ["x, y real"], plane("x**2 + y**2 - 2*x*y", ">=", at, logs), "1,y=1") != {
        "proved"
    }


def test_a_logarithm_twice_in_a_quotient_counts_twice() -> None:
    """x*log(x) - 2*x*log(y) is not convex, and falls below its tangent at (1, 1); x*log(x) - x*log(y) does not."""
    at = {"x": "1", "y": "1"}
    for quotient, k, good in (("x/y", 1, True), ("x/y/y", 2, False)):
        claim, where = f"x*log({quotient}) - x + {k}*y >= {k - 1}", ["x, y in [1/2, 2]"]
        step = plane(claim.replace(" >= ", " - "), ">=", at)
        needed = [positive("y"), positive(quotient)]
        assert (forged(claim, where, step, "1,y=1", needed) == {"proved"}) is good


@pytest.mark.parametrize(
    ("claim", "where", "names", "corners", "good"),
    [
        ("x*(1 - x) >= 0", ["x in [0, 1]"], ["x"], ["0 - 0", "0"], True),
        ("x*(x - 1) >= 0", ["x in [0, 1]"], ["x"], ["0", "0"], False),  # convex
        ("x*(1 - x) >= 0", ["x in [0, 2]"], ["x"], ["0", "0"], False),  # the ends are not these
        ("x*(1 - x) >= 0", ["x in [0, 1)"], ["x"], ["0", "0"], False),
        ("x*(1 - x) > 0", ["x in [0, 1]"], ["x"], ["0", "0"], False),
        ("x*(1 - x) >= 0", ["x in [0, 1]"], ["x"], ["0"], False),  # one corner
        ("x*(1 - x) >= 0", ["x in [0, 1]"], ["x", "x"], ["0", "0", "0", "0"], False),
        ("x*(1 - x) >= 0", ["x in [0, 1]"], [], ["0"], False),
        ("x*(1 - x) >= 0", ["x >= 0"], ["x"], ["0", "0"], False),
    ],
)
def test_corners_are_those_of_a_concave_formula(
    claim: str, where: list[str], names: list[str], corners: list[str], good: bool
) -> None:
    said, op = claim.split()[0] + claim.split(")")[0].removeprefix(claim.split()[0]) + ") - 0", claim.split()[-2]
    parts = [{"rule": "number", "op": op, "said": text} for text in corners]
    step = {"rule": "corners", "said": said, "op": op, "candidate": same(said), "names": names, "parts": parts}
    assert (forged(claim, where, step, "1/2") == {"proved"}) is good


def test_a_variable_with_corners_has_no_further_conditions() -> None:
    """Where x*y >= 1/2 the corner x = 0 says nothing; on the others x + y - 1 is >= 0 only by that condition."""
    said, where = "x + y - 1", ["x*y >= 1/2", "x, y in [0, 1]"]
    parts = [{"rule": "number", "op": ">=", "said": "0"}] * 4
    step = {"rule": "corners", "said": said, "op": ">=", "candidate": same(said), "names": ["x", "y"], "parts": parts}
    assert forged("x + y >= 1", where, step, "1,y=1") != {"proved"}


@pytest.mark.parametrize(
    ("claim", "gap", "op", "good"),
    [
        ("sin(x) + sin(y) <= 2*sin((x + y)/2)", "2*sin((x + y)/2) - (sin(x) + sin(y))", ">=", True),
        ("sin(x) + sin(y) < 2*sin((x + y)/2)", "2*sin((x + y)/2) - (sin(x) + sin(y))", ">", False),
        ("sin(x) + sin(y) <= 2*sin((x + 2*y)/3)", "2*sin((x + 2*y)/3) - (sin(x) + sin(y))", ">=", False),
        ("sin(x) + sin(y) <= 3*sin((x + y)/3)", "3*sin((x + y)/3) - (sin(x) + sin(y))", ">=", False),
        ("sin(x) + sin(y) >= 2*sin((x + y)/2)", "sin(x) + sin(y) - 2*sin((x + y)/2)", ">=", False),
        ("sin(x) + x >= sin(y) + y", "sin(x) + x - (sin(y) + y)", ">=", False),
        ("sin(x) - sin(y) + sin(3/2 - x + y) >= sin(3/2)", "", ">=", False),  # two signs on both sides
        ("sin(x) + sin(y) + x <= 2*sin((x + y)/2)", "2*sin((x + y)/2) - (sin(x) + sin(y) + x)", ">=", False),
    ],
)
def test_jensen_is_about_means(claim: str, gap: str, op: str, good: bool) -> None:
    left, right = claim.replace("<=", ">=").replace("<", ">=").split(">=")
    said = gap or f"{left.strip()} - {right.strip()}"
    step = {"rule": "jensen", "said": said, "op": op, "head": "sin"}
    found = forged(claim, ["x, y in [0, pi]"], step, "1,y=1")
    assert (found == {"proved"}) is good
    assert forged(claim, ["x, y in [0, 4]"], step, "1,y=1") != {"proved"}
    assert forged(claim, ["x, y in [0, pi]"], {**step, "head": "cos"}, "1,y=1") != {"proved"}
