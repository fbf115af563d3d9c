"""Experiments: every one runs in its quick version, is redone from its CSV, and shows what it claims."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attain.experiments.experiment import Experiment, Row, from_csv, load, slugs, to_csv
from attain.experiments.figure import draw, to_markdown
from attain.numeric.layer import AttentionLayer, materialise
from attain.numeric.sensitivity import Perturbation, gaussian_perturbation, sensitivity_bound
from attain.numeric.sequences import network_of_sequence
from attain.symbolic.named_sequences import named_sequence
from attain.symbolic.theorems.max_affine import design
from hypothesis import given, settings
from hypothesis import strategies as st

TRAINED = ("temperature", "training")
PLAIN = [name for name in slugs() if name not in TRAINED]


def test_the_experiments_that_are_asked_for() -> None:
    assert set(slugs()) == {"construction", "scaling", "noise", "dimension", "perturbation", *TRAINED}
    with pytest.raises(ValueError, match="did you mean scaling"):
        load("scalling")


def quick(name: str) -> tuple[Experiment, list[Row]]:
    experiment = load(name)
    rows = list(experiment.run(0, True))
    assert len(rows) == experiment.count(True)
    assert all(tuple(row) == experiment.columns for row in rows)
    return experiment, rows


def redone(experiment: Experiment, rows: list[Row], folder: Path) -> None:
    again = from_csv(experiment, to_csv(experiment, rows))
    assert again == [dict(row) for row in rows]
    assert to_markdown(experiment, again) == to_markdown(experiment, rows)
    pytest.importorskip("matplotlib")
    for name, data in (("a.svg", rows), ("b.svg", again)):
        draw(experiment, data, folder / name)
    a, b = ((folder / name).read_text() for name in ("a.svg", "b.svg"))
    assert a.count("<path") == b.count("<path") > 10


@pytest.mark.parametrize("name", PLAIN)
def test_quick_versions(name: str, tmp_path: Path) -> None:
    experiment, rows = quick(name)
    redone(experiment, rows, tmp_path)
    if "bound" in experiment.columns and name != "construction" and name != "scaling":
        key = "change" if name == "perturbation" else "largest"
        assert all(float(row[key]) <= float(row["bound"]) for row in rows)
    if name == "construction":
        assert all(row["lower"] <= row["upper"] <= row["eps"] for row in rows)
    if name == "scaling":
        assert all(row["observed"] <= row["error_bound"] for row in rows)
    if name == "dimension":
        assert all(row["largest"] <= row["error_bound"] * (1 + 1e-12) for row in rows)


@pytest.mark.peer
@pytest.mark.parametrize("name", TRAINED)
def test_trained_versions(name: str, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    experiment, rows = quick(name)
    redone(experiment, rows, tmp_path)
    assert quick(name)[1] == rows


@pytest.fixture(scope="module")
def layer() -> AttentionLayer:
    f = named_sequence("running-max", 1, 2, (Fraction(0), Fraction(1)))
    return materialise(network_of_sequence(design(f.target, Fraction(1, 4), "sharp"), f))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 10**6), st.floats(-8, 0))
def test_the_sensitivity_bound_holds(layer: AttentionLayer, seed: int, exponent: float) -> None:
    rng = np.random.default_rng(seed)
    x, change = rng.random((1, 2)), gaussian_perturbation(layer, 10**exponent, rng)
    moved = np.abs(change.applied(layer)(x) - layer(x)).max()
    assert moved <= sensitivity_bound(layer, x, change)


def test_an_aligned_perturbation_comes_close(layer: AttentionLayer) -> None:
    """W_V moved along the largest key column uses the whole allowance for W_V."""
    x = np.array([[0.2, 0.7]])
    z = layer.key(x)
    k = int(np.linalg.norm(z, axis=0).argmax())
    push = np.outer(np.ones(len(layer.W_V)), z[:, k]) / np.linalg.norm(z[:, k]) * 1e-6
    change = Perturbation(np.zeros_like(layer.W_Q), np.zeros_like(layer.W_K), push)
    moved = np.abs(change.applied(layer)(x) - layer(x)).max()
    bound = sensitivity_bound(layer, x, change)
    assert bound / 20 < moved <= bound


def test_the_command(tmp_path: Path, attain: Callable[..., Any]) -> None:
    words = ["dimension", "--quick", "--picture", "none", "--output", str(tmp_path)]
    data: Any = json.loads(attain("experiment", *words, "--json").stdout)
    assert data["rows"] == 4
    raw = (tmp_path / "dimension.csv").read_text()
    again = tmp_path / "again"
    redo = ["dimension", "--from", str(tmp_path / "dimension.csv"), "--picture", "none", "--output", str(again)]
    attain("experiment", *redo)
    assert (again / "dimension.csv").read_text() == raw
    assert (again / "dimension.md").read_text() == (tmp_path / "dimension.md").read_text()
    assert "scaling: " in attain("experiment", "--list").stdout


def test_bad_input_is_one_line(tmp_path: Path, attain: Callable[..., Any]) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(b"\xff\xfe")
    for args in (["nothing"], [], ["noise", "--picture", "bmp"], ["noise", "--from", str(wrong)]):
        assert attain("experiment", *args, status=2).stderr.count("\n") == 1
    wrong.write_text("kappa,noise\n1,2\n")
    assert "the columns of noise" in attain("experiment", "noise", "--from", str(wrong), status=2).stderr


def test_the_gallery_shows_what_the_readme_says() -> None:
    root = Path(__file__).resolve().parent.parent
    readme = " ".join((root / "README.md").read_text(encoding="utf-8").split())
    said = {}
    for name in ("scaling", "temperature"):
        assert f"docs/gallery/{name}.png" in readme
        experiment = load(name)
        text = (root / "docs" / "gallery" / f"{name}.csv").read_text(encoding="utf-8")
        said[name] = " ".join(experiment.summary(from_csv(experiment, text)))
    for number in ("bound -1.000", "bound -1.883", "smooth: the observed error is least at kappa = 2"):
        assert number in said["scaling"]
        assert number.split()[-1] in readme
    for start, end in (("0.102", "9.74"), ("1.02e+03", "1.2e+03")):
        assert f"{start} -> {end}" in said["temperature"]
        assert f"{start} to {end}" in readme
