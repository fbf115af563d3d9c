"""The interval engine: true values, slopes and second derivatives lie in the enclosures, for balls of any width."""

from __future__ import annotations

import doctest
import importlib
import itertools
import random
from collections.abc import Sequence
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from attain.proofs.interval import (
    DomainError,
    Jet,
    Ordering,
    ball,
    compare,
    compile,  # noqa: A004
    exact,
    holds,
    hull,
    jet,
    mean_value_range,
    power,
    side,
)
from attain.proofs.spectral import spectral_norm
from attain.symbolic.expression import Expr, constant, names, parse, to_sympy
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

SETTINGS = settings(deadline=None, max_examples=60, derandomize=True)
KERNELS = [
    *("sin(x)", "cos(x)", "tan(x)", "exp(x)", "log(x)", "sqrt(x)", "tanh(x)", "sinh(x)", "cosh(x)", "atan(x)"),
    *("asin(x)", "acos(x)", "sigmoid(x)", "softplus(x)", "erf(x)", "x**2", "x**3", "x**-1", "x**-2", "x**(1/3)"),
    *("x**(5/2)", "x**(-1/2)", "2**x", "x**x", "x**0", "1/(1+x**2)", "x*x", "x**7", "x*sin(x)", "exp(x)/(1+x)"),
]
TWO = ["x*y", "x/y", "x**y", "sin(x)*cos(y)", "exp(-x*y)+sqrt(x+1/10)", "(x-y)/(x+y)", "x**2*y-y**3/3", "log(x*y+1)"]


def _exact_ball(low: Fraction, high: Fraction) -> arb:
    return hull(exact(low).lower(), exact(high).upper())


def _true(derivative: sp.Expr, point: dict[str, Fraction]) -> mpmath.mpf | None:
    """Value to 40 digits by mpmath, None where it is not real and finite."""
    symbols = sorted(derivative.free_symbols, key=str)
    with mpmath.workdps(50):
        numbers = [mpmath.mpf(point[s.name].numerator) / point[s.name].denominator for s in symbols]
        try:
            value = sp.lambdify(symbols, derivative, "mpmath")(*numbers)
        except ZeroDivisionError:
            return None
        if mpmath.im(value) != 0 or not mpmath.isfinite(value):
            return None
        return mpmath.re(value)


def _inside(value: mpmath.mpf | None, enclosure: arb) -> bool:
    if value is None:
        return not enclosure.is_finite()
    if not enclosure.is_finite():
        return True
    with ctx.workprec(300), mpmath.workdps(60):
        error = arb(mpmath.nstr(abs(value) * mpmath.mpf(10) ** -38 + mpmath.mpf(10) ** -60, 10))
        return bool(enclosure.overlaps(arb(mpmath.nstr(value, 50)) + arb(0, error)))


class _Derivatives:
    def __init__(self, text: str) -> None:
        self.expr: Expr = parse(text)
        self.names = names(self.expr)
        symbols = {n: sp.Symbol(n, real=True) for n in self.names}
        f = to_sympy(self.expr, symbols)
        self.value = f
        self.power = text in ("x**y", "x**x")
        self.gradient = [sp.diff(f, symbols[n]) for n in self.names]
        self.hessian = [[sp.diff(g, symbols[n]) for n in self.names] for g in self.gradient]

    def check(self, box: Sequence[tuple[Fraction, Fraction]], points: Sequence[Sequence[Fraction]]) -> None:
        balls = [_exact_ball(*ends) for ends in box]
        try:
            found = jet(self.expr, self.names, balls)
        except DomainError:
            for point in points:
                # x**y is exp(y·log x) here, also where y happens to be an integer
                assert (self.power and point[0] <= 0) or _true(
                    self.value, dict(zip(self.names, point, strict=True))
                ) is None
            return
        for point in points:
            at = dict(zip(self.names, point, strict=True))
            if not found.value.is_finite():
                continue
            assert _inside(_true(self.value, at), found.value), (self.expr, box, point)
            for i, g in enumerate(self.gradient):
                assert _inside(_true(g, at), found.gradient[i]), (self.expr, box, point, i)
                for j, h in enumerate(self.hessian[i]):
                    assert found.hessian is not None
                    assert _inside(_true(h, at), found.hessian[i][j]), (self.expr, box, point, i, j)


fractions = st.fractions(-3, 3, max_denominator=64)


@pytest.mark.parametrize("text", [*KERNELS, *TWO])
def test_derivatives_of_sympy_lie_in_the_jet(text: str) -> None:
    rng = random.Random(text)
    derivatives = _Derivatives(text)
    for _ in range(12):
        box = []
        for _ in derivatives.names:
            width = Fraction(rng.choice([0, 1, 8, 40]), 32)
            low = Fraction(rng.randint(-64, 96), 32)
            box.append((low, low + width))
        corners = list(itertools.product(*box))
        inner = [[a + (b - a) * Fraction(rng.randint(0, 16), 16) for a, b in box] for _ in range(2)]
        derivatives.check(box, [*corners[:2], *inner])


