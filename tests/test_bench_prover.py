"""The comparison with other provers: its harness, and each peer on a few claims whose answers are known."""

from __future__ import annotations

import importlib
import json
import os
import signal
import time
from pathlib import Path

import pytest
from attain.proofs.prover.language import Claim, parse_claim
from prover import Case, Result, cases, main, run, tally, together

KNOWN = {  # what a peer must answer to the claims (or unknown to all the others)
    "z3": ("poly", "false poly", "root", "condition"),
    "cvc5": ("poly", "false poly", "constant"),
    "sympy": ("poly", "false poly", "identity", "constant", "box"),
    "arb": ("box", "false box", "constant"),
    "coq": ("box", "constant"),
}
CLAIMS = {
    "poly": ("x**2 + 1 > x", []),
    "false poly": ("x**2 > x", []),
    "root": ("sqrt(x*y) <= (x + y)/2", ["x >= 0", "y >= 0"]),
    "condition": ("x*y <= 1/4", ["x + y == 1"]),
    "identity": ("sin(x)**2 + cos(x)**2 == 1", []),
    "constant": ("pi < 22/7", []),
    "box": ("exp(x) <= 3", ["x in [0, 1]"]),
    "false box": ("exp(x) <= 2.7", ["x in [0, 1]"]),
}
BOX = parse_claim(*CLAIMS["box"])


@pytest.mark.peer
@pytest.mark.parametrize("name", KNOWN)
def test_a_peer_decides_what_it_can(name: str) -> None:
    peer = importlib.import_module(f"peers.{name}")
    try:
        assert peer.load()
    except ImportError as reason:
        pytest.skip(str(reason))
    for key in KNOWN[name]:
        assert run(peer.decide, parse_claim(*CLAIMS[key]), 10).answer == ("refuted" if "false" in key else "proved"), (
            key
        )


def spin(claim: Claim, seconds: float) -> str:
    while True:
        pass


def hoard(claim: Claim, seconds: float) -> str:
    return str(len(bytearray(8 << 30)))


def crash(claim: Claim, seconds: float) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return "proved"


@pytest.mark.parametrize("decide", [spin, hoard, crash])
def test_a_peer_that_fails_answers_unknown(decide: object) -> None:
    started = time.process_time()
    assert run(decide, BOX, 0.1).answer == "unknown"
    assert time.process_time() - started < 1


def test_an_answer_comes_back() -> None:
    assert run(lambda claim, seconds: "proved", BOX, 1).answer == "proved"
    assert run(lambda claim, seconds: "surely", BOX, 1).answer == "unknown"


def test_answers_are_counted() -> None:
    found = [
        (Case(f"{truth} {answer}", BOX, truth), Result(answer, 1.0))
        for truth in ("proved", "refuted", "error")
        for answer in ("proved", "refuted", "error", "unknown")
    ]
    row = tally(found)
    assert [row[key] for key in ("proved", "refuted", "unknown", "wrong")] == [1, 1, 4, 2]
    assert (row["undefined"], row["undefined seen"]) == (2, 1)


def test_all_peers_together_know_what_one_of_them_knows() -> None:
    rows = [Result("unknown", 3.0), Result("refuted", 1.0)]
    assert together(rows) == rows[1]
    assert together(rows[:1]).answer == "unknown"


def test_a_run_of_two_peers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, kept = tmp_path / "few.toml", tmp_path / "kept.json"
    path.write_text('[[claim]]\nname = "a: b"\nclaim = "x <= 2"\nassume = ["x in [0, 1]"]\nexpect = "proved"\n')
    assert len(cases([path])) == 1
    given = ["--only", "attain,arb", "--claims", str(path), "--time", "5", "--resume", str(kept), "--json"]
    assert main(given) == 0
    out = json.loads(capsys.readouterr().out)
    assert {peer: row["proved"] for peer, row in out["table"].items()} == {"attain": 1, "arb": 1}
    assert out["kinds"]["arb"] == {"a, proved": "1/1"}
    assert set(json.loads(kept.read_text())) == {"attain 5 a: b", "arb 5 a: b"}
