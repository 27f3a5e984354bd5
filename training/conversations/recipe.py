"""A recipe of conversations: everything that decides a run, read from YAML."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict

from affecthub.errors import unknown_name
from affecthub.training.conversations.arguments import STYLES, check
from affecthub.training.recipe_files import load_as
from affecthub.training.recipe_parts import Switch, Whole

KIND = "conversation"
CLASS_WEIGHTS = ("none", "sqrt", "inverse")


@dataclass(kw_only=True)
class ConversationRecipe:
    """One run of emotion recognition in conversation, or of forecasting the next emotion.

    > Parameters that control the data

        kind: ``"conversation"``, which tells it from other recipes.
        corpus: Name from ``affecthub data list``.
        config: Config of the corpus; None takes the corpus' first.
        protocol: Split to train, validate and test on.
        label: ClassLabel column that is learnt.
        emotions: Labels of it that are scored; none takes all.
        outside: Utterances of other labels are ``"context"``, heard and not scored, or ``"drop"``.
        apart: Column whose values are scored apart, too.
        features: Folder of ``affecthub features``; None describes the transcripts by TF-IDF.
        encoders: Names of the caches there, which are joined; none takes the only one.
        lacking: An utterance without features gets ``"zeros"``, or is an ``"error"``.
        normalise: Bring every number to mean 0 and deviation 1 over the training split.
        text_units: Of TF-IDF: ``"characters"`` or ``"words"``.
        text_tags: Markup of transcripts: ``"removed"``, ``"kept"`` or ``"brackets"``.
        text_width: Numbers of an utterance after SVD.
        recogniser: Folder of a causal recognition run, whose answers stand in for the gold labels
            of the history in the deployable baselines.

    > Parameters that control the model

        algorithm: One of the eight of ``affecthub.modeling.erc``.
        task: ``"recognise"`` or ``"forecast"``; None takes the model's.
        causal: Whether nothing after an utterance is heard; None takes the model's.
        fidelity: ``"fixed"`` or ``"official"``.
        hidden_dim: Width inside; None takes the model's.
        dropout: None takes the model's.
        options: Of the model, by name.

    > Parameters that control the training

        seed: Seed of initial values, order and dropout.
        style: ``"house"`` or ``"paper"``: what holds where nothing else is said, see
            ``arguments.STYLES``.
        class_weights: Of the loss: ``"none"``, ``"inverse"`` to a label's frequency, or its
            ``"sqrt"``.
        trainer: Fields of ``transformers.TrainingArguments`` under their own names. Adam is the
            optimiser unless `optim` is among them. A batch counts dialogues.

    Raises:
        ValueError: A value is outside its range, or ``TrainingArguments`` has no such field.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    # data
    kind: Literal["conversation"] = "conversation"
    corpus: str
    config: str | None = None
    protocol: str = "official"
    label: str = "emotion"
    emotions: tuple[str, ...] = ()
    outside: str = "context"
    apart: str | None = None
    features: str | None = None
    encoders: tuple[str, ...] = ()
    lacking: str = "zeros"
    normalise: Switch = False
    text_units: str = "characters"
    text_tags: str = "removed"
    text_width: Whole = 256
    recogniser: str | None = None

    # model
    algorithm: str
    task: str | None = None
    causal: Switch | None = None
    fidelity: str = "fixed"
    hidden_dim: Whole | None = None
    dropout: float | None = None
    options: dict[str, Any] = field(default_factory=dict)

    # training
    seed: Whole = 0
    style: str = "house"
    class_weights: str = "none"
    trainer: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        self.emotions, self.encoders = tuple(self.emotions), tuple(self.encoders)
        for name, known in (
            ("class_weights", CLASS_WEIGHTS),
            ("style", STYLES),
            ("outside", ("context", "drop")),
            ("lacking", ("zeros", "error")),
            ("task", ("recognise", "forecast")),
            ("fidelity", ("fixed", "official")),
        ):
            if getattr(self, name) is not None and getattr(self, name) not in known:
                raise unknown_name(f"`{name}`", getattr(self, name), known)
        if self.text_width < 1:
            raise ValueError(f"`text_width` is {self.text_width}: expected a positive number.")
        if self.encoders and self.features is None:
            raise ValueError(
                f"`encoders` are caches in a folder: got {', '.join(self.encoders)} without "
                "`features`, expected it. Say --features DIR."
            )
        check(self.trainer)
        self.model_config(feature_dim=1, n_speakers=1, num_labels=2)  # its checks are ours
        if self.recogniser is not None and self.model_task != "forecast":
            raise ValueError(
                f"`recogniser` stands in for the labels of the history: got {self.recogniser!r} "
                "with a model that recognises, expected one that forecasts."
            )

    def model_config(
        self, *, feature_dim: int, n_speakers: int, num_labels: int, **more: Any
    ) -> Any:
        """The model's configuration, see ``affecthub.modeling.erc.ErcConfig``."""
        from affecthub.modeling.erc import ErcConfig

        kind: Any = ErcConfig  # its dataclass does not tell of what every configuration takes
        return kind(
            algorithm=self.algorithm,
            feature_dim=feature_dim,
            hidden_dim=self.hidden_dim,
            n_speakers=n_speakers,
            num_labels=num_labels,
            causal=self.causal,
            fidelity=self.fidelity,
            task=self.task,
            dropout=self.dropout,
            options=self.options,
            **more,
        )

    @property
    def model_task(self) -> str:
        """What the model does: ``"recognise"`` or ``"forecast"``."""
        config = self.model_config(feature_dim=1, n_speakers=1, num_labels=2)
        return str(config.task)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that ``yaml.safe_dump`` and JSON can write."""
        return asdict(self) | {name: list(getattr(self, name)) for name in ("emotions", "encoders")}


def load_conversation_recipe(name_or_path: str | Path, **overrides: Any) -> ConversationRecipe:
    """Read a recipe of conversations by its installed name or from a YAML file.

    Args:
        name_or_path: "erc_bigru", or a path that ends in .yaml or .yml.
        overrides: Fields that replace what the file says; a mapping is merged over the file's.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name, a field or a value is not known, close matches are listed; or the
            recipe is of another kind.

    Example:
        >>> load_conversation_recipe("epc_eamt", style="paper").model_task
        'forecast'
    """
    return load_as(ConversationRecipe, KIND, "conversations", name_or_path, overrides)


def changed(recipe: ConversationRecipe, **fields_of_it: Any) -> ConversationRecipe:
    """The recipe with other values; None stands for those that are not to change."""
    given = {name: value for name, value in fields_of_it.items() if value is not None}
    return replace(recipe, **given)
