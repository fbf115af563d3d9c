"""Exported layers: read back by other programs, they give the same outputs within the float bound."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attain.numeric.certificate import certify
from attain.numeric.export import layer_of, onnx_model, tensors, write
from attain.numeric.formats import layer_error
from attain.numeric.layer import AttentionLayer, materialise
from attain.numeric.saved import read_sequence
from attain.numeric.sequence_certificate import certify_sequence
from attain.numeric.sequences import layer_facts, network_of_sequence
from attain.proofs.designs import designs_for, measured, measured_sequence
from attain.symbolic.design import Design
from attain.symbolic.expression import parse
from attain.symbolic.named_sequences import named_sequence
from attain.symbolic.sequence import SequenceTarget

UNIT = (Fraction(0), Fraction(1))
EPS = Fraction(1, 4)


def sized(f: SequenceTarget, bound: str = "sharp") -> Design:
    found = designs_for(f.target, EPS)[bound]
    assert isinstance(found, Design)
    return found


TARGETS = {
    "running-max": lambda: named_sequence("running-max", 1, 2, UNIT),
    "softmax": lambda: named_sequence("column-softmax", 2, 1, UNIT),
    "matrix": lambda: measured_sequence(1, 2, [["y", "x*y"], ["x", "x + y"]], ("x", "y"), (UNIT, UNIT)),
    "memory": lambda: measured_sequence(1, 1, [["k*x"]], ("k", "x"), (UNIT, UNIT), 1),
}


def built(name: str, variant: str = "tokens") -> tuple[Design, AttentionLayer, float, float]:
    """The design, the layer, and its float bounds in fp64 and fp32."""
    f = TARGETS[name]()
    made = sized(f)
    network = network_of_sequence(made, f, None if f.memory else variant)
    facts = layer_facts(made, network)
    return made, materialise(network), layer_error(facts, "fp64"), layer_error(facts, "fp32")


def inputs(layer: AttentionLayer, dtype: str = "float64") -> list[np.ndarray]:
    """X, and X_K in cross-attention, five of each."""
    sums = [layer.query] + ([] if layer.key is layer.query else [layer.key])
    rng = np.random.default_rng(1)
    return [rng.random((5, s.left.shape[2], s.right.shape[1])).astype(dtype) for s in sums]


def expected(layer: AttentionLayer) -> np.ndarray:
    return np.stack([layer(*xs) for xs in zip(*inputs(layer), strict=True)])


CASES = [("running-max", "tokens"), ("matrix", "tokens"), ("matrix", "flat"), ("softmax", "flat"), ("memory", "tokens")]


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_npz_gives_the_same_layer(name: str, variant: str, tmp_path: Path) -> None:
    _, layer, _, _ = built(name, variant)
    write(layer, tmp_path / "l.npz", "npz", "float64", {"a": "b"})
    with np.load(tmp_path / "l.npz") as data:
        assert json.loads(str(data["metadata"])) == {"a": "b", "n": str(layer.n), "dtype": "float64"}
        again = layer_of({k: data[k] for k in data.files}, layer.n)
    found = np.stack([again(*xs) for xs in zip(*inputs(layer), strict=True)])
    assert np.array_equal(found, expected(layer))


@pytest.mark.peer
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "variant"), CASES)
@pytest.mark.parametrize("form", ["safetensors", "onnx", "torch"])
def test_other_programs_agree_within_the_bound(form: str, name: str, variant: str, dtype: str, tmp_path: Path) -> None:
    _, layer, exact, single = built(name, variant)
    path = tmp_path / "layer"
    X = inputs(layer, dtype)
    if form == "onnx":
        runtime = pytest.importorskip("onnxruntime")
        pytest.importorskip("onnx")
        write(layer, path, form, dtype, {})
        session = runtime.InferenceSession(path.read_bytes())
        found = session.run(None, dict(zip(("X", "X_K"), X, strict=False)))[0]
    elif form == "torch":
        torch = pytest.importorskip("torch")
        from attain.numeric.torch_layer import AttentionModule

        write(layer, path, form, dtype, {})
        module = AttentionModule(torch.load(path, weights_only=True), layer.n)
        found = module(*map(torch.from_numpy, X)).numpy()
    else:
        safetensors = pytest.importorskip("safetensors.numpy")
        write(layer, path, form, dtype, {})
        again = layer_of(safetensors.load_file(path), layer.n)
        found = np.stack([again(*xs, dtype=dtype) for xs in zip(*X, strict=True)])
    assert found.dtype == dtype
    bound = exact + (exact if dtype == "float64" else single)
    slack = 0 if dtype == "float64" else 1e-6
    assert np.abs(found - expected(layer)).max() <= bound + slack


@pytest.mark.peer
def test_the_graph_is_valid_and_says_where_it_comes_from() -> None:
    onnx = pytest.importorskip("onnx")
    _, layer, _, _ = built("memory")
    model = onnx_model(layer, "float64", {"producer": "attain"})
    onnx.checker.check_model(model, full_check=True)
    assert [i.name for i in model.graph.input] == ["X", "X_K"]
    assert {p.key: p.value for p in model.metadata_props} == {"producer": "attain"}


def test_arrays_are_in_the_format_asked_for() -> None:
    _, layer, _, _ = built("running-max")
    assert {a.dtype.name for a in tensors(layer, "float32").values()} == {"float32"}
    with pytest.raises(ValueError, match="choose npz"):
        write(layer, Path("x"), "pickle", "float64", {})


def saved(folder: Path) -> tuple[Path, Path]:
    scalar, several = folder / "scalar.json", folder / "several.json"
    target = measured(parse("sin(x) + y"), ("x", "y"), (UNIT, UNIT))
    made = designs_for(target, EPS)["smooth"]
    assert isinstance(made, Design)
    certify(made, EPS, 0.5, 5).save(scalar)
    f = TARGETS["matrix"]()
    certify_sequence(f, sized(f), EPS, 0.5, 5).save(several)
    return scalar, several


def test_certificates_are_read_back_and_exported(tmp_path: Path, attain: Callable[..., Any]) -> None:
    scalar, several = saved(tmp_path)
    made, f = read_sequence(several)
    again = network_of_sequence(made, f)
    first = network_of_sequence(sized(TARGETS["matrix"]()), TARGETS["matrix"]())
    assert np.array_equal(again.values(), first.values())
    assert again.grid.temperature == first.grid.temperature
    for file in (scalar, several):
        data: Any = json.loads(attain("export", str(file), "--format", "npz", "--json").stdout)
        assert data["reloaded"]["within_bound"]
        assert Path(data["file"]).exists()
    flat = attain("export", str(several), "--format", "npz", "--float", "float32", "--variant", "flat")
    assert "differs by" in flat.stdout


def test_bad_input_is_one_line(tmp_path: Path, attain: Callable[..., Any]) -> None:
    scalar, several = saved(tmp_path)
    wrong = tmp_path / "wrong.json"
    data = json.loads(scalar.read_text())
    data["design"]["P"] = [3]
    bad = [
        b"",
        b"\xff",
        b"{}",
        b"[1]",
        b'{"format": "attain-certificates/1", "entries": []}',
        json.dumps(data).encode(),
    ]
    for text in bad:
        wrong.write_bytes(text)
        assert attain("export", str(wrong), "--format", "npz", status=2).stderr.count("\n") == 1
    whole = several.read_text()
    for change in ({"entries": [[]]}, {"entries": []}, {"d": float("inf")}, {"n": 1.5}):
        wrong.write_text(json.dumps(json.loads(whole) | change))
        with pytest.raises(ValueError, match=r"^[^\n]*expected[^\n]*$"):
            read_sequence(wrong)
    mixed = json.loads(whole)
    mixed["entries"][0][1]["design"]["P"] = [7] * len(mixed["entries"][0][1]["design"]["P"])
    wrong.write_text(json.dumps(mixed))
    with pytest.raises(ValueError, match="one design"):
        read_sequence(wrong)
    for args in (["--format", "exe"], ["--float", "int8"], ["--variant", "cross"]):
        assert attain("export", str(scalar), *args, status=2).stderr.count("\n") == 1
