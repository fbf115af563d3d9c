"""Dense, separable, local and mpmath are four programs for one function."""

import math
import subprocess
import sys
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from attain.numeric import backend as backends
from attain.numeric.dense import CELL_BLOCK
from attain.numeric.evaluate import evaluate, tail_mass
from attain.numeric.local import window_mass, windows
from attain.numeric.network import grid_network, midpoint_grid, point_network
from attain.numeric.reference import ExactGrid, reference, reference_network
from hypothesis import given, settings
from hypothesis import strategies as st

KAPPA, P = 8, 64


@pytest.fixture(scope="module")
def wave():
    v = midpoint_grid(0, 1, P)
    return grid_network([v, v], (KAPPA * P**2,) * 2, np.sin(v)[:, None] + np.cos(v)[None, :])


@pytest.fixture(scope="module")
def wave_reference():
    grid = ExactGrid(
        (0, 0), (1, 1), (P, P), (0, 0), (Fraction(KAPPA),) * 2, lambda v: mpmath.sin(v[0]) + mpmath.cos(v[1])
    )
    points = [(0.3, 0.7), (0.0, 1.0), (0.5, 1 / 3)]
    return points, [reference(grid, [Fraction(c) for c in x], digits=30) for x in points]


@pytest.mark.parametrize("method", ["dense", "separable", "local", "auto"])
def test_sin_plus_cos_at_64_by_64(wave, wave_reference, method):
    points, exact = wave_reference
    result = evaluate(wave, points, method)
    for value, truth in zip(result.values, exact, strict=True):
        assert abs(mpmath.mpf(float(value)) - truth) < 1e-12 + result.dropped


def test_methods_agree_everywhere_and_approximate_the_target(wave):
    x = np.random.default_rng(0).uniform(size=(600, 2))
    dense, separable = evaluate(wave, x, "dense").values, evaluate(wave, x, "separable").values
    assert abs(dense - separable).max() < 1e-12
    m2 = 0.2506707045  # m2(8), from the lattice sum
    assert abs(dense - np.sin(x[:, 0]) - np.cos(x[:, 1])).max() <= math.sqrt(2 * 2 * m2) / P


@pytest.mark.parametrize("tolerance", [1e-1, 1e-3, 1e-6, 1e-12, None])
def test_local_is_within_its_own_bound(wave, tolerance):
    x = np.concatenate([np.random.default_rng(1).uniform(-0.3, 1.3, size=(400, 2)), [[0.25, 0.5], [1 / 64, 63 / 64]]])
    result = evaluate(wave, x, "local", tolerance=tolerance)
    gap = abs(result.values - evaluate(wave, x, "separable").values).max()
    assert 0 < result.dropped <= (tolerance or 2.0**-53) * wave.oscillation * (1 + 1e-9)
    assert gap <= result.dropped + 2e-12
    assert result.window is not None
    assert result.exponentials == sum(result.window) * len(x)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.floats(0.05, 12.0),
    st.integers(0, 5),
    st.lists(st.floats(1.0, 3.0), min_size=1, max_size=14),
    st.floats(-3.0, 45.0),
)
def test_window_lemma_on_uneven_centres(kappa, reach, gaps, x):
    """Mass beyond `reach` neighbours of the nearest centre, on any centres at least 1 apart, inside and outside."""
    v = np.concatenate([[0.0], np.cumsum(gaps)])
    nearest = int(abs(v - x).argmin())
    with mpmath.workdps(40):
        w = [mpmath.exp(-mpmath.mpf(kappa) * (mpmath.mpf(x) - mpmath.mpf(float(c))) ** 2 / 2) for c in v]
        mass = mpmath.fsum(w[k] for k in range(len(v)) if abs(k - nearest) > reach) / mpmath.fsum(w)
        assert mass <= window_mass(kappa, reach)


