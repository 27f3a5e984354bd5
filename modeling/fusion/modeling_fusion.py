"""FusionModel: features of three modalities, one of ten fusions, heads for classes and a score."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration_fusion import FusionConfig
from .modeling_attention import AttentionFusion
from .modeling_checks import IGNORED, check_shapes, check_targets, check_values, may_look
from .modeling_graph_mfn import GraphMFNFusion
from .modeling_inputs import arrange, clean, drop_modalities, keep, presence
from .modeling_lmf import LMFFusion
from .modeling_mctn import MCTNFusion
from .modeling_mfm import MFMFusion
from .modeling_mfn import MFNFusion
from .modeling_misa import MISAFusion
from .modeling_mmim import MMIMFusion
from .modeling_mult import MulTFusion
from .modeling_pretrained import FusionOutput, FusionPreTrainedModel
from .modeling_tfn import TFNFusion
from .modeling_unimodal import UnimodalFusion

# Each is made of a configuration, and called with audio, text, vision and masks it gives features
# and its own losses by name.
ALGORITHMS: dict[str, Any] = {
    "attention": AttentionFusion,
    "lmf": LMFFusion,
    "tfn": TFNFusion,
    "misa": MISAFusion,
    "mmim": MMIMFusion,
    "mult": MulTFusion,
    "mfn": MFNFusion,
    "graph_mfn": GraphMFNFusion,
    "mfm": MFMFusion,
    "mctn": MCTNFusion,
    "unimodal": UnimodalFusion,
}


class FusionModel(FusionPreTrainedModel):
    """Emotion from features of sound, text and faces.

    Source: EmotionTalk (Sun et al., 2025), Tables 4 and 12; MERBench (Lian et al., 2024).
    Differs: See the README of this package for what ``fidelity="fixed"`` repairs.

    Args:
        config: Which fusion, of which sizes.

    Example:
        >>> config = FusionConfig(audio_dim=8, text_dim=12, vision_dim=6, hidden_dim=16)
        >>> model = FusionModel(config).eval()
        >>> output = model(audio=torch.zeros(3, 5, 8), text=torch.zeros(3, 12))
        >>> output.logits.shape
        torch.Size([3, 7])
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__(config)
        self.fusion = ALGORITHMS[config.algorithm](config)
        width = self.fusion.features_dim
        self.fc_out_1 = nn.Linear(width, config.num_labels) if config.num_labels else None
        self.fc_out_2 = nn.Linear(width, 1) if config.score else None
        self.post_init()
        self.freeze_unused()

    def forward(
        self,
        audio: Tensor | None = None,
        text: Tensor | None = None,
        vision: Tensor | None = None,
        audio_mask: Tensor | None = None,
        text_mask: Tensor | None = None,
        vision_mask: Tensor | None = None,
        labels: Tensor | None = None,
        scores: Tensor | None = None,
        return_dict: bool | None = None,
    ) -> FusionOutput | tuple[Any, ...]:
        """Compute classes, score and losses.

        Args:
            audio: Steps (B, T, D) or one vector per clip (B, D), any floating type; None where the
                batch has no sound.
            text: The same.
            vision: The same.
            audio_mask: True where a step is real, (B, T), in any place; beside vectors True where a
                clip has one, (B,). None is all.
            text_mask: The same.
            vision_mask: The same.
            labels: Classes, (B,), -100 where there is none.
            scores: Continuous scores, (B,), NaN where there is none.
            return_dict: False gives a tuple.

        Returns:
            See :class:`FusionOutput`.

        Raises:
            ValueError: See :func:`modeling_checks.check_shapes`, ``check_targets`` and, where
                looking at values costs nothing, ``check_values``.
            TypeError: Features or targets of another kind of number.
        """
        given = {"audio": audio, "text": text, "vision": vision}
        masks = {"audio": audio_mask, "text": text_mask, "vision": vision_mask}
        n_clips = check_shapes(self.config, given, masks)
        check_targets(self.config, n_clips, labels, scores)
        unpadded = {name for name, mask in masks.items() if mask is None}
        given, masks = clean(given, masks, self.dtype)
        present = presence(given, masks)
        looked_at = [x for x in (*given.values(), present, labels) if x is not None]
        if may_look(looked_at, training=self.training):
            check_values(self.config, given, present, labels)
        if self.training and self.config.modality_dropout:
            kept = drop_modalities(present, self.config.modality_dropout)
            given, masks = keep(given, masks, kept)
        inputs, arranged = arrange(self.config, given, masks, unpadded)
        features, losses = self.fusion(*inputs, arranged)
        return self._say(features, losses, labels, scores, return_dict)

    def _say(
        self,
        features: Tensor,
        losses: dict[str, Tensor],
        labels: Tensor | None,
        scores: Tensor | None,
        return_dict: bool | None,
    ) -> FusionOutput | tuple[Any, ...]:
        """Heads and the loss."""
        empty = features.new_zeros(features.shape[0], 0)
        logits = empty if self.fc_out_1 is None else self.fc_out_1(features)
        score = None if self.fc_out_2 is None else self.fc_out_2(features).squeeze(1)
        parts = []
        if labels is not None:
            parts.append(class_loss(logits, labels))
        if scores is not None and score is not None:
            parts.append(score_loss(score, scores))
        loss = torch.stack([*parts, *losses.values()]).sum() if parts else None
        output = FusionOutput(loss, logits, score, features, losses)
        wanted = self.config.return_dict if return_dict is None else return_dict
        return output if wanted else output.to_tuple()

    def load_official(self, weights: Mapping[str, Any]) -> None:
        """Load the weights of a released model, by the names that they have there.

        Args:
            weights: Arrays or tensors by name; where names begin with ``w/`` those alone are read.

        Raises:
            ValueError: A weight is missing, unknown or of another shape.
        """
        if any(name.startswith("w/") for name in weights):
            weights = {name[2:]: weights[name] for name in weights if name.startswith("w/")}
        heads = ("fc_out_1.", "fc_out_2.")
        found = {
            name if name.startswith(heads) else f"fusion.{name}": torch.as_tensor(value)
            for name, value in weights.items()
        }
        if found.get("fc_out_1.weight", torch.ones(1)).numel() == 0:  # made with no classes
            found = {name: value for name, value in found.items() if "fc_out_1" not in name}
        if found.get("fc_out_2.weight", torch.ones(1)).numel() == 0:
            found = {name: value for name, value in found.items() if "fc_out_2" not in name}
        if not self.config.is_official:  # what a repair took out
            unread = tuple(f"fusion.{name}" for name in getattr(self.fusion, "unread", ()))
            found = {n: value for n, value in found.items() if not n.startswith(unread)}
        _require_same(self.state_dict(), found)
        self.load_state_dict(found, strict=True)


