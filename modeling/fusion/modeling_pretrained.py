"""What a fusion declares to transformers, and what it gives back."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.modeling_utils import PreTrainedModel
from transformers.utils import ModelOutput

from .configuration_fusion import FusionConfig


@dataclass
class FusionOutput(ModelOutput):
    """What a fusion says of a batch.

    Attributes:
        loss: Of the targets, plus every loss in ``losses``; None without targets.
        logits: Of the classes, (B, C); (B, 0) of a model without classes.
        score: The continuous score, (B,); None without that head.
        features: What the heads read, (B, W).
        losses: Losses of the fusion itself by name, as they enter ``loss``, weights included;
            empty where it has none.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    score: Tensor | None = None
    features: Tensor | None = None
    losses: dict[str, Tensor] | None = None


class FusionPreTrainedModel(PreTrainedModel):
    """Initialisation as torch has it, which is what the released code trains from."""

    config: FusionConfig
    base_model_prefix = "model"
    main_input_name = "text"
    input_modalities = ["audio", "text", "video"]

    @classmethod
    def is_custom_code(cls) -> bool:
        """Have modules without parameters of their own initialise what they hold."""
        return False

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """As usual; weights that nothing is computed from stay frozen."""
        loaded = super().from_pretrained(*args, **kwargs)
        (loaded[0] if isinstance(loaded, tuple) else loaded).freeze_unused()
        return loaded

    def freeze_unused(self) -> None:
        """Freeze what released weights have and nothing is computed from.

        A module says so by ``unused``, names of what it holds.
        """
        for module in self.modules():
            for name in getattr(module, "unused", ()):
                getattr(module, name).requires_grad_(False)

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Initialise a module by its own rule; what was loaded is left alone by torch's inits."""
        for name in ("reset_parameters", "_reset_parameters"):
            reset = getattr(module, name, None)
            if reset is not None:
                reset()
                return
