"""A recipe of reinforcement learning: everything that decides a run, read from YAML."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict

from affecthub.errors import unknown_name
from affecthub.training.recipe import LoraRecipe, Recipe, Switch, Whole
from affecthub.training.recipe_files import load_as
from affecthub.training.rewards import REWARDS
from affecthub.training.rl.arguments import check

AGGREGATIONS = ("sum_then_normalize", "normalize_then_sum")


@dataclass(kw_only=True)
class GRPORecipe:
    """One run of GRPO.

    > Parameters that control the data

        kind: ``"grpo"``, which tells it from a recipe of fine-tuning.
        corpus: Name from ``affecthub data list``.
        config: Config of the corpus; None takes the corpus' first.
        protocol: Split to train, validate and test on.
        modalities: What the model is given, of "audio", "face", "video" and "text".
        question: Key of the model's ``questions``, or a question in words.
        options: What a question that names ``{options}`` chooses from.
        labels: Column of the reference labels that answers are rewarded by.
        test_split: Split to answer and score; None takes "test" where there is one.
        max_train_clips: Train on the first clips of a seeded shuffle; None takes all.
        features: Folder of ``affecthub features`` to take the towers' outputs from; None runs the
            towers once for each clip and keeps what they give in memory.

    > Parameters that control the model

        model: Folder or Hub id of a saved AffectGPT. Its towers stay as they are.
        lora: Adapters on the language model of a folder that has none; one that holds adapters is
            trained on with its own. null trains language model, fusion and projectors in full.

    > Parameters that control the rewards

        rewards: Names of ``affecthub.training.rewards`` and their weights.
        aggregation: ``"sum_then_normalize"`` sums the rewards of an answer and compares it with
            the others of its clip; ``"normalize_then_sum"`` compares each reward by itself first.
        thinking: Whether ``format_reward`` wants a thought before the answer.

    > Parameters that control the training

        seed: Seed of initial values, order and sampling.
        trainer: Fields of ``trl.GRPOConfig`` under their own names, passed on whole: learning_rate,
            num_generations, beta, temperature, max_completion_length, ...

    > Parameters that control the prediction

        score_before: Whether the test split is also answered before training.
        predict_batch_size: Clips per generation step.
        max_new_tokens: Longest answer.

    What `trainer` does not say is as in ``rl.arguments.DEFAULTS``, else as trl has it.

    Raises:
        ValueError: A value is outside its range, a reward or a field of ``trl.GRPOConfig`` is not
            known, or `beta` asks for a reference that there is none of.
        ImportError: trl is not installed.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    # data
    kind: Literal["grpo"] = "grpo"
    corpus: str
    config: str | None = None
    protocol: str = "speaker_independent"
    modalities: tuple[str, ...] = ("audio", "video", "text")
    question: str = "labels"
    options: tuple[str, ...] = ()
    labels: str = "open_vocabulary"
    test_split: str | None = None
    max_train_clips: Whole | None = None
    features: str | None = None

    # model
    model: str
    lora: LoraRecipe | None = field(default_factory=lambda: LoraRecipe(dropout=0.0))

    # rewards
    rewards: dict[str, float] = field(
        default_factory=lambda: {"penalized_f": 1.0, "format_reward": 0.1}
    )
    aggregation: Literal["sum_then_normalize", "normalize_then_sum"] = "sum_then_normalize"
    thinking: Switch = False

    # training
    seed: Whole = 0
    trainer: dict[str, Any] = field(default_factory=dict)

    # prediction
    score_before: Switch = True
    predict_batch_size: Whole = 16
    max_new_tokens: Whole = 64

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        self.modalities, self.options = tuple(self.modalities), tuple(self.options)
        if not self.rewards:
            raise ValueError(f"`rewards` is empty: expected some of {', '.join(REWARDS)}.")
        for name in self.rewards:
            if name not in REWARDS:
                raise unknown_name("reward", name, REWARDS)
        if self.aggregation not in AGGREGATIONS:
            raise unknown_name("aggregation", self.aggregation, AGGREGATIONS)
        check(self.trainer)
        self.asking()  # its checks are ours

    def asking(self) -> Recipe:
        """What is asked of which clips, as the recipe that examples and predictions go by."""
        return Recipe(
            corpus=self.corpus,
            config=self.config,
            protocol=self.protocol,
            modalities=self.modalities,
            question=self.question,
            options=self.options,
            answer=(self.labels,),
            test_split=self.test_split,
            max_train_clips=self.max_train_clips,
            model=self.model,
            features=self.features,
            lora=None,
            seed=self.seed,
            predict_batch_size=self.predict_batch_size,
            max_new_tokens=self.max_new_tokens,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that ``yaml.safe_dump`` and JSON can write."""
        lists = {name: list(getattr(self, name)) for name in ("modalities", "options")}
        return asdict(self) | lists


def load_grpo_recipe(name_or_path: str | Path, **overrides: Any) -> GRPORecipe:
    """Read a recipe of reinforcement learning by its installed name or from a YAML file.

    Args:
        name_or_path: "affectgpt_r1", or a path that ends in .yaml or .yml.
        overrides: Fields that replace what the file says; a mapping is merged over the file's. A
            reward that is merged away stands as ``rewards.NAME=null``.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name, a field or a value is not known, close matches are listed; or the
            recipe is one of fine-tuning.

    Example:
        >>> load_grpo_recipe("mer_r1", model="m").rewards
        {'wheel_precision': 1.0, 'wheel_recall': 1.0}
    """
    return load_as(
        GRPORecipe,
        "grpo",
        "reinforcement learning",
        name_or_path,
        overrides,
        trainer="trl.GRPOConfig",
        mappings=("rewards",),
    )
