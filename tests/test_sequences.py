"""Matrix-valued targets: by name and as text, certified entry by entry, and re-checked."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attain.cli.certify import read_sides
from attain.cli.sequences import read_outputs
from attain.numeric.sequence_certificate import SequenceCertificate, certify_sequence
from attain.proofs.check import CheckError, check
from attain.proofs.designs import designs_for, measured
from attain.symbolic.design import Design
from attain.symbolic.exact import ball
from attain.symbolic.expression import evaluate as evaluate_expression
from attain.symbolic.named_sequences import is_named, named_sequence
from attain.symbolic.sequence import SequenceTarget
from attain.symbolic.tree import to_text
from hypothesis import given, settings
from hypothesis import strategies as st

UNIT = (Fraction(0), Fraction(1))
NAMES = ("row-sort", "running-max", "column-softmax", "causal-mean", "reverse", "convolution(1/2, -1/4)")


def plain(name: str, X: np.ndarray) -> np.ndarray:
    """The functions as NumPy has them."""
    n = X.shape[1]
    if name == "row-sort":
        return np.sort(X, axis=1)
    if name == "running-max":
        return np.maximum.accumulate(X, axis=1)
    if name == "column-softmax":
        weights = np.exp(X - X.max(axis=0))
        return weights / weights.sum(axis=0)
    if name == "causal-mean":
        return np.cumsum(X, axis=1) / np.arange(1, n + 1)
    if name == "reverse":
        return X[:, ::-1]
    return np.stack([np.convolve(row, [0.5, -0.25])[:n] for row in X])


def value(f: SequenceTarget, X: np.ndarray) -> np.ndarray:
    point = dict(zip(f.target.variables, X.T.ravel(), strict=True))
    return np.array([[float(evaluate_expression(e, point, np)) for e in row] for row in f.outputs])


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(0, 10**6))
def test_named_sequences_are_what_their_names_say(name: str, d: int, n: int, seed: int) -> None:
    X = np.random.default_rng(seed).uniform(-2, 3, (d, n))
    f = named_sequence(name, d, n, (Fraction(-2), Fraction(3)))
    assert value(f, X) == pytest.approx(plain(name, X), abs=1e-12)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "column-softmax"])
@pytest.mark.parametrize(("d", "n"), [(1, 2), (2, 1), (1, 3)])
def test_their_constants_hold(name: str, d: int, n: int) -> None:
    wide = (Fraction(-1), Fraction(1))
    f = named_sequence(name, d, n, wide)
    for row in f.outputs:
        for entry in row:
            proved = measured(entry, f.target.variables, f.target.box)
            slack = 1 + Fraction(1, 1000)
            for norm, L in f.target.lipschitz.items():
                assert ball(proved.lipschitz[norm]) <= ball(L) * ball(slack)
            assert ball(proved.osc or 0) <= ball(f.target.osc or 0) * ball(slack)
            if f.target.hessian is not None:
                assert proved.hessian is not None
                assert ball(proved.hessian) <= ball(f.target.hessian) * ball(slack) + Fraction(1, 10**8).numerator


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.integers(2, 5), st.integers(0, 10**6))
def test_the_softmax_constants_at_random_points(d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, u = rng.normal(0, 2, d), rng.normal(0, 1, d)
    p, u = np.exp(x) / np.exp(x).sum(), u / np.linalg.norm(u)
    gradient = p[0] * (np.eye(d)[0] - p)
    curvature = p[0] * ((u[0] - p @ u) ** 2 - (p @ u**2 - (p @ u) ** 2))
    f = named_sequence("column-softmax", d, 1, UNIT).target
    norms = {"l1": np.abs(gradient).max(), "l2": np.linalg.norm(gradient), "linf": np.abs(gradient).sum()}
    for norm, L in f.lipschitz.items():
        assert norms[norm] <= float(ball(L)) * (1 + 1e-12)
    assert abs(curvature) <= float(ball(f.hessian or 0))


def test_names_are_told_from_formulas() -> None:
    assert is_named("reverse")
    assert not is_named("x - y")
    assert not is_named("max(x, y)")
    for text, match in [
        ("convolution", "give the weights"),
        ("convolution(0, 1)", "differ from 0"),
        ("reverse(1)", "no weights"),
        ("shuffle", "known"),
    ]:
        with pytest.raises(ValueError, match=match):
            named_sequence(text, 1, 2, UNIT)
    with pytest.raises(ValueError, match="at most 8"):
        named_sequence("row-sort", 1, 9, UNIT)


def certified(f: SequenceTarget, eps: Fraction, bound: str = "sharp") -> SequenceCertificate:
    design = designs_for(f.target, eps)[bound]
    assert isinstance(design, Design)
    return certify_sequence(f, design, eps, 0.1, 20)


def test_every_entry_is_within_the_shared_bound() -> None:
    found = certified(named_sequence("running-max", 1, 2, UNIT), Fraction(1, 5))
    assert found.holds
    for part in found.parts:
        assert part.sup_error is not None
        assert part.observed is not None
        assert part.observed.max <= float(part.sup_error.upper) <= 0.2 * (1 + 1e-9)
    assert found.to_json()["sup_error"]["upper"] == max(
        (p.to_json()["sup_error"]["upper"] for p in found.parts), key=Fraction
    )


def tampered(data: dict[str, Any]) -> list[dict[str, Any]]:
    text = json.dumps(data)
    found = []
    for change in (
        lambda d: d["sup_error"].update(upper="0.01"),
        lambda d: d.update(holds=False),
        lambda d: d.update(holds=1),
        lambda d: d.update(d=2),
        lambda d: d["entries"][0][0].update(eps="100"),
        lambda d: d["entries"][0][1]["sup_error"].update(upper="0.01"),
        lambda d: d["entries"][0][1]["regularity"]["axes"].__setitem__(0, "0.4"),
    ):
        copy = json.loads(text)
        change(copy)
        found.append(copy)
    return found


def test_the_whole_is_rechecked(tmp_path: Path) -> None:
    f = read_outputs(["x2; x1*x2"], read_sides(["x1=0..1", "x2=0..1"]))
    assert (f.d, f.n, [to_text(e) for e in f.outputs[0]]) == (1, 2, ["x2", "x1*x2"])
    found = certified(f, Fraction(1, 2))
    found.save(tmp_path / "f.json")
    data = json.loads((tmp_path / "f.json").read_text())
    assert check(data).ok
    for changed in tampered(data):
        assert check(changed).ok is False
    for wrong in ({"entries": []}, {"entries": [[{}]]}, {"entries": [data["entries"][0], [data["entries"][0][0]]]}):
        with pytest.raises(CheckError):
            check({**data, **wrong})
    assert check({**data, "sup_error": "x"}).ok is False
    for wrong in ({"entries": [[data, data]]}, {"d": True}, {"n": 1}, {"n": [2]}):
        with pytest.raises(CheckError):
            check({**data, **wrong})


def test_shapes_must_fit() -> None:
    sides = read_sides(["x=0..1", "y=0..1", "z=0..1"])
    with pytest.raises(ValueError, match="do not divide"):
        read_outputs(["x; y"], sides)
    with pytest.raises(ValueError, match="as many entries"):
        read_outputs(["x", "y; z"], sides)
    with pytest.raises(ValueError, match="row 1, token 2"):
        read_outputs(["x; q; y"], sides)
    with pytest.raises(ValueError, match="give every variable"):
        read_sides([])
