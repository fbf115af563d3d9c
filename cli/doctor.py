"""attain doctor: is the installation healthy?"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import typer

from .output import MISSING, Json, Quiet, print_json, print_line

NEEDED = ("sympy", "mpmath", "python-flint", "numpy", "typer", "rich", "z3-solver")
OPTIONAL = {
    "cupy-cuda12x": "gpu",
    "distributed": "scale",
    "matplotlib": "plots",
    "nbclient": "notebooks",
    "torch": "learn",
    "onnxruntime": "export",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report; `ok` is None for an optional part that is absent."""

    name: str
    ok: bool | None
    detail: str


def doctor(json: Json = False, quiet: Quiet = False) -> None:
    """Check the installation: versions, the interval engine, optional extras, a GPU."""
    findings = [*_versions(), _arb(), _exact_input(), _gpu()]
    healthy = all(f.ok is not False for f in findings)
    if json:
        rows = [{"name": f.name, "ok": f.ok, "detail": f.detail} for f in findings]
        print_json({"healthy": healthy, "python": sys.version.split()[0], "findings": rows})
    else:
        print_line(f"python {sys.version.split()[0]}")
        for f in findings:
            mark = {True: "ok", False: "BAD", None: "absent"}[f.ok]
            print_line(f"{mark:7} {f.name}: {f.detail}")
        print_line("healthy" if healthy else "not healthy")
    if not healthy:
        raise typer.Exit(MISSING)


def _versions() -> list[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in (*NEEDED, *OPTIONAL):
        try:
            found.append(Finding(name, True, version(name)))
        except PackageNotFoundError:
            extra = OPTIONAL.get(name)
            found.append(
                Finding(name, None, f"pip install 'attain[{extra}]'")
                if extra
                else Finding(name, False, "not installed")
            )
    return found


def _arb() -> Finding:
    """exp(1) by Arb against the exact series Σ 1/k!, and its error radius."""
    from fractions import Fraction
    from math import factorial

    from flint import arb, ctx, fmpq

    series = sum(Fraction(1, factorial(k)) for k in range(60))
    with ctx.workprec(128):
        e = arb(1).exp()
        tail = arb(fmpq(1, factorial(60))) * 2
        sound = bool(e.overlaps(arb(fmpq(series.numerator, series.denominator)) + arb(0, 1) * tail)) and e.rad() < 1e-36
    return Finding("interval engine", bool(sound), "Arb encloses e to 128 bits" if sound else "Arb's exp(1) is wrong")


def _exact_input() -> Finding:
    from ..symbolic.expression import constant, to_fraction

    tenth = to_fraction(constant("0.1"))
    exact = tenth is not None and 10 * tenth == 1
    return Finding("exact input", exact, "0.1 is read as 1/10" if exact else "0.1 is not read exactly")


def _gpu() -> Finding:
    from ..numeric.backend import BackendError, array_namespace

    try:
        xp = array_namespace("cupy")
    except BackendError as error:
        return Finding("GPU", None, str(error))
    return Finding("GPU", True, f"CuPy {xp.__version__}, {xp.cuda.runtime.getDeviceCount()} device(s)")
