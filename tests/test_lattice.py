"""Lattice constants against spot values, independent mpmath sums and the laws that they obey."""

import itertools
import subprocess
import sys
from fractions import Fraction

import mpmath
import pytest
from attain.symbolic import lattice
from attain.symbolic.lattice import (
    e0,
    heuristic_kappa_opt,
    holder_moment,
    linf_constant,
    m1,
    m1N,
    m2,
    mu1,
    theta_half,
    truncated_bias,
)
from attain.symbolic.rounding import lower, pinned_floor, smallest_kappa, upper
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

law = settings(deadline=None, max_examples=25, derandomize=True)
# kappa = numerator/denominator spread over [1/50, 400]
kappas = st.builds(Fraction, st.integers(1, 400), st.sampled_from([1, 3, 7, 50])).filter(lambda k: k >= Fraction(1, 50))
dimensions = st.integers(1, 60)
DIGITS = 50


def exactly(value):
    """An mpmath number as a ball of relative radius 1e-45."""
    with ctx.workprec(200):
        ball = arb(mpmath.nstr(value, DIGITS))
        return ball + ball * arb(0, arb(10) ** -45)


def mp(kappa):
    return mpmath.mpf(kappa.numerator) / kappa.denominator


def brute(kappa, weight, *powers, start=0.5):
    """sum x^p weight(x) / sum weight(x) over x = start, start+1, ... by plain summation."""
    reach = int(mpmath.sqrt(2 * 130 / kappa)) + 3
    nodes = [mpmath.mpf(start) + k for k in range(reach)]
    mass = mpmath.fsum(weight(x) for x in nodes)
    return [mpmath.fsum(x**p * weight(x) for x in nodes) / mass for p in powers]


def gauss(kappa):
    return lambda x: mpmath.exp(-kappa * x * x / 2)


def brute_bias(kappa, u, grid):
    weights = [mpmath.exp(-kappa * (k - u) ** 2 / 2) for k in grid]
    return mpmath.fsum(w * (k - u) for w, k in zip(weights, grid, strict=True)) / mpmath.fsum(weights)


def brute_mu1(kappa):
    reach = int(mpmath.sqrt(2 * 130 / kappa)) + 3
    grid = range(-reach, reach + 1)

    def slope(u):
        weights = [mpmath.exp(-kappa * (k - u) ** 2 / 2) for k in grid]
        mass, mean = mpmath.fsum(weights), brute_bias(kappa, u, grid)
        return 1 - kappa * (mpmath.fsum(w * (k - u) ** 2 for w, k in zip(weights, grid, strict=True)) / mass - mean**2)

    low, high = mpmath.mpf("0.01"), mpmath.mpf("0.49999999")
    for _ in range(170):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return -brute_bias(kappa, low, grid)


def brute_norm(kappa, dimension, alpha=1):
    reach = int(mpmath.sqrt(2 * 130 / kappa)) + 2
    nodes = [(mpmath.mpf(k) + 0.5, mpmath.exp(-kappa * k * (k + 1) / 2)) for k in range(reach)]
    mass = mpmath.fsum(w for _, w in nodes) ** dimension
    total = mpmath.fsum(
        mpmath.sqrt(sum(x * x for x, _ in point)) ** alpha * mpmath.fprod(w for _, w in point)
        for point in itertools.product(nodes, repeat=dimension)
    )
    return total / mass


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (m2(2), "0.5010210804"),
        (m2(4), "0.2860084053"),
        (m1(4), "0.5179981689"),
        (mu1(2), "0.000324986365"),
        (mu1(4), "0.0225963051802"),
        (m1N(2, 1), "0.6233"),
        (m1N(2, 2), "0.9181"),
        (m1N(2, 3), "1.1482"),
        (m1N(2, 10), "2.1862"),
        (linf_constant(10, 100), "1.087"),
        (linf_constant(40, 1000), "0.704"),
    ],
)
def test_spot_values(value, printed):
    half_unit = arb(10) ** -len(printed.split(".")[1]) / 2
    assert abs(value - arb(printed)) <= half_unit


