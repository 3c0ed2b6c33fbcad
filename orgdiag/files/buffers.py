"""Files as they would be if every text that somebody is writing were saved."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from orgdiag.files.opening import Anchored, TooLarge
from orgdiag.files.reading import Entry, Files, shown_size


class Buffers(NamedTuple):
    """The files beneath, but for the texts that are not saved; see `reading.Files`.

    texts   each text by its whole path, without `..`
    """

    beneath: Files
    texts: Mapping[Path, str]

    def kind(self, path: Path) -> str:
        """What the path leads to; "" for nothing."""
        here = _plain(path)
        if here in self.texts:
            return "file"
        return self.beneath.kind(path) or ("folder" if any(self._below(here)) else "")

    def entries(self, at: Anchored) -> list[Entry]:
        """What stands in a folder, by name."""
        found = {name: Entry(name, kind) for name, kind in self._below(_plain(at.path))}
        try:
            beneath = self.beneath.entries(at)
        except FileNotFoundError:
            if not found:
                raise
            beneath = []
        # A folder of the disk stays what it is, a link for instance; a text stands for its file.
        texts = {name for name, entry in found.items() if entry.kind == "file"}
        kept = {entry.name: entry for entry in beneath if entry.name not in texts}
        return sorted({**found, **kept}.values())

    def read(self, at: Anchored, limit: int) -> bytes:
        """The bytes of a plain file."""
        text = self.texts.get(_plain(at.path))
        if text is None:
            return self.beneath.read(at, limit)
        data = text.encode("utf-8", "surrogatepass")  # half a character is refused as not UTF-8
        if len(data) > limit:
            raise TooLarge(0, f"it has more than {shown_size(limit)}", str(at.path))
        return data

    def _below(self, folder: Path) -> Iterator[tuple[str, str]]:
        """The name and kind of what the texts put into a folder."""
        for path in self.texts:
            if path.is_relative_to(folder):
                first, *rest = path.relative_to(folder).parts or ("",)
                yield first, "folder" if rest else "file"


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path))
