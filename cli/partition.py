"""attain partition: a max-affine partition with any slopes and offsets."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import Json, Quiet, print_json, print_line, require

if TYPE_CHECKING:
    from ..symbolic.partition import Box, Partition

MAX_FILE, MAX_CENTRES, MAX_AXES, MAX_RATE = 10_000_000, 100_000, 16, 10**100


def partition(
    file: Annotated[
        Path, typer.Argument(help="CSV with a header: one column an axis; also b, the offset; also value.")
    ],
    domain: Annotated[str, typer.Option(help="Interval of every axis, or one an axis separated by commas.")] = "0..1",
    R: Annotated[str | None, typer.Option("--R", help="Inverse temperature, exact.")] = None,
    leak: Annotated[str, typer.Option(help="One-hot means: all but this share of the weight on one cell.")] = "0.01",
    eps: Annotated[str | None, typer.Option(help="Accuracy to size R for (Voronoi cells), with --lipschitz.")] = None,
    lipschitz: Annotated[str | None, typer.Option(help="Lipschitz constant of the target, in l2.")] = None,
    osc: Annotated[str | None, typer.Option(help="sup f - inf f (default: L times the diameter).")] = None,
    figure: Annotated[Path | None, typer.Option(help="Draw cells and sharpness (two axes): .png, .svg, .pdf.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Cells, margins and covering radius of a max-affine partition, and the temperature that an accuracy needs.

    Without a column b the rows are centres and the cells are Voronoi cells. Cells are exact in one and two dimensions.
    """
    from ..symbolic.exact import positive, real

    cells, values, centred = read_partition(file, domain)
    rate = None if R is None else _rational(positive(real(R, "R"), "R"), "R")
    share = _rational(positive(real(leak, "leak"), "leak"), "leak")
    if not share < 1:
        raise ValueError(f"leak: {leak!r} must lie between 0 and 1")
    result: dict[str, Any] = {"cells": len(cells.slopes), "dim": cells.dim, "voronoi": centred}
    result |= _shape(cells)
    if values is not None:
        result["value_spread"] = str(max(values) - min(values))
    if centred:
        result["covering_radius"] = radius = _covering(cells)
        if eps is not None or lipschitz is not None:
            result["designs"] = _designs(cells, radius, eps, lipschitz, osc)
    elif eps is not None:
        raise ValueError("eps: sizes are known for Voronoi cells; leave the column b out")
    if rate is not None:
        result["one_hot"] = _one_hot(cells, rate, share)
    if figure is not None:
        _draw(cells, rate, share, figure)
        result["figure"] = str(figure)
    print_json(result) if json else _show(result)


def read_partition(file: Path, domain: str) -> tuple[Partition, list[Fraction] | None, bool]:
    """The partition, the values in column value if there is one, and whether the cells are Voronoi cells."""
    import csv

    from ..symbolic.exact import interval
    from ..symbolic.partition import Partition, voronoi
    from ..symbolic.target import box_of

    try:
        with file.open(encoding="utf-8", newline="") as lines:
            text = lines.read(MAX_FILE + 1)
    except UnicodeDecodeError:
        raise ValueError(f"{file.name}: not a text file") from None
    try:
        rows = [row for row in csv.reader(text.splitlines()) if row]
    except csv.Error as error:
        raise ValueError(f"{file.name}: {error}") from None
    if len(text) > MAX_FILE or not 2 <= len(rows) <= MAX_CENTRES + 1:
        raise ValueError(f"{file.name}: a header and 1 to {MAX_CENTRES} rows are expected")
    head = [name.strip() for name in rows[0]]
    table = {name: [_number(row, i, n, file) for n, row in enumerate(rows[1:], 2)] for i, name in enumerate(head)}
    axes = [name for name in head if name not in ("b", "value")]
    if len(table) != len(head) or not 1 <= len(axes) <= MAX_AXES:
        raise ValueError(f"{file.name}: the header needs 1 to {MAX_AXES} different names of axes besides b and value")
    sides = [interval(part) for part in domain.split(",")]
    if len(sides) not in (1, len(axes)):
        raise ValueError(f"domain: give one interval, or one for each of the {len(axes)} axes")
    box: Box = tuple(
        (_rational(a, "domain"), _rational(b, "domain"))
        for a, b in box_of(tuple(sides * len(axes) if len(sides) == 1 else sides))
    )
    slopes = tuple(zip(*(table[name] for name in axes), strict=True))
    made = voronoi(slopes, box) if "b" not in table else Partition(slopes, tuple(table["b"]), box)
    return made, table.get("value"), "b" not in table


def _number(row: list[str], i: int, line: int, file: Path) -> Fraction:
    from ..symbolic.exact import real

    if i >= len(row):
        raise ValueError(f"{file.name}: line {line} has {len(row)} entries, fewer than the header")
    return _rational(real(row[i], f"{file.name}, line {line}"), f"{file.name}, line {line}")


def _rational(value: Any, what: str) -> Fraction:
    if not isinstance(value, Fraction):
        raise ValueError(f"{what}: a rational number such as 0.25 or 1/3 is expected")
    return value


def _exactly(cells: Partition) -> bool:
    from ..symbolic.partition import LIMIT

    return cells.dim <= 2 and len(cells.slopes) <= LIMIT


def _shape(cells: Partition) -> dict[str, Any]:
    """How many cells are not empty, and the smallest and largest of them."""
    from ..report.numbers import short
    from ..symbolic.partition import area

    if not _exactly(cells):
        return {}
    sizes = [area(cells.corners(j)) for j in range(len(cells.slopes))]
    full = [s for s in sizes if s]
    return {"nonempty": len(full), "smallest": short(str(min(full)), up=False), "largest": short(str(max(full)))}