@law
@given(kappas)
def test_one_dimensional_constants_contain_brute_force(kappa):
    with mpmath.workdps(DIGITS + 5):
        k = mp(kappa)
        first, second = brute(k, gauss(k), 1, 2)
        (bias,) = brute(k, gauss(k), 1, start=0)
        mass = mpmath.fsum(gauss(k)(mpmath.mpf(j) + 0.5) for j in range(int(mpmath.sqrt(260 / k)) + 3))
    for ball, value in ((m1(kappa), first), (m2(kappa), second), (e0(kappa), bias), (theta_half(kappa), mass)):
        assert ball.overlaps(exactly(value))
        assert ball.rel_accuracy_bits() > 40


@law
@given(kappas.filter(lambda k: k >= 1), st.sampled_from([53, 120]))
def test_mu1_contains_brute_force(kappa, bits):
    with mpmath.workdps(DIGITS + 5):
        value = brute_mu1(mp(kappa))
    with ctx.workprec(bits):
        ball = mu1(kappa)
    assert ball.overlaps(exactly(value))
    assert ball.rel_accuracy_bits() >= bits - 12


@pytest.mark.parametrize("kappa", [Fraction(1, 2), Fraction(2), Fraction(59, 10), Fraction(6)])
def test_mu1_lies_between_sech_and_csch(kappa):
    ball = arb(kappa.numerator) / kappa.denominator
    angles = [2 * arb.pi() ** 2 * (2 * r - 1) / ball for r in range(1, 30)]
    low, high = (2 * arb.pi() / ball * sum((f(a) for a in angles), arb(0)) for f in (arb.sech, arb.csch))
    assert low < mu1(kappa) or (kappa < 1 and low.overlaps(mu1(kappa)))
    assert mu1(kappa) < high or mu1(kappa).overlaps(high)


@pytest.mark.parametrize("kappa", [Fraction(1, 10**6), Fraction(1, 10**3), Fraction(10**3), Fraction(10**6)])
def test_extreme_kappa(kappa):
    for ball in (m1(kappa), m2(kappa), e0(kappa), mu1(kappa), m1N(kappa, 4), holder_moment(kappa, 3, Fraction(1, 3))):
        assert ball.rel_accuracy_bits() > 40
    assert m2(kappa) <= arb(1) / 4 + 1 / (arb(kappa.numerator) / kappa.denominator)
    assert not m1(kappa) < arb(1) / 2
    assert mu1(kappa) < arb(1) / 2
    if kappa < 1:  # E|u-k| of the Gaussian itself, up to O(kappa)
        value = arb(kappa.numerator) / kappa.denominator
        assert abs(m1(kappa) / (2 / (arb.pi() * value)).sqrt() - 1) < value


@law
@given(st.integers(1, 60).map(lambda i: Fraction(i, 10)))
def test_m2_closed_form_and_direct_sum_agree(kappa):
    """Lambert series of the product against both branches of the code."""
    with ctx.workprec(100):
        k = arb(kappa.numerator) / kappa.denominator
        q = (-2 * arb.pi() ** 2 / k).exp()
        even = sum((2 * n * q ** (2 * n) / (1 - q ** (2 * n)) for n in range(1, 40)), arb(0))
        odd = sum(((2 * r - 1) * q ** (2 * r - 1) / (1 - q ** (2 * r - 1)) for r in range(1, 40)), arb(0))
        lambert = 1 / k + (2 * arb.pi() / k) ** 2 * (even + 2 * odd)
        mass, second = lattice._sums(k, 1, (0, 2))
        assert abs(lambert - m2(kappa)) < arb(10) ** -25
        assert (second / mass).overlaps(m2(kappa))


@pytest.mark.parametrize("kappa", [Fraction(1), Fraction(2), Fraction(33, 10), Fraction(20)])
def test_norm_moments_contain_nested_sums(kappa):
    with mpmath.workdps(DIGITS + 5):
        k = mp(kappa)
        plane, root = brute_norm(k, 2), brute_norm(k, 2, mpmath.mpf(1) / 2)
        (third,) = brute(k, gauss(k), mpmath.mpf(2) / 3)
    assert m1N(kappa, 2).overlaps(exactly(plane))
    assert holder_moment(kappa, 2, Fraction(1, 2)).overlaps(exactly(root))
    assert holder_moment(kappa, 1, Fraction(2, 3)).overlaps(exactly(third))


