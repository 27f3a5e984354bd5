"""What is on this disk: a listing of a data folder and its tars, and names for known trees."""

import os
import re
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from affecthub.entries import entries
from affecthub.media.sources import pointer_note

AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus", ".aac"})
VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mkv", ".mov", ".webm", ".flv"})
MEDIA_SUFFIXES = AUDIO_SUFFIXES | VIDEO_SUFFIXES | {".npy"}
# A stub that stands for a file which was not fetched is no larger.
STUB_BYTES = 1024
# A listing holds only these, so that a cache or an export beside the data changes nothing.
SUFFIXES = (
    AUDIO_SUFFIXES
    | VIDEO_SUFFIXES
    | {".csv", ".tsv", ".json", ".jsonl", ".npz", ".npy", ".txt", ".xlsx", ".tar"}
    | {".annotprocessed"}  # CMU-MOSI's transcripts
    | {".csd"}  # CMU's label sequences
)
# Of programs only this one is listed: it is data, the folds of CMU-MOSEI.
FOLDS = "_std_folds.py"
# Noted and never opened: the user unpacks them.
PACKED_SUFFIXES = frozenset({".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz"})

# Matches a path that is absolute or climbs out by ``..``, in the notation of any system.
LEAVES = r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:"


class File(NamedTuple):
    """One file of a corpus: on the disk, or a member of a tar (then ``archive`` is set)."""

    path: str  # POSIX, relative to the data folder; members as "Audio.tar/wav/clip.wav"
    size: int
    archive: str | None = None
    offset: int = 0

    @property
    def stem(self) -> str:
        """File name without directories and suffix."""
        return self.path.rpartition("/")[2].rpartition(".")[0]

    @property
    def suffix(self) -> str:
        """Lower-case suffix with its dot."""
        return os.path.splitext(self.path)[1].lower()


class Layout(NamedTuple):
    """One form in which a corpus is found on people's disks."""

    name: str
    description: str
    matches: Callable[["Tree"], bool]


