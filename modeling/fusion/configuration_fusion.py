"""The configuration of a fusion: which of the ten, its sizes, and whether its bugs are repaired."""

from collections.abc import Mapping
from dataclasses import field
from dataclasses import fields as dataclass_fields
from os import PathLike
from typing import Any, Literal

from huggingface_hub.dataclasses import strict
from transformers.configuration_utils import PreTrainedConfig

from .configuration_options import (
    OPTIONS,
    SEQUENCE_ALGORITHMS,
    as_dict,
    read_options,
    require_algorithm,
)

# Where each Auto class finds its class when the files of this folder travel with a checkpoint.
AUTO_MAP = {
    "AutoConfig": "configuration_fusion.FusionConfig",
    "AutoModel": "modeling_fusion.FusionModel",
    "AutoModelForSequenceClassification": "modeling_fusion.FusionModel",
}
MODALITIES = ("audio", "text", "vision")


@strict
class FusionConfig(PreTrainedConfig):
    r"""Which fusion of sound, text and faces, of which sizes.

    ``FusionConfig()`` is attention at the sizes of EmotionTalk's Table 4: a large HuBERT, a
    language model of 7B and a large CLIP.

    Args:
        algorithm: ``attention``, ``lmf``, ``tfn``, ``misa``, ``mmim`` (one vector per clip and
            modality), ``mult``, ``mfn``, ``graph_mfn``, ``mfm``, ``mctn`` (sequences).
        audio_dim: Width of the features of sound.
        text_dim: Width of the features of text.
        vision_dim: Width of the features of faces or frames.
        hidden_dim: Width inside.
        dropout: Of the encoders, and where the fusion has one.
        level: What the encoders read: ``utterance`` one vector per clip (three-dimensional features
            are averaged over their steps), ``frame`` steps. None takes what the fusion was made
            for.
        fidelity: ``fixed``, or ``official``, which computes what the released code computes, bugs
            and all; see the README of this package for what each fix changes.
        score: Whether a second head gives a continuous score.
        modality_dropout: In training, how often a modality of a clip is taken away; a clip always
            keeps one.
        missing: Of a clip that lacks some modality: ``mask`` it, or ``refuse`` the clip. A clip
            that has none at all is always refused.
        options: Of the fusion, by name; see :data:`configuration_options.OPTIONS`.
        **kwargs: ``num_labels`` (7 by default, 0 with ``score``), ``id2label`` and what every
            configuration of transformers has.

    Raises:
        ValueError: An unknown algorithm or option, a size below 1, a share out of its range, no
            head at all, or heads that do not divide the width.
        StrictDataclassFieldValidationError: A field of the wrong type, or not one of its choices.

    Source: EmotionTalk (Sun et al., 2025), Tables 4 and 12; MERBench (Lian et al., 2024).

    Example:
        >>> config = FusionConfig(algorithm="lmf", hidden_dim=64, options={"rank": 3})
        >>> config.level, config.option.rank, config.num_labels
        ('utterance', 3, 7)
    """

    model_type = "fusion"
    keys_to_ignore_at_inference = ["features", "losses"]
    attribute_map = {"hidden_size": "hidden_dim"}

    algorithm: str = "attention"
    audio_dim: int = 1024
    text_dim: int = 4096
    vision_dim: int = 768
    hidden_dim: int = 128
    dropout: float | int = 0.3
    level: Literal["utterance", "frame"] | None = None
    fidelity: Literal["fixed", "official"] = "fixed"
    score: bool = False
    modality_dropout: float | int = 0.0
    missing: Literal["mask", "refuse"] = "mask"
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self, **kwargs: Any) -> None:
        """Fill in defaults and refuse what does not fit."""
        if self.id2label is None:
            kwargs.setdefault("num_labels", 7)
        super().__post_init__(**kwargs)
        require_algorithm(self.algorithm)
        self._check_numbers()
        self.options = as_dict(read_options(self.algorithm, self.options))
        self._check_heads()
        if self.level is None:
            self.level = "frame" if self.algorithm in SEQUENCE_ALGORITHMS else "utterance"

    def _check_numbers(self) -> None:
        # Some fusions halve their width.
        least_of = {"audio_dim": 1, "text_dim": 1, "vision_dim": 1, "hidden_dim": 2}
        for name, least in least_of.items():
            if getattr(self, name) < least:
                raise ValueError(
                    f"`{name}` is too small: got {getattr(self, name)}, expected {least} or more"
                )
        for name in ("dropout", "modality_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` is no share: got {getattr(self, name)}, expected from 0 to below 1"
                )
        if not self.num_labels and not self.score:
            raise ValueError(
                "the model has nothing to say: got num_labels=0 and score=False, expected labels, "
                "a score or both. Set `num_labels` or `score=True`."
            )

    def _check_heads(self) -> None:
        """Refuse heads of attention that do not divide the width, and a window that MFN lacks."""
        for name in ("num_heads", "transformer_heads"):
            heads = self.options.get(name)
            if heads is not None and self.hidden_dim % heads:
                raise ValueError(
                    f"option `{name}` of {self.algorithm}: got {heads} heads for a width of "
                    f"{self.hidden_dim}, expected a divisor. Change it or `hidden_dim`."
                )
        if self.options.get("window_dim", 2) != 2:
            raise ValueError(
                f"option `window_dim` of {self.algorithm}: got {self.options['window_dim']}, "
                "expected 2: its attention looks at this step and the one before"
            )

    @property
    def option(self) -> Any:
        """The options as the dataclass of the fusion."""
        return read_options(self.algorithm, self.options)

    @property
    def is_official(self) -> bool:
        """Whether the released code is followed in its bugs."""
        return self.fidelity == "official"

    @property
    def dims(self) -> dict[str, int]:
        """Width of each modality's features."""
        return {"audio": self.audio_dim, "text": self.text_dim, "vision": self.vision_dim}

    @classmethod
    def from_official(cls, algorithm: str, args: Mapping[str, Any], **changes: Any) -> Any:
        """The configuration of a model of MERBench, from its command-line arguments.

        Args:
            algorithm: One of the ten.
            args: ``audio_dim``, ``text_dim``, ``video_dim``, ``output_dim1`` (classes),
                ``output_dim2`` (1 with a score), ``hidden_dim``, ``dropout``, ``feat_type``, and
                the options. What is no setting of a model is passed over.
            **changes: Fields that differ; ``fidelity`` is ``official`` where none is given.

        Raises:
            ValueError: As the configuration itself.

        Example:
            >>> args = {"audio_dim": 8, "text_dim": 8, "video_dim": 8, "output_dim1": 4, "rank": 3}
            >>> config = FusionConfig.from_official("lmf", args)
            >>> config.num_labels, config.vision_dim, config.option.rank, config.fidelity
            (4, 8, 3, 'official')
        """
        require_algorithm(algorithm)
        known = [each.name for each in dataclass_fields(OPTIONS[algorithm])]
        names = {"audio_dim": "audio_dim", "text_dim": "text_dim", "video_dim": "vision_dim"}
        names |= {"hidden_dim": "hidden_dim", "dropout": "dropout", "output_dim1": "num_labels"}
        fields: dict[str, Any] = {new: args[old] for old, new in names.items() if old in args}
        fields["options"] = {name: args[name] for name in known if name in args}
        fields["score"] = bool(args.get("output_dim2", 0))
        if "feat_type" in args:
            fields["level"] = "utterance" if args["feat_type"] == "utt" else "frame"
        return cls(**{"algorithm": algorithm, "fidelity": "official", **fields, **changes})

    def to_diff_dict(self) -> dict[str, Any]:
        """What ``config.json`` holds; two classes are written like any other number."""
        return {**super().to_diff_dict(), "id2label": self.id2label, "label2id": self.label2id}

    def save_pretrained(
        self, save_directory: str | PathLike, push_to_hub: bool = False, **kwargs: Any
    ) -> None:
        """Write ``config.json`` with one entry per Auto class, and the files they need beside it.

        One class can announce itself to a single Auto class only, so the map is set here whole.
        """
        self.auto_map = dict(AUTO_MAP)
        super().save_pretrained(save_directory, push_to_hub=push_to_hub, **kwargs)


FusionConfig.register_for_auto_class()