def test_norm_in_three_dimensions_contains_the_nested_sum():
    with mpmath.workdps(20):
        value = brute_norm(mpmath.mpf(8), 3)
    with ctx.workprec(64):
        assert abs(m1N(8, 3) - arb(mpmath.nstr(value, 18))) < arb(10) ** -15


@law
@given(kappas, dimensions, st.sampled_from([53, 110]))
def test_two_quadratures_agree(kappa, dimension, bits):
    with ctx.workprec(bits):
        one, other = m1N(kappa, dimension), holder_moment(kappa, dimension, 1)
        assert one.overlaps(other)
        assert abs(one - other) < one * arb(2) ** (8 - bits)


@law
@given(kappas, dimensions)
def test_order_between_constants(kappa, dimension):
    with ctx.workprec(200):
        exact, second = m1N(kappa, dimension), m2(kappa)
        root = holder_moment(kappa, dimension, Fraction(1, 2))
        linf, first = linf_constant(kappa, dimension), m1(kappa)
        equal = kappa > 100  # all mass on one node up to e^-100
        assert exact < (dimension * second).sqrt() or equal
        assert exact > arb(dimension).sqrt() / 2 or equal
        assert root * root < exact or equal  # Jensen
        assert not linf > dimension * first
        assert linf > arb(1) / 2 or equal


@pytest.mark.parametrize("dimension", [1, 2, 100, 10**4])
def test_large_dimension_is_sharp(dimension):
    for kappa in (Fraction(1, 2), Fraction(4), Fraction(50)):
        assert m1N(kappa, dimension).rel_accuracy_bits() > 34
        gap = (dimension * m2(kappa)).sqrt() - m1N(kappa, dimension)
        # E r >= (M2 - Var(r^2)/(8...)): Var(r^2) = N Var Y^2, so sqrt(M2) - E r <= Var(r^2)/(2 M2^{3/2})
        mass, second, fourth = lattice._sums(arb(kappa.numerator) / kappa.denominator, 1, (0, 2, 4))
        variance = fourth / mass - (second / mass) ** 2
        assert gap <= variance / (2 * (second / mass) ** 1.5 * arb(dimension).sqrt()) + arb(10) ** -9


@law
@given(st.integers(1, 3000), st.integers(1, 300), st.integers(0, 6))
def test_decreasing_in_kappa_and_wide_balls(start, width, place):
    low, high = Fraction(start, 100), Fraction(start + width, 100)
    inside = low + (high - low) * Fraction(place, 6)
    wide = arb(low.numerator) / low.denominator
    wide = wide.union(arb(high.numerator) / high.denominator)
    constants = [m1, m2, e0, theta_half, lambda k: m1N(k, 5), lambda k: linf_constant(k, 7)]
    for constant in constants:
        assert constant(high) < constant(low) or constant(low).overlaps(constant(high))
        assert constant(wide).contains(constant(inside).mid())
        assert constant(wide).is_finite()
    assert mu1(wide).contains(mu1(inside).mid())
    assert mu1(wide) <= arb("0.51")
    assert truncated_bias(wide, 3).contains(truncated_bias(inside, 3).mid())


def test_strictly_decreasing_where_it_shows():
    for constant in (m1, m2, e0, theta_half, lambda k: m1N(k, 3), lambda k: linf_constant(k, 9)):
        values = [constant(Fraction(k, 4)) for k in range(1, 60)]
        assert all(later < earlier for earlier, later in itertools.pairwise(values))


@law
@given(kappas, st.integers(1, 12), st.fractions(0, 1, max_denominator=97))
def test_finite_grids_never_exceed_the_lattice(kappa, cells, place):
    with mpmath.workdps(40):
        u = mpmath.mpf(place.numerator) / place.denominator * cells - mpmath.mpf(1) / 2
        weights = [mpmath.exp(-mp(kappa) * (k - u) ** 2 / 2) for k in range(cells)]
        for p, constant in ((1, m1), (2, m2)):
            mean = mpmath.fsum(w * abs(k - u) ** p for k, w in enumerate(weights)) / mpmath.fsum(weights)
            assert not exactly(mean) > constant(kappa)


