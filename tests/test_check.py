"""The independent re-checker: genuine certificates pass, every tampered claim is caught, hostile files end quickly."""

from __future__ import annotations

import ast
import copy
import json
import math
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
from attain.proofs import check as entry
from attain.proofs.check import CheckError, Report, check, check_file
from attain.proofs.checker import error, regularity, theorem, weights
from attain.proofs.checker.ball import Undecided, ball, span
from attain.proofs.checker.bisection import Clock
from attain.proofs.checker.claim import Claim
from attain.proofs.checker.formula import Tape, tree_of
from attain.symbolic.expression import parse, to_json
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

Data = dict[str, Any]
ENTRY = Path(entry.__file__)
SOURCES = [ENTRY, *sorted((ENTRY.parent / "checker").glob("*.py"))]


def tree(text: str) -> list[Any]:
    return to_json(parse(text))


def sides(*ends: tuple[str, str]) -> list[Any]:
    return [[tree(a), tree(b)] for a, b in ends]


def certificate(formula: str, box: dict[str, tuple[str, str]], eps: str, **claims: Any) -> Data:
    """A certificate written by hand: `claims` are the regularity, the design and the proved numbers."""
    return {
        "format": "attain-certificate/1",
        "target": {
            "text": formula,
            "expression": tree(formula),
            "variables": list(box),
            "box": sides(*box.values()),
        },
        "eps": eps,
        "regularity": {
            "lipschitz": claims["lipschitz"],
            "axes": claims.get("axes"),
            "hessian": claims.get("hessian"),
            "hull": claims.get("hull"),
            "osc": claims.get("osc"),
        },
        "design": {
            "bound": claims["bound"],
            "norm": claims["norm"],
            "P": claims["P"],
            "pad": claims.get("pad", 0),
            "padding": claims.get("padding", "clip"),
            "kappa": claims.get("kappa"),
            "R": claims.get("R"),
        },
        "bound": claims["value"],
        "holds": claims["holds"],
        "evidence": "enclosed",
        "seconds": 0.1,
        "sup_error": {"lower": claims["lower"], "upper": claims["upper"], "at_share": claims.get("at")},
        "observed": {"max": 0.1, "at": [0.0], "points": 9, "backend": "numpy", "float": "float64"},
    }


UNIT = ("0", "1")

DEMO = certificate(
    "sin(x) + cos(y)", {"x": UNIT, "y": UNIT}, "0.01",
    lipschitz={"l1": "1", "l2": "1.307", "linf": "1.8415"}, hessian="1", hull=sides(("-1/3", "4/3"), ("-1/3", "4/3")),
    osc="1.3012", bound="smooth", norm="linf", P=[7, 7], pad=2, padding="extend", kappa="2.8469",
    value="0.008555265971", lower="0.0069863272", upper="0.0073351371", at=["109/112", "9/56"], holds=True,
)  # fmt: skip
KINK = certificate(
    "abs(x - 1/3)", {"x": UNIT}, "0.01", lipschitz={"l1": "1"}, bound="sharp", norm="l1", P=[51], kappa="4.59533",
    value="0.009999998998", lower="0.0097080694", upper="0.0099999990", at=["1/3264"], holds=True,
)  # fmt: skip
DIAGONAL = certificate(
    "max(x, y)", {"x": UNIT, "y": UNIT}, "0.05", lipschitz={"l1": "1", "l2": "1", "linf": "1"}, osc="1.0001",
    bound="sharp", norm="linf", P=[11, 11], kappa="35.3056",
    value="0.04999999732", lower="0.044744318", upper="0.046875001", at=["1407/1408", "701/704"], holds=True,
)  # fmt: skip
RUNGE = certificate(
    "1/(1 + 25*x**2)", {"x": ("-1", "1")}, "0.01", lipschitz={"l2": "3.2476"}, hessian="50.05",
    hull=sides(("-11/10", "11/10")), osc="0.9616", bound="smooth", norm="l2", P=[60], pad=2, padding="extend",
    kappa="3.42246", value="0.009961999297", lower="0.0085072101", upper="0.0088163998", at=["481/960"], holds=True,
)  # fmt: skip
PUBLISHED = certificate(
    "sin(3*x)", {"x": UNIT}, "0.21", lipschitz={"l2": "3.0001"}, osc="1.0001",
    bound="published", norm="l2", P=[30], R="13690", value="0.2079", lower="0.0499", upper="0.06", at=["0"], holds=True,
)  # fmt: skip
MISSED = certificate(
    "sin(10*x)", {"x": UNIT}, "0.05", lipschitz={"l2": "10.001"}, bound="sharp", norm="l2", P=[12], kappa="2",
    value="0.52", lower="0.4817", upper="0.49", at=["1"], holds=False,
)  # fmt: skip
IRRATIONAL = certificate(
    "sin(x)*y", {"x": ("0", "pi/2"), "y": UNIT}, "pi/20", lipschitz={"l1": "1.0001"}, hessian="1.155",
    bound="smooth", norm="l1", P=[6, 4], pad=2, padding="clip", kappa="3",
    value="0.0454", lower="0.01203", upper="0.013", at=["13/16", "15/16"], holds=True,
)  # fmt: skip
GENUINE = {
    "demo": DEMO, "kink": KINK, "diagonal": DIAGONAL, "runge": RUNGE, "published": PUBLISHED, "missed": MISSED,
    "irrational": IRRATIONAL,
}  # fmt: skip


