"""The program `attain`: registers the commands and turns errors into one line and an exit status."""

from __future__ import annotations

import sys

import typer

from .certify import certify
from .check import check
from .doctor import doctor
from .experiment import experiment
from .explain import explain
from .export import export
from .output import BAD_INPUT, MISSING, MissingDependency
from .partition import partition
from .prove import prove
from .size import size
from .table import table
from .verify import verify

app = typer.Typer(
    name="attain",
    help="How large must one softmax attention layer be, is the theorem true, and does the network do it?",
    epilog='Example: attain certify "sin(x) + cos(y)" --on "x=0..1" --on "y=0..1" --eps 0.01',
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"attain {version('attain')}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Sizes, proofs and certificates for universal approximation by softmax attention."""


for command, epilog in (
    (size, "Example: attain size max-affine --eps 0.1 --lipschitz 1 --norm l2 --dim 2 --domain 0..1"),
    (certify, 'Example: attain certify "max(x, y)" --on "x=0..1" --on "y=0..1" --eps 0.05'),
    (check, "Example: attain check certificate.json"),
    (verify, "Example: attain verify max-affine --mutants"),
    (prove, 'Example: attain prove "x*exp(-x) <= 1/e" --where "x >= 0"'),
    (partition, "Example: attain partition centres.csv --R 200 --eps 0.5 --lipschitz 1 --figure partition.svg"),
    (table, "Example: attain table max-affine --lipschitz 1 --eps 0.1,0.01 --dim 1,2,3 --format latex"),
    (export, "Example: attain export certificate.json --format onnx --output layer.onnx"),
    (experiment, "Example: attain experiment scaling --output results"),
    (explain, "Example: attain explain corner-lemma"),
    (doctor, "Example: attain doctor --json"),
):
    settings = {"ignore_unknown_options": True, "allow_extra_args": True} if command in (size, table) else None
    app.command(epilog=epilog, context_settings=settings)(command)


def main() -> None:
    """Run the command line; the exit status is 0 holds, 1 refuted, 2 bad input, 3 missing, 4 undecided."""
    try:
        status = app(standalone_mode=False)
    except typer.TyperException as error:
        status = _fail(" ".join(error.format_message().split()), BAD_INPUT)
    except MissingDependency as error:
        status = _fail(str(error), MISSING)
    except (ValueError, OSError) as error:
        status = _fail(str(error), BAD_INPUT)
        if (caret := getattr(error, "caret", "")) and sys.stderr.isatty():
            sys.stderr.write("".join(f"  {line}\n" for line in caret.splitlines()))
    except KeyboardInterrupt:
        status = _fail("interrupted", 130)
    sys.exit(status or 0)


def _fail(message: str, status: int) -> int:
    sys.stderr.write(f"error: {message}\n")
    return status


if __name__ == "__main__":
    main()
