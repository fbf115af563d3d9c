"""Published, sharp and necessary sizes against brute force: bounds hold, κ and P are the least, integers are exact."""

from __future__ import annotations

import itertools
import json
import math
import random
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from attain.symbolic.design import NotApplicable, json_int
from attain.symbolic.exact import real
from attain.symbolic.modulus import modulus_of
from attain.symbolic.shapes import Shape
from attain.symbolic.target import Target
from attain.symbolic.theorems.max_affine import THEOREM, design, necessary, problem
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(deadline=None, max_examples=8, derandomize=True)
UNIT = (Fraction(0), Fraction(1))
SQUARE = Target((UNIT, UNIT), {"l2": Fraction(1)}, osc=Fraction(7, 5))
EPS = Fraction(1, 20)
SCALES = st.fractions(Fraction(1, 50), 50, max_denominator=60)
NORMS = {"l2": 2, "l1": 1, "linf": np.inf}


def mean_norm(kappa, N, norm="l2"):
    """E‖Y‖ by nested sums, Y_i iid on k + ½ with weights e^{−κk(k+1)/2}: the norm's mean at a cell corner."""
    last = math.isqrt(int(300 / kappa)) + 2
    w = [mp.exp(-kappa * k * (k + 1) / 2) for k in range(last)]
    length = {"l2": lambda y: mp.sqrt(sum(t * t for t in y)), "l1": sum, "linf": max}[norm]
    points = itertools.product(range(last), repeat=N)
    total = mp.fsum(mp.fprod(w[k] for k in p) * length([mp.mpf(2 * k + 1) / 2 for k in p]) for p in points)
    return total / mp.fsum(w) ** N


def midpoints(d, i):
    a, b = (float(end) for end in d.target.box[i])
    h = (b - a) / d.P[i]
    return a + h * (np.arange(-d.pad, d.P[i] + d.pad) + 0.5)


def network(d, f, x):
    """F(x) straight from the definition: softmax of −½ Σ R_i (x_i − v_i)² over all centres."""
    axes = np.meshgrid(*(midpoints(d, i) for i in range(d.target.dim)), indexing="ij")
    v = np.stack([g.ravel() for g in axes], axis=1)
    R = np.array([float(d.R_on(i).mid()) for i in range(d.target.dim)])
    scores = -0.5 * ((x - v) ** 2 * R).sum(axis=1)
    p = np.exp(scores - scores.max())
    return float((p / p.sum()) @ f(v))


def test_the_unit_square():
    published, sharp = design(SQUARE, EPS, "published"), design(SQUARE, EPS, "sharp")
    assert (published.P, published.cells) == ((57, 57), 3249)
    assert math.ceil(published.R) == 51676
    R = mp.mpf(32) / 3 / mp.mpf("0.05") ** 2 * mp.log(2 * mp.mpf("1.4") * 57**2 / mp.mpf("0.05"))
    assert 0 <= mp.mpf(published.R.numerator) / published.R.denominator - R < mp.mpf("1e-4")
    h2, r = 2 / mp.mpf(57) ** 2, mp.mpf("0.025")
    exact = r + mp.mpf("1.4") * 57**2 * mp.exp(-R / 2 * (r**2 - h2 / 4))
    assert exact * (1 - mp.mpf(10) ** -6) < mp.mpf(published.error_bound) < mp.mpf("0.05")
    assert (sharp.P, sharp.cells, necessary(SQUARE, EPS).P) == ((15, 15), 225, (15, 15))
    assert abs(float(sharp.R_on(0).mid()) - 827.829) < 1e-9
    assert published.meets
    assert sharp.meets


@pytest.mark.parametrize(
    ("norm", "N", "eps"),
    [("l2", 1, "1/7"), ("l2", 2, "1/20"), ("l2", 3, "0.2"), ("l1", 2, "0.11"), ("linf", 1, "0.03")],
)
def test_sharp_kappa_is_the_least_by_nested_sums(norm, N, eps):
    eps = Fraction(eps)
    d = design(Target((UNIT,) * N, {norm: Fraction(1)}), eps, "sharp")
    kappa, h = mp.mpf(d.kappa.numerator) / d.kappa.denominator, mp.mpf(1) / d.P[0]
    accuracy = mp.mpf(eps.numerator) / eps.denominator
    assert h * mean_norm(kappa, N, norm) <= accuracy < h * mean_norm(kappa * mp.mpf("0.99999"), N, norm)
    assert abs(mp.mpf(d.error_bound) - h * mean_norm(kappa, N, norm)) < accuracy * mp.mpf(10) ** -9


