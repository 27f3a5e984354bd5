"""Asking any chat model of transformers about clips: sound, films and words in, text out."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from affecthub.errors import require
from affecthub.training.asking.asks import Ask, Kind, Reply

if TYPE_CHECKING:  # torch and transformers take seconds to import
    from affecthub.training.asking.backends.transformers_reading import (
        FilmForm,
        SoundPlace,
    )
    from affecthub.training.asking.backends.transformers_sounds import LongSound

# What is wrong with one clip's words or media.
_OF_THE_CLIP = (ValueError, TypeError, IndexError, KeyError, RuntimeError, AttributeError)


class TransformersBackend:
    """A model with a chat template, whatever it hears and sees.

    Clips of one call are grouped by the media they have: one flag of the model holds for a whole
    batch, and a clip without sound among clips whose sound is woven into their films would get
    wrong positions without an error.

    Args:
        model_id: Folder or Hub id; see `load_chat_model`.
        dtype: Number format; None as the checkpoint says.
        device: Where it computes; None takes a GPU where there is one.
        batch_size: Questions at once. Out of memory, a batch is halved until it goes.
        max_new_tokens: Longest answer.
        sound: "slot" gives sound a place of its own; "in_video" weaves it into the film.
        long_sound: What becomes of sound longer than the model hears at once: "refuse" makes that
            clip's reply an error, "split" hands it over in several pieces.
        revision: Of the Hub's.
        seed: Of sampling. With a `temperature` alone it is 0.
        temperature: None answers greedily.
        film: "video" or "images", see `ChatReader`.
        frame_pixels: Least and most pixels of a frame, see `ChatReader`.
        template: A chat template's file or "plain", where the model has none.
        model: A loaded model, with `processor`, in place of loading `model_id`.
        processor: Its processor.

    Raises:
        ValueError: The model cannot be loaded, or asked so.
        ImportError: transformers is not there, or a torchvision hinders it that does not fit torch.
    """

    def __init__(
        self,
        model_id: str | Path,
        *,
        dtype: str | None = None,
        device: str | None = None,
        batch_size: int = 4,
        max_new_tokens: int = 256,
        sound: "SoundPlace" = "slot",
        long_sound: "LongSound" = "refuse",
        revision: str | None = None,
        seed: int | None = None,
        temperature: float | None = None,
        film: "FilmForm | None" = None,
        frame_pixels: tuple[int, int] | None = None,
        template: str | Literal["plain"] | None = None,
        model: Any = None,
        processor: Any = None,
    ) -> None:
        if batch_size < 1 or max_new_tokens < 1:
            raise ValueError(
                f"got batch_size={batch_size} and max_new_tokens={max_new_tokens}, expected "
                "numbers of at least 1."
            )
        require("transformers", "model", "ask a chat model")
        require_fitting_torchvision()
        from affecthub.training.asking.backends.transformers_generation import Generation, Writer
        from affecthub.training.asking.backends.transformers_models import (
            load_chat_model,
            media_tokens,
        )
        from affecthub.training.asking.backends.transformers_names import name_of
        from affecthub.training.asking.backends.transformers_reading import (
            FRAME_PIXELS,
            ChatReader,
        )

        how = Generation(max_new_tokens, temperature, seed)
        if model is None:
            model, processor = load_chat_model(
                model_id, dtype=dtype, device=device, revision=revision
            )
        self._batch_size = batch_size
        self.reader = ChatReader(
            processor,
            sound=sound,
            film=film,
            long_sound=long_sound,
            frame_pixels=frame_pixels or FRAME_PIXELS,
            template=template,
        )
        self.writer = Writer(model, self.reader, media_tokens(model, processor), how)
        self._name = name_of(model_id, model, self.reader, self.writer.settings(), long_sound)

    @property
    def name(self) -> str:
        """Weights, number format, processor, the way media are read, and generation."""
        return self._name

    @property
    def takes(self) -> frozenset[Kind]:
        """Media the model can be handed."""
        return self.reader.takes

    @property
    def batch_size(self) -> int:
        """Questions at once."""
        return self._batch_size

    def answer(self, asks: Sequence[Ask]) -> list[Reply]:
        """One reply per question, in order; no questions give no replies.

        A clip that cannot be read, whose sound is too long or of media that the model does not
        take, has the reason as its reply's error; the others are answered.
        """
        replies: list[Reply | None] = [None] * len(asks)
        groups: dict[tuple[Any, ...], list[int]] = {}
        read: dict[int, dict[str, Any]] = {}
        for number, ask in enumerate(asks):
            try:
                read[number] = self.reader.inputs(ask)
            except _OF_THE_CLIP as error:
                own = isinstance(error, ValueError)
                replies[number] = Reply(
                    error=str(error) if own else f"{type(error).__name__}: {error}"
                )
                continue
            key = self.reader.batch_key(ask, read[number])
            groups.setdefault(key, []).append(number)
        for numbers in groups.values():
            for start in range(0, len(numbers), self._batch_size):
                batch = numbers[start : start + self._batch_size]
                said = self.writer.write([(asks[number], read[number]) for number in batch])
                for number, reply in zip(batch, said, strict=True):
                    replies[number] = reply
        return [reply for reply in replies if reply is not None]

    def close(self) -> None:
        """Let go of the model."""
        self.writer.model = None


def require_fitting_torchvision() -> None:
    """See to it that a torchvision that is installed belongs to the torch that is.

    Raises:
        ImportError: It does not: transformers imports it wherever it is, and fails in its models.
    """
    if find_spec("torchvision") is None:
        return
    try:
        import_module("torchvision")
    except Exception as error:  # another torch's fails as it likes
        raise ImportError(
            f"torchvision does not fit the torch that is installed ({error}), and transformers "
            "imports it wherever it is. Remove it (pip uninstall torchvision: Qwen's films are "
            "read without it), or install the one that belongs to your torch. `affecthub doctor` "
            "says which.",
            name="torchvision",
        ) from error
