"""Text encoders for embedding metrics: found on this machine, loaded once, never downloaded."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.errors import require

# A larger share of unknown tokens means that the model does not read this language.
_MUCH_UNKNOWN = 0.2


def find_weights(model: str | PathLike[str], metric: str) -> Path:
    """The folder with a model's files.

    Args:
        model: A local folder, or the id of a model in the Hugging Face cache.
        metric: What it is for, by the key of `models`.

    Raises:
        ImportError: torch or transformers is not installed.
        FileNotFoundError: There is neither a folder nor a cached model; nothing is downloaded.
    """
    for package in ("torch", "transformers"):
        require(package, "model", f"compute {metric}")
    if Path(model, "config.json").is_file():
        return Path(model)
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(str(model), "config.json")
    except HFValidationError:  # a path that is not there
        config = None
    if not isinstance(config, str):
        raise FileNotFoundError(
            f"weights of {model} not found: got neither a folder with a config.json nor a model in "
            f"the Hugging Face cache, needed to compute {metric}. Fetch them with "
            f"`hf download {model}`, or name a local folder: models={{'{metric}': 'folder'}}."
        )
    return Path(config).parent


@dataclass(frozen=True)
class Encoder:
    """A transformer over texts with its tokenizer."""

    name: str
    tokenizer: Any
    model: Any
    max_length: int

    def read(self, texts: Sequence[str], max_length: int) -> tuple[dict[str, Any], Any]:
        """Model inputs, (batch, token), and the mask of special tokens and padding."""
        inputs = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=max_length,
            return_tensors="pt",
            return_special_tokens_mask=True,
        )
        special = inputs.pop("special_tokens_mask").bool()
        unknown = inputs["input_ids"][~special] == self.tokenizer.unk_token_id
        if unknown.numel() and unknown.float().mean() > _MUCH_UNKNOWN:
            warnings.warn(
                f"{self.name} does not know {unknown.float().mean():.0%} of the tokens of these "
                "captions: its scores say little. Choose a model for their language.",
                UserWarning,
                stacklevel=2,
            )
        inputs = {name: value.to(self.model.device) for name, value in inputs.items()}
        return inputs, special


@lru_cache(maxsize=2)
def load_encoder(model: str, metric: str, device: str = "cpu") -> Encoder:
    """Load a text encoder from this machine.

    Args:
        model: A local folder, or the id of a model in the Hugging Face cache.
        metric: What it is for, by the key of `models`.
        device: Where it runs.

    Raises:
        ImportError: torch or transformers is not installed.
        FileNotFoundError: The weights are not there.
    """
    folder = find_weights(model, metric)
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    loaded = AutoModel.from_pretrained(folder).to(device).eval()
    # Some tokenizers know no limit and give a huge number.
    limit = min(tokenizer.model_max_length, 512)
    return Encoder(str(model), tokenizer, loaded, limit)
