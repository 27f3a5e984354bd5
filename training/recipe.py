"""A recipe: everything that decides a fine-tuning run, as one dataclass read from YAML."""

from dataclasses import asdict, dataclass, field, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from affecthub.errors import unknown_name
from affecthub.settings import merge, read_yaml
from affecthub.training.arguments import check, require_batches, settings
from affecthub.training.recipe_checks import check_draws, check_model
from affecthub.training.recipe_parts import (
    ANSWER,
    NO_OTHER_FIELDS,
    EvaluateRecipe,
    LoraRecipe,
    QuestionRecipe,
    ScratchRecipe,
    SourceRecipe,
    Switch,
    TowersRecipe,
    Whole,
    check_answer,
)

MODALITIES = ("audio", "face", "video", "text")
SAVE_DTYPES = ("float32", "bfloat16", "float16")

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


# Fields that are mappings, or hold some, and what these may say.
PARTS: dict[str, type] = {
    "questions": QuestionRecipe,
    "more_corpora": SourceRecipe,
    "towers": TowersRecipe,
    "scratch": ScratchRecipe,
    "lora": LoraRecipe,
    "evaluate": EvaluateRecipe,
}


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
        template: What is said, with ``{answer}`` where the answer stands.
        questions: What is asked in training, question to `answer`, `weight`, `template` and
            `options`: each time a clip is drawn one that it can answer is drawn with it. Empty asks
            `question`, which is asked after training in any case.
        train_split: Split to train on.
        test_split: Split to answer and score after training; None takes "test" where there is one.
        label: ClassLabel column that accuracy, macro-F1 and hit rate are scored against.
        max_train_clips: Train on the first clips of a seeded shuffle; None takes all.
        weight: How often its clips are drawn, beside the weights of `more_corpora`; none anywhere
            draws every clip of all once an epoch.
        balance: Column whose values are drawn equally often, whatever their numbers of clips.
        weight_by: Column of numbers; a clip is drawn as often as its number says.
        more_corpora: Corpora that are trained on beside `corpus`, which alone is validated and
            tested on.
        modality_dropout: Chance, 0 to 1, with which a training clip's modalities are each left out
            when it is drawn; one always stays.
        cache_media: Keep processed clips in memory, so that media is decoded once and not every
            epoch. For small corpora.
        features: Folder that ``affecthub features`` has filled: what the towers make of the clips,
            in place of their media.

    > Parameters that control the model

        model: Folder or Hub id of a saved AffectGPT; exactly one of `model`, `towers` and
            `scratch`.
        towers: Three pretrained models to put together, instead of `model`.
        scratch: Settings of a model made from random weights, instead of `model`.
        dtype: Of the weights that are loaded: "auto" (as they were saved), "float32", "bfloat16" or
            "float16". Adapters and fusion are trained in float32 whatever it is.
        freeze_towers: Keep vision and audio towers as they are, as the AffectGPT paper does.
        lora: Adapters on the language model; null trains the language model in full.

    > Parameters that control the training

        seed: Seed of initial values, order, questions and dropout.
        packing: Put the clips of a batch one after the other into one row, without padding; none
            sees another.
        max_packed_tokens: Fill a row with as many clips as have so many tokens together, instead of
            `per_device_train_batch_size`; needs `packing`.
        global_batch_size: Clips of a step over all processes, whatever their number: accumulation
            is made to fit, with batches of at most per_device_train_batch_size. None leaves it to
            `trainer`: a batch times its accumulation times the processes.
        save_dtype: Precision of the weights in the run's folder, "float32", "bfloat16" or
            "float16"; None halves those of adapters trained in bf16 and leaves others as they are.
        trainer: Fields of ``transformers.TrainingArguments`` under their own names, passed on
            whole: learning_rate, max_steps, report_to, optim, deepspeed, fsdp, torch_compile, ...
        evaluate: Answer validation clips at every evaluation and keep the weights of the best
            set-F; ``{}`` as below, null compares by the loss. ``trainer.metric_for_best_model``
            may name another score, and eval_set_f there is enough to switch this on.

    > Parameters that control the prediction

        predict_batch_size: Clips per generation step.
        max_new_tokens: Longest answer.

    What `trainer` does not say is as in ``arguments.DEFAULTS``, the paper's training.

    Raises:
        ValueError: A value is outside its range, not exactly one model source is given, or
            ``TrainingArguments`` has no such field.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    # data
    corpus: str
    config: str | None = None
    protocol: str = "speaker_independent"
    modalities: tuple[str, ...] = ("audio", "video", "text")
    question: str = "labels"
    options: tuple[str, ...] = ()
    answer: tuple[str, ...] = ("open_vocabulary",)
    template: str = ANSWER
    questions: dict[str, QuestionRecipe] = field(default_factory=dict)
    train_split: str = "train"
    test_split: str | None = None
    label: str = "emotion"
    max_train_clips: Whole | None = None
    weight: float | None = None
    balance: str | None = None
    weight_by: str | None = None
    more_corpora: tuple[SourceRecipe, ...] = ()
    modality_dropout: float = 0.0
    cache_media: Switch = False
    features: str | None = None

    # model
    model: str | None = None
    towers: TowersRecipe | None = None
    scratch: ScratchRecipe | None = None
    dtype: str = "auto"
    freeze_towers: Switch = True
    lora: LoraRecipe | None = field(default_factory=LoraRecipe)

    # training
    seed: Whole = 0
    packing: Switch = False
    max_packed_tokens: Whole | None = None
    global_batch_size: Whole | None = None
    save_dtype: str | None = None
    trainer: dict[str, Any] = field(default_factory=dict)
    evaluate: EvaluateRecipe | None = None

    # prediction
    predict_batch_size: Whole = 16
    max_new_tokens: Whole = 64

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        self.modalities = tuple(self.modalities)
        self.answer = tuple(self.answer)
        self.options = tuple(self.options)
        self.more_corpora = tuple(self.more_corpora)
        for name in self.modalities:
            if name not in MODALITIES:
                raise unknown_name("modality", name, MODALITIES)
        if not self.modalities:
            raise ValueError(f"`modalities` is empty: expected at least one of {MODALITIES}.")
        check_answer(self.answer, self.template)
        check_model(self)
        if not 0 <= self.modality_dropout <= 1:
            raise ValueError(
                f"`modality_dropout` is {self.modality_dropout}: expected a chance, 0 to 1."
            )
        if self.modality_dropout and self.cache_media:
            raise ValueError(
                "`cache_media` keeps a clip as it was drawn first: got it with `modality_dropout` "
                f"{self.modality_dropout}, expected one of them. Set one to its default."
            )
        if self.features is not None and not self.freeze_towers:
            raise ValueError(
                f"`features` stand for towers that never change: got {self.features!r} with "
                "freeze_towers=False, expected true. Leave `features` out to train the towers."
            )
        for name in ("predict_batch_size", "max_new_tokens"):
            if getattr(self, name) <= 0:
                raise ValueError(f"`{name}` is {getattr(self, name)}: expected a positive number.")
        if self.save_dtype not in (None, *SAVE_DTYPES):
            raise unknown_name("`save_dtype`", self.save_dtype, SAVE_DTYPES)
        check(self.trainer)
        if self.global_batch_size is not None:
            require_batches(self.global_batch_size, self.trainer)
        if self.evaluate is not None and settings(self)["eval_strategy"] == "no":
            raise ValueError(
                "`evaluate` needs evaluations: got it with trainer.eval_strategy=no, expected "
                "epoch or steps. Leave one of them out."
            )
        check_draws(self)
        if self.more_corpora:
            self.sources()

    def wants_answers(self) -> bool:
        """Whether validation clips are answered in training: it says so, or chooses by that."""
        chosen_by = self.trainer.get("metric_for_best_model", "eval_loss")
        return self.evaluate is not None or not str(chosen_by).endswith("loss")

    def sources(self) -> tuple["Recipe", ...]:
        """The recipe of each corpus alone: its own first, then `more_corpora`.

        Example:
            >>> more = SourceRecipe(corpus="meld", answer=("emotion",))
            >>> recipe = Recipe(corpus="demo", model="m", more_corpora=(more,))
            >>> [(source.corpus, source.answer) for source in recipe.sources()]
            [('demo', ('open_vocabulary',)), ('meld', ('emotion',))]
        """
        own = replace(self, more_corpora=())
        return (own, *(replace(own, **each.fields()) for each in self.more_corpora))

    def to_dict(self) -> dict[str, Any]:
        """Plain values that ``yaml.safe_dump`` and JSON can write."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


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
        wrong = [in_words(detail, Recipe, "TrainingArguments") for detail in error.errors()]
        raise ValueError(f"{source}: {' '.join(wrong)}") from error


def _plain(value: Any) -> Any:
    """The same value with lists for tuples."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value


