"""The demo corpus as rows: a jsonl, and a wav and an mp4 per clip, as ``generate_demo`` writes."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
from datasets import ClassLabel

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.demo.cues import INTENSITIES
from affecthub.datasets_scripts.demo.generate import ANNOTATIONS, MANIFEST
from affecthub.datasets_scripts.reading.layout import Layout, Tree, leaving
from affecthub.datasets_scripts.verifying.report import Check

_TEXTS = ("id", "speaker_id", "text", "emotion", "intensity", "description", "audio", "video")
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        ("open_vocabulary", pa.list_(pa.string())),
        ("duration_s", pa.float64()),
    ]
)


def _is_generated(tree: Tree) -> bool:
    return tree.named(ANNOTATIONS) is not None and _manifest(tree).get("corpus") == "demo"


def _manifest(tree: Tree) -> dict[str, Any]:
    """What the generator wrote down about the folder; empty where there is none."""
    file = tree.named(MANIFEST)
    try:
        content = json.loads(tree.read(file)) if file else {}
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


class DemoBuilder(CorpusBuilder):
    """Rows of the demo corpus. Its own column is ``intensity``, mild or strong."""

    CORPUS = "demo"
    LAYOUTS = (
        Layout("generated", f"{ANNOTATIONS} and the {MANIFEST} of generate_demo", _is_generated),
    )

    def extra_features(self) -> dict[str, Any]:
        """``intensity``."""
        return {"intensity": ClassLabel(names=list(INTENSITIES))}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read ``annotations.jsonl``. Its media paths are checked, then found again by clip id.

        Raises:
            ValueError: The file is no jsonl, lacks a column, or a path leaves the folder.
        """
        file = tree.named(ANNOTATIONS)
        assert file is not None, "the layout has it"
        where = tree.root / file.path
        data = tree.read(file)
        try:
            data.decode()  # Arrow takes any bytes for text
            table = pyarrow.json.read_json(
                pa.BufferReader(data),
                pyarrow.json.ReadOptions(block_size=len(data) + 1),
                pyarrow.json.ParseOptions(explicit_schema=_SCHEMA),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise ValueError(
                f"{where}: got no readable jsonl ({error}), expected one object per line. "
                "Generate the corpus again."
            ) from error
        missing = [n for n in _SCHEMA.names if table[n].null_count == table.num_rows]
        if missing:
            raise ValueError(
                f"{where}: missing column {', '.join(missing)}: got rows without, expected "
                f"{_SCHEMA.names}. Generate the corpus again."
            )
        finite = pc.fill_null(pc.is_finite(table["duration_s"]), True)
        if not pc.all(finite).as_py():
            row = pc.index(finite, False).as_py()
            raise ValueError(
                f"{where}, line {row + 1}: got {table['duration_s'][row]} as duration_s, expected "
                "a number. Generate the corpus again."
            )
        for kind in self.MODALITIES:
            paths = table[kind].to_pylist()
            if (row := leaving(paths)) is not None:
                raise ValueError(
                    f"{where}, line {row + 1}: path leaves the data folder: got {paths[row]!r}, "
                    "expected a relative path inside it. Do not trust this file."
                )
        return (
            table.select([name for name in _SCHEMA.names if name not in self.MODALITIES])
            .append_column("group_id", table["speaker_id"])
            .append_column("language", pa.array(["en"] * table.num_rows, pa.string()))
        )

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare with the numbers that the generator wrote down."""
        assert self.tree is not None, "builders sent to workers have no tree"
        stated = _manifest(self.tree)
        return [
            Check.compare("rows", stated.get("n_clips"), rows.num_rows),
            Check.compare("speakers", stated.get("n_speakers"), len(rows["speaker_id"].unique())),
        ]