@dataclass
class Tree:
    """Every annotation and media file under a data folder, sorted by path.

    Links are followed wherever they lead, because whoever keeps the folder put them there: a
    download of the Hub has each file as a link to ``../../blobs``, and clips often lie on another
    disk. What is never followed is a path that leaves the folder and stands in an annotation file
    or a tar (``require_inside``, ``open_archives``).

    Attributes:
        root: The folder, absolute.
        files: What is there. Hidden files and folders are left out.
        stamps: ``(path, size, modification time in ns)`` of the files on the disk: what a cache
            key is made of.
        truncated: Tars that end before their last member does; the whole members are listed.
        dangling: Links that lead to nothing.
        above: Links to a folder that holds them, which would never end. They are not followed.
        packed: Zips and the like.
        remarks: What is wrong with the files, noted by those who read them.
        read_as: What was unusual about a file that could be read all the same.
    """

    root: Path
    files: list[File] = field(default_factory=list)
    stamps: list[tuple[str, int, int]] = field(default_factory=list)
    truncated: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    packed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    read_as: dict[str, str] = field(default_factory=dict)

    @classmethod
    def scan(cls, root: str | os.PathLike[str]) -> "Tree":
        """List a folder; tars are listed as files, their members by ``open_archives``.

        Of a folder behind a second link, or behind one to a folder that is listed anyway, only the
        media are listed again, under the link's name.

        Raises:
            FileNotFoundError: The folder does not exist, or is a file.
        """
        folder = Path(root).expanduser()
        if not folder.is_dir():
            what = "a file" if folder.exists() else "nothing there"
            raise FileNotFoundError(f"data_dir: got {str(folder)!r} ({what}), expected a folder")
        tree = cls(folder.resolve())
        tree._list()
        tree.stamps.sort()
        tree.files = [File(path, size) for path, size, _ in tree.stamps]
        return tree

    def open_archives(self) -> None:
        """Add the members of every plain ``.tar`` to the files; nothing is extracted.

        Raises:
            ValueError: A tar is compressed or broken, or holds a link or a path out of itself.
        """
        tars = [file for file in self.files if file.suffix == ".tar"]
        self.files = [file for file in self.files if file.suffix != ".tar"]
        for tar in tars:
            self.files += self._members(tar)

    def _list(self) -> None:
        """List the root, then the folders behind its links, then those behind theirs."""
        # A folder to list: its path here, the folder itself, and those through which it is reached.
        folders: list[tuple[str, str, tuple[str, ...]]] = [("", str(self.root), ())]
        listed: list[str] = []
        while folders:
            prefix, folder, through = folders.pop(0)
            again = any(_shown_in(folder, other) for other in listed)
            listed.append(folder)
            links: list[str] = []
            self._walk(folder, prefix, links, again=again)
            for path in [] if again else sorted(links):
                target = os.path.realpath(f"{folder}/{path.removeprefix(prefix)}")
                holders = (*through, folder)
                if any(f"{holder}/".startswith(f"{target.rstrip('/')}/") for holder in holders):
                    self.above.append(path)
                else:
                    folders.append((f"{path}/", target, holders))
        self.dangling.sort()
        self.above.sort()

    def _walk(self, folder: str, prefix: str, links: list[str], *, again: bool) -> None:
        """List what lies below a folder; links to folders are only collected.

        Of one that is listed ``again`` only the media are taken: two paths of one label file would
        be two label files, while the name of a folder may tell what the media in it are.
        """
        for entry in os.scandir(folder):
            if entry.name.startswith("."):
                continue
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                self._walk(entry.path, path + "/", links, again=again)
            elif entry.is_symlink() and not os.path.exists(entry.path):
                self.dangling += [] if again else [path]
            elif entry.is_dir():
                links.append(path)
            elif entry.is_file():
                suffix = os.path.splitext(entry.name)[1].lower()
                is_folds = not again and entry.name.endswith(FOLDS)
                if is_folds or suffix in (MEDIA_SUFFIXES if again else SUFFIXES):
                    stat = entry.stat()
                    self.stamps.append((path, stat.st_size, stat.st_mtime_ns))
                elif suffix in PACKED_SUFFIXES:
                    self.packed.append(path)

    def troubles(self) -> list[str]:
        """What is wrong with the listing itself, a line for each kind however many files it has."""
        lines = [f"{path}: the tar is cut short" for path in self.truncated]
        lines += [f"{path}: a link to a folder that holds it; not followed" for path in self.above]
        lines += [_gone(self.dangling)] if self.dangling else []
        if pointers := sorted(self.pointers):
            note = pointer_note(self._head(pointers[0]))
            more = f" and {len(pointers) - 1} more" if len(pointers) > 1 else ""
            lines.append(f"{pointers[0]}{more}: {note}")
        if self.packed and not self.has_media():
            lines.append(f"{min(self.packed)}: packed, and no media beside it; unpack it")
        return lines

    @cached_property
    def pointers(self) -> frozenset[str]:
        """Paths of media whose content was not fetched: stubs of Git LFS or git-annex."""
        small = [f for f in self.files if f.suffix in MEDIA_SUFFIXES and 12 <= f.size <= STUB_BYTES]
        return frozenset(
            f.path for f in small if not f.archive and pointer_note(self._head(f.path)) is not None
        )

    def _head(self, path: str) -> bytes:
        with open(self.root / path, "rb", buffering=0) as stream:
            return stream.read(12)

    def _members(self, tar: File) -> Iterable[File]:
        """List a tar by its headers alone: 40,000 members take about a second."""
        if tar.size <= STUB_BYTES and (note := pointer_note(self._head(tar.path))) is not None:
            raise ValueError(f"{self.root / tar.path}: got {note}, expected the tar itself.")
        members = []
        try:
            with tarfile.open(self.root / tar.path, mode="r:") as archive:
                for member in archive:
                    where = f"{tar.path}: member {member.name!r}"
                    if member.issym() or member.islnk() or re.search(LEAVES, member.name):
                        raise ValueError(
                            f"{where} is unsafe: got a link or a path out of the archive, expected "
                            "plain files. Get the archive again from its source."
                        )
                    name = str(PurePosixPath(member.name))
                    if not member.isreg() or name.rpartition("/")[2].startswith("."):
                        continue
                    if member.offset_data + member.size > tar.size:
                        raise tarfile.ReadError("the last member is cut")
                    if os.path.splitext(name)[1].lower() in SUFFIXES:
                        full = f"{tar.path}/{name}"
                        members.append(File(full, member.size, tar.path, member.offset_data))
        except tarfile.ReadError as error:
            if not members:
                raise ValueError(
                    f"{tar.path}: got a file that is not a plain tar ({error}), expected an "
                    "uncompressed tar. If it is compressed, unpack it first."
                ) from error
            self.truncated.append(tar.path)
        return members

    def find(self, pattern: str) -> list[File]:
        """The files whose path matches a regular expression anywhere, ignoring case."""
        regex = re.compile(pattern, re.IGNORECASE)
        return [file for file in self.files if regex.search(file.path)]

    def named(self, name: str) -> File | None:
        """The file of this name (any case) that lies nearest to the root, or None."""
        found = [f for f in self.files if f.path.rpartition("/")[2].lower() == name.lower()]
        return min(found, key=lambda file: (file.path.count("/"), file.path), default=None)

    def has_media(self) -> bool:
        """Say whether any sound or film is listed."""
        return any(file.suffix in AUDIO_SUFFIXES | VIDEO_SUFFIXES for file in self.files)

    def read(self, file: File) -> bytes:
        """Read one file, from the disk or out of its tar.

        Raises:
            ValueError: Its content was not fetched, or the tar ends before.
        """
        data = read_span(self.locate(file), file.offset, file.size)
        if (note := pointer_note(data)) is not None:
            raise ValueError(f"{self.root / file.path}: got {note}, expected the file itself.")
        return data

    def locate(self, file: File) -> str:
        """The absolute path of a file, or of the tar that holds it."""
        return str(self.root / (file.archive or file.path))


