"""Small exports in the form that `affecthub data export` gives them."""

from pathlib import Path

import datasets
import pytest
import yaml

BYTES = {"bytes": b"not really a film", "path": "clip.MP4"}


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("AFFECTHUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lmms_eval"


@pytest.fixture
def write_export(tmp_path):
    """Write rows of each split as an export, and give its folder."""

    def write(name: str, splits: dict[str, list[dict]], protocol: str = "official") -> Path:
        folder, files = tmp_path / name, []
        for split, rows in splits.items():
            path = folder / "data" / split / "00000.parquet"
            path.parent.mkdir(parents=True)
            table = datasets.Dataset.from_list(rows)
            features = table.features.copy()
            for column, feature in {
                "emotion": datasets.ClassLabel(names=["anger", "joy"]),
                "audio": datasets.Audio(decode=False),
                "video": datasets.Video(decode=False),
            }.items():
                if column in features and getattr(features[column], "dtype", "") != "string":
                    features[column] = feature
            table.cast(features).to_parquet(path)
            files.append({"split": split, "path": [f"data/{split}/*.parquet"]})
        configs = [{"config_name": protocol, "data_files": files, "default": True}]
        head = yaml.safe_dump({"license": "other", "configs": configs})
        (folder / "README.md").write_text(f"---\n{head}---\n\n# {name}\n", encoding="utf-8")
        return folder

    return write


@pytest.fixture
def clip():
    """One row of MER-UniBench."""
    return {
        "id": "meld/dia0_utt0",
        "corpus": "mer_unibench",
        "set": "meld",
        "language": "en",
        "text": "Well.",
        "subtitle": "Well, {labels}!",
        "emotion": 1,
        "sentiment": None,
        "open_vocabulary": None,
        "candidates": ["anger", "joy"],
        "audio": None,
        "video": BYTES,
    }
