"""attain verify: the ledger of lemmas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import HOLDS, REFUTED, UNDECIDED, Json, Quiet, print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from ..proofs.ledger import MutantRow, Row


def verify(
    selection: Annotated[list[str] | None, typer.Argument(help="Groups or lemmas (default: all).")] = None,
    mutants: Annotated[bool, typer.Option("--mutants", help="Also attack each lemma with false variants.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Prove the library's own lemmas: verdict, evidence and time for each; with --mutants the kill count.

    Exit status 0 only if every lemma is proved at the evidence it declares and every mutant is killed.
    """
    from ..proofs.ledger import discover, select, verify_lemma, verify_mutant

    chosen = discover() if not selection else _unique([lemma for name in selection for lemma in select(name)])
    work = len(chosen) + (sum(len(lemma.mutants) for lemma in chosen) if mutants else 0)
    rows: list[Row] = []
    attacks: list[MutantRow] = []
    with progress("verifying", quiet or json) as report:
        for lemma in chosen:
            rows.append(verify_lemma(lemma))
            report((len(rows) + len(attacks)) / work)
        for lemma in chosen if mutants else ():
            for mutant in lemma.mutants:
                attacks.append(verify_mutant(lemma, mutant))
                report((len(rows) + len(attacks)) / work)
    if json:
        print_json(_json(rows, attacks, mutants))
    else:
        _show(rows, attacks, mutants)
    status = _status(rows, attacks)
    if status:
        raise typer.Exit(status)


def _unique(lemmas: list[Any]) -> list[Any]:
    return list({lemma.slug: lemma for lemma in lemmas}.values())


def _status(rows: list[Row], attacks: list[MutantRow]) -> int:
    if any(r.verdict.status == "refuted" for r in rows) or any(a.verdict.status == "proved" for a in attacks):
        return REFUTED
    return HOLDS if all(r.good for r in rows) and all(a.killed for a in attacks) else UNDECIDED


def _evidence(row: Row) -> str:
    return "" if row.verdict.evidence is None else row.verdict.evidence.name.lower()


def _json(rows: list[Row], attacks: list[MutantRow], mutants: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "lemmas": [
            {
                "name": r.slug,
                "group": r.group,
                "verdict": r.verdict.status,
                "evidence": _evidence(r),
                "declared": r.declared.name.lower(),
                "steps": list(r.verdict.steps),
                "instances_confirmed": r.confirmed,
                "witness": r.verdict.witness,
                "seconds": round(r.verdict.seconds, 4),
                "why": r.verdict.why,
            }
            for r in rows
        ],
        "all_proved": all(r.good for r in rows),
    }
    if mutants:
        data["mutants"] = [
            {
                "lemma": a.slug,
                "mutant": a.mutant,
                "killed": a.killed,
                "verdict": a.verdict.status,
                "witness": a.verdict.witness,
            }
            for a in attacks
        ]
        data["killed"], data["mutants_total"] = sum(a.killed for a in attacks), len(attacks)
    return data


def _show(rows: list[Row], attacks: list[MutantRow], mutants: bool) -> None:
    table = [["lemma", "group", "verdict", "evidence", "steps", "instances", "seconds"]]
    for r in rows:
        counts = [str(len(r.verdict.steps)), str(r.confirmed), f"{r.verdict.seconds:.2f}"]
        table.append([r.slug, r.group, r.verdict.status, _evidence(r), *counts])
    print_table(table)
    for r in rows:
        if not r.good:
            print_line(f"{r.slug}: {r.verdict.status} {r.verdict.witness or r.verdict.why}")
    print_line(f"{sum(r.good for r in rows)} of {len(rows)} lemmas proved at the evidence they declare")
    if mutants:
        for a in attacks:
            mark = "killed" if a.killed else "ALIVE "
            print_line(f"{mark}  {a.slug}: {a.mutant}  [{a.verdict.witness or a.verdict.status}]")
        print_line(f"{sum(a.killed for a in attacks)} of {len(attacks)} mutants killed")
