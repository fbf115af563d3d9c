"""Smooth sizes: networks stay below the bound and reach it, and no grid with fewer cells meets ε by brute force."""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import numpy as np
import pytest
from attain.symbolic.design import NotApplicable
from attain.symbolic.exact import real
from attain.symbolic.second_order import smooth_design, smooth_terms
from attain.symbolic.target import Target
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(deadline=None, max_examples=8, derandomize=True)
UNIT = (Fraction(0), Fraction(1))
SCALES = st.fractions(Fraction(1, 50), 50, max_denominator=60)
GOLDEN = (1 + 5**0.5) / 2


def bounds(kappas, w):
    """μ̄1(κ, w) and m2(κ) for every κ ≥ 0.3, by plain sums; the supremum of the bias over 801 places."""
    bias, m2, theta = lattice(tuple(kappas))
    D = w + 0.5
    weight = np.exp(-kappas * D * D / 2)
    Q, T = weight / (1 - np.exp(-kappas * (D + 0.5))), D * weight / (1 - np.exp(-kappas * D))
    S = np.maximum(2 * theta - 2 * Q, np.exp(-kappas / 8))
    return bias * (1 + 2 * Q / S) + T / S, m2


@functools.cache
def lattice(kappas):
    """μ1, m2 and Θ."""
    k, u = np.arange(-22, 24), np.linspace(0, 0.5, 801)[:, None]
    rows = []
    for kappa in kappas:
        w = np.exp(-kappa * (u - k) ** 2 / 2)
        half = np.exp(-kappa * (k - 0.5) ** 2 / 2)
        bias = np.abs((w * (k - u)).sum(1) / w.sum(1)).max()
        rows.append((bias, (half * (k - 0.5) ** 2).sum() / half.sum(), half.sum() / 2))
    return np.array(rows).T


def network(d, values, x):
    """F(x) and the centres from the definition, on the padded grid."""
    axes = []
    for i, (a, b) in enumerate(d.target.box):
        h = float(b - a) / d.P[i]
        axes.append(float(a) + h * (np.arange(-d.pad, d.P[i] + d.pad) + 0.5))
    v = np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1)
    R = np.array([float(d.R_on(i).mid()) for i in range(d.target.dim)])
    scores = -0.5 * ((x - v) ** 2 * R).sum(axis=1)
    p = np.exp(scores - scores.max())
    return float((p / p.sum()) @ values(v))


def clipped(f, gradient, box):
    """f inside the box, f(π) + ∇f(π)·(v − π) outside."""
    low, high = np.array([[float(a), float(b)] for a, b in box]).T

    def values(v):
        near = np.clip(v, low, high)
        return f(near) + (gradient(near) * (v - near)).sum(axis=1)

    return values


@pytest.mark.parametrize(
    ("norm", "N", "L", "M", "eps"),
    [
        ("l2", 2, "1.4", "1", "0.01"),
        ("l2", 3, "1", "10", "0.3"),
        ("l1", 2, "1", "0.1", "0.002"),
        ("linf", 8, "3", "1", "0.05"),
        ("l2", 1, "10", "0.01", "0.02"),
        ("l2", 2, "0.01", "5", "0.03"),
    ],
)
def test_no_grid_with_fewer_cells_meets_eps(norm, N, L, M, eps):
    """All (P, w) with P + 2w below the design's, each with 150 temperatures between 0.3 and 60."""
    d = smooth_design(Target((UNIT,) * N, {norm: Fraction(L)}, hessian=Fraction(M)), Fraction(eps))
    kappas = np.exp(np.linspace(np.log(0.3), np.log(60), 150))
    length = {"l2": N**0.5, "l1": N, "linf": 1}[norm]
    for w in range(d.pad + 12):
        bias, m2 = bounds(kappas, w)
        for P in range(1, d.P[0] + 2 * d.pad - 2 * w):
            assert (float(L) * length * bias / P + float(M) * N * m2 / (2 * P * P)).min() > float(eps), (P, w)
    assert d.meets
    bias, m2 = bounds(np.array([float(d.kappa)]), d.pad)
    P = d.P[0]
    exact = float(L) * length * bias[0] / P + float(M) * N * m2[0] / (2 * P * P)
    assert exact * (1 - 1e-12) <= float(d.error_bound) <= exact * (1 + 1e-5)


