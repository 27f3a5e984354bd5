"""RAVDESS from its unzipped sound and film files: their names say everything."""

import re
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import ClassLabel, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.ravdess import paper
from affecthub.datasets_scripts.ravdess.names import (
    CHANNELS,
    FULL,
    INTENSITIES,
    NAME,
    SILENT,
    rows_of_names,
)
from affecthub.datasets_scripts.reading.layout import (
    AUDIO_SUFFIXES,
    VIDEO_SUFFIXES,
    File,
    Layout,
    Tree,
)
from affecthub.datasets_scripts.reading.references import FILE_REF, join_issues, set_column
from affecthub.datasets_scripts.verifying.report import Check

NUMBERED = re.compile(r"\d\d(-\d\d){6}")


def _media(tree: Tree) -> list[File]:
    """Sound and film whose names are seven numbers."""
    suffixes = AUDIO_SUFFIXES | VIDEO_SUFFIXES
    return [f for f in tree.files if f.suffix in suffixes and NUMBERED.fullmatch(f.stem)]


def _has_media(tree: Tree) -> bool:
    return bool(_media(tree))


class RavdessBuilder(CorpusBuilder):
    """RAVDESS rows: one for each performance, whichever of its three files are there.

    Source: Livingstone and Russo (2018), The Ryerson Audio-Visual Database of Emotional Speech and
    Song; the page of the release for the numbers in a name.
    """

    CORPUS = "ravdess"
    SOUND_IN_VIDEO = True
    LAYOUTS = (
        Layout(
            "files",
            "Actor_01/03-01-05-01-02-01-01.wav and so on, in any folders: {Audio,Video}_Speech_* "
            "and {Audio,Video}_Song_*, unzipped, or some of them",
            _has_media,
        ),
    )

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        return {
            "channel": ClassLabel(names=list(CHANNELS)),
            "intensity": ClassLabel(names=list(INTENSITIES)),
            "repetition": Value("int32"),
            "actor_sex": Value("string"),
        }

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read the names of the files; those of the other channel are left out."""
        files = _media(tree)
        known = [file for file in files if re.fullmatch(NAME, file.stem)]
        if strange := sorted({f.path for f in files} - {f.path for f in known}):
            self.problems.append(
                f"{len(strange)} files have numbers that no clip has, first {strange[0]}; they "
                "are left out"
            )
        ids = sorted({_clip(file) for file in known}, key=lambda clip: (clip[-2:], clip))
        rows = rows_of_names(pa.array(ids, pa.string()))
        if self.config.name == "all":
            return rows
        rows = rows.filter(pc.equal(rows["channel"], self.config.name))
        if not rows.num_rows:
            other = next(name for name in CHANNELS if name != self.config.name)
            found = f"files of {other}" if known else f"{strange[0]} and the like"
            raise ValueError(
                f"{tree.root}: got {found} alone, expected files of {self.config.name} such as "
                f"03-{CHANNELS.index(self.config.name) + 1:02d}-05-01-02-01-01.wav. Unzip them "
                f"there, or load {other!r}."
            )
        return rows

    def media_key(self, file: File, root: str) -> str | None:
        """The performance of a file; a silent film counts where the one with sound is not there."""
        if not re.fullmatch(NAME, file.stem):
            return None
        clip = _clip(file)
        is_silent = file.stem.startswith(SILENT) and file.suffix in VIDEO_SUFFIXES
        return None if is_silent and clip in self._with_sound else clip

    @cached_property
    def _with_sound(self) -> frozenset[str]:
        """Performances of which there is a film with sound."""
        assert self.tree is not None, "media are looked for where the folder is listed"
        films = [f for f in _media(self.tree) if f.suffix in VIDEO_SUFFIXES]
        return frozenset(_clip(file) for file in films if file.stem.startswith(FULL))

    def read_clips(self, rows: pa.Table) -> pa.Table:
        """Take no sound from a silent film."""
        path = pc.struct_field(rows["audio"], "path")
        silent = pc.match_substring_regex(path, rf"(^|/){SILENT}-[^/]*\.(?i:mp4|mov|avi|mkv|flv)$")
        silent = pc.fill_null(silent, False)
        if not pc.any(silent).as_py():
            return rows
        issue = pc.if_else(silent, "audio file missing", pa.scalar(None, pa.string()))
        rows = set_column(rows, "media_issue", join_issues(issue, rows["media_issue"]))
        return set_column(
            rows, "audio", pc.if_else(silent, pa.scalar(None, FILE_REF), rows["audio"])
        )

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare with the release: clips, actors, labels, and for ``all`` the number of files."""
        assert self.tree is not None, "builders sent to workers have no tree"
        names = {file.stem for file in _media(self.tree) if re.fullmatch(NAME, file.stem)}
        return paper.checks(rows, self.config.name, len(names))


def _clip(file: File) -> str:
    """A performance's id: the name without the number of its modality."""
    return file.stem[3:]
