"""L^p errors: cell averages, singular boxes and enclosures against quadrature; the command line."""

from __future__ import annotations

import json
import math
import time
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from attain.cli.main import app
from attain.numeric.averages import cell_averages
from attain.numeric.lp_certificate import certify_lp
from attain.numeric.lp_error import enclose_lp
from attain.numeric.singular import norm_bound
from attain.numeric.taylor import Surface
from attain.proofs.interval import DomainError, hull
from attain.symbolic.design import Design
from attain.symbolic.exact import ball
from attain.symbolic.expression import evaluate, parse
from attain.symbolic.target import Target
from flint import arb, ctx
from typer.testing import CliRunner

UNIT = (Fraction(0), Fraction(1))
BOTH = (Fraction(-1), Fraction(1))
LINE = {
    "step(x - 0.4142)": (lambda x: float(x >= 0.4142), [0.4142]),
    "sign(x - 1/3)": (lambda x: mp.sign(x - mp.mpf(1) / 3), [1 / 3]),
    "x + where(x < 1/5, 1, x*x)": (lambda x: x + (1 if x < 0.2 else x * x), [0.2]),
    "sin(3*x)": (lambda x: mp.sin(3 * x), []),
    "abs(x)**(-1/4)": (lambda x: abs(x) ** mp.mpf("-0.25"), []),
    "log(x)*cos(x)": (lambda x: mp.log(x) * mp.cos(x), []),
}


def design_of(text, box, P, kappa):
    names = ("x", "y")[: len(box)]
    target = Target(box, expression=parse(text, names), variables=names)
    return Design("max-affine-lp", "enclosed", "lp", target, P, Fraction(kappa), None, 0, (), "0", False, "test")


def averages_of(design, tolerance):
    t = design.target
    with ctx.workprec(96):
        ends = [[ball(side[k]) for side in t.box] for k in (0, 1)]
        steps = [design.spacing(i) for i in range(t.dim)]
        surface = Surface(t.expression, t.variables, *ends, steps, list(design.P))
        return cell_averages(t.expression, t.variables, surface, tolerance, time.monotonic() + 30)


def quadrature(f, cuts, lo, hi):
    points = sorted({lo, hi, *(c for c in cuts if lo < c < hi)})
    return mp.quad(f, points)


@pytest.mark.parametrize("text", LINE)
def test_averages_on_the_line_contain_quadrature(text):
    f, cuts = LINE[text]
    found = averages_of(design_of(text, (UNIT,), (5,), 4), 1e-5)
    for j in range(5):
        value = 5 * quadrature(f, cuts, j / 5, (j + 1) / 5)
        assert abs(float(value) - found.mid[j]) <= found.rad[j]
    assert found.rad.max() <= 1e-5


def test_averages_in_the_plane():
    disc = averages_of(design_of("indicator(x**2 + y**2 <= 1/4)", (BOTH, BOTH), (6, 6), 4), 1e-2)
    assert abs(disc.mid.sum() / 9 - math.pi / 4) <= disc.rad.sum() / 9
    assert disc.mid[0, 0] == 0
    assert disc.mid[2, 2] == 1
    smooth = averages_of(design_of("sin(x)*y", (UNIT, UNIT), (3, 2), 4), 1e-6)
    exact = np.outer(-np.diff(np.cos(np.linspace(0, 1, 4))) * 3, [0.25, 0.75])
    assert np.all(np.abs(smooth.mid - exact) <= smooth.rad + 1e-15)


def weights(design, i, x):
    a, b = (float(end) for end in design.target.box[i])
    z = -(float(design.kappa) / 2) * ((x - a) / (b - a) * design.P[i] - (np.arange(design.P[i]) + 0.5)[None, :]) ** 2
    w = np.exp(z - z.max(axis=1, keepdims=True))
    return w / w.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("text", LINE)
@pytest.mark.parametrize("p", [Fraction(1), Fraction(2), Fraction(5, 2)])
def test_the_enclosure_on_the_line_contains_quadrature(text, p):
    f, cuts = LINE[text]
    design = design_of(text, (UNIT,), (6,), 9)
    y = averages_of(design, 1e-4).mid
    found = enclose_lp(design, p, Fraction(1, 10), y, gap=0.01)
    power = mp.mpf(p.numerator) / p.denominator

    def integrand(x):
        return abs(float(weights(design, 0, np.array([[float(x)]]))[0] @ y) - f(x)) ** power

    pieces = [k / 24 for k in range(25)]
    value = float(quadrature(integrand, [*cuts, *pieces], 0, 1) ** (1 / power))
    assert found.complete
    assert float(found.lower) <= value * (1 + 1e-3)
    assert value <= float(found.upper) * (1 + 1e-9)
    assert float(found.upper) <= float(found.lower) * 1.0101


@pytest.mark.parametrize(
    ("text", "box", "P", "p"),
    [
        ("indicator(x**2 + y**2 <= 1/4)", (BOTH, BOTH), (5, 7), Fraction(2)),
        ("abs(x - y)", (UNIT, UNIT), (4, 4), Fraction(1)),
        ("sin(x) + cos(y)", (UNIT, UNIT), (4, 6), Fraction(2)),
    ],
)
def test_the_enclosure_in_the_plane_contains_a_fine_sum(text, box, P, p):
    design = design_of(text, box, P, 6)
    found = enclose_lp(design, p, Fraction(1, 10), gap=0.05)
    lines = [float(a) + (np.arange(1200) + 0.5) / 1200 * float(b - a) for a, b in box]
    centres = [float(a) + (np.arange(n) + 0.5) / n * float(b - a) for (a, b), n in zip(box, P, strict=True)]
    t = design.target
    y, f = (
        evaluate(t.expression, dict(zip(t.variables, np.meshgrid(*grid, indexing="ij"), strict=True)), np)
        for grid in (centres, lines)
    )
    F = weights(design, 0, lines[0][:, None]) @ y @ weights(design, 1, lines[1][:, None]).T
    area = math.prod(float(b - a) for a, b in box)
    value = (np.mean(np.abs(F - f) ** float(p)) * area) ** (1 / float(p))
    assert float(found.lower) * 0.998 <= value <= float(found.upper) * 1.002
    assert float(found.upper) <= float(found.lower) * 1.0501