@pytest.mark.parametrize(("norm", "N"), [("l1", 2), ("l2", 2), ("linf", 2), ("linf", 3)])
@pytest.mark.parametrize("sides", ["unit", "different"])
@pytest.mark.parametrize("bound", ["sharp", "published"])
def test_no_cone_and_no_random_function_exceeds_the_bound(norm, N, sides, bound):
    """L‖x − c‖ and min/max of such cones, at points that include cell corners and the corner of the box."""
    box = (UNIT,) * N if sides == "unit" else tuple((Fraction(-i), Fraction(1, i + 1)) for i in range(N))
    eps = Fraction(2, 5) if bound == "sharp" else Fraction(4, 5)
    d = design(Target(box, {norm: Fraction(1)}), eps, bound)
    rng = np.random.default_rng(1)
    low, high = (np.array([float(side[k]) for side in box]) for k in (0, 1))
    corners = [low + rng.integers(0, np.array(d.P) + 1) * (high - low) / np.array(d.P) for _ in range(3)]
    places = [low, (low + high) / 2, *corners, *(low + rng.random((4, N)) * (high - low))]
    worst = 0.0
    for c in places:
        for e in places[:3]:

            def f(v, c=c, e=e):
                cone = np.linalg.norm(v - c, NORMS[norm], axis=1)
                return np.minimum(cone, 0.3 + np.linalg.norm(v - e, NORMS[norm], axis=1))

            worst = max(worst, *(abs(network(d, f, x) - float(f(x[None])[0])) for x in places))
    assert worst <= float(d.error_bound) * (1 + 1e-12)
    assert worst > 0.2 * float(eps) * (bound == "sharp")


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_the_cone_at_the_corner_attains_the_sharp_bound(norm):
    d = design(Target((UNIT, UNIT), {norm: Fraction(1)}), EPS, "sharp")
    error = network(d, lambda v: np.linalg.norm(v, NORMS[norm], axis=1), np.zeros(2))
    assert float(d.error_bound) * (1 - 1e-8) <= error <= float(d.error_bound) * (1 + 1e-12)


@pytest.mark.parametrize(("norm", "N"), [("l2", 2), ("l1", 2), ("linf", 2), ("l2", 4)])
def test_one_point_fewer_an_axis_is_impossible(norm, N):
    """f = min_j ‖x − v_j‖ vanishes at every centre, so F ≡ 0, and f exceeds ε at a cell corner; exact arithmetic."""
    eps = Fraction(1, 8)
    P = necessary(Target((UNIT,) * N, {norm: Fraction(1)}), eps).P[0]
    length = {"l2": lambda d: sum(t * t for t in d), "l1": lambda d: sum(d) ** 2, "linf": lambda d: max(d) ** 2}[norm]

    def squared_distance(points):
        centres = [Fraction(2 * k + 1, 2 * points) for k in range(min(points, 3))]
        return min(length(c) for c in itertools.product(centres, repeat=N))

    assert squared_distance(P - 1) > eps**2 >= squared_distance(P)
    sufficient = design(Target((UNIT,) * N, {norm: Fraction(1)}), eps, "sharp").P[0]
    assert P <= sufficient <= P + 1


@pytest.mark.parametrize(
    ("L", "eps", "N", "enough", "needed", "published"),
    [
        ("1", "1/10", 4, 11, 10, 40),  # T = 10, an integer: P = T cannot reach ε with any finite R
        ("1", "1/10 + 1e-30", 4, 10, 10, 40),
        ("1", "1/10 - 1e-30", 4, 11, 11, 41),
        ("sqrt(4)", "1", 1, 2, 1, 4),
        ("sqrt(2)", "1/10", 2, 11, 10, 41),  # T = √2·√2/(2ε) = 10, which no ball can tell from its neighbours
        ("1/3", "sqrt(1/9)", 1, 1, 1, 3),
        ("pi/2", "pi/40", 1, 11, 10, 41),
        ("1e-20", "1", 3, 1, 1, 1),
    ],
)
def test_points_are_exact_where_T_is_an_integer(L, eps, N, enough, needed, published):
    target = Target((UNIT,) * N, {"l2": real(L, "L")})
    accuracy = real(eps, "eps")
    d = design(target, accuracy, "sharp")
    assert (d.P[0], necessary(target, accuracy).P[0], d.meets) == (enough, needed, True)
    coarse = design(target, accuracy, "published")
    assert coarse.meets
    assert published - 1 <= coarse.P[0] <= published


