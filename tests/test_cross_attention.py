"""The theorem cross-attention: sizes of max-affine attention in N = d(m + n) dimensions, with its own layer."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from attain.numeric.formats import design_float_error, design_format
from attain.symbolic.design import Design, NotApplicable
from attain.symbolic.shapes import Shape
from attain.symbolic.theorem import load
from attain.symbolic.theorems import max_affine
from attain.symbolic.theorems.cross_attention import THEOREM, design, problem

EPS = Fraction(1, 20)


def given(**options: str) -> dict[str, str]:
    return {"lipschitz": "1", "dim": "2", "tokens": "2", "keys": "1"} | options


def test_the_bounds_are_those_of_max_affine_in_all_coordinates() -> None:
    target = problem(given(hessian="1"))
    plain = max_affine.problem({"lipschitz": "1", "dim": "6", "hessian": "1"})
    assert target.dim == plain.dim == 6
    for bound in THEOREM.bounds:
        mine, theirs = design(target, EPS, bound), max_affine.design(plain, EPS, bound)
        assert (mine.P, mine.kappa, mine.R, mine.error_bound) == (theirs.P, theirs.kappa, theirs.R, theirs.error_bound)
        assert (mine.theorem, mine.meets) == ("cross-attention", True)
        assert mine.sizes == Shape("cross", 2, 2, 2, 1).sizes(mine.cells)
    assert THEOREM.necessary(target, EPS) == max_affine.necessary(plain, EPS)
    with pytest.raises(NotApplicable):
        design(problem(given()), EPS, "smooth")


def test_a_fixed_memory_leaves_the_coordinates_of_the_queries() -> None:
    fixed = problem(given(keys="0"))
    assert fixed.dim == 4
    assert fixed.shape == Shape("cross", 2, 2, 2, 0)
    assert design(fixed, EPS, "sharp").P == max_affine.design(problem(given(dim="1", tokens="3")), EPS, "sharp").P


def test_json_has_the_layer_its_slots_and_norms() -> None:
    made = design(problem(given(outputs="3")), EPS, "sharp")
    data = made.to_json()
    assert data["layer"] == "cross-attention, 2 tokens a cell"
    assert data["tokens"] == 2 * made.cells
    assert data["hidden"] == 2 * 2 + 1 + 2 + 3
    assert (data["norms"]["W_V"], data["norms"]["W_O"]) == ("1", "1.666666667")
    assert Fraction(data["lambda"]) > Fraction("1.386294361")
    json.dumps(data)


def test_variants_of_max_affine() -> None:
    values = {"lipschitz": "1", "dim": "2", "tokens": "2"}
    scalar, flat, tokens = (
        max_affine.design(max_affine.problem(values | {"variant": v}), EPS, "sharp")
        for v in ("scalar", "flat", "tokens")
    )
    assert scalar.cells == flat.cells == tokens.cells
    assert (scalar.sizes.tokens, flat.sizes.tokens, tokens.sizes.tokens) == (
        scalar.cells,
        scalar.cells,
        2 * scalar.cells,
    )
    assert "layer" not in scalar.to_json()
    assert "lambda" not in flat.to_json()
    assert max_affine.design(max_affine.problem(values), EPS, "sharp") == scalar


def test_float_formats_are_those_of_the_layer_as_written() -> None:
    """Dot products of size R lose more than the distances of the scalar evaluator, and slots a little more."""
    values = {"lipschitz": "1", "dim": "1", "tokens": "2"}
    errors = [
        design_float_error(max_affine.design(max_affine.problem(values | {"variant": v}), EPS, "sharp"), "fp32")
        for v in ("scalar", "flat", "tokens")
    ]
    assert 0 < errors[0] < errors[1] < errors[2] < 1e-2
    made = design(problem(given(dim="1", tokens="1")), EPS, "sharp")
    assert design_format(made, EPS) in ("fp32", "fp64")
    huge = design(problem(given(dim="5", tokens="5")), EPS, "sharp")
    assert isinstance(huge, Design)
    assert design_format(huge, EPS) in ("fp32", "fp64")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keys": "-1"}, "keys: '-1' is not a count"),
        ({"outputs": "x"}, "outputs: 'x' is not a count"),
        ({"keys": "99999"}, r"keys: 2 x \(99999 \+ 2\) coordinates are too many"),
        ({"dim": "0"}, "dim: '0' is not a count"),
        ({"domain": "0..1,0..2"}, "domain: give one interval, or one for each of the 6 coordinates"),
    ],
)
def test_bad_options_are_refused(options: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        problem(given(**options))


def test_it_is_found_by_name_and_documented() -> None:
    assert load("cross-attention") is THEOREM
    assert {o.name for o in THEOREM.options} >= {"keys", "tokens", "outputs", "lipschitz"}
