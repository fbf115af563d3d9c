"""attain explain: a theorem or a lemma in words, with its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import Json, Quiet, print_json, print_line

if TYPE_CHECKING:
    from ..proofs.ledger import CoreRow, Row


def explain(
    name: Annotated[str, typer.Argument(help="A theorem (attain size --list) or a lemma (attain verify).")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """A theorem or a lemma in words: statement, hypotheses, construction or proof steps, source."""
    from ..symbolic.theorem import slugs

    data = _theorem(name) if name in slugs() else _lemma(name)
    if json:
        print_json(data)
        return
    for key, value in data.items():
        if isinstance(value, list):
            print_line(f"{key}:")
            for line in value:
                print_line(f"    {line}")
        elif value:
            print_line(f"{key}: {value}")


def _theorem(slug: str) -> dict[str, Any]:
    from ..symbolic.theorem import load

    t = load(slug)
    return {
        "theorem": t.slug,
        "title": t.title,
        "statement": t.statement,
        "hypotheses": list(t.hypotheses),
        "construction": list(t.construction),
        "bounds": list(t.bounds),
        "lemmas": list(t.lemmas),
        "source": t.source,
    }


def _lemma(slug: str) -> dict[str, Any]:
    from difflib import get_close_matches

    from ..proofs.ledger import discover, verify_lemma
    from ..symbolic.theorem import slugs

    lemmas = {lemma.slug: lemma for lemma in discover()}
    if slug not in lemmas:
        near = get_close_matches(slug, [*lemmas, *slugs()], 1)
        hint = f"did you mean {near[0]}?" if near else f"theorems: {', '.join(slugs())}; lemmas: {', '.join(lemmas)}"
        raise ValueError(f"no theorem or lemma {slug!r}; {hint}")
    lemma = lemmas[slug]
    row = verify_lemma(lemma)
    return {
        "lemma": slug,
        "group": lemma.group,
        "in words": lemma.words,
        "statement": lemma.latex,
        "hypotheses": list(lemma.hypotheses),
        "source": lemma.source,
        "verdict": row.verdict.status,
        "evidence": "" if row.verdict.evidence is None else row.verdict.evidence.name.lower(),
        "proved by": _provers(row),
        "proof": list(row.verdict.steps),
        "why": row.verdict.why,
        "claims": [_claim(core) for core in row.cores],
        "not a claim as a whole because": lemma.beyond,
        "mutants": [mutant.words for mutant in lemma.mutants],
    }


def _provers(row: Row) -> str:
    kernel = "the kernel, for all sizes" if row.verdict.status == "proved" else ""
    claims = f"the prover, {sum(c.proved for c in row.cores)} of {len(row.cores)} claims" if row.cores else ""
    return "; ".join(part for part in (kernel, claims) if part)


def _claim(row: CoreRow) -> str:
    """One line: what the claim is to the lemma, its text, and the prover's verdict."""
    where = f" where {', '.join(row.core.where)}" if row.core.where else ""
    verdict = f"{row.verdict.status}, {row.verdict.evidence}" if row.proved else row.verdict.status
    return f"{row.core.scope}, {row.core.words}: {row.core.text}{where} [{verdict}]"
