"""Any max-affine partition: exact cells against sampling, covering radii two ways, the head against a plain softmax."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attain.numeric.covering import covering_radius
from attain.numeric.evaluate import evaluate
from attain.numeric.network import point_network
from attain.numeric.partition import lifted, partition_network
from attain.symbolic.any_centres import centres_design
from attain.symbolic.design import NotApplicable
from attain.symbolic.exact import ball
from attain.symbolic.partition import (
    Partition,
    area,
    covering_radius_squared,
    reassignment_spread,
    voronoi,
)
from attain.symbolic.rounding import upper
from hypothesis import given, settings
from hypothesis import strategies as st

SQUARE = ((Fraction(0), Fraction(1)), (Fraction(-1), Fraction(2)))
numbers = st.fractions(min_value=-2, max_value=2, max_denominator=9)
quick = settings(deadline=None, max_examples=30, derandomize=True)


@st.composite
def partitions(draw: st.DrawFn) -> Partition:
    dim = draw(st.integers(1, 2))
    rows = draw(st.lists(st.tuples(*[numbers] * (dim + 1)), min_size=1, max_size=7))
    return Partition(tuple(r[:dim] for r in rows), tuple(r[dim] for r in rows), SQUARE[:dim])


def sampled(cells: Partition, count: int = 40) -> list[tuple[Fraction, ...]]:
    rng = np.random.default_rng(5)
    return [tuple(a + (b - a) * Fraction(int(rng.integers(0, 101)), 100) for a, b in cells.box) for _ in range(count)]


@quick
@given(partitions())
def test_the_cells_fill_the_box_and_do_not_overlap(cells: Partition) -> None:
    whole = Fraction(1)
    for low, high in cells.box:
        whole *= high - low
    distinct = dict(zip(cells.slopes, cells.slopes, strict=True))
    if len(distinct) == len(cells.slopes):
        assert sum(area(cells.corners(j)) for j in range(len(cells.slopes))) == whole


@quick
@given(partitions(), st.fractions(min_value=0, max_value=1, max_denominator=5))
def test_corners_bound_what_leads_by_the_margin(cells: Partition, margin: Fraction) -> None:
    for j in range(len(cells.slopes)):
        corners = cells.corners(j, margin)
        for x in corners:
            mine, others = cells.scores(x)[j], [s for k, s in enumerate(cells.scores(x)) if k != j]
            assert all(mine - s >= margin for s in others)
        for x in sampled(cells):
            others = [s for k, s in enumerate(cells.scores(x)) if k != j]
            leads = all(cells.scores(x)[j] - s >= margin for s in others)
            if leads:
                assert corners
                assert all(min(c[i] for c in corners) <= x[i] <= max(c[i] for c in corners) for i in range(cells.dim))


@quick
@given(partitions())
def test_the_covering_radius_two_ways(cells: Partition) -> None:
    squared, at = covering_radius_squared(cells.slopes, cells.box)

    def nearest(x: tuple[Fraction, ...]) -> Fraction:
        return min(sum(((p - q) ** 2 for p, q in zip(x, v, strict=True)), Fraction(0)) for v in cells.slopes)

    assert nearest(at) == squared
    assert all(nearest(x) <= squared for x in sampled(cells))
    found = covering_radius(cells.slopes, cells.box)
    assert found.lower <= float(squared) ** 0.5 * (1 + 1e-15)
    assert float(squared) ** 0.5 * (1 - 1e-15) <= found.upper
    assert found.upper <= 1.02 * found.lower or found.upper < 1e-9


def test_three_dimensions_against_a_known_radius() -> None:
    unit = ((Fraction(0), Fraction(1)),) * 3
    corners = [[Fraction(i), Fraction(j), Fraction(k)] for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    found = covering_radius(corners, unit, 1e-3)
    assert found.lower <= 3**0.5 / 2 <= found.upper <= 1.002 * found.lower


@quick
@given(partitions(), st.integers(1, 40))
def test_the_head_is_the_softmax_of_the_scores(cells: Partition, R: int) -> None:
    values = [Fraction(k * k - 3 * k) for k in range(len(cells.slopes))]
    points = np.array([[float(c) for c in x] for x in sampled(cells, 8)])
    network = partition_network(cells, float(R), values)
    found = evaluate(network, lifted(network, points)).values
    scores = R * (points @ np.array(cells.slopes, float).T + np.array(cells.offsets, float))
    p = np.exp(scores - scores.max(1, keepdims=True))
    expected = (p @ np.array(values, float)) / p.sum(1)
    assert found == pytest.approx(expected, abs=1e-9)


def test_reassigned_values_are_reached_where_the_margin_is_large() -> None:
    cells = voronoi([(Fraction(0), Fraction(0)), (Fraction(1), Fraction(1)), (Fraction(1), Fraction(-1))], SQUARE)
    values, R = [Fraction(5), Fraction(-2), Fraction(1)], 12.0
    network = partition_network(cells, R, values)
    for x in sampled(cells):
        j = cells.cell(x)
        lam = 2 * np.exp(-R * float(cells.margin(x)))
        allowed = lam / (1 + lam) * float(reassignment_spread(values, j))
        F = evaluate(network, np.array([[float(c) for c in x]])).values[0]
        assert abs(F - float(values[j])) <= allowed * (1 + 1e-12) + 1e-13


@pytest.mark.parametrize("bound", ["published", "sharper"])
def test_scattered_centres_reach_the_accuracy(bound: str) -> None:
    rng = np.random.default_rng(2)
    centres = [(Fraction(int(a), 50), Fraction(int(b), 50)) for a, b in rng.integers(0, 51, (30, 2))]
    unit = ((Fraction(0), Fraction(1)),) * 2
    squared, at = covering_radius_squared(centres, unit)
    eps = Fraction(3, 2) * Fraction(int(float(squared) ** 0.5 * 1000) + 1, 1000)
    made = centres_design(len(centres), squared, Fraction(1), Fraction(2), eps, bound)
    assert Fraction(made.error_bound) <= eps
    corner = np.array([float(c) for c in at])
    v = np.array(centres, float)
    network = point_network(v, float(made.R), np.linalg.norm(v - corner, axis=1))
    points = rng.random((500, 2))
    error = np.abs(evaluate(network, points).values - np.linalg.norm(points - corner, axis=1))
    assert error.max() <= float(eps)
    assert evaluate(network, corner[None]).values[0] <= float(made.error_bound)
    with pytest.raises(NotApplicable, match="too far apart"):
        centres_design(len(centres), squared, Fraction(1), Fraction(2), eps / 2, bound)


def test_the_sharper_bound_needs_no_more_temperature() -> None:
    args = (50, Fraction(1, 100), Fraction(2), Fraction(3), Fraction(1, 2))
    assert centres_design(*args, "sharper").R <= centres_design(*args, "published").R
    with pytest.raises(ValueError, match="unknown bound"):
        centres_design(*args, "best")


@pytest.mark.parametrize("bound", ["published", "sharper"])
@given(
    count=st.sampled_from([1, 2, 50, 10**6]),
    squared=st.fractions(0, 1, max_denominator=10**6),
    L=st.fractions(Fraction(1, 100), 100, max_denominator=100),
    beyond=st.sampled_from([Fraction(1, 10**20), Fraction(1, 10**9), Fraction(1, 10), Fraction(10)]),
    spread=st.sampled_from([Fraction(0), Fraction(1, 10**6), Fraction(1), 1 + Fraction(1, 10**9), Fraction(1000)]),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_error_bound_never_exceeds_eps(
    bound: str, count: int, squared: Fraction, L: Fraction, beyond: Fraction, spread: Fraction
) -> None:
    rho = Fraction(upper(ball(squared).sqrt(), 12))
    eps = L * rho * (1 + beyond) + Fraction(1, 10**9)
    made = centres_design(count, squared, L, eps * spread, eps, bound)
    assert squared < made.r**2
    assert Fraction(made.error_bound) <= eps


def test_a_spread_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="sup f - inf f >= 0"):
        centres_design(2, Fraction(1, 16), Fraction(1), Fraction(-1), Fraction(1))


@pytest.mark.parametrize("size", [Fraction(1, 10**310), Fraction(1, 10**200), Fraction(1), Fraction(10**200)])
@pytest.mark.parametrize("shift", [0, 1, 10**17])
def test_the_covering_radius_at_any_scale(size: Fraction, shift: int) -> None:
    start = size * shift
    found = covering_radius([[start], [start + 10**130 * size]], [(start, start + size)])
    assert Fraction(found.lower) <= size <= Fraction(found.upper) <= size * Fraction(11, 10)


def test_a_covering_radius_that_is_no_float_is_refused() -> None:
    with pytest.raises(ValueError, match="too large for a float"):
        covering_radius([[Fraction(10**400)]], [(Fraction(0), Fraction(1))])


def test_the_command(tmp_path: Path, attain: Callable[..., Any]) -> None:
    file = tmp_path / "centres.csv"
    file.write_text("x,y\n0.25,0.25\n0.75,0.25\n0.25,0.75\n0.75,0.75\n")
    words = [str(file), "--R", "100", "--eps", "0.5", "--lipschitz", "1", "--osc", "1", "--json"]
    data = json.loads(attain("partition", *words).stdout)
    assert data["covering_radius"]["squared"] == "1/8"
    assert data["nonempty"] == 4
    sharp = data["one_hot"]
    assert float(sharp["margin"]) == pytest.approx(np.log(3 * 99) / 100, rel=1e-3)
    assert float(sharp["share_of_box"]) == pytest.approx((1 - 4 * float(sharp["margin"])) ** 2, rel=2e-3)
    assert set(data["designs"]) == {"published", "sharper"}
    assert "covering radius" in attain("partition", str(file)).stdout


def test_equal_centres_share_the_box_once(tmp_path: Path, attain: Callable[..., Any]) -> None:
    file = tmp_path / "centres.csv"
    file.write_text("x,z\n0.5,0.5\n0.5,0.5\n")
    data = json.loads(attain("partition", str(file), "--R", "1", "--leak", "0.6", "--json").stdout)
    assert data["one_hot"]["share_of_box"] == "1"


@pytest.mark.parametrize(
    ("text", "args", "words"),
    [
        ("x\n", [], "1 to"),
        ("x,x\n1,2\n", [], "different names"),
        ("x\n0.5\nq\n", [], "line 3"),
        ("x,y\n0.5\n", [], "line 2"),
        ("x,b\n0.5,1\n", ["--eps", "1", "--lipschitz", "1"], "column b"),
        ("x\n0.5\n", ["--eps", "1"], "lipschitz"),
        ("x\n0.5\n", ["--figure", "f.svg", "--R", "1"], "two axes"),
        ("x\n0.5\n", ["--leak", "2"], "between 0 and 1"),
        ("x,z\n0.5,0.5\n0,1\n", ["--figure", "f.svg", "--R", "1e400"], "R is drawn up to"),
        ("x\n" + "9" * 200_000, [], "field"),
    ],
)
def test_bad_input_is_one_line(
    text: str, args: list[str], words: str, tmp_path: Path, attain: Callable[..., Any]
) -> None:
    file = tmp_path / "p.csv"
    file.write_text(text)
    done = attain("partition", str(file), *args, status=2)
    assert words in done.stderr
    assert done.stderr.count("\n") <= 3


def test_the_figure(tmp_path: Path, attain: Callable[..., Any]) -> None:
    pytest.importorskip("matplotlib")
    file, picture = tmp_path / "p.csv", tmp_path / "p.svg"
    file.write_text("u,v,b\n1,0,0\n-1,0.5,0.25\n0,-1,0.5\n")
    attain("partition", str(file), "--R", "20", "--figure", str(picture))
    assert picture.read_text().count("<path") > 10
    done = attain("partition", str(file), "--R", "20", "--figure", str(tmp_path / "p.gif"), status=2)
    assert "must end in" in done.stderr
