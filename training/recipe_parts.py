"""The parts of a recipe that are mappings: the model's source, the questions, further corpora.

``recipe.py`` puts them together.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import ConfigDict, Strict

# Yes is no number, and 1 is no yes.
Whole = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
NO_OTHER_FIELDS = ConfigDict(extra="forbid")

# Where an answer stands in what is to be said.
ANSWER = "{answer}"


@dataclass(kw_only=True)
class LoraRecipe:
    """Low-rank adapters on the language model.

    Args:
        r: Rank. Source: AffectGPT paper, Table 8.
        alpha: The adapters' product is scaled by alpha over rank.
        dropout: Chance, 0 to 1, with which an adapter's input is zeroed in training.

    Source: AffectGPT paper, Table 8 (40,370,176 parameters on Qwen2.5-7B with rank 16).
    """

    __pydantic_config__ = NO_OTHER_FIELDS

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

    __pydantic_config__ = NO_OTHER_FIELDS

    vocab_size: Whole = 1000
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class TowersRecipe:
    """A model put together from three pretrained ones; fusion and projectors start at random.

    Args:
        vision: Folder or Hub id of the vision tower.
        audio: Folder or Hub id of the audio tower.
        text: Folder or Hub id of the language model with its tokenizer.
        config: Fields of ``AffectGPTConfig`` to set: the prompt, the questions, how fusion is done.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    vision: str
    audio: str
    text: str
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class QuestionRecipe:
    """What one question of several is answered by, and how often it is asked.

    Args:
        answer: As the recipe's `answer`.
        weight: How often it is drawn, beside the weights of the others; a clip is only asked what
            it has an answer to.
        template: As the recipe's `template`.
        options: As the recipe's `options`.

    Raises:
        ValueError: A value is outside its range.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    answer: tuple[str, ...]
    weight: float = 1.0
    template: str = ANSWER
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        self.answer, self.options = tuple(self.answer), tuple(self.options)
        check_answer(self.answer, self.template)
        check_weight(self.weight, "of a question")


@dataclass(kw_only=True)
class SourceRecipe:
    """A corpus that is trained on beside the recipe's own; what it leaves out is as there.

    Args:
        corpus: Name from ``affecthub data list``.
        config: Config of the corpus; None takes the corpus' first.
        protocol: Whose training split is taken; None is the recipe's.
        train_split: As the recipe's, "train" where it says nothing.
        weight: As the recipe's `weight`.
        modalities: What the model is given of it; None is as in the recipe.
        question: As the recipe's, None for the same, as what follows.
        options: As the recipe's.
        answer: As the recipe's.
        template: As the recipe's.
        questions: As the recipe's.
        balance: As the recipe's.
        weight_by: As the recipe's.
        features: As the recipe's, of this corpus.

    Raises:
        ValueError: A value is outside its range.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    corpus: str
    config: str | None = None
    protocol: str | None = None
    train_split: str = "train"
    weight: float | None = None
    modalities: tuple[str, ...] | None = None
    question: str | None = None
    options: tuple[str, ...] | None = None
    answer: tuple[str, ...] | None = None
    template: str | None = None
    questions: dict[str, QuestionRecipe] | None = None
    balance: str | None = None
    weight_by: str | None = None
    features: str | None = None

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        for name in ("modalities", "options", "answer"):
            if getattr(self, name) is not None:
                setattr(self, name, tuple(getattr(self, name)))
        check_weight(self.weight, f"of {self.corpus}")

    def fields(self) -> dict[str, Any]:
        """The fields of a recipe of this corpus alone that differ from the recipe's own."""
        own = {name: value for name, value in vars(self).items() if value is not None}
        asks = own.keys() & {"question", "options", "answer", "template"}
        if asks and "questions" not in own:
            own["questions"] = {}
        # These are of one corpus and never another's.
        of_one = ("config", "weight", "balance", "weight_by", "features")
        return dict.fromkeys(of_one) | own


@dataclass(kw_only=True)
class EvaluateRecipe:
    """Answers to validation clips while training, scored by set-F and hit rate.

    Args:
        n_clips: Most clips asked, the same in every evaluation; null asks all.
        lexicon: As for the metric ``set_f``; null takes the built-in one.
    """

    __pydantic_config__ = NO_OTHER_FIELDS

    n_clips: Whole | None = 200
    lexicon: str | None = None

    def __post_init__(self) -> None:
        """Check the number."""
        if self.n_clips is not None and self.n_clips <= 0:
            raise ValueError(
                f"`evaluate.n_clips` is {self.n_clips}: expected a positive number, or null."
            )


def check_answer(answer: tuple[str, ...], template: str) -> None:
    """Refuse an answer of no columns, and a template without a place for it."""
    if not answer:
        raise ValueError("`answer` is empty: expected the columns that make the answer.")
    if ANSWER not in template:
        raise ValueError(
            f"`template` has no place for the answer: got {template!r}, expected a text with "
            f"{ANSWER}, as 'I hear {ANSWER}.'"
        )


def check_weight(weight: float | None, whose: str) -> None:
    """Refuse a weight that is none."""
    if weight is not None and not 0 < weight < float("inf"):
        raise ValueError(f"the `weight` {whose} is {weight}: expected a positive number.")
