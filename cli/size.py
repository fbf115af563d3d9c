"""attain size: what does it take?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from .output import Json, Quiet, print_json, print_line, print_table


def size(
    context: typer.Context,
    theorem: Annotated[str | None, typer.Argument(help="A theorem; see --list.")] = None,
    eps: Annotated[str | None, typer.Option(help="Accuracy, exact: 0.1, 1/3, 1e-3.")] = None,
    bound: Annotated[str, typer.Option(help="published, sharp, smooth or all.")] = "all",
    list_: Annotated[bool, typer.Option("--list", help="List the theorems and their options.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """What does it take: P, R, κ, cells, parameters, float format for an accuracy.

    Every theorem has further options, such as --lipschitz --norm --hessian --osc --dim --tokens --domain for
    max-affine; `attain size --list` names them.
    """
    if list_:
        list_theorems(json)
        return
    if theorem is None:
        raise ValueError("name a theorem, such as max-affine (attain size --list)")
    if eps is None:
        raise ValueError("eps: give the accuracy, such as --eps 0.1")
    inputs = {"eps": eps, **extra_options(context.args)}
    result = sizes(theorem, inputs, bound)
    if json:
        print_json(result)
    else:
        show(result)


def extra_options(args: list[str]) -> dict[str, str]:
    """`--name value` and `--name=value` pairs that a theorem will read."""
    found: dict[str, str] = {}
    rest = list(args)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not name:
            raise ValueError(f"unexpected argument {word!r}; options are written --name value")
        if not equals:
            if not rest:
                raise ValueError(f"option --{name} needs a value")
            value = rest.pop(0)
        if name in found:
            raise ValueError(f"option --{name} is given twice")
        found[name] = value
    return found


def sizes(slug: str, inputs: Mapping[str, str], bound: str = "all") -> dict[str, Any]:
    """The JSON object of `attain size` (see `attain.symbolic.theorem`)."""
    from ..numeric.formats import design_format
    from ..symbolic.design import Design, NotApplicable
    from ..symbolic.exact import positive, real
    from ..symbolic.theorem import load

    theorem = load(slug)
    if bound != "all" and bound not in theorem.bounds:
        raise ValueError(f"bound: {bound!r} is unknown; choose {', '.join(theorem.bounds)} or all")
    known = {o.name: o.default for o in theorem.options}
    values = {k: v for k, v in inputs.items() if k != "eps"}
    unknown = [k for k in values if k not in known]
    if unknown:
        raise ValueError(f"{slug} has no option --{unknown[0]}; it has {', '.join('--' + k for k in known)}")
    eps = positive(real(inputs["eps"], "eps"), "eps")
    problem = theorem.problem({**{k: v for k, v in known.items() if v is not None}, **values})
    bounds: dict[str, Any] = {}
    for name in theorem.bounds if bound == "all" else (bound,):
        try:
            design = theorem.design(problem, eps, name)
            bounds[name] = design.to_json()
            if isinstance(design, Design):
                bounds[name]["float_format"] = design_format(design, eps)
        except NotApplicable as reason:
            bounds[name] = {"not_applicable": str(reason)}
    least = theorem.necessary(problem, eps)
    if least is not None:
        bounds["necessary"] = least.to_json()
    return {"theorem": slug, "inputs": dict(inputs), "bounds": bounds}


def show(result: Mapping[str, Any]) -> None:
    """The sizes side by side, as text."""
    from ..report.sizes import remarks, side_by_side

    print_table(side_by_side(result["bounds"]), f"{result['theorem']}, eps = {result['inputs']['eps']}")
    for line in remarks(result["bounds"]):
        print_line(line)


def list_theorems(json: bool) -> None:
    """The theorems, their bounds and options."""
    from ..symbolic.theorem import load, slugs

    theorems = [load(slug) for slug in slugs()]
    if json:
        options = [{o.name: {"help": o.help, "default": o.default} for o in t.options} for t in theorems]
        print_json(
            {
                "theorems": [
                    {"slug": t.slug, "title": t.title, "source": t.source, "bounds": list(t.bounds), "options": o}
                    for t, o in zip(theorems, options, strict=True)
                ]
            }
        )
        return
    for t in theorems:
        print_line(f"{t.slug}: {t.title} ({t.source}); bounds: {', '.join(t.bounds)}")
        for o in t.options:
            default = f" [default: {o.default}]" if o.default else ""
            print_line(f"    --{o.name:<10} {o.help}{default}")
