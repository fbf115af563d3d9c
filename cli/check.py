"""attain check: re-check a saved certificate or proof with a program that shares no code with the search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import HOLDS, REFUTED, UNDECIDED, Json, Quiet, print_json, print_line, progress


def check(
    file: Annotated[Path, typer.Argument(help="A file written by attain certify --save or attain prove --save.")],
    budget: Annotated[float, typer.Option(help="Seconds.")] = 300.0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Re-check a saved certificate or a saved proof, step by step, without the search that found it.

    Exit status 0 if every step is confirmed, 1 if one does not follow, 4 if time is over or a step of a proof cannot be
    re-checked (it is named then, and the proof is only partly checked).
    """
    from ..proofs.check import check_file

    with progress("re-checking", quiet or json) as report:
        result = check_file(file, budget, report)
    if json:
        steps = [{"step": name, "status": status, "detail": detail} for name, status, detail in result.steps]
        print_json({"file": str(file), "subject": result.subject, "ok": result.ok, "steps": steps})
    else:
        for name, status, detail in result.steps:
            print_line(f"{status:10} {name}: {detail}")
        partly = any(status == "not re-checked" for _, status, _ in result.steps)
        last = f"{result.subject} partly checked" if partly else "undecided within the budget"
        print_line({True: f"{result.subject} holds", False: f"{result.subject} REFUTED", None: last}[result.ok])
    code = {True: HOLDS, False: REFUTED, None: UNDECIDED}[result.ok]
    if code:
        raise typer.Exit(code)
