"""Float formats: the facts a design hands over are true of its network, and the bound covers what floats do."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from attain.numeric.certificate import network_of
from attain.numeric.evaluate import evaluate
from attain.numeric.formats import design_float_error, design_format, form_of, grid_facts_of
from attain.symbolic.exact import real
from attain.symbolic.expression import parse
from attain.symbolic.target import Target
from attain.symbolic.theorems.max_affine import design, problem
from hypothesis import given, settings
from hypothesis import strategies as st

UNIT = (Fraction(0), Fraction(1))
ORDER = ("bf16", "fp16", "fp32", "fp64", "none")


def target(text, L, M, osc, padding, box=(UNIT, UNIT)):
    return Target(
        box,
        {"l2": Fraction(L)},
        hessian=Fraction(M),
        osc=Fraction(osc),
        padding=padding,
        expression=parse(text, ("x", "y")),
        variables=("x", "y"),
    )


TARGETS = {
    "steep": ("10*x - 7*y", "12.3", "0.01", "17"),
    "curved": ("5*x**2 + sin(y)", "10.1", "10", "6"),
    "waves": ("sin(3*x) + cos(2*y)", "3.7", "9", "2.6"),
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("padding", ["extend", "clip"])
@pytest.mark.parametrize("pad", [0, 1, 6])
def test_facts_hold_of_the_network(name, padding, pad):
    """Values at padded centres leave the range of f on the box; the facts must cover them."""
    from attain.symbolic.second_order import smooth_design

    text, L, M, osc = TARGETS[name]
    d = smooth_design(target(text, L, M, osc, padding), Fraction(1, 5), P=(3, 5), pad=pad)
    facts, network = grid_facts_of(d), network_of(d)
    values = np.asarray(network.values)
    inside = values[pad : values.shape[0] - pad, pad : values.shape[1] - pad]
    assert np.ptp(values) <= facts.value_osc
    assert np.abs(values - (inside.max() + inside.min()) / 2).max() <= facts.value_max
    assert facts.value_osc == pytest.approx(float(Fraction(osc))) or pad > 0
    assert facts.count == values.shape
    for i, centres in enumerate(network.centres):
        assert np.abs(centres - 0.5).max() <= facts.radius[i] * (1 + 1e-12)
        assert np.diff(centres) == pytest.approx(facts.spacing[i])
        assert network.temperature[i] == pytest.approx(facts.temperature[i])


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("bound", ["sharp", "smooth", "published"])
def test_float32_stays_within_its_bound(name, bound):
    text, L, M, osc = TARGETS[name]
    d = design(target(text, L, M, osc, "clip"), Fraction(1, 2), bound)
    network = network_of(d)
    points = np.random.default_rng(3).random((400, 2)).astype(np.float32)
    exact = evaluate(network, points, "dense").values
    rough = evaluate(network, points, "dense", dtype="float32").values
    seen = np.abs(rough - exact).max()
    assert 0 < seen <= design_float_error(d, "fp32") + design_float_error(d, "fp64")
    assert design_float_error(d, "fp64") < design_float_error(d, "fp32") < design_float_error(d, "bf16")


@settings(deadline=None, max_examples=12, derandomize=True)
@given(st.integers(-2, 14), st.integers(1, 4), st.sampled_from(["sharp", "smooth", "published"]))
def test_the_format_is_the_first_whose_error_is_a_tenth_of_eps(exponent, N, bound):
    eps = Fraction(1, 2) * Fraction(1, 10) ** exponent
    d = design(Target((UNIT,) * N, {"l2": Fraction(1)}, hessian=Fraction(1)), eps, bound)
    errors = {fmt: design_float_error(d, fmt) for fmt in ORDER[:-1]}
    enough = [fmt for fmt, error in errors.items() if error < float(eps) / 10]
    assert design_format(d, eps) == (enough[0] if enough else "none")


def test_formats_grow_with_accuracy_and_never_crash():
    formats = []
    for eps in ("10", "0.3", "1e-2", "1e-4", "1e-7", "1e-15", "1e-30", "1e-300"):
        accuracy = Fraction(eps)
        formats.append(ORDER.index(design_format(design(problem({"lipschitz": "1"}), accuracy, "sharp"), accuracy)))
    assert formats == sorted(formats)
    assert ORDER[formats[0]] == "bf16"
    assert ORDER[formats[-1]] == "none"
    for L, eps in [("1e20", "1e-300"), ("1e300", "1e300"), ("1e-300", "1e-300"), ("1e400", "1"), ("1", "1e-400")]:
        d = design(problem({"lipschitz": L}), real(eps, "eps"), "sharp")
        assert design_format(d, real(eps, "eps")) in ORDER
        assert design_float_error(d, "fp64") >= 0
    long = problem({"lipschitz": "1", "domain": "0..1e300"})
    assert design_format(design(long, Fraction(1, 10**10), "sharp"), Fraction(1, 10**10)) == "none"


def test_large_layers_run_separably():
    small, large = (design(problem({"lipschitz": "1", "dim": n}), Fraction(1, 10), "sharp") for n in ("2", "40"))
    assert (form_of(small), form_of(large)) == ("dense", "separable")
    assert design_format(large, Fraction(1, 10)) in ("fp32", "fp64")