def changed(data: Data, *path: str | int, to: Any) -> Data:
    """A copy with one entry replaced."""
    result = copy.deepcopy(data)
    spot: Any = result
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = to
    return result


def formula(data: Data, text: str) -> Data:
    return changed(changed(data, "target", "text", to=text), "target", "expression", to=tree(text))


def status(report: Report, name: str) -> str:
    return next(step[1] for step in report.steps if step[0] == name)


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_certificates_are_proved(name: str) -> None:
    report = check(json.loads(json.dumps(GENUINE[name])), 30)
    assert report.ok is True, report.steps


QUICK = changed(DEMO, "sup_error", "upper", to=DEMO["bound"])
"""Still genuine, without the bisection of the error."""

TIED = certificate(
    "max(0, 1 - exp(-x))", {"x": UNIT}, "1", lipschitz={"l1": "19/20"}, bound="sharp", norm="l1",
    P=[8], kappa="4", value="1", lower="0", upper="1", holds=True,
)  # fmt: skip
"""At x = 0 both branches are 0, and the other one has no slope."""

MUTANTS: dict[str, Data] = {
    "L lowered 1 %": changed(QUICK, "regularity", "lipschitz", "linf", to="1.823"),
    "L lowered 1 %, kink": changed(KINK, "regularity", "lipschitz", "l1", to="0.99"),
    "L lowered 1 %, diagonal": changed(DIAGONAL, "regularity", "lipschitz", "linf", to="0.99"),
    "L lowered 1 %, runge": changed(RUNGE, "regularity", "lipschitz", "l2", to="3.2152"),
    "M lowered 1 %": changed(QUICK, "regularity", "hessian", to="0.99"),
    "M lowered 1 %, runge": changed(RUNGE, "regularity", "hessian", to="49.5"),
    "M lowered 1 %, saddle": changed(IRRATIONAL, "regularity", "hessian", to="0.99"),
    "osc lowered 1 %": changed(PUBLISHED, "regularity", "osc", to="0.99"),
    "bound lowered": changed(QUICK, "bound", to="0.00855526"),
    "bound lowered, sharp": changed(KINK, "bound", to="0.00999999"),
    "bound lowered, published": changed(PUBLISHED, "bound", to="0.1"),
    "upper below the truth": changed(DEMO, "sup_error", "upper", to="0.0069863"),
    "upper below the truth, kink": changed(KINK, "sup_error", "upper", to="0.00975"),
    "upper below the truth, diagonal": changed(DIAGONAL, "sup_error", "upper", to="0.0447"),
    "lower above the truth": changed(QUICK, "sup_error", "lower", to="0.0069864"),
    "lower above the truth, missed": changed(MISSED, "sup_error", "lower", to="0.4818"),
    "kappa raised": changed(QUICK, "design", "kappa", to="3.2"),
    "kappa lowered": changed(QUICK, "design", "kappa", to="2.6"),
    "kappa lowered, kink": changed(KINK, "design", "kappa", to="4.5"),
    "R lowered": changed(PUBLISHED, "design", "R", to="5000"),
    "P lowered": changed(QUICK, "design", "P", to=[7, 6]),
    "P lowered, kink": changed(KINK, "design", "P", to=[50]),
    "P raised": changed(QUICK, "design", "P", to=[8, 8]),
    "pad lowered": changed(QUICK, "design", "pad", to=1),
    "padding changed": changed(QUICK, "design", "padding", to="clip"),
    "hull too small": changed(QUICK, "regularity", "hull", to=sides(("0", "1"), ("-1/3", "4/3"))),
    "expression changed": formula(DEMO, "sin(x) + cos(2*y)"),
    "expression shrunk": formula(KINK, "abs(x - 1/3)*99/100"),
    "box widened": changed(QUICK, "target", "box", to=sides(UNIT, ("0", "2"))),
    "holds flipped": changed(QUICK, "holds", to=False),
    "holds flipped, missed": changed(MISSED, "holds", to=True),
    "eps lowered": changed(QUICK, "eps", to="0.007"),
    "point moved": changed(QUICK, "sup_error", "at_share", to=["1/2", "1/2"]),
    "point missing": changed(QUICK, "sup_error", "at_share", to=None),
    "kink called smooth": changed(formula(RUNGE, "abs(x)"), "regularity", "hessian", to="50"),
    "L lowered 5 %, branches tied at a corner": TIED,
    "eps that is not its last number": changed(KINK, "eps", to="1/1000 + 100 - 100"),
    "undefined constant": formula(RUNGE, "1/(1 + 25*x**2) + 0*log(-1)"),
    "undefined at a point": formula(KINK, "abs(x - 1/3) + 0*log(x)"),
}


