"""cvc5 with its own exp, pi and circular functions."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

from attain.proofs.prover.language import Claim

from .smtlib import Unsupported, script


def load() -> str:
    _cvc5()
    return version("cvc5")


def _cvc5() -> Any:
    try:
        return importlib.import_module("cvc5")
    except ImportError:
        raise ImportError("pip install cvc5") from None


def decide(claim: Claim, seconds: float) -> str:
    cvc5 = _cvc5()
    try:
        text, _ = script(claim, native=True)
    except Unsupported:
        return "unknown"
    solver = cvc5.Solver()
    solver.setLogic("ALL")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "claim")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, symbols)
    answer = solver.checkSat()
    return "proved" if answer.isUnsat() else "refuted" if answer.isSat() else "unknown"
