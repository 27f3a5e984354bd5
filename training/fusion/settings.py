"""How a fusion is trained: what is no part of the model."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from affecthub.errors import unknown_name

OPTIMIZERS = ("adam", "adamw")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to train.

    Args:
        epochs: Rounds over the training clips.
        batch_size: Clips of a step.
        learning_rate: Constant.
        optimizer: ``adam``, whose decay enters the gradient, as the released code; ``adamw``, as
            the paper says.
        weight_decay: Of all parameters.
        clip_value: Gradients are cut to this size, number by number; None or -1 cuts none.
        shuffle: Another order in every epoch; the released code has one order for all.
        by_length: Clips of like length meet in a batch, so that little is padded.
        pad: ``batch`` pads to a batch's longest clip, ``split`` to the split's, as released.
        patience: Epochs without a better validation score after which training stops; None goes on.
        eval_batch_size: Clips that are scored together.

    Raises:
        ValueError: A value out of its range.

    Source: EmotionTalk, Tables 9 and 10; MERBench's ``main-release.py``, where it differs.
    """

    epochs: int = 100
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimizer: Literal["adam", "adamw"] = "adam"
    weight_decay: float = 1e-5
    clip_value: float | None = None
    shuffle: bool = True
    by_length: bool = True
    pad: Literal["batch", "split"] = "batch"
    patience: int | None = None
    eval_batch_size: int = 256

    def __post_init__(self) -> None:
        """Check what can be checked."""
        if self.optimizer not in OPTIMIZERS:
            raise unknown_name("`optimizer`", str(self.optimizer), OPTIMIZERS)
        if self.pad not in ("batch", "split"):
            raise unknown_name("`pad`", str(self.pad), ("batch", "split"))
        for name in ("epochs", "batch_size", "eval_batch_size", "patience"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"`{name}` is {value}: expected 1 or more.")
        if not 0 < self.learning_rate < 1:
            raise ValueError(f"`learning_rate` is {self.learning_rate}: expected between 0 and 1.")
        if self.weight_decay < 0:
            raise ValueError(f"`weight_decay` is {self.weight_decay}: expected 0 or more.")
        if self.clip_value is not None and self.clip_value <= 0:
            if self.clip_value != -1:
                raise ValueError(
                    f"`clip_value` is {self.clip_value}: expected a positive number, or none."
                )
            object.__setattr__(self, "clip_value", None)

    def with_(self, **changes: Any) -> "Settings":
        """The same with some changed.

        Raises:
            ValueError: A name is unknown, or a value out of its range.
        """
        known = [field.name for field in fields(self)]
        for name in changes:
            if name not in known:
                raise unknown_name("setting of training", name, known)
        return replace(self, **changes)

    @classmethod
    def official(cls, **changes: Any) -> "Settings":
        """The released code's: one order, padding to the longest clip of the split."""
        return cls(shuffle=False, by_length=False, pad="split").with_(**changes)
