"""The materialised layers run literally equal the implicit evaluator and stay within the proved bound of f."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from attain.numeric.floats import GridFacts, float_error
from attain.numeric.formats import layer_error, layer_format
from attain.numeric.layer import (
    SequenceNetwork,
    materialise,
    sequence_network,
    slot_inverse,
    slot_matrix,
)
from attain.numeric.network import grid_network, midpoint_grid
from attain.numeric.sequences import layer_facts, network_of_sequence
from attain.proofs.designs import measured_sequence
from attain.symbolic.cross_attention import cross_attention_layer
from attain.symbolic.design import Design
from attain.symbolic.expression import evaluate
from attain.symbolic.self_attention import self_attention_layer
from attain.symbolic.sequence import SequenceTarget, coordinate_names, sequence_target
from attain.symbolic.sequence_layer import explicit
from attain.symbolic.target import Target
from attain.symbolic.theorems.max_affine import design
from sympy import Rational, exp, symbols

UNIT = (Fraction(0), Fraction(1))


def linear(d: int, n: int) -> list[list[str]]:
    """The reversed sequence, each row weighted: its constants are small."""
    return [[f"x{r}{n + 1 - t}/{r + 1}" for t in range(1, n + 1)] for r in range(1, d + 1)]


def curved(d: int, n: int) -> list[list[str]]:
    return [[f"sin(x{r}{t})*x1{n} - x{d}1**2/2" for t in range(1, n + 1)] for r in range(1, d + 1)]


def kinked(d: int, n: int) -> list[list[str]]:
    return [
        [f"max(x{r}{t}, x{d}1)/2" if n * d > 1 else "abs(x11 - 1/3)" for t in range(1, n + 1)] for r in range(1, d + 1)
    ]


def target(texts: list[list[str]], d: int, n: int, m: int = 0) -> SequenceTarget:
    """With the constants that are declared for the functions above: every partial derivative is at most 2."""
    names = (*(coordinate_names(d, m, "k") if m else ()), *coordinate_names(d, n))
    declared = Target((UNIT,) * len(names), {"l1": Fraction(2)}, osc=Fraction(2))
    return sequence_target(d, n, texts, names, declared, m)


def measured(texts: list[list[str]], d: int, n: int, m: int = 0) -> SequenceTarget:
    names = (*(coordinate_names(d, m, "k") if m else ()), *coordinate_names(d, n))
    return measured_sequence(d, n, texts, names, (UNIT,) * len(names), m)


def sized(f: SequenceTarget, P: int) -> Design:
    """P points an axis at the temperature that suits them."""
    return design(f.target, Fraction(1, 10**6), "sharp", P=(P,) * f.dim, R=Fraction(6 * P * P))


def truth(f: SequenceTarget, u: np.ndarray) -> np.ndarray:
    """f at points u (B, N): shape (B, d_o, n)."""
    values = dict(zip(f.target.variables, u.T, strict=True))
    rows = [[np.broadcast_to(evaluate(e, values, np), len(u)) for e in row] for row in f.outputs]
    return np.array(rows).transpose(2, 0, 1)


def points(f: SequenceTarget, count: int = 6) -> np.ndarray:
    inside = np.random.default_rng(5).random((count, f.dim))
    return np.vstack([inside, np.zeros(f.dim), np.ones(f.dim)])


def sequences(f: SequenceTarget, u: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """(X, X_K) of the points."""
    cut = f.d * f.memory
    X = u[:, cut:].reshape(-1, f.n, f.d).transpose(0, 2, 1)
    return X, u[:, :cut].reshape(-1, f.memory, f.d).transpose(0, 2, 1) if cut else None


def check(f: SequenceTarget, made: Design, variant: str, count: int = 6) -> SequenceNetwork:
    """Literal and implicit agree to 1e-12 and to the float bound; both are within the proved bound of f."""
    network = network_of_sequence(made, f, variant)
    layer, u = materialise(network), points(f, count)
    X, X_K = sequences(f, u)
    implicit = network(X, X_K)
    literal = np.array([layer(X[b], None if X_K is None else X_K[b]) for b in range(len(u))])
    facts = layer_facts(made, network)
    slack = layer_error(facts, "fp64")
    assert implicit.shape == (len(u), f.rows, f.n)
    assert np.abs(literal - implicit).max() < min(1e-12, 2 * slack)
    bound = float(made.error_bound) + slack
    assert np.abs(literal - truth(f, u)).max() <= bound
    assert np.abs(implicit - truth(f, u)).max() <= bound
    return network


CELLS = {1: 12, 2: 6, 3: 4, 4: 3, 6: 2, 9: 2}


@pytest.mark.parametrize("variant", ["tokens", "flat"])
@pytest.mark.parametrize("texts", [linear, curved, kinked])
@pytest.mark.parametrize(("d", "n"), [(d, n) for d in (1, 2, 3) for n in (1, 2, 3) if d * n < 9])
def test_self_attention_literally_and_implicitly(texts: Any, d: int, n: int, variant: str) -> None:
    f = target(texts(d, n), d, n)
    check(f, sized(f, CELLS[f.dim]), variant)


@pytest.mark.parametrize("variant", ["tokens", "flat"])
def test_three_by_three(variant: str) -> None:
    f = target(linear(3, 3), 3, 3)
    check(f, sized(f, 2), variant, count=1)


@pytest.mark.parametrize(("d", "n", "m"), [(1, 1, 1), (1, 2, 1), (1, 1, 3), (2, 1, 1), (1, 3, 2), (2, 2, 1), (3, 1, 2)])
def test_cross_attention_literally_and_implicitly(d: int, n: int, m: int) -> None:
    texts = [[f"x{r}{t}*k{r}{m}/2 + k1{1 + t % m}/3" for t in range(1, n + 1)] for r in range(1, d + 1)]
    f = target(texts, d, n, m)
    check(f, sized(f, {2: 6, 3: 4, 4: 3}.get(f.dim, 2)), "cross")


def test_fewer_outputs_than_rows_and_padded_smooth_designs() -> None:
    f = measured([["sin(x11)*x12", "cos(x12)"]], 1, 2)
    made = design(f.target, Fraction(1, 20), "smooth")
    assert made.pad > 0
    check(f, made, "tokens")
    tall = measured([["x11 + x21"], ["x21"], ["x11*x21"]], 2, 1)
    check(tall, sized(tall, 4), "flat")


def test_axes_with_their_own_temperature() -> None:
    f = measured([["3*x11 + x12", "x11/2 - x12/5"]], 1, 2)
    made = design(f.target, Fraction(1, 2), "sharp")
    network = check(f, made, "tokens")
    assert len(set(network.grid.temperature)) == 2
    cross = measured([["3*x11 + k11"]], 1, 1, 1)
    made = design(cross.target, Fraction(1, 2), "sharp")
    assert len(set(check(cross, made, "cross").grid.temperature)) == 2


def test_a_memory_that_does_not_change_needs_no_axes() -> None:
    """X_K fixed: the grid over X_Q alone (m = 0) is the cross network with all v_j^K = vec X_K."""
    f = target([["x11*x12", "x12"]], 1, 2)
    made = sized(f, 6)
    fixed = network_of_sequence(made, f, "cross")
    check(f, made, "cross")
    entries = [
        [grid_network(([0.3], *e.centres), (6.0 * 36, *e.temperature), e.values[None]) for e in row]
        for row in fixed.entries
    ]
    remembered = sequence_network(1, 2, entries, "cross", m=1)
    u = points(f)
    X, _ = sequences(f, u)
    X_K = np.full((len(u), 1, 1), 0.3)
    assert np.abs(remembered(X, X_K) - fixed(X)).max() < 1e-13
    layer, alone = materialise(remembered), materialise(fixed)
    assert len(alone.key.left) == len(alone.key.right) == 0
    assert max(np.abs(layer(a, b) - alone(a)).max() for a, b in zip(X, X_K, strict=True)) < 1e-12


@pytest.mark.parametrize("odds", [1.5, 4.0, 300.0])
def test_the_slots_drop_out_for_every_lambda_and_selection_mixes(odds: float) -> None:
    f = target([["x11", "2*x12 + 1"]], 1, 2)
    made = sized(f, 6)
    network = network_of_sequence(made, f, "tokens", odds)
    layer, u = materialise(network), points(f)
    X, _ = sequences(f, u)
    assert max(np.abs(layer(x) - y).max() for x, y in zip(X, network(X), strict=True)) < 1e-12
    select = replace(layer, W_O=np.eye(network.tokens, 2))
    mixed = np.array([select(x) for x in X])
    assert np.abs(mixed - network.selected(X)).max() < 1e-12
    seen = np.abs(mixed - network(X)).max()
    assert 0 < seen <= network.selection_error() + 1e-12


def test_leakage_is_attained_by_a_constant_with_two_values() -> None:
    """f = [0, 100]: its oscillation over the box is 0, the error of the selecting read-out is 100/(1 + e^λ)."""
    entries = [[grid_network([[0.5], [0.5]], (1.0, 1.0), [[y]]) for y in (0.0, 100.0)]]
    network = sequence_network(1, 2, entries, odds=float(np.exp(5)))
    assert network.selected([[[0.1, 0.9]]])[0, 0, 0] == pytest.approx(100 / (1 + np.exp(5)), rel=1e-13)
    assert network.selection_error() == pytest.approx(0.669285, abs=1e-6)


def test_arrays_are_the_symbolic_matrices() -> None:
    d, n, m, G, rows = symbols("d n m G d_o", integer=True, positive=True)
    sizes = {d: 2, n: 2, m: 1, G: 4, rows: 1}
    tables = np.random.default_rng(1).integers(-4, 5, (2, 4))
    for variant, layer, axes in (
        ("tokens", self_attention_layer(d, n, G, rows), 4),
        ("cross", cross_attention_layer(d, n, m, G, rows), 6),
    ):
        centres = [np.array([0.25, 0.75])] * 2 + [np.array([0.5])] * (axes - 2)
        shape = tuple(map(len, centres))
        entries = [[grid_network(centres, (8.0,) * axes, t.reshape(shape)) for t in tables]]
        network = sequence_network(2, 2, entries, variant, m=1 if variant == "cross" else 0)
        made = materialise(network)
        V = [[Rational(c) for c in row] for row in next(network.grid.centre_blocks(4))[0].T]
        Y = [[Rational(int(tables[i, j])) for j in range(4) for i in range(2)]]
        names = {s.name: s for s in layer.data}
        data = {names["Y"]: Y}
        data |= {names["V"]: V} if "V" in names else {names["V_K"]: V[:2], names["V_Q"]: V[2:]}
        scalars = {layer.R: Rational(8), exp(layer.slot): Rational(4), layer.slot: Rational(float(np.log(4.0)))}

        def filled(matrix: Any) -> np.ndarray:
            return np.array(explicit(matrix, sizes, data, scalars).tolist(), dtype=float)  # noqa: B023

        for name in ("W_Q", "W_K", "W_V", "W_O"):
            assert np.allclose(filled(getattr(layer, name)), getattr(made, name), rtol=0, atol=1e-15), name
        for lin, array in ((layer.query_lin, made.query), (layer.key_lin, made.key)):
            assert np.allclose(filled(lin.constant), array.constant, rtol=0, atol=1e-15)
            for t in range(len(array.left)):
                assert np.array_equal(filled(lin.left(t)), array.left[t])
                assert np.array_equal(filled(lin.right(t)), array.right[t])


def test_slot_matrices_are_inverse() -> None:
    for n in (1, 2, 5):
        assert np.allclose(slot_matrix(3.0, n) @ slot_inverse(3.0, n), np.eye(n), atol=1e-15)
    for odds in (1.01, 1 + 1e-6, 1 + 1e-12):
        assert slot_inverse(odds, 1).tolist() == [[1.0]]


def test_weights_out_of_range_have_no_float_bound() -> None:
    """R itself is stored in W_Q, and Q⁻¹ in W_O, also where all scores are small."""
    facts = GridFacts((30_000.0,), (0.003,), (3,), (0.01,), 1.0, 1.0, slots=2, slot=1.39)
    assert layer_error(facts, "fp16") < float("inf") == layer_error(replace(facts, temperature=(270_000.0,)), "fp16")
    assert layer_error(replace(facts, slot=1e-6), "fp16") == float("inf") > layer_error(facts, "fp32")


def test_float_bounds_cover_single_precision() -> None:
    f = target(curved(1, 2), 1, 2)
    made = sized(f, 6)
    network = network_of_sequence(made, f)
    layer, facts = materialise(network), layer_facts(made, network)
    X, _ = sequences(f, points(f, 200).astype(np.float32).astype(float))
    seen = max(np.abs(layer(x, dtype="float32") - y).max() for x, y in zip(X, network(X), strict=True))
    assert 1e-8 < seen <= layer_error(facts, "fp32")
    assert layer_format(facts, 1e-2) == "fp32"
    flat = replace(facts, slots=1, slot=0.0)
    assert layer_error(flat, "fp32") == float_error("product", flat, "fp32")
    assert layer_error(flat, "fp32") > float_error("product", replace(flat, slots=0), "fp32")


@pytest.mark.parametrize("variant", ["tokens", "flat", "cross"])
def test_float_bounds_cover_random_layers(variant: str) -> None:
    """Hot and cold axes, boxes away from the origin, λ from 0.01 to 7: against the stable evaluator in float64."""
    rng = np.random.default_rng(3)
    for _ in range(40):
        n, m = int(rng.integers(1, 4)), int(rng.integers(0, 3)) if variant == "cross" else 0
        N, P, low = m + n, int(rng.integers(2, 5)), int(rng.integers(-3, 3))
        rates = tuple(10 ** rng.uniform(0, 5, N))
        axes = [midpoint_grid(low, low + 1, P)] * N
        tables = [grid_network(axes, rates, rng.normal(size=(P,) * N)) for _ in range(n)]
        network = sequence_network(1, n, [tables], variant, m, float(1 + 10 ** rng.uniform(-2, 3)))
        values, flat = network.values(), variant == "flat"
        across = (0,) if flat else (0, 2)
        facts = GridFacts(
            rates,
            (1 / P,) * N,
            (P,) * N,
            (float(max(abs(low), abs(low + 1))),) * N,
            float(np.abs(values).max()),
            float((values.max(axis=across) - values.min(axis=across)).max()),
            slots=1 if flat else n,
            slot=0.0 if flat else float(np.log(network.odds)),
        )
        layer, u = materialise(network), (low + rng.random((1, 1, N))).astype(np.float32).astype(float)
        X_K, X = np.split(u, [m], axis=2)
        for dtype, fmt in (("float32", "fp32"), ("float64", "fp64")):
            literal = layer(X[0], X_K[0] if m else None, dtype)
            assert np.abs(literal - network(X, X_K, "separable")[0]).max() <= layer_error(facts, fmt)


def test_the_literal_layer_against_mpmath() -> None:
    """The Gaussian average of the values at 40 digits, from the definition, with each axis at its own temperature."""
    axes, rates = [midpoint_grid(0, 1, 3)] * 3, (40.0, 90.0, 7.0)
    tables = [np.arange(27.0).reshape(3, 3, 3) % 5, np.arange(27.0).reshape(3, 3, 3) % 7]
    u = (0.3, 0.55, 0.9)
    for n, m, variant in ((2, 1, "cross"), (3, 0, "tokens"), (3, 0, "flat")):
        made = [grid_network(axes, rates, tables[i % 2]) for i in range(n)]
        layer = materialise(sequence_network(1, n, [made], variant, m))
        output = layer([u[m:]], [u[:m]] if m else None)
        with mpmath.workdps(40):
            for t in range(n):
                top = bottom = mpmath.mpf(0)
                for place in np.ndindex(3, 3, 3):
                    parts = zip(rates, axes, place, u, strict=True)
                    weight = mpmath.exp(-sum(r * (mpmath.mpf(float(a[k])) - x) ** 2 for r, a, k, x in parts) / 2)
                    top, bottom = top + weight * tables[t % 2][place], bottom + weight
                assert abs(output[0, t] - top / bottom) < 1e-13


def test_a_larger_slot_or_more_slots_cost_accuracy() -> None:
    facts = GridFacts((80.0,) * 2, (0.2,) * 2, (5, 5), (1.0, 1.0), 1.0, 1.0, slots=2, slot=1.39)
    hot, many = replace(facts, slot=60.0), replace(facts, slots=9)
    assert float_error("product", hot, "fp32") > float_error("product", facts, "fp32")
    assert float_error("product", many, "fp32") > float_error("product", facts, "fp32")
    assert layer_error(facts, "fp32") > float_error("product", replace(facts, slots=1, slot=0.0), "fp32")


def test_bad_networks_are_refused_in_one_line() -> None:
    axis = midpoint_grid(0, 1, 2)
    net = grid_network([axis, axis], (4.0, 4.0), [[0.0, 1.0], [2.0, 3.0]])
    other = grid_network([axis, axis], (5.0, 4.0), [[0.0, 1.0], [2.0, 3.0]])
    for arguments, message in (
        ((1, 2, [[net]]), "each with 2 networks"),
        ((1, 2, [[net, other]]), "share one grid"),
        ((2, 2, [[net, net]]), "4 are needed"),
        ((1, 2, [[net, net]], "wide"), "unknown variant"),
        ((1, 1, [[net]], "tokens", 1), "needs the variant cross"),
        ((1, 2, [[net, net]], "tokens", 0, 1.0), "above 1"),
    ):
        with pytest.raises(ValueError, match=message):
            sequence_network(*arguments)  # type: ignore[arg-type]
    good = sequence_network(1, 2, [[net, net]])
    with pytest.raises(ValueError, match="refusing to write out"):
        materialise(good, limit=60)
    with pytest.raises(ValueError, match=r"shape \(B, 1, 2\)"):
        good(np.zeros((1, 2, 1)))
    with pytest.raises(ValueError, match="leave X_K out"):
        materialise(good)([[0.0, 1.0]], [[0.0]])
    with pytest.raises(ValueError, match="give X_K"):
        materialise(sequence_network(1, 1, [[net]], "cross", 1))([[0.0]])
