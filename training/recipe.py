"""A recipe: everything that decides a fine-tuning run, as one dataclass read from YAML."""

import types
import typing
from dataclasses import asdict, dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from affecthub.errors import unknown_name

MODALITIES = ("audio", "face", "video", "text")


@dataclass(kw_only=True)
class LoraRecipe:
    """Low-rank adapters on the language model.

    Source: AffectGPT paper, Table 8 (40,370,176 parameters on Qwen2.5-7B with rank 16).
    """

    r: int = 16
    alpha: int = 32
    dropout: float = 0.05


@dataclass(kw_only=True)
class ScratchRecipe:
    """A small model that starts from random weights, with a tokenizer made from the corpus.

    Args:
        vocab_size: Largest number of tokens the tokenizer may learn from the training texts.
        config: Fields of ``AffectGPTConfig.tiny`` to set.
    """

    vocab_size: int = 1000
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Recipe:
    """One fine-tuning run.

    > Parameters that control the data

        corpus: Name from ``affecthub data list``. No default.
        config: Config of the corpus; None takes the corpus' first.
        protocol: Split to train, validate and test on.
        modalities: What the model is given, of "audio", "face", "video" and "text".
        question: Key of the model's ``questions``, or a question in words.
        options: What a question that names ``{options}`` chooses from.
        answer: Columns whose values make the answer, joined by ", "; labels by name, lists in full.
        label: ClassLabel column that accuracy, macro-F1 and hit rate are scored against.
        max_train_clips: Train on the first clips of a seeded shuffle; None takes all.
        modality_dropout: Chance, 0 to 1, with which a training clip's modalities are each left out
            when it is drawn; one always stays.
        cache_media: Keep processed clips in memory, so that media is decoded once and not every
            epoch. For small corpora.

    > Parameters that control the model

        model: Folder or Hub id of a saved AffectGPT, or None together with `scratch`. No default.
        scratch: Settings of a model made from random weights, instead of `model`.
        freeze_towers: Keep vision and audio towers as they are.
        lora: Adapters on the language model; null trains the language model in full.

    > Parameters that control the training

        seed: Seed of initial values, order and dropout.
        epochs: Passes over the training split.
        batch_size: Clips per device and step.
        group_by_length: Put clips of similar length into a batch, which saves padding. Every clip
            is processed once more at the start to learn its length.
        gradient_accumulation_steps: Steps that add up before an update.
        learning_rate: AdamW's step size.
        weight_decay: AdamW's decay, not applied to biases and norms.
        warmup_ratio: Share of the steps in which the learning rate rises from zero.
        lr_scheduler_type: Name of a transformers schedule.
        max_grad_norm: Gradients are scaled down to this norm; 0 leaves them.
        keep_best: Evaluate on the validation split after every epoch and keep the weights of the
            lowest loss.
        bf16: Compute in bfloat16 where the device has it.
        dataloader_workers: Processes that decode media.

    > Parameters that control the prediction

        predict_batch_size: Clips per generation step.
        max_new_tokens: Longest answer.

    Defaults that differ from ``TrainingArguments``: learning_rate 1e-5 and weight_decay 0.05, batch
    size 3, a constant schedule and no clipping. Source: the AffectGPT paper trains so for 60 rounds
    of 5,000 steps.

    Raises:
        ValueError: A value is outside its range, or not exactly one model source is given.
    """

    # data
    corpus: str
    config: str | None = None
    protocol: str = "speaker_independent"
    modalities: tuple[str, ...] = ("audio", "video", "text")
    question: str = "labels"
    options: tuple[str, ...] = ()
    answer: tuple[str, ...] = ("open_vocabulary",)
    label: str = "emotion"
    max_train_clips: int | None = None
    modality_dropout: float = 0.0
    cache_media: bool = False

    # model
    model: str | None = None
    scratch: ScratchRecipe | None = None
    freeze_towers: bool = True
    lora: LoraRecipe | None = field(default_factory=LoraRecipe)

    # training
    seed: int = 0
    epochs: float = 10
    batch_size: int = 3
    group_by_length: bool = False
    gradient_accumulation_steps: int = 1
    learning_rate: float = 1e-5
    weight_decay: float = 0.05
    warmup_ratio: float = 0.0
    lr_scheduler_type: str = "constant"
    max_grad_norm: float = 0.0
    keep_best: bool = True
    bf16: bool = False
    dataloader_workers: int = 0

    # prediction
    predict_batch_size: int = 16
    max_new_tokens: int = 64

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        self.modalities = tuple(self.modalities)
        self.answer = tuple(self.answer)
        self.options = tuple(self.options)
        for name in self.modalities:
            if name not in MODALITIES:
                raise unknown_name("modality", name, MODALITIES)
        if not self.modalities:
            raise ValueError(f"`modalities` is empty: expected at least one of {MODALITIES}.")
        if not self.answer:
            raise ValueError("`answer` is empty: expected the columns that make the answer.")
        if (self.model is None) == (self.scratch is None):
            raise ValueError(
                f"the model's source is not clear: got model={self.model!r} and "
                f"scratch={self.scratch!r}, expected exactly one. Name a saved AffectGPT in "
                "`model`, or describe a small one in `scratch`."
            )
        if self.scratch is not None and (self.lora is not None or self.freeze_towers):
            raise ValueError(
                f"a model from scratch has nothing to keep: got lora={self.lora!r} and "
                f"freeze_towers={self.freeze_towers}, expected null and false."
            )
        if not 0 <= self.modality_dropout <= 1:
            raise ValueError(
                f"`modality_dropout` is {self.modality_dropout}: expected a chance, 0 to 1."
            )
        if self.modality_dropout and self.cache_media:
            raise ValueError(
                "`cache_media` keeps a clip as it was drawn first: got it with `modality_dropout` "
                f"{self.modality_dropout}, expected one of them. Set one to its default."
            )
        for name in ("epochs", "batch_size", "learning_rate", "max_new_tokens"):
            if getattr(self, name) <= 0:
                raise ValueError(f"`{name}` is {getattr(self, name)}: expected a positive number.")

    def to_dict(self) -> dict[str, Any]:
        """Plain values that ``yaml.safe_dump`` and JSON can write."""
        plain = asdict(self)
        lists = {name: list(plain[name]) for name in ("modalities", "options", "answer")}
        return plain | lists