@law
@given(kappas, st.integers(1, 9), st.integers(0, 5), st.fractions(0, 1, max_denominator=97))
def test_truncated_bias_bounds_padded_grids(kappa, cells, padding, place):
    with mpmath.workdps(40):
        u = mpmath.mpf(place.numerator) / place.denominator * cells - mpmath.mpf(1) / 2
        bias = abs(brute_bias(mp(kappa), u, range(-padding, cells + padding)))
    assert not exactly(bias) > truncated_bias(kappa, padding)


def test_truncated_bias_reaches_the_lattice():
    for kappa, padding in ((1, 7), (2, 4), (3, 3)):
        assert truncated_bias(kappa, padding) <= mu1(kappa) * Fraction(1001, 1000).numerator / 1000
        assert truncated_bias(kappa, 0) > 10 * mu1(kappa)
    excess = truncated_bias(2, 3) - mu1(2)
    assert abs(excess - arb("9.5e-6")) < arb("5e-8")


def test_linf_constant_against_mpmath():
    with mpmath.workdps(40):
        c = 2 / (1 - mpmath.exp(-10))
        total = mpmath.log(1 + c) + mpmath.fsum((1 - (1 + c) ** -k) / k for k in range(1, 250))
        value = mpmath.mpf(1) / 2 + total / 10
    assert linf_constant(10, 250).overlaps(exactly(value))
    assert linf_constant(5, 1).overlaps(m1(5))