@pytest.mark.parametrize(
    ("text", "p", "exact"),
    [
        ("abs(x)**(-1/4)", 2, math.sqrt(2)),
        ("1/sqrt(x)", 1, 2.0),
        ("abs(x - 1/4)**(-1/4)", 1, (0.25**0.75 + 0.75**0.75) / 0.75),
        ("(x**2)**(-1/8)", 2, math.sqrt(2)),
        ("3*x**(-1/3) + sin(1/x)", 1, 4.5),
        ("log(x)", 1, 1.0),
        ("where(x >= 1/2, x**(-1/4), 1)", 1, 0.5 + (1 - 0.5**0.75) / 0.75),
    ],
)
def test_singular_bounds_are_upper_bounds(text, p, exact):
    bound = norm_bound(parse(text), {"x": hull(arb(0), arb(1))}, Fraction(p))
    assert exact <= float(bound.upper()) * (1 + 1e-12)
    assert bound.is_finite()


@pytest.mark.parametrize(
    ("text", "p"),
    [("1/x", 1), ("1/sqrt(x)", 2), ("exp(1/x)", 1), ("(x - 1/2)**(-1/3)", 1), ("x**(-1/3)*x**(-1/3)", 1)],
)
def test_singularities_that_are_not_shown_to_be_integrable(text, p):
    assert not norm_bound(parse(text), {"x": hull(arb(0), arb(1))}, Fraction(p)).is_finite()


def test_functions_outside_lp_and_undefined_ones_are_refused():
    with pytest.raises(ValueError, match="not seen to be in L"):
        enclose_lp(design_of("1/sqrt(x)", (UNIT,), (4,), 4), Fraction(2), Fraction(1, 10), np.ones(4), seconds=1)
    with pytest.raises(ValueError, match="not seen to be integrable"):
        averages_of(design_of("1/x", (UNIT,), (4,), 4), 1e-3)
    with pytest.raises(DomainError):
        averages_of(design_of("x**(-1/3)", (BOTH,), (4,), 4), 1e-3)
    with pytest.raises(ValueError, match="2 dimensions"):
        certify_lp(Target((UNIT,) * 3, expression=parse("x"), variables=("x", "y", "z")), Fraction(2), Fraction(1))


def test_a_wrong_claim_is_refuted():
    target = design_of("step(x - 1/3)", (UNIT,), (2,), 4).target
    found = certify_lp(target, Fraction(2), Fraction(1, 100), P=(4,))
    assert found.holds is False
    assert Fraction(found.error.lower) > Fraction(1, 100)
    fixed = certify_lp(target, Fraction(1), Fraction(1, 2), P=(4,), R=Fraction(64))
    assert fixed.holds
    assert fixed.design.R == 64


RUN = CliRunner()


@pytest.mark.parametrize(
    ("text", "sides", "eps", "norm"),
    [
        ("step(x - 1/2)", ["x=0..1"], "0.1", "L2"),
        ("sign(x - 1/3)", ["x=0..1"], "0.1", "L2"),
        ("sign(x - 1/3)", ["x=0..1"], "0.05", "L1"),
        ("indicator(x**2 + y**2 <= 1/4)", ["x=-1..1", "y=-1..1"], "0.4", "L2"),
        ("abs(x)**(-1/4)", ["x=-1..1"], "0.5", "L2"),
        ("sin(x) + cos(y)", ["x=0..1", "y=0..1"], "0.05", "L3/2"),
    ],
)
def test_certify_on_the_command_line(text, sides, eps, norm):
    on = [part for side in sides for part in ("--on", side)]
    result = RUN.invoke(app, ["certify", text, *on, "--eps", eps, "--norm", norm, "--json"])
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["holds"] is True
    assert Fraction(data["lp_error"]["upper"]) <= Fraction(eps)
    assert data["evidence"] == "enclosed"
    assert data["norm"] == norm
    lower, upper = (float(data["lp_error"][k]) for k in ("lower", "upper"))
    assert lower * 0.7 <= data["observed"]["estimate"] <= upper * 1.1
    if text.startswith("sin"):
        assert lower <= float(data["bound"])
    else:
        assert data["bound"] is None


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--norm", "L1/2"], "rational p >= 1"),
        (["--norm", "H1"], "neither sup nor"),
        (["--norm", "L2", "--save", "x.json"], "no --save"),
        (["--norm", "L2", "--bound", "sharp"], "no --bound"),
        ([], "may jump there"),
        (["--norm", "L2", "--output", "step(x)"], "one formula"),
    ],
)
def test_bad_requests_say_so(extra, message):
    result = RUN.invoke(app, ["certify", "step(x)", "--on", "x=-1..1", "--eps", "0.1", *extra])
    assert isinstance(result.exception, ValueError)
    assert message in str(result.exception)


def test_other_refusals():
    on = ["--on", "x=0..1", "--eps", "0.3"]
    saved = RUN.invoke(app, ["certify", "where(x >= 0, 3*x, 1)", *on, "--save", "never.json"])
    assert "attain check does not read where" in str(saved.exception)
    undefined = RUN.invoke(app, ["certify", "(x - 1/2)**(1/3)", *on, "--norm", "L2"])
    assert "not defined near x = " in str(undefined.exception)
