"""Whether a completion has the form that was asked for."""

import re
from collections.abc import Sequence
from typing import Any

from affecthub.training.rewards.completions import text_of

_PART = r"(?:(?!</?(?:think|answer)>).)+?"
_THINKING = re.compile(rf"\s*<think>{_PART}</think>\s*<answer>{_PART}</answer>\s*", re.DOTALL)
_PLAIN = re.compile(rf"\s*<answer>{_PART}</answer>\s*", re.DOTALL)


def format_reward(completions: Sequence[Any], *, thinking: bool = False, **_: Any) -> list[float]:
    """1 for a completion that is ``<answer>...</answer>`` and nothing else, else 0.

    Args:
        completions: What was generated.
        thinking: Whether ``<think>...</think>`` is to stand before it. Without it a thought is
            neither wanted nor allowed.
        **_: Other columns of the data set.

    Returns:
        0.0 or 1.0 for each; an empty answer, a tag twice or text outside of the tags gives 0.

    Raises:
        TypeError: A completion is neither text nor messages.

    Source: AffectGPT-R1 (arXiv 2508.01318), the format reward.

    Example:
        >>> format_reward(["<answer>happy</answer>", "happy", "<answer></answer>"])
        [1.0, 0.0, 0.0]
    """
    form = _THINKING if thinking else _PLAIN
    return [float(bool(form.fullmatch(text_of(completion)))) for completion in completions]
