"""The one place that writes and removes files: whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    r"""Put the text into the file, replacing it in one step.

    The text goes to a temporary file in the same folder, is forced to the disk and then takes the
    file's name, so a reader sees the old content or the new one and a failed run leaves the old
    one. Lines end with `\n` everywhere. A link is followed: the file it points to is replaced. What
    is no plain file (a device, a pipe) is written to and stays what it is.

    Raises:
        OSError: the folder is missing, full or not writable; the old file is whole.
    """
    import tempfile  # most runs write nothing

    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8", newline="\n") as device:
            device.write(text)
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def append(path: Path, text: str) -> None:
    """Add the text to the end of a file that another program reads.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)


def leave_newest(folder: Path, pattern: str, number: int) -> None:
    """Remove the files of a pattern but for the last ones that were written.

    Raises:
        OSError: one cannot be removed.
    """
    found = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
    for path in found[:-number]:
        path.unlink(missing_ok=True)


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced; those of any new file when there is none."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
