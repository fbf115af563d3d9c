"""Proved constants: never below a dense sample, and close to the closed forms where there are some."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from attain.proofs.regularity import (
    DomainError,
    Norm,
    RegularityError,
    check_domain,
    hessian,
    lipschitz,
    oscillation,
    range_of,
    round_up,
)
from attain.symbolic.expression import Expr, constant, evaluate, parse
from hypothesis import given, settings
from hypothesis import strategies as st

Ends = list[tuple[str, str]]
UNIT: Ends = [("0", "1")]


def _box(ends: Ends) -> list[tuple[Expr, Expr]]:
    return [(constant(lo), constant(hi)) for lo, hi in ends]


def _grid(ends: Ends, points: int) -> list[np.ndarray]:
    sides = [np.linspace(*(float(evaluate(e, {}, np)) for e in side), points) for side in _box(ends)]
    return [a.ravel() for a in np.meshgrid(*sides, indexing="ij")]


ROOT2 = math.sqrt(2)
# formula, box, sup of the 2-norm of the gradient (l2), its largest entry (l1), its 1-norm (linf), ‖∇²f‖ or None, osc
TARGETS: list[tuple[str, Ends, float, float, float, float | None, float]] = [
    ("sin(x)+cos(y)", UNIT * 2, math.hypot(1, math.sin(1)), 1, 1 + math.sin(1), 1, 1 + math.sin(1) - math.cos(1)),
    ("abs(x-1/3)", UNIT, 1, 1, 1, None, 2 / 3),
    ("sin(10*x)", UNIT, 10, 10, 10, 100, 2),
    ("1/(1+25*x**2)", [("-1", "1")], 15 * math.sqrt(3) / 8, 15 * math.sqrt(3) / 8, 15 * math.sqrt(3) / 8, 50, 25 / 26),
    ("x*y*z", UNIT * 3, math.sqrt(3), 1, 3, 2, 1),
    ("max(x,y)", UNIT * 2, 1, 1, 1, None, 1),
    ("tanh(4*x-2)", UNIT, 4, 4, 4, 64 / (3 * math.sqrt(3)), 2 * math.tanh(2)),
    ("sin(x)*cos(y)", [("0", "pi/2")] * 2, 1, 1, 1, 1, 1),
    ("abs(x)*(y+1)", UNIT * 2, math.sqrt(5), 2, 3, 1, 2),
    ("x**(5/2)", [("0", "4")], 20, 20, 20, 7.5, 32),
    ("3", UNIT, 0, 0, 0, 0, 0),
    ("2*x - y", UNIT * 2, math.sqrt(5), 2, 3, 0, 3),
    ("max(0, x)**2", [("-1", "1")], 2, 2, 2, None, 1),
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t[0])
def test_closed_forms(target: tuple[str, Ends, float, float, float, float | None, float]) -> None:
    text, ends, l2, l1, linf, second, osc = target
    expr, box = parse(text), _box(ends)
    variables = ["x", "y", "z"][: len(ends)]
    start = time.process_time()
    for norm, true in (("l2", l2), ("l1", l1), ("linf", linf)):
        found = lipschitz(expr, variables, box, norm)
        assert true * (1 - 1e-12) <= found <= true * 1.001, norm
    bound = hessian(expr, variables, box)
    if second is None:
        assert bound is None
    else:
        assert bound is not None
        assert second * (1 - 1e-12) <= bound <= second * 1.011
    assert osc * (1 - 1e-12) <= oscillation(expr, variables, box) <= osc * 1.001
    assert time.process_time() - start < 20


SAMPLED = [
    ("exp(-x*y)+sqrt(x+1/10)", UNIT * 2),
    ("x**2*y-y**3/3+sin(pi*x*y)", [("-1", "1")] * 2),
    ("sigmoid(10*(x+y-1))*log(1+x*y)", UNIT * 2),
    ("max(x*y,abs(x-y),sin(3*x))", UNIT * 2),
    ("erf(3*x) - softplus(2*x)", [("-1", "2")]),
]


@pytest.mark.parametrize(("text", "ends"), SAMPLED, ids=lambda v: v if isinstance(v, str) else "")
def test_never_below_a_dense_sample(text: str, ends: Ends) -> None:
    """Difference quotients of floats are below any Lipschitz constant; theirs of second order below any M."""
    expr, box, variables = parse(text), _box(ends), ["x", "y"][: len(ends)]
    grid, step = _grid(ends, 201 if len(ends) == 2 else 4001), 1e-4
    low = [float(evaluate(lo, {}, np)) for lo, _ in box]
    high = [float(evaluate(hi, {}, np)) for _, hi in box]
    inner = [np.clip(g, a + 2 * step, b - 2 * step) for g, a, b in zip(grid, low, high, strict=True)]

    def f(points: list[np.ndarray]) -> np.ndarray:
        value: np.ndarray = evaluate(expr, dict(zip(variables, points, strict=True)), np)
        return value

    values = f(grid)
    osc = oscillation(expr, variables, box)
    assert np.ptp(values) <= float(osc) * (1 + 1e-12)
    assert float(osc) <= np.ptp(values) * 1.01
    for norm, order in (("l2", 2), ("l1", math.inf), ("linf", 1)):
        bound = float(lipschitz(expr, variables, box, norm))
        slopes = []
        for direction in _directions(len(ends), order):
            ahead = f([g + step * d for g, d in zip(inner, direction, strict=True)])
            slopes.append(np.max(np.abs(ahead - f(inner))) / step)
        assert max(slopes) <= bound * (1 + 1e-9), norm
        assert bound <= max(slopes) * 1.02, norm
    second = hessian(expr, variables, box)
    if second is not None:
        for direction in _directions(len(ends), 2):
            moved = [[g + s * step * d for g, d in zip(inner, direction, strict=True)] for s in (-1, 0, 1)]
            bend = np.max(np.abs(f(moved[0]) - 2 * f(moved[1]) + f(moved[2]))) / step**2
            assert bend <= float(second) * (1 + 1e-5)


def _directions(dimension: int, order: float) -> list[tuple[float, ...]]:
    """Unit vectors of the primal norm whose dual is the ``order`` norm of the gradient."""
    if dimension == 1:
        return [(1.0,)]
    if order == math.inf:
        return [(1.0, 0.0), (0.0, 1.0)]
    if order == 1:
        return [(1.0, 1.0), (1.0, -1.0), (1.0, 0.0)]
    return [(math.cos(a), math.sin(a)) for a in np.linspace(0, math.pi, 24, endpoint=False)]


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    st.lists(st.integers(-4, 4), min_size=4, max_size=4),
    st.integers(-8, 8),
    st.integers(1, 16),
)
def test_random_cubics_on_random_intervals(c: list[int], low: int, width: int) -> None:
    a, b = Fraction(low, 4), Fraction(low + width, 4)
    expr = parse(f"({c[0]}) + ({c[1]})*x + ({c[2]})*x**2 + ({c[3]})*x**3")
    box = [(constant(str(a)), constant(str(b)))]
    f, g, h = (np.polynomial.Polynomial(c).deriv(k) if k else np.polynomial.Polynomial(c) for k in range(3))

    def largest(p: Callable[[float], float], roots: np.ndarray) -> list[float]:
        inside = [float(r.real) for r in np.atleast_1d(roots) if abs(r.imag) < 1e-12 and a <= r.real <= b]
        return [float(p(t)) for t in (float(a), float(b), *inside)]

    values = largest(f, g.roots() if np.any(g.coef) else np.array([]))
    slopes = np.abs(largest(g, h.roots() if np.any(h.coef) else np.array([])))
    bends = np.abs([h(float(a)), h(float(b))])
    for found, true, rel in (
        (oscillation(expr, ["x"], box), max(values) - min(values), 1e-3),
        (lipschitz(expr, ["x"], box), max(slopes), 1e-3),
        (hessian(expr, ["x"], box), max(bends), 2e-3),
    ):
        assert found is not None
        assert true * (1 - 1e-9) - 1e-9 <= float(found) <= true * (1 + rel) + 1e-6


@pytest.mark.parametrize(
    ("text", "ends", "message"),
    [
        ("1/(x-1/2)", UNIT, "1/(x - 1/2) is undefined at x = 0.5"),
        ("2 + sin(1/(x-1/3))", UNIT, "1/(x - 1/3) is undefined at x = 1/3"),
        ("1/(x-1/3)**2", UNIT, "1/(x - 1/3)**2 is undefined at x = 1/3"),
        ("1/(x**2 - 2)", [("0", "2")], "1/(x**2 - 2) is undefined at x = 1.41421"),
        ("log(x)", [("-1", "1")], "log(x) is undefined at x = -1"),
        ("log(x)", UNIT, "log(x) is undefined at x = 0"),
        ("sqrt(x-1/2)", UNIT, "sqrt(x - 1/2) is undefined at x = 0"),
        ("tan(x)", [("0", "2")], "tan(x) is undefined at x = 1.5708"),
        ("1/(x+y-1)", UNIT * 2, "1/(x + y - 1) is undefined at x = 0.5, y = 0.5"),
        ("asin(2*x)", UNIT, "asin(2*x) is undefined at x = 1"),
        ("x**-1", [("-1/3", "1")], "x**-1 is undefined at x = 0"),
    ],
)
def test_undefined_is_said_with_the_place(text: str, ends: Ends, message: str) -> None:
    expr, box, variables = parse(text), _box(ends), ["x", "y"][: len(ends)]
    start = time.process_time()
    for compute in (check_domain, lipschitz, hessian, oscillation, range_of):
        with pytest.raises(DomainError) as caught:
            compute(expr, variables, box)  # type: ignore[operator]
        assert str(caught.value) == message
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("text", "ends", "place"),
    [
        ("sqrt(x)", UNIT, "x = 0"),
        ("sqrt(1-x)", UNIT, "x = 1"),
        ("x**(1/3)*y", UNIT * 2, "x = 0"),
        ("asin(x)", UNIT, "x = 1"),
        ("sqrt(abs(x-1/3))", UNIT, "x = 0.333333"),
    ],
)
def test_defined_but_not_lipschitz(text: str, ends: Ends, place: str) -> None:
    expr, box, variables = parse(text), _box(ends), ["x", "y"][: len(ends)]
    start = time.process_time()
    with pytest.raises(RegularityError, match="no Lipschitz constant found") as caught:
        lipschitz(expr, variables, box)
    assert f"near {place}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert hessian(expr, variables, box) is None
    assert oscillation(expr, variables, box) > 0
    assert time.process_time() - start < 2


def test_a_kink_on_a_cell_boundary_has_no_hessian() -> None:
    """1/2 is where the first split falls: both halves are smooth, the function is not."""
    assert hessian(parse("abs(x - 1/2)"), ["x"], _box(UNIT)) is None
    assert hessian(parse("max(x, 1 - x)"), ["x"], _box(UNIT)) is None
    assert hessian(parse("abs(x)**3"), ["x"], _box(UNIT)) == Fraction("6.0001")
    assert lipschitz(parse("abs(x - 1/2)"), ["x"], _box(UNIT)) == 1


def test_range_has_proved_and_attained_ends() -> None:
    found = range_of(parse("x*(1 - x)*sin(y)"), ["x", "y"], _box(UNIT * 2))
    assert found.upper.contains(math.sin(1) / 4)
    assert found.lower.contains(0)
    assert float(found.upper.rad()) < 1e-3
    assert float(found.oscillation.upper()) >= math.sin(1) / 4


def test_check_domain_is_three_valued() -> None:
    assert check_domain(parse("log(x + 1/10) + 1/(1 + x)"), ["x"], _box(UNIT)) is True
    assert check_domain(parse("1/(1 - cos(x - 1/3))"), ["x"], _box(UNIT)) is False


@pytest.mark.parametrize("value", [Fraction(1), Fraction(13069, 10000), Fraction(1, 3), 1e-300, 123456.789, 0.0])
def test_round_up(value: Fraction | float) -> None:
    found = round_up(value)
    assert Fraction(value) <= found <= Fraction(value) * Fraction(10001, 10000)
    assert len(str(found.numerator).rstrip("0")) <= 6


@pytest.mark.parametrize("norm", ["l3", "L2"])
def test_bad_input_is_said_in_one_line(norm: Norm) -> None:
    with pytest.raises(ValueError, match="unknown norm"):
        lipschitz(parse("x"), ["x"], _box(UNIT), norm)
    with pytest.raises(ValueError, match="must run upwards"):
        lipschitz(parse("x"), ["x"], _box([("1", "0")]))
    with pytest.raises(ValueError, match="variable 'y'"):
        lipschitz(parse("x + y"), ["x"], _box(UNIT))
    with pytest.raises(ValueError, match="2 variables but 1 sides"):
        lipschitz(parse("x + y"), ["x", "y"], _box(UNIT))


def test_a_spent_budget_is_still_a_bound() -> None:
    expr, box = parse("sin(3*x*y)+exp(-x*z)*cos(4*y*z)"), _box(UNIT * 3)
    rough, fine = (lipschitz(expr, ["x", "y", "z"], box, budget=n) for n in (20, 4000))
    assert rough >= fine >= Fraction("5.75")
