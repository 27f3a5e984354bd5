"""A user's own folder: films, some with a wav beside them, a table, and a YAML that tells of it."""

import csv
import json
from pathlib import Path

from corpus_trees.media import clip_video, clip_wav, put

LABELS = ("开心", "calm", "angry")
COLUMNS = ("编号", "filename", "台词", "emo", "who", "set", "age", "tags", "note")
ROWS = [
    dict(
        zip(
            COLUMNS,
            (
                f"{i:03d}",
                f"clips/片段_{i:02d}.mp4",
                f"第{i}句。",
                LABELS[i % 3],
                f"S{i % 4}",
                ("train", "train", "Dev", "TEST")[i % 4],
                str(20 + i % 4),
                "warm, soft",
                "",
            ),
            strict=True,
        )
    )
    for i in range(12)
]
YAML = """\
columns: {id: 编号, file: filename, text: 台词, label: emo, speaker: who, split: set, \
open_vocabulary: tags}
labels: [开心, calm, angry]
language: zh
"""


def write_media(root: Path) -> Path:
    """Twelve films, four of which have their sound in a wav as well; and the YAML."""
    for i, row in enumerate(ROWS):
        put(root / row["filename"], clip_video(i))
        if i % 3 == 0:
            put((root / "audio" / row["filename"]).with_suffix(".wav"), clip_wav(i))
    put(root / "affecthub.yaml", YAML.encode())
    return root


def write_csv(path: Path, rows: list[dict[str, str]] = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_json(root: Path) -> Path:
    put(root / "labels.json", json.dumps(ROWS, ensure_ascii=False).encode())
    return write_media(root)


def write_jsonl(root: Path) -> Path:
    lines = [json.dumps({**row, "tags": row["tags"].split(", ")}) for row in ROWS]
    put(root / "labels.jsonl", "\n".join(lines).encode())
    return write_media(root)


def write_xlsx(root: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    for cells in (COLUMNS, *(row.values() for row in ROWS)):
        sheet.append(list(cells))
    root.mkdir(parents=True, exist_ok=True)
    book.save(root / "labels.xlsx")
    return write_media(root)


def make(root: Path) -> Path:
    """The folder with a csv."""
    write_csv(root / "labels.csv")
    return write_media(root)
