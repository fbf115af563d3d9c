"""attain prove: is an inequality or identity true for all values of its variables?"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import BAD_INPUT, HOLDS, REFUTED, UNDECIDED, Json, Quiet, note, print_json, print_line, progress

if TYPE_CHECKING:
    from ..proofs.prover.decide import Verdict
    from ..proofs.prover.language import Claim

MAX_FILE = 1_000_000
MAX_CLAIMS = 2000


def prove(
    claim: Annotated[str, typer.Argument(help='A claim such as "x*exp(-x) <= 1/e", or a file ending in .toml.')],
    where: Annotated[list[str] | None, typer.Option(help='"x in [0, 1]", "n >= 2 integer", "x < y"; repeat.')] = None,
    budget: Annotated[float, typer.Option(help="CPU seconds per claim; then the verdict is undecided.")] = 10.0,
    save: Annotated[Path | None, typer.Option(help="Write the proof or the witness for attain check.")] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print the claim and its proof as LaTeX.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Prove or refute a claim for all values of its variables, which are real and unbounded unless --where says else.

    Exit status 0 proved, 1 refuted (a witness is printed), 2 malformed or undefined somewhere, 4 undecided.
    """
    from ..proofs.prover.decide import Verdict, prove_claim
    from ..proofs.prover.language import parse_claim

    if not (math.isfinite(budget) and 0 < budget <= 3600):
        raise ValueError("budget: seconds above 0 and up to 3600, such as --budget 10")
    if not claim.endswith(".toml"):
        read = parse_claim(claim, where or ())
        verdict = prove_claim(read, budget)
        if save is not None and verdict.status in ("proved", "refuted"):
            _save(save, read, verdict)
        if latex and verdict.status != "error":
            from ..report.proofs import proof_latex

            text = proof_latex(read, verdict)
            print_json({**verdict.to_json(), "latex": text}) if json else print_line(text.rstrip())
        elif json:
            print_json(verdict.to_json())
        else:
            _show(verdict, quiet)
        _leave([verdict])
        return
    if where or latex or save is not None:
        raise ValueError("--where, --save and --latex go with a claim, not with a file, which has assume = [...]")
    verdicts: list[Verdict] = []
    tables = _read(Path(claim))
    with progress("proving", quiet or json) as report:
        for table in tables:
            found = _claim(table)
            if isinstance(found, str):
                name = str(table.get("name", "claim")) if isinstance(table, dict) else "claim"
                text = str(table.get("claim", "")) if isinstance(table, dict) else ""
                verdicts.append(Verdict(name, text, "error", why=found))
            else:
                verdicts.append(prove_claim(found, budget))
            report(len(verdicts) / len(tables))
    counts = {s: sum(v.status == s for v in verdicts) for s in ("proved", "refuted", "undecided", "error")}
    if json:
        print_json({"claims": [v.to_json() for v in verdicts], **counts})
    else:
        for verdict in verdicts:
            _show(verdict, True, f"{verdict.name}: ")
        print_line(", ".join(f"{count} {status}" for status, count in counts.items() if count))
    _leave(verdicts)


def _save(path: Path, claim: Claim, verdict: Verdict) -> None:
    import json

    from ..proofs.prover.saved import to_json

    text = json.dumps(to_json(claim, verdict), ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def _read(path: Path) -> list[object]:
    """The `[[claim]]` tables of a file."""
    import tomllib

    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise ValueError(f"{path.name}: at most {MAX_FILE} bytes")
    try:
        tables = tomllib.loads(data.decode("utf-8")).get("claim")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path.name} is not TOML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(tables, list) or not 0 < len(tables) <= MAX_CLAIMS:
        raise ValueError(f"{path.name}: 1 to {MAX_CLAIMS} tables [[claim]] are expected")
    return tables


def _claim(table: object) -> Claim | str:
    """The claim of a table, or why it is none."""
    from ..proofs.prover.language import from_table

    if not isinstance(table, dict):
        return "a claim is a table"
    try:
        return from_table(table)
    except ValueError as error:
        return str(error)


def _show(verdict: Verdict, quiet: bool, prefix: str = "") -> None:
    if verdict.status == "error":
        sys.stderr.write(f"error: {prefix}{verdict.why}\n")
        return
    witness = verdict.witness
    detail = verdict.why
    if verdict.status == "proved":
        detail = f"{verdict.evidence}: {verdict.method}"
    elif witness is not None:
        detail = "at " + ", ".join(f"{n} = {x}" for n, x in witness.items()) if witness else "it has no variables"
    print_line(f"{prefix}{verdict.status}  {detail}")
    if not quiet:
        for step in verdict.steps:
            note(f"  {step}")
        note(f"  {verdict.boxes} boxes, {verdict.bits} bits, {verdict.seconds:.2f} s")


def _leave(verdicts: list[Verdict]) -> None:
    found = {verdict.status for verdict in verdicts}
    ranked = (("error", BAD_INPUT), ("refuted", REFUTED), ("undecided", UNDECIDED))
    status = next((code for name, code in ranked if name in found), HOLDS)
    if status:
        raise typer.Exit(status)
