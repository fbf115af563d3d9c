"""The same networks through PyTorch's attention: queries [x; 1], keys R[v; −½‖v‖²], no scaling, no mask."""

import numpy as np
import pytest
from attain.numeric.evaluate import evaluate
from attain.numeric.floats import float_error, grid_facts
from attain.numeric.network import grid_network, midpoint_grid

pytestmark = pytest.mark.peer

torch = pytest.importorskip("torch", reason="the peer needs PyTorch (extra 'learn')")

# PyTorch's fused CPU kernels use an exponential good to 20 units in the last place.
EXP_ULPS = 24.0

# (name, target, its dimension, an l2 Lipschitz constant, box, cells per axis, kappa)
TARGETS = [
    ("sin x + cos y", lambda x, y: np.sin(x) + np.cos(y), 2, 1.32, (0, 1), 24, 2.0),
    ("max(x, y)", np.maximum, 2, 1.0, (-1, 1), 32, 4.0),
    ("Runge", lambda x: 1 / (1 + 25 * x**2), 1, 3.25, (-1, 1), 64, 3.0),
    ("x y z", lambda x, y, z: x * y * z, 3, 1.74, (0, 1), 10, 2.0),
]
USEFUL = {"fp32": 1e-3, "fp64": 5e-12}


def build(target, dim, box, count, kappa):
    """The network on the box moved to its centre, and its points."""
    lo, hi = box
    half, middle = (hi - lo) / 2, (hi + lo) / 2
    axis = midpoint_grid(-half, half, count)
    values = target(*np.meshgrid(*[axis + middle] * dim, indexing="ij"))
    net = grid_network([axis] * dim, (kappa * (count / (hi - lo)) ** 2,) * dim, values)
    points = np.random.default_rng(count).uniform(-half, half, size=(200, dim))
    return net, np.float32(points).astype(np.float64)


def torch_attention(net, points, dtype):
    wide = net.expand()
    keys = wide.temperature * np.concatenate([wide.centres, -(wide.centres**2).sum(1, keepdims=True) / 2], axis=1)
    queries = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    q, k, v = (torch.tensor(a[None, None], dtype=dtype) for a in (queries, keys, wide.values[:, None]))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=1.0)[0, 0, :, 0].double().numpy()


@pytest.mark.parametrize("case", TARGETS, ids=[t[0] for t in TARGETS])
@pytest.mark.parametrize("precision", ["fp32", "fp64"])
def test_same_function_as_scaled_dot_product_attention(case, precision):
    _, target, dim, lipschitz, box, count, kappa = case
    net, points = build(target, dim, box, count, kappa)
    facts = grid_facts(net, lipschitz)
    bound = float_error("product", facts, precision, exp_ulps=EXP_ULPS)
    assert bound < USEFUL[precision]
    theirs = torch_attention(net, points, torch.float32 if precision == "fp32" else torch.float64)
    own = float_error("dense", facts, "fp64")
    for method in ("dense", "separable", "local"):
        ours = evaluate(net, points, method)
        assert abs(theirs - ours.values).max() <= bound + own + ours.dropped


def test_fused_kernel_agrees_too():
    """A value as wide as the query is what PyTorch's fused kernels want; the extra columns are zeros."""
    net, points = build(*TARGETS[0][1:3], *TARGETS[0][4:])
    wide = net.expand()
    keys = wide.temperature * np.concatenate([wide.centres, -(wide.centres**2).sum(1, keepdims=True) / 2], axis=1)
    queries = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    values = np.zeros_like(keys)
    values[:, 0] = wide.values
    q, k, v = (torch.tensor(a[None, None], dtype=torch.float32) for a in (queries, keys, values))
    theirs = torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=1.0)[0, 0, :, 0].double().numpy()
    bound = float_error("product", grid_facts(net), "fp32", exp_ulps=EXP_ULPS)
    assert abs(theirs - evaluate(net, points).values).max() <= bound


def test_the_bound_tells_a_wrong_layer_from_a_right_one():
    """PyTorch's default scale 1/sqrt(E) is another temperature: that must not pass."""
    net, points = build(*TARGETS[0][1:3], *TARGETS[0][4:])
    wide = net.expand()
    keys = wide.temperature * np.concatenate([wide.centres, -(wide.centres**2).sum(1, keepdims=True) / 2], axis=1)
    queries = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    q, k, v = (torch.tensor(a[None, None]) for a in (queries, keys, wide.values[:, None]))
    scaled = torch.nn.functional.scaled_dot_product_attention(q, k, v)[0, 0, :, 0].numpy()
    bound = float_error("product", grid_facts(net), "fp64", exp_ulps=EXP_ULPS)
    assert abs(scaled - evaluate(net, points).values).max() > 1e3 * bound