@pytest.mark.parametrize("eps", ["1e-16", "1e-30", "1e-300", "1/3*1e-20", "exp(-50)", "1e300"])
@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_extreme_accuracy_is_still_met_exactly(eps, norm):
    accuracy = real(eps, "eps")
    target = Target((UNIT, UNIT), {norm: Fraction(1)})
    for bound in ("published", "sharp"):
        d = design(target, accuracy, bound)
        assert d.meets
        assert not isinstance(accuracy, Fraction) or Fraction(d.error_bound) <= accuracy
    if isinstance(accuracy, Fraction):
        square = Fraction(2 if norm == "l2" else 1, 4) / accuracy**2
        slack = d.P[0] >> 63 if (norm, eps) == ("linf", "1e-300") else 0  # κ ≤ 2^160 is searched, κ ≈ 1/ε is needed
        assert (d.P[0] - 1 - slack) ** 2 <= square < d.P[0] ** 2
        json.dumps(d.to_json())


def test_a_thousand_coordinates_are_exact():
    target = problem({"lipschitz": "1", "dim": "40", "tokens": "25"})
    d = design(target, Fraction(1, 10), "sharp")
    assert (2 * d.P[0]) ** 2 > 1000 * 100 >= (2 * (d.P[0] - 1)) ** 2
    data = d.to_json()
    assert data["cells"] == str(d.P[0] ** 1000)
    assert data["tokens"] == data["cells"]
    assert data["bytes"]["float64"] == str(8 * int(data["parameters"]["dense"]))
    assert json_int(2**53) == 2**53
    assert json_int(-(2**53) - 1) == "-9007199254740993"


@LAW
@given(st.lists(SCALES, min_size=2, max_size=3), SCALES, st.sampled_from(["l1", "l2", "linf"]), st.integers(1, 4))
def test_points_fall_as_eps_grows_and_eps_is_met(accuracies, L, norm, N):
    target = Target((UNIT,) * N, {norm: L})
    for bound in ("published", "sharp"):
        found = [design(target, eps, bound) for eps in sorted(accuracies)]
        assert [d.P[0] for d in found] == sorted((d.P[0] for d in found), reverse=True)
        assert all(d.meets and Fraction(d.error_bound) <= eps for d, eps in zip(found, sorted(accuracies), strict=True))
    needed = [necessary(target, eps).P[0] for eps in sorted(accuracies)]
    assert all(p <= d.P[0] <= p + 1 for p, d in zip(needed, found, strict=True))


@LAW
@given(SCALES, SCALES, SCALES, SCALES, st.sampled_from(["l1", "l2", "linf"]))
def test_designs_do_not_depend_on_units(length, value, L, eps, norm):
    """x → length·x and f → value·f change R and the error, nothing else."""
    sides = (Fraction(1), Fraction(3, 2))
    old = Target(tuple((Fraction(0), s) for s in sides), {norm: L}, osc=L)
    new = Target(tuple((Fraction(2), 2 + length * s) for s in sides), {norm: value * L / length}, osc=value * L)
    for bound in ("published", "sharp"):
        one, two = design(old, eps, bound), design(new, value * eps, bound)
        assert (one.P, one.kappa, one.cells) == (two.P, two.kappa, two.cells)
        assert float(one.R_on(0).mid()) == pytest.approx(float(two.R_on(0).mid()) * float(length) ** 2, rel=1e-8)
        assert float(one.error_bound) * float(value) == pytest.approx(float(two.error_bound), rel=1e-8)
    least = necessary(old, eps), necessary(new, value * eps)
    assert least == (None, None) or least[0].P == least[1].P


def test_the_best_of_several_norms_is_used():
    known = {"l1": Fraction(1), "l2": Fraction(1), "linf": Fraction(1)}
    d = design(Target((UNIT,) * 3, known), EPS, "sharp")
    assert d.norm == "linf"
    assert d.cells == min(design(Target((UNIT,) * 3, {n: L}), EPS, "sharp").cells for n, L in known.items())
    both = Target((UNIT,), {"l2": Fraction(10)}, modulus=modulus_of("r"))
    assert design(both, EPS, "sharp").norm == "modulus"
    assert design(Target((UNIT,) * 4, {"l1": Fraction(1)}), EPS, "published").P == (160,) * 4
    assert "(l2)" in necessary(Target((UNIT,) * 3, known), EPS).why


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_fixed_points_and_temperature(norm):
    target = Target((UNIT,) * 2, {norm: Fraction(1)})
    least = necessary(target, EPS).P[0]
    few, many = (design(target, EPS, "sharp", P=(p, p)) for p in (least - 1, 2 * least))
    assert not few.meets
    assert Fraction(few.error_bound) > EPS
    limit = {"l1": 1.0, "l2": 2**-0.5, "linf": 0.5}[norm] / (least - 1)
    assert limit <= float(few.error_bound) <= 1.01 * limit
    assert many.meets
    assert many.kappa < design(target, EPS, "sharp").kappa
    cold, hot = (design(target, EPS, "sharp", R=Fraction(r)) for r in ("1e30", "1e-30"))
    assert (cold.P, cold.meets, hot.meets) == (hot.P, True, False)
    assert design(target, EPS, "published", R=Fraction(1)).meets is False
    assert design(target, EPS, "published", P=(500, 500)).meets is True
    assert design(target, EPS, "published", P=(2, 2)).meets is False


