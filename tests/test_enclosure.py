"""The enclosure of sup |F − f| against direct sums in mpmath, its parts against their definitions, and mutants."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, replace
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from attain.numeric import difference, enclosure, taylor, weights
from attain.numeric.enclosure import Enclosure, coordinate, enclose
from attain.numeric.midrad import MidRad
from attain.proofs.designs import designs_for, measured
from attain.symbolic.design import Design
from attain.symbolic.exact import real
from attain.symbolic.expression import parse
from attain.symbolic.target import Target
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

DIGITS = 34


@dataclass(frozen=True)
class Case:
    """A function twice: as text for attain, and by hand with its gradient for mpmath."""

    text: str
    box: tuple[tuple[str, str], ...]
    f: object
    gradient: object

    @property
    def variables(self):
        return ("x", "y", "z")[: len(self.box)]

    @property
    def sides(self):
        return tuple((real(a, "a"), real(b, "b")) for a, b in self.box)

    def ends(self):
        return [(mp.mpf(eval_end(a)), mp.mpf(eval_end(b))) for a, b in self.box]


def eval_end(text):
    named = {"pi": mp.pi, "pi/2": mp.pi / 2, "sqrt(2)": mp.sqrt(2)}
    return +named[text] if text in named else mp.mpf(Fraction(text).numerator) / Fraction(text).denominator


def third():
    return mp.mpf(1) / 3


CASES = {
    c.text: c
    for c in [
        Case(
            "sin(x) + cos(y)",
            (("0", "1"),) * 2,
            lambda x, y: mp.sin(x) + mp.cos(y),
            lambda x, y: (mp.cos(x), -mp.sin(y)),
        ),
        Case("abs(x - 1/3)", (("0", "1"),), lambda x: abs(x - third()), lambda x: (mp.sign(x - third()),)),
        Case(
            "exp(-x*y) + sqrt(x + 1/10)",
            (("0", "1"), ("0", "2")),
            lambda x, y: mp.exp(-x * y) + mp.sqrt(x + mp.mpf(1) / 10),
            lambda x, y: (-y * mp.exp(-x * y) + 1 / (2 * mp.sqrt(x + mp.mpf(1) / 10)), -x * mp.exp(-x * y)),
        ),
        Case(
            "1/(1 + 25*x**2)",
            (("-1", "1"),),
            lambda x: 1 / (1 + 25 * x**2),
            lambda x: (-50 * x / (1 + 25 * x**2) ** 2,),
        ),
        Case("sin(10*x)", (("0", "1"),), lambda x: mp.sin(10 * x), lambda x: (10 * mp.cos(10 * x),)),
        Case("x*y*z", (("0", "1"),) * 3, lambda x, y, z: x * y * z, lambda x, y, z: (y * z, x * z, x * y)),
        Case("max(x, y)", (("0", "1"),) * 2, max, lambda x, y: (int(x > y), int(x <= y))),
        Case(
            "tanh(4*x - 2)",
            (("0", "1"),),
            lambda x: mp.tanh(4 * x - 2),
            lambda x: (4 - 4 * mp.tanh(4 * x - 2) ** 2,),
        ),
        Case("x**(5/2)", (("0", "1"),), lambda x: x ** mp.mpf(2.5), lambda x: (2.5 * x ** mp.mpf(1.5),)),
        Case("x**2 + x", (("0", "1"),), lambda x: x**2 + x, lambda x: (2 * x + 1,)),
        Case("2*x", (("-1/3", "1"),), lambda x: 2 * x, lambda x: (mp.mpf(2),)),
        Case(
            "cos(x) * y",
            (("-1/7", "pi"), ("sqrt(2)", "3")),
            lambda x, y: mp.cos(x) * y,
            lambda x, y: (-mp.sin(x) * y, mp.cos(x)),
        ),
    ]
}


class Dense:
    """The network of a design, from its sizes alone: values at all centres, softmax weights axis by axis, in mpmath."""

    def __init__(self, design: Design, case: Case) -> None:
        self.case, self.P, self.pad = case, design.P, design.pad
        with mp.workdps(DIGITS):
            self.ends = case.ends()
            self.h = [(b - a) / p for (a, b), p in zip(self.ends, design.P, strict=True)]
            number = next(mp.mpf(q.numerator) / q.denominator for q in (design.kappa or design.R,))
            self.R = [number / h**2 if design.kappa is not None else number for h in self.h]
            self.centres = [
                [a + (2 * k + 1) * h / 2 for k in range(-design.pad, p + design.pad)]
                for (a, _), h, p in zip(self.ends, self.h, design.P, strict=True)
            ]
            clip = design.target.padding == "clip"
            values = [self.value(v, clip) for v in itertools.product(*self.centres)]
        self.values = np.array(values, dtype=object).reshape([len(c) for c in self.centres])

    def value(self, v, clip):
        if not clip:
            return self.case.f(*v)
        nearest = [min(max(x, a), b) for x, (a, b) in zip(v, self.ends, strict=True)]
        steps = [x - n for x, n in zip(v, nearest, strict=True)]
        slopes = self.case.gradient(*nearest) if any(steps) else [0] * len(v)
        return self.case.f(*nearest) + sum(g * s for g, s in zip(slopes, steps, strict=True))

    def weights(self, i, x):
        w = [mp.exp(-self.R[i] / 2 * (x - v) ** 2) for v in self.centres[i]]
        total = mp.fsum(w)
        return np.array([p / total for p in w], dtype=object)

    def error(self, point) -> mp.mpf:
        """|F − f|."""
        return abs(self.difference(point))

    def difference(self, point) -> mp.mpf:
        with mp.workdps(DIGITS):
            out = self.values
            for i, x in enumerate(point):
                out = np.tensordot(self.weights(i, x), out, axes=(0, 0))
            return out[()] - self.case.f(*point) if isinstance(out, np.ndarray) else out - self.case.f(*point)

    def at(self, shares):
        with mp.workdps(DIGITS):
            return [
                a + (b - a) * mp.mpf(Fraction(t).numerator) / Fraction(t).denominator
                for (a, b), t in zip(self.ends, shares, strict=True)
            ]

    def places(self, count: int, seed: int = 0):
        """Shares of corners and middles of cells, of the corners of the box, and random ones."""
        rng = random.Random(seed)
        yield from itertools.product((0, 1), repeat=len(self.P))
        near = [0, Fraction(1, 1000), Fraction(1, 8), Fraction(1, 4), Fraction(1, 2), Fraction(7, 9)]
        for n in range(count):
            if n % 3 < 2:
                yield tuple(Fraction(rng.randrange(2 * p + 1), 2 * p) for p in self.P)
            else:
                yield tuple((rng.randrange(p) + rng.choice(near)) / Fraction(p) for p in self.P)


def violations(found: Enclosure, dense: Dense, count: int) -> list[str]:
    """What contradicts `found`; empty if nothing does."""
    wrong = []
    witness = dense.error(dense.at(found.at))
    slack = mp.mpf(10) ** (5 - DIGITS) * (1 + max(abs(v) for v in dense.values.ravel()))
    if witness < mp.mpf(found.lower.numerator) / found.lower.denominator - slack:
        wrong.append(f"lower {float(found.lower)} is not reached at {found.at}: {float(witness)}")
    top = mp.mpf(found.upper.numerator) / found.upper.denominator + slack
    for shares in [*dense.places(count), found.at]:
        error = dense.error(dense.at(shares))
        if error > top:
            wrong.append(f"upper {float(found.upper)} is passed at {shares}: {float(error)}")
            break
    return wrong


def target_of(case: Case) -> Target:
    return measured(parse(case.text, case.variables), case.variables, case.sides)


def grid(case: Case, P, kappa=None, R=None, pad=0, padding="extend") -> Design:
    """A design of any sizes, whatever it achieves."""
    target = Target(
        case.sides, {}, padding=padding, expression=parse(case.text, case.variables), variables=case.variables
    )
    return Design("max-affine", "sharp", "l2", target, tuple(P), kappa, R, pad, (), "1e300", False, "a test")


def assert_sound(design, case, eps=Fraction(1, 100), count=60, gap=0.05, **options):
    found = enclose(design, eps, gap, 20.0, **options)
    assert found.complete
    assert found.upper <= max(found.lower * Fraction(1 + gap) * (1 + Fraction(1, 10**12)), eps * Fraction(1, 10**8))
    assert violations(found, Dense(design, case), count) == []
    return found


# --- whole enclosures ---------------------------------------------------------------------------------------------

PLAN = {
    "sin(x) + cos(y)": ("1/4", ("published", "sharp", "smooth")),
    "abs(x - 1/3)": ("1/20", ("published", "sharp")),
    "exp(-x*y) + sqrt(x + 1/10)": ("1/4", ("sharp", "smooth")),
    "1/(1 + 25*x**2)": ("1/8", ("published", "sharp", "smooth")),
    "sin(10*x)": ("1/4", ("published", "sharp", "smooth")),
    "x*y*z": ("1/2", ("sharp", "smooth")),
    "max(x, y)": ("1/8", ("sharp",)),
    "tanh(4*x - 2)": ("1/10", ("published", "sharp", "smooth")),
    "x**(5/2)": ("1/20", ("sharp", "smooth")),
    "x**2 + x": ("1/20", ("sharp", "smooth")),
    "2*x": ("1/20", ("published", "sharp")),
    "cos(x) * y": ("1", ("published", "sharp", "smooth")),
}


@pytest.mark.parametrize("text", CASES)
def test_enclosures_of_sized_designs(text):
    case = CASES[text]
    eps, bounds = PLAN[text]
    accuracy = Fraction(eps)
    target = target_of(case)
    for name, design in designs_for(target, accuracy, bounds).items():
        assert isinstance(design, Design), name
        found = assert_sound(design, case, accuracy)
        assert found.lower <= Fraction(design.error_bound), name
        assert design.meets


@pytest.mark.parametrize("text", ["sin(x) + cos(y)", "tanh(4*x - 2)", "cos(x) * y", "sin(10*x)"])
@pytest.mark.parametrize("padding", ["extend", "clip"])
def test_both_paddings(text, padding):
    case = CASES[text]
    assert_sound(grid(case, [4, 3][: len(case.box)], Fraction(5, 2), pad=3, padding=padding), case)


TEXTS = ["sin(x) + cos(y)", "abs(x - 1/3)", "1/(1 + 25*x**2)", "sin(10*x)", "x*y*z", "max(x, y)", "cos(x) * y", "2*x"]


@settings(deadline=None, max_examples=30, derandomize=True)
@given(st.data(), st.sampled_from(TEXTS))
def test_random_grids(data, text):
    case = CASES[text]
    N = len(case.box)
    P = data.draw(st.lists(st.integers(1, 7 if N < 3 else 3), min_size=N, max_size=N))
    kappa = data.draw(st.sampled_from(["0.05", "0.7", "2", "4.5", "20", "300"]).map(Fraction))
    pad = data.draw(st.integers(0, 3 if N < 3 else 1))
    kinked = text in ("abs(x - 1/3)", "max(x, y)")
    padding = "extend" if kinked else data.draw(st.sampled_from(["extend", "clip"]))
    if data.draw(st.booleans()):
        design = grid(case, P, kappa, pad=pad, padding=padding)
    else:
        design = grid(case, P, None, kappa * max(P) ** 2, pad, padding)
    found = enclose(design, Fraction(1, 100), 0.2, 4.0)
    assert violations(found, Dense(design, case), 40) == []
    assert found.lower * 2 > found.upper


def test_the_direct_sum_agrees_with_attention_scores():
    case = CASES["cos(x) * y"]
    design = grid(case, (3, 4), R=Fraction(9), pad=1)
    dense = Dense(design, case)
    with mp.workdps(DIGITS):
        x = dense.at((Fraction(1, 3), Fraction(3, 5)))
        cells = list(itertools.product(*dense.centres))
        scores = [9 * (v[0] * x[0] + v[1] * x[1] - (v[0] ** 2 + v[1] ** 2) / 2) for v in cells]
        w = [mp.exp(s - max(scores)) for s in scores]
        F = sum(p * case.f(*v) for p, v in zip(w, cells, strict=True)) / sum(w)
        assert abs(F - case.f(*x) - dense.difference(x)) < mp.mpf(10) ** -28


@pytest.mark.parametrize("gap", [0.003, 0.5])
def test_the_gap_is_an_option(gap):
    case = CASES["sin(10*x)"]
    design = grid(case, (12,), Fraction(3))
    found = assert_sound(design, case, gap=gap)
    assert found.boxes < (20_000 if gap < 0.01 else 400)


def test_progress_ends_at_one():
    seen = []
    case = CASES["max(x, y)"]
    enclose(grid(case, (5, 3), Fraction(4)), Fraction(1, 100), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[0] >= 0
    assert seen[-1] == pytest.approx(1)


def test_linear_functions_have_the_error_of_their_bias():
    case = CASES["2*x"]
    found = assert_sound(grid(case, (9,), Fraction(4)), case, gap=1e-4)
    dense = Dense(grid(case, (9,), Fraction(4)), case)
    assert float(found.lower) == pytest.approx(float(max(dense.error(dense.at((t,))) for t in (0, 1))), rel=1e-3)


def test_constant_functions_have_no_error():
    case = Case("3 + 0*x", (("0", "1"),), lambda x: mp.mpf(3) + 0 * x, lambda x: (mp.mpf(0),))
    for eps in ("1/10", "1e-12"):
        found = enclose(grid(case, (5,), Fraction(2), pad=1), Fraction(eps))
        assert found.complete
        assert found.lower == 0
        assert found.upper < Fraction(1, 10**10)


# --- the budget and refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["sin(x) + cos(y)", "max(x, y)", "sin(10*x)"])
def test_no_time_gives_an_honest_enclosure(text):
    case = CASES[text]
    design = grid(case, [5] * len(case.box), Fraction(3), pad=1)
    found = enclose(design, Fraction(1, 100), seconds=0.0)
    assert not found.complete
    assert violations(found, Dense(design, case), 60) == []
    assert found.upper < 100


def test_no_time_and_huge_values():
    case = Case("1e40*x", (("0", "1"),), lambda x: mp.mpf(10) ** 40 * x, lambda x: (mp.mpf(10) ** 40,))
    design = grid(case, (2,), Fraction(3))
    assert violations(enclose(design, Fraction(1), seconds=0.0), Dense(design, case), 20) == []
    assert_sound(design, case, Fraction(1))


@pytest.mark.parametrize("stop", [1, 2, 5, 9])
def test_a_budget_that_ends_between_batches(stop, monkeypatch):
    case = CASES["max(x, y)"]
    design = grid(case, (6, 5), Fraction(30))
    dense = Dense(design, case)
    monkeypatch.setattr(enclosure, "BATCH", 9)
    asked = []
    monkeypatch.setattr(enclosure._Search, "late", lambda self: asked.append(1) or len(asked) > stop)
    found = enclose(design, Fraction(1, 100))
    assert not found.complete
    assert violations(found, dense, 150) == []


@pytest.mark.parametrize("size", [Fraction(10) ** 200, Fraction(1, 10**200)])
def test_values_of_any_size(size):
    text = f"({size})*x**2"
    with mp.workdps(DIGITS):
        c = mp.mpf(size.numerator) / size.denominator
    case = Case(text, (("0", "1"),), lambda x: c * x**2, lambda x: (2 * c * x,))
    assert_sound(grid(case, (4,), Fraction(3)), case, size / 10)


def test_values_beyond_float64_are_refused():
    case = Case("1e300*x", (("0", "1"),), None, None)
    design = grid(case, (4,), Fraction(3))
    huge = replace(design.target, expression=parse("1e300*x*1e300", ("x",)))
    with pytest.raises(ValueError, match="float64 range"):
        enclose(replace(design, target=huge), Fraction(1))


def test_refusals_are_one_clear_line():
    case = CASES["sin(10*x)"]
    design = grid(case, (4,), Fraction(3))
    wide = replace(design, target=replace(design.target, box=design.target.box * 4), P=(1,) * 4)
    for bad, message in [
        (wide, "limited to 3 dimensions"),
        (replace(design, P=(4_000_001,)), "too many to tabulate"),
        (replace(design, target=replace(design.target, expression=None)), "no expression"),
        (replace(design, P=(5000,), kappa=Fraction(1, 10**9)), "temperature is too small"),
        (replace(design, pad=2, target=replace(design.target, expression=parse("sqrt(x)", ("x",)))), "undefined"),
    ]:
        with pytest.raises(ValueError, match=message) as caught:
            enclose(bad, Fraction(1, 100))
        assert "\n" not in str(caught.value)


def test_a_slow_table_is_refused(monkeypatch):
    monkeypatch.setattr(enclosure, "LEAST_SECONDS", -1.0)
    case = CASES["sin(10*x)"]
    with pytest.raises(ValueError, match="allow more seconds"):
        enclose(grid(case, (4,), Fraction(3)), Fraction(1, 100), seconds=-1.0)


def test_functions_that_are_not_lipschitz_still_close():
    case = Case("sqrt(x)", (("0", "1"),), mp.sqrt, None)
    assert_sound(grid(case, (4,), Fraction(4)), case)


def test_a_kink_at_the_edge_of_cells_and_of_the_box():
    case = Case("abs(x)", (("-1", "1"),), abs, None)
    found = assert_sound(grid(case, (6,), Fraction(4)), case)
    assert found.boxes < 600
    half = Case("abs(x)", (("0", "1"),), abs, lambda x: (mp.mpf(1),))
    assert_sound(grid(half, (3,), Fraction(2), pad=2, padding="clip"), half)


def test_coordinates():
    case = CASES["cos(x) * y"]
    with ctx.workprec(120), mp.workdps(DIGITS):
        ball = coordinate(grid(case, (3, 4), Fraction(2)), 0, Fraction(1, 4))
        middle = Dense(grid(case, (3, 4), Fraction(2)), case).at((Fraction(1, 4), 0))[0]
        assert abs(mp.mpf(str(ball.mid().str(33, radius=False))) - middle) < mp.mpf(10) ** -30


# --- the parts ------------------------------------------------------------------------------------------------------


@given(st.integers(0, weights.DEEPEST), st.data())
@settings(deadline=None, max_examples=80, derandomize=True)
def test_dyadic_intervals_are_exact(level, data):
    i = data.draw(st.integers(0, 2**level - 1))
    node = np.array([2**level + i])
    centre, radius = (Fraction(float(f(node)[0])) for f in (weights.centre_of, weights.radius_of))
    assert centre - radius == Fraction(i, 2**level) - Fraction(1, 2)
    assert centre + radius == Fraction(i + 1, 2**level) - Fraction(1, 2)
    assert weights.level_of(node)[0] == level
    for digit, point in [(0, centre - radius), (1, centre), (2, centre + radius)]:
        leaf = weights.descend(node, np.array([digit]))
        place, reach = (Fraction(float(f(leaf)[0])) for f in (weights.centre_of, weights.radius_of))
        assert (place, reach) == (point, 0)


def boxes_at(cells, nodes, N=2):
    B = len(cells)
    zero = taylor.Model(
        MidRad(np.zeros(B), np.zeros(B)),
        MidRad(np.zeros((B, N)), np.zeros((B, N))),
        MidRad(np.zeros((B, N, N)), np.zeros((B, N, N))),
        np.ones(B, dtype=bool),
    )
    return enclosure._Boxes(
        np.array(cells), np.array(nodes), taylor.Located(zero, np.zeros((B, N))), np.arange(B) + 1.0
    )


def sides_of(boxes):
    centre, radius = weights.centre_of(boxes.node), weights.radius_of(boxes.node)
    return [
        (
            tuple(cell),
            tuple((Fraction(c) - Fraction(r), Fraction(c) + Fraction(r)) for c, r in zip(cs, rs, strict=True)),
        )
        for cell, cs, rs in zip(boxes.cell.tolist(), centre.tolist(), radius.tolist(), strict=True)
    ]


def lost(parents, children) -> bool:
    """Whether the children of box b, numbers b and b + count, are not its two halves along one axis."""
    count = len(parents.cell)
    old, new = sides_of(parents), sides_of(children)
    for b in range(count):
        cell, sides = old[b]
        if len(new) != 2 * count or new[b][0] != cell or new[b + count][0] != cell:
            return True
        moved = [i for i in range(len(sides)) if new[b][1][i] != sides[i] or new[b + count][1][i] != sides[i]]
        if len(moved) != 1:
            return True
        (a, m), (n, z) = new[b][1][moved[0]], new[b + count][1][moved[0]]
        if m != n or (a, z) != sides[moved[0]]:
            return True
    return False


def test_splitting_loses_nothing():
    deep = 2 ** (weights.DEEPEST - 1)
    boxes = boxes_at([[0, 0], [3, 1], [2, 2]], [[1, 1], [5, 2], [2 * deep - 1, deep]])
    children = boxes.split(np.array([0, 1, 0]))
    assert not lost(boxes, children)
    assert children.upper.tolist() == [1, 2, 3, 1, 2, 3]


NODES = [1, 2, 3, 5, 11, 97, 2**10 + 1023, 2**14 + 5, 2**20 + 2**19] + [
    weights.POINTS + i for i in (0, 1, 12345, weights.LAST // 2, weights.LAST)
]


@pytest.mark.parametrize("kappa", ["0.01", "0.5", "2", "6", "40", "1000"])
@pytest.mark.parametrize("pattern", [(5, 5), (0, 5), (2, 1), (0, 0)])
def test_weight_rows_and_biases_contain_the_weights(kappa, pattern):
    D = 5
    with ctx.workprec(96), mp.workdps(DIGITS):
        axis = weights.Axis(arb(kappa), D, -pattern[0], pattern[1])
        k = mp.mpf(kappa)
        rng = random.Random(1)
        for node in NODES:
            rows = axis.rows(np.array([0]), np.array([node]))
            centre, radius = (float(f(np.array([node]))[0]) for f in (weights.centre_of, weights.radius_of))
            for u in [-1.0, 1.0, 0.0, rng.uniform(-1, 1), rng.uniform(-1, 1)]:
                tau = radius * u
                w = [mp.exp(-k / 2 * (mp.mpf(centre) + tau - j) ** 2) for j in range(-pattern[0], pattern[1] + 1)]
                p = [q / mp.fsum(w) for q in w]
                bias = mp.fsum(j * q for j, q in zip(range(-pattern[0], pattern[1] + 1), p, strict=True)) - centre - tau
                full = [mp.mpf(0)] * (D - pattern[0]) + p + [mp.mpf(0)] * (D - pattern[1])
                powers = [mp.mpf(tau) ** n for n in range(3)]
                for j, q in enumerate(full):
                    assert contains(rows.p.mid[0, :, j], rows.p.rad[0, :, j], powers, q)
                assert contains(rows.b.mid[0], rows.b.rad[0], powers, bias)
                assert rows.b_low[0] <= bias <= rows.b_high[0]


def contains(mids, rads, powers, value):
    middle = mp.fsum(mp.mpf(float(m)) * t for m, t in zip(mids, powers, strict=True))
    return (
        abs(value - middle)
        <= mp.fsum(mp.mpf(float(r)) * abs(t) for r, t in zip(rads, powers, strict=True)) + mp.mpf(10) ** -31
    )


def test_biases_are_tight():
    with ctx.workprec(96):
        # sup |b| of the whole lattice, κ = 4 and 10, from its definition in mpmath
        for kappa, largest in [(4, 0.0225963051802), (10, 0.181307037318)]:
            low, high = weights.bias_pieces(arb(kappa), range(-9, 10), 64)
            assert largest * (1 - 1e-11) < high.max() < largest * 1.01
            assert low.min() == pytest.approx(-high.max(), rel=1e-6)


@pytest.mark.parametrize("kappa", ["0.02", "1", "4", "50"])
@pytest.mark.parametrize("count", [2, 9, 60])
def test_window_bounds_the_mass_outside(kappa, count):
    D, mass = weights.window(arb(kappa), 1e-7, count)
    k = mp.mpf(kappa)
    assert mass <= 1e-7
    assert D == 1 or weights.window(arb(kappa), float(mass.mid()) * 0.999, count)[0] > D or mass == 0
    for cell in {0, count // 2, count - 1}:
        for u in (-0.5, 0.0, 0.3, 0.5):
            w = [mp.exp(-k / 2 * (j - cell - mp.mpf(u)) ** 2) for j in range(count)]
            outside = mp.fsum(q for j, q in enumerate(w) if abs(j - cell) > D) / mp.fsum(w)
            assert outside <= mp.mpf(float(mass.upper())) * (1 + mp.mpf(2) ** -50)


def test_window_is_no_wider_than_needed():
    with ctx.workprec(96):
        D, mass = weights.window(arb(1), 1e-7, 1000)
        exact = 2 * sum(mp.exp(-(mp.mpf(j) ** 2 - mp.mpf(1) / 4) / 2) for j in [D + 0.5 + n for n in range(50)])
        assert exact <= float(mass.upper()) <= float(exact) * 2


def difference_of(design, eps=1e-2):
    with ctx.workprec(enclosure.BITS):
        return difference.Difference(design, 1e-11 * eps, float("inf"))


def bound_violations(design, case, count=36, samples=7):
    """Points where the bounds of boxes of all sizes are false."""
    problem, dense = difference_of(design), Dense(design, case)
    rng = random.Random(0)
    wrong = []
    with ctx.workprec(enclosure.BITS), mp.workdps(DIGITS):
        cell = np.array([[rng.choice([0, rng.randrange(p), p - 1]) for p in design.P] for _ in range(count)])
        levels = [
            [rng.choice([0, 0, 1, 2, 4, 7, weights.DEEPEST]) if n % 2 else n % 5 for _ in design.P]
            for n in range(count)
        ]
        node = np.array([[2**m + rng.randrange(2**m) for m in row] for row in levels])
        centre, radius = weights.centre_of(node), weights.radius_of(node)
        model = problem.f.models(cell, centre, radius)
        bound = problem.bound(cell, node, model)
        for b in range(count):
            for n in range(samples):
                digits = [0.0 if n == 0 else rng.choice([-1.0, 1.0, rng.uniform(-1, 1)]) for _ in design.P]
                shares = [
                    (Fraction(int(k)) + Fraction(1, 2) + Fraction(float(c)) + Fraction(float(r)) * Fraction(d)) / p
                    for k, c, r, d, p in zip(cell[b], centre[b], radius[b], digits, design.P, strict=True)
                ]
                error = dense.error(dense.at(shares))
                if error > bound.upper[b] or (n == 0 and error < bound.lower[b]):
                    wrong.append((cell[b].tolist(), node[b].tolist(), digits))
    return wrong


BOUND_CASES = [
    ("sin(x) + cos(y)", (4, 3), "2", 2, "clip"),
    ("sin(x) + cos(y)", (4, 3), "30", 0, "extend"),
    ("cos(x) * y", (2, 5), "5", 1, "extend"),
    ("x*y*z", (2, 3, 2), "4", 1, "extend"),
    ("max(x, y)", (3, 3), "6", 0, "extend"),
    ("1/(1 + 25*x**2)", (5,), "1", 3, "extend"),
    ("x**(5/2)", (3,), "3", 0, "extend"),
    ("sin(10*x)", (2,), "0.3", 4, "extend"),
]


@pytest.mark.parametrize(("text", "P", "kappa", "pad", "padding"), BOUND_CASES)
def test_bounds_on_boxes(text, P, kappa, pad, padding):
    assert bound_violations(grid(CASES[text], P, Fraction(kappa), pad=pad, padding=padding), CASES[text]) == []


@pytest.mark.parametrize("text", ["sin(x) + cos(y)", "max(x, y)", "x*y*z", "abs(x - 1/3)", "1/(1 + 25*x**2)"])
def test_models_of_cells_contain_the_function(text):
    case = CASES[text]
    N = len(case.box)
    P = (7, 5, 3)[:N]
    problem = difference_of(grid(case, P, Fraction(3)))
    cells = np.array(list(itertools.product(*map(range, P))))
    rng = random.Random(2)
    with ctx.workprec(enclosure.BITS):
        for tolerance in (1e-12, 1e-3, 10.0):
            model = problem.f.on_cells(cells, tolerance)
            located = taylor.Located(model, np.zeros(cells.shape))
            node = np.full(cells.shape, 5)
            quarter = problem.f.inside(located, cells, weights.centre_of(node), weights.radius_of(node), tolerance)[0]
            for where, radius, models in [(0.0, 0.5, model), (-0.125, 0.125, quarter)]:
                check_models(case, P, cells, where, radius, models, rng)


def check_models(case, P, cells, offset, radius, model, rng):
    with mp.workdps(DIGITS):
        ends = case.ends()
        for b, cell in enumerate(cells.tolist()):
            tau = [radius * rng.choice([-1, 1, 0.3, rng.uniform(-1, 1)]) for _ in cell]
            x = [
                lo + (hi - lo) / p * (k + mp.mpf("0.5") + offset + t)
                for (lo, hi), p, k, t in zip(ends, P, cell, tau, strict=True)
            ]
            H = model.hessian
            middle = mp.mpf(float(model.value.mid[b]))
            reach = mp.mpf(float(model.value.rad[b])) + mp.mpf(10) ** -30
            for i, t in enumerate(tau):
                middle += mp.mpf(float(model.gradient.mid[b, i])) * t
                reach += mp.mpf(float(model.gradient.rad[b, i])) * abs(t)
                for j, s in enumerate(tau):
                    middle += mp.mpf(float(H.mid[b, i, j])) * t * s / 2
                    reach += mp.mpf(float(H.rad[b, i, j])) * abs(t * s) / 2
            assert abs(case.f(*x) - middle) <= reach


def test_shared_models_save_jets(monkeypatch):
    case = CASES["sin(x) + cos(y)"]
    problem = difference_of(grid(case, (16, 16), Fraction(3)))
    asked = []
    jets = taylor.Surface.models
    monkeypatch.setattr(taylor.Surface, "models", lambda self, *box: asked.append(len(box[0])) or jets(self, *box))
    with ctx.workprec(enclosure.BITS):
        cells = np.array(list(itertools.product(range(16), repeat=2)))
        problem.f.on_cells(cells, 1e-1)
        assert sum(asked) == 16
        problem.f.on_cells(cells, 0.0)
        assert sum(asked) == 16 + 16 + 64 + 256


def test_the_crude_bound_holds():
    for text, P, kappa, pad, padding in BOUND_CASES:
        case = CASES[text]
        design = grid(case, P, Fraction(kappa), pad=pad, padding=padding)
        with ctx.workprec(enclosure.BITS):
            crude = difference_of(design).crude()
        dense = Dense(design, case)
        assert all(dense.error(dense.at(s)) <= crude for s in dense.places(20))


# --- mutants --------------------------------------------------------------------------------------------------------


def no_window(monkeypatch):
    monkeypatch.setattr(difference, "window", lambda kappa, tolerance, count: (1, arb(0)))


def no_radii(monkeypatch):
    monkeypatch.setattr(difference, "matmul", lambda a, b: MidRad(a.mid @ b.mid, np.zeros(np.shape(a.mid @ b.mid))))


def no_second_row(monkeypatch):
    true = weights._taylor

    def mutant(kappa, node, offsets):
        (p, slope, bend), b = true(kappa, node, offsets)
        return [p, slope, [arb(0)] * len(bend)], b

    monkeypatch.setattr(weights, "_taylor", mutant)


def wrong_hessian(monkeypatch):
    true = difference.Difference._less_rest

    def mutant(self, C, model):
        return true(self, C, model._replace(hessian=MidRad(-model.hessian.mid, model.hessian.rad)))

    monkeypatch.setattr(difference.Difference, "_less_rest", mutant)


def no_mixed_terms(monkeypatch):
    true = difference.Difference._less_rest

    def mutant(self, C, model):
        diagonal = np.eye(self.N)
        return true(self, C, model._replace(hessian=MidRad(model.hessian.mid * diagonal, model.hessian.rad * diagonal)))

    monkeypatch.setattr(difference.Difference, "_less_rest", mutant)


def no_bias(monkeypatch):
    monkeypatch.setattr(weights.Axis, "_bias", lambda self, node, left, right: (0.0, 0.0))


def no_slope_radius(monkeypatch):
    true = difference.Difference._less_rest

    def mutant(self, C, model):
        return true(self, C, model._replace(gradient=MidRad(model.gradient.mid, 0 * model.gradient.rad)))

    monkeypatch.setattr(difference.Difference, "_less_rest", mutant)


def not_at_the_nearest_point(monkeypatch):
    def mutant(self, index, x):
        jet = self.f.first(x)
        return jet.value

    monkeypatch.setattr(difference.Difference, "_continued", mutant)


def even_powers_of_one_sign_too_many(monkeypatch):
    true = difference.Difference._largest

    def mutant(self, c, powers, low, high):
        kept, self.alphas = self.alphas, 2 * self.alphas
        try:
            return true(self, c, powers, low, high)
        finally:
            self.alphas = kept

    monkeypatch.setattr(difference.Difference, "_largest", mutant)


LOCAL = [
    (no_window, ("sin(10*x)", (9,), "0.5", 0, "extend")),
    (no_radii, ("cos(x) * y", (2, 5), "5", 1, "extend")),
    (no_second_row, ("1/(1 + 25*x**2)", (5,), "1", 3, "extend")),
    (wrong_hessian, ("x**2 + x", (1,), "30", 0, "extend")),
    (no_mixed_terms, ("x*y*z", (1, 1, 1), "8", 0, "extend")),
    (no_bias, ("2*x", (4,), "6", 0, "extend")),
    (no_slope_radius, ("max(x, y)", (3, 3), "60", 0, "extend")),
    (not_at_the_nearest_point, ("sin(10*x)", (3,), "2", 2, "clip")),
    (even_powers_of_one_sign_too_many, ("sin(x) + cos(y)", (4, 3), "30", 0, "extend")),
]


@pytest.mark.parametrize(("mutate", "sizes"), LOCAL, ids=[m.__name__ for m, _ in LOCAL])
def test_mutants_of_the_bounds_are_caught(mutate, sizes, monkeypatch):
    text, P, kappa, pad, padding = sizes
    design = grid(CASES[text], P, Fraction(kappa), pad=pad, padding=padding)
    assert bound_violations(design, CASES[text], 60) == []
    mutate(monkeypatch)
    assert bound_violations(design, CASES[text], 60) != []


def first_half_only(self, axis):
    children = TRUE_SPLIT(self, axis)
    return children.take(np.arange(len(self.cell)))


def same_half_twice(self, axis):
    children = TRUE_SPLIT(self, axis)
    return children.take(np.tile(np.arange(len(self.cell)), 2))


TRUE_SPLIT = enclosure._Boxes.split


@pytest.mark.parametrize("mutant", [first_half_only, same_half_twice])
def test_a_lost_half_is_caught(mutant, monkeypatch):
    case = CASES["1/(1 + 25*x**2)"]
    design = grid(case, (3,), Fraction(3), pad=1)
    boxes = boxes_at([[0, 0], [3, 1]], [[1, 1], [5, 2]])
    monkeypatch.setattr(enclosure._Search, "probe", lambda self, boxes: None)
    assert violations(enclose(design, Fraction(1, 100)), Dense(design, case), 300) == []
    monkeypatch.setattr(enclosure._Boxes, "split", mutant)
    assert lost(boxes, boxes.split(np.array([0, 1])))
    assert violations(enclose(design, Fraction(1, 100)), Dense(design, case), 300) != []
