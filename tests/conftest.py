"""The command line in the test's own process: the libraries are imported once, not once a command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Done:
    """What a command printed."""

    stdout: str
    stderr: str


@pytest.fixture
def attain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """attain(*arguments, status=0): runs the command, which must end with that exit status."""
    from attain.cli.main import main

    def run(*arguments: str, status: int = 0) -> Done:
        monkeypatch.setattr(sys, "argv", ["attain", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        done = Done(*capsys.readouterr())
        assert ended.value.code == status, done
        return done

    return run
