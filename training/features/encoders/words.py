"""Text encoders: of every token the layers that are wanted, without special tokens."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from affecthub.training.features.encoders.rules import Wanted, combine, parse_layers
from affecthub.training.features.encoders.table import Named

# Final norms by the names that models have for them.
_NORMS = ("norm", "ln_f", "final_layernorm", "final_layer_norm")
# Any words: they tell how many special tokens stand before and after them.
_PROBE = "a 1"
# What tokenizers state that know no longest text.
_ENDLESS = 1_000_000


def special_tokens(tokenizer: Any) -> tuple[int, int]:
    """How many tokens a tokenizer puts before and after a text.

    Found out by trying: masks of special tokens count unknown words among them.

    Raises:
        ValueError: They are not where they were expected.
    """
    bare = list(tokenizer(_PROBE, add_special_tokens=False)["input_ids"])
    full = list(tokenizer(_PROBE)["input_ids"])
    for before in range(len(full) - len(bare) + 1):
        if full[before : before + len(bare)] == bare:
            return before, len(full) - len(bare) - before
    raise ValueError(
        f"the tokenizer puts special tokens between words: got {full} of {_PROBE!r}, expected "
        f"{bare} with others before or after."
    )


def longest_text(tokenizer: Any, config: Any) -> int | None:
    """Tokens that an encoder takes, special ones counted; None where there is no end."""
    known = []
    if tokenizer.model_max_length < _ENDLESS:
        known.append(int(tokenizer.model_max_length))
    places = getattr(config, "max_position_embeddings", None)
    if places and places > 0:
        # RoBERTa counts its places from behind the one of padding.
        offset = 1 + config.pad_token_id if "roberta" in config.model_type else 0
        known.append(int(places) - offset)
    return min(known, default=None)


@dataclass(frozen=True)
class WordReader:
    """Reads a clip's words as tokens.

    Args:
        tokenizer: The encoder's.
        column: Of the corpus.
        longest: Most tokens; a longer text is cut at its end.
    """

    tokenizer: Any
    column: str
    longest: int | None

    def __call__(self, row: Mapping[str, Any]) -> torch.Tensor | None:
        """Token ids ``(tokens,)`` with special ones; None where nothing is said."""
        text = row[self.column]
        if not text or not text.strip():
            return None
        cut: dict[str, Any] = {}
        if self.longest is not None:
            cut = {"truncation": True, "max_length": self.longest}
        return torch.tensor(self.tokenizer(text, **cut)["input_ids"], dtype=torch.int64)


class WordEncoder:
    """BERT, DeBERTa, LLaMA and whatever makes a vector for each token.

    Source: MERBench: the sum of the last four hidden states of every token of the raw string, tags
        included; special tokens are left out.

    Differs: ``style="clean"`` reads the text without tags and takes the mean of the four layers. A
        clip without words has no features, where MERBench writes zeros. Texts of a batch are
        masked; no text depends on those that it is encoded with.

    Args:
        named: The encoder.
        model: Loaded.
        tokenizer: Its tokenizer.
        wanted: What is asked for.
        column: Of the corpus.
    """

    batch_size = 32

    def __init__(
        self, named: Named, model: Any, tokenizer: Any, wanted: Wanted, column: str = "text"
    ) -> None:
        self.model, self.medium = model, column
        # A model whose states were published before its final norm says so.
        is_raw = getattr(model.config, "tie_last_hidden_states", None) is False
        usual = ("sum_raw:4" if is_raw else "sum:4") if wanted.is_official else "mean:4"
        self.layers = wanted.layers or usual
        self.before, self.after = special_tokens(tokenizer)
        self.reader = WordReader(tokenizer, column, longest_text(tokenizer, model.config))
        self.width = int(model.config.hidden_size)
        self.key = {
            "layers": self.layers,
            "text": column,
            "longest": self.reader.longest,
            "special_tokens": [self.before, self.after],
            "tokenizer": _digest(tokenizer),
        }
        self._raw: list[torch.Tensor] = []
        if parse_layers(self.layers)[0] == "sum_raw":
            _final_norm(model).register_forward_pre_hook(self._keep)

    @torch.inference_mode()
    def steps(self, clips: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Vectors of clips, float32 ``(tokens, width)`` each, on the CPU."""
        lengths = [len(clip) for clip in clips]
        ids = torch.nn.utils.rnn.pad_sequence(list(clips), batch_first=True)
        mask = torch.arange(ids.shape[1])[None] < torch.tensor(lengths)[:, None]
        device = self.model.device
        output = self.model(
            input_ids=ids.to(device),
            attention_mask=mask.to(device, torch.int64),
            output_hidden_states=True,
        )
        hidden = output.hidden_states
        raw = self._raw.pop() if self._raw else hidden[-1]
        made = combine(self.layers, hidden, output.last_hidden_state, raw).float().cpu()
        return [
            steps[self.before : length - self.after]
            for steps, length in zip(made, lengths, strict=True)
        ]

    def _keep(self, module: Any, given: tuple[torch.Tensor, ...]) -> None:
        """Keep what goes into the final norm."""
        self._raw[:] = [given[0]]


def _final_norm(model: Any) -> torch.nn.Module:
    for name in _NORMS:
        if isinstance(found := getattr(model, name, None), torch.nn.Module):
            return found
    raise ValueError(
        f"{type(model).__name__} has no final norm: expected one of {', '.join(_NORMS)}. Take "
        "`sum:N` of its layers."
    )


def _digest(tokenizer: Any) -> str:
    """What decides which tokens a text becomes: the vocabulary, and how some texts are cut."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    whole = backend.to_str() if backend is not None else sorted(tokenizer.get_vocab().items())
    said = [tokenizer(text)["input_ids"] for text in (_PROBE, "Ab, 好的。")]
    content = json.dumps([whole, [list(ids) for ids in said]])
    return hashlib.sha256(content.encode()).hexdigest()
