"""The released data of SECap: a wav, a transcript and a caption for each clip.

Its folder holds ``text.txt`` (a clip's name, a blank, what is said), ``fid2captions.json`` (name to
caption, or to a list of them) and ``wav/NAME.wav``. No licence is stated with it: it is read where
it lies, and nothing of it is passed on.
"""

import json
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa

SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}


def read_secap(folder: str | Path, *, seed: int = 0) -> datasets.DatasetDict:
    """Read such a folder.

    Args:
        folder: What holds the three of them, or a folder ``dataset`` that does.
        seed: Of the split: eight tenths are trained on, a tenth validates, a tenth is tested; the
            release is one test set and has no split of its own. Ours.

    Returns:
        Splits ``train``, ``validation`` and ``test`` with ``id``, ``audio`` (undecoded), ``text``
        and ``captions``, a list. Clips without a wav have None for ``audio``.

    Raises:
        FileNotFoundError: One of the files is not there.
        ValueError: A file is not what it should be, or no clip has a caption.
    """
    folder = Path(folder)
    root = folder if (folder / "text.txt").is_file() else folder / "dataset"
    for name in ("text.txt", "fid2captions.json"):
        if not (root / name).is_file():
            raise FileNotFoundError(
                f"{root / name} is not there: expected the released data of SECap, text.txt, "
                "fid2captions.json and wav/."
            )
    captions = _captions(root / "fid2captions.json")
    said = _transcripts(root / "text.txt")
    names = sorted(captions)
    if not names:
        raise ValueError(
            f"{root / 'fid2captions.json'} is empty: expected a caption for each clip."
        )
    rows: list[dict[str, Any]] = []
    for name in names:
        wav = root / "wav" / f"{name}.wav"
        inside = wav.resolve().is_relative_to((root / "wav").resolve())
        sound = {"path": str(wav), "bytes": None} if inside and wav.is_file() else None
        rows.append(
            {"id": name, "audio": sound, "text": said.get(name), "captions": captions[name]}
        )
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    features = datasets.Features(
        {
            "id": datasets.Value("string"),
            "audio": datasets.Audio(decode=False),
            "text": datasets.Value("string"),
            "captions": datasets.List(datasets.Value("string")),
        }
    )
    splits: dict[str, datasets.Dataset] = {}
    start = 0
    for split, share in SPLITS.items():
        end = len(rows) if split == "test" else start + round(share * len(rows))
        some = [rows[i] for i in sorted(order[start:end])]
        splits[split] = datasets.Dataset(pa.Table.from_pylist(some, features.arrow_schema))
        start = end
    return datasets.DatasetDict(splits)


def _captions(file: Path) -> dict[str, list[str]]:
    """The captions of each clip."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(
            f"{file} does not hold captions: got {type(content).__name__}, expected names of clips "
            "and their captions."
        )
    return {
        str(name): [text] if isinstance(text, str) else [str(each) for each in text or []]
        for name, text in content.items()
    }


def _transcripts(file: Path) -> dict[str, str]:
    """What is said in each clip; name and words are parted by a blank or a tab."""
    lines = file.read_text(encoding="utf-8").splitlines()
    parts = (line.split(maxsplit=1) for line in lines if line.strip())
    return {part[0]: part[1].strip() if len(part) > 1 else "" for part in parts}
