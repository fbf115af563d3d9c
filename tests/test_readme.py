"""The README's commands run and print what it shows; seconds may differ."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attain.numeric.enclosure import enclose
from attain.proofs.designs import designs_for, measured
from attain.report.numbers import short
from attain.symbolic.design import Design
from attain.symbolic.expression import parse
from attain.symbolic.rounding import upper

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def _plain(text: str) -> list[str]:
    """Lines without trailing blanks, with every time in seconds, however wide, replaced."""
    return [re.sub(r" +\d+\.\d\d$", " S", line.rstrip()) for line in text.splitlines() if line.strip()]


def test_the_first_table_is_what_comes_out() -> None:
    rows = [
        line.split(" | ") for line in README.splitlines() if line.startswith(("| published", "| sharp", "| smooth"))
    ]
    target = measured(parse("sin(x) + cos(y)", ("x", "y")), ("x", "y"), ((Fraction(0), Fraction(1)),) * 2)
    designs = designs_for(target, Fraction(1, 100))
    least = min(d.cells for d in designs.values() if isinstance(d, Design))
    assert len(rows) == len(designs) == 3
    for (_, P, R, cells, ratio, bound, enclosure, tightness), design in zip(rows, designs.values(), strict=True):
        assert isinstance(design, Design)
        sup = enclose(design, Fraction(1, 100))
        axes = 2 if "," in P else 1
        assert [int(p) for p in P.split(" (")[0].split(",")] == list(design.P[:axes])
        assert axes == len(set(design.P))
        assert [short(upper(design.R_on(i))) for i in range(axes)] == R.split(", ")
        assert int(cells) == design.cells
        assert int(ratio) == round(design.cells / least)
        assert bound == short(design.error_bound)
        low, high = (Decimal(x) for x in enclosure.strip("[]").split(", "))
        assert low <= sup.upper
        assert sup.lower <= high
        shown = [float(x) for x in tightness.rstrip(" |").split(" to ")]
        assert shown[0] == pytest.approx(float(Fraction(design.error_bound) / sup.upper), abs=0.006)
        assert shown[-1] == pytest.approx(float(Fraction(design.error_bound) / sup.lower), abs=0.006)


def test_there_are_commands() -> None:
    assert len(BLOCKS) >= 4


@pytest.mark.parametrize("block", BLOCKS, ids=[b.splitlines()[0][2:60] for b in BLOCKS])
def test_readme_command(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attain: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    parts = re.split(r"^\$ attain ", block, flags=re.MULTILINE)[1:]
    for part in parts:
        command, _, shown = part.partition("\n")
        done = attain(*shlex.split(command), status=1 if "FAILS" in shown or shown.startswith("refuted") else 0)
        assert done.stderr == ""
        assert _plain(done.stdout) == _plain(shown)
