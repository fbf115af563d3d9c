"""attain verify: the ledger of lemmas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import HOLDS, REFUTED, UNDECIDED, Json, Quiet, print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from ..proofs.classify import Trial
    from ..proofs.ledger import CoreRow, MutantRow, Row


def verify(
    selection: Annotated[list[str] | None, typer.Argument(help="Groups or lemmas (default: all).")] = None,
    mutants: Annotated[bool, typer.Option("--mutants", help="Also attack each lemma with false variants.")] = False,
    each: Annotated[int, typer.Option(min=0, help="Machine-made mutants of each claim, with --mutants; 0: all.")] = 3,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Prove the library's own lemmas: verdict, evidence and time for each; with --mutants the kill count.

    The kernel proves a lemma for all sizes; the prover proves its claims, the parts and instances over finitely many
    variables. Mutants are written by hand (of lemmas: each must be killed) and made by machine (of claims: each is
    false, true, undecided or undefined). Exit status 0 only if every lemma is proved at the evidence it declares,
    every claim is proved, every hand-written mutant is killed, and no false mutant is proved.
    """
    from ..proofs.ledger import discover, select, try_mutants, verify_lemma, verify_mutant

    chosen = discover() if not selection else _unique([lemma for name in selection for lemma in select(name)])
    work = len(chosen) * (2 if mutants else 1)
    rows: list[Row] = []
    attacks: list[MutantRow] = []
    trials: dict[str, list[Trial]] = {}
    with progress("verifying", quiet or json) as report:
        for lemma in chosen:
            rows.append(verify_lemma(lemma))
            report(len(rows) / work)
        for lemma in chosen if mutants else ():
            attacks += [verify_mutant(lemma, mutant) for mutant in lemma.mutants]
            trials[lemma.slug] = list(try_mutants(lemma, each))
            report((len(rows) + len(trials)) / work)
    machine = [trial for some in trials.values() for trial in some]
    if json:
        print_json(_json(rows, attacks, trials, mutants))
    else:
        _show(rows)
        if mutants:
            _show_mutants(attacks, trials)
    status = _status(rows, attacks, machine)
    if status:
        raise typer.Exit(status)


def _unique(lemmas: list[Any]) -> list[Any]:
    return list({lemma.slug: lemma for lemma in lemmas}.values())


def _status(rows: list[Row], attacks: list[MutantRow], machine: list[Trial]) -> int:
    claims = [claim for row in rows for claim in row.cores]
    refuted = any(r.verdict.status == "refuted" for r in rows) or any(
        c.verdict.status == "refuted" or c.violation for c in claims
    )
    if refuted or any(a.verdict.status == "proved" for a in attacks) or any(t.fault for t in machine):
        return REFUTED
    return HOLDS if all(r.good for r in rows) and all(a.killed for a in attacks) else UNDECIDED


def _evidence(row: Row) -> str:
    return "" if row.verdict.evidence is None else row.verdict.evidence.name.lower()


def _json(rows: list[Row], attacks: list[MutantRow], trials: dict[str, list[Trial]], mutants: bool) -> dict[str, Any]:
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
                "claims": [claim.to_json() for claim in r.cores],
                "beyond_claims": r.beyond,
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
        machine = [trial for some in trials.values() for trial in some]
        data["machine_mutants"] = [
            {"lemma": slug, **trial.to_json()} for slug, some in trials.items() for trial in some
        ]
        data["machine_total"], data["machine_counts"] = len(machine), _counts(machine)
        data["faults"] = sum(bool(t.fault) for t in machine)
    return data


def _counts(machine: list[Trial]) -> dict[str, int]:
    from ..proofs.classify import CLASSES

    return {name: sum(t.outcome == name for t in machine) for name in CLASSES}


def _show(rows: list[Row]) -> None:
    table = [["lemma", "group", "verdict", "evidence", "steps", "instances", "claims", "seconds"]]
    for r in rows:
        claims = f"{sum(c.proved for c in r.cores)}/{len(r.cores)}" if r.cores else "-"
        counts = [str(len(r.verdict.steps)), str(r.confirmed), claims, f"{r.verdict.seconds:.2f}"]
        table.append([r.slug, r.group, r.verdict.status, _evidence(r), *counts])
    print_table(table)
    for r in rows:
        if not r.good and all(c.proved for c in r.cores):
            print_line(f"{r.slug}: {r.verdict.status} {r.verdict.witness or r.verdict.why}")
        for claim in r.cores:
            if not claim.proved:
                print_line(f"{r.slug}: {_trouble(claim)}")
    print_line(f"{sum(r.good for r in rows)} of {len(rows)} lemmas proved at the evidence they declare")


def _trouble(claim: CoreRow) -> str:
    return f"the claim {claim.core.text} is {claim.verdict.status}: {claim.violation or claim.verdict.why}"


def _show_mutants(attacks: list[MutantRow], trials: dict[str, list[Trial]]) -> None:
    for a in attacks:
        mark = "killed" if a.killed else "ALIVE "
        print_line(f"{mark}  {a.slug}: {a.mutant}  [{a.verdict.witness or a.verdict.status}]")
    print_line(f"{sum(a.killed for a in attacks)} of {len(attacks)} mutants killed")
    machine = [trial for some in trials.values() for trial in some]
    for slug, some in trials.items():
        for t in some:
            if t.fault:
                print_line(f"WRONG   {slug}: {t.mutant.label}: {t.fault}")
    counts = ", ".join(f"{count} {name}" for name, count in _counts(machine).items())
    wrong = sum(bool(t.fault) for t in machine)
    print_line(f"{len(machine)} machine-made mutants of claims: {counts}; {wrong} wrong verdicts of the prover")
