"""A model called on a table's batch, by the short way where nothing is absent or padded."""

from typing import Any

import torch
from torch import Tensor

from affecthub.modeling.fusion.configuration_options import SEQUENCE_ALGORITHMS
from affecthub.modeling.fusion.modeling_fusion import class_loss, score_loss
from affecthub.modeling.fusion.modeling_sequences import Masks


def forward(model: Any, batch: dict[str, Tensor]) -> tuple[Tensor | None, Tensor]:
    """Loss and answers of a batch, as ``model(**batch)`` computes them.

    A table was looked at once. Where each of its clips has one vector of each modality, the model
    is spared looking at every batch, and putting masks where there is nothing to mask.

    Args:
        model: A `FusionModel`.
        batch: See `FeatureTable.batch`.

    Returns:
        The loss, None without targets, and logits ``(batch, classes)``, or scores ``(batch,)`` of a
        model without classes.
    """
    if not is_whole(model, batch):
        output = model(**batch)
        return output.loss, output.logits if model.config.num_labels else output.score
    audio, text, vision = batch["audio"], batch["text"], batch["vision"]
    here = torch.ones(len(audio), dtype=torch.bool, device=audio.device)
    features, losses = model.fusion(audio, text, vision, Masks(here, here, here))
    parts, answers = list(losses.values()), features
    if model.fc_out_2 is not None:
        answers = model.fc_out_2(features).squeeze(1)
        if "scores" in batch:
            parts.append(score_loss(answers, batch["scores"]))
    if model.fc_out_1 is not None:
        answers = model.fc_out_1(features)
        if "labels" in batch:
            parts.append(class_loss(answers, batch["labels"]))
    has_target = "labels" in batch or "scores" in batch
    return sum(parts[1:], parts[0]) if has_target else None, answers


def is_whole(model: Any, batch: dict[str, Tensor]) -> bool:
    """Whether a batch has one vector of each modality of each clip, and the model reads such."""
    config = model.config
    if config.level != "utterance" or config.algorithm in (*SEQUENCE_ALGORITHMS, "unimodal"):
        return False
    if model.training and config.modality_dropout:
        return False
    if any(name.endswith("_mask") for name in batch):
        return False
    return all(name in batch and batch[name].dim() == 2 for name in ("audio", "text", "vision"))
