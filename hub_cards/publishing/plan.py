"""What a push will send, how much of it and where, to read before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from affecthub.hub_cards.publishing.difference import Difference
from affecthub.hub_cards.publishing.folder import LARGE_FILE_BYTES, LocalFile
from affecthub.screen import Screen, Section

# Rows of the table of files.
MAX_SHOWN = 30


@dataclass(frozen=True, repr=False)
class Plan(Screen):
    """A push before it happens.

    Attributes:
        url: Page of the repository.
        repo_type: What kind it is.
        exists: Whether it is there.
        visibility: Who sees it afterwards.
        gated: Whether people ask before they see the files.
        licence: As the card says it.
        revision: The branch that changes; of a pull request, the one it is for.
        create_pr: Whether others look at it first.
        changes: Files to send and to delete.
        anything: Whether the push changes anything at all.
        resumed: Whether an earlier push of the same content was interrupted.
        notes: A sentence each.
    """

    url: str
    repo_type: str
    exists: bool
    visibility: str
    gated: str | bool
    licence: str
    revision: str
    create_pr: bool
    changes: Difference
    anything: bool = True
    resumed: bool = False
    notes: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Of the files to send."""
        return sum(file.n_bytes for file in self.changes.sent)

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        files = file_rows(self.changes)
        return {
            "url": self.url,
            "repo_type": self.repo_type,
            "exists": self.exists,
            "visibility": self.visibility,
            "gated": self.gated,
            "licence": self.licence,
            "revision": self.revision,
            "create_pr": self.create_pr,
            "resumed": self.resumed,
            "n_bytes": self.n_bytes,
            "files": files,
            "notes": list(self.notes),
        }

    def heading(self) -> str:
        """Where it goes."""
        return f"push to {self.url}"

    def sections(self) -> list[Section]:
        """Facts, files, notes."""
        changes = self.changes
        large = [file for file in changes.sent if file.large]
        facts = [
            ["repository", f"{self.repo_type}, {'there already' if self.exists else 'new'}"],
            ["seen by", self.visibility],
            ["gated", {"auto": "people agree to terms", "manual": "you let people in"}.get(
                str(self.gated), "no")],
            ["licence", self.licence or "none stated"],
            ["branch", f"a pull request for {self.revision}" if self.create_pr else self.revision],
            ["to send", f"{len(changes.sent):,} files, {size(self.n_bytes)}"],
            ["of them large", f"{len(large):,}, {size(sum(file.n_bytes for file in large))}"],
            ["as they are", f"{len(changes.same):,} files"],
            ["to delete", f"{len(changes.gone):,} files"],
        ]  # fmt: skip
        if self.resumed:
            facts.append(["goes on", "with a push of the same content that was interrupted"])
        shown = [
            [row["path"], "" if row["n_bytes"] is None else size(row["n_bytes"]), row["how"],
             row["state"]]
            for row in file_rows(changes)
            if row["state"] != "same"
        ]  # fmt: skip
        if len(shown) > MAX_SHOWN:
            left = len(shown) - MAX_SHOWN
            shown = [*shown[:MAX_SHOWN], [f"and {left:,} more", "", "", ""]]
        told = [[note] for note in (*self.notes, *_warnings(changes.sent))]
        sections = [Section("", ("", ""), facts)]
        if shown:
            sections.append(Section("", ("file", "size", "kept as", "state"), shown))
        return [*sections, *([Section("", ("note",), told)] if told else [])]


def file_rows(changes: Difference) -> list[dict[str, Any]]:
    """Every file with what happens to it, by path."""
    rows = [
        {
            "path": file.path,
            "n_bytes": file.n_bytes,
            "how": "large file" if file.large else "git",
            "state": state,
        }
        for state in ("new", "changed", "same")
        for file in getattr(changes, state)
    ]
    rows += [
        {"path": path, "n_bytes": None, "how": "", "state": "deleted"} for path in changes.gone
    ]
    return sorted(rows, key=lambda row: str(row["path"]))


def size(n_bytes: int) -> str:
    """Bytes as people read them, in powers of 1000 as the Hub counts."""
    amount, units = float(n_bytes), ["bytes", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:,.0f} bytes" if units[0] == "bytes" else f"{amount:,.1f} {units[0]}"


def _warnings(files: Sequence[LocalFile]) -> list[str]:
    return [
        f"{file.path} has {size(file.n_bytes)}; the Hub asks for files below "
        f"{size(LARGE_FILE_BYTES)}."
        for file in files
        if file.n_bytes > LARGE_FILE_BYTES
    ]
