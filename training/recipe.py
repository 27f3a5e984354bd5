"""A recipe: everything that decides a fine-tuning run, as one dataclass read from YAML."""

from dataclasses import asdict, dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import ConfigDict, Strict, TypeAdapter, ValidationError

from affecthub.errors import unknown_name
from affecthub.settings import merge, read_yaml
from affecthub.training.arguments import check

MODALITIES = ("audio", "face", "video", "text")

# Yes is no number, and 1 is no yes.
Whole = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
_NO_OTHER_FIELDS = ConfigDict(extra="forbid")

# What recipes of version 0.1 said on their top floor, and how it is said now.
RENAMED = {
    "epochs": "trainer.num_train_epochs",
    "batch_size": "trainer.per_device_train_batch_size",
    "group_by_length": "trainer.train_sampling_strategy: group_by_length",
    "gradient_accumulation_steps": "trainer.gradient_accumulation_steps",
    "learning_rate": "trainer.learning_rate",
    "weight_decay": "trainer.weight_decay",
    "warmup_ratio": "trainer.warmup_steps, a share of the run below 1",
    "lr_scheduler_type": "trainer.lr_scheduler_type",
    "max_grad_norm": "trainer.max_grad_norm",
    "keep_best": "trainer.eval_strategy: 'epoch' keeps the best weights, 'no' the last",
    "bf16": "trainer.bf16",
    "dataloader_workers": "trainer.dataloader_num_workers",
}


@dataclass(kw_only=True)
class LoraRecipe:
    """Low-rank adapters on the language model.

    Args:
        r: Rank. Source: AffectGPT paper, Table 8.
        alpha: The adapters' product is scaled by alpha over rank.
        dropout: Chance, 0 to 1, with which an adapter's input is zeroed in training.

    Source: AffectGPT paper, Table 8 (40,370,176 parameters on Qwen2.5-7B with rank 16).
    """

    __pydantic_config__ = _NO_OTHER_FIELDS

    r: Whole = 16
    alpha: Whole = 32
    dropout: float = 0.05


