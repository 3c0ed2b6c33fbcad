"""The one place that opens files that a user or a configuration names: plain, not too large."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def plain_bytes(path: str | Path, limit: int) -> bytes:
    """The bytes of a plain file.

    A device that never ends, a pipe that nobody writes to and a file beyond the limit are refused,
    judged by the open handle, so that the file cannot be exchanged in between.

    Raises:
        OSError: it cannot be opened, is no plain file, or has more than `limit` bytes.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a plain file", str(path))
        size, data = status.st_size, b""
        while size <= limit and len(data) <= limit and (more := os.read(handle, size + 1)):
            data += more
    finally:
        os.close(handle)
    if max(size, len(data)) > limit:
        raise OSError(0, f"it has more than {limit >> 20} MiB", str(path))
    return data
