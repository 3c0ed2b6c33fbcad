"""The one place that writes and removes files: whole, or not at all, and through no link."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from orgdiag.files.opening import Anchored, Folder, folder_of

NOTE: Final = "orgdiag.unfinished.json"  # lies in a project while several files of it change
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL
# Links that belong to the system and lead to what this process has open already.
_STREAM: Final = r"/dev/(?:stdout|stderr|fd/[0-9]+)|/proc/self/fd/[0-9]+"


def write_whole(at: Anchored, text: str) -> None:
    r"""Put the text into the file, replacing it in one step.

    The text goes to a temporary file in the same folder, is forced to the disk and then takes the
    file's name, so a reader sees the old content or the new one and a failed run leaves the old
    one. Lines end with `\n` everywhere. What is no plain file (a device, a pipe) is written to and
    stays what it is; a link is refused.

    Raises:
        OSError: the folder is missing, full or not writable; the old file is whole.
    """
    name, data = at.name, text.encode("utf-8", "backslashreplace")
    if re.fullmatch(_STREAM, str(at.path)):
        _write(os.open(at.path, os.O_WRONLY | os.O_TRUNC), data)
        return
    with folder_of(at) as folder:
        old = _status(folder, name)
        if old is None or stat.S_ISREG(old.st_mode):
            _replace(folder, name, old, data)
        else:
            _write(folder.open(name, os.O_WRONLY), data)


def _replace(folder: Folder, name: str, old: os.stat_result | None, data: bytes) -> None:
    temporary = f".{name[:40]}.{os.urandom(8).hex()}.tmp"
    try:
        with os.fdopen(folder.open(temporary, _NEW), "wb") as file:
            if old is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), old.st_mode & 0o777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        folder.rename(temporary, name)
    except BaseException:
        with suppress(OSError):  # it was never made, or the disk takes nothing any more
            folder.remove(temporary)
        raise


def _write(handle: int, data: bytes) -> None:
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(handle, True)  # it was opened without waiting for a reader
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def append(at: Anchored, text: str) -> None:
    """Add the text to the end of a file that another program reads.

    Raises:
        OSError: the file cannot be written.
    """
    with folder_of(at) as folder:
        handle = folder.open(at.name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    _write(handle, text.encode("utf-8", "backslashreplace"))


def leave_newest(folder: Path, pattern: str, number: int) -> None:
    """Remove the files of a pattern but for the last ones that were written.

    Raises:
        OSError: one cannot be removed.
    """
    found = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
    for path in found[:-number]:
        path.unlink(missing_ok=True)


def _status(folder: Folder, name: str) -> os.stat_result | None:
    """What is to be replaced; None for nothing."""
    try:
        return folder.status(name)
    except FileNotFoundError:
        return None
