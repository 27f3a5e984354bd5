"""Rewards of reinforcement learning, by the field's own scores.

Plain functions of lists: no torch, so that ms-swift and verl can import them beside trl. Each takes
``completions`` and the columns of the data set by name, as trl passes them, and gives a float for
each completion. A completion is text, or messages of which the last one counts.
"""

from affecthub.training.rewards.form import format_reward
from affecthub.training.rewards.length import length_penalty, penalized_f
from affecthub.training.rewards.wheels import (
    agreement,
    thought_f,
    wheel_f,
    wheel_precision,
    wheel_recall,
)

REWARDS = {
    reward.__name__: reward
    for reward in (
        format_reward,
        wheel_f,
        wheel_precision,
        wheel_recall,
        thought_f,
        agreement,
        length_penalty,
        penalized_f,
    )
}

__all__ = ["REWARDS", *REWARDS]
