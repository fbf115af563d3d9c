"""The L^p theorem: its constants by quadrature, its bounds against networks built by brute force, its sizes."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, inf

import mpmath as mp
import numpy as np
import pytest
from attain.symbolic.design import NotApplicable
from attain.symbolic.expression import parse
from attain.symbolic.modulus import modulus_of
from attain.symbolic.overlap import axis_moment, ceiling_constant, mean_radius, radial_moment, tail
from attain.symbolic.target import Target
from attain.symbolic.theorems.max_affine_lp import Problem, at_radius, design, necessary, problem
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

UNIT = (Fraction(0), Fraction(1))
BREAKS = [0, 1, 1.5, 2, 3, 4, 6, 10, 16]


def g(s, kappa):
    return mp.e ** (-(mp.mpf(kappa) / 2) * max(max(abs(s) - 0.5, 0) ** 2 - 0.25, 0))


def near(ball, value, rel=1e-8):
    return abs(float(ball.mid()) - float(value)) <= rel * abs(float(value)) + float(ball.rad())


def weights(P, kappa, x):
    z = -(kappa / 2) * (x[:, None] * P - (np.arange(P) + 0.5)) ** 2
    w = np.exp(z - z.max(axis=1, keepdims=True))
    return w / w.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("kappa", [1, 4, 200])
@pytest.mark.parametrize("q", [0, 1, 2, 5])
def test_axis_moments_are_integrals(kappa, q):
    assert near(axis_moment(kappa, q), 2 * mp.quad(lambda s: g(s, kappa) * s**q, BREAKS))


@pytest.mark.parametrize("q", ["1", "3/2", "5/2", "4"])
def test_radial_moments_on_the_line(q):
    p = Fraction(q)
    exact = 2 * mp.quad(lambda s: g(s, 4) * s ** (mp.mpf(p.numerator) / p.denominator), BREAKS)
    found = radial_moment(4, 1, p)
    assert found.lower() <= float(exact) <= found.upper()
    assert p > 2 or near(found, exact)


@pytest.mark.parametrize("q", [1, Fraction(3, 2), 2, 3])
def test_radial_moments_in_the_plane(q):
    s = np.linspace(-7, 7, 2801)
    weight = np.array([float(g(t, 4)) for t in s])
    step = s[1] - s[0]
    norm = np.sqrt(s[:, None] ** 2 + s[None, :] ** 2) ** float(q)
    value = float(weight @ norm @ weight) * step * step
    found = radial_moment(4, 2, q)
    assert float(found.lower()) - 1e-3 <= value <= float(found.upper()) + 1e-3
    assert q > 2 or near(found, value, 1e-3)


@pytest.mark.parametrize(("kappa", "spec"), [(1, 3.342), (4, 2.156), (16, 1.686), (200, 1.442)])
def test_ceiling_constant_on_the_line(kappa, spec):
    pieces = sum(n * n * mp.quad(lambda s: g(s, kappa), [n - 1, n - 0.5, n]) for n in range(1, 14))
    assert near(ceiling_constant(kappa, 1, 2), mp.sqrt(2 * pieces))
    assert abs(float(ceiling_constant(kappa, 1, 2).mid()) - spec) < 1e-3


@pytest.mark.parametrize("p", [1, 2])
def test_ceiling_constant_in_the_plane(p):
    s = np.linspace(0, 6, 1201)[:-1] + 0.0025
    weight = np.array([float(g(t, 4)) for t in s])
    high = np.ceil(np.sqrt(s[:, None] ** 2 + s[None, :] ** 2)) ** p
    value = (4 * float(weight @ high @ weight) * 0.005**2) ** (1 / p)
    assert near(ceiling_constant(4, 2, p), value, 2e-3)


def test_ceiling_constant_in_space_and_beyond():
    s = np.linspace(0, 4.5, 181)[:-1] + 0.0125
    weight = np.array([float(g(t, 4)) for t in s]) * 0.025
    square = s[:, None, None] ** 2 + s[None, :, None] ** 2 + s[None, None, :] ** 2
    value = 8 * np.einsum("i,j,k,ijk->", weight, weight, weight, np.ceil(np.sqrt(square)) ** 2)
    found = ceiling_constant(4, 3, 2)
    assert float(found.lower()) * 0.99 <= value**0.5 <= float(found.upper()) * 1.01
    assert float(found.rad()) < 0.02 * float(found.mid())
    loose = [axis_moment(4, 0) ** (N / 2) + radial_moment(4, N, 2) ** 0.5 for N in (3, 4)]
    assert found < loose[0]
    assert ceiling_constant(4, 4, 2).overlaps(loose[1])


@pytest.mark.parametrize("N", [1, 2])
@pytest.mark.parametrize("kappa", [4.0, 20.0])
def test_tail_bounds_the_far_mass_of_finite_grids(N, kappa):
    rng, P = np.random.default_rng(1), 6
    lines = rng.uniform(0, 1, (200, N))
    lines[0] = 0.0
    lines[1] = 1 / P
    axes = [weights(P, kappa, lines[:, i]) for i in range(N)]
    squares = [(lines[:, i, None] * P - np.arange(P) - 0.5) ** 2 for i in range(N)]
    p = axes[0] if N == 1 else axes[0][:, :, None] * axes[1][:, None, :]
    d = squares[0] if N == 1 else squares[0][:, :, None] + squares[1][:, None, :]
    best = 0.0
    for reach in (0.6, 0.8, 1.0, 1.3, 2.0):
        far = np.where(d > reach**2, p, 0.0).reshape(200, -1).sum(axis=1).max()
        bound = float(tail(Fraction(kappa), N, arb(reach)).upper())
        assert far <= bound + 1e-12
        best = max(best, far / bound)
    assert best > 0.2


def lp_error(P, kappa, p, f, primitive, breaks):
    """‖F − f‖_p on [0,1] with exact cell averages, by Gauss points between the cell walls and the breaks."""
    ends = np.linspace(0, 1, P + 1)
    y = np.diff([primitive(t) for t in ends]) * P
    cuts = np.unique(np.concatenate([ends, breaks]))
    nodes, weight = np.polynomial.legendre.leggauss(30)
    mid, half = (cuts[1:] + cuts[:-1]) / 2, np.diff(cuts) / 2
    x = (mid[:, None] + half[:, None] * nodes).ravel()
    F = weights(P, kappa, x) @ y
    return float((np.abs(F - f(x)) ** p * (half[:, None] * weight).ravel()).sum() ** (1 / p))


def step_at(c):
    return lambda x: (x >= c) * 1.0, lambda t: max(t - c, 0.0), [c]


def test_the_measured_ratios_of_the_step():
    """Error over ω_2(f; h) = √h at κ = 1, 4, 16, 200: 0.50, 0.40, 0.43, 0.47 (largest over P ∈ {8, 37})."""
    for kappa, ratio in ((1, 0.50), (4, 0.40), (16, 0.43), (200, 0.47)):
        found = max(lp_error(P, kappa, 2, *step_at(0.4142)) * P**0.5 for P in (8, 37))
        assert abs(found - ratio) < 0.01
        assert found < float(ceiling_constant(kappa, 1, 2).lower())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from([1, 2, 3]),
    st.integers(1, 20),
    st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3), Fraction(20), Fraction(300)]),
    st.floats(0.05, 0.95),
)
def test_no_step_exceeds_the_concave_bound(p, P, kappa, c):
    """ω(r) = r^{1/p} for a unit step: ‖F − f‖_p ≤ A^{1/p} (h μ_p)^{1/p}."""
    error = lp_error(P, float(kappa), p, *step_at(c))
    A, mu = axis_moment(kappa, 0), mean_radius(kappa, 1, p)
    bound = float((A * mu / P).upper()) ** (1 / p)
    assert error <= bound * (1 + 1e-9)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.sampled_from([1, 2]), st.integers(1, 12), st.sampled_from([1.0, 6.0, 50.0]), st.integers(1, 6))
def test_no_smooth_function_exceeds_the_sobolev_bound(p, P, kappa, k):
    f, primitive = (lambda x: np.cos(k * x)), (lambda t: np.sin(k * t) / k)
    error = lp_error(P, kappa, p, f, primitive, [0.5])
    x = (np.arange(20000) + 0.5) / 20000
    gradient = float((np.abs(k * np.sin(k * x)) ** p).mean() ** (1 / p))
    bound = gradient / P * float(radial_moment(Fraction(kappa), 1, p).upper()) ** (1 / p)
    assert error <= bound * 1.0001


@pytest.mark.parametrize("c", [0.41421356, 0.5])
def test_designs_for_a_step_meet_their_accuracy(c):
    given_ = problem({"p": "2", "lipschitz": "0.001", "osc": "1", "jump": "2*r"})
    found = design(given_, Fraction(1, 10), "jump").design
    P, kappa = found.P[0], float(found.kappa)
    x = (np.arange(200001) + 0.5) / 200001
    f = (x >= c) * 1.0
    y = ((np.arange(P) + 0.5) / P >= c) * 1.0
    assert float(np.sqrt(np.mean((weights(P, kappa, x) @ y - f) ** 2))) <= 0.1
    assert P < 120
    average = design(Problem(Target((UNIT,)), Fraction(2), modulus_of("sqrt(r)")), Fraction(1, 10), "average").design
    assert lp_error(average.P[0], float(average.kappa), 2, *step_at(c)) <= 0.1
    assert average.meets


def test_tubes_are_measures_not_lengths():
    """x + y = 0.01 in the unit square: the tube is larger than 2r times the length, so |J_r| has to be given."""
    r, grid = 0.05, (np.arange(4000) + 0.5) / 4000 * 0.1
    x, y = np.meshgrid(grid, grid)
    along = np.clip((x - y) / 0.02 + 0.5, 0, 1) * 0.01
    tube = float((np.hypot(x - along, y - (0.01 - along)) <= r).mean()) * 0.01
    assert abs(tube - 2.727e-3) < 1e-5
    assert tube > 1.9 * (2 * r * 0.01 * 2**0.5)


def test_routes_say_what_they_need():
    plain = problem({"lipschitz": "1"})
    with pytest.raises(NotApplicable, match="--jump"):
        design(plain, Fraction(1, 10), "jump")
    jumping = problem({"lipschitz": "1", "jump": "2*r"})
    with pytest.raises(NotApplicable, match="--osc"):
        design(jumping, Fraction(1, 10), "jump")
    with pytest.raises(NotApplicable, match="jumps"):
        design(jumping, Fraction(1, 10), "sup")
    with pytest.raises(NotApplicable, match="--lp-modulus"):
        design(jumping, Fraction(1, 10), "average")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"p": "1/2", "lipschitz": "1"}, "p: '1/2'"),
        ({"p": "pi", "lipschitz": "1"}, "p: 'pi'"),
        ({}, "lipschitz: give"),
        ({"lipschitz": "1", "jump": "sin(r)"}, "jump: sin"),
        ({"lipschitz": "1", "jump": "0 - r"}, "finite number"),
        ({"lp-modulus": "r**2"}, "modulus"),
    ],
)
def test_bad_problems(values, message):
    with pytest.raises(ValueError, match=message):
        problem(values)


@pytest.mark.parametrize("bound", ["sup", "average"])
def test_sizes_meet_their_accuracy_and_shrink_with_it(bound):
    cells = []
    for eps in (Fraction(1, 5), Fraction(1, 10), Fraction(1, 20)):
        found = design(problem({"lipschitz": "2", "dim": "2", "p": "3/2", "domain": "0..1,0..pi"}), eps, bound)
        assert found.design.meets
        assert Fraction(found.design.error_bound) <= eps
        cells.append(found.design.cells)
        data = found.to_json()
        assert data["p"] == "3/2"
        assert ("any_f" in data) == (bound == "average")
    assert cells == sorted(cells)
    assert cells[-1] < ceil(20 * cells[0]) < inf


def test_the_sup_route_scales_by_the_volume():
    """|K|^{1/2} = 2, so the sup norm has to reach 1/4: P = ⌊4/(2·¼)⌋ + 1."""
    assert design(problem({"lipschitz": "1", "domain": "0..4"}), Fraction(1, 2), "sup").design.P == (9,)
    assert at_radius(parse("2*pi*r", ("r",)), arb(1)).overlaps(2 * arb.pi())


@pytest.mark.parametrize(("p", "N"), [(1, 1), (2, 1), (1, 2), (3, 2), (2, 3)])
def test_no_use_of_point_values_beats_the_necessary_size(p, N):
    """The cone over the nearest centre has at least the norm that `necessary` says, by Monte-Carlo-free midpoints."""
    u = (np.arange(60) + 0.5) / 60 - 0.5
    square = sum(np.meshgrid(*[u * u] * N, indexing="ij"))
    norm = float((square ** (p / 2)).mean() ** (1 / p))
    for eps in (Fraction(1, 10), Fraction(1, 37)):
        P = necessary(problem({"lipschitz": "1", "dim": str(N), "p": str(p)}), eps).P[0]
        assert P == 1 or norm / (P - 1) > float(eps)


@pytest.mark.parametrize(("kappa", "N", "p"), [(Fraction(1, 100), 1, 50), (8, 2, 200), (Fraction(1, 10**6), 2, 1)])
def test_the_constant_of_any_f_ends_where_shells_would_not(kappa: Fraction, N: int, p: int) -> None:
    assert 1 < float(ceiling_constant(kappa, N, p).upper()) < float("inf")


@pytest.mark.parametrize("p", ["1/2", "201", "1e300", "pi"])
def test_exponents_out_of_range_are_refused(p: str) -> None:
    with pytest.raises(ValueError, match="from 1 to 200"):
        problem({"lipschitz": "1", "p": p})
