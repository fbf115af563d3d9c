"""Midpoint–radius arithmetic against exact rational arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from attain.numeric import midrad
from attain.numeric.midrad import MidRad, matmul, subtract
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(deadline=None, max_examples=60, derandomize=True)
PLAIN = st.floats(-2, 2)
WILD = st.one_of(
    st.floats(-1e140, 1e140),
    st.floats(-1e-140, 1e-140),
    st.sampled_from([0.0, 5e-324, -5e-324, 1e-308, 1.0, 1 + 2.0**-52, -1.0, 1 / 3, 2.0**53, 1e150, -1e150, 1e-160]),
)


@st.composite
def pairs(draw, rows, columns, numbers):
    def array(kind):
        return np.array(draw(st.lists(kind, min_size=rows * columns, max_size=rows * columns))).reshape(rows, columns)

    return MidRad(array(numbers), np.abs(array(st.one_of(st.just(0.0), numbers))))


def members(pair: MidRad, rng: np.random.Generator) -> list[list[Fraction]]:
    """A matrix inside the pair: every entry at an end or in the middle."""
    signs = rng.integers(-1, 2, pair.mid.shape)
    return [
        [Fraction(float(m)) + int(s) * Fraction(float(r)) for m, s, r in zip(*row, strict=True)]
        for row in zip(pair.mid, signs, pair.rad, strict=True)
    ]


def assert_contains(pair: MidRad, i: int, j: int, exact: Fraction) -> None:
    m, r = float(pair.mid[i, j]), float(pair.rad[i, j])
    if np.isfinite(r):
        assert np.isfinite(m)
        assert abs(exact - Fraction(m)) <= Fraction(r)


def check_matmul(a: MidRad, b: MidRad) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        product = matmul(a, b)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        X, Y = members(a, rng), members(b, rng)
        for i, row in enumerate(X):
            for j in range(b.mid.shape[1]):
                assert_contains(product, i, j, sum((x * y[j] for x, y in zip(row, Y, strict=True)), Fraction(0)))


@PROPERTY
@given(st.data(), st.integers(1, 9), st.sampled_from([PLAIN, WILD]))
def test_matmul_contains_every_product(data, n, numbers):
    check_matmul(data.draw(pairs(2, n, numbers)), data.draw(pairs(n, 2, numbers)))


@PROPERTY
@given(st.data(), st.sampled_from([PLAIN, WILD]))
def test_subtract_contains_every_difference(data, numbers):
    a, b = data.draw(pairs(2, 3, numbers)), data.draw(pairs(2, 3, numbers))
    difference = subtract(a, b)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        for i, (x, y) in enumerate(zip(members(a, rng), members(b, rng), strict=True)):
            for j in range(3):
                assert_contains(difference, i, j, x[j] - y[j])


@PROPERTY
@given(st.data(), st.sampled_from([PLAIN, WILD]))
def test_magnitude_bounds_both_ends(data, numbers):
    a = data.draw(pairs(1, 4, numbers))
    for m, r, most in zip(a.mid[0], a.rad[0], a.magnitude[0], strict=True):
        assert abs(Fraction(float(m))) + Fraction(float(r)) <= Fraction(float(most))


def exact(values) -> MidRad:
    values = np.array(values, dtype=float)
    return MidRad(values, np.zeros_like(values))


def test_cancellation_is_covered():
    row, column = [1e16, 1.0, -1e16, 2.0**-60], [[1.0], [1.0], [1.0], [1.0]]
    product = matmul(exact([row]), exact(column))
    assert_contains(product, 0, 0, 1 + Fraction(1, 2**60))
    assert product.rad[0, 0] > 0


@pytest.mark.parametrize("n", [1, 7, 100])
def test_exact_data_gives_tight_radii(n):
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(3, n)), rng.normal(size=(n, 3))
    product = matmul(exact(a), exact(b))
    assert (product.rad <= 1e-14 * n * (np.abs(a) @ np.abs(b)) + 1e-280).all()
    assert (subtract(exact(a), exact(a + 1)).rad <= 1e-14).all()


def test_radius_of_a_product_of_intervals_is_attained():
    wide = matmul(MidRad(np.array([[2.0]]), np.array([[1.0]])), MidRad(np.array([[3.0]]), np.array([[0.5]])))
    assert 3 * 3.5 - 6 <= wide.rad[0, 0] <= 3 * 3.5 - 6 + 1e-12


def test_stacks_of_matrices():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 3, 4))
    product = matmul(exact(a), exact(b))
    assert product.mid.shape == product.rad.shape == (5, 2, 4)
    check_matmul(exact(a[3]), exact(b[3]))
    assert np.array_equal(product.mid[3], matmul(exact(a[3]), exact(b[3])).mid)


@pytest.mark.parametrize("entry", [np.inf, -np.inf, np.nan, 1e300])
def test_what_is_not_finite_never_becomes_a_finite_enclosure(entry):
    with np.errstate(over="ignore", invalid="ignore"):
        product = matmul(MidRad(np.array([[entry, 0.0]]), np.array([[0.0, np.inf]])), exact([[1e300], [0.0]]))
        difference = subtract(exact([entry * 1e300]), exact([0.0]))
    assert not np.isfinite(product.rad[0, 0])
    assert not np.isfinite(difference.rad[0])


def test_underflow_is_covered():
    tiny = exact([[5e-324, 3e-200]])
    product = matmul(tiny, exact([[0.25], [3e-200]]))
    assert_contains(product, 0, 0, Fraction(5e-324) / 4 + Fraction(3e-200) ** 2)


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("radii left out", lambda a, b: MidRad(a.mid @ b.mid, np.zeros((a.mid.shape[0], b.mid.shape[1])))),
        ("rounding left out", lambda a, b: MidRad(a.mid @ b.mid, a.rad @ np.abs(b.mid) + a.magnitude @ b.rad)),
        (
            "cross term left out",
            lambda a, b: MidRad(a.mid @ b.mid, (a.rad @ np.abs(b.mid) + np.abs(a.mid) @ b.rad) * (1 + 1e-14) + 1e-290),
        ),
    ],
)
def test_mutants_are_caught(name, mutant, monkeypatch):
    rng = np.random.default_rng(1)
    cases = [
        (exact(rng.normal(size=(2, 9))), exact(rng.normal(size=(9, 2)))),
        (
            MidRad(rng.normal(size=(2, 9)), np.abs(rng.normal(size=(2, 9)))),
            MidRad(rng.normal(size=(9, 2)), np.abs(rng.normal(size=(9, 2)))),
        ),
        (MidRad(np.ones((1, 1)), np.ones((1, 1))), MidRad(np.ones((1, 1)), np.ones((1, 1)))),
    ]
    for case in cases:
        check_matmul(*case)
    monkeypatch.setitem(globals(), "matmul", mutant)

    def caught(case):
        try:
            check_matmul(*case)
        except AssertionError:
            return True
        return False

    assert any(caught(case) for case in cases), name
    assert midrad.matmul is not mutant
