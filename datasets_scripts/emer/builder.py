"""EMER: why a clip's emotion is what it is, v1 (100 clips) and v2 (332), Chinese and English."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import List, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.mer import (
    MerMedia,
    flags,
    in_ov_merd,
    join,
    parse_words,
    read_columns,
    require_rows,
    with_transcripts,
)
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import emotion_of, label_set

# Configuration -> file -> its columns' names here. Both `emotions` of v1 are one MER2023 label.
FILES = {
    "v1": {
        "gt-eng.csv": {"emotions": "emotion", "subtitles": "text_en", "reasons": "description_en"},
        "gt-chi.csv": {"emotions": "emotion_zh", "subtitles": "text", "reasons": "description"},
    },
    "v2": {
        "final-EMER-reason.csv": {"chinese": "description", "english": "description_en"},
    },
}
KEYS = {"v1": "names", "v2": "name"}
# Words taken from the descriptions of v2 by the authors, in their other releases.
WORDS = {
    "final-openset-chinese.csv": {"openset": "open_vocabulary"},
    "check-openset.csv": {"openset": "open_vocabulary_en"},
    "final-openset-english.csv": {"openset": "open_vocabulary_en"},
}
SIZES = {"v1": 100, "v2": 332}
N_BOTH = 39


class EmerBuilder(MerMedia, CorpusBuilder):
    """EMER rows; ``description`` is Chinese, ``description_en`` its English translation.

    Source: EMER paper (first and second version); released files.
    """

    CORPUS = "emer"
    CODE = (*CorpusBuilder.CODE, "mer2023")  # whose labels v1 repeats
    LAYOUTS = (
        Layout(
            "tables",
            "dataset-v2/final-EMER-reason.csv, dataset-v1/gt-chi.csv and gt-eng.csv, or some",
            lambda tree: any(tree.named(name) for files in FILES.values() for name in files),
        ),
    )

    def default_config(self, tree: Tree) -> str:
        """The first whose files are there."""
        configs = self.entry().configs
        there = (name for name in configs if any(map(tree.named, FILES[name])))
        return next(there, super().default_config(tree))

    def emotions(self) -> tuple[str, ...]:
        """MER2023's labels in v1, which repeats them; v2 has none."""
        return label_set("mer2023") if self.config.name == "v1" else super().emotions()

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        return {
            "description_en": Value("string"),
            "open_vocabulary_en": List(Value("string")),
            **flags("in_other_version"),
            **super().extra_features(),
        }

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join both languages by clip."""
        config = self.config.name
        found = _read(tree, config)
        rows = require_rows(found, tree, config, " or ".join(FILES[config]))
        if config == "v1":
            rows = self._one_emotion(rows)
            rows = set_column(rows, "in_other_version", in_ov_merd(rows["id"]))
        else:
            ids = rows["id"]
            words = [
                read_columns(tree, tree.named(name), own, ids=ids) for name, own in WORDS.items()
            ]
            rows = _keep(join([rows, *words]), rows["id"])
            for name in ("open_vocabulary", "open_vocabulary_en"):
                rows = parse_words(rows, name, self.problems)
            first = _read(tree, "v1")
            if first is not None:
                both = pc.is_in(rows["id"], value_set=first["id"].combine_chunks())
                rows = set_column(rows, "in_other_version", both)
        return with_transcripts(rows, [tree, *self.roots.values()])

    def _one_emotion(self, rows: pa.Table) -> pa.Table:
        """Join the label of both languages in one column; of two that differ the English stays."""
        if "emotion_zh" not in rows.column_names:
            return rows
        words = rows["emotion_zh"].combine_chunks().dictionary_encode()
        english = [self._label(word) for word in words.dictionary.to_pylist()]
        emotion = pa.array(english, pa.string()).take(words.indices)
        rows = rows.drop_columns("emotion_zh")
        if "emotion" in rows.column_names:
            differ = pc.fill_null(pc.not_equal(rows["emotion"], emotion), False)
            if pc.any(differ).as_py():
                first = rows["id"][pc.index(differ, True).as_py()].as_py()
                self.problems.append(
                    f"gt-chi.csv and gt-eng.csv disagree on `emotions` of "
                    f"{pc.sum(differ).as_py()} clips, first {first}; the English is used"
                )
            emotion = pc.coalesce(rows["emotion"], emotion)
        return set_column(rows, "emotion", emotion)

    def _label(self, word: str) -> str:
        """The label that a Chinese word names; any other word stays, to be refused by name."""
        emotion = emotion_of(word)
        names = emotion.words if emotion else ()
        return next((label for label in self.emotions() if label in names), word)

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the number of clips, and of those that stand in both versions."""
        results = [Check.compare("rows", SIZES[self.config.name], rows.num_rows)]
        both = pc.sum(rows["in_other_version"]).as_py()
        if both is not None:
            results.append(Check.compare("clips of both versions", N_BOTH, both))
        return results


def _read(tree: Tree, config: str) -> pa.Table | None:
    """Read the files of one version, joined by clip; None where there are none."""
    key = KEYS[config]
    files = FILES[config].items()
    return join(read_columns(tree, tree.named(name), columns, key) for name, columns in files)


def _keep(rows: pa.Table | None, ids: pa.ChunkedArray) -> pa.Table:
    """Leave out clips that only a file of words has."""
    assert rows is not None, "the version's own rows are among the parts"
    return rows.filter(pc.is_in(rows["id"], value_set=ids.combine_chunks()))
