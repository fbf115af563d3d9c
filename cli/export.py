"""attain export: a certified network as a file that other programs run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import REFUTED, Json, MissingDependency, Quiet, print_json, print_line, require

if TYPE_CHECKING:
    import numpy as np

    from ..numeric.layer import AttentionLayer

INPUTS = 64
LIBRARIES = {"npz": (), "safetensors": ("safetensors",), "onnx": ("onnx",), "torch": ("torch",)}


def export(
    design: Annotated[Path, typer.Argument(help="A certificate written by attain certify --save.")],
    form: Annotated[str, typer.Option("--format", help="safetensors, onnx, npz or torch.")] = "safetensors",
    output: Annotated[Path | None, typer.Option(help="The file to write (default: beside the certificate).")] = None,
    dtype: Annotated[str, typer.Option("--float", help="float64 or float32.")] = "float64",
    variant: Annotated[str, typer.Option(help="tokens (nG tokens) or flat (G tokens, one column).")] = "tokens",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the layer of a certificate as standard softmax attention, with its float-error bound; run it once more.

    Where the program that reads the format is installed, the file is loaded again and compared at 64 inputs: both
    runs are within the float bound of the exact layer, so they differ by at most twice that.
    """
    from ..numeric.export import DTYPES, ENDINGS, FORMATS, write
    from ..numeric.formats import layer_error
    from ..numeric.layer import materialise
    from ..numeric.saved import read_sequence
    from ..numeric.sequences import layer_facts, network_of_sequence

    if form not in FORMATS:
        raise ValueError(f"format: {form!r} is unknown; choose {', '.join(FORMATS)}")
    if dtype not in DTYPES or variant not in ("tokens", "flat"):
        raise ValueError("float: choose float64 or float32; variant: tokens or flat")
    for library in LIBRARIES[form]:
        require(library, "learn" if library == "torch" else "export", f"the format {form}")
    made, target = read_sequence(design)
    network = network_of_sequence(made, target, variant)
    layer, facts = materialise(network), layer_facts(made, network)
    bound = layer_error(facts, {"float64": "fp64", "float32": "fp32"}[dtype])
    path = output or design.with_suffix(ENDINGS[form])
    texts = {"producer": "attain", "error_bound": made.error_bound, "float_bound": repr(bound)}
    write(layer, path, form, dtype, texts)
    result: dict[str, Any] = {
        "file": str(path),
        "format": form,
        "float": dtype,
        "shapes": {name: list(getattr(layer, name).shape) for name in ("W_Q", "W_K", "W_V", "W_O")},
        "error_bound": made.error_bound,
        "float_bound": bound,
    }
    inputs = _inputs(made, target.d, target.n)
    found = _reloaded(path, form, dtype, target.n, inputs)
    if found is not None:
        apart = _difference(layer, inputs, found)
        result["reloaded"] = {"inputs": INPUTS, "largest_difference": apart, "within_bound": apart <= 2 * bound}
    if json:
        print_json(result)
    else:
        _show(result)
    if found is not None and not result["reloaded"]["within_bound"]:
        raise typer.Exit(REFUTED)


def _show(result: dict[str, Any]) -> None:
    shapes = ", ".join(f"{name} {rows} x {columns}" for name, (rows, columns) in result["shapes"].items())
    print_line(f"{result['file']}: {shapes} in {result['float']}")
    print_line(
        f"|F - f| <= {result['error_bound']} in exact arithmetic; floats add at most {result['float_bound']:.3g}"
    )
    if again := result.get("reloaded"):
        verdict = "within" if again["within_bound"] else "BEYOND"
        apart = again["largest_difference"]
        print_line(f"loaded again: differs by {apart:.3g} at {again['inputs']} inputs, {verdict} the bound")


def _inputs(made: Any, d: int, n: int) -> np.ndarray:
    import numpy as np

    from ..symbolic.exact import ball

    low, high = np.array([[float(ball(end).mid()) for end in side] for side in made.target.box]).T
    points = low + np.random.default_rng(0).random((INPUTS, d * n)) * (high - low)
    return points.reshape(INPUTS, n, d).transpose(0, 2, 1)


def _difference(layer: AttentionLayer, inputs: np.ndarray, found: np.ndarray) -> float:
    import numpy as np

    return float(max(np.abs(layer(x) - y).max() for x, y in zip(inputs, found, strict=True)))


def _reloaded(path: Path, form: str, dtype: str, n: int, inputs: np.ndarray) -> np.ndarray | None:
    """What the file gives at the inputs, run by the program it is for; None if that is not installed."""
    import numpy as np

    from ..numeric.export import layer_of

    x = inputs.astype(dtype)
    if form == "onnx":
        try:
            require("onnxruntime", "export", "running it")
        except MissingDependency:
            return None
        from onnxruntime import InferenceSession

        return np.asarray(InferenceSession(path.read_bytes()).run(None, {"X": x})[0])
    if form == "torch":
        import torch

        from ..numeric.torch_layer import AttentionModule

        module = AttentionModule(torch.load(path, weights_only=True), n)
        return np.asarray(module(torch.from_numpy(x)).detach().numpy())
    if form == "safetensors":
        from safetensors.numpy import load_file

        arrays = load_file(path)
    else:
        with np.load(path) as data:
            arrays = {name: data[name] for name in data.files if name != "metadata"}
    layer = layer_of(arrays, n)
    return np.stack([layer(point, dtype=dtype) for point in x])
