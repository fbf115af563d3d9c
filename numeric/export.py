"""A layer as files that other programs run: npz, safetensors, ONNX, or a PyTorch state.

Names of the tensors: ``query.left.0 …`` and ``query.right.0 …``, ``query.constant`` for Lin(X) = Σ_t left_t X right_t +
constant, the same with ``key.`` in cross-attention, and ``W_Q``, ``W_K``, ``W_V``, ``W_O``. The output is
W_V Z_K softmax((W_K Z_K)ᵀ W_Q Z_Q) W_O, its columns stacked and cut into n columns again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .layer import AttentionLayer, LinearSum

FORMATS = ("npz", "safetensors", "onnx", "torch")
DTYPES = ("float64", "float32")
ENDINGS = {"npz": ".npz", "safetensors": ".safetensors", "onnx": ".onnx", "torch": ".pt"}
OPSET = 17


def tensors(layer: AttentionLayer, dtype: str = "float64") -> dict[str, np.ndarray]:
    """The arrays of a layer by name, in `dtype`."""
    sums = {"query": layer.query} | ({} if layer.key is layer.query else {"key": layer.key})
    found: dict[str, np.ndarray] = {}
    for name, linear in sums.items():
        for side, terms in (("left", linear.left), ("right", linear.right)):
            found |= {f"{name}.{side}.{t}": term for t, term in enumerate(terms)}
        found[f"{name}.constant"] = linear.constant
    found |= {"W_Q": layer.W_Q, "W_K": layer.W_K, "W_V": layer.W_V, "W_O": layer.W_O}
    return {name: np.ascontiguousarray(value, dtype=dtype) for name, value in found.items()}


def layer_of(arrays: Mapping[str, np.ndarray], n: int) -> AttentionLayer:
    """The layer with these arrays: inverse of `tensors`.

    >>> from .layer import materialise, sequence_network
    >>> from .network import grid_network
    >>> net = grid_network([[0.0, 1.0]] * 2, (4.0, 4.0), [[0.0, 1.0], [2.0, 3.0]])
    >>> layer = materialise(sequence_network(1, 2, [[net, net]]))
    >>> x = np.array([[0.25, 0.5]])
    >>> bool((layer_of(tensors(layer), 2)(x) == layer(x)).all())
    True
    """

    def linear(name: str) -> LinearSum:
        count = sum(key.startswith(f"{name}.left.") for key in arrays)
        sides = [[arrays[f"{name}.{side}.{t}"] for t in range(count)] for side in ("left", "right")]
        return LinearSum(np.stack(sides[0]), np.stack(sides[1]), arrays[f"{name}.constant"])

    query = linear("query")
    key = linear("key") if "key.constant" in arrays else query
    return AttentionLayer(query, key, arrays["W_Q"], arrays["W_K"], arrays["W_V"], arrays["W_O"], n)


def write(layer: AttentionLayer, path: Path, form: str, dtype: str, facts: Mapping[str, str]) -> None:
    """Write `layer` and the texts `facts`; a file of that name is replaced only when the new one is complete.

    Raises ValueError for an unknown format or dtype, ImportError where its library is absent.
    """
    if form not in FORMATS or dtype not in DTYPES:
        raise ValueError(f"format: choose {', '.join(FORMATS)} in {' or '.join(DTYPES)}, not {form} in {dtype}")
    arrays, texts = tensors(layer, dtype), {**facts, "n": str(layer.n), "dtype": dtype}
    part = path.with_name(path.name + ".part")
    if form == "npz":
        with part.open("wb") as file:
            np.savez(file, **arrays, metadata=np.array(json.dumps(texts)))  # type: ignore[arg-type]
    elif form == "safetensors":
        from safetensors.numpy import save_file

        save_file(arrays, part, metadata=texts)
    elif form == "onnx":
        import onnx

        onnx.save(onnx_model(layer, dtype, texts), part)
    else:
        import torch

        torch.save({name: torch.from_numpy(value) for name, value in arrays.items()}, part)
    part.replace(path)


def onnx_model(layer: AttentionLayer, dtype: str, facts: Mapping[str, str]) -> Any:
    """The layer as a graph from X (batch, d, n), and X_K (batch, d, m) in cross-attention, to Y (batch, d_o, n)."""
    from onnx import TensorProto, helper, numpy_helper

    kind = TensorProto.DOUBLE if dtype == "float64" else TensorProto.FLOAT
    arrays, nodes = tensors(layer, dtype), []
    shapes = {"to_columns": [0, layer.n, -1]}
    constants = [numpy_helper.from_array(np.asarray(s, dtype=np.int64), name) for name, s in shapes.items()]

    def node(operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def linear(name: str, source: str, terms: int) -> str:
        total = f"{name}.constant"
        for t in range(terms):
            left = node("MatMul", [f"{name}.left.{t}", source], f"{name}.{t}.a")
            product = node("MatMul", [left, f"{name}.right.{t}"], f"{name}.{t}.b")
            total = node("Add", [total, product], f"{name}.{t}.sum")
        return total

    cross = layer.key is not layer.query
    Z_Q = linear("query", "X", len(layer.query.left))
    Z_K = linear("key", "X_K", len(layer.key.left)) if cross else Z_Q
    asked, keys = node("MatMul", ["W_Q", Z_Q], "asked"), node("MatMul", ["W_K", Z_K], "keys")
    scores = node("MatMul", [node("Transpose", [keys], "keys_t", perm=[0, 2, 1]), asked], "scores")
    weights = node("Softmax", [scores], "weights", axis=1)
    mixed = node("MatMul", [node("MatMul", ["W_V", Z_K], "values"), weights], "mixed")
    columns = node("Transpose", [node("MatMul", [mixed, "W_O"], "out")], "out_t", perm=[0, 2, 1])
    node("Transpose", [node("Reshape", [columns, "to_columns"], "cut")], "Y", perm=[0, 2, 1])
    inputs = {"X": layer.query, "X_K": layer.key} if cross else {"X": layer.query}
    graph = helper.make_graph(
        nodes,
        "attention",
        [
            helper.make_tensor_value_info(name, kind, ["batch", linear.left.shape[2], linear.right.shape[1]])
            for name, linear in inputs.items()
        ],
        [helper.make_tensor_value_info("Y", kind, ["batch", None, layer.n])],
        [*(numpy_helper.from_array(value, name) for name, value in arrays.items()), *constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="attain")
    model.ir_version = 9
    for name, text in facts.items():
        model.metadata_props.add(key=name, value=text)
    return model
