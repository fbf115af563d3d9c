"""Networks as arrays: what is checked at the door, and that a grid and its expansion are the same cells."""

from fractions import Fraction

import numpy as np
import pytest
from attain.numeric.network import grid_network, midpoint_grid, point_network
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("centres", "temperature", "values", "message"),
    [
        ([], (), 1.0, "at least one axis"),
        ([[]], (1.0,), [], "axis 0 are empty"),
        ([[0.0, 1.0], [1.0, 1.0]], (1.0, 1.0), np.zeros((2, 2)), "axis 1 must increase"),
        ([[0.0, np.nan]], (1.0,), [0.0, 0.0], "axis 0 must be finite"),
        ([[0.0, 1.0]], (1.0, 2.0), [0.0, 0.0], "one number per axis: got 2 for 1"),
        ([[0.0, 1.0]], (0.0,), [0.0, 0.0], "axis 0 must be finite and positive, got 0.0"),
        ([[0.0, 1.0]], (np.inf,), [0.0, 0.0], "axis 0 must be finite and positive"),
        ([[0.0, 1.0]], (1.0,), [0.0, np.inf], "values must be finite"),
        ([[0.0, 1.0]], (1.0,), [0.0, 0.0, 0.0], r"shape \(2,\)"),
        ([[0.0, 1.0]], (1.0,), [[0.0, 0.0]], "values must have 1 dimension, got 2"),
    ],
)
def test_bad_grids_are_one_clear_line(centres, temperature, values, message):
    with pytest.raises(ValueError, match=message) as caught:
        grid_network(centres, temperature, values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("centres", "temperature", "values", "message"),
    [
        ([0.0, 1.0], 1.0, [0.0, 0.0], "centres must have 2 dimensions"),
        (np.zeros((0, 2)), 1.0, [], "G, N >= 1"),
        ([[0.0]], np.nan, [0.0], "finite and positive"),
        ([[0.0], [1.0]], 1.0, [0.0], r"shape \(2,\)"),
    ],
)
def test_bad_point_networks_are_one_clear_line(centres, temperature, values, message):
    with pytest.raises(ValueError, match=message):
        point_network(centres, temperature, values)


def test_arrays_are_copied_and_read_only():
    values = np.array([1.0, 2.0])
    net = grid_network([[0.0, 1.0]], (1.0,), values)
    values[0] = 7.0
    assert net.values[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        net.values[0] = 3.0


def test_facts_of_a_grid():
    net = grid_network([midpoint_grid(0, 1, 4), midpoint_grid(-1, 3, 2)], (32.0, 0.5), np.arange(8.0).reshape(4, 2))
    assert (net.dim, net.cells, net.shape) == (2, 8, (4, 2))
    assert net.spacing == (0.25, 2.0)
    assert net.kappa == (2.0, 2.0)
    assert 7.0 <= net.oscillation <= 7.0 + 1e-14
    assert grid_network([[0.5]], (1.0,), [3.0]).oscillation == 0.0


@settings(deadline=None, max_examples=50, derandomize=True)
@given(
    st.fractions(-5, 5, max_denominator=1000),
    st.fractions(Fraction(1, 100), 7, max_denominator=1000),
    st.integers(1, 40),
    st.integers(0, 5),
)
def test_midpoints_are_correctly_rounded(lo, width, count, pad):
    axis = midpoint_grid(lo, lo + width, count, pad)
    h = width / count
    assert len(axis) == count + 2 * pad
    for k, v in zip(range(-pad, count + pad), axis, strict=True):
        exact = lo + k * h + h / 2
        error = abs(Fraction(float(v)) - exact)
        for neighbour in (np.nextafter(v, -np.inf), np.nextafter(v, np.inf)):
            assert error <= abs(Fraction(float(neighbour)) - exact)


@pytest.mark.parametrize("bad", [(1, 0, 3), (0, 0, 3), (0, 1, 0), (0, 1, 3, -1)])
def test_bad_midpoint_grids(bad):
    with pytest.raises(ValueError, match="need"):
        midpoint_grid(*bad)


def test_decimal_ends_are_exact():
    assert midpoint_grid("0.1", "0.3", 1)[0] == 0.2


@pytest.mark.parametrize("size", [1, 5, 12, 100])
def test_blocks_of_a_grid_are_the_blocks_of_its_expansion(size):
    values = np.random.default_rng(3).normal(size=(3, 2, 2))
    net = grid_network([[0.0, 1.0, 3.0], [5.0, 6.0], [-1.0, 0.0]], (2.0, 2.0, 2.0), values)
    wide = net.expand()
    assert wide.centres.shape == (12, 3)
    assert wide.values[1 * 4 + 0 * 2 + 1] == values[1, 0, 1]
    assert wide.centres[1 * 4 + 0 * 2 + 1].tolist() == [1.0, 5.0, 0.0]
    for a, b in zip(net.centre_blocks(size), wide.centre_blocks(size), strict=True):
        assert np.array_equal(a[0], b[0])
        assert np.array_equal(a[1], b[1])


def test_expansion_is_refused_when_too_big_or_anisotropic():
    net = grid_network([np.arange(10.0)] * 3, (1.0,) * 3, np.zeros((10, 10, 10)))
    with pytest.raises(ValueError, match="refusing to expand 1000 cells"):
        net.expand(limit=999)
    with pytest.raises(ValueError, match="differs between axes"):
        grid_network([[0.0], [0.0]], (1.0, 2.0), [[0.0]]).expand()
