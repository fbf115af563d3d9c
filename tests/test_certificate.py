"""Certificates: verdicts, what is written, and the float64 instance, against mpmath."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from attain.numeric import certificate
from attain.numeric.certificate import certify, network_of, observe
from attain.numeric.enclosure import Enclosure
from attain.proofs.designs import designs_for, measured
from attain.symbolic.design import Design
from attain.symbolic.exact import real
from attain.symbolic.expression import parse
from attain.symbolic.target import Target
from attain.symbolic.theorems.max_affine import design

UNIT = (Fraction(0), Fraction(1))


def sized(text, box, eps, bound="sharp", P=None, R=None) -> Design:
    names = tuple("xyzwuv"[: len(box)])
    design = designs_for(measured(parse(text, names), names, box), Fraction(eps), (bound,), P, R)[bound]
    assert isinstance(design, Design)
    return design


def network_error(design: Design, x: mp.mpf, f) -> mp.mpf:
    """|F − f| on [0, 1] in mpmath, for padding "extend" or none."""
    with mp.workdps(30):
        P, number = design.P[0], design.kappa or design.R
        h = mp.mpf(1) / P
        R = mp.mpf(number.numerator) / number.denominator * (P**2 if design.kappa is not None else 1)
        centres = [(k + mp.mpf("0.5")) * h for k in range(-design.pad, P + design.pad)]
        w = [mp.exp(-R / 2 * (x - v) ** 2) for v in centres]
        return abs(mp.fsum(p * f(v) for p, v in zip(w, centres, strict=True)) / mp.fsum(w) - f(x))


def test_a_design_that_meets_eps_holds():
    design = sized("sin(10*x)", (UNIT,), "1/10")
    found = certify(design, Fraction(1, 10))
    assert found.holds is True
    assert found.why_not_enclosed == ""
    assert found.sup_error is not None
    assert found.sup_error.complete
    assert found.sup_error.lower <= Fraction(design.error_bound) <= Fraction(1, 10)
    assert found.observed.max <= found.sup_error.upper + Fraction(1, 10**12)
    assert found.observed.max >= found.sup_error.lower - Fraction(1, 10**12)


def test_too_few_points_are_refuted_with_a_witness():
    eps = Fraction(1, 20)
    design = sized("sin(10*x)", (UNIT,), eps, P=(4,))
    assert not design.meets
    found = certify(design, eps)
    assert found.holds is False
    t = found.sup_error.at[0]
    with mp.workdps(30):
        error = network_error(design, mp.mpf(t.numerator) / t.denominator, lambda x: mp.sin(10 * x))
        assert error >= mp.mpf(found.sup_error.lower.numerator) / found.sup_error.lower.denominator > mp.mpf(1) / 20


def test_the_enclosure_can_prove_what_the_theorem_does_not():
    design = sized("sin(x)", (UNIT,), "1/20", P=(10,), R=Fraction(600))
    eps = Fraction(design.error_bound) * Fraction(99, 100)
    design = replace(sized("sin(x)", (UNIT,), eps, P=(10,), R=Fraction(600)), meets=False)
    found = certify(replace(design, target=replace(design.target, expression=parse("sin(x)/2", ("x",)))), eps)
    assert found.holds is True


def test_no_verdict_without_time_or_proof():
    design = sized("sin(10*x)", (UNIT,), "1/100", P=(20,))
    assert not design.meets
    found = certify(design, Fraction(1, 100), seconds=0.0)
    assert found.holds is None
    assert found.sup_error is not None
    assert not found.sup_error.complete


def test_four_dimensions_hold_by_the_theorem_alone():
    design = sized("x + y + z + w", (UNIT,) * 4, "1")
    found = certify(design, Fraction(1))
    assert found.holds is True
    assert found.sup_error is None
    assert "3 dimensions" in found.why_not_enclosed
    data = found.to_json()["sup_error"]
    assert data["lower"] == "0"
    assert data["upper"] == design.error_bound


def enclosed(lower, upper):
    return Enclosure(Fraction(lower), Fraction(upper), (Fraction(1, 2),), 1, True, 0.0)


@pytest.mark.parametrize(
    ("lower", "upper", "eps", "meets", "holds"),
    [
        ("0.1", "0.2", "0.2", False, True),
        ("0.1", "0.2", "0.15", False, None),
        ("0.1", "0.2", "0.15", True, True),
        ("0.1", "0.2", "0.1", False, None),
        ("0.1", "0.2", "0.09", False, False),
        ("0.3", "0.4", "1/pi", False, None),
        ("0.3", "0.3183098861", "1/pi", False, True),
        ("0.3", "0.3183098862", "1/pi", False, None),
        ("0.3183098862", "0.4", "1/pi", False, False),
    ],
)
def test_verdicts(lower, upper, eps, meets, holds, monkeypatch):
    monkeypatch.setattr(certificate, "enclose", lambda *args: enclosed(lower, upper))
    design = replace(sized("sin(x)", (UNIT,), "1/10"), meets=meets)
    assert certify(design, real(eps, "eps")).holds is holds


def test_what_is_written(tmp_path):
    box = (UNIT, (Fraction(-1), real("pi", "b")))
    design = sized("x*cos(y)", box, "1/5", "smooth")
    found = certify(design, Fraction(1, 5))
    path = tmp_path / "c.json"
    path.write_text("old")
    found.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["c.json"]
    data = json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))
    e = found.sup_error
    assert data == json.loads(json.dumps(found.to_json()))
    assert Fraction(data["sup_error"]["lower"]) <= e.lower
    assert Fraction(data["sup_error"]["upper"]) >= min(e.upper, Fraction(design.error_bound))
    assert float(data["sup_error"]["upper"]) == pytest.approx(float(e.upper), rel=1e-6)
    assert tuple(map(Fraction, data["sup_error"]["at_share"])) == e.at
    share = data["sup_error"]["at_share"][1]
    assert data["sup_error"]["at"]["y"] == pytest.approx(-1 + float(Fraction(share)) * (np.pi + 1), abs=1e-12)
    assert data["format"] == "attain-certificate/1"
    assert data["design"]["P"] == list(design.P)
    assert Fraction(data["design"]["kappa"]) == design.kappa
    assert data["regularity"]["lipschitz"].keys() == {"l1", "l2", "linf"}
    assert data["target"]["box"][1][1] == ["constant", "pi"]
    assert data["holds"] is True


def test_a_save_that_fails_keeps_the_old_file(tmp_path, monkeypatch):
    found = certify(sized("sin(x)", (UNIT,), "1/5"), Fraction(1, 5))
    path = tmp_path / "c.json"
    path.write_text("old")
    monkeypatch.setattr(certificate.json, "dumps", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        found.save(path)
    assert path.read_text() == "old"


@pytest.mark.parametrize("padding", ["extend", "clip"])
def test_the_float_instance(padding):
    design = sized("sin(3*x)", (UNIT,), "1/10", "smooth")
    design = replace(design, pad=2, target=replace(design.target, padding=padding))
    net = network_of(design)
    P = design.P[0]
    with mp.workdps(30):
        for k, v, y in zip(range(-2, P + 2), net.centres[0], net.values, strict=True):
            exact = (k + mp.mpf("0.5")) / P
            near = min(max(exact, mp.mpf(0)), mp.mpf(1)) if padding == "clip" else exact
            value = mp.sin(3 * near) + 3 * mp.cos(3 * near) * (exact - near)
            assert abs(exact - mp.mpf(float(v))) <= mp.mpf(2) ** -52 * abs(exact)
            assert abs(value - mp.mpf(float(y))) < 1e-14
    assert net.kappa[0] == pytest.approx(float(design.kappa), rel=1e-12)


def test_an_observation_includes_the_witness():
    design = sized("sin(10*x)", (UNIT,), "1/10", P=(4,))
    seen = observe(design)
    with mp.workdps(30):
        assert float(network_error(design, mp.mpf(seen.at[0]), lambda x: mp.sin(10 * x))) == pytest.approx(
            seen.max, abs=1e-12
        )
    assert seen.points == 17
    more = observe(design, (0.123456,))
    assert more.points == 18
    assert more.max >= seen.max


def test_many_points_are_sampled():
    seen = observe(sized("x*y", (UNIT, UNIT), "1/10"), points=50)
    assert seen.points == 50
    assert all(0 <= x <= 1 for x in seen.at)


def test_a_target_without_expression_is_refused():
    bare = Target((UNIT,), {"l2": Fraction(1)})
    design = replace(sized("sin(x)", (UNIT,), "1/5"), target=bare)
    with pytest.raises(ValueError, match="no expression"):
        network_of(design)
    with pytest.raises(ValueError, match="too many to tabulate"):
        network_of(replace(sized("sin(x)", (UNIT,), "1/5"), P=(10**7,)))


def test_a_callable_with_declared_constants_stays_within_the_bound() -> None:
    target = Target((UNIT, UNIT), {"l1": Fraction(1)})
    made = design(target, Fraction(1, 10), "sharp")

    def smallest(x: np.ndarray) -> np.ndarray:
        return np.minimum(x[:, 0], x[:, 1])

    seen = observe(made, function=smallest)
    assert 0 < seen.max <= float(made.error_bound)
    assert np.array_equal(network_of(made, smallest).values, network_of(replace(
        made, target=replace(target, expression=parse("min(x, y)"), variables=("x", "y"))
    )).values)  # fmt: skip
    with pytest.raises(ValueError, match="finite values"):
        observe(made, function=lambda x: x)
    with pytest.raises(ValueError, match="finite values"):
        network_of(made, lambda x: np.full(len(x), np.nan))
    smooth = design(replace(target, hessian=Fraction(1), padding="clip"), Fraction(1, 10), "smooth")
    assert smooth.pad
    with pytest.raises(ValueError, match="no continuation"):
        network_of(smooth, smallest)
