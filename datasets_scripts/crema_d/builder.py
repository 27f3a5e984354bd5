"""CREMA-D from a clone of its repository, or from its sound or film files alone."""

import re
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import ClassLabel, List, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.crema_d import paper
from affecthub.datasets_scripts.crema_d.names import LABELS, LEVELS, NAME, clip_names, rows_of_names
from affecthub.datasets_scripts.crema_d.votes import (
    MODES,
    only_winner,
    read_summary,
    read_tabulated,
)
from affecthub.datasets_scripts.reading.layout import File, Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.reading.tables import (
    read_csv,
    require_unique,
    text_or_null,
    to_numbers,
)
from affecthub.datasets_scripts.verifying.report import Check

CLIPS, PEOPLE = "SentenceFilenames.csv", "VideoDemographics.csv"
SUMMARY, TABULATED = "summaryTable.csv", "tabulatedVotes.csv"
MEDIA = rf"(^|/){NAME}\.(wav|mp3|flv|mp4)$"
# Where `emotion` of a configuration comes from.
SOURCES = {
    "intended": "emotion_intended",
    "perceived": "emotion_audiovisual",
    "perceived_audio": "emotion_audio",
    "perceived_video": "emotion_video",
}


def _has_tables(tree: Tree) -> bool:
    return any(tree.named(name) is not None for name in (CLIPS, SUMMARY, TABULATED))


def _has_media(tree: Tree) -> bool:
    return bool(tree.find(MEDIA))