@pytest.mark.parametrize(
    ("constant", "target"),
    [
        (m1, Fraction(52, 100)),
        (m2, Fraction(3, 10)),
        (lambda k: m1N(k, 32), Fraction(3)),
        (lambda k: linf_constant(k, 5), Fraction(7, 10)),
        (lambda k: m1N(k, 2), lambda: arb(2).sqrt() / 2 + arb(10) ** -12),
        (lambda k: m1N(k, 3), lambda: arb(3).sqrt() / 2 + arb(10) ** -40),
        (m2, Fraction(1000)),
    ],
)
def test_smallest_kappa_is_proved_and_nearly_smallest(constant, target):
    kappa = smallest_kappa(constant, target)
    below = kappa * (1 - Fraction(11, 10**6))
    with ctx.workprec(300):
        goal = target() if callable(target) else arb(target.numerator) / target.denominator
        assert constant(kappa) <= goal
        assert constant(below) > goal
    assert len(str(kappa.numerator * 10**30 // kappa.denominator).strip("0")) <= 7


def test_smallest_kappa_of_an_exact_hit():
    assert smallest_kappa(lambda k: 1 / k, Fraction(1, 4)) in (Fraction(4), Fraction("4.00001"))
    assert smallest_kappa(lambda k: 1 / k, Fraction(1, 5), digits=2) == Fraction("5.1")
    assert smallest_kappa(m2, Fraction(10**9)) == Fraction(1, 10**6)


@pytest.mark.parametrize(
    ("constant", "target"),
    [
        (m2, Fraction(1, 4)),
        (m2, Fraction(1, 5)),
        (lambda k: m1N(k, 2), lambda: arb(2).sqrt() / 2),
        (lambda k: m1N(k, 2), lambda: arb(2).sqrt() / 2 - arb(10) ** -30),
    ],
)
def test_smallest_kappa_at_or_below_the_limit(constant, target):
    with pytest.raises(ValueError, match="at or below the limit"):
        smallest_kappa(constant, target)


@law
@given(st.fractions(max_denominator=10**6).filter(bool), st.integers(1, 12), st.integers(-40, 40))
def test_decimal_strings_are_outward_and_close(value, digits, exponent):
    scaled = value * Fraction(10) ** exponent
    ball = arb(scaled.numerator) / scaled.denominator
    up, down = Fraction(upper(ball, digits)), Fraction(lower(ball, digits))
    assert down <= scaled <= up
    assert up - down <= 2 * abs(scaled) * Fraction(10) ** (1 - digits) + abs(scaled) * Fraction(1, 10**14)


def test_decimal_strings():
    assert upper(arb(0.5), 3) == lower(arb(0.5), 3) == "0.500"
    assert upper(arb(999999), 3) == "1000000"
    assert lower(arb(0.1) + arb(0, 0.2), 2) == "-0.11"
    assert upper(mu1(2), 5) == "0.00032499"
    assert upper(arb(0)) == "0"
    assert lower(mu1(Fraction(1, 100)), 3) == "6.85e-855"
    with pytest.raises(ValueError, match="finite"):
        upper(arb("nan"))


def test_pinned_floor():
    assert pinned_floor(lambda: arb(2).sqrt() * 10**30) == 1414213562373095048801688724209
    assert pinned_floor(lambda: -arb.pi()) == -4
    with pytest.raises(ValueError, match="exact integer"):
        pinned_floor(lambda: arb(2).sqrt() * arb(2).sqrt(), limit_bits=512)


def test_heuristic_kappa_is_near_the_optimum():
    def total(kappa, h):
        return float((m2(kappa) * h * h + arb(1.4) * arb(2).sqrt() * h * mu1(kappa)).mid())

    for h in (1 / 16, 1 / 64, 1e-4):
        rule = total(Fraction(heuristic_kappa_opt(2, 1.0, h, 1.4)), h)
        best = min(total(Fraction(i, 50), h) for i in range(40, 250))
        assert rule <= best * 1.02
    with pytest.raises(ValueError, match="too coarse"):
        heuristic_kappa_opt(2, 100.0, 1.0, 0.1)


def test_inputs_are_exact_and_positive():
    for bad in (0, -1, Fraction(-1, 3), arb(0), arb("0 +/- 1"), arb("nan")):
        with pytest.raises(ValueError, match="positive"):
            m1(bad)
    with pytest.raises(TypeError, match="Fraction"):
        m2(0.5)
    with pytest.raises(ValueError, match="N must be"):
        m1N(1, 0)
    with pytest.raises(ValueError, match="alpha"):
        holder_moment(1, 1, Fraction(3, 2))
    with pytest.raises(ValueError, match="padding"):
        truncated_bias(1, -1)


def test_precision_is_the_callers_and_is_left_alone():
    before = ctx.prec
    for bits in (40, 200, 500):
        with ctx.workprec(bits):
            for ball in (m1(3), m2(3), mu1(3), m1N(3, 3), holder_moment(3, 2, Fraction(1, 2)), linf_constant(3, 9)):
                assert ball.rel_accuracy_bits() > bits - 12
    assert ctx.prec == before


def test_sympy_definitions_match_the_balls():
    from sympy import N, Sum, Symbol, oo

    constants = lattice.lattice_constants()
    kappa = Symbol("kappa", positive=True)
    for name, function in (("theta_half", theta_half), ("m1", m1), ("m2", m2), ("e0", e0)):
        at_two = constants[name].definition.subs(kappa, 2)
        finite = at_two.replace(lambda e: isinstance(e, Sum), lambda e: e.func(e.function, (e.limits[0][0], 0, 14)))
        assert not finite.has(oo)
        assert abs(function(2) - arb(str(N(finite.doit(), 30)))) < arb(10) ** -14
    linf = constants["linf"].definition.subs({kappa: 10, Symbol("N", integer=True, positive=True): 5}).doit()
    assert abs(linf_constant(10, 5) - arb(str(N(linf, 30)))) < arb(10) ** -14
    bias = constants["mu1"].definition.subs(kappa, 4)
    bias = bias.replace(lambda e: isinstance(e, Sum), lambda e: e.func(e.function, (e.limits[0][0], 0, 5)).doit())
    values = [float(N(bias.subs(Symbol("u", real=True), Fraction(i, 400)))) for i in range(1, 200)]
    assert max(values) == pytest.approx(0.0225963051802, rel=1e-5)
    mean = constants["m1N"].definition
    assert {str(symbol) for symbol in mean.free_symbols} == {"kappa", "N"}


def test_import_does_not_load_sympy():
    code = "import sys, attain.symbolic.lattice; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
