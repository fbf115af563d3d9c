"""`attain prove` as a user meets it: verdicts, JSON, files, exit statuses, one-line errors."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MEMORY = 2**30  # bytes of address space, far above what a refusal needs
CODE = """
import contextlib, io, json, resource, sys, time
from attain.cli.main import main
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
found = []
for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    sys.argv, start, status = ["attain", "prove", *words], time.process_time(), None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            status = ended.code
    found.append([status, out.getvalue(), err.getvalue(), time.process_time() - start])
json.dump(found, sys.stdout)
"""


def test_a_proved_claim(attain: Callable[..., Any]) -> None:
    data = json.loads(attain("prove", "x*exp(-x) <= 1/e", "--where", "x >= 0", "--json").stdout)
    assert data["verdict"] == "proved"
    assert {"name", "claim", "verdict", "witness", "evidence", "method", "bits", "seconds", "why"} <= set(data)


def test_a_refuted_claim_prints_its_witness(attain: Callable[..., Any]) -> None:
    done = attain("prove", "exp(x) >= 1+x+x**2/2", status=1)
    assert done.stdout == "refuted  at x = -1\n"


def test_an_undefined_claim_names_the_point(attain: Callable[..., Any]) -> None:
    done = attain("prove", "1/x >= 0", "--where", "x in [-1, 1]", status=2)
    assert done.stderr == "error: 1/x is undefined at x = 0\n"
    data = json.loads(attain("prove", "1/x >= 0", "--where", "x in [-1, 1]", "--json", status=2).stdout)
    assert data["verdict"] == "error"


def test_a_spent_budget_is_status_4(attain: Callable[..., Any]) -> None:
    done = attain("prove", "sin(x) + sin(sqrt(2)*x) < 2", "--where", "x >= 0.1", "--budget", "0.2", status=4)
    assert done.stdout.startswith("undecided")


HOSTILE = [
    ["x <="],
    ["x"],
    ["__import__('os') <= 1"],
    ["x.y <= 1"],
    ["f(x) <= 1"],
    ["x <= 1", "--where", "x in [0"],
    ["x <= 1", "--where", "x in [y, 1]"],
    ["x <= 1", "--where", "x"],
    ["x <= nan"],
    ["x <= 1e999999999"],
    ["x <= 10**(10**10)"],
    ["(" * 5000 + "x" + ")" * 5000 + " <= 1"],
    ["x" + "**2" * 400 + " <= 1"],
    ["+".join(f"x{i}" for i in range(60)) + " <= 1"],
    ["x" * 100_000 + " <= 1"],
    ["x <= 1", "--where", "1 <= 0"],
    ["1/0 <= 1"],
    ["x <= 1", "--budget", "nan"],
    ["x != 1"],
    ["x <= \u0661"],
    ["missing.toml"],
]


@pytest.fixture(scope="module")
def refusals() -> dict[str, Any]:
    """(status, stdout, stderr, CPU seconds) of every hostile input; one process, of limited memory, for all."""
    command = [sys.executable, "-c", CODE, str(MEMORY)]
    done = subprocess.run(command, input=json.dumps(HOSTILE), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return {str(words): found for words, found in zip(HOSTILE, json.loads(done.stdout), strict=True)}


@pytest.mark.parametrize("words", HOSTILE, ids=lambda item: item[0][:20])
def test_hostile_input_is_one_line_and_quick(words: list[str], refusals: dict[str, Any]) -> None:
    status, out, err, seconds = refusals[str(words)]
    assert seconds < 2
    assert status == 2
    assert err.startswith("error: ")
    assert err.index("\n") == len(err) - 1
    assert out == ""


def test_files(tmp_path: Path, attain: Callable[..., Any]) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(
        '[[claim]]\nname = "a"\nclaim = "x <= 1"\nvars = {x = ["0", "1"]}\n'
        '[[claim]]\nname = "b"\nclaim = "n**2 >= n"\ninteger = ["n"]\n'
        '[[claim]]\nname = "c"\nclaim = "x <="\n',
        encoding="utf-8",
    )
    data = json.loads(attain("prove", str(path), "--json", status=2).stdout)
    assert [c["verdict"] for c in data["claims"]] == ["proved", "proved", "error"]
    assert (data["proved"], data["error"]) == (2, 1)
    path.write_text("[[claim]]\nname = 3", encoding="utf-8")
    assert json.loads(attain("prove", str(path), "--json", status=2).stdout)["error"] == 1
    path.write_text("not toml", encoding="utf-8")
    attain("prove", str(path), status=2)


def test_a_saved_proof_is_re_checked(tmp_path: Path, attain: Callable[..., Any]) -> None:
    from attain.proofs.check import check_file

    path = tmp_path / "proof.json"
    attain("prove", "x**2 + y**2 >= 2*x*y", "--save", str(path), "--quiet")
    assert check_file(path).ok
    path.write_text(path.read_text(encoding="utf-8").replace("2*x*y", "3*x*y"), encoding="utf-8")
    assert check_file(path).ok is False
    attain("prove", "exp(x) >= 1+x+x**2/2", "--save", str(path), status=1)
    assert check_file(path).ok


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is a developer's tool")
def test_the_latex_compiles(tmp_path: Path, attain: Callable[..., Any]) -> None:
    found = []
    for text, where in (
        ("x*exp(-x) <= 1/e", "x >= 0"),
        ("log(1 + n)/(2 + n) <= sqrt(1 + n)", "n >= 1 integer"),
        ("abs(x_1) + abs(x_1 - 1) >= 1", "x_1 real"),
    ):
        found.append(attain("prove", text, "--where", where, "--latex", "--quiet").stdout)
    preamble = found[0].splitlines()[0].removeprefix("% preamble: ")
    body = f"\\documentclass{{article}}{preamble}\\begin{{document}}{chr(10)}{''.join(found)}\\end{{document}}"
    (tmp_path / "proof.tex").write_text(body, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "proof.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
