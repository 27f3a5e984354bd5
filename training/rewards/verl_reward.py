"""The rewards for verl: a file for ``custom_reward_function.path``.

verl pins other versions than this package trains with, so install ``affecthub[metrics]`` beside it
and name this file (``python -c "import affecthub.training.rewards as r; print(r.__path__[0])"``
tells where it lies):

    python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo \
        custom_reward_function.path=.../training/rewards/verl_reward.py \
        custom_reward_function.name=compute_score ...

From verl 0.7 on the setting stands under ``reward.``. Other rewards than those of AffectGPT-R1 are
chosen by ``+custom_reward_function.reward_kwargs.rewards='{wheel_f: 1.0}'``. With the ``batch``
reward manager, name ``compute_scores``.

Source: verl's documentation of reward functions and its reward managers (repository at 0515376 and
45c6d15): four keywords for one answer, or four lists of them, and a number or a mapping with
``score`` back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.errors import unknown_name
from affecthub.training.rewards import REWARDS

# Source: as in the recipe affectgpt_r1.
WEIGHTS = {"penalized_f": 1.0, "format_reward": 0.1}


def compute_score(
    data_source: Any,
    solution_str: str,
    ground_truth: Any,
    extra_info: Any = None,
    *,
    rewards: Mapping[str, float] | None = None,
    thinking: bool = False,
    **_: Any,
) -> dict[str, float]:
    """Reward one answer.

    Args:
        data_source: Not looked at.
        solution_str: The answer as text.
        ground_truth: Its reference labels: a list, an array, or text as corpora write it.
        extra_info: Not looked at.
        rewards: Names of ``affecthub.training.rewards`` and their weights; None takes `WEIGHTS`.
        thinking: Whether ``format_reward`` wants a thought before the answer.
        **_: What other versions of verl hand over.

    Returns:
        ``score``, the weighted sum, and each reward under its name, for verl's log.

    Raises:
        ValueError: A reward is not known; close matches are named.
    """
    return compute_scores(
        [data_source], [solution_str], [ground_truth], rewards=rewards, thinking=thinking
    )[0]


def compute_scores(
    data_sources: Sequence[Any],
    solution_strs: Sequence[str],
    ground_truths: Sequence[Any],
    extra_infos: Any = None,
    *,
    rewards: Mapping[str, float] | None = None,
    thinking: bool = False,
    **_: Any,
) -> list[dict[str, float]]:
    """Reward a batch of answers at once; else as `compute_score`."""
    weights = WEIGHTS if rewards is None else rewards
    columns: dict[str, list[float]] = {}
    for name in weights:
        if name not in REWARDS:
            raise unknown_name("reward", name, REWARDS)
        columns[name] = REWARDS[name](
            completions=solution_strs, labels=list(ground_truths), thinking=thinking
        )
    return [
        {"score": sum(weights[name] * columns[name][place] for name in weights)}
        | {name: column[place] for name, column in columns.items()}
        for place in range(len(solution_strs))
    ]
