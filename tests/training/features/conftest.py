"""Clips whose features are known beforehand, and a small model with frozen towers on a disk."""

from pathlib import Path

import datasets
import numpy as np
import pytest
import torch

from affecthub.training.features.columns import Column


class Known:
    """A maker of features that follow from a clip's sound, without any model."""

    name = "known"
    media = ("audio",)
    source = None
    made_of = {"a": ("audio",), "b": ("audio",)}

    def __init__(self, dtype: str = "float32", **key) -> None:
        self.columns = [Column("a", (2, 3), dtype), Column("b", (None, 4), dtype)]
        self.key = {"a": {"layers": 4, "shape": [2, 3]} | key, "b": {"shape": [None, 4]}}
        self.made: list[float] = []

    def inputs(self, rows):
        return _Sounds(rows)

    def make(self, column, values):
        if column == "a":
            self.made += values.flatten().tolist()
            return torch.stack([value * torch.ones(2, 3) for value in values])
        return [torch.full((int(value) % 3, 4), float(value)) for value in values]


class _Sounds(torch.utils.data.Dataset):
    def __init__(self, rows) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number):
        row = self.rows[number]
        text = Path(row["audio"]["path"]).read_text()
        if not text.isdecimal():
            raise ValueError(f"clip {row['id']!r}: got {text!r}, expected a number")
        value = torch.tensor(float(text))
        # Every fourth clip is too short for the second column.
        return {"a": value, "b": value} if int(text) % 4 else {"a": value}


FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "corpus": datasets.Value("string"),
        "split_official": datasets.Value("string"),
        "audio": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")},
        "text": datasets.Value("string"),
        "media_issue": datasets.Value("string"),
    }
)


@pytest.fixture
def known():
    """The class of makers."""
    return Known


@pytest.fixture
def make_rows(tmp_path):
    """Rows of clips, each with a file that holds its number; those of `silent` have none."""

    def make(n: int, silent=(), folder: str = "sounds") -> datasets.Dataset:
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        rows = []
        for i in range(n):
            path = root / f"{i}.txt"
            path.write_text(str(i))
            audio = None if i in silent else {"bytes": None, "path": str(path)}
            rows.append({"id": f"clip {i}", "corpus": "c", "split_official": "train"})
            rows[-1] |= {"audio": audio, "text": "hello", "media_issue": None}
        return datasets.Dataset.from_list(rows, features=FEATURES)

    return make


@pytest.fixture(scope="session")
def few_clips(tmp_path_factory) -> Path:
    """A demo corpus of twelve clips."""
    from affecthub.datasets_scripts.demo.generate import generate_demo

    root = tmp_path_factory.mktemp("few")
    return generate_demo(root / "corpus", n_clips=12, n_speakers=3, seed=1)


@pytest.fixture(scope="session")
def saved(tmp_path_factory) -> Path:
    """A tiny AffectGPT with frozen towers, on a disk."""
    from affecthub.training.model import from_scratch
    from affecthub.training.recipe import load_recipe

    recipe = load_recipe("demo")
    recipe.scratch.vocab_size = 200
    recipe.scratch.config |= {
        "n_audio_clips": 2,
        "text_config": {"hidden_size": 64, "intermediate_size": 128},
    }
    torch.manual_seed(0)
    model, processor = from_scratch(recipe.scratch, ["hello you", "joy"] * 5, freeze_towers=True)
    folder = tmp_path_factory.mktemp("model") / "tiny"
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def loaded(saved):
    """That model and its processor, in eval mode."""
    from affecthub.training.model import load_model

    model, processor = load_model(saved)
    return model.eval(), processor


@pytest.fixture(scope="session")
def full(few_clips, saved, tmp_path_factory) -> Path:
    """The features of all clips in float32."""
    from affecthub.training.features import fill_corpus

    folder = tmp_path_factory.mktemp("full") / "cache"
    fill_corpus("demo", saved, few_clips, folder, dtype="fp32", progress=False)
    return folder


@pytest.fixture
def contents():
    """What a cache's files hold, by their names."""

    def read(folder: Path) -> dict[str, bytes]:
        files = [path for path in folder.iterdir() if path.suffix in (".arrow", ".npy", ".jsonl")]
        return {path.name: path.read_bytes() for path in [*files, folder / "state.json"]}

    return read


@pytest.fixture
def values():
    """What a maker of known features gives for a clip."""

    def of(number: int) -> dict[str, np.ndarray]:
        found = {"a": np.full((2, 3), number, np.float32)}
        if number % 4:
            found["b"] = np.full((number % 3, 4), number, np.float32)
        return found

    return of
