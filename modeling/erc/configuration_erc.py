"""The configuration of a conversation model: which of the eight, its sizes, what it may hear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Literal

from huggingface_hub.dataclasses import strict
from transformers.configuration_utils import PreTrainedConfig

from .configuration_official import read_official
from .configuration_options import as_dict, read_options, require_algorithm

# Where each Auto class finds its class when the files of this folder travel with a checkpoint.
AUTO_MAP = {
    "AutoConfig": "configuration_erc.ErcConfig",
    "AutoModel": "modeling_erc.ErcModel",
    "AutoModelForTokenClassification": "modeling_erc.ErcModel",
}


@dataclass(frozen=True)
class About:
    """What one of the eight is where nothing else is asked for.

    Attributes:
        task: ``recognise`` the emotion of an utterance, or ``forecast`` that of the next one.
        hidden_dim: Width, as published or as our form has it.
        dropout: The same.
        public: Whether there is released code that ``official`` follows.
        looks_ahead: Whether it hears what comes after an utterance, if it is let.
    """

    task: Literal["recognise", "forecast"]
    hidden_dim: int
    dropout: float
    public: bool = False
    looks_ahead: bool = False


ABOUT = {
    "cmn": About("recognise", 100, 0.7, public=True),
    "icon": About("recognise", 100, 0.7, public=True),
    "dialoguernn": About("recognise", 300, 0.1, public=True, looks_ahead=True),
    "dialoguegcn": About("recognise", 100, 0.5, public=True, looks_ahead=True),
    "bigru": About("forecast", 128, 0.5),
    "avef": About("forecast", 128, 0.5),
    "dep": About("forecast", 256, 0.5),
    "eamt": About("forecast", 256, 0.5),
}


@strict
class ErcConfig(PreTrainedConfig):
    r"""Which conversation model, of which sizes.

    ``ErcConfig()`` is DialogueRNN at its published sizes over features of a large HuBERT, two
    speakers and four emotions.

    Args:
        algorithm: Recognition: ``cmn``, ``icon``, ``dialoguernn``, ``dialoguegcn``. Forecast of the
            next utterance's emotion: ``bigru``, ``avef``, ``dep``, ``eamt``.
        feature_dim: Width of an utterance's features.
        hidden_dim: Width inside; None takes what was published, or what our form has.
        n_speakers: Most speakers that a dialogue has. Speakers are numbered in each dialogue from
            0, by first appearance.
        causal: Whether nothing after an utterance is heard. None: as published, which is False for
            DialogueRNN, DialogueGCN and a recognising BiGRU. CMN, ICON and every forecast never
            hear it, and have True whatever is given.
        fidelity: ``fixed``, or ``official``, which computes what the released code computes, bugs
            and all; see the README of this package for what each fix changes.
        task: ``recognise`` or ``forecast``; only BiGRU does either, and forecasts by default.
        dropout: None takes the model's own.
        class_weights: One per class, for the loss; None weighs all alike.
        options: Of the model, by name; see :data:`configuration_options.OPTIONS`.
        **kwargs: ``num_labels`` (4 by default), ``id2label`` and what every configuration of
            transformers has.

    Raises:
        ValueError: An unknown algorithm or option, a size below 1, a share out of its range, as
            many weights as there are no classes, a task that the model does not do, ``official``
            of a model without released code, or both ``official`` and ``causal`` of DialogueGCN,
            whose released messages come from the future.
        StrictDataclassFieldValidationError: A field of the wrong type, or not one of its choices.

    Source: EmotionTalk (Sun et al., 2025), Tables 13 and 14.

    Example:
        >>> config = ErcConfig(algorithm="dialoguegcn", feature_dim=256, options={"past": 5})
        >>> config.task, config.hidden_dim, config.option.past, config.option.future, config.causal
        ('recognise', 100, 5, 10, False)
        >>> ErcConfig(algorithm="eamt").causal
        True
    """

    model_type = "erc"
    keys_to_ignore_at_inference = ["features", "losses"]
    attribute_map = {"hidden_size": "hidden_dim"}

    algorithm: str = "dialoguernn"
    feature_dim: int = 1024
    hidden_dim: int | None = None
    n_speakers: int = 2
    causal: bool | None = None
    fidelity: Literal["fixed", "official"] = "fixed"
    task: Literal["recognise", "forecast"] | None = None
    dropout: float | None = None
    class_weights: list[float] | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self, **kwargs: Any) -> None:
        """Fill in defaults and refuse what does not fit."""
        if self.id2label is None:
            kwargs.setdefault("num_labels", 4)
        super().__post_init__(**kwargs)
        require_algorithm(self.algorithm)
        about = ABOUT[self.algorithm]
        self.hidden_dim = about.hidden_dim if self.hidden_dim is None else self.hidden_dim
        self.dropout = about.dropout if self.dropout is None else self.dropout
        self.task = self.task or about.task
        self.options = as_dict(read_options(self.algorithm, self.options))
        self._check_numbers()
        self._check_choices(about)
        looks_ahead = about.looks_ahead or self.task != about.task
        self.causal = bool(self.causal) or not looks_ahead
        if self.is_official and self.algorithm == "dialoguegcn" and self.causal:
            raise ValueError(
                "`causal` does not go with `fidelity`: got True with 'official', but the released "
                "DialogueGCN hears what comes after an utterance; expected 'fixed'"
            )

    def _check_numbers(self) -> None:
        for name in ("feature_dim", "hidden_dim", "n_speakers", "num_labels"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` is too small: got {getattr(self, name)}, expected 1 or more"
                )
        if not 0 <= self.dropped < 1:
            raise ValueError(
                f"`dropout` is no share: got {self.dropped}, expected from 0 to below 1"
            )
        weights = self.class_weights
        if weights is not None and (len(weights) != self.num_labels or min(weights) < 0):
            raise ValueError(
                f"`class_weights` do not fit: got {weights}, expected {self.num_labels} numbers of "
                "0 or more, one per class"
            )

    def _check_choices(self, about: About) -> None:
        """Refuse a task that the model does not do, and released code that there is not."""
        if self.task != about.task and self.algorithm != "bigru":
            raise ValueError(
                f"`task` does not fit {self.algorithm!r}: got {self.task!r}, expected "
                f"{about.task!r}. Leave it out, or take bigru, which does either."
            )
        if self.is_official and not about.public:
            raise ValueError(
                f"`fidelity` does not fit {self.algorithm!r}: got 'official', expected 'fixed', "
                "since no code was released that could be followed"
            )

    @property
    def option(self) -> Any:
        """The options as the dataclass of the model."""
        return read_options(self.algorithm, self.options)

    @property
    def width(self) -> int:
        """``hidden_dim``, which is filled in."""
        assert self.hidden_dim is not None, "filled in where the configuration is made"
        return self.hidden_dim

    @property
    def dropped(self) -> float:
        """``dropout``, which is filled in."""
        assert self.dropout is not None, "filled in where the configuration is made"
        return self.dropout

    @property
    def n_labels(self) -> int:
        """``num_labels``, which is filled in."""
        assert self.num_labels is not None, "filled in where the configuration is made"
        return self.num_labels

    @property
    def is_official(self) -> bool:
        """Whether the released code is followed in its bugs."""
        return self.fidelity == "official"

    @classmethod
    def from_official(
        cls,
        algorithm: str,
        weights: Mapping[str, Any],
        settings: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> "ErcConfig":
        """The configuration of a released model, whose sizes are read off its weights.

        Args:
            algorithm: ``cmn``, ``icon``, ``dialoguernn`` or ``dialoguegcn``.
            weights: As :meth:`modeling_erc.ErcModel.load_official` takes them.
            settings: What weights do not show, by released names: ``hops``, ``timesteps`` (CMN,
                ICON), ``att2`` (DialogueRNN), ``window_past``, ``window_future`` (-1: all),
                ``nodal_attention`` (DialogueGCN), ``n_speakers``; others are passed over.
            **changes: Fields that differ.

        Raises:
            ValueError: A model without released code, or weights of another one.
        """
        return cls(**{**read_official(algorithm, weights, settings or {}), **changes})

    def save_pretrained(
        self, save_directory: str | PathLike, push_to_hub: bool = False, **kwargs: Any
    ) -> None:
        """Write ``config.json`` with one entry per Auto class, and the files they need beside it.

        One class can announce itself to a single Auto class only, so the map is set here whole.
        """
        self.auto_map = dict(AUTO_MAP)
        super().save_pretrained(save_directory, push_to_hub=push_to_hub, **kwargs)


ErcConfig.register_for_auto_class()