def read_span(path: str, offset: int, size: int) -> bytes:
    """Read ``size`` bytes of a file from ``offset``.

    Raises:
        ValueError: The file ends before.
    """
    with open(path, "rb") as stream:
        stream.seek(offset)
        data = stream.read(size)
    if len(data) != size:
        raise ValueError(f"{path}: got {len(data)} bytes at {offset}, expected {size}")
    return data


def recognise(tree: Tree, layouts: Iterable[Layout], corpus: str) -> Layout:
    """The first layout that a tree has.

    Raises:
        ValueError: It has none: says what was found, what is accepted, and which corpus the folder
            looks like where that can be told.
    """
    layouts = list(layouts)
    for layout in layouts:
        if layout.matches(tree):
            return layout
    shown = [file.path for file in tree.files[:5]]
    found = ", ".join(shown) + (", ..." if len(tree.files) > 5 else "") or "no data files"
    accepted = "; ".join(f"{layout.name}: {layout.description}" for layout in layouts)
    likely = [name for name in looks_like(tree) if name != corpus]
    hint = f" This looks like {' or '.join(likely)}." if likely else ""
    if tree.dangling:
        hint += f" {_gone(tree.dangling)}."
    if tree.above:
        hint += f" A link to a folder that holds it is not followed ({tree.above[0]})."
    if tree.packed:
        hint += f" Packed files are not looked into ({min(tree.packed)}): unpack them first."
    raise ValueError(
        f"{tree.root} is no {corpus} folder: found {len(tree.files)} files ({found}), "
        f"expected one of the layouts {accepted}.{hint}"
    )


def looks_like(tree: Tree) -> list[str]:
    """Name the known corpora whose files are in a tree, most files first."""
    known = {name: entry.files for name, entry in entries().items() if entry.files}
    counts = {name: len(tree.find(pattern)) for name, pattern in known.items()}
    return sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])


def leaving(paths: list[str | None]) -> int | None:
    """The index of the first path that is absolute or climbs out by ``..``, or None."""
    regex = re.compile(LEAVES)
    return next((i for i, path in enumerate(paths) if path and regex.search(path)), None)


def _shown_in(folder: str, other: str) -> bool:
    """Whether listing the other folder lists this one too: below it, and not hidden in it."""
    if folder == other:
        return True
    below = folder.removeprefix(f"{other.rstrip('/')}/")
    return below != folder and not any(part.startswith(".") for part in below.split("/"))


def _gone(links: list[str]) -> str:
    if len(links) == 1:
        return f"{links[0]}: a link to nothing; the file behind it is gone"
    return f"{links[0]} and {len(links) - 1} more: links to nothing; the files behind are gone"