class CremaDBuilder(CorpusBuilder):
    """CREMA-D rows, one for each clip.

    Source: Cao et al. (2014), CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset; the
    README of the release for the columns of its tables.
    """

    CORPUS = "crema_d"
    SOUND_IN_VIDEO = True
    LAYOUTS = (
        Layout(
            "release",
            "SentenceFilenames.csv, VideoDemographics.csv and processedResults/, with AudioWAV/, "
            "AudioMP3/ or VideoFlash/ beside them, or none of these",
            _has_tables,
        ),
        Layout("media", "1001_DFA_ANG_XX.wav and so on alone: intended labels only", _has_media),
    )

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        label, n = ClassLabel(names=list(LABELS)), len(LABELS)
        strengths = [level for level in LEVELS.values() if level]
        features: dict[str, Any] = {
            "sentence": Value("string"),
            "emotion_intended": label,
            "intensity": ClassLabel(names=strengths),
        }
        for mode in MODES:
            features |= {
                f"emotion_{mode}": label,
                f"voted_{mode}": List(Value("string")),
                f"level_{mode}": List(Value("float32")),
                f"votes_{mode}": List(Value("int32"), length=n),
                f"shares_{mode}": List(Value("float32"), length=n),
            }
        people = {name: Value("string") for name in ("actor_sex", "actor_race", "actor_ethnicity")}
        return {**features, "actor_age": Value("int32"), **people}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join the tables by clip; without any, clips are the files that have a clip's name."""
        parts: dict[str, pa.Table] = {}
        if (file := tree.named(CLIPS)) is not None:
            names = clip_names(
                read_csv(tree, file, ["Filename"])["Filename"], tree.root / file.path
            )
            require_unique(names, tree.root / file.path)
            parts[CLIPS] = pa.table({"id": names})
        if (file := tree.named(SUMMARY)) is not None:
            parts[SUMMARY] = read_summary(tree, file)
        if (file := tree.named(TABULATED)) is not None:
            parts[TABULATED], problems = read_tabulated(tree, file)
            self.problems += problems
        if not parts:
            stems = sorted({_canonical(file.stem) for file in tree.find(MEDIA)})
            parts["media"] = pa.table({"id": pa.array(stems, pa.string())})
        rows = rows_of_names(self._union(parts))
        for name in (SUMMARY, TABULATED):
            if name in parts:
                rows = self._join(rows, parts[name], name)
        for mode in MODES:
            if f"voted_{mode}" in rows.column_names:
                winner = only_winner(rows[f"voted_{mode}"])
                rows = rows.append_column(f"emotion_{mode}", winner)
        source = SOURCES[self.config.name]
        if source not in rows.column_names:
            raise ValueError(
                f"{tree.root}: got no votes, expected {SUMMARY} or {TABULATED} for configuration "
                f"{self.config.name!r}. Put processedResults/ of the release there, or load "
                "'intended'."
            )
        return self._with_people(tree, rows).append_column("emotion", rows[source])

    def _union(self, parts: dict[str, pa.Table]) -> pa.Array:
        """Every clip once, those of the first table first; tables that lack clips are reported."""
        ids = pa.concat_arrays([part["id"].combine_chunks() for part in parts.values()]).unique()
        for name, part in parts.items():
            if part.num_rows != len(ids):
                lacking = pc.is_null(pc.index_in(ids, value_set=part["id"].combine_chunks()))
                first = ids[pc.index(lacking, True).as_py()].as_py()
                self.problems.append(
                    f"{name} lacks {len(ids) - part.num_rows} of {len(ids)} clips, first {first}"
                )
        return ids

    def _join(self, rows: pa.Table, part: pa.Table, source: str) -> pa.Table:
        """Add a table's columns; where an earlier table knows a value too, that one stays."""
        where = pc.index_in(rows["id"], value_set=part["id"].combine_chunks())
        for name in part.column_names[1:]:
            column = part[name].take(where)
            if name not in rows.column_names:
                rows = rows.append_column(name, column)
                continue
            if name.startswith("voted"):
                self._compare(rows, name, column, source)
            known = pc.is_valid(rows[name]).to_pylist()
            both = zip(known, rows[name].to_pylist(), column.to_pylist(), strict=True)
            merged = [ours if has else theirs for has, ours, theirs in both]
            rows = set_column(rows, name, pa.array(merged, column.type))
        return rows

    def _compare(self, rows: pa.Table, name: str, column: pa.ChunkedArray, source: str) -> None:
        """Report clips of which two tables say that other emotions had most votes."""
        pairs = zip(rows[name].to_pylist(), column.to_pylist(), strict=True)
        differ = [i for i, (a, b) in enumerate(pairs) if a and b and set(a) != set(b)]
        if differ:
            self.problems.append(
                f"{source} contradicts {SUMMARY} on `{name}` of {len(differ)} clips, first "
                f"{rows['id'][differ[0]].as_py()}; {SUMMARY} is used"
            )

    def _with_people(self, tree: Tree, rows: pa.Table) -> pa.Table:
        """Add what is known of the actors."""
        file = tree.named(PEOPLE)
        if file is None:
            return rows
        where = tree.root / file.path
        table = read_csv(tree, file, ["ActorID", "Age", "Sex", "Race", "Ethnicity"])
        actors = pc.utf8_trim_whitespace(table["ActorID"]).combine_chunks()
        require_unique(actors, where)
        age = pc.round(to_numbers(table["Age"], where, "Age"))
        sane = pc.fill_null(pc.and_(pc.greater(age, 0), pc.less(age, 150)), True)
        if not pc.all(sane).as_py():
            row = pc.index(sane, False).as_py()
            raise ValueError(
                f"{where}, line {row + 2}: got {table['Age'][row].as_py()[:40]!r} as `Age`, "
                "expected years. Correct the file."
            )
        at = pc.index_in(rows["speaker_id"], value_set=actors)
        if at.null_count:
            first = rows["speaker_id"][pc.index(pc.is_null(at), True).as_py()].as_py()
            self.problems.append(
                f"{file.path}: the actors of {at.null_count} clips are not in it, first {first}"
            )
        added = {
            "actor_age": age.cast(pa.int32()),
            "actor_sex": pc.utf8_lower(text_or_null(table["Sex"])),
            "actor_race": text_or_null(table["Race"]),
            "actor_ethnicity": text_or_null(table["Ethnicity"]),
        }
        for name, column in added.items():
            rows = rows.append_column(name, column.take(at))
        return rows

    def media_key(self, file: File, root: str) -> str | None:
        """The clip of a file. Of a clip's sound files the wav counts, made for computation."""
        if not re.fullmatch(NAME, file.stem):
            return None
        clip = _canonical(file.stem)
        if file.suffix == ".mp3" and clip in self._waves:
            return None
        return None if file.suffix == ".wav" and clip not in self._waves else clip

    @cached_property
    def _waves(self) -> frozenset[str]:
        """Clips whose wav is used: all but those of which only the mp3 is no Git LFS pointer."""
        assert self.tree is not None, "media are looked for where the folder is listed"
        sound = [file for file in self.tree.files if file.suffix in (".wav", ".mp3")]
        mp3s = {_canonical(f.stem): f.path for f in sound if f.suffix == ".mp3"}
        waves = {_canonical(f.stem): f.path for f in sound if f.suffix == ".wav"}
        lost = self.tree.pointers
        return frozenset(
            clip for clip, path in waves.items() if path not in lost or mp3s.get(clip, path) in lost
        )

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare with the paper and the counts of the released tables."""
        return paper.checks(rows)

    def facts(self, rows: pa.Table) -> dict[str, Any]:
        """How often the raters' label is the intended one, in percent of the clips."""
        return {"agreement": paper.agreement(rows)}


def _canonical(stem: str) -> str:
    """A clip's name as the tables have it; the files of one clip end in a single X."""
    return stem + "X" if stem.endswith("_X") else stem
