"""The columns of each sample: what is asked and learnt, what is seen and heard."""

from collections.abc import Sequence
from typing import Any

from .configuration_prompt import Prompt
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
) -> list[dict[str, Any]]:
    """Write what each sample asks and answers.

    Args:
        processor: Has the tokenizer, the questions and the placeholders.
        prompt: Its prompt, read.
        batch: See :func:`processing_batch.align`.
        options: What a question that names ``{options}`` chooses from.
        learning: Whether there are answers to learn.

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
    for index, (text, asked) in enumerate(zip(batch["text"], batch["question"], strict=True)):
        question = asked or processor.default_question
        said = {
            "text": text or "",
            "question": spell_question(question, processor.questions, options),
        }
        ids = writer.prompt_ids(present_fields(batch, index, can_fuse), said, prefix)
        samples.append({"input_ids": ids})
    if learning:
        for sample, answer in zip(samples, batch["answers"], strict=True):
            ids = writer.answer_ids(answer, processor.answer_end)
            sample["labels"] = [-100] * len(sample["input_ids"]) + ids
            sample["input_ids"] += ids
    return samples


def read_media(
    processor: Any,
    batch: dict[str, list],
    cutters: Sequence[Cutter | None],
    *,
    return_face_found: bool,
) -> list[dict[str, Any]]:
    """Read what each sample shows and lets hear.

    Args:
        processor: Says how much is taken, and in which form.
        batch: See :func:`processing_batch.align`.
        cutters: What finds the faces of each sample, or None where they are given.
        return_face_found: Whether to tell in which frames a face was found.

    Returns:
        Of each sample ``pixel_values``, ``face_pixel_values``, ``face_found`` and
        ``input_values``, those that there are.

    Raises:
        FileNotFoundError: A media file is not there.
        ValueError: Media cannot be used.
    """
    samples = []
    sound_form = (processor.n_audio_clips, processor.audio_clip_samples, processor.audio_norm)
    picture_form = (processor.n_frames, processor.image_processor, processor.face_channel_order)
    media = zip(batch["videos"], batch["faces"], batch["audio"], cutters, strict=True)
    for index, (video, face, sound, cutter) in enumerate(media):
        columns: dict[str, Any] = {}
        # The sound first: see `opened_once`.
        if sound is not None:
            columns["input_values"] = hear(sound, *sound_form, processor.feature_extractor, index)
        seen = see(video, face, cutter, *picture_form, index)
        columns |= {"pixel_values": seen.frames, "face_pixel_values": seen.faces}
        if return_face_found:
            columns["face_found"] = seen.found
        samples.append({name: value for name, value in columns.items() if value is not None})
    return samples
