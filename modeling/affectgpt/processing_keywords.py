"""What a call of the processor may say beside its samples: the keywords of transformers' own.

Those that shape the batch are read here. Others are taken at the value at which they change
nothing, so that code written for another processor runs; at any other they are refused, as are
names that are none, with the right one beside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

# What others call an argument -> what it is called here.
CALLED_HERE = {
    **dict.fromkeys(("video", "frames", "image", "pixel_values", "clip", "clips"), "videos"),
    **dict.fromkeys(("audios", "sound", "wav", "waveform", "speech", "raw_speech"), "audio"),
    **dict.fromkeys(("labels", "label", "target", "targets", "text_target"), "answers"),
    **dict.fromkeys(("transcript", "transcripts", "subtitle", "sentence"), "text"),
    **dict.fromkeys(("prompt", "prompts", "query", "instruction"), "question"),
    **dict.fromkeys(("video_features", "image_features", "frame_features"), "vision_features"),
    **dict.fromkeys(("choices", "candidates", "classes"), "options"),
}
# Values at which a keyword of transformers changes nothing here, and why others cannot be had.
_NO_WORDING = "the prompt is the configuration's"
WITHOUT_EFFECT: dict[str, tuple[tuple[Any, ...], str]] = {
    "images": ((None,), "pictures go into `videos`, a list of arrays for each sample"),
    "add_special_tokens": ((None, False), _NO_WORDING),
    "do_sample_frames": ((None, True), "frames are always sampled; give as many as you want kept"),
    "fps": ((None,), "frames are evenly spaced over a clip; give `num_frames`"),
    "is_split_into_words": ((None, False), "texts are whole"),
    "return_attention_mask": ((None, True), "the model needs the mask"),
    "return_length": ((None, False), "sum the attention mask"),
    "return_mm_token_type_ids": ((None, False), "compare `input_ids` with `placeholders`"),
    "return_offsets_mapping": ((None, False), "the tokenizer gives them"),
    "return_overflowing_tokens": ((None, False), "one sample is one row"),
    "return_special_tokens_mask": ((None, False), "the tokenizer gives it"),
    "return_text_replacement_offsets": ((None, False), "the tokenizer gives them"),
    "return_token_type_ids": ((None, False), "the model takes none"),
    "stride": ((None, 0), "nothing is cut into windows"),
    "text_pair": ((None,), "a sample has one transcript"),
    "tools": ((None,), "the model calls none"),
    "documents": ((None,), "the model reads none"),
    "verbose": ((None, False, True), ""),
    "video_metadata": ((None,), "files tell it themselves"),
}
# Groups in which transformers' processors take keywords.
_GROUPS = (
    "text_kwargs",
    "images_kwargs",
    "videos_kwargs",
    "audio_kwargs",
    "common_kwargs",
    "processor_kwargs",
)
_PADDING = {True: "longest", False: "do_not_pad", None: "do_not_pad"}
_NOT_CUT = (None, False, "do_not_truncate")
_CUT = (True, "longest_first", "only_first")


@dataclass(frozen=True)
class Form:
    """How a batch is shaped.

    Args:
        padding: ``"longest"``, ``"max_length"`` or ``"do_not_pad"``; True is the first, False and
            None the last.
        padding_side: ``"left"``, ``"right"``, or None for what the samples want.
        max_length: Tokens allowed in a sample, or None for the tokenizer's limit.
        truncation: True cuts the ends of transcripts that make samples too long, and nothing else;
            False, or None, refuses such samples.
        pad_to_multiple_of: Of which the padded length is a multiple, or None.
        return_tensors: ``"pt"``, ``"np"`` or None.
        num_frames: Frames of each clip, or None for the processor's ``n_frames``.
        sampling_rate: Of sound that comes as bare samples, in Hz; None is the processor's own.

    Raises:
        ValueError: No such padding, side or truncation.
    """

    padding: str = "longest"
    padding_side: str | None = None
    max_length: int | None = None
    truncation: bool = False
    pad_to_multiple_of: int | None = None
    return_tensors: str | None = "pt"
    num_frames: int | None = None
    sampling_rate: int | None = None

    def __post_init__(self) -> None:
        """Bring what may be said in several ways to one."""
        padding = _PADDING.get(self.padding, self.padding)  # type: ignore[call-overload]
        if padding not in ("longest", "max_length", "do_not_pad"):
            raise ValueError(
                f"unknown padding: got {self.padding!r}, expected True or 'longest', 'max_length', "
                "or False."
            )
        if self.padding_side not in (None, "left", "right"):
            raise ValueError(
                f"unknown `padding_side`: got {self.padding_side!r}, expected 'left' or 'right'."
            )
        if self.truncation not in (*_CUT, *_NOT_CUT):
            raise ValueError(
                f"unknown `truncation`: got {self.truncation!r}, expected True, which cuts "
                "transcripts, or False."
            )
        object.__setattr__(self, "padding", str(getattr(padding, "value", padding)))
        object.__setattr__(self, "truncation", self.truncation in _CUT)

    def limit(self, tokenizer: Any) -> int:
        """Tokens allowed in a sample.

        Raises:
            ValueError: There is no limit to fill up to.
        """
        limit: int = tokenizer.model_max_length if self.max_length is None else self.max_length
        if self.padding == "max_length" and limit >= VERY_LARGE_INTEGER:
            raise ValueError(
                "there is no length to fill up to: got padding 'max_length' and a tokenizer "
                "without a limit, expected a number. Pass `max_length`."
            )
        return limit

    def width(self, lengths: list[int], limit: int) -> int:
        """How long the rows of a padded batch are."""
        width = limit if self.padding == "max_length" else max(lengths)
        multiple = self.pad_to_multiple_of or 1
        return -(-width // multiple) * multiple


FORM_FIELDS = tuple(field.name for field in fields(Form))


def read_form(given: Mapping[str, Any], arguments: set[str], **defaults: Any) -> Form:
    """Read what a call said beside its samples.

    Args:
        given: Keywords of the call that are no arguments of its own. Groups such as
            ``text_kwargs`` count as what is in them.
        arguments: Names of its own arguments, for suggestions.
        **defaults: Fields of the form that are arguments of its own.

    Raises:
        TypeError: A keyword that is none; names what may have been meant.
        ValueError: A keyword of transformers at a value that cannot be had, or as :class:`Form`.
    """
    flat: dict[str, Any] = {}
    for name, value in given.items():
        flat |= dict(value or {}) if name in _GROUPS else {name: value}
    said = {name: flat.pop(name) for name in FORM_FIELDS if name in flat}
    for name, value in flat.items():
        if name in CALLED_HERE or name not in WITHOUT_EFFECT:
            raise TypeError(_unknown(name, arguments | set(FORM_FIELDS)))
        fine, reason = WITHOUT_EFFECT[name]
        is_plain = value is None or isinstance(value, bool | int | float | str)
        if not is_plain or value not in fine:
            got = repr(value) if is_plain else type(value).__name__
            raise ValueError(f"`{name}` cannot be had: got {got}, expected it left out: {reason}.")
    return Form(**{**defaults, **said})


def _unknown(name: str, arguments: set[str]) -> str:
    close = [CALLED_HERE[name]] if name in CALLED_HERE else get_close_matches(name, arguments, n=1)
    hint = f" Did you mean `{close[0]}`?" if close else ""
    return f"unknown argument: got `{name}`, expected some of {', '.join(sorted(arguments))}.{hint}"
