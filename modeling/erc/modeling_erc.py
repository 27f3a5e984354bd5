"""The eight conversation models as one class of transformers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from transformers.modeling_outputs import ModelOutput
from transformers.modeling_utils import PreTrainedModel

from .configuration_erc import ErcConfig
from .modeling_avef import AVEF
from .modeling_bigru import BiGRU
from .modeling_conversation import Conversation
from .modeling_dialoguegcn import DialogueGCN
from .modeling_dialoguernn import DialogueRNN
from .modeling_dialogues import IGNORED, read_dialogues, read_labels
from .modeling_memory import CMN, ICON
from .modeling_official import state_of
from .modeling_turns import TurnModel

# Name to class; each takes the configuration.
ALGORITHMS: dict[str, type[Conversation]] = {
    "cmn": CMN,
    "icon": ICON,
    "dialoguernn": DialogueRNN,
    "dialoguegcn": DialogueGCN,
    "bigru": BiGRU,
    "avef": AVEF,
    "dep": TurnModel,
    "eamt": TurnModel,
}


@dataclass
class ErcOutput(ModelOutput):
    """What a conversation model answers.

    Attributes:
        loss: A number, where labels were given.
        logits: Of shape (B, L, C). In a forecast, those at place t are about utterance t + 1.
        features: What the logits are read off, of shape (B, L, W).
        losses: The terms of the loss by name, where labels were given.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    features: Tensor | None = None
    losses: dict[str, Tensor] | None = field(default=None)


class ErcPreTrainedModel(PreTrainedModel):
    """What the model declares to transformers."""

    config: ErcConfig
    base_model_prefix = "erc"
    main_input_name = "features"

    @classmethod
    def is_custom_code(cls) -> bool:
        """Have a loaded model initialised like one of transformers' own."""
        return False

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Initialise a layer by its own rule; torch's own functions pass over what was loaded."""
        reset = getattr(module, "reset_parameters", None)
        if reset is not None:
            reset()


class ErcModel(ErcPreTrainedModel):
    """Emotions of the utterances of dialogues, or of the next utterances.

    Args:
        config: Which model, of which sizes.

    Example:
        >>> config = ErcConfig(algorithm="bigru", feature_dim=8, hidden_dim=4)
        >>> model = ErcModel(config).eval()
        >>> model(torch.zeros(2, 5, 8)).logits.shape
        torch.Size([2, 5, 4])
    """

    def __init__(self, config: ErcConfig) -> None:
        super().__init__(config)
        self.conversation = ALGORITHMS[config.algorithm](config)
        self.classifier = nn.Linear(self.conversation.features_dim, config.n_labels)
        self.post_init()

    def forward(
        self,
        features: Tensor,
        speakers: Tensor | None = None,
        mask: Tensor | None = None,
        labels: Tensor | None = None,
        next_speakers: Tensor | None = None,
    ) -> ErcOutput:
        """Answer for a batch of dialogues.

        Args:
            features: Floats of shape (B, L, D), an utterance's features each.
            speakers: Whole numbers of shape (B, L), by first appearance in each dialogue. BiGRU
                and AVEF do without.
            mask: Booleans of shape (B, L), True where there is an utterance; padding stands at the
                end. None: everywhere.
            labels: Classes of shape (B, L), -100 where an utterance is not scored. In a forecast
                the label at place t is that of utterance t + 1, shifted by the caller.
            next_speakers: Who speaks after each utterance, of shape (B, L); only DEP and EAMT ask.
                None: who the dialogue says, and after its last utterance who spoke last.

        Returns:
            Logits for every place; those in the padding are of no consequence. The first utterance
            of a dialogue has no history, so no place forecasts it. Without any label to score the
            loss is 0.

        Raises:
            ValueError: What :func:`modeling_dialogues.read_dialogues` and
                :func:`modeling_dialogues.read_labels` refuse, or no speakers where the model
                depends on them.
        """
        config = self.config
        if speakers is None and self.conversation.needs_speakers:
            raise ValueError(
                f"`speakers` are missing: got None, expected whole numbers of shape "
                f"{tuple(features.shape[:2])}, since {config.algorithm} depends on who speaks. "
                "Give zeros where there is one speaker."
            )
        dialogues = read_dialogues(
            features.to(self.classifier.weight.dtype),
            speakers,
            mask,
            next_speakers,
            feature_dim=config.feature_dim,
            n_speakers=config.n_speakers,
        )
        found = self.conversation(dialogues).masked_fill(~dialogues.mask[..., None], 0)
        logits = self.classifier(found)
        if labels is None:
            return ErcOutput(logits=logits, features=found)
        labels = read_labels(labels, dialogues.mask, config.n_labels)
        losses = {"labels": self._loss(logits, labels)}
        penalty = self.conversation.penalty(self.classifier)
        if penalty is not None:
            losses["penalty"] = penalty
        total = torch.stack([*losses.values()]).sum()
        return ErcOutput(loss=total, logits=logits, features=found, losses=losses)

    def load_official(self, weights: Mapping[str, Any]) -> "ErcModel":
        """Take the weights of a released model, by their released names.

        Args:
            weights: Arrays or tensors by name: of conv-emotion's BiModel or DialogueGCNModel, or
                variables of its CMN's or ICON's graph, whose matrices are turned here. An ``.npz``
                whose weights begin with ``w/`` goes as it is.

        Returns:
            The model.

        Raises:
            ValueError: A weight that is missing, of another size, or of no layer of the model.
        """
        self.load_state_dict(state_of(self.config, weights, self.state_dict()))
        return self

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Cross entropy, averaged over what is scored; 0 where nothing is."""
        weights = None
        if self.config.class_weights is not None:
            weights = logits.new_tensor(self.config.class_weights)
        each = nn.functional.cross_entropy(
            logits.flatten(0, 1),
            labels.flatten(),
            weight=weights,
            ignore_index=IGNORED,
            reduction="sum",
        )
        scored = labels[labels != IGNORED]
        total = weights[scored].sum() if weights is not None else logits.new_tensor(len(scored))
        return each / total.clamp(min=torch.finfo(total.dtype).tiny)


ErcModel.register_for_auto_class()
