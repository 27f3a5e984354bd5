"""What is published of the models that are fine-tuned here: sizes, downloads, memory.

Nothing here was measured by us: no accelerator was at hand for models of this size.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from affecthub.training.omni.sizes import TextSizes

CARD_3 = "model card of Qwen3-Omni-30B-A3B, bfloat16 and FlashAttention 2"
CARD_2_5 = "model card of Qwen2.5-Omni-7B"
SWIFT = "examples of ms-swift"


class Memory(NamedTuple):
    """A published figure.

    Attributes:
        what: Of what it is.
        gigabytes: Of device memory; of several devices that of each.
        devices: How many.
        source: Who says so.
    """

    what: str
    gigabytes: float
    devices: int
    source: str

    def in_words(self) -> str:
        """The figure with its number of devices."""
        times = f"{self.devices} x " if self.devices > 1 else ""
        return f"{times}{self.gigabytes:g} GB"


@dataclass(frozen=True)
class Published:
    """What is known of a model without its files.

    Attributes:
        sizes: Of its language model, as its config.json has them.
        model_type: Of its configuration.
        download_bytes: Of its weights, about.
        licence: Of its weights.
        source: Of the download.
        memory: Figures of others.
    """

    sizes: TextSizes
    model_type: str
    download_bytes: float
    licence: str
    source: str
    memory: tuple[Memory, ...] = field(default=())


_THIRTY = TextSizes(2048, 768, 48, 32, 4, 128, experts=128)
_ASKED_3 = tuple(
    Memory(f"asked about {seconds} s of film", gigabytes, 1, f"{CARD_3}, Instruct, with its talker")
    for seconds, gigabytes in ((15, 78.85), (30, 88.52), (60, 107.74), (120, 144.81))
)
_ASKED_3_THINKING = tuple(
    Memory(f"asked about {seconds} s of film", gigabytes, 1, f"{CARD_3}, Thinking, without talker")
    for seconds, gigabytes in ((15, 68.74), (30, 77.79))
)
_TUNED_3 = (
    Memory("adapters, layers spread over devices, packed rows", 48, 2, SWIFT),
    Memory("adapters, ZeRO-3", 60, 2, SWIFT),
)
PUBLISHED = {
    "Qwen/Qwen3-Omni-30B-A3B-Instruct": Published(
        _THIRTY,
        "qwen3_omni_moe",
        66 * 2**30,
        "apache-2.0",
        "a checkpoint of 66 GiB in bfloat16, its talker of about 10 GB included",
        (*_ASKED_3, *_ASKED_3_THINKING, *_TUNED_3),
    ),
    "Qwen/Qwen2.5-Omni-7B": Published(
        TextSizes(3584, 18944, 28, 28, 4, 128),
        "qwen2_5_omni",
        22e9,
        "apache-2.0",
        "about 11 thousand million weights in bfloat16, its talker included",
        (
            Memory("asked about 30 s of film, with its talker", 42, 1, CARD_2_5),
            Memory("adapters of rank 8, ZeRO-2, rows of 2,048 tokens", 35, 4, SWIFT),
            Memory("adapters, packed rows", 32, 4, SWIFT),
        ),
    ),
    "Qwen/Qwen2.5-Omni-3B": Published(
        TextSizes(2048, 11008, 36, 16, 2, 128),
        "qwen2_5_omni",
        11e9,
        "qwen-research, which forbids commercial use",
        "about 5.5 thousand million weights in bfloat16, its talker included",
    ),
    "Qwen/Qwen2-Audio-7B-Instruct": Published(
        TextSizes(4096, 11008, 32, 32, 32, 128),
        "qwen2_audio",
        16.8e9,
        "apache-2.0",
        "about 8.4 thousand million weights in bfloat16",
    ),
}
