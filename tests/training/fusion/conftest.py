"""Small tables whose labels can be read off their features, and caches of a small demo corpus."""

from pathlib import Path

import numpy as np
import pytest
import torch

from affecthub.training.features.columns import Column
from affecthub.training.fusion.table import table_of

WIDTHS = {"audio": 6, "text": 9, "vision": 5}


def split(n_clips: int) -> dict[str, range]:
    """Two thirds to train, a sixth each to validate and to test."""
    train, validation = 4 * n_clips // 6, 5 * n_clips // 6
    return {
        "train": range(train),
        "validation": range(train, validation),
        "test": range(validation, n_clips),
    }


def vectors(n_clips: int = 120, n_classes: int = 4, seed: int = 0, apart: float = 2.0):
    """Labels, scores, and vectors near a point of their class."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, n_classes, n_clips)
    features = {
        name: (
            apart * generator.normal(size=(n_classes, width))[labels]
            + generator.normal(size=(n_clips, width))
        ).astype(np.float32)
        for name, width in WIDTHS.items()
    }
    return labels, labels - 1.5 + 0.1 * generator.normal(size=n_clips), features


@pytest.fixture
def small():
    """One vector for each clip and modality."""
    labels, _, features = vectors()
    return table_of(features, labels.tolist(), split(120))


@pytest.fixture
def scored():
    """The same with scores in the place of classes."""
    _, scores, features = vectors()
    return table_of(features, None, split(120), scores=scores.tolist())


@pytest.fixture
def ragged():
    """One to six steps for each clip, as many in every modality."""
    labels, _, features = vectors(n_clips=72)
    generator = np.random.default_rng(1)
    lengths = generator.integers(1, 7, 72)
    steps = {
        name: [
            row + 0.5 * generator.normal(size=(n, len(row))).astype(np.float32)
            for row, n in zip(values, lengths, strict=True)
        ]
        for name, values in features.items()
    }
    return table_of(steps, labels.tolist(), split(72))


class Maker:
    """An encoder whose features tell a clip's emotion, as a cache's maker."""

    name = "encoder"
    media = ("audio",)
    source = None

    def __init__(self, modality: str, steps: bool, emotions: dict[str, int], dtype="float16"):
        self.column = f"{modality}_features"
        self.width = WIDTHS[modality]
        self.columns = [Column(self.column, (None, self.width) if steps else (self.width,), dtype)]
        self.made_of = {self.column: ("audio",)}
        self.key = {self.column: {"shape": list(self.columns[0].shape)}}
        self.emotions = emotions
        self.steps = steps

    def inputs(self, rows):
        """Class numbers."""
        emotions, column = self.emotions, self.column

        class Numbers(torch.utils.data.Dataset):
            def __len__(self):
                return len(rows)

            def __getitem__(self, number):
                return {column: torch.tensor(emotions[rows[number]["id"]])}

        return Numbers()

    def make(self, column, values):
        """The class number in its own place; of steps two more than the class number."""
        eye = torch.eye(7, self.width)
        made = [4 * eye[int(v)] + 0.1 for v in values]
        return (
            [row.expand(int(v) + 2, -1) for row, v in zip(made, values, strict=True)]
            if (self.steps)
            else torch.stack(made)
        )


@pytest.fixture(scope="session")
def demo(small_corpus) -> Path:
    """A demo corpus of 42 clips."""
    return small_corpus


@pytest.fixture(scope="session")
def rows(demo):
    """Its clips."""
    import datasets

    from affecthub.datasets_scripts import load_dataset

    return datasets.concatenate_datasets([*load_dataset("demo", data_dir=demo).values()])


@pytest.fixture(scope="session")
def fill_with(rows):
    """Fill caches of the demo corpus: modality, steps or not, which clips, which corpus."""
    from affecthub.training.features import fill

    def make(
        folder: Path, modality: str, *, steps=False, clips=None, corpus="demo", dtype="float16"
    ):
        chosen = rows if clips is None else rows.select(clips)
        emotions = dict(zip(rows["id"], rows["emotion"], strict=True))
        maker = Maker(modality, steps, emotions, dtype)
        about = {"encoder": {"name": f"made up {modality}"}}
        fill(maker, chosen, folder / modality, corpus=corpus, progress=False, about=about)
        return folder

    return make


@pytest.fixture(scope="session")
def caches(fill_with, tmp_path_factory) -> Path:
    """Vectors of all three modalities of all clips."""
    folder = tmp_path_factory.mktemp("caches")
    for modality in WIDTHS:
        fill_with(folder, modality)
    return folder
