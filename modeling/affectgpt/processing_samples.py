"""The columns of each sample: what is asked and learnt, what is seen and heard."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .configuration_prompt import Prompt
from .processing_columns import with_rate
from .processing_features import split_features
from .processing_inputs import hear, see
from .processing_modalities import Cutter, present_fields
from .processing_prompt import PromptWriter, spell_question


def write_samples(
    processor: Any,
    prompt: Prompt,
    batch: dict[str, list],
    options: Sequence[str] | None,
    *,
    learning: bool,
    cut_to: int | None = None,
) -> list[dict[str, Any]]:
    """Write what each sample asks and answers.

    Args:
        processor: Has the tokenizer, the questions and the placeholders.
        prompt: Its prompt, read.
        batch: See :func:`processing_batch.align`.
        options: What a question that names ``{options}`` chooses from.
        learning: Whether there are answers to learn.
        cut_to: Tokens to which samples are shortened by the ends of their transcripts; None, and
            what is still longer then, stays as it is.

    Returns:
        ``input_ids`` of each sample, and ``labels`` where there are answers, as lists.

    Raises:
        ValueError: A sample has nothing to look at, or question and options do not fit.
    """
    placeholders = {
        kind: getattr(processor, f"{kind}_token") * count
        for kind, count in processor.n_tokens.items()
    }
    writer = PromptWriter(processor.tokenizer, prompt, placeholders)
    prefix = processor.training_prefix if learning else ""
    can_fuse = bool(processor.n_tokens["fused"])
    samples = []
    for index, asked in enumerate(batch["question"]):
        question = spell_question(asked or processor.default_question, processor.questions, options)
        present = present_fields(
            batch, index, can_fuse=can_fuse, keep_text=processor.empty_text == "keep"
        )
        ids: list[int] = []
        if learning:
            ids = writer.answer_ids(batch["answers"][index], processor.answer_end)
        elif start := batch["answer_start"][index]:
            ids = writer.beginning_ids(start)
        asking = partial(_ask, writer, present, question, prefix)
        text = batch["text"][index] or ""
        if cut_to is not None:
            text = _longest_start(text, asking, cut_to - len(ids))
        sample = {"input_ids": asking(text)}
        if learning:
            sample["labels"] = [-100] * len(sample["input_ids"]) + ids
        sample["input_ids"] += ids
        samples.append(sample)
    return samples


def _ask(
    writer: PromptWriter, present: set[str], question: str, prefix: str, text: str
) -> list[int]:
    """The ids of a prompt with this transcript."""
    return writer.prompt_ids(present, {"text": text, "question": question}, prefix)


def _longest_start(text: str, asking: Callable[[str], list[int]], limit: int) -> str:
    """The longest beginning of a transcript with which a prompt fits, or the empty one."""
    if len(asking(text)) <= limit:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(asking(text[:middle])) <= limit
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[: max(low, 0)]


def read_media(
    processor: Any,
    batch: dict[str, list],
    cutters: Sequence[Cutter | None],
    *,
    return_face_found: bool,
    n_frames: int | None = None,
    rate_hz: int | None = None,
) -> list[dict[str, Any]]:
    """Read what each sample shows and lets hear.

    Args:
        processor: Says how much is taken, and in which form.
        batch: See :func:`processing_batch.align`.
        cutters: What finds the faces of each sample, or None where they are given.
        return_face_found: Whether to tell in which frames a face was found.
        n_frames: Of each clip; None is the processor's own number.
        rate_hz: Of sound that comes as bare samples; None is the processor's own rate.

    Returns:
        Of each sample ``pixel_values``, ``face_pixel_values``, ``face_found`` and
        ``input_values``, or the features in their place, those that there are.

    Raises:
        FileNotFoundError: A media file is not there.
        ValueError: Media cannot be used.
    """
    samples = []
    sound_form = (
        processor.n_audio_clips,
        processor.audio_clip_samples,
        processor.audio_norm,
        processor.audio_spacing,
    )
    n_frames = n_frames or processor.n_frames
    picture_form = (n_frames, processor.image_processor, processor.face_channel_order)
    media = zip(batch["videos"], batch["faces"], batch["audio"], cutters, strict=True)
    for index, (video, face, sound, cutter) in enumerate(media):
        kept, media_of = split_features(videos=video, faces=face, audio=sound)
        columns: dict[str, Any] = dict(kept)
        sound = media_of["audio"]
        # The sound first: see `opened_once`.
        if sound is not None:
            sound = with_rate(sound, rate_hz)
            columns["input_values"] = hear(sound, *sound_form, processor.feature_extractor, index)
        seen = see(media_of["videos"], media_of["faces"], cutter, *picture_form, index)
        columns |= {"pixel_values": seen.frames, "face_pixel_values": seen.faces}
        if return_face_found:
            columns["face_found"] = seen.found
        samples.append({name: value for name, value in columns.items() if value is not None})
    return samples
