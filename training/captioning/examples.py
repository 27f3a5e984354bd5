"""Clips and captions as a captioner's tensors."""

from typing import Any

import datasets
import numpy as np
import torch
from torch.utils.data import Dataset

from affecthub.datasets_scripts.rows.decoding import read_audio
from affecthub.training.captioning.clips import CaptionClips
from affecthub.training.captioning.recipe import CaptionRecipe


class CaptionExamples(Dataset):
    """Each clip with each of its captions, as the processor's tensors with a batch axis of one.

    Of five captions of a clip each is an example of its own; which prompt it is given follows from
    the seed. A model that is to hear nothing is given a frame of zeros.

    Args:
        clips: What there is.
        model: The captioner; a frozen encoder is run here, where clips are kept in memory.
        processor: Its processor.
        recipe: Says what is given.
        with_captions: Whether captions are to be learnt; otherwise every clip comes once.

    Raises:
        ValueError: Where a clip is asked for whose sound cannot be used; names the clip.
    """

    def __init__(
        self,
        clips: CaptionClips,
        model: Any,
        processor: Any,
        recipe: CaptionRecipe,
        *,
        with_captions: bool,
    ) -> None:
        self.rows: datasets.Dataset = clips.rows
        self.processor, self.recipe = processor, recipe
        self.model = model
        counts = [len(each) if with_captions else 1 for each in clips.captions()]
        self.places = [(clip, nth) for clip, n in enumerate(counts) for nth in range(n)]
        self.texts = clips.captions() if with_captions else None
        self._kept: dict[int, dict[str, torch.Tensor]] = {}

    def __len__(self) -> int:
        """Number of examples."""
        return len(self.places)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Tensors of one example."""
        clip, nth = self.places[index]
        if clip not in self._kept:
            heard = self._heard(clip)
            if not self.recipe.keep_in_memory:
                return self._told(clip, nth, heard)
            self._kept[clip] = heard
        return self._told(clip, nth, self._kept[clip])

    def _heard(self, clip: int) -> dict[str, torch.Tensor]:
        """The sound of a clip, or what a frozen encoder hears of it."""
        if "audio" not in self.recipe.modalities:
            width = self.model.frame_width
            return {"audio_frames": torch.zeros(1, 1, width)}
        row = self.rows[clip]
        try:
            wave = read_audio(row, self.processor.sampling_rate)
            heard = dict(self.processor(audio=wave, prompt="", too_long=self.recipe.too_long))
        except ValueError as error:
            raise ValueError(f"clip {row['id']}: {error}") from error
        if not (self.recipe.keep_in_memory and self.model.config.freeze_encoder):
            return heard
        device = self.model.device
        with torch.inference_mode():
            frames, _ = self.model.get_audio_frames(
                heard[self.processor.sound_name].to(device), heard["attention_mask"].to(device)
            )
        n_frames = int(_[0].sum())
        return {"audio_frames": frames[:, :n_frames].cpu().clone()}

    def _told(self, clip: int, nth: int, heard: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """A clip's sound, what is said to it, and what it is to say."""
        example = dict(heard)
        text = None if self.texts is None else [self.texts[clip][nth]]
        said = None
        if self.texts is not None and self.model.config.content_weight > 0:
            said = [self._transcript(clip)]
        example |= self.processor.texts(text, [self._prompt(clip, nth)], said)
        return example

    def _transcript(self, clip: int) -> str:
        """What is said, for the loss that tells the bridge to forget it."""
        row = self.rows[clip]
        if not row["text"]:
            raise ValueError(
                f"clip {row['id']} has no transcript: got {row['text']!r} with content_weight "
                f"{self.model.config.content_weight}, expected words. Set content_weight=0."
            )
        return str(row["text"])

    def _prompt(self, clip: int, nth: int) -> str:
        """What stands between the sound and the caption."""
        if "text" in self.recipe.modalities:
            return str(self.rows[clip]["text"])
        prompts = self.recipe.prompts
        if not prompts:
            return str(self.processor.prompt)
        if self.texts is None:
            return prompts[0]
        drawn = np.random.default_rng([self.recipe.seed, clip, nth]).integers(len(prompts))
        return prompts[int(drawn)]


def collate(processor: Any, examples: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """A batch of examples; frames that were kept are told from their padding."""
    frames = [each["audio_frames"] for each in examples if "audio_frames" in each]
    if frames:
        masks = [torch.ones(1, each.shape[1]) for each in frames]
        examples = [
            each | {"audio_frames_mask": mask} for each, mask in zip(examples, masks, strict=True)
        ]
    return dict(processor.pad(examples))
