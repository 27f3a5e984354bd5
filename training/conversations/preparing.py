"""What every seed of a protocol shares: dialogues, features, and the model's measures."""

from dataclasses import dataclass

import datasets
import numpy as np

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


def prepare(corpus: datasets.DatasetDict, recipe: ConversationRecipe) -> Prepared:
    """Read dialogues and features, before anything is trained.

    Args:
        corpus: The recipe's corpus under its protocol.
        recipe: Names the labels and the features.

    Raises:
        ValueError: See `dialogue_splits`, `text_features` and `cached_features`.
    """
    splits = dialogue_splits(corpus, recipe)
    clips = {clip for dialogue in splits.all for clip in dialogue.clips}
    if recipe.features is None:
        spoken = {
            name: rows.filter(lambda row: row["id"] in clips, desc=None)
            if any(clip not in clips for clip in rows["id"])
            else rows
            for name, rows in corpus.items()
        }
        made = text_features(
            spoken, width=recipe.text_width, units=recipe.text_units, tags=recipe.text_tags
        )
    else:
        made = cached_features(
            recipe.features,
            splits.all,
            corpus=recipe.corpus,
            encoders=recipe.encoders,
            lacking=recipe.lacking,
        )
    if recipe.normalise:
        made = made.normalised(clip for dialogue in splits.train for clip in dialogue.clips)
    return Prepared(splits, made)


def build_model(prepared: Prepared, recipe: ConversationRecipe) -> ErcModel:
    """The recipe's model with random weights; labels by name, class weights of the training split."""
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
