"""dReal, for the record: it has no installation that works here, so nothing is measured."""

from __future__ import annotations

import importlib

from attain.proofs.prover.language import Claim


def load() -> str:
    try:
        importlib.import_module("dreal")
    except ImportError as error:
        raise ImportError(f"pip install dreal; its wheel also needs libibex ({error})") from None
    raise ImportError("no translation of claims to dReal has been written, as it could not be tried")


def decide(claim: Claim, seconds: float) -> str:
    raise ImportError("dReal is never run")