@pytest.mark.parametrize(
    ("sides", "L", "M", "eps"), [((1, 50), "0.16", "2.29", "0.056"), (("2/7", "59/7"), "0.6", "1.32", "0.018")]
)
def test_unequal_axes_share_the_least_spacing(sides, L, M, eps):
    """One point fewer on the longest axis, the others spaced as finely, meets ε at no temperature."""
    box = tuple((Fraction(0), Fraction(s)) for s in sides)
    d = smooth_design(Target(box, {"l2": Fraction(L)}, hessian=Fraction(M)), Fraction(eps), pad=20)
    longest = max(d.P)
    for points in (longest, longest - 1):
        P = [math.ceil(points * b / max(side[1] for side in box)) for _, b in box]
        h = np.array([float(b) / p for (_, b), p in zip(box, P, strict=True)])
        bias, m2 = bounds(np.exp(np.linspace(np.log(0.6), np.log(60), 600)), 20)
        least = (float(L) * np.linalg.norm(h) * bias + float(M) / 2 * (h @ h) * m2).min()
        assert (least <= float(eps)) == (points == longest)
    assert d.meets


def test_both_terms_are_attained():
    """½‖x − c‖² at a cell corner c attains the curvature term, a linear function the bias term."""
    steep = smooth_design(Target((UNIT,) * 2, {"l2": Fraction(2)}, hessian=Fraction(1)), Fraction(1, 100))
    c = np.full(2, 1 / steep.P[0])
    error = network(steep, lambda v: 0.5 * ((v - c) ** 2).sum(axis=1), c)
    curvature = float(steep.budget[1].value)
    assert curvature * (1 - 1e-5) <= error <= curvature
    flat = smooth_design(
        Target((UNIT,) * 2, {"l2": Fraction(1)}, hessian=Fraction(1, 10**6)), Fraction(1, 100), P=(4, 4), R=Fraction(80)
    )
    places = [np.array([t, t]) for t in np.linspace(0.25, 0.75, 401)]
    error = max(abs(network(flat, lambda v: v.sum(axis=1) / 2**0.5, x) - x.sum() / 2**0.5) for x in places)
    assert float(flat.budget[0].value) * 0.999 <= error <= float(flat.budget[0].value)


@pytest.mark.parametrize("padding", ["extend", "clip"])
@pytest.mark.parametrize("sides", [(1, 1), (1, 3), (Fraction(1, 10), 2)])
def test_networks_stay_below_the_bound(padding, sides):
    box = tuple((Fraction(0), Fraction(s)) for s in sides)
    target = Target(box, {"l2": Fraction(3, 2), "l1": Fraction(1)}, hessian=Fraction(1), padding=padding)
    d = smooth_design(target, Fraction(1, 30))

    def f(v):
        return np.sin(v[:, 0]) + np.cos(v[:, 1])

    def gradient(v):
        return np.stack([np.cos(v[:, 0]), -np.sin(v[:, 1])], axis=1)

    values = f if padding == "extend" else clipped(f, gradient, box)
    top = np.array(sides, dtype=float)
    rng = np.random.default_rng(0)
    worst = max(abs(network(d, values, x) - f(x[None])[0]) for x in [*(rng.random((200, 2)) * top), 0 * top, top])
    assert worst <= float(d.error_bound) * (1 + 1e-12)
    assert worst > float(d.error_bound) / 20
    assert d.meets


def test_clipping_costs_the_golden_ratio_and_no_padding_costs_nothing():
    known = {"l2": Fraction(1)}
    extend = Target((UNIT,) * 2, known, hessian=Fraction(1))
    clip = Target((UNIT,) * 2, known, hessian=Fraction(1), padding="clip")
    kappa = (arb(3),)
    for pad, factor in ((0, 1.0), (3, GOLDEN)):
        (bias, curved, _), (same, more, _) = (smooth_terms(t, (8, 8), pad, kappa) for t in (extend, clip))
        assert float((more / curved).mid()) == pytest.approx(factor)
        assert float(bias.mid()) == float(same.mid())
    assert smooth_design(clip, Fraction(1, 500)).cells >= smooth_design(extend, Fraction(1, 500)).cells