def test_window_lemma_is_nearly_attained():
    """Lattice, x halfway between two centres, large kappa: the true mass is half the bound (two nearest centres)."""
    k = np.arange(-40, 41)
    w = np.exp(-8.0 * (0.5 - k) ** 2 / 2)
    for reach in (1, 2):
        assert w[abs(k) > reach].sum() / w.sum() >= 0.49 * window_mass(8.0, reach)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_random_grids_against_mpmath(seed, dim):
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(1, 6, size=dim))
    centres = [np.sort(rng.uniform(-2, 2, size=n)) for n in shape]
    net = grid_network(centres, rng.uniform(0.5, 30, size=dim), rng.normal(size=shape))
    x = rng.uniform(-3, 3, size=(2, dim))
    truth = [float(reference_network(net, list(p))) for p in x]
    for method in ("dense", "separable", "local"):
        result = evaluate(net, x, method)
        np.testing.assert_allclose(result.values, truth, rtol=0, atol=5e-13 + result.dropped)


def test_local_on_an_uneven_three_dimensional_grid():
    rng = np.random.default_rng(7)
    axes = [np.cumsum(rng.uniform(1, 2, size=n)) for n in (30, 21, 12)]
    net = grid_network(axes, (3.0, 4.0, 5.0), rng.normal(size=(30, 21, 12)))
    x = rng.uniform(-2, 50, size=(300, 3))
    local, separable = evaluate(net, x, "local", tolerance=1e-9), evaluate(net, x, "separable")
    assert all(w < n for w, n in zip(local.window, net.shape, strict=True))
    assert abs(local.values - separable.values).max() <= local.dropped + 1e-12


def test_dense_streams_over_many_blocks_in_any_order():
    rng = np.random.default_rng(5)
    g = 3 * CELL_BLOCK + 17
    v, y, x = rng.uniform(-1, 1, size=(g, 3)), rng.normal(size=g), rng.uniform(-1, 1, size=(300, 3))
    plain = evaluate(point_network(v, 200.0, y), x).values
    order = rng.permutation(g)
    shuffled = evaluate(point_network(v[order], 200.0, y[order]), x).values
    score = 100.0 * ((x[:, None, :] - v[None]) ** 2).sum(-1)
    weight = np.exp(score.min(1, keepdims=True) - score)
    direct = (weight @ y) / weight.sum(1)
    assert abs(plain - shuffled).max() < 1e-12
    assert abs(plain - direct).max() < 1e-12


def test_far_points_and_huge_temperatures_stay_finite():
    net = grid_network([np.arange(5.0)], (1e6,), [1.0, 2.0, 3.0, 4.0, 5.0])
    for method in ("dense", "separable", "local"):
        assert evaluate(net, [[-1e3], [2.0], [1e3]], method).values.tolist() == [1.0, 3.0, 5.0]


def test_constant_values_come_back():
    net = grid_network([np.arange(9.0)] * 2, (1.0, 1.0), np.full((9, 9), 0.7))
    for method in ("dense", "separable", "local"):
        result = evaluate(net, np.random.default_rng(0).uniform(0, 8, size=(50, 2)), method)
        assert abs(result.values - 0.7).max() < 1e-14
        assert result.dropped == 0.0


def test_tail_mass_keeps_its_digits():
    smallest = 1.0
    rng = np.random.default_rng(2)
    v = midpoint_grid(0, 1, 6)
    for rate, floor in ((36.0, 1e-2), (3000.0, 1e-40), (30000.0, 1e-306)):
        net = grid_network([v, v], (rate, rate), rng.normal(size=(6, 6)))
        x = np.clip(v[rng.integers(0, 6, size=(20, 2))] + rng.uniform(-0.02, 0.02, size=(20, 2)), 0, 1)
        on_grid, on_points = tail_mass(net, x), tail_mass(net.expand(), x)
        for point, a, b in zip(x, on_grid, on_points, strict=True):
            with mpmath.workdps(400):
                distance = [[(mpmath.mpf(float(p)) - mpmath.mpf(float(c))) ** 2 for c in v] for p in point]
                w = sorted(mpmath.exp(-rate * (s + t) / 2) for s in distance[0] for t in distance[1])
                exact = mpmath.fsum(w[:-1]) / mpmath.fsum(w)
                if exact > floor:
                    smallest = min(smallest, exact)
                    assert abs(a / exact - 1) < 1e-11
                    assert abs(b / exact - 1) < 1e-11
    assert smallest < 1e-150