@dataclass(kw_only=True)
class ScratchRecipe:
    """A small model that starts from random weights, with a tokenizer made from the corpus.

    Args:
        vocab_size: Largest number of tokens the tokenizer may learn from the training texts.
        config: Fields of ``AffectGPTConfig.tiny`` to set.
    """

    __pydantic_config__ = _NO_OTHER_FIELDS

    vocab_size: Whole = 1000
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Recipe:
    """One fine-tuning run.

    > Parameters that control the data

        corpus: Name from ``affecthub data list``.
        config: Config of the corpus; None takes the corpus' first.
        protocol: Split to train, validate and test on.
        modalities: What the model is given, of "audio", "face", "video" and "text".
        question: Key of the model's ``questions``, or a question in words.
        options: What a question that names ``{options}`` chooses from.
        answer: Columns whose values make the answer, joined by ", "; labels by name, lists in full.
        test_split: Split to answer and score after training; None takes "test" where there is one.
        label: ClassLabel column that accuracy, macro-F1 and hit rate are scored against.
        max_train_clips: Train on the first clips of a seeded shuffle; None takes all.
        modality_dropout: Chance, 0 to 1, with which a training clip's modalities are each left out
            when it is drawn; one always stays.
        cache_media: Keep processed clips in memory, so that media is decoded once and not every
            epoch. For small corpora.

    > Parameters that control the model

        model: Folder or Hub id of a saved AffectGPT; exactly one of `model` and `scratch`.
        scratch: Settings of a model made from random weights, instead of `model`.
        freeze_towers: Keep vision and audio towers as they are, as the AffectGPT paper does.
        lora: Adapters on the language model; null trains the language model in full.

    > Parameters that control the training

        seed: Seed of initial values, order and dropout.
        trainer: Fields of ``transformers.TrainingArguments`` under their own names, passed on
            whole: learning_rate, max_steps, report_to, optim, deepspeed, fsdp, torch_compile, ...

    > Parameters that control the prediction

        predict_batch_size: Clips per generation step.
        max_new_tokens: Longest answer.

    What `trainer` does not say is as in ``arguments.DEFAULTS``, the paper's training.

    Raises:
        ValueError: A value is outside its range, not exactly one model source is given, or
            ``TrainingArguments`` has no such field.
    """

    __pydantic_config__ = _NO_OTHER_FIELDS

    # data
    corpus: str
    config: str | None = None
    protocol: str = "speaker_independent"
    modalities: tuple[str, ...] = ("audio", "video", "text")
    question: str = "labels"
    options: tuple[str, ...] = ()
    answer: tuple[str, ...] = ("open_vocabulary",)
    test_split: str | None = None
    label: str = "emotion"
    max_train_clips: Whole | None = None
    modality_dropout: float = 0.0
    cache_media: Switch = False

    # model
    model: str | None = None
    scratch: ScratchRecipe | None = None
    freeze_towers: Switch = True
    lora: LoraRecipe | None = field(default_factory=LoraRecipe)

    # training
    seed: Whole = 0
    trainer: dict[str, Any] = field(default_factory=dict)

    # prediction
    predict_batch_size: Whole = 16
    max_new_tokens: Whole = 64

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
        for name in ("predict_batch_size", "max_new_tokens"):
            if getattr(self, name) <= 0:
                raise ValueError(f"`{name}` is {getattr(self, name)}: expected a positive number.")
        check(self.trainer)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that ``yaml.safe_dump`` and JSON can write."""
        plain = asdict(self)
        lists = {name: list(plain[name]) for name in ("modalities", "options", "answer")}
        return plain | lists


def list_recipes() -> list[str]:
    """The names of the recipes of fine-tuning that are installed with the package."""
    from affecthub.training.recipe_kinds import installed

    return installed("sft")


def load_recipe(name_or_path: str | Path, **overrides: Any) -> Recipe:
    """Read a recipe by its installed name or from a YAML file.

    Args:
        name_or_path: "demo", or a path that ends in .yaml or .yml.
        overrides: Fields that replace what the file says; a mapping is merged over the file's, so
            that ``trainer={"max_steps": 3}`` leaves its other fields.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name, a field or a value is not known; close matches are listed.

    Example:
        >>> load_recipe("emotiontalk_text", seed=1, trainer={"max_steps": 3}).trainer["max_steps"]
        3
    """
    if str(name_or_path).endswith((".yaml", ".yml")):
        path = Path(name_or_path)
        if not path.is_file():
            raise FileNotFoundError(f"recipe file not found: {path}. Check the path.")
        text, source = path.read_text(encoding="utf-8"), str(path)
    else:
        if str(name_or_path) not in list_recipes():
            raise _unknown_recipe(str(name_or_path))
        source = f"{name_or_path}.yaml"
        text = (files("affecthub.training") / "recipes" / source).read_text(encoding="utf-8")
    try:
        values = read_yaml(text)
    except yaml.YAMLError as error:
        raise ValueError(f"recipe {source} is not YAML: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(
            f"recipe {source} holds {type(values).__name__}: expected fields and their values."
        )
    try:
        return TypeAdapter(Recipe).validate_python(merge(values, overrides))
    except ValidationError as error:
        wrong = [_in_words(detail) for detail in error.errors()]
        raise ValueError(f"{source}: {' '.join(wrong)}") from error


def _unknown_recipe(name: str) -> ValueError:
    """The error for a name that is no recipe of fine-tuning."""
    from affecthub.training.recipe_kinds import kind_of

    if kind_of(name) == "grpo":
        return ValueError(
            f"recipe {name!r} is one of reinforcement learning: expected one of fine-tuning, "
            f"{', '.join(list_recipes())}. Run it with: affecthub train {name}"
        )
    return unknown_name("recipe", name, list_recipes())


def _in_words(detail: Any) -> str:
    """Say what pydantic found as our errors do: the field, what it got, what it expects."""
    *above, name = detail["loc"] or ("",)
    where = ".".join(map(str, detail["loc"]))
    match detail["type"]:
        case "value_error":
            return str(detail["ctx"]["error"])
        case "missing":
            return f"`{where}` is missing: expected a value, it has no default."
        case "unexpected_keyword_argument" if not above and name in RENAMED:
            return f"`{name}` is now {RENAMED[name]}."
        case "unexpected_keyword_argument" if above:
            owner = {"lora": LoraRecipe, "scratch": ScratchRecipe}[above[0]]
            known = [own.name for own in fields(owner)]
            return str(unknown_name(f"field of `{above[0]}`", name, known))
        case "unexpected_keyword_argument":
            known = [own.name for own in fields(Recipe)]
            wrong = unknown_name("field", name, known)
            return f"{wrong} Fields of TrainingArguments stand under `trainer`."
    # A file has no tuples and no dataclasses.
    expected = detail["msg"].removeprefix("Input should be ").partition(" or an instance of")[0]
    expected = expected.replace("tuple", "list").replace("dictionary", "mapping")
    return f"`{where}` is {detail['input']!r}: expected {expected}."
