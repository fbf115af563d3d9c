"""Designs for a given function: proved constants, the hull of the padded centres, and the choice between bounds."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import mpmath as mp
import pytest
from attain.proofs import designs as module
from attain.proofs.designs import BOUNDS, LEAST, cheapest, designs_for, measured
from attain.proofs.interval import DomainError
from attain.proofs.regularity import RegularityError
from attain.symbolic.design import Design, NotApplicable
from attain.symbolic.exact import ball, real
from attain.symbolic.expression import parse
from attain.symbolic.target import Target

UNIT = (Fraction(0), Fraction(1))
EPS = Fraction(1, 50)


def target_of(text, *box):
    names = tuple("xyz"[: len(box)])
    return measured(parse(text, names), names, box)


def close(value, exact, rel=2e-2):
    return exact * (1 - 1e-12) <= value <= exact * (1 + rel) + 1e-12


@pytest.mark.parametrize(
    ("text", "box", "l1", "l2", "linf", "M", "osc"),
    [
        ("x*y", (UNIT, UNIT), 1, 2**0.5, 2, 1, 1),
        ("x**2/2 - 3*y", (UNIT, (Fraction(-1), Fraction(1))), 3, 10**0.5, 4, 1, 6.5),
        ("sin(x)", ((Fraction(0), real("pi", "b")),), 1, 1, 1, 1, 1),
    ],
)
def test_measured_constants(text, box, l1, l2, linf, M, osc):
    target = target_of(text, *box)
    assert close(target.lipschitz["l1"], l1)
    assert close(target.lipschitz["l2"], l2)
    assert close(target.lipschitz["linf"], linf)
    assert close(target.hessian, M)
    assert close(target.osc, osc)
    assert target.padding == "clip"
    assert target.box == box


def test_a_constant_function_keeps_every_size_finite():
    target = target_of("3 + 0*x", UNIT)
    assert set(target.lipschitz.values()) == {LEAST}
    assert target.hessian == target.osc == LEAST
    assert all(d.meets for d in designs_for(target, EPS).values())


def test_what_is_not_regular_is_refused_in_one_line():
    for text, kind in [("sqrt(x)", RegularityError), ("log(x - 1/2)", DomainError), ("1/(x - 1/2)", DomainError)]:
        with pytest.raises(kind) as caught:
            target_of(text, UNIT)
        assert "\n" not in str(caught.value)


def test_kinks_leave_out_the_smooth_bound():
    target = target_of("max(x, y)", UNIT, UNIT)
    assert target.hessian is None
    found = designs_for(target, EPS)
    assert isinstance(found["smooth"], NotApplicable)
    assert cheapest(found) is found["sharp"]


SMOOTH = {
    "sin(x) + cos(y)": ((UNIT, UNIT), lambda x, y: (mp.cos(x), -mp.sin(y))),
    "exp(-x*y) + sqrt(x + 1/10)": (
        (UNIT, UNIT),
        lambda x, y: (-y * mp.exp(-x * y) + 1 / (2 * mp.sqrt(x + mp.mpf(1) / 10)), -x * mp.exp(-x * y)),
    ),
    "1/(1 + 25*x**2)": (((Fraction(-1), Fraction(1)),), lambda x: (-50 * x / (1 + 25 * x**2) ** 2,)),
    "x**4": ((UNIT,), lambda x: (4 * x**3,)),
    "exp(3*x)": ((UNIT,), lambda x: (3 * mp.exp(3 * x),)),
    "tanh(4*x - 2)": ((UNIT,), lambda x: (4 - 4 * mp.tanh(4 * x - 2) ** 2,)),
    "1/(x + 1/4)": ((UNIT,), lambda x: (-1 / (x + mp.mpf(1) / 4) ** 2,)),
    "x**(5/2)": ((UNIT,), lambda x: (mp.mpf(5) / 2 * x ** mp.mpf(1.5),)),
}


def hull_violations(design: Design, gradient) -> list[str]:
    """What is wrong with the hypotheses of the second-order bound: the hull, and M along segments from K to centres."""
    target, wrong, rng = design.target, [], random.Random(0)
    extended = target.padding == "extend"
    reach = [ball(design.pad) * design.spacing(i) if extended else ball(0) for i in range(target.dim)]
    if extended and design.pad:
        for i, (low, high) in enumerate(target.hull or target.box):
            a, b = (ball(end) for end in target.box[i])
            if not (ball(low) <= a - reach[i] and b + reach[i] <= ball(high)):
                wrong.append(f"axis {i}: the centres leave the hull")
    with mp.workdps(30):
        M = mp.mpf(target.hessian.numerator) / target.hessian.denominator
        sides = [(mp.mpf(float(ball(a).mid())), mp.mpf(float(ball(b).mid()))) for a, b in target.box]
        h = [(b - a) / p for (a, b), p in zip(sides, design.P, strict=True)]
        pad = design.pad if extended else 0
        for _ in range(400):
            x = [rng.choice([a, b, a + (b - a) * rng.random()]) for a, b in sides]
            v = [
                a + (rng.choice([-pad, p - 1 + pad, rng.randrange(-pad, p + pad)]) + mp.mpf("0.5")) * step
                for (a, _), p, step in zip(sides, design.P, h, strict=True)
            ]
            s, t = (
                (x, v) if rng.random() < 0.5 else ([p + (q - p) * rng.random() for p, q in zip(x, v, strict=True)], v)
            )
            change = mp.norm([p - q for p, q in zip(gradient(*s), gradient(*t), strict=True)])
            distance = mp.norm([p - q for p, q in zip(s, t, strict=True)])
            if change > M * distance * (1 + mp.mpf(10) ** -12):
                wrong.append(f"the gradient changes by {float(change / distance)} > {float(M)}")
                break
    return wrong


@pytest.mark.parametrize("text", SMOOTH)
@pytest.mark.parametrize("eps", ["1/10", "1/1000"])
def test_the_hessian_bound_covers_every_segment_to_a_centre(text, eps):
    box, gradient = SMOOTH[text]
    design = designs_for(target_of(text, *box), Fraction(eps), ("smooth",))["smooth"]
    assert isinstance(design, Design)
    assert design.meets
    assert hull_violations(design, gradient) == []


def test_a_hessian_bound_on_the_box_alone_is_caught(monkeypatch):
    true, (box, gradient) = module.hessian, SMOOTH["exp(3*x)"]
    target = target_of("exp(3*x)", *box)
    monkeypatch.setattr(module, "hessian", lambda f, names, hull: true(f, names, module._expressions(box)))
    mutant = designs_for(target, Fraction(1, 10), ("smooth",))["smooth"]
    assert mutant.target.padding == "extend"
    assert hull_violations(mutant, gradient) != []


def test_a_hull_that_is_too_small_is_caught(monkeypatch):
    box, gradient = SMOOTH["1/(1 + 25*x**2)"]
    monkeypatch.setattr(module, "_enlarged", lambda target, i, share: target.box[i])
    mutant = designs_for(target_of("1/(1 + 25*x**2)", *box), Fraction(1, 10), ("smooth",))["smooth"]
    assert any("leave the hull" in line for line in hull_violations(mutant, gradient))


def test_padding_never_reaches_a_pole():
    target = target_of("1/(x + 1/100)", UNIT)
    design = designs_for(target, Fraction(1, 2), ("smooth",))["smooth"]
    assert isinstance(design, Design)
    low = design.target.hull[0][0] if design.target.padding == "extend" and design.pad else Fraction(0)
    assert low > Fraction(-1, 100)


def test_clip_pays_the_golden_ratio():
    target = target_of("sin(x)", UNIT)
    found = module._smooth(target, EPS, None, None)
    bare = replace(target, expression=None)
    clipped = module._smooth(bare, EPS, None, None)
    assert clipped.target.padding == "clip"
    assert clipped.pad == 0 or "sqrt5" in clipped.budget[1].latex
    assert found.cells <= clipped.cells


def test_cheapest_of_what_meets():
    found = designs_for(target_of("sin(x) + cos(y)", UNIT, UNIT), EPS)
    assert set(found) == set(BOUNDS)
    assert cheapest(found).cells == min(d.cells for d in found.values())
    worse = {name: replace(d, meets=name == "published") for name, d in found.items()}
    assert cheapest(worse) is worse["published"]
    none = {name: replace(d, meets=False) for name, d in found.items()}
    assert Fraction(cheapest(none).error_bound) == min(Fraction(d.error_bound) for d in found.values())
    with pytest.raises(NotApplicable, match="sharp: no"):
        cheapest({"sharp": NotApplicable("no")})


def test_sizes_fixed_by_the_caller_are_kept():
    target = target_of("sin(x) + cos(y)", UNIT, UNIT)
    for design in designs_for(target, EPS, P=(3, 4), R=Fraction(40)).values():
        assert design.P == (3, 4)
        assert design.R == 40
        assert not design.meets
        assert Fraction(design.error_bound) > EPS


def test_a_target_known_by_constants_only():
    target = Target((UNIT,), {"l2": Fraction(1)}, hessian=Fraction(1), padding="clip")
    found = designs_for(target, EPS)
    assert found["smooth"].target is target
    without = designs_for(Target((UNIT,), {"l2": Fraction(1)}), EPS)["smooth"]
    assert isinstance(without, NotApplicable)
    assert "needs" in str(without)