@SETTINGS
@given(
    st.sampled_from(["x - x**2", "sin(3*x)*exp(-x)", "abs(x - 1/3) + max(x, x**2, 1/5)", "sqrt(x**2 + 1/9)"]),
    fractions,
    st.fractions(0, 2, max_denominator=64),
    st.fractions(0, 1, max_denominator=32),
)
def test_mean_value_range_is_tighter(text: str, low: Fraction, width: Fraction, t: Fraction) -> None:
    box = _exact_ball(low, low + width)
    wide, tight = ball(parse(text), {"x": box}), mean_value_range(parse(text), {"x": box})
    with ctx.workprec(200):
        assert tight.overlaps(ball(parse(text), {"x": exact(low + t * width)}))
    assert float(tight.rad()) <= float(wide.rad()) * (1 + 1e-6) + 1e-12


@SETTINGS
@given(
    st.sampled_from(
        [
            *("abs(x - y)", "max(x, y, 1/2)", "min(x*y, 1/3) * abs(x)"),
            *("exp(max(x, -y)) * abs(sin(3*x))", "max(abs(x), x**2)/2"),
        ]
    ),
    st.tuples(fractions, fractions),
    st.tuples(*[st.fractions(0, 2, max_denominator=64)] * 2),
    st.lists(st.fractions(0, 1, max_denominator=16), min_size=4, max_size=4),
)
def test_slopes_at_kinks(text: str, low: Sequence[Fraction], width: Sequence[Fraction], t: Sequence[Fraction]) -> None:
    """f(x) − f(y) ∈ G·(x − y) for any two points, for the hull; ∈ the union of the pieces' balls for values."""
    expr = parse(text)
    box = [_exact_ball(a, a + w) for a, w in zip(low, width, strict=True)]
    formula = compile(expr, ["x", "y"])
    found = formula(box)
    p, q = ([exact(a + s * w) for a, w, s in zip(low, width, part, strict=True)] for part in (t[:2], t[2:]))
    difference = formula(p).value - formula(q).value
    slope = sum((g * (a - b) for g, a, b in zip(found.gradient, p, q, strict=True)), arb(0))
    assert slope.overlaps(difference)
    value = formula(p).value
    assert found.value.overlaps(value)
    pieces = formula.pieces(box)
    assert any(piece.jet.value.overlaps(value) for piece in pieces)
    assert (len(pieces) > 1) == (not all(piece.certain for piece in pieces))
    assert all(piece.jet.hessian is not None for piece in pieces)


def test_kinks() -> None:
    wide = jet(parse("abs(x)"), ["x"], [arb(0, 1)])
    assert wide.hessian is None
    assert wide.gradient[0].contains(-1)
    assert wide.gradient[0].contains(1)
    assert not wide.gradient[0].contains(1.001)
    assert jet(parse("abs(x)"), ["x"], [arb(2, 1)]).gradient == (1,)
    decided = jet(parse("max(x, y)"), ["x", "y"], [arb(2, 0.5), arb(0, 0.5)])
    assert decided.gradient == (1, 0)
    assert decided.hessian == ((0, 0), (0, 0))


@pytest.mark.parametrize(
    ("text", "at", "part"),
    [
        ("1/(x - 1/2) + x", 0.5, "1/(x - 1/2)"),
        ("log(x)", 0, "log(x)"),
        ("log(x - 1)", 0.5, "log(x - 1)"),
        ("sqrt(x - 1)", 0.5, "sqrt(x - 1)"),
        ("asin(x)", 2, "asin(x)"),
        ("acos(x)", -2, "acos(x)"),
        ("x**(1/3)", -1, "x**(1/3)"),
        ("x**-1", 0, "x**-1"),
        ("x**pi", -1, "x**pi"),
        ("x**(-1/2)", 0, "x**(-1/2)"),
    ],
)
def test_certainly_undefined_raises(text: str, at: float, part: str) -> None:
    with pytest.raises(DomainError) as caught:
        ball(parse(text), {"x": arb(at)})
    assert caught.value.subexpression == part
    assert "\n" not in str(caught.value)
    assert not ball(parse(text), {"x": arb(at, 3)}).is_finite()


@pytest.mark.parametrize(
    "text", ["0*log(x)", "log(x)**0", "max(1, log(x))", "min(log(x), 0)", "abs(sqrt(x))*0", "exp(-1/x)"]
)
def test_a_possible_failure_is_never_swallowed(text: str) -> None:
    assert not ball(parse(text), {"x": arb(0, 1)}).is_finite()
    for piece in compile(parse(text), ["x"], 1).pieces([arb(0, 1)]):
        assert not piece.jet.value.is_finite()


