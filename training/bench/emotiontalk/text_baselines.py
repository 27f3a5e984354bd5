"""What words alone reach without a network: TF-IDF and logistic regression.

Source: benchmarks specification, section 7.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from affecthub.cache import content_key
from affecthub.errors import require
from affecthub.training.bench.emotiontalk.kept import Kept
from affecthub.training.bench.emotiontalk.scoring import summary
from affecthub.training.bench.emotiontalk.targets import Clips, Target
from affecthub.training.text_features import (
    WIDTH,
    TextFeatures,
    TextSettings,
    most_numbers,
    texts_of,
)

# Of logistic regression: the inverse of its penalty.
STRENGTH = 1.0
TARGETS = ("text_four", "multimodal_four", "text_seven", "multimodal_seven")


@dataclass(frozen=True)
class TextBaseline:
    """How a row is made.

    Args:
        name: What tables call it; ``{width}`` stands for the numbers of a text.
        settings: Of the features.
        tags: What becomes of the transcripts' markup.
    """

    name: str
    settings: TextSettings
    tags: str = "removed"


BASELINES = (
    TextBaseline("characters, tags removed", TextSettings()),
    TextBaseline("characters, tags kept", TextSettings(), "kept"),
    TextBaseline("words of jieba, tags removed", TextSettings("words")),
    TextBaseline("characters, SVD-{width}, tags removed", TextSettings(width=WIDTH)),
)


def text_baselines(
    clips: Clips, kept: Kept, tell: Callable[[str], None] | None = None
) -> list[dict[str, Any]]:
    """Train and score every row on every target of text.

    Args:
        clips: EmotionTalk under a protocol.
        kept: Where rows lie that were made before.
        tell: Is told how far it is.

    Returns:
        Rows of ``name``, ``tags``, ``width`` and ``targets``: target to what `summary` gives.
        Nothing where the clips have no transcripts.
    """
    require("sklearn", "bench", "score text alone")
    rows = []
    for baseline in BASELINES:
        if not any(clips.rows["text_raw" if baseline.tags == "kept" else "text"]):
            continue
        described = _Described(clips, baseline)
        settings = asdict(described.settings)
        targets = {
            name: kept.get(
                f"text-{name}",
                {
                    "features": settings,
                    "tags": baseline.tags,
                    "texts": described.digest,
                    "labels": clips.targets[name].digest,
                },
                _made(described, clips, clips.targets[name]),
            )
            for name in TARGETS
            if name in clips.targets
        }
        name = baseline.name.format(width=settings["width"])
        rows.append({"name": name, "tags": baseline.tags, "targets": targets})
        if tell is not None:
            tell(f"text alone, {name}: done")
    return rows


def _made(described: "_Described", clips: Clips, target: Target) -> Callable[[], dict[str, Any]]:
    def make() -> dict[str, Any]:
        answers = logistic_answers(described(), target)
        test = target.splits["test"]
        return summary([answers], target.labels, test, clips.recordings)

    return make


def logistic_answers(features: Any, target: Target) -> torch.Tensor:
    """Train logistic regression and answer the test clips.

    Args:
        features: Of all clips, sparse or dense ``(clips, width)``.
        target: What is learned.

    Returns:
        Probabilities ``(test clips, classes)``.
    """
    from sklearn.linear_model import LogisticRegression

    train, test = (target.splits[split].numpy() for split in ("train", "test"))
    labels = target.labels.classes.numpy()
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(features[train], labels[train])
    answers = np.zeros((len(test), len(target.labels.names)))
    answers[:, model.classes_] = model.predict_proba(features[test])
    return torch.from_numpy(answers)


class _Described:
    """Features of all clips, made when they are first asked for."""

    def __init__(self, clips: Clips, baseline: TextBaseline) -> None:
        self.texts = texts_of(clips.rows, baseline.tags)
        self.train = [self.texts[i] for i in clips.splits["train"].tolist()]
        self.settings = baseline.settings
        if self.settings.width is not None:
            self.settings = replace(self.settings, width=usual_width(self.train))
        self._made: Any = None

    @property
    def digest(self) -> str:
        """Tells the texts from others."""
        return content_key("\n".join(self.texts))[:16]

    def __call__(self) -> Any:
        if self._made is None:
            self._made = TextFeatures(self.settings).fit(self.train)(self.texts)
        return self._made


def usual_width(train: Sequence[str]) -> int:
    """Numbers of a text after SVD: `WIDTH`, fewer of a corpus that has not so many.

    Args:
        train: Texts of the training split.
    """
    # So many texts have more runs of characters than that.
    return WIDTH if len(train) > 10 * WIDTH else min(WIDTH, most_numbers(train))
