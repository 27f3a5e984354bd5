"""What every seed of a protocol shares: dialogues, features, and the model's measures."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

import datasets
import numpy as np

from affecthub.datasets_scripts import load_dataset
from affecthub.modeling.erc import ErcModel
from affecthub.training.conversations.baselines import targets
from affecthub.training.conversations.features import (
    UtteranceFeatures,
    cached_features,
    text_features,
)
from affecthub.training.conversations.recipe import ConversationRecipe
from affecthub.training.conversations.splits import DialogueSplits, dialogue_splits
from affecthub.training.conversations.trainer import class_weights


@dataclass
class Prepared:
    """What every seed of a protocol shares.

    Args:
        splits: The dialogues.
        features: Of their utterances.
    """

    splits: DialogueSplits
    features: UtteranceFeatures

    @property
    def notes(self) -> list[str]:
        """What a reader of the scores must know."""
        return [*self.splits.notes, *self.features.notes]


@dataclass
class Shared:
    """What runs over the same corpus read once: its rows, and the features of its utterances.

    Args:
        data_dir: The corpus' folder.
    """

    data_dir: str | Path | None
    _corpora: dict[Hashable, datasets.DatasetDict] = field(default_factory=dict)
    _features: dict[Hashable, UtteranceFeatures] = field(default_factory=dict)

    def prepare(self, recipe: ConversationRecipe) -> Prepared:
        """Read dialogues and features, before anything is trained.

        Args:
            recipe: Names corpus, protocol, labels and features.

        Raises:
            ValueError: See `dialogue_splits`, `text_features` and `cached_features`.
        """
        where = (recipe.corpus, recipe.config, recipe.protocol)
        if where not in self._corpora:
            self._corpora[where] = load_dataset(
                recipe.corpus, recipe.config, data_dir=self.data_dir, protocol=recipe.protocol
            )
        corpus = self._corpora[where]
        splits = dialogue_splits(corpus, recipe)
        key: Hashable = (*where, recipe.text_width, recipe.text_units, recipe.text_tags)
        if recipe.features is not None:
            read = (recipe.features, recipe.encoders, recipe.lacking)
            key = (*where, *read, recipe.label, recipe.emotions, recipe.outside)
        if key not in self._features:
            self._features[key] = _features(corpus, splits, recipe)
        made = self._features[key]
        if recipe.normalise:
            made = made.normalised(clip for each in splits.train for clip in each.clips)
        return Prepared(splits, made)


def _features(
    corpus: datasets.DatasetDict, splits: DialogueSplits, recipe: ConversationRecipe
) -> UtteranceFeatures:
    if recipe.features is None:
        return text_features(
            {name: rows for name, rows in corpus.items() if len(rows)},
            width=recipe.text_width,
            units=recipe.text_units,
            tags=recipe.text_tags,
        )
    return cached_features(
        recipe.features,
        splits.all,
        corpus=recipe.corpus,
        encoders=recipe.encoders,
        lacking=recipe.lacking,
    )


def build_model(prepared: Prepared, recipe: ConversationRecipe) -> ErcModel:
    """The recipe's model with random weights, its labels by name."""
    names = prepared.splits.labels
    asked = targets(prepared.splits.train, recipe.model_task)
    labels = np.array([each.label for each in asked], np.int64)
    return ErcModel(
        recipe.model_config(
            feature_dim=prepared.features.width,
            n_speakers=prepared.splits.n_speakers,
            num_labels=len(names),
            id2label=dict(enumerate(names)),
            label2id={name: i for i, name in enumerate(names)},
            class_weights=class_weights(labels, len(names), recipe.class_weights),
        )
    )