def _unknown_recipe(name: str) -> ValueError:
    """The error for a name that is no recipe of fine-tuning."""
    from affecthub.training.recipe_kinds import FINE_TUNING, kind_of

    if (kind := kind_of(name)) != FINE_TUNING:
        return ValueError(
            f"recipe {name!r} is one of the kind {kind!r}: expected one that fine-tunes AffectGPT, "
            f"{', '.join(list_recipes())}. Run it with: affecthub train {name}"
        )
    return unknown_name("recipe", name, list_recipes())


def in_words(detail: Any, owner: Any, trainer: str) -> str:
    """Say what pydantic found as our errors do: the field, what it got, what it expects.

    Args:
        detail: One of its findings.
        owner: The recipe's class.
        trainer: Whose fields its `trainer` has.
    """
    *above, name = detail["loc"] or ("",)
    where = ".".join(map(str, detail["loc"]))
    match detail["type"]:
        case "value_error":
            return str(detail["ctx"]["error"])
        case "missing":
            return f"`{where}` is missing: expected a value, it has no default. Set {where}=..."
        case "unexpected_keyword_argument" if owner is Recipe and not above and name in RENAMED:
            return f"`{name}` is now {RENAMED[name]}."
        case "unexpected_keyword_argument" if above:
            part = next(each for each in reversed(above) if each in PARTS)
            known = [own.name for own in fields(PARTS[part])]
            return str(unknown_name(f"field of `{'.'.join(map(str, above))}`", name, known))
        case "unexpected_keyword_argument":
            known = [own.name for own in fields(owner)]
            wrong = unknown_name("field", name, known)
            return f"{wrong} Fields of {trainer} stand under `trainer`."
    # A file has no tuples and no dataclasses.
    expected = detail["msg"].removeprefix("Input should be ").partition(" or an instance of")[0]
    expected = expected.replace("tuple", "list").replace("dictionary", "mapping")
    return f"`{where}` is {detail['input']!r}: expected {expected}."
