"""What a run touches: an audit hook that writes down what orgdiag promises never to do."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any, Final

import orgdiag
from orgdiag.text.source import shipped

FORBIDDEN: Final = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn",
    "os.startfile", "pty.spawn", "urllib.", "http.client.", "ftplib.", "smtplib.", "ctypes.dlopen",
    "pickle.find_class", "marshal.loads", "shutil.rmtree", "webbrowser.",
)  # fmt: skip
# `compile` and `exec` run when a module is imported; what is compiled from a string is none.
GENERATED: Final = ("<string>", "<stdin>")


def allowed_roots() -> tuple[str, ...]:
    """The folders that a run may open files in."""
    places = [
        Path.cwd(), Path(orgdiag.__file__).parent, shipped("rules"), shipped("grammar"),
        Path(os.environ["XDG_CACHE_HOME"], "orgdiag"), Path(sys.prefix), Path(sys.base_prefix),
        *(Path(path) for path in sysconfig.get_paths().values()),
        *(Path(path) for path in sys.path if path),
    ]  # fmt: skip
    return tuple(os.path.realpath(place) for place in places)


def watch(found: list[str]) -> None:
    """Write every breach into `found` from now on."""
    roots = allowed_roots()

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], str | bytes):
            path = os.fsdecode(args[0])
            if ".." in path.split("/") or not _below(path, roots):
                found.append(f"open {path}")
        elif event.startswith(FORBIDDEN) and event != "marshal.loads":
            found.append(f"{event} {args!r:.200}")

    sys.addaudithook(hook)


def _below(path: str, roots: tuple[str, ...]) -> bool:
    # Below the working folder, or below a handle that was walked to.
    if not Path(path).is_absolute():
        return True
    real = os.path.realpath(path)
    return real == os.devnull or any(real == root or real.startswith(root + "/") for root in roots)
