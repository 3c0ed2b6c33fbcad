"""An earlier state of a model, out of the git repository that holds it.

The only place that runs a program, and the program is git.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from orgdiag.finding import OrgdiagError

_SECONDS = 120


@contextmanager
def checked_out(revision: str, root: Path) -> Iterator[Path]:
    """A temporary folder that stands for `root` and holds the models as they were at a revision.

    Raises:
        OrgdiagError: there is no git, no repository, or no such revision.
    """
    top = Path(_git(root, "rev-parse", "--show-toplevel").decode().strip())
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    archive = _git(
        top, "archive", "--format=tar", commit.decode().strip(), "--", ":(top,glob)**/*.orgd"
    )
    with TemporaryDirectory(prefix="orgdiag-") as name:
        folder = Path(name)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        inside = root.resolve().relative_to(top.resolve())
        (folder / inside).mkdir(parents=True, exist_ok=True)
        yield folder / inside


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
    except FileNotFoundError:
        raise OrgdiagError.of("--rev needs git, which is not installed") from None
    except subprocess.TimeoutExpired:
        raise OrgdiagError.of("git takes too long") from None
    if done.returncode == 0:
        return done.stdout
    if arguments[0] == "rev-parse" and "--verify" in arguments:
        raise OrgdiagError.of(f"git knows no revision `{arguments[-1].removesuffix('^{commit}')}`")
    if b"not a git repository" in done.stderr:
        raise OrgdiagError.of(f"{folder} lies in no git repository")
    if b"did not match any files" in done.stderr:
        raise OrgdiagError.of("that revision holds no model")
    reason = done.stderr.decode(errors="replace").strip().partition("\n")[0]
    raise OrgdiagError.of(f"git fails: {reason}")
