"""The one way to a file: from a folder that nothing leads out of, part by part, through no link.

A path that is first checked and then opened can be exchanged in between. So each folder on the way
is opened by its name in the handle of the one before it, and the file in the handle of the last.
A system without handles of folders (Windows) looks at every part before and after it opens.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

# Windows turns line ends around without O_BINARY; only Unix knows the others.
_PLAIN: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
_FOLDER: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_JUNCTION: Final = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT, which only Windows names


class Anchored(NamedTuple):
    """A file or folder that is walked to: the folder to start in, and the path from there."""

    root: Path
    inside: Path

    @property
    def path(self) -> Path:
        """The whole path."""
        return self.root / self.inside

    @property
    def name(self) -> str:
        """How it is called in its folder."""
        return self.inside.name or "."


class NotPlain(OSError):
    """A folder, a pipe, a socket or a device stands where a file is wanted."""


class TooLarge(OSError):
    """A file has more bytes than may be read."""


def below(path: Path, root: Path) -> Path | None:
    """The path from the root, without `.` and `..`; None when it leaves the root."""
    whole = os.path.normpath(root / path)
    try:
        return Path(whole).relative_to(os.path.normpath(root))
    except ValueError:
        return None


def anchored(path: Path, root: Path) -> Anchored:
    """A path, walked from the outermost folder that nobody else may lead out of.

    That is the working folder, else the root, else, for what lies in neither and so was named on
    purpose, its own folder.
    """
    for start in (Path.cwd(), root):
        inside = below(root / path, start)
        if inside is not None:
            return Anchored(start, inside)
    whole = Path(os.path.normpath(root / path))
    return Anchored(whole.parent, Path(whole.name))


def is_private(folder: Path) -> bool:
    """Whether nobody but the user can reach into a folder, and none else exchange the way to it.

    The path holds no link. A system without owners (Windows) keeps the folder of a user private.

    Raises:
        OSError: a part of the way cannot be looked at.
    """
    if not hasattr(os, "geteuid"):
        return True
    if stat.S_IMODE(os.lstat(folder).st_mode) & 0o077:
        return False
    return all(_kept_by_us(os.lstat(place)) for place in (folder, *folder.parents))


def _kept_by_us(status: os.stat_result) -> bool:
    """Whether only the user and the system exchange what stands in the folder."""
    shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX
    return not shared and status.st_uid in (0, os.geteuid())


class Folder(NamedTuple):
    """A folder that was walked to, and what is done in it.

    way     the folders that lead here, from the root on
    handle  its own; None where the system has none
    """

    way: tuple[Path, ...]
    handle: int | None

    def open(self, name: str, flags: int) -> int:
        """A handle of the file of that name, which is no link; a pipe is not waited for."""
        flags |= _PLAIN | _BINARY
        if self.handle is None:
            return self._open_unexchanged(name, flags)
        try:
            return os.open(name, flags, 0o666, dir_fd=self.handle)
        except OSError:
            with suppress(FileNotFoundError):  # then there is another reason
                _refuse_link(self.status(name), "it", self.way[-1] / name)
            raise

    def _open_unexchanged(self, name: str, flags: int) -> int:
        """As `open`, where the file and the way to it can only be looked at."""
        before = None if flags & os.O_EXCL else self.status(name)
        if before is not None:
            _refuse_link(before, "it", self.way[-1] / name)
        handle = os.open(self._path(name), flags, 0o666)
        try:
            _refuse_links(self.way)
            after = self.status(name)
            same = os.path.samestat(after, os.fstat(handle))
            if not same or (before is not None and not os.path.samestat(before, after)):
                raise OSError(0, "it was exchanged while it was opened", name)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def scan(self) -> os._ScandirIterator[str]:
        """What stands in it, to be closed."""
        return os.scandir(self.way[-1] if self.handle is None else self.handle)

    def holds(self, path: str) -> bool:
        """Whether anything has that path."""
        try:
            self.status(path)
        except OSError:
            return False
        return True

    def status(self, name: str) -> os.stat_result:
        """What the entry of that name is, a link as such."""
        return os.stat(self._path(name), dir_fd=self.handle, follow_symlinks=False)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, whatever had it."""
        os.replace(self._path(old), self._path(new), src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def remove(self, name: str) -> None:
        """Remove a file."""
        os.unlink(self._path(name), dir_fd=self.handle)

    def _path(self, name: str) -> str:
        return name if self.handle is not None else os.path.join(self.way[-1], name)  # noqa: PTH118


def folder_of(at: Anchored) -> AbstractContextManager[Folder]:
    """The folder in which the file stands; raises as `opened` does."""
    return opened(Anchored(at.root, at.inside.parent))


@contextmanager
def opened(at: Anchored) -> Iterator[Folder]:
    """The folder, while something is done in it.

    Raises:
        OSError: a part of the way is missing, is a link, or is no folder.
    """
    parts = at.inside.parts
    way = tuple(at.root.joinpath(*parts[:number]) for number in range(len(parts) + 1))
    try:
        if os.open in os.supports_dir_fd:
            with _handle(at.root, parts) as handle:
                yield Folder(way, handle)
        else:
            _refuse_links(way)
            yield Folder(way, None)
    except ValueError as error:  # a name that no system takes: a NUL, half a character
        raise OSError(0, "no file can have that name", str(at.path)) from error


@contextmanager
def _handle(root: Path, folders: Sequence[str]) -> Iterator[int]:
    """A handle of the last of the folders, each of which lies in the one before it."""
    handle = os.open(root, _FOLDER)
    try:
        for name in folders:
            handle, before = _step(handle, name), handle
            os.close(before)
        yield handle
    finally:
        os.close(handle)


def _step(folder: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER | _PLAIN, dir_fd=folder)
    except OSError:
        _refuse_link(os.stat(name, dir_fd=folder, follow_symlinks=False), f"`{name}`", Path(name))
        raise


def _refuse_links(way: Sequence[Path]) -> None:
    """Nothing, where no folder after the first is a link."""
    for folder in way[1:]:
        _refuse_link(os.lstat(folder), f"`{folder.name}`", folder)


def _refuse_link(status: os.stat_result, what: str, path: Path) -> None:
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION:
        raise OSError(0, f"{what} is a link, and links are not followed", str(path))
