"""A tokenizer, a tiny model and its processor, all made here from code and a seed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from official_bases import bases, checkpoint, prompt_file  # noqa: F401 - fixtures
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny matrices are slower on many threads, and sums then differ in their last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def make_tokenizer() -> Callable[[], PreTrainedTokenizerFast]:
    """Byte-level BPE without merges: 256 bytes and two control tokens, any text goes in and out."""

    def make() -> PreTrainedTokenizerFast:
        byte_symbols = sorted(pre_tokenizers.ByteLevel.alphabet())
        vocab = {symbol: index for index, symbol in enumerate(["<pad>", "<eos>", *byte_symbols])}
        tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[]))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        return PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", model_max_length=2048
        )

    return make


@pytest.fixture(scope="session")
def make_config() -> Callable[..., AffectGPTConfig]:
    """The tiny configuration for 258 tokens and four placeholders."""

    def make(**overrides) -> AffectGPTConfig:
        text = {"pad_token_id": 0, "eos_token_id": 1, **overrides.pop("text_config", {})}
        return AffectGPTConfig.tiny(vocab_size=262, text_config=text, **overrides)

    return make


@pytest.fixture(scope="session")
def make_model(make_config) -> Callable[..., AffectGPTForConditionalGeneration]:
    def make(**overrides) -> AffectGPTForConditionalGeneration:
        torch.manual_seed(0)
        return AffectGPTForConditionalGeneration(make_config(**overrides)).eval()

    return make


@pytest.fixture(scope="session")
def make_processor(make_config, make_tokenizer) -> Callable[..., AffectGPTProcessor]:
    def make(**overrides) -> AffectGPTProcessor:
        return AffectGPTProcessor.from_config(make_config(**overrides), make_tokenizer())

    return make


@pytest.fixture(scope="session")
def processor(make_processor) -> AffectGPTProcessor:
    return make_processor()


@pytest.fixture
def model(make_model) -> AffectGPTForConditionalGeneration:
    return make_model()


@pytest.fixture(scope="session")
def clip() -> np.ndarray:
    """Twenty noisy frames, 40 by 60."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (20, 40, 60, 3), dtype=np.uint8)


@pytest.fixture(scope="session")
def wave() -> np.ndarray:
    """Three seconds of noise at 16 kHz."""
    rng = np.random.default_rng(1)
    return rng.normal(0, 0.1, 48000).astype(np.float32)


@pytest.fixture(scope="session")
def write_video() -> Callable[..., Path]:
    """Make a real mp4 file."""

    def write(path: Path, n_frames: int, audio_s: float | None = 1.0) -> Path:
        """Frame i is a flat grey of 10 * i; the sound is a 440 Hz tone, 44.1 kHz stereo."""
        import av

        with av.open(str(path), "w") as container:
            video = container.add_stream("mpeg4", rate=10)
            video.width = video.height = 32
            video.pix_fmt = "yuv420p"
            if audio_s is not None:
                sound = container.add_stream("aac", rate=44100)
                sound.layout = "stereo"
            for i in range(n_frames):
                picture = np.full((32, 32, 3), 10 * i, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                container.mux(video.encode(frame))
            container.mux(video.encode())
            if audio_s is not None:
                tone = np.sin(2 * np.pi * 440 * np.arange(int(44100 * audio_s)) / 44100)
                for start in range(0, len(tone), 1024):
                    part = tone[start : start + 1024].astype(np.float32)
                    frame = av.AudioFrame.from_ndarray(np.stack([part, part]), "fltp", "stereo")
                    frame.sample_rate, frame.pts = 44100, start
                    container.mux(sound.encode(frame))
                container.mux(sound.encode())
        return path

    return write
