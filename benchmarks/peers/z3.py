"""z3: real and integer arithmetic, with exp, log and the other functions uninterpreted."""

from __future__ import annotations

import importlib
from typing import Any

from attain.proofs.prover.language import Claim

from .smtlib import script


def load() -> str:
    return str(_z3().get_version_string())


def _z3() -> Any:
    try:
        return importlib.import_module("z3")
    except ImportError:
        raise ImportError("pip install z3-solver") from None


def decide(claim: Claim, seconds: float) -> str:
    z3 = _z3()
    text, exact = script(claim, native=False)
    solver = z3.Solver()
    solver.from_string(text)
    answer = solver.check()
    if answer == z3.unsat:
        return "proved"
    return "refuted" if answer == z3.sat and exact else "unknown"
