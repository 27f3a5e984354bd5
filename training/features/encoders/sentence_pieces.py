"""Tokenizers that come as a SentencePiece model beside code of their own, which is not run."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.errors import require
from affecthub.training.features.encoders.checkpoints import find_file

FILE = "tokenizer.model"
# Added to ChatGLM2's pieces, in this order.
_ADDED = ("[MASK]", "[gMASK]", "[sMASK]", "sop", "eop")


class SentencePieces:
    """Cuts texts into pieces, with some ids before them.

    Args:
        model: Content of a SentencePiece model.
        before: Ids that stand before every text.

    Raises:
        ImportError: sentencepiece is not installed.
        ValueError: It is no such model.
    """

    model_max_length = int(1e30)

    def __init__(self, model: bytes, before: Sequence[int] = ()) -> None:
        self.model, self.before = model, list(before)
        self._pieces = _loaded(model)

    def __call__(
        self,
        text: str,
        add_special_tokens: bool = True,
        truncation: bool = False,
        max_length: int | None = None,
    ) -> dict[str, list[int]]:
        """``input_ids`` of a text, as tokenizers of transformers give them."""
        ids = [*(self.before if add_special_tokens else []), *self._pieces.encode(text)]
        return {"input_ids": ids[:max_length] if truncation else ids}

    def get_vocab(self) -> dict[str, int]:
        """All pieces with their ids."""
        return {
            self._pieces.id_to_piece(number): number
            for number in range(self._pieces.get_piece_size())
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """Hand on the model's content, which another process loads anew."""
        return SentencePieces, (self.model, self.before)


def chatglm2_words(where: str) -> SentencePieces:
    """The tokenizer of ChatGLM2: ``[gMASK]`` and ``sop`` stand before every text.

    Raises:
        ImportError: sentencepiece is not installed.
        ValueError: Its file is not there.
    """
    model = _content(where)
    first = _loaded(model).get_piece_size()
    return SentencePieces(model, [first + _ADDED.index(name) for name in ("[gMASK]", "sop")])


def baichuan_words(where: str) -> SentencePieces:
    """The tokenizer of Baichuan: a beginning of text where its configuration says so.

    Raises:
        ImportError: sentencepiece is not installed.
        ValueError: Its file is not there.
    """
    model = _content(where)
    said = find_file(where, "tokenizer_config.json")
    options = json.loads(said.read_text(encoding="utf-8")) if said else {}
    begins = bool(options.get("add_bos_token", False))
    return SentencePieces(model, [_loaded(model).bos_id()] if begins else [])


def _content(where: str) -> bytes:
    path: Path | None = find_file(where, FILE)
    if path is None:
        raise ValueError(f"{where} holds no tokenizer: expected {FILE} in it.")
    return path.read_bytes()


def _loaded(model: bytes) -> Any:
    package = require("sentencepiece", "encoders", "cut texts into pieces")
    try:
        return package.SentencePieceProcessor(model_proto=model)
    except RuntimeError as error:
        raise ValueError(f"got no readable SentencePiece model ({error})") from error
