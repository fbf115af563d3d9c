"""attain beside its peers on the same claims: proved, refuted, unknown, wrong, and median time, in one run.

Usage: python benchmarks/prover.py [--time 10] [--only attain,z3] [--claims FILE] [--every 5] [--resume FILE] [--json]

Without --claims all files of tests/claims run. Every claim is decided in its own process with --time CPU seconds and
4 GiB; a peer that is absent is skipped with the reason. `wrong` counts proofs of false claims and refutations of true
ones, `undefined` both kinds of answer to claims that are undefined somewhere, of which nothing true can be said.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import signal
import statistics
import sys
import time
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from attain.proofs.prover.language import Claim, from_table
from rich.progress import Progress

PEERS = ("attain", "z3", "cvc5", "sympy", "arb", "coq", "dreal")
CLAIMS = Path(__file__).resolve().parent.parent / "tests" / "claims"
MEMORY = 4 << 30
ANSWERS = ("proved", "refuted", "error", "unknown")


class Case(NamedTuple):
    name: str
    claim: Claim
    truth: str


class Result(NamedTuple):
    answer: str
    seconds: float


def cases(paths: list[Path], every: int = 1) -> list[Case]:
    tables = [t for path in paths for t in tomllib.loads(path.read_text(encoding="utf-8"))["claim"]]
    return [Case(t["name"], from_table(t), t["expect"]) for t in tables[::every]]


def run(decide: Any, claim: Claim, seconds: float) -> Result:
    """The answer of a fork, or unknown if it fails or is stopped; and its CPU time with that of its children."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_REAL, 20 * seconds + 20)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds + 1), int(seconds + 2)))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            os.write(write, decide(claim, seconds).encode())
        finally:
            os._exit(0)
    os.close(write)
    _, _, usage = os.wait4(child, 0)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    spent = usage.ru_utime + usage.ru_stime
    return Result(answer if answer in ANSWERS and spent <= seconds + 1 else "unknown", round(spent, 3))


def together(results: list[Result]) -> Result:
    """All peers as one: any of their answers but unknown; two that contradict each other count as the first."""
    return next((r for r in results if r.answer not in ("unknown", "error")), Result("unknown", 0.0))


def tally(found: list[tuple[Case, Result]]) -> dict[str, Any]:
    def count(truth: str, *answers: str) -> int:
        return sum(case.truth == truth and result.answer in answers for case, result in found)

    solved = [r.seconds for case, r in found if r.answer == case.truth != "error"]
    return {
        "proved": count("proved", "proved"),
        "refuted": count("refuted", "refuted"),
        "unknown": count("proved", "unknown", "error") + count("refuted", "unknown", "error"),
        "wrong": count("proved", "refuted") + count("refuted", "proved"),
        "undefined": count("error", "proved", "refuted"),
        "undefined seen": count("error", "error"),
        "median seconds": round(statistics.median(solved), 3) if solved else None,
    }


def measure(peer: str, found: list[Case], seconds: float, known: dict[str, Any], resume: Path | None) -> list[Result]:
    decide = importlib.import_module(f"peers.{peer}").decide
    results = []
    with Progress(disable=not sys.stderr.isatty()) as bar:
        for case in bar.track(found, description=peer):
            key = f"{peer} {seconds:g} {case.name}"
            if key not in known:
                known[key] = run(decide, case.claim, seconds)
                if resume:
                    resume.write_text(json.dumps(known), encoding="utf-8")
            results.append(Result(*known[key]))
    return results


def by_kind(found: list[tuple[Case, Result]]) -> dict[str, str]:
    kinds: dict[str, list[bool]] = {}
    for case, result in found:
        kind = f"{case.name.split(':')[0] if ':' in case.name else 'other'}, {case.truth}"
        kinds.setdefault(kind, []).append(result.answer == case.truth)
    return {kind: f"{sum(right)}/{len(right)}" for kind, right in kinds.items()}


def main(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--time", type=float, default=10.0, help="CPU seconds a claim")
    options.add_argument("--only", default=",".join(PEERS), help="some of " + ",".join(PEERS))
    options.add_argument("--claims", type=Path, action="append", help="a file of claims with `expect`")
    options.add_argument("--every", type=int, default=1, help="only every n-th claim")
    options.add_argument("--resume", type=Path, help="keep results here and do not repeat them")
    options.add_argument("--json", action="store_true")
    given = options.parse_args(arguments)
    found = cases(given.claims or sorted(CLAIMS.glob("*.toml")), given.every)
    known = json.loads(given.resume.read_text(encoding="utf-8")) if given.resume and given.resume.exists() else {}
    versions: dict[str, str] = {}
    answers: dict[str, list[Result]] = {}
    for peer in given.only.split(","):
        if peer not in PEERS:
            options.error(f"unknown peer {peer!r}; peers are {', '.join(PEERS)}")
        try:
            versions[peer] = importlib.import_module(f"peers.{peer}").load()
        except ImportError as error:
            versions[peer] = f"skipped: {error}"
            continue
        answers[peer] = measure(peer, found, given.time, known, given.resume)
    others = [results for peer, results in answers.items() if peer != "attain"]
    if len(others) > 1:
        answers["all peers"] = [together(list(row)) for row in zip(*others, strict=True)]
    table = {peer: tally(list(zip(found, results, strict=True))) for peer, results in answers.items()}
    kinds = {peer: by_kind(list(zip(found, results, strict=True))) for peer, results in answers.items()}
    if given.json:
        print(json.dumps({"claims": len(found), "versions": versions, "table": table, "kinds": kinds}, indent=1))
    else:
        show(found, versions, table, given.time)
    return int(any(row["wrong"] for peer, row in table.items() if peer == "attain"))


def show(found: list[Case], versions: dict[str, str], table: dict[str, dict[str, Any]], seconds: float) -> None:
    counts = {truth: sum(case.truth == truth for case in found) for truth in ("proved", "refuted", "error")}
    print(
        f"{counts['proved']} true, {counts['refuted']} false, {counts['error']} undefined; {seconds:g} CPU seconds each"
    )
    for peer, version in versions.items():
        print(f"{peer}: {version}")
    columns = ("proved", "refuted", "unknown", "wrong", "undefined", "undefined seen", "median seconds")
    print("\n| " + " | ".join(("prover", *columns)) + " |\n|" + " --- |" * (len(columns) + 1))
    for peer, row in table.items():
        print("| " + " | ".join((peer, *(str("-" if row[c] is None else row[c]) for c in columns))) + " |")


if __name__ == "__main__":
    started = time.perf_counter()
    status = main(sys.argv[1:])
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    sys.exit(status)