def test_tail_mass_of_ties_and_of_many_blocks():
    assert tail_mass(point_network(np.zeros((4, 1)), 1.0, np.zeros(4)), [[0.3]])[0] == 0.75
    rng = np.random.default_rng(4)
    v, x = rng.uniform(size=(2500, 2)), rng.uniform(size=(40, 2))
    w = np.exp(-300.0 * ((x[:, None] - v[None]) ** 2).sum(-1))
    expected = 1 - w.max(1) / w.sum(1)
    np.testing.assert_allclose(tail_mass(point_network(v, 600.0, np.zeros(2500)), x), expected, rtol=1e-12)


def test_auto_says_what_it_chose(wave):
    assert evaluate(wave, [[0.1, 0.2]]).method == "local"
    assert evaluate(wave.expand(), [[0.1, 0.2]]).method == "dense"
    small = grid_network([np.arange(4.0)], (0.1,), np.arange(4.0))
    result = evaluate(small, [[0.1]])
    assert (result.method, result.window, result.dropped) == ("separable", None, 0.0)


def test_window_widths_follow_the_tolerance(wave):
    loose, tight = windows(wave, 1e-2), windows(wave, 1e-15)
    assert loose[0] < tight[0]
    assert loose[1] > tight[1]
    assert windows(wave, 1e-2)[1] <= 1e-2


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"method": "fast"}, "unknown method 'fast': choose from auto, dense, separable, local"),
        ({"dtype": "float16"}, "unknown dtype 'float16'"),
        ({"backend": "torch"}, "unknown backend 'torch'"),
        ({"tolerance": 0.0}, r"tolerance must lie in \(0, 1\)"),
        ({"points": [[0.1]]}, r"points must have shape \(T, 2\), got \(1, 1\)"),
        ({"points": [[0.1, np.nan]]}, "points must be finite"),
    ],
)
def test_bad_requests(wave, kwargs, message):
    with pytest.raises(ValueError, match=message):
        evaluate(**{"network": wave, "points": [[0.1, 0.2]], **kwargs})


def test_grid_methods_refuse_arbitrary_centres(wave):
    for method in ("separable", "local"):
        with pytest.raises(ValueError, match="needs a product grid"):
            evaluate(wave.expand(), [[0.1, 0.2]], method)


def test_overflow_is_an_error_not_a_nan():
    net = grid_network([[0.0, 1.0]], (1.0,), [0.0, 1.0])
    with pytest.raises(FloatingPointError, match="range of float32"):
        evaluate(net, [[1e30]], "dense", dtype="float32")


def test_cupy_is_never_replaced_in_silence(wave, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(backends.BackendError, match="backend 'cupy' needs CuPy") as caught:
        evaluate(wave, [[0.1, 0.2]], backend="cupy")
    assert "\n" not in str(caught.value)


def test_evaluators_import_with_numpy_alone():
    code = (
        "import sys\n"
        "for name in ('sympy', 'flint', 'mpmath', 'cupy', 'torch'): sys.modules[name] = None\n"
        "import attain.numeric.evaluate, attain.numeric.floats, attain.numeric.network\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.gpu
@pytest.mark.parametrize("method", ["dense", "separable", "local"])
def test_cupy_agrees_with_numpy(wave, method):
    pytest.importorskip("cupy", reason="needs CuPy and a device")
    x = np.random.default_rng(0).uniform(size=(1000, 2))
    here, there = evaluate(wave, x, method), evaluate(wave, x, method, backend="cupy")
    assert there.backend == "cupy"
    assert abs(here.values - there.values).max() < 1e-12