def test_powers_and_hull() -> None:
    assert power(arb(0, 1), 2) >= 0
    assert power(arb(0, 1), 4).contains(1)
    assert power(arb(-1, 0.5), 3).contains(fmpq(-27, 8))
    for low, high in [
        (0, Fraction(1, 3)),
        (Fraction(1, 3), 1),
        (-1, 0),
        (Fraction(1, 7), Fraction(1, 7) + Fraction(1, 10**9)),
    ]:
        a, b = exact(Fraction(low)).lower(), exact(Fraction(high)).upper()
        with ctx.workprec(128):
            first, second = hull(a, b), hull(a, b, keep_high=True)
            assert first.contains(a)
            assert first.contains(b)
            assert second.contains(a)
            assert second.contains(b)
            assert first.lower() == a
            assert second.upper() == b


@SETTINGS
@given(
    st.sampled_from(["0", "1/3", "-1", "-pi", "1e-3"]),
    st.sampled_from(["1", "pi/2", "7/3", "e"]),
    st.integers(0, 6),
    st.integers(0, 63),
    st.fractions(0, 1, max_denominator=50),
)
def test_side_contains_its_points(lo: str, hi: str, level: int, index: int, t: Fraction) -> None:
    count = 2**level
    t0, t1 = Fraction(index % count, count), Fraction(index % count + 1, count)
    found = side(constant(lo), constant(hi), t0, t1)
    with ctx.workprec(200):
        a, b = ball(constant(lo), {}), ball(constant(hi), {})
        point = a + exact(t0 + t * (t1 - t0)) * (b - a)
        assert found.overlaps(point)
        assert found.contains(point) or t in (0, 1)
    if index % count == 0 and lo in ("0", "-1"):
        assert found.lower() == int(lo)
    if t1 == 1 and t0 > 0 and hi == "1" and lo in ("0", "-1"):
        assert found.upper() == 1


def test_three_values() -> None:
    wide = arb(0, 1)
    assert compare(arb(1), arb(1)) is Ordering.EQUAL
    assert compare(wide, wide) is Ordering.UNDECIDED
    assert compare(arb(3), wide) is Ordering.GREATER
    assert [holds(arb(1), r, arb(2)) for r in ("<", "<=", ">", ">=", "==", "!=")] == [
        True,
        True,
        False,
        False,
        False,
        True,
    ]
    assert all(holds(wide, r, arb(0)) is None for r in ("<", "<=", ">", ">=", "==", "!="))
    assert all(holds(arb.nan(), r, arb(0)) is None for r in ("<", "<=", ">", ">=", "=="))


@SETTINGS
@given(st.integers(1, 4), st.randoms(use_true_random=False), st.sampled_from([0.0, 1e-3, 0.5]))
def test_spectral_norm(n: int, rng: random.Random, radius: float) -> None:
    centre = np.array([[rng.uniform(-2, 2) for _ in range(n)] for _ in range(n)])
    centre = (centre + centre.T) / 2
    found = spectral_norm([[arb(centre[i, j], radius) for j in range(n)] for i in range(n)])
    for _ in range(10):
        shift = np.array([[rng.choice([-radius, radius, 0.0]) for _ in range(n)] for _ in range(n)])
        shift = np.tril(shift) + np.tril(shift, -1).T
        norm = float(np.linalg.norm(centre + shift, 2))
        assert found.lower() <= norm + 1e-12
        assert found.upper() >= norm - 1e-12
    if not radius:
        assert float(found.upper()) <= float(np.linalg.norm(centre, 2)) * (1 + 1e-9) + 1e-12


def test_precision_belongs_to_the_call_and_unknown_variables_are_named() -> None:
    formula = compile(parse("sin(x)/3 + pi"), ["x"], 0)
    with ctx.workprec(200):
        sharp = formula([arb(1)])
    rough = formula([arb(1)])
    assert isinstance(sharp, Jet)
    assert sharp.value.rad() < rough.value.rad()
    assert rough.value.overlaps(sharp.value)
    with pytest.raises(ValueError, match="unknown variable 'y'"):
        compile(parse("x + y"), ["x"])
    with pytest.raises(ValueError, match="no value for y"):
        ball(parse("x + y"), {"x": arb(1)})


@pytest.mark.parametrize(
    "module",
    [
        *("symbolic.tree", "symbolic.expression", "symbolic.rendering", "proofs.elementary", "proofs.tape"),
        *("proofs.interval", "proofs.spectral", "proofs.domain", "proofs.search", "proofs.regularity"),
    ],
)
def test_examples_in_the_documentation(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"attain.{module}")).failed == 0
