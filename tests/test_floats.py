"""A-priori float error bounds: never exceeded, and small enough to be of use."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from attain.numeric.evaluate import evaluate
from attain.numeric.floats import (
    FORMATS,
    GridFacts,
    PointFacts,
    _root_mean_square,
    float_error,
    float_format,
    float_format_needed,
    grid_facts,
    point_facts,
    second_moment_bound,
)
from attain.numeric.network import grid_network, midpoint_grid, point_network
from attain.numeric.reference import ExactGrid, reference, reference_network
from hypothesis import given, settings
from hypothesis import strategies as st

DTYPE = {"fp32": "float32", "fp64": "float64"}


def facts_of(kappa, count, dim, radius=1.0, value_max=2.0, value_osc=1.4):
    return GridFacts(
        (kappa * count**2,) * dim, (1 / count,) * dim, (count,) * dim, (radius,) * dim, value_max, value_osc
    )


def random_grid(seed):
    rng = np.random.default_rng(seed)
    dim = int(rng.integers(1, 4))
    counts = [int(n) for n in rng.integers(2, 7 if dim < 3 else 5, size=dim)]
    lo = [Fraction(int(rng.integers(-2000, 2000)), 97) for _ in counts]
    width = [Fraction(int(rng.integers(1, 300)), 89) for _ in counts]
    kappa = rng.uniform(0.2, 30, size=dim)
    axes = [midpoint_grid(a, a + w, n) for a, w, n in zip(lo, width, counts, strict=True)]
    rates = [float(k * (n / float(w)) ** 2) for k, n, w in zip(kappa, counts, width, strict=True)]
    net = grid_network(axes, rates, rng.normal(size=counts) + rng.normal())
    share = np.array([np.float32(rng.uniform(0.01, 0.99, size=dim)) for _ in range(2)])
    x = np.array([float(a) for a in lo]) + share * np.array([float(w) for w in width])
    return net, np.float32(x).astype(np.float64)


@settings(deadline=None, max_examples=80, derandomize=True)
@given(st.integers(0, 2**32))
def test_random_grids_stay_within_the_bound(seed):
    net, x = random_grid(seed)
    facts = grid_facts(net)
    truth = [reference_network(net, list(p), digits=30) for p in x]
    for name, dtype in DTYPE.items():
        for method in ("dense", "separable"):
            bound = float_error(method, facts, name)
            for value, exact in zip(evaluate(net, x, method, dtype=dtype).values, truth, strict=True):
                assert abs(mpmath.mpf(float(value)) - exact) <= bound


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(0, 2**32))
def test_random_points_stay_within_the_bound(seed):
    rng = np.random.default_rng(seed)
    dim, cells = int(rng.integers(1, 4)), int(rng.integers(1, 60))
    net = point_network(rng.uniform(-3, 5, size=(cells, dim)), float(rng.uniform(0.1, 200)), rng.normal(size=cells))
    x = np.float32(rng.uniform(-4, 6, size=(2, dim))).astype(np.float64)
    cover = float(np.sqrt(((x[:, None] - net.centres[None]) ** 2).sum(-1)).min(1).max()) * (1 + 1e-12)
    facts = point_facts(net, cover, (6.0,) * dim)
    for name, dtype in DTYPE.items():
        bound = float_error("dense", facts, name)
        for p, value in zip(x, evaluate(net, x, dtype=dtype).values, strict=True):
            assert abs(mpmath.mpf(float(value)) - reference_network(net, list(p), digits=30)) <= bound


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 2**32))
def test_lipschitz_values_have_a_smaller_bound_that_holds(seed):
    net, x = random_grid(seed)
    slopes = np.random.default_rng(seed + 1).normal(size=net.dim)
    waves = np.meshgrid(*[c * w for c, w in zip(net.centres, slopes, strict=True)], indexing="ij")
    net = grid_network(net.centres, net.temperature, np.sin(sum(waves)))
    facts, plain = grid_facts(net, float(np.linalg.norm(slopes)) * (1 + 1e-12)), grid_facts(net)
    for p in x:
        s = [r * (q - c) ** 2 / 2 for r, q, c in zip(net.temperature, p, net.centres, strict=True)]
        score = sum(np.meshgrid(*s, indexing="ij"))
        weight = np.exp(score.min() - score) / np.exp(score.min() - score).sum()
        mean = (weight * net.values).sum()
        assert math.sqrt((weight * (net.values - mean) ** 2).sum()) <= facts.value_std + 1e-12
    truth = [reference_network(net, list(p), digits=30) for p in x]
    for name, dtype in DTYPE.items():
        for method in ("dense", "separable"):
            bound = float_error(method, facts, name)
            assert bound <= float_error(method, plain, name)
            for value, exact in zip(evaluate(net, x, method, dtype=dtype).values, truth, strict=True):
                assert abs(mpmath.mpf(float(value)) - exact) <= bound


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.floats(0.1, 30), st.integers(1, 12), st.floats(0, 1), st.floats(0, 0.19), st.floats(0, 1))
def test_root_mean_square_of_the_weight_errors(kappa, count, share, slope, shift):
    facts = GridFacts((kappa,), (1.0,), (count,), (1.0,), 1.0, 1.0)
    s = kappa * (-0.5 + share * count - np.arange(count)) ** 2 / 2
    p = np.exp(s.min() - s) / np.exp(s.min() - s).sum()
    actual = math.sqrt(p @ np.expm1(shift + slope * s) ** 2)
    assert actual <= _root_mean_square(facts, slope, shift) * (1 + 1e-12)


def test_float32_on_the_worked_example():
    """kappa = 8, 64 x 64 cells, sin x + cos y: the bound is far below 0.01 and holds; exact real centres."""
    v = midpoint_grid(0, 1, 64)
    net = grid_network([v, v], (8 * 64.0**2,) * 2, np.sin(v)[:, None] + np.cos(v)[None, :])
    grid = ExactGrid((0, 0), (1, 1), (64, 64), (0, 0), (8, 8), lambda c: mpmath.sin(c[0]) + mpmath.cos(c[1]))
    x = np.float32(np.random.default_rng(0).uniform(size=(3, 2))).astype(np.float64)
    truth = [reference(grid, list(p), digits=25) for p in x]
    for method, limit in (("dense", 4e-4), ("separable", 1e-4)):
        bound = float_error(method, grid_facts(net), "fp32")
        assert bound < limit
        values = evaluate(net, x, method, dtype="float32").values
        assert all(abs(mpmath.mpf(float(a)) - b) <= bound for a, b in zip(values, truth, strict=True))


@pytest.mark.parametrize(("lo", "count", "kappa"), [(Fraction(1000, 3), 37, 3), (Fraction(99, 7), 50, 20)])
def test_centre_rounding_dominates_far_from_zero_and_is_covered(lo, count, kappa):
    """A box far from 0, where float32 moves the centres: the measured error is a fair part of the bound."""
    axis = midpoint_grid(lo, lo + 1, count)
    y = np.where(np.arange(count) % 2, 1.0, 0.0)
    net = grid_network([axis], (float(kappa * count**2),), y)
    exact = ExactGrid((lo,), (lo + 1,), (count,), (0,), (kappa,), lambda v: y[round(float((v[0] - lo) * count - 0.5))])
    x = np.float32(float(lo) + np.random.default_rng(1).uniform(0.02, 0.98, size=(60, 1))).astype(np.float64)
    truth = [float(reference(exact, list(p), digits=25)) for p in x]
    for method in ("dense", "separable"):
        bound = float_error(method, grid_facts(net), "fp32")
        measured = abs(evaluate(net, x, method, dtype="float32").values - truth).max()
        assert bound / 30 < measured <= bound < 0.5


def test_local_in_float32_is_within_both_bounds():
    v = midpoint_grid(0, 1, 50)
    net = grid_network([v, v], (6 * 50.0**2,) * 2, np.cos(40 * v)[:, None] * np.sin(9 * v)[None, :])
    x = np.float32(np.random.default_rng(0).uniform(size=(300, 2))).astype(np.float64)
    result = evaluate(net, x, "local", dtype="float32", tolerance=1e-5)
    truth = evaluate(net, x, "separable").values
    assert abs(result.values - truth).max() <= result.dropped + float_error("separable", grid_facts(net), "fp32")


def to_bf16(a):
    bits = np.asarray(a, dtype=np.float32).view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> np.uint64(16)) & np.uint64(1))) >> np.uint64(16)) << np.uint64(16)
    return rounded.astype(np.uint32).view(np.float32).astype(np.float64)


def to_fp16(a):
    return np.asarray(a, dtype=np.float64).astype(np.float16).astype(np.float64)


ROUND = {"bf16": to_bf16, "fp16": to_fp16}


def emulate_dense(net, x, rnd):
    """The stable form, every operation rounded to a 16-bit format, sums in float32."""
    centres, values = next(iter(net.centre_blocks(net.cells)))
    score = 0.0
    for i, rate in enumerate(net.axis_temperature):
        z = rnd(rnd(np.sqrt(rate / 2)) * rnd(x[:, i, None] - rnd(centres[None, :, i])))
        score = rnd(score + rnd(z * z))
    weight = rnd(np.exp(rnd(score.min(1, keepdims=True) - score))).astype(np.float32)
    return rnd((weight @ rnd(values).astype(np.float32)) / weight.sum(1))


@pytest.mark.parametrize("name", ["bf16", "fp16"])
@pytest.mark.parametrize(("count", "dim", "kappa"), [(8, 1, 2.0), (9, 2, 1.0), (20, 1, 4.0), (5, 3, 6.0)])
def test_sixteen_bit_dense_is_within_the_bound(name, count, dim, kappa):
    rng = np.random.default_rng(count)
    axis = midpoint_grid(Fraction(-1, 2), Fraction(1, 2), count)
    net = grid_network([axis] * dim, (kappa * count**2,) * dim, rng.uniform(-1, 1, size=(count,) * dim))
    x = ROUND[name](rng.uniform(-0.5, 0.5, size=(200, dim)))
    facts = grid_facts(net)
    measured = abs(emulate_dense(net, x, ROUND[name]) - evaluate(net, x, "separable").values).max()
    assert measured <= float_error("dense", facts, name)
    assert measured > float_error("dense", facts, "fp32")


def test_fp16_dense_bound_is_of_use():
    facts = facts_of(2.0, 8, 1, radius=0.5, value_max=1.0, value_osc=1.0)
    assert float_error("dense", facts, "fp16") < 0.03
    assert float_error("dense", facts_of(2.0, 8, 1, radius=0.5, value_max=1.0), "bf16") < 0.3


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(0, 2**32))
def test_product_form_stays_within_the_bound(seed):
    """Queries [x; 1], keys R[v; −½|v|²]: plain matrix products in float32 and float64."""
    net, x = random_grid(seed)
    centre = np.float32(sum(float(c.mean()) for c in net.centres) / net.dim)
    axes = [c - float(centre) for c in net.centres]
    x = np.float32(x - float(centre)).astype(np.float64)
    x = np.clip(x, [a[0] for a in axes], [a[-1] for a in axes])
    x = np.float32(x).astype(np.float64)
    moved = grid_network(axes, net.temperature, net.values)
    facts = grid_facts(moved)
    centres, values = next(iter(moved.centre_blocks(moved.cells)))
    rates = np.array(net.temperature)
    keys = np.concatenate([rates * centres, -(rates * centres**2).sum(1, keepdims=True) / 2], axis=1)
    queries = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    for name, dtype in DTYPE.items():
        bound = float_error("product", facts, name)
        score = queries.astype(dtype) @ keys.astype(dtype).T
        weight = np.exp(score - score.max(1, keepdims=True))
        weight /= weight.sum(1, keepdims=True)
        for p, value in zip(x, weight @ values.astype(dtype), strict=True):
            assert abs(mpmath.mpf(float(value)) - reference_network(moved, list(p), digits=30)) <= bound


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.floats(0.1, 30), st.integers(1, 12), st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.5, 0.9]))
def test_mean_score_on_grids(kappa, count, share, a):
    """E e^{aS} <= e^{aM(a)} and E S <= M(0) for x in the cells of a finite grid."""
    facts = GridFacts((kappa,), (1.0,), (count,), (1.0,), 1.0, 1.0)
    s = kappa * (-0.5 + share * count - np.arange(count)) ** 2 / 2
    p = np.exp(s.min() - s) / np.exp(s.min() - s).sum()
    assert p @ s <= facts.mean_score(0.0) * (1 + 1e-12)
    assert math.log(p @ np.exp(a * s)) <= a * facts.mean_score(a) + 1e-12
    assert s.min() <= facts.near_score * (1 + 1e-12)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.floats(0, 50), min_size=1, max_size=30), st.sampled_from([0.0, 0.1, 0.5, 0.9]))
def test_mean_score_of_any_centres(scores, a):
    s = np.array(scores)
    facts = PointFacts(2.0, 1, (1.0,), math.sqrt(s.min()), 1.0, 1.0, len(s))
    p = np.exp(s.min() - s) / np.exp(s.min() - s).sum()
    assert p @ s <= facts.mean_score(0.0) + 1e-9
    assert math.log(p @ np.exp(a * s)) <= a * facts.mean_score(a) + 1e-9


@pytest.mark.parametrize("kappa", [0.05, 0.5, 1.0, 1.0624, 1.0626, 1.5, 2.0, 4.0, 10.0, 50.0])
def test_second_moment_bound_is_above_the_lattice_sum(kappa):
    k = np.arange(400)
    w = np.exp(-kappa * k * (k + 1) / 2)
    m2 = 0.25 + (k * (k + 1) * w).sum() / w.sum()
    assert m2 <= second_moment_bound(kappa) <= 1.5 * m2


def test_wider_formats_have_smaller_bounds():
    for form in ("dense", "separable", "product"):
        for facts in (facts_of(2.0, 8, 1, 0.5), facts_of(8.0, 64, 2, 0.5), facts_of(1.0, 4, 6)):
            bf16, fp16, fp32, fp64 = (float_error(form, facts, f) for f in FORMATS)
            assert fp64 < fp32 < min(bf16, fp16)


def test_dense_bound_survives_a_million_cells_and_ten_dimensions():
    assert float_error("dense", facts_of(8.0, 1000, 2), "fp32") < 2e-3
    assert float_error("dense", facts_of(8.0, 4, 10), "fp32") < 1e-3
    assert float_error("dense", facts_of(8.0, 1000, 2), "fp64") < 2e-11
    assert float_error("product", facts_of(8.0, 1000, 2), "fp32") > 1.0


def test_regular_values_pay_off_in_the_product_form():
    net = grid_network([midpoint_grid("-1/2", "1/2", 64)] * 2, (8 * 64.0**2,) * 2, np.zeros((64, 64)))
    net = grid_network(net.centres, net.temperature, net.values + np.linspace(-0.7, 0.7, 64)[:, None])
    plain, regular = (float_error("product", grid_facts(net, slope), "fp32") for slope in (None, 1.5))
    assert regular < plain / 5


def test_the_format_needed():
    facts = facts_of(2.0, 8, 1, radius=0.5, value_max=1.0, value_osc=1.0)
    assert float_format_needed(5.0, facts) == "bf16"
    assert float_format_needed(0.4, facts) == "fp16"
    assert float_format_needed(1e-2, facts) == "fp32"
    assert float_format_needed(1e-6, facts) == "fp64"
    assert float_format_needed(1e-15, facts) == "none"
    assert float_format_needed(1e-3, facts, fraction=0.001) == "fp64"
    with pytest.raises(ValueError, match="eps must be positive"):
        float_format_needed(0.0, facts)


def test_range_is_part_of_the_bound():
    assert float_error("product", facts_of(8.0, 128, 2), "fp16") == math.inf
    assert math.isfinite(float_error("product", facts_of(8.0, 128, 2), "bf16"))
    assert float_error("dense", facts_of(8.0, 8, 1, value_max=1e5), "fp16") == math.inf
    huge = GridFacts((1e70,), (1.0,), (4,), (4.0,), 1.0, 1.0)
    assert float_error("dense", huge, "fp32") == math.inf
    assert math.isfinite(float_error("dense", huge, "fp64"))


def test_bad_requests():
    facts = facts_of(2.0, 8, 1)
    with pytest.raises(ValueError, match="unknown form 'fast'"):
        float_error("fast", facts, "fp32")
    with pytest.raises(ValueError, match="unknown float format 'fp8'"):
        float_format("fp8")
    with pytest.raises(ValueError, match="needs the facts of a grid"):
        float_error("separable", PointFacts(1.0, 1, (1.0,), 1.0, 1.0, 1.0, 3), "fp32")
    with pytest.raises(ValueError, match="one centre"):
        grid_facts(grid_network([[0.0]], (1.0,), [1.0]))
    with pytest.raises(ValueError, match="not uniformly spaced"):
        grid_facts(grid_network([[0.0, 1.0, 3.0]], (1.0,), [1.0, 2.0, 3.0]))