def test_terms_add_over_unequal_axes():
    box = ((Fraction(0), Fraction(1)), (Fraction(0), Fraction(3)))
    target = Target(box, {"l1": Fraction(2), "l2": Fraction(5), "linf": Fraction(100)}, hessian=Fraction(4))
    kappas = np.array([2.0, 3.5])
    bias, m2 = bounds(kappas, 2)
    h = np.array([1 / 4, 3 / 5])
    first, second, norm = smooth_terms(target, (4, 5), 2, (arb(2), arb("3.5")))
    assert norm == "l1"
    assert float(first.mid()) == pytest.approx(2 * (h * bias).sum(), rel=1e-5)
    assert float(second.mid()) == pytest.approx(2 * (h * h * m2).sum())


@LAW
@given(st.tuples(SCALES, SCALES, SCALES, SCALES), st.lists(SCALES, min_size=2, max_size=3), st.integers(1, 3))
def test_laws(units, accuracies, N):
    """Cells fall as ε grows, ε is met exactly, and nothing depends on the units of x and f."""
    length, value, L, M = units
    target = Target((UNIT,) * N, {"l2": L}, hessian=M)
    found = [smooth_design(target, eps) for eps in sorted(accuracies)]
    assert [d.cells for d in found] == sorted((d.cells for d in found), reverse=True)
    assert all(d.meets and Fraction(d.error_bound) <= eps for d, eps in zip(found, sorted(accuracies), strict=True))
    box = ((Fraction(-1), length - 1),) * N
    scaled = Target(box, {"l2": L * value / length}, hessian=M * value / length**2)
    again = smooth_design(scaled, value * min(accuracies))
    assert (again.P, again.pad) == (found[0].P, found[0].pad)
    assert float(again.kappa) == pytest.approx(float(found[0].kappa), rel=1e-2)


@pytest.mark.parametrize("eps", ["1e-12", "1e-30", "pi*1e-8", "1e-300", "1e300"])
def test_extreme_accuracy(eps):
    accuracy = real(eps, "eps")
    target = Target((UNIT,) * 2, {"l2": Fraction(1)}, hessian=Fraction(1))
    d = smooth_design(target, accuracy)
    assert d.meets
    if eps == "1e-12":
        assert not smooth_design(target, accuracy, P=(d.P[0] - 1,) * 2, pad=d.pad).meets


def test_fixed_points_temperature_and_padding():
    target = Target((UNIT,) * 2, {"l2": Fraction(1)}, hessian=Fraction(1))
    eps = Fraction(1, 100)
    best = smooth_design(target, eps)
    few = smooth_design(target, eps, P=(2, 2))
    assert not few.meets
    assert Fraction(few.error_bound) > eps
    assert smooth_design(target, eps, P=best.P, pad=best.pad).meets
    assert smooth_design(target, eps, P=(40, 40)).meets
    assert smooth_design(target, eps, pad=9).pad == 9
    for R in ("1e30", "1e-30", "1e300"):
        extreme = smooth_design(target, eps, R=Fraction(R))
        assert not extreme.meets
        assert Fraction(extreme.error_bound) > eps
    uneven = smooth_design(target, eps, P=(30, 60))
    assert uneven.meets
    assert uneven.P == (30, 60)


def test_what_does_not_apply_says_why():
    with pytest.raises(NotApplicable, match="hessian"):
        smooth_design(Target((UNIT,), {"l2": Fraction(1)}), Fraction(1, 10))
    with pytest.raises(NotApplicable, match="Lipschitz"):
        smooth_design(Target((UNIT,), hessian=Fraction(1)), Fraction(1, 10))
    with pytest.raises(NotApplicable, match="no grid up to"):
        smooth_design(Target((UNIT,), {"l2": Fraction(10**300)}, hessian=Fraction(1)), Fraction(1, 10**300), pad=1)