def class_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy over the clips that have a label; 0 where none has."""
    counted = (labels != IGNORED).sum().clamp(min=1)
    return functional.cross_entropy(logits, labels.long(), reduction="sum") / counted


def score_loss(score: Tensor, scores: Tensor) -> Tensor:
    """Squared error over the clips that have a score; 0 where none has."""
    has_one = ~scores.isnan()
    error = (score - scores.to(score.dtype).nan_to_num()) * has_one
    return error.square().sum() / has_one.sum().clamp(min=1)


def _require_same(here: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    missing = [name for name in here if name not in given]
    unknown = [name for name in given if name not in here]
    other = [n for n in here if n in given and tuple(here[n].shape) != tuple(given[n].shape)]
    if not (missing or unknown or other):
        return
    told = []
    for what, names in (("missing", missing), ("unknown", unknown), ("of another shape", other)):
        if names:
            shown = ", ".join(name.removeprefix("fusion.") for name in names[:3])
            told.append(f"{len(names)} {what} ({shown})")
    hint = " Set `score=True` for fc_out_2." if any("fc_out_2" in name for name in unknown) else ""
    raise ValueError(
        f"released weights do not fit: got {'; '.join(told)}, expected those of this "
        f"configuration, {len(here)} in all.{hint}"
    )


FusionModel.register_for_auto_class("AutoModel")
