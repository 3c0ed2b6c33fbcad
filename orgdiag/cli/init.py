"""`orgdiag init`: a model to start from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from orgdiag import starter
from orgdiag.cli import console
from orgdiag.cli.options import Sectioned, put
from orgdiag.finding import OrgdiagError
from orgdiag.media.escaped import Verbatim


@click.command("init", cls=Sectioned)
@click.argument("folder", required=False, default=".", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Start a model in FOLDER (here): a commented example, a configuration, a pre-commit entry.

    What is there already is left as it is.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OrgdiagError.of(f"cannot make {folder}: {error.strerror}") from None
    for name, text in starter.files(date.today().isoformat()).items():  # noqa: DTZ011
        path = folder / name
        if path.exists() or path.is_symlink():
            console.out(f"kept   {path}")
        else:
            put(path, Verbatim(text))
            console.out(f"wrote  {path}")
    console.out(f"next: orgdiag check {folder}")
    return 0
