"""attain verify: the ledger of lemmas."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import HOLDS, REFUTED, UNDECIDED, Json, Quiet, print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from ..proofs.classify import Trial
    from ..proofs.ledger import CoreRow, MutantRow, Row

CORES = os.cpu_count() or 1


def verify(
    selection: Annotated[list[str] | None, typer.Argument(help="Groups or lemmas (default: all).")] = None,
    mutants: Annotated[bool, typer.Option("--mutants", help="Also attack each lemma with false variants.")] = False,
    each: Annotated[int, typer.Option(min=0, help="Machine-made mutants of each claim, with --mutants; 0: all.")] = 3,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.", show_default="one a core")] = CORES,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Prove the library's own lemmas: verdict, evidence and time for each; with --mutants the kill count.

    The kernel proves a lemma for all sizes; the prover proves its claims, the parts and instances over finitely many
    variables. Mutants are written by hand (of lemmas: each must be killed) and made by machine (of claims: each is
    false, true, undecided or undefined). Exit status 0 only if every lemma is proved at the evidence it declares,
    every claim is proved, every hand-written mutant is killed, and no false mutant is proved.
    """
    from ..proofs.ledger import discover, select

    chosen = discover() if not selection else _unique([lemma for name in selection for lemma in select(name)])
    slugs = [lemma.slug for lemma in chosen]
    work = partial(_verify_one, mutants=mutants, each=each)
    rows: list[Row] = []
    attacks: list[MutantRow] = []
    trials: dict[str, list[Trial]] = {}
    with progress("verifying", quiet or json) as report, _mapping(min(jobs, len(slugs))) as mapping:
        for row, killed, tried in mapping(work, slugs):
            rows.append(row)
            attacks += killed
            trials[row.slug] = tried
            report(len(rows) / len(slugs))
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


def _verify_one(slug: str, mutants: bool, each: int) -> tuple[Row, list[MutantRow], list[Trial]]:
    """A lemma and, if asked for, its mutants, in whatever process."""
    from ..proofs.ledger import discover, try_mutants, verify_lemma, verify_mutant

    lemma = next(lemma for lemma in discover() if lemma.slug == slug)
    row = verify_lemma(lemma)
    if not mutants:
        return row, [], []
    return row, [verify_mutant(lemma, mutant) for mutant in lemma.mutants], list(try_mutants(lemma, each))


@contextmanager
def _mapping(jobs: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """`map` in order, over so many processes; they are spawned, because the progress bar has a thread."""
    if jobs == 1:
        yield map
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_DFL)) as pool:
        yield pool.map


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