def test_one_temperature_on_unequal_axes_uses_the_smallest_kappa():
    """The bound is max h · m(min κ), also where the spacings underflow a float."""
    half = Target((UNIT, (Fraction(0), Fraction(1, 2))), {"l2": Fraction(1)})
    d = design(half, Fraction(1), "sharp", P=(2, 2), R=Fraction(40))
    assert float(d.error_bound) == pytest.approx(float(mean_norm(mp.mpf("2.5"), 2)) / 2, rel=1e-9)
    box = ((Fraction(0), Fraction(1, 10**330)), (Fraction(0), Fraction(1, 10**331)))
    found = [
        design(Target(b, {"l2": Fraction(1)}), Fraction(1, 10**330), "sharp", P=(1, 1), R=Fraction(10) ** 662)
        for b in (box, box[::-1])
    ]
    assert found[0].error_bound == found[1].error_bound
    assert Fraction(found[0].error_bound) * 10**330 == pytest.approx(float(mean_norm(mp.mpf(1), 2)), rel=1e-9)


def test_random_boxes_stay_below_the_bound_with_any_temperature():
    rng, numbers = np.random.default_rng(2), random.Random(2)
    for _ in range(12):
        box = tuple((Fraction(0), Fraction(numbers.randint(1, 30), 10)) for _ in range(2))
        P = tuple(numbers.randint(1, 6) for _ in range(2))
        R = Fraction(numbers.randint(1, 4000), 10)
        d = design(Target(box, {"l2": Fraction(1)}), Fraction(1), "sharp", P=P, R=R)
        for x in rng.random((5, 2)) * [float(b) for _, b in box]:
            error = network(d, lambda v, x=x: np.linalg.norm(v - x, axis=1), x)
            assert error <= float(d.error_bound) * (1 + 1e-12)


def test_what_does_not_apply_says_why():
    rough = Target((UNIT,), modulus=modulus_of("sqrt(r)"))
    for target, bound in [(rough, "published"), (Target((UNIT,)), "sharp"), (SQUARE, "smooth"), (rough, "smooth")]:
        with pytest.raises(NotApplicable, match="needs"):
            design(target, EPS, bound)
    with pytest.raises(ValueError, match="unknown bound 'best'"):
        design(SQUARE, EPS, "best")
    assert necessary(rough, EPS) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dim": "0"}, "dim: '0' is not a count"),
        ({"dim": "²"}, "dim: '²' is not a count"),
        ({"dim": "999999", "tokens": "999999"}, "too many"),
        ({"norm": "l3"}, "norm: 'l3'"),
        ({"lipschitz": "0"}, "lipschitz must be positive"),
        ({"domain": "1..0"}, "empty or reversed"),
        ({"domain": "0..1,0..1,0..1"}, "one for each of the 2 coordinates"),
        ({"domain": "01"}, "is not an interval"),
        ({"padding": "mirror"}, "padding: 'mirror'"),
        ({"modulus": "r**2"}, "modulus: not recognised"),
        ({"lipschitz": "exp(10000)", "eps": "1"}, "orders of magnitude"),
    ],
)
def test_bad_input_is_one_line(change, message):
    values = {"lipschitz": "1", "dim": "2", **change}
    with pytest.raises(ValueError, match=message) as caught:
        design(problem(values), Fraction(values.pop("eps", "1/20")), "sharp")
    assert "\n" not in str(caught.value)


def test_options_name_what_the_reader_reads():
    names = {o.name for o in THEOREM.options}
    sample = {"lipschitz": "1", "norm": "l1", "modulus": "r", "hessian": "2", "padding": "clip", "osc": "1", "dim": "1"}
    layer = {"tokens": "2", "variant": "flat", "outputs": "3"}
    target = problem({**sample, **layer, "domain": "0..1,-1..pi"})
    assert names == {*sample, *layer, "domain"}
    assert target.shape == Shape("flat", 1, 2, 3)
    assert (target.lipschitz, target.hessian, target.osc, target.padding) == ({"l1": 1}, 2, 1, "clip")
    assert target.box == (UNIT, (Fraction(-1), real("pi", "b")))