REFUTED = {
    "L lowered 1 %": "lipschitz", "L lowered 1 %, kink": "lipschitz", "M lowered 1 %": "hessian",
    "osc lowered 1 %": "oscillation", "bound lowered": "theorem", "upper below the truth": "upper",
    "lower above the truth": "lower", "pad lowered": "theorem", "hull too small": "hull", "holds flipped": "holds",
    "point moved": "lower", "holds flipped, missed": "holds", "eps that is not its last number": "holds",
    "L lowered 5 %, branches tied at a corner": "lipschitz",
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_no_mutant_is_proved(name: str) -> None:
    report = check(MUTANTS[name], 1.5)
    assert report.ok is not True, report.steps
    if name in REFUTED:
        assert (report.ok, status(report, REFUTED[name])) == (False, "refuted"), report.steps


def test_a_kink_is_never_twice_differentiable() -> None:
    """The sub-boxes may meet at the kink: their closures alone would not show the jump of the gradient."""
    data = certificate(
        "abs(x - 1/2)", {"x": UNIT}, "1", lipschitz={"l2": "1"}, hessian="1/1000000", bound="smooth", norm="l2",
        P=[8], pad=0, kappa="4", value="1", lower="0", upper="1", holds=True,
    )  # fmt: skip
    assert status(check(data, 2), "hessian") == "undecided"


def test_abs_of_a_positive_number_is_smooth() -> None:
    data = certificate(
        "abs(x)", {"x": UNIT}, "1", lipschitz={"l2": "1"}, hessian="1/1000000", bound="smooth", norm="l2",
        P=[8], pad=0, kappa="4", value="1", lower="0", upper="1", holds=True,
    )  # fmt: skip
    assert check(data, 5).ok is True


def test_a_slope_of_a_tied_branch_refutes_nothing() -> None:
    """The function is 0; at x = 0 the branch -x is tied with it."""
    data = certificate(
        "max(min(3*x, -x), 0)", {"x": ("-1", "1")}, "1", lipschitz={"l1": "1/2"}, bound="sharp", norm="l1",
        P=[8], kappa="4", value="1", lower="0", upper="1", holds=True,
    )  # fmt: skip
    assert status(check(data, 1), "lipschitz") != "refuted"


def test_no_time_is_undecided() -> None:
    report = check(DEMO, 0)
    assert report.ok is None
    assert {step[1] for step in report.steps} <= {"proved", "undecided"}


def test_progress_grows_to_one() -> None:
    seen: list[float] = []
    check(DEMO, 30, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


# --- hostile files ------------------------------------------------------------------------------------------------

DEEP = ["variable", "x"]
for _ in range(900):
    DEEP = ["sin", DEEP]
BILLION = ["number", "9"]
for _ in range(9):
    BILLION = ["**", BILLION, BILLION]

HOSTILE: dict[str, Callable[[], Any]] = {
    "not an object": lambda: [1, 2],
    "number": lambda: 7,
    "empty": dict,
    "other format": lambda: changed(DEMO, "format", to="attain-certificate/2"),
    "deep tree": lambda: changed(DEMO, "target", "expression", to=DEEP),
    "power tower": lambda: changed(DEMO, "target", "expression", to=BILLION),
    "unknown head": lambda: changed(DEMO, "target", "expression", to=["system", ["variable", "x"]]),
    "internal head": lambda: changed(DEMO, "target", "expression", to=["inverse", ["variable", "x"]]),
    "code": lambda: changed(DEMO, "target", "text", to="__import__('os').system('x')"),
    "wrong arity": lambda: changed(DEMO, "target", "expression", to=["sin", ["variable", "x"], ["variable", "y"]]),
    "unknown variable": lambda: changed(DEMO, "target", "expression", to=["variable", "z"]),
    "float in a tree": lambda: changed(DEMO, "target", "expression", to=["number", 0.5]),
    "division by zero": lambda: formula(DEMO, "x + 1/2") | {"eps": "1/0"},
    "huge P": lambda: changed(DEMO, "design", "P", to=[10**9, 10**9]),
    "negative P": lambda: changed(DEMO, "design", "P", to=[-7, 7]),
    "zero P": lambda: changed(DEMO, "design", "P", to=[0, 7]),
    "boolean P": lambda: changed(DEMO, "design", "P", to=[True, 7]),
    "P too short": lambda: changed(DEMO, "design", "P", to=[7]),
    "negative pad": lambda: changed(DEMO, "design", "pad", to=-1),
    "huge pad": lambda: changed(DEMO, "design", "pad", to=10**12),
    "no temperature": lambda: changed(DEMO, "design", "kappa", to=None),
    "two temperatures": lambda: changed(DEMO, "design", "R", to="1"),
    "negative kappa": lambda: changed(DEMO, "design", "kappa", to="-2"),
    "kappa nan": lambda: changed(DEMO, "design", "kappa", to="nan"),
    "kappa float": lambda: changed(DEMO, "design", "kappa", to=2.5),
    "eps zero": lambda: changed(DEMO, "eps", to="0"),
    "eps not finite": lambda: changed(DEMO, "eps", to="log(0)"),
    "infinite bound": lambda: changed(DEMO, "bound", to="inf"),
    "enormous bound": lambda: changed(DEMO, "bound", to="1e999"),
    "exponent": lambda: changed(DEMO, "bound", to="1e999999999"),
    "reversed box": lambda: changed(DEMO, "target", "box", to=sides(("1", "0"), UNIT)),
    "empty box": lambda: changed(DEMO, "target", "box", to=[]),
    "share outside": lambda: changed(DEMO, "sup_error", "at_share", to=["2", "0"]),
    "unknown norm": lambda: changed(DEMO, "design", "norm", to="modulus"),
    "missing constant": lambda: changed(DEMO, "regularity", "lipschitz", to={"l2": "1.307"}),
    "missing hessian": lambda: changed(DEMO, "regularity", "hessian", to=None),
    "padded sharp": lambda: changed(KINK, "design", "pad", to=1),
    "same names": lambda: changed(DEMO, "target", "variables", to=["x", "x"]),
    "text differs": lambda: changed(DEMO, "target", "text", to="sin(x) + cos(x)"),
    "long digits": lambda: changed(DEMO, "eps", to="1" * 100_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data_is_an_error_at_once(name: str) -> None:
    data, began = HOSTILE[name](), time.process_time()
    with pytest.raises(CheckError) as caught:
        check(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
    assert time.process_time() - began < 2


@pytest.mark.parametrize("key", ["format", "target", "eps", "regularity", "design", "bound", "holds", "sup_error"])
def test_missing_keys_are_named(key: str) -> None:
    data = {k: v for k, v in DEMO.items() if k != key}
    with pytest.raises(CheckError, match=key):
        check(data)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\xff\xfe", b"{", b'{"format": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000,
        b'{"x": ' + b"9" * 10_000 + b"}", b"null", b"\x00" * 10,
    ],
)  # fmt: skip
def test_hostile_files(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "hostile.json"
    path.write_bytes(text)
    with pytest.raises(CheckError) as caught:
        check_file(path)
    assert "\n" not in str(caught.value)


def test_a_sparse_gigabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(2**30)
    began = time.process_time()
    with pytest.raises(CheckError, match="larger"):
        check_file(path)
    assert time.process_time() - began < 2


def test_a_file_is_checked_like_its_data(tmp_path: Path) -> None:
    path = tmp_path / "kink.json"
    path.write_text(json.dumps(KINK), encoding="utf-8")
    assert check_file(path) == check(KINK)


# --- independence -------------------------------------------------------------------------------------------------


def test_every_part_is_looked_at() -> None:
    assert {path.stem for path in SOURCES} >= {"check", "ball", "claim", "error", "formula", "regularity", "theorem"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_imports_the_standard_library_flint_and_itself_only(source: Path) -> None:
    own = {path.stem for path in SOURCES[1:]} | {"claims.proof"}
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= sys.stdlib_module_names | {"flint"}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert (node.module or "").partition(".")[0] in sys.stdlib_module_names | {"flint"}
        elif isinstance(node, ast.ImportFrom):
            package, _, module = ("checker." * (source != ENTRY) + (node.module or "")).rstrip(".").partition(".")
            assert (node.level, package) == (1, "checker")
            assert ({module} if module else {alias.name for alias in node.names}) <= own
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec", "compile", "__import__")
        elif isinstance(node, ast.Attribute | ast.Name):
            assert (node.attr if isinstance(node, ast.Attribute) else node.id) not in ("import_module", "__builtins__")


def test_the_precision_of_the_caller_is_kept() -> None:
    before = ctx.prec
    check(KINK)
    assert ctx.prec == before


# --- the parts, against other computations ------------------------------------------------------------------------


def mp_weights(kappa: float, u: Any, ks: range) -> list[Any]:
    w = [mpmath.exp(-kappa * (u - k) ** 2 / 2) for k in ks]
    return [a / mpmath.fsum(w) for a in w]


@pytest.mark.parametrize(("kappa", "N"), [(2, 1), (2, 2), (2, 3), (Fraction(1, 2), 2), (9, 3)])
def test_mean_norm_against_nested_sums(kappa: Fraction, N: int) -> None:
    with mpmath.workdps(25):
        p = mp_weights(float(kappa), mpmath.mpf(1) / 2, range(-14, 16))
        squares = {0: mpmath.mpf(1)}
        for _ in range(N):
            law: dict[Any, Any] = {}
            for s, a in squares.items():
                for k, b in enumerate(p, -14):
                    d = s + (2 * k - 1) ** 2
                    law[d] = law.get(d, 0) + a * b
            squares = law
        expected = mpmath.fsum(a * mpmath.sqrt(s) / 2 for s, a in squares.items())
    with ctx.workprec(96):
        found = theorem.mean_norm(ball(Fraction(kappa)), N)
        assert abs(float(found.mid()) - float(expected)) < 1e-14
        assert float(found.rad()) < 1e-15


@pytest.mark.parametrize(("kappa", "value"), [(2, 3.24986365e-4), (4, 0.0225963051802), (40, None), (90, None)])
def test_bias_against_a_search_in_floats(kappa: int, value: float | None) -> None:
    def bias(u: float) -> float:
        w = [math.exp(-kappa * ((u - k) ** 2 - u**2) / 2) for k in range(-2, 4)]
        return u - sum(k * a for k, a in zip(range(-2, 4), w, strict=True)) / sum(w)

    expected = value or max(bias(i / 20_000) for i in range(10_001))
    with ctx.workprec(96):
        top = float(theorem.bias(arb(kappa), Clock(20)).upper())
    assert expected * (1 - 1e-9) <= top <= expected * (1 + (1e-8 if value else 1e-5))


def test_second_moment() -> None:
    with ctx.workprec(96):
        sums = theorem.moments(arb(2))
        assert abs(float((sums[2] / sums[0]).mid()) - 0.5010210804) < 1e-10


FORMULAS = (
    "sin(x)*exp(-y) + x**3", "tanh(x - 2*y)/(2 + cos(y))", "sqrt(x + 2) - (y + 2)**(1/3)", "atan(x*y) + erf(x)",
    "sigmoid(3*x)*softplus(y)", "log(3 + x)*sinh(y) - cosh(x/2)", "asin(x/3) + acos(y/4)", "(2 + x)**y + e**x",
    "max(x, y, x*y) + abs(x - y/2)", "tan(x/2) - pi/(3 + y)", "min(x, 1/3)**2 - (1 + x**2)**(-3/2)",
)  # fmt: skip


def tape(text: str) -> Tape:
    return Tape(("x", "y"), tree(text))


def mp_function(text: str) -> Callable[[Any, Any], Any]:
    """The formula through mpmath, written anew over its JSON tree."""
    special = {
        "neg": lambda a: -a, "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
        "/": lambda a, b: a / b, "**": lambda a, b: a**b, "abs": abs, "min": min, "max": max,
        "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)), "softplus": lambda a: mpmath.log(1 + mpmath.exp(a)),
    }  # fmt: skip

    def value(node: list[Any], env: dict[str, Any]) -> Any:
        head, *args = node
        if head == "number":
            return mpmath.mpf(Fraction(args[0]).numerator) / Fraction(args[0]).denominator
        if head in ("variable", "constant"):
            return env[args[0]]
        return (special.get(head) or getattr(mpmath, head))(*(value(a, env) for a in args))

    root = tree(text)
    return lambda x, y: value(root, {"x": x, "y": y, "pi": mpmath.pi, "e": mpmath.e})


shares = st.integers(-64, 64).map(lambda k: k / 64)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.sampled_from(FORMULAS), shares, shares, st.sampled_from([0.0, 2.0**-20, 0.125, 0.5]), shares, shares)
def test_enclosures_contain_values_slopes_and_curvatures(
    text: str, x: float, y: float, r: float, s: float, t: float
) -> None:
    f = mp_function(text)
    point = (x + r * s * 31 / 32, y + r * t * 31 / 32)
    with ctx.workprec(96), mpmath.workdps(40):
        box = [span(arb(c - r), arb(c + r)) if r else arb(c) for c in (x, y)]
        value, slope, bend, still, branches = tape(text).run(box, 2)
        assert not value.is_finite() or contains(value, f(*point))
        if still or (branches and not r):
            return
        orders = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
        for order, ball in zip(orders, [*slope, *bend], strict=True):
            if ball.is_finite():
                assert contains(ball, mpmath.diff(f, point, order), 1e-12)


def contains(ball: arb, value: Any, slack: float = 1e-25) -> bool:
    size = 1 + abs(float(ball.mid()))
    return bool(abs(ball - arb(mpmath.nstr(value, 38))) - slack * size <= ball.rad() + arb(ball.rad()))


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.sampled_from(FORMULAS), st.sampled_from(["l1", "l2", "linf"]), st.lists(shares, min_size=4, max_size=4))
def test_a_slope_that_was_seen_is_never_below_a_proved_constant(text: str, norm: str, at: list[float]) -> None:
    f = mp_function(text)
    (x0, y0, x1, y1) = (mpmath.mpf(v) for v in at)
    d = (abs(x0 - x1), abs(y0 - y1))
    length = {"l1": sum(d), "l2": mpmath.sqrt(d[0] ** 2 + d[1] ** 2), "linf": max(d)}[norm]
    if not length:
        return
    seen = abs(f(x0, y0) - f(x1, y1)) / length
    L = Fraction(float(seen)) * 999 / 1000
    if L <= 0:
        return
    claim = Claim(certificate(
        text, {"x": ("-1", "1"), "y": ("-1", "1")}, "1", lipschitz={norm: str(L)}, bound="sharp", norm=norm, P=[3, 3],
        kappa="4", value="9", lower="0", upper="9", holds=None,
    ))  # fmt: skip
    with ctx.workprec(96):
        try:
            verdict = regularity.lipschitz(claim, norm, [ball(L)], Clock(0.3))
        except Undecided:
            return
    assert verdict == "refuted"


def by_axis(L: list[str], value: str = "0.2511", **claims: Any) -> Data:
    return certificate(
        "4*x + y", {"x": ("0", "1"), "y": ("0", "1")}, "0.26", lipschitz={}, axes=L, bound="sharp", norm="axes",
        P=[12, 6], kappa="12", value=value, lower="0", upper=value, holds=True, **claims,
    )  # fmt: skip


def test_one_lipschitz_constant_an_axis() -> None:
    assert check(by_axis(["4", "1"])).ok
    assert check(by_axis(["3.99", "1"])).ok is False
    assert check(by_axis(["4", "0.99"])).ok is False
    assert check(by_axis(["4", "1"], "0.25")).ok is False
    with pytest.raises(CheckError, match="one Lipschitz constant for each variable"):
        check(by_axis(["4"]))
    with pytest.raises(CheckError, match=r"regularity\.axes"):
        check(by_axis(["4", "1"]) | {"regularity": {"lipschitz": {}, "hessian": None, "hull": None, "osc": None}})


def mp_error(data: Data, point: tuple[Any, ...]) -> Any:
    """F − f at a point of the unit square by the plain softmax over all centres."""
    design, f = data["design"], mp_function(data["target"]["text"])
    rows, centres = [], []
    for p, x in zip(design["P"], point, strict=True):
        ks = range(-design["pad"], p + design["pad"])
        rows.append(mp_weights(float(design["kappa"]), x * p - mpmath.mpf(1) / 2, ks))
        centres.append([(mpmath.mpf(k) + 0.5) / p for k in ks])
    sums = (
        a * b * f(v, w)
        for a, v in zip(rows[0], centres[0], strict=True)
        for b, w in zip(rows[1], centres[1], strict=True)
    )
    return mpmath.fsum(sums) - f(*point)


@pytest.mark.parametrize("data", [DEMO, DIAGONAL], ids=["demo", "diagonal"])
def test_error_form_against_the_plain_softmax(data: Data) -> None:
    with ctx.workprec(96), mpmath.workdps(30):
        claim = Claim(changed(data, "design", "kappa", to="3.5"))
        clock = Clock(20)
        gap = error.Gap(claim, error.tabulate(claim, clock), 1e-18)
        for j, u in (((0, 0), (0.25, -0.5)), ((3, 5), (0.125, 0.375)), ((claim.P[0] - 1, 0), (0.5, 0.0625))):
            point = tuple((mpmath.mpf(k) + 0.5 + o) / p for k, o, p in zip(j, u, claim.P, strict=True))
            found, slopes, _ = gap.at(gap.cell(j), [o + 0.5 for o in u])
            expected = mp_error(changed(data, "design", "kappa", to="3.5"), point)
            assert abs(float(found.mid()) - float(expected)) < 1e-16 + 2 * gap.dropped
            assert all(s.is_finite() for s in slopes)


@pytest.mark.parametrize("name", ["demo", "kink", "diagonal", "runge", "missed"])
def test_one_box_tests_agree_with_points_inside(name: str) -> None:
    """With U below |F − f| at a point of a box, |F − f| ≤ U is never accepted on the box."""
    data = GENUINE[name]
    with ctx.workprec(96):
        claim = Claim(data)
        gap = error.Gap(claim, error.tabulate(claim, Clock(20)), 1e-15)
        for j in [(0,) * claim.N, tuple(p // 2 for p in claim.P), tuple(p - 1 for p in claim.P)]:
            cell = gap.cell(j)
            for c, r in ((0.0, 0.5), (0.25, 0.25), (-0.375, 0.125), (0.46875, 0.03125)):
                inside = [c - r, c - r / 3, c + r / 2, c + r]
                values = [abs(gap.at(cell, [t + 0.5] * claim.N)[0]) for t in inside]
                seen = max(float(v.lower()) for v in values) - 2 * gap.dropped
                if seen <= 0:
                    continue
                tight = Claim(changed(data, "sup_error", "upper", to=str(Fraction(seen) * 999 / 1000)))
                below = error.Gap(tight, gap.values, 1e-15)
                assert below.below(cell, ((c + 0.5, r),) * claim.N) is not True


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(-40, 40), st.integers(1, 2**40), st.integers(0, 45), st.booleans())
def test_spans_contain_both_ends_and_keep_one(low: int, width: int, places: int, keep_high: bool) -> None:
    with ctx.workprec(96):
        a, b = arb(low), low + arb(width) / 2**places
        ball = span(a, b, keep_high)
        assert ball.contains(a)
        assert ball.contains(b)
        assert (ball.upper() == b) if keep_high else (ball.lower() == a)


def test_windows_hold_the_mass_they_claim() -> None:
    for kappa in (Fraction(1, 4), Fraction(2), Fraction(30)):
        with ctx.workprec(96):
            D, mass = weights.window(ball(kappa), 1000, 1e-9)
        for u in (0.0, 0.3, 0.5):
            p = mp_weights(float(kappa), mpmath.mpf(u), range(-80, 81))
            outside = mpmath.fsum(w for k, w in zip(range(-80, 81), p, strict=True) if abs(k) > D)
            assert outside <= float(mass.upper()) <= 1e-9 * (1 + 1e-12)


@settings(deadline=None, max_examples=30, derandomize=True)
@given(st.sampled_from([0.25, 2.0, 30.0]), st.integers(-8, 8), st.sampled_from([0.0, 0.03125, 0.5]), shares)
def test_rows_contain_the_weights_and_their_derivatives(kappa: float, place: int, r: float, share: float) -> None:
    c, ks = place / 16 * (1 - 2 * r), range(-3, 3)
    with ctx.workprec(96), mpmath.workdps(40):
        matrix, bias = weights.rows(arb(kappa), c, r, ks)
        u, found = mpmath.mpf(c + r * share), matrix.entries()
        for order in range(matrix.nrows()):
            for i, ball in enumerate(found[order * len(ks) : (order + 1) * len(ks)]):
                assert contains(ball, mpmath.diff(lambda v, i=i: mp_weights(kappa, v, ks)[i], u, order), 1e-9)
        for order in range(3):
            value = mpmath.diff(lambda v: mpmath.fdot(ks, mp_weights(kappa, v, ks)) - v, u, order)
            assert contains(bias[order], value, 1e-9)


def test_names_that_are_keywords_of_python_are_names() -> None:
    words = ("while", "None", "e")
    assert tree_of("while + 2*None - e**-1", words) == to_json(parse("while + 2*None - e**-1", words))
