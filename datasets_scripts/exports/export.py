"""A corpus and its card in forms that other programs read: Parquet, WebDataset, chat messages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.exports.card_head import LICENCE_FILE, hub_licence
from affecthub.datasets_scripts.exports.cards import card
from affecthub.datasets_scripts.exports.chat import write_chat
from affecthub.datasets_scripts.exports.packing import SPAN_COLUMNS, Packer
from affecthub.datasets_scripts.exports.parquet import write_parquet
from affecthub.datasets_scripts.exports.questions import Asking, Wording
from affecthub.datasets_scripts.exports.webdataset import write_webdataset
from affecthub.datasets_scripts.exports.written import Written
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.errors import unknown_name
from affecthub.folders import finished_folder, require_empty

FORMATS = ("parquet", "webdataset", "chat-jsonl")


@dataclass(frozen=True)
class Export:
    """A finished export.

    Attributes:
        folder: Where it lies.
        written: What was written.
        free: Whether everybody may pass it on, by the terms of the corpus.
    """

    folder: Path
    written: Written
    free: bool

    def __fspath__(self) -> str:
        """The folder, where a path is expected."""
        return str(self.folder)


def export(
    builder: CorpusBuilder,
    out_dir: str | PathLike[str],
    protocols: Sequence[str],
    *,
    to: str = "parquet",
    embed_media: bool = True,
    file_mb: int = 500,
    answer: str | None = None,
    question: str | None = None,
    without: Sequence[str] = (),
    wording: Wording | None = None,
) -> Export:
    """Write a corpus in another form; see ``Corpus.export``."""
    if to not in FORMATS:
        raise unknown_name("`to`", to, FORMATS)
    if to != "chat-jsonl" and (answer or question or wording):
        raise ValueError(
            f"`answer`, `question`, `wording`: got one with to={to!r}, expected 'chat-jsonl'"
        )
    if wording is not None and (answer or question):
        raise ValueError(
            "`wording` says what is asked and answered: got it with `answer` or `question`, "
            "expected one of them."
        )
    if file_mb < 1:
        raise ValueError(f"`file_mb`: got {file_mb}, expected at least 1")
    entry = builder.entry()
    out = _empty_folder(out_dir, builder)
    rules = [builder.rule_of(protocol) for protocol in protocols]
    for rule in rules:
        _require_file_names(rule)
    rows = builder.rows()
    packer = Packer(builder, rows, embed_media, _columns(builder, without))
    wording = wording or Asking(builder, rows, answer, question)

    with finished_folder(out) as work:
        if to == "parquet":
            written = write_parquet(work, rows, rules, packer, file_mb * 2**20)
        elif to == "webdataset":
            written = write_webdataset(work, rows, rules[0], packer, file_mb * 2**20)
        else:
            written = write_chat(work, rows, rules[0], packer, wording)
        written.notes += packer.notes()
        written.notes += [f"Read as: {what}: {how}." for what, how in builder.read_as().items()]
        if hub_licence(entry).get("license_link") == LICENCE_FILE:
            (work / LICENCE_FILE).write_text(f"{entry.terms}.\n", encoding="utf-8")
        text = card(builder, packer, rules, written)
        (work / "README.md").write_text(text, encoding="utf-8")
    return Export(out, written, packer.free(entry))


def _columns(builder: CorpusBuilder, without: Sequence[str]) -> Sequence[str]:
    """The columns to leave out, which must be some that a copy can do without."""
    kept = {"id", "media_issue", *builder.MODALITIES, *SPAN_COLUMNS}
    can = [name for name in builder.info.features if name not in kept]
    for name in without:
        if name not in can:
            raise unknown_name("`without`", name, can)
    return without


def _require_file_names(rule: SplitRule) -> None:
    """Raise where a split file, which may be a user's, names a split as no file can be named."""
    for split in rule.splits:
        if not re.fullmatch(r"\w+", split):
            raise ValueError(
                f"protocol {rule.protocol}: got a split {split!r}, expected letters, digits and "
                "underscores alone. Rename it in the split file."
            )


def _empty_folder(out_dir: str | PathLike[str], builder: CorpusBuilder) -> Path:
    """The folder to write to: nothing in it, and not inside the corpus."""
    out = Path(out_dir).expanduser()
    require_empty(out, "out_dir")
    assert builder.tree is not None, "only workers have no tree"
    for tree in (builder.tree, *builder.roots.values()):
        if out.resolve().is_relative_to(tree.root):
            raise ValueError(
                f"`out_dir`: got {str(out)!r} inside the corpus, expected a folder elsewhere. What "
                "is written there would be read as a part of it."
            )
    return out
