"""The one place that reads files which somebody names: plain, not too large, through no link."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from orgdiag.files.opening import Anchored, Folder, NotPlain, TooLarge, folder_of, opened


def plain_bytes(at: Anchored, limit: int) -> bytes:
    """The bytes of a plain file.

    A link, a device that never ends, a pipe that nobody writes to and a file beyond the limit are
    refused, judged by the open handle, so that the file cannot be exchanged in between.

    Raises:
        NotPlain: it is no plain file.
        TooLarge: it has more than `limit` bytes.
        OSError: it cannot be opened.
    """
    with folder_of(at) as folder:
        handle = folder.open(at.name, os.O_RDONLY)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotPlain(0, "it is not a plain file", str(at.path))
        size, data = status.st_size, b""
        while size <= limit and len(data) <= limit and (more := os.read(handle, size + 1)):
            data += more
    finally:
        os.close(handle)
    if max(size, len(data)) > limit:
        raise TooLarge(0, f"it has more than {shown_size(limit)}", str(at.path))
    return data


def shipped_bytes(path: str) -> bytes:
    """The bytes of a file that came with orgdiag: no stranger put it there.

    A run reads a hundred of them, so no path is made of the text and nothing is buffered.
    """
    with open(path, "rb", buffering=0) as file:
        return file.read()


def shown_size(limit: int) -> str:
    """A number of bytes as people say it."""
    return f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"


class Entry(NamedTuple):
    """What stands in a folder.

    name  its name
    kind  file, folder, submodule (a repository inside the repository) or other
    link  whether it only leads to something of that kind
    """

    name: str
    kind: str
    link: bool = False


class Files(Protocol):
    """Where texts are read: the disk as it is, or a folder as it once was."""

    def kind(self, path: Path) -> str:
        """What the path leads to, as in `Entry`; "" for nothing."""

    def entries(self, at: Anchored) -> list[Entry]:
        """What stands in a folder, by name.

        Raises:
            OSError: the folder is gone, closed to us, or lies behind a link.
        """

    def read(self, at: Anchored, limit: int) -> bytes:
        """The bytes of a plain file, as `plain_bytes` reads them."""


class Disk(NamedTuple):
    """The files of the disk.

    whole  whether a repository inside of the repository is a folder like any other
    """

    whole: bool = True

    def kind(self, path: Path) -> str:
        """What the path leads to; "" for nothing."""
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError):
            return ""
        return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"

    def entries(self, at: Anchored) -> list[Entry]:
        """What stands in a folder, by name."""
        with opened(at) as folder, folder.scan() as found:
            return sorted(self._entry(folder, entry) for entry in found)

    def _entry(self, folder: Folder, entry: os.DirEntry[str]) -> Entry:
        link = entry.is_symlink()
        try:
            kind = "folder" if entry.is_dir() else "file" if entry.is_file() else "other"
        except OSError:  # a link that leads to itself
            kind = "other"
        if kind == "folder" and not self.whole and folder.holds(f"{entry.name}/.git"):
            kind = "submodule"
        return Entry(entry.name, kind, link)

    def read(self, at: Anchored, limit: int) -> bytes:
        """The bytes of a plain file."""
        return plain_bytes(at, limit)


DISK: Final = Disk()
