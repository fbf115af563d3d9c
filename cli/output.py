"""Printing: results on standard output, progress and notes on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

HOLDS, REFUTED, BAD_INPUT, MISSING, UNDECIDED = 0, 1, 2, 3, 4
"""Exit statuses, the same for every command."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no notes.")]


class MissingDependency(RuntimeError):
    """A library or device that the command needs is absent; exit status 3."""


def require(module: str, extra: str, what: str) -> None:
    """Raise `MissingDependency`, which says what to install, unless `module` can be imported."""
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise MissingDependency(f"{what} needs {module}: pip install 'attain[{extra}]'")


def print_json(data: Any) -> None:
    """One JSON object on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def print_line(text: str = "") -> None:
    """A line of the result."""
    sys.stdout.write(text + "\n")


def print_table(rows: Sequence[Sequence[str]], title: str = "") -> None:
    """Rows of text, the first one the header."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, head in enumerate(rows[0]):
        table.add_column(head, justify="left" if i == 0 else "right", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    terminal = sys.stdout.isatty()
    Console(width=None if terminal else 160, highlight=False, markup=False).print(table)


@contextmanager
def progress(label: str, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, a line every quarter elsewhere, nothing with --quiet; yields a callback for the share."""
    if quiet:
        yield lambda share: None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(label, total=1.0)
            yield lambda share: bar.update(task, completed=share)
    else:
        seen = [0]

        def lines(share: float) -> None:
            quarter = int(share * 4)
            if quarter > seen[0]:
                seen[0] = quarter
                note(f"{label}: {25 * quarter} %")

        yield lines


def note(text: str, quiet: bool = False) -> None:
    """A remark on standard error."""
    if not quiet:
        sys.stderr.write(text + "\n")
