"""attain experiment: what the papers ask to be tried, as data, table and figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import Json, Quiet, print_json, print_line, progress, require

MAX_FILE = 50_000_000


def experiment(
    name: Annotated[str | None, typer.Argument(help="An experiment; see --list.")] = None,
    output: Annotated[Path, typer.Option(help="Folder for NAME.csv, NAME.md and the figure.")] = Path("."),
    seed: Annotated[int, typer.Option(min=0, max=2**31, help="Seed of all random numbers.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="A small version, in seconds.")] = False,
    from_: Annotated[Path | None, typer.Option("--from", help="Take the rows from a CSV instead of running.")] = None,
    picture: Annotated[str, typer.Option(help="Format of the figure: png, svg, pdf, or none.")] = "png",
    list_: Annotated[bool, typer.Option("--list", help="List the experiments.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run an experiment, or redo its table and figure from its data; on a CPU in seconds to minutes."""
    from ..experiments.experiment import from_csv, load, slugs, to_csv

    if list_:
        found = [load(slug) for slug in slugs()]
        if json:
            print_json({"experiments": [{"name": e.slug, "title": e.title, "columns": e.columns} for e in found]})
        else:
            for e in found:
                print_line(f"{e.slug}: {e.title}" + (f" (needs the extra {e.needs})" if e.needs else ""))
        return
    if name is None:
        raise ValueError("name an experiment, such as scaling (attain experiment --list)")
    if picture not in ("png", "svg", "pdf", "none"):
        raise ValueError(f"picture: {picture!r} is unknown; choose png, svg, pdf or none")
    chosen = load(name)
    if picture != "none":
        require("matplotlib", "plots", "a figure (--picture none leaves it out)")
    if from_ is not None:
        rows = from_csv(chosen, _text(from_))
    else:
        if chosen.needs:
            require("torch", chosen.needs, f"the experiment {chosen.slug}")
        rows, total = [], chosen.count(quick)
        with progress(chosen.slug, quiet or json) as report:
            for row in chosen.run(seed, quick):
                rows.append(row)
                report(len(rows) / total)
    from ..experiments.figure import draw, to_markdown

    output.mkdir(parents=True, exist_ok=True)
    files = {"data": output / f"{name}.csv", "table": output / f"{name}.md"}
    files["data"].write_text(to_csv(chosen, rows), encoding="utf-8")
    files["table"].write_text(to_markdown(chosen, rows), encoding="utf-8")
    if picture != "none":
        files["figure"] = output / f"{name}.{picture}"
        draw(chosen, rows, files["figure"])
    lines = chosen.summary(rows)
    if json:
        print_json({"experiment": name, "seed": seed, "rows": len(rows), "summary": lines}
                   | {"files": {kind: str(path) for kind, path in files.items()}})  # fmt: skip
    else:
        for line in [*lines, "written: " + ", ".join(str(path) for path in files.values())]:
            print_line(line)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text or len(data) > MAX_FILE:
        raise ValueError(f"{path.name}: a CSV file written by attain experiment is expected")
    return text
