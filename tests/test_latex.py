"""LaTeX tables compile with pdflatex, without errors and without a single warning or overfull line."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TABLES = [
    ["max-affine", "--eps", "0.1,0.03,0.01", "--dim", "1,2,3", "--lipschitz", "1", "--hessian", "1"],
    ["max-affine", "--eps", "0.1", "--dim", "2", "--lipschitz", "10,1"],
    ["cross-attention", "--eps", "0.1,0.01", "--dim", "1,2", "--tokens", "1,2", "--lipschitz", "1"],
    ["max-affine-lp", "--eps", "0.1,0.01", "--dim", "1,2", "--p", "1,2", "--lipschitz", "1"],
    ["softmax-concentration", "--eps", "0.1,0.01", "--gap", "1", "--scores", "10,100"],
]


@pytest.fixture
def table(attain: Callable[..., Any]) -> Callable[[list[str]], str]:
    """table(words): the LaTeX that `attain table` prints."""
    return lambda words: attain("table", *words, "--format", "latex", "--quiet").stdout


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed (texlive-latex-recommended)")
@pytest.mark.parametrize("words", TABLES, ids=lambda words: words[0])
def test_tables_compile_without_warnings(words: list[str], tmp_path: Path, table: Callable[[list[str]], str]) -> None:
    body = table(words)
    preamble = re.search(r"preamble: ((?:\\usepackage\{[a-z]+\})+);", body)
    assert preamble is not None
    source = f"\\documentclass{{article}}\n{preamble[1]}\n\\begin{{document}}\n\\noindent\n{body}\\end{{document}}\n"
    (tmp_path / "table.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-800:]
    assert re.findall(r"(?i).*(?:warning|overfull|underfull).*", done.stdout) == []
    assert (tmp_path / "table.pdf").stat().st_size > 5000


def test_a_wide_table_is_set_smaller(table: Callable[[list[str]], str]) -> None:
    wide = table(TABLES[0])
    assert r"\footnotesize" in wide
    assert wide.count(r"\\") == 11
