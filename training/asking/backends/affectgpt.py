"""AffectGPT as one of the models that can be asked, by what `affecthub predict` has."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from affecthub.modeling.affectgpt.configuration_prompt import read_prompt, shown_fields
from affecthub.training.answer_keys import model_key
from affecthub.training.asking.asks import Ask, Kind, Reply
from affecthub.training.asking.media import Shown
from affecthub.training.model import load_model
from affecthub.training.prediction.generation import answers_to, in_eval_mode
from affecthub.training.recipe import Recipe


class AffectGPTBackend:
    """A saved AffectGPT that is handed sound and frames as arrays.

    The question is a prompt's text; the place that the model's own prompt has for a transcript
    stays empty, as the question says it where it has ``{subtitle}``.

    Its frames are read as `affecthub predict` reads them: as many, and in the size, that its
    processor takes.

    Args:
        model: Folder or Hub id of a saved AffectGPT, or the model itself.
        batch_size: Questions at once.
        max_new_tokens: Longest answer.
        processor: Its processor, where the model itself is given.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds no AffectGPT.
    """

    def __init__(
        self,
        model: str | Path | torch.nn.Module,
        *,
        batch_size: int = 8,
        max_new_tokens: int = 64,
        processor: Any = None,
    ) -> None:
        self.model: Any = model
        if isinstance(model, str | Path):
            self.model, processor = load_model(model)
        processor.require_fit(self.model.config)
        self.processor = processor
        self.batch_size, self.max_new_tokens = batch_size, max_new_tokens
        shown = shown_fields(read_prompt(processor.prompt), processor.fused_picture)
        heard: list[Kind] = ["audio"] if shown & {"audio", "fused"} else []
        seen: list[Kind] = ["video"] if shown & {"video", "face", "fused"} else []
        self.takes = frozenset([*heard, *seen])
        side = processor.image_processor.size["height"]
        self.reads = Shown(processor.n_frames, max_side=side, square=side)
        settings = Recipe(corpus="asked", model="asked", max_new_tokens=max_new_tokens, question="")
        self.name = f"affectgpt {model_key(self.model, processor, settings)[:32]}"

    def answer(self, asks: Sequence[Ask]) -> list[Reply]:
        """Answers, greedily; a clip that the processor refuses has that for an error.

        Raises:
            ValueError: A question has a system message, for which AffectGPT has no place.
        """
        if any(ask.system for ask in asks):
            raise ValueError(
                "AffectGPT takes no system message: got one. Leave it out, or ask another model."
            )
        examples, replies = {}, {}
        for number, ask in enumerate(asks):
            try:
                examples[number] = self._encode(ask)
            except ValueError as error:
                replies[number] = Reply(error=f"clip {ask.clip_id!r}: {error}")
        if examples:
            replies |= dict(zip(examples, self._generate(list(examples.values())), strict=True))
        return [replies[number] for number in range(len(asks))]

    def close(self) -> None:
        """Nothing is open."""

    def _encode(self, ask: Ask) -> dict[str, torch.Tensor]:
        sound = None if ask.sound is None else (ask.sound.wave, ask.sound.rate_hz)
        film = None if ask.film is None else ask.film.frames
        batch = self.processor(question=[ask.question], audio=[sound], videos=[film], text=[None])
        return {name: tensor[0] for name, tensor in batch.items()}

    @torch.inference_mode()
    def _generate(self, examples: list[dict[str, torch.Tensor]]) -> list[Reply]:
        lengths = [len(example["input_ids"]) for example in examples]
        with in_eval_mode(self.model):
            batch = self.processor.pad(examples)
            said = answers_to(self.model, self.processor, batch, self.max_new_tokens)
        return [
            Reply(answer.text, n_in=n_in, n_out=answer.n_tokens, cut=answer.is_cut)
            for answer, n_in in zip(said, lengths, strict=True)
        ]
