"""attain check: re-check a saved certificate with a program that shares no code with the search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import HOLDS, REFUTED, UNDECIDED, Json, Quiet, print_json, print_line, progress


def check(
    file: Annotated[Path, typer.Argument(help="A certificate written by attain certify --save.")],
    budget: Annotated[float, typer.Option(help="Seconds.")] = 300.0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Re-check a saved certificate: regularity, the theorem's bound, and both ends of the sup error."""
    from ..proofs.check import check_file

    with progress("re-checking", quiet or json) as report:
        result = check_file(file, budget, report)
    if json:
        steps = [{"step": name, "status": status, "detail": detail} for name, status, detail in result.steps]
        print_json({"file": str(file), "ok": result.ok, "steps": steps})
    else:
        for name, status, detail in result.steps:
            print_line(f"{status:10} {name}: {detail}")
        print_line(
            {True: "certificate holds", False: "certificate REFUTED", None: "undecided within the budget"}[result.ok]
        )
    code = {True: HOLDS, False: REFUTED, None: UNDECIDED}[result.ok]
    if code:
        raise typer.Exit(code)
