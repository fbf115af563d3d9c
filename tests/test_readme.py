"""The README's commands run and print what it shows; seconds may differ."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def _plain(text: str) -> list[str]:
    """Lines without trailing blanks, with every time in seconds replaced."""
    return [re.sub(r"\b\d+\.\d\d$", "S", line.rstrip()) for line in text.splitlines() if line.strip()]


def test_there_are_commands() -> None:
    assert len(BLOCKS) >= 4


@pytest.mark.parametrize("block", BLOCKS, ids=[b.splitlines()[0][2:60] for b in BLOCKS])
def test_readme_command(block: str, tmp_path: Path) -> None:
    parts = re.split(r"^\$ attain ", block, flags=re.MULTILINE)[1:]
    for part in parts:
        command, _, shown = part.partition("\n")
        done = subprocess.run(
            [sys.executable, "-m", "attain.cli.main", *shlex.split(command)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert done.stderr == ""
        assert done.returncode == (1 if "FAILS" in shown else 0)
        assert _plain(done.stdout) == _plain(shown)
