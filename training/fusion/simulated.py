"""Simulated features over real labels: to try a whole protocol where there are no media.

    python -m affecthub.training.fusion.simulated emotiontalk --data-dir D --clips 1024

A feature is a point of its class and noise, from a seed. Scores on it say that a protocol runs, and
nothing about emotion; whatever shows them has to say that they are simulated.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import torch

from affecthub.datasets_scripts import load_dataset
from affecthub.entries import entry_of
from affecthub.training.fusion.blocks import Block, Steps, Vectors
from affecthub.training.fusion.labels import IGNORED, MULTIMODAL, read_labels
from affecthub.training.fusion.table import FeatureTable, usable

# Those of Table 4: a large HuBERT, a language model of 7B, a large CLIP.
WIDTHS = {"audio": 1024, "text": 4096, "vision": 768}
_MEAN_STEPS, _MOST_STEPS = 5, 20


def simulated_table(
    corpus: str,
    data_dir: str | Path,
    *,
    label: str = MULTIMODAL,
    classes: str | int | Sequence[str] | None = None,
    protocol: str | None = None,
    config: str | None = None,
    widths: Mapping[str, int] | None = None,
    steps: bool = False,
    apart: float = 0.05,
    most_clips: int | None = None,
    seed: int = 0,
) -> FeatureTable:
    """Make a table of a corpus' labels and features that were drawn.

    Args:
        corpus: Its name.
        data_dir: Its folder; its label files are enough.
        label: See `load_table`.
        classes: The same.
        protocol: The same; it must have validation clips.
        config: The same.
        widths: Modality to width; None takes those of EmotionTalk's Table 4.
        steps: One to 20 vectors a clip, 5 in the mean, instead of one.
        apart: How far the points of two classes are from each other, in deviations of the noise.
        most_clips: Of each split, the first ones; None takes all.
        seed: Of everything that is drawn.

    Returns:
        The table, float16; its notes and facts say that it is simulated.
    """
    config, protocol = entry_of(corpus).choose(config, protocol)
    parts = load_dataset(corpus, config, data_dir=data_dir, protocol=protocol)
    if most_clips is not None:
        for name, part in parts.items():
            parts[name] = part.select(range(min(most_clips, len(part))))
    rows = datasets.concatenate_datasets(list(parts.values()))
    labels = read_labels(rows, label, classes, list(widths or WIDTHS))
    generator = torch.Generator().manual_seed(seed)
    kinds = labels.classes.clone()
    kinds[kinds == IGNORED] = 0
    if not labels.names:
        kinds = (labels.scores.nan_to_num() > 0).long()
    n_clips = len(kinds)
    lengths = torch.ones(n_clips, dtype=torch.long)
    if steps:
        drawn = torch.poisson(torch.full((n_clips,), _MEAN_STEPS - 1.0), generator=generator)
        lengths = (1 + drawn).long().clamp(max=_MOST_STEPS)
    ends = torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
    there = torch.ones(n_clips, dtype=torch.bool)
    of_step = torch.repeat_interleave(kinds, lengths)
    blocks: dict[str, Block] = {}
    for name, width in (widths or WIDTHS).items():
        points = apart * torch.randn(int(kinds.max()) + 1, width, generator=generator)
        values = torch.randn(len(of_step), width, generator=generator).add_(points[of_step]).half()
        blocks[name] = Steps(values, ends, there) if steps else Vectors(values, there)
    splits, start = {}, 0
    for name, part in parts.items():
        splits[name] = range(start, start + len(part))
        start += len(part)
    told = "features are simulated: a point of the class and noise"
    facts: dict[str, Any] = {"corpus": corpus, "config": config, "protocol": protocol}
    facts |= {
        "label": label,
        "features": dict.fromkeys(blocks, "simulated"),
        "classes": list(labels.names),
    }
    table = FeatureTable(corpus, tuple(rows["id"]), blocks, labels, {}, "mask", (told,), facts)
    return replace(table, splits=usable(table, splits))


def main() -> None:
    """Run the published search of every fusion, shortened, and print the scores."""
    from affecthub.training.fusion.demo import SEQUENCE
    from affecthub.training.fusion.searching import search
    from affecthub.training.fusion.settings import Settings
    from affecthub.training.fusion.spaces import SPACES
    from affecthub.training.progress import only_our_bars

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--protocol")
    parser.add_argument("--classes", default="four")
    parser.add_argument("--clips", type=int, help="of each split; by default all")
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--only", choices=list(SPACES), action="append")
    given = parser.parse_args()
    only_our_bars()
    settings = Settings(epochs=given.epochs, batch_size=given.batch_size)
    for algorithm in given.only or [name for name in SPACES if name != "unimodal"]:
        table = simulated_table(
            given.corpus,
            given.data_dir,
            classes=given.classes,
            protocol=given.protocol,
            steps=algorithm in SEQUENCE,
            most_clips=given.clips,
        )
        # The tensor of the widest draw of TFN has billions of weights at its first layer.
        space: dict[str, Any] = {"hidden_dim": 32} if algorithm == "tfn" else {}
        found = search(
            algorithm,
            table,
            draws=given.draws,
            runs=given.runs,
            settings=settings,
            space=space,
        )
        told = {name: value["mean"] for name, value in found.scores.items()}
        print(json.dumps({"simulated": algorithm, "draw": found.best.plain(), **told}), flush=True)


if __name__ == "__main__":
    main()