def list_recipes() -> list[str]:
    """The names of the recipes that are installed with the package."""
    folder = files("affecthub.training") / "recipes"
    return sorted(
        entry.name.removesuffix(".yaml")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    )


def load_recipe(name_or_path: str | Path, **overrides: Any) -> Recipe:
    """Read a recipe by its installed name or from a YAML file.

    Args:
        name_or_path: "demo", or a path that ends in .yaml or .yml.
        overrides: Fields that replace what the file says.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name, a key or a value is not known; close matches are listed.

    Example:
        >>> load_recipe("demo", seed=1).seed
        1
    """
    if str(name_or_path).endswith((".yaml", ".yml")):
        path = Path(name_or_path)
        if not path.is_file():
            raise FileNotFoundError(f"recipe file not found: {path}. Check the path.")
        text, source = path.read_text(encoding="utf-8"), str(path)
    else:
        if str(name_or_path) not in list_recipes():
            raise unknown_name("recipe", str(name_or_path), list_recipes())
        source = f"{name_or_path}.yaml"
        text = (files("affecthub.training") / "recipes" / source).read_text(encoding="utf-8")
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"recipe {source} is not YAML: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(
            f"recipe {source} holds {type(values).__name__}: expected fields and their values."
        )
    return _build(Recipe, values | overrides, source)


def parse_overrides(pairs: list[str]) -> dict[str, Any]:
    """Read ``key=value`` pairs from the command line, values as YAML.

    Raises:
        ValueError: A pair has no "=".

    Example:
        >>> parse_overrides(["seed=3", "modalities=[text]"])
        {'seed': 3, 'modalities': ['text']}
    """
    values = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"cannot read override {pair!r}: expected KEY=VALUE.")
        values[key.strip()] = yaml.safe_load(value)
    return values


def _build(cls: type, values: dict[str, Any], source: str) -> Any:
    """Make a dataclass from a mapping, naming the file and the field where they do not fit."""
    hints = typing.get_type_hints(cls)
    known = {f.name for f in fields(cls)}
    for key in values:
        if key not in known:
            raise ValueError(f"{source}: {unknown_name('field', key, known)}")
    built = {}
    for key, value in values.items():
        built[key] = _convert(hints[key], value, f"{source}: `{key}`")
    try:
        return cls(**built)
    except TypeError as error:
        raise ValueError(f"{source}: {error}") from error


def _convert(hint: Any, value: Any, where: str) -> Any:
    """Check a YAML value against a field's type and make tuples, floats and nested dataclasses."""
    if isinstance(hint, types.UnionType):
        if value is None and type(None) in hint.__args__:
            return None
        hint = next(arg for arg in hint.__args__ if arg is not type(None))
    if hasattr(hint, "__dataclass_fields__"):
        if isinstance(value, hint):
            return value
        if isinstance(value, dict):
            return _build(hint, value, where)
    elif typing.get_origin(hint) is tuple:
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return tuple(value)
    elif hint is float:
        # YAML reads 1e-3 as a string: its numbers need a dot.
        try:
            if not isinstance(value, bool):
                return float(value)
        except (TypeError, ValueError):
            pass
    else:
        plain = typing.get_origin(hint) or hint
        if isinstance(value, plain) and not (plain is int and isinstance(value, bool)):
            return value
    raise ValueError(f"{where} is {value!r}: expected {getattr(hint, '__name__', hint)}.")
