"""An AffectGPT put together from a real Whisper encoder and a language model, asked about a film.

A proof of the road and not of skill: what joins the parts has never been trained, and neither has
the vision tower, so that the answer says nothing about the film.
"""

import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)
from affecthub.modeling.affectgpt.modeling_towers import tower_class
from affecthub.training.pretrained import whisper

NOTE = (
    "A proof of the road, not of skill: fusion and vision tower are untrained, so the answer says "
    "nothing about the clip."
)
TINY = "a random one of 0.2 million weights"
_N_TOKENS = 24


@dataclass(frozen=True)
class Answer:
    """What was asked and what came back.

    Args:
        clip: Name of the film.
        audio: The audio tower.
        language: The language model.
        n_weights: Weights of the whole model.
        text: The answer; may be empty.
        seconds: From the parts to the answer.
    """

    clip: str
    audio: str
    language: str
    n_weights: int
    text: str
    seconds: float


def ask(
    film: str | Path,
    *,
    said: str | None = None,
    language_model: str | Path | None = None,
    texts: Iterable[str] = (),
) -> Answer:
    """Put a model together and ask it what a film shows.

    Args:
        film: An mp4 file.
        said: What is said in it.
        language_model: Folder of a causal language model with its tokenizer; None takes a tiny
            random one.
        texts: What the tiny one's vocabulary is learned from.

    Raises:
        ImportError: Whisper's packages are not installed.
        MediaError: The film cannot be read.
    """
    started = time.perf_counter()
    audio = whisper.whisper_folder()
    with tempfile.TemporaryDirectory() as scratch:
        vision, tiny = Path(scratch, "vision"), Path(scratch, "language")
        _write_vision(vision)
        if language_model is None:
            _write_language(tiny, [*texts, said or ""])
        folder = str(language_model or tiny)
        model, processor = put_together(vision, audio, folder)
    text = model.describe(
        str(film), text=said, processor=processor, max_new_tokens=_N_TOKENS, do_sample=False
    )
    return Answer(
        clip=Path(film).name,
        audio=f"{whisper.NAME}, encoder",
        language=Path(language_model).name if language_model else TINY,
        n_weights=sum(weight.numel() for weight in model.parameters()),
        text=text,
        seconds=time.perf_counter() - started,
    )


def put_together(vision: str | Path, audio: str | Path, text: str | Path) -> tuple[Any, Any]:
    """A model from three folders, and its processor; what joins them is random, from seed 0."""
    from transformers import AutoTokenizer

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = AffectGPTForConditionalGeneration.from_towers(
            vision, audio, text, dtype=torch.float32, n_audio_clips=2
        )
    tokenizer = AutoTokenizer.from_pretrained(text)
    return model, AffectGPTProcessor.from_config(model.config, tokenizer)


def _write_vision(folder: Path) -> None:
    """Write a vision tower with random weights."""
    config = AffectGPTConfig.tiny()
    tower_class(config.vision_family)(config.vision_config).save_pretrained(folder)


def _write_language(folder: Path, texts: Iterable[str]) -> None:
    """Write a language model with random weights, and a tokenizer learned from texts."""
    from transformers import AutoModelForCausalLM, Qwen2Tokenizer

    config = AffectGPTConfig.tiny()
    spoken = [*texts, *config.prompt, *config.questions.values()]
    # The tokenizer of the model's own family: AutoTokenizer takes no other for it.
    tokenizer = Qwen2Tokenizer().train_new_from_iterator(spoken, 500, show_progress=False)
    text_config = config.text_config
    # Room for the four placeholders, which come after the tokenizer's own.
    text_config.vocab_size = len(tokenizer) + 4
    text_config.pad_token_id = tokenizer.pad_token_id
    text_config.bos_token_id = None
    text_config.eos_token_id = tokenizer.eos_token_id
    AutoModelForCausalLM.from_config(text_config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
