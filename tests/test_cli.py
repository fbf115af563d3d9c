"""The command line as a user meets it: outputs, JSON contracts, exit statuses, one-line errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

ATTAIN = [sys.executable, "-m", "attain.cli.main"]
Command: TypeAlias = Callable[..., Any]
DEMO = ["certify", "sin(x) + cos(y)", "--on", "x=0..1", "--on", "y=0..1"]


@pytest.fixture
def answer(attain: Command) -> Command:
    """answer(*arguments, status=0): the JSON that the command prints."""

    def ask(*arguments: str, status: int = 0) -> Any:
        done = attain(*arguments, "--json", status=status)
        assert done.stderr == "" or done.stderr.startswith("note:")
        return json.loads(done.stdout)

    return ask


def run(*args: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """The installed program in its own process."""
    done = subprocess.run([*ATTAIN, *args], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_help_does_not_import_heavy_libraries() -> None:
    code = (
        "import sys\nfrom attain.cli.main import main\nsys.argv = ['attain', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'sympy', 'numpy', 'flint', 'mpmath'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize("command", ["size", "certify", "check", "verify", "partition", "table", "explain", "doctor"])
def test_every_command_has_help_with_an_example_and_json(command: str, attain: Command) -> None:
    text = attain(command, "--help").stdout
    assert "Example: attain" in text
    assert "--json" in text
    assert "--quiet" in text


def test_size_of_a_large_sequence_is_exact(answer: Command) -> None:
    words = ["max-affine", "--eps", "1e-3", "--lipschitz", "1", "--norm", "l2", "--dim", "4", "--tokens", "8"]
    data = answer("size", *words)
    assert data["theorem"] == "max-affine"
    assert data["inputs"]["eps"] == "1e-3"
    sharp = data["bounds"]["sharp"]
    assert sharp["P"] == data["bounds"]["necessary"]["P"] == 2829
    assert sharp["cells"] == str(2829**32)
    assert set(sharp) >= {
        *("P", "R", "kappa", "cells", "tokens", "hidden", "heads", "parameters", "flops", "bytes", "norms"),
        *("error_bound", "float_format", "source", "evidence"),
    }
    assert "not_applicable" in data["bounds"]["smooth"]


def test_size_lists_theorems(answer: Command) -> None:
    slugs = {t["slug"] for t in answer("size", "--list")["theorems"]}
    assert slugs >= {"max-affine", "softmax-concentration"}


def test_certify_demo(answer: Command) -> None:
    data = answer(*DEMO, "--eps", "0.01")
    assert data["holds"] is True
    sup, bound = data["sup_error"], float(data["bound"])
    assert float(sup["lower"]) <= float(sup["upper"]) <= bound <= 0.01
    assert float(sup["upper"]) <= 1.05 * float(sup["lower"])
    assert float(sup["lower"]) <= data["observed"]["max"] * (1 + 1e-6) <= float(sup["upper"]) * (1 + 1e-6)
    sizes = [data["designs"][b]["cells"] for b in ("published", "sharp", "smooth")]
    assert sizes == sorted(sizes, reverse=True)


def test_certify_fails_where_P_is_too_small(attain: Command, answer: Command) -> None:
    data = answer(*DEMO, "--eps", "0.01", "--P", "3", status=1)
    assert data["holds"] is False
    assert float(data["sup_error"]["lower"]) > 0.01
    assert set(data["sup_error"]["at"]) == {"x", "y"}
    text = attain(*DEMO, "--eps", "0.01", "--P", "3", status=1).stdout
    assert "FAILS at x = " in text


@pytest.mark.parametrize(
    ("expression", "on", "eps"),
    [
        ("abs(x-1/3)", ["x=0..1"], "0.01"),
        ("exp(-x*y)+sqrt(x+1/10)", ["x=0..1", "y=0..1"], "0.05"),
        ("1/(1+25*x**2)", ["x=-1..1"], "0.01"),
        ("sin(10*x)", ["x=0..1"], "0.01"),
        ("x*y*z", ["x=0..1", "y=0..1", "z=0..1"], "0.1"),
        ("max(x,y)", ["x=0..1", "y=0..1"], "0.05"),
        ("tanh(4*x-2)", ["x=0..1"], "0.01"),
        ("sin(x)", ["x=0..pi/2"], "1/30"),
    ],
)
def test_certify_real_targets(expression: str, on: list[str], eps: str, answer: Command) -> None:
    data = answer("certify", expression, *[w for side in on for w in ("--on", side)], "--eps", eps)
    assert data["holds"] is True
    assert data["sup_error"]["complete"]


def test_save_and_check(tmp_path: Path, attain: Command, answer: Command) -> None:
    file = tmp_path / "certificate.json"
    attain(*DEMO, "--eps", "0.05", "--save", str(file), "--quiet")
    assert answer("check", str(file))["ok"] is True
    data = json.loads(file.read_text())
    data["sup_error"]["upper"] = str(float(data["sup_error"]["lower"]) * 0.9)
    file.write_text(json.dumps(data))
    assert attain("check", str(file), status=1).stdout


def test_verify_and_explain(answer: Command) -> None:
    words = ["theta-decreases", "completing-square"]
    data = answer("verify", *words, "--mutants", "--each", "1", "--jobs", "2")
    assert data["all_proved"]
    assert [lemma["name"] for lemma in data["lemmas"]] == words
    assert data["killed"] == data["mutants_total"] >= 3 * len(data["lemmas"])
    assert len(data["machine_mutants"]) == sum(len(lemma["claims"]) for lemma in data["lemmas"]) > 0
    assert sum(data["machine_counts"].values()) == data["machine_total"]
    assert data["faults"] == 0
    lemma = answer("explain", "concentration-sharp")
    assert lemma["verdict"] == "proved"
    assert lemma["proof"]


def test_table_formats(tmp_path: Path, attain: Command) -> None:
    words = ["table", "max-affine", "--lipschitz", "1", "--eps", "0.1,0.01", "--dim", "1,2", "--quiet"]
    latex = attain(*words, "--format", "latex").stdout
    assert latex.startswith("% preamble: \\usepackage{booktabs}")
    assert latex.count(r"\\") == 2 + 4
    assert len(attain(*words, "--format", "csv").stdout.splitlines()) == 5
    assert len(json.loads(attain(*words, "--format", "json").stdout)["rows"]) == 4
    file = tmp_path / "t.md"
    attain(*words, "--format", "markdown", "--output", str(file))
    assert file.read_text().startswith("| eps | dim |")


def test_doctor() -> None:
    assert json.loads(run("doctor", "--json").stdout)["healthy"] is True


BAD = [
    (["certify", "foo(x)", "--on", "x=0..1", "--eps", "0.1"], "unknown function 'foo'"),
    (["certify", "x + q", "--on", "x=0..1", "--eps", "0.1"], "unknown name 'q'"),
    (["certify", "__import__('os').system('x')", "--on", "x=0..1", "--eps", "0.1"], "unexpected"),
    (["certify", "9**9**9**9", "--on", "x=0..1", "--eps", "0.1"], "exponents"),
    (["certify", "1/(x-1/2)", "--on", "x=0..1", "--eps", "0.1"], "undefined at x = 0.5"),
    (["certify", "log(x)", "--on", "x=-1..1", "--eps", "0.1"], "log(x) is undefined"),
    (["certify", "sqrt(x)", "--on", "x=0..1", "--eps", "0.1"], "no Lipschitz constant"),
    (["certify", "x", "--on", "x=1..1", "--eps", "0.1"], "empty or reversed"),
    (["certify", "x", "--on", "x=1..0", "--eps", "0.1"], "empty or reversed"),
    (["certify", "x", "--on", "x=0..nan", "--eps", "0.1"], "nan"),
    (["certify", "x", "--on", "x=0..inf", "--eps", "0.1"], "inf"),
    (["certify", "x", "--on", "x=0..1", "--eps", "0"], "eps must be positive"),
    (["certify", "x", "--on", "x=0..1", "--eps", "-1"], "eps must be positive"),
    (["certify", "x", "--on", "x=0..1", "--eps", "nan"], "nan"),
    (["certify", "x", "--on", "x=0..1", "--eps", "1/0"], "division by zero"),
    (["certify", "x", "--on", "x", "--eps", "0.1"], "not of the form"),
    (["certify", "x", "--on", "x=0..1", "--on", "x=0..2", "--eps", "0.1"], "given twice"),
    (["certify", "x", "--on", "x=0..1", "--eps", "0.1", "--P", "0"], "whole number"),
    (["certify", "x", "--on", "x=0..1", "--eps", "0.1", "--R", "-1"], "R must be positive"),
    (["certify", "", "--on", "x=0..1", "--eps", "0.1"], "empty expression"),
    (["size", "max-affine", "--eps", "0.1", "--lipschitz", "1", "--norm", "l7"], "choose l1, l2 or linf"),
    (["size", "max-affine", "--eps", "0.1"], "give the Lipschitz constant"),
    (["size", "max-affin", "--eps", "0.1"], "did you mean max-affine"),
    (["size", "max-affine", "--lipschitz", "1"], "give the accuracy"),
    (["size", "max-affine", "--eps", "0.1", "--lipschitz", "1", "--dim", "0"], "not a count"),
    (["size", "max-affine", "--eps", "0.1", "--lipschitz", "1", "--nonsense", "0"], "no option --nonsense"),
    (["table", "max-affine", "--eps", "0.1", "--lipschitz", "1", "--format", "pdf"], "choose latex"),
    (["check", "no-such-file.json"], "no-such-file.json"),
    (["verify", "no-such-lemma"], "no lemma or group"),
    (["nonsense"], "nonsense"),
]


@pytest.mark.parametrize(("args", "fragment"), BAD, ids=[" ".join(a)[:50] for a, _ in BAD])
def test_bad_input_gets_one_clear_line(args: list[str], fragment: str, attain: Command) -> None:
    done = attain(*args, "--quiet" if args[0] != "nonsense" else "--json", status=2)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert fragment in errors[0]
    assert done.stdout == ""


def test_deep_nesting_is_refused_quickly() -> None:
    done = run("certify", "(" * 60_000 + "x" + ")" * 60_000, "--on", "x=0..1", "--eps", "0.1", status=2)
    assert "at most" in done.stderr
