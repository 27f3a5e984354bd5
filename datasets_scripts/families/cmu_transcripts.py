"""CMU's transcripts of segments: a file per video, a line per clip."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.sentiment_labels import Part
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.tables import text_or_null


def read_transcripts(tree: Tree, suffix: str, line: str) -> tuple[list[Part], list[str]]:
    """Read every transcript below a folder ``Transcript/Segmented``.

    Args:
        tree: The data folder.
        suffix: Of the files, which are named by video.
        line: Pattern of a line with groups ``clip`` and ``text``, and ``start`` and ``end`` in
            seconds where there are any.

    Returns:
        One part with ``id``, ``text`` and, as the lines have them, ``start_s``, ``end_s`` and
        ``duration_s``, or none where there is no such file; and what is wrong with the files.
    """
    files = tree.find(rf"(^|/)Transcript/Segmented/([^/]+/)*[^/]+{re.escape(suffix)}$")
    if not files:
        return [], []
    texts = [tree.read(file).decode("utf-8", "replace").splitlines() for file in files]
    videos = pa.array([file.stem for file in files], pa.string())
    lines = pa.array([item for text in texts for item in text], pa.string())
    video = videos.take(pa.array([i for i, text in enumerate(texts) for _ in text], pa.int64()))
    spoken = pc.invert(pc.equal(pc.utf8_trim_whitespace(lines), ""))
    lines, video = lines.filter(spoken), video.filter(spoken)

    fields = pc.extract_regex(lines, line)
    known = pc.is_valid(fields)
    problems = []
    if empty := [file.path for file, text in zip(files, texts, strict=True) if not text]:
        problems.append(f"{len(empty)} transcripts are empty, first {empty[0]}")
    if pc.any(pc.invert(known)).as_py():
        row = pc.index(known, False).as_py()
        problems.append(
            f"{len(known) - pc.sum(known).as_py()} lines of transcripts cannot be read, first in "
            f"{video[row].as_py()}{suffix}: got {lines[row].as_py()[:60]!r}"
        )
    fields, video = fields.filter(known), video.filter(known)
    part = {name: pc.struct_field(fields, name) for name in (f.name for f in fields.type)}
    columns = {
        "id": pc.binary_join_element_wise(video, part["clip"], "_"),
        "text": text_or_null(part["text"]),
    }
    if "start" in part:
        columns["start_s"] = pc.cast(part["start"], pa.float64())
        columns["end_s"] = pc.cast(part["end"], pa.float64())
        columns["duration_s"] = pc.subtract(columns["end_s"], columns["start_s"])
    return [Part("Transcript/Segmented", pa.table(columns))], problems
