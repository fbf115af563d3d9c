"""Sequence targets: shapes, names, and constants that hold for every entry."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from attain.proofs.designs import designs_for, measured, measured_sequence
from attain.symbolic.design import Design, NotApplicable
from attain.symbolic.expression import constant, parse
from attain.symbolic.sequence import common, coordinate_names, parse_outputs, sequence_target
from attain.symbolic.shapes import Shape
from attain.symbolic.target import Target

UNIT = (Fraction(0), Fraction(1))


def box(N: int, **constants: object) -> Target:
    return Target((UNIT,) * N, {"l2": Fraction(1)}, **constants)  # type: ignore[arg-type]


def test_columns_are_stacked_and_names_stay_unambiguous() -> None:
    assert coordinate_names(2, 3) == ("x11", "x21", "x12", "x22", "x13", "x23")
    wide = coordinate_names(12, 12)
    assert len(set(wide)) == 144
    assert wide[11] == "x12_1"


def test_entries_are_scalar_targets_with_the_common_constants() -> None:
    names = coordinate_names(2, 2)
    f = sequence_target(2, 2, [["x11", "x12 + x22"]], names, box(4, osc=Fraction(2)))
    assert (f.rows, f.dim, f.target.expression) == (1, 4, None)
    assert f.entry(0, 1).expression == parse("x12 + x22")
    assert f.entry(0, 1).osc == 2
    assert replace(f.entry(0, 0), expression=None) == f.target


def test_the_layer_that_carries_it_is_known() -> None:
    texts, names = [["x11", "x12"]], coordinate_names(1, 2)
    assert sequence_target(1, 2, texts, names, box(2)).target.shape == Shape("tokens", 1, 2, 1)
    flat = Shape("flat", 1, 2, 1)
    assert sequence_target(1, 2, texts, names, replace(box(2), shape=flat)).target.shape == flat
    with pytest.raises(ValueError, match="is not one for these sizes"):
        sequence_target(1, 2, texts, names, replace(box(2), shape=Shape("flat", 2, 1, 1)))


def test_a_memory_adds_coordinates_in_front() -> None:
    names = (*coordinate_names(1, 2, "k"), *coordinate_names(1, 1, "q"))
    f = sequence_target(1, 1, [["q11*k12"]], names, box(3), memory=2)
    assert f.dim == 3
    assert f.target.shape == Shape("cross", 1, 1, 1, 2)
    assert f.target.variables[0] == "k11"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"texts": []}, "at least one row"),
        ({"texts": [["x11"]]}, "each with 2 entries"),
        ({"texts": [["x11", "x12"], ["x11"]]}, "each with 2 entries"),
        ({"texts": [["x11", "z"]]}, "output row 1, token 2: unknown name 'z'"),
        ({"target": box(3)}, "2 coordinates need as many sides and names, not 3 and 2"),
        ({"variables": ("x11", "x12", "x13")}, "not 2 and 3"),
        ({"memory": -1}, "m >= 0"),
        ({"d": 0}, "d, n >= 1"),
    ],
)
def test_bad_shapes_and_names_are_refused_in_one_line(change: dict[str, object], message: str) -> None:
    good = {"d": 1, "n": 2, "texts": [["x11", "x12"]], "variables": ("x11", "x12"), "target": box(2), "memory": 0}
    sequence_target(**good)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message) as caught:
        sequence_target(**(good | change))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_common_constants_are_the_largest_and_absent_where_one_is_missing() -> None:
    one = box(1, osc=Fraction(1), hessian=Fraction(5))
    two = Target((UNIT,), {"l1": Fraction(3), "l2": Fraction(2)}, osc=Fraction(4))
    both = common([one, two])
    assert both.lipschitz == {"l2": Fraction(2)}
    assert (both.osc, both.hessian) == (4, None)
    with pytest.raises(ValueError, match="share one box"):
        common([one, box(2)])


def test_equal_constants_that_no_precision_tells_apart_are_rounded_up() -> None:
    root, power = constant("sqrt(2)"), constant("2**(1/2)")
    L = common([box(1, osc=root), box(1, osc=power)]).osc
    assert isinstance(L, Fraction)
    assert 2 < L * L < 2 + Fraction(1, 10**38)


def test_proved_constants_serve_every_entry() -> None:
    texts, names, sides = [["x*y", "sin(3*x)"], ["y**2", "1"]], ("x", "y"), (UNIT,) * 2
    f = measured_sequence(1, 2, texts, names, sides)
    for row in parse_outputs(texts, names):
        for entry in row:
            alone = measured(entry, names, sides)
            assert alone.hessian <= f.target.hessian
            assert alone.osc <= f.target.osc
            assert all(own <= L for L, own in zip(f.target.axes, alone.axes, strict=True))
            assert all(f.target.lipschitz[norm] >= L for norm, L in alone.lipschitz.items())
    assert f.target.lipschitz["l1"] == max(measured(parse(t), names, sides).lipschitz["l1"] for r in texts for t in r)
    designs = designs_for(f.target, Fraction(1, 10))
    assert all(isinstance(d, Design) for d in designs.values())
    kinked = measured_sequence(1, 2, [["abs(x - 1/3)", "y"]], names, sides)
    assert isinstance(designs_for(kinked.target, Fraction(1, 10))["smooth"], NotApplicable)
