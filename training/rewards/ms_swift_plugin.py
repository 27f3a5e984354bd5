"""The rewards for ms-swift: a file for ``--external_plugins``.

ms-swift pins other versions than this package trains with, so install ``affecthub[metrics]`` beside
it and name this file (``python -c "import affecthub.training.rewards as r; print(r.__path__[0])"``
tells where it lies):

    swift rlhf --rlhf_type grpo --external_plugins .../training/rewards/ms_swift_plugin.py \
        --reward_funcs affecthub_penalized_f affecthub_format_reward --reward_weights 1.0 0.1 ...

Reference labels stand in the data set's column ``solution`` or ``labels``, as a list or as text.

Source: the forms of ms-swift 4 (``swift.rewards``, its repository at 20ec461) and 3
(``swift.plugin``, at 01ee2bc): subclasses of ``ORM`` in the table ``orms``, called with
``completions``, texts, and a column of the data set by each keyword.
"""

from collections.abc import Sequence
from typing import Any

from affecthub.training.rewards import REWARDS

try:
    from swift.rewards import ORM, orms
except ModuleNotFoundError:  # ms-swift 3
    from swift.plugin import ORM, orms

# The others look at the completion alone.
NEED_LABELS = REWARDS.keys() - {"format_reward", "agreement"}


class _Reward(ORM):
    """A reward of this package; subclasses name it."""

    name: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take and leave what a version of ms-swift hands its own rewards."""

    def __call__(
        self, completions: Sequence[str], solution: Any = None, labels: Any = None, **columns: Any
    ) -> list[float]:
        """One reward in [0, 1] for each completion.

        Raises:
            ValueError: The data set has neither column, and the reward needs one.
        """
        known = solution if solution is not None else labels
        if known is None and self.name in NEED_LABELS:
            raise ValueError(
                f"the data set has no reference labels: got columns {', '.join(sorted(columns))}, "
                "expected `solution` or `labels`."
            )
        if self.name in NEED_LABELS:
            columns["labels"] = known
        return REWARDS[self.name](completions=completions, **columns)


class _Thinking(_Reward):
    """``format_reward`` that wants a thought before the answer."""

    name = "format_reward"

    def __call__(
        self, completions: Sequence[str], solution: Any = None, labels: Any = None, **columns: Any
    ) -> list[float]:
        """1.0 or 0.0 for each completion."""
        return super().__call__(completions, thinking=True)


for _name in REWARDS:
    orms[f"affecthub_{_name}"] = type(f"AffectHub_{_name}", (_Reward,), {"name": _name})
orms["affecthub_format_thinking"] = _Thinking
