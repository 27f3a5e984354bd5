"""What a recipe rewards: its functions under their own names, and the labels they compare with."""

from functools import partial, update_wrapper
from typing import Any

from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.training.rewards import REWARDS
from affecthub.training.rl.recipe import GRPORecipe


def rewards_of(recipe: GRPORecipe) -> list[Any]:
    """The functions of a recipe's rewards, in its order."""
    chosen = []
    for name in recipe.rewards:
        reward = REWARDS[name]
        if name == "format_reward":
            reward = update_wrapper(partial(reward, thinking=recipe.thinking), reward)
        chosen.append(reward)
    return chosen


def labels_of(row: dict[str, Any], features: Any, column: str) -> list[str]:
    """The reference labels of a clip: a list as it is, else the value in words."""
    value = row[column]
    return value if isinstance(value, list) else [answer_of(row, features, (column,)) or ""]