def _covering(cells: Partition) -> dict[str, str]:
    from flint import arb

    from ..numeric.covering import covering_radius
    from ..symbolic.exact import ball
    from ..symbolic.partition import covering_radius_squared
    from ..symbolic.rounding import lower, upper

    if _exactly(cells):
        squared, at = covering_radius_squared(cells.slopes, cells.box)
        root = ball(squared).sqrt()
        where = ", ".join(str(x) for x in at)
        return {"lower": lower(root, 10), "upper": upper(root, 10), "squared": str(squared), "at": where}
    found = covering_radius(cells.slopes, cells.box)
    return {"lower": lower(arb(found.lower), 8), "upper": upper(arb(found.upper), 8)}


def _designs(
    cells: Partition, radius: dict[str, str], eps: str | None, lipschitz: str | None, osc: str | None
) -> dict[str, Any]:
    """[MA] Theorem 4.1 for these centres, as published and sharper."""
    from ..symbolic.any_centres import centres_design
    from ..symbolic.design import NotApplicable
    from ..symbolic.exact import positive, real
    from ..symbolic.rounding import upper
    from ..symbolic.target import Target

    if eps is None or lipschitz is None:
        raise ValueError("eps, lipschitz: a temperature needs both, such as --eps 0.1 --lipschitz 1")
    accuracy, L = positive(real(eps, "eps"), "eps"), positive(real(lipschitz, "lipschitz"), "lipschitz")
    spread = real(osc, "osc") if osc else Fraction(upper(Target(cells.box, {"l2": L}).oscillation(), 10))
    rho2 = Fraction(radius["squared"]) if "squared" in radius else Fraction(radius["upper"]) ** 2
    found: dict[str, Any] = {}
    for bound in ("published", "sharper"):
        try:
            made = centres_design(len(cells.slopes), rho2, L, spread, accuracy, bound)
            found[bound] = {"R": upper(made.R, 8), "r": upper(made.r, 8), "error_bound": made.error_bound}
            found[bound]["source"] = made.source
        except NotApplicable as reason:
            found[bound] = {"not_applicable": str(reason)}
    return found


def _needed_margin(cells: Partition, R: Fraction, leak: Fraction) -> Fraction:
    """Δ with λ/(1 + λ) ≤ leak for λ = (G − 1)e^{−RΔ}."""
    from ..symbolic.exact import ball
    from ..symbolic.rounding import upper

    others = len(cells.slopes) - 1
    odds = others * (1 - leak) / leak
    return Fraction(upper(ball(odds).log() / ball(R), 12)) if odds > 1 else Fraction(0)


def _one_hot(cells: Partition, R: Fraction, leak: Fraction) -> dict[str, str]:
    """The margin from which one cell has all but `leak` of the weight, and the share of the box that has it."""
    from ..report.numbers import short
    from ..symbolic.partition import area

    margin = _needed_margin(cells, R, leak)
    found = {"R": str(R), "leak": str(leak), "margin": short(str(margin)) if margin else "0"}
    if _exactly(cells):
        whole = Fraction(1)
        for low, high in cells.box:
            whole *= high - low
        shares = (area(cells.corners(j, margin)) for j in range(len(cells.slopes)))
        sharp = sum(shares, Fraction(0)) if margin else whole
        found["share_of_box"] = short(str(sharp / whole), up=False) if sharp else "0"
    return found


def _draw(cells: Partition, rate: Fraction | None, leak: Fraction, path: Path) -> None:
    from ..numeric.partition import partition_network

    if cells.dim != 2 or not _exactly(cells):
        raise ValueError("figure: a picture needs two axes and at most 512 cells")
    if rate is None:
        raise ValueError("figure: the sharpness needs an inverse temperature, such as --R 100")
    if rate > MAX_RATE:
        raise ValueError(f"figure: R is drawn up to {MAX_RATE}")
    require("matplotlib", "plots", "a figure")
    from ..report.figures import partition_figure

    network = partition_network(cells, float(rate), [Fraction(0)] * len(cells.slopes))
    partition_figure(cells, network, _needed_margin(cells, rate, leak), path)


def _show(result: dict[str, Any]) -> None:
    kind = "Voronoi cells" if result["voronoi"] else "max-affine cells"
    print_line(f"{result['cells']} {kind} in {result['dim']} dimensions")
    if "nonempty" in result:
        print_line(f"not empty: {result['nonempty']}; sizes from {result['smallest']} to {result['largest']}")
    if "covering_radius" in result:
        radius = result["covering_radius"]
        at = f", exactly sqrt({radius['squared']}) at ({radius['at']})" if "squared" in radius else ""
        print_line(f"covering radius in [{radius['lower']}, {radius['upper']}]{at if len(at) < 120 else ''}")
    for bound, made in result.get("designs", {}).items():
        text = (
            made.get("not_applicable") or f"R = {made['R']} gives |F - f| <= {made['error_bound']} ({made['source']})"
        )
        print_line(f"{bound}: {text}")
    if "one_hot" in result:
        sharp = result["one_hot"]
        where = f" on {sharp['share_of_box']} of the box" if "share_of_box" in sharp else ""
        print_line(
            f"at R = {sharp['R']}, a margin of {sharp['margin']} leaves at most {sharp['leak']} elsewhere:{where}"
        )
    if "figure" in result:
        print_line(f"figure: {result['figure']}")
