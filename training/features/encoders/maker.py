"""Makes a cache's features by an encoder, as `TowerMaker` does by AffectGPT's towers."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import transformers
from torch.utils.data import Dataset

from affecthub.media import MediaError
from affecthub.training.examples import UnusableClipError
from affecthub.training.features.columns import Column
from affecthub.training.features.encoders.kinds import Encoder, Reader
from affecthub.training.features.encoders.rules import Wanted, pooled, pooled_width
from affecthub.training.features.key import weights_digest
from affecthub.training.features.names import Modality, column_of


class EncoderMaker:
    """One column of features of one encoder.

    Args:
        encoder: Loaded, with its rules.
        modality: What it encodes; its column is ``{modality}_features``.
        wanted: What is asked of it.
        dtype: To keep features in.
        source: Where the encoder comes from, for readers of the cache.
    """

    name = "encoder"

    def __init__(
        self, encoder: Encoder, modality: Modality, wanted: Wanted, dtype: str, source: Any = None
    ) -> None:
        self.encoder, self.wanted, self.source = encoder, wanted, source
        self.media = (encoder.medium,)
        column = column_of(modality)
        self.made_of = {column: self.media}
        shape: list[int | None] = [None, encoder.width]
        if wanted.level == "utterance":
            shape = [pooled_width(encoder.width, wanted.pooling)]
        self.columns = [Column(column, tuple(shape), dtype)]
        model = encoder.model
        self.key = {
            column: {
                "shape": shape,
                "style": wanted.style,
                "level": wanted.level,
                "pooling": wanted.pooling if wanted.level == "utterance" else None,
                "encoder": type(model).__name__,
                "weights": weights_digest(model),
                "weights_dtype": str(model.dtype).removeprefix("torch."),
                # Of a major version of transformers the same weights gave other states.
                "library": f"transformers {transformers.__version__.partition('.')[0]}",
                **encoder.key,
            }
        }

    def inputs(self, rows: Any) -> "EncoderInputs":
        """Clips as the encoder's inputs."""
        return EncoderInputs(rows, self.encoder.reader, self.columns[0].name)

    def make(self, column: str, values: Sequence[Any]) -> list[torch.Tensor]:
        """Features of a batch of such inputs, float32 on the CPU."""
        made = self.encoder.steps(list(values))
        if self.wanted.level == "utterance":
            return [pooled(steps, self.wanted.pooling) for steps in made]
        return made


class EncoderInputs(Dataset):
    """Clips as an encoder's inputs.

    Args:
        rows: Clips of a corpus.
        reader: The encoder's.
        column: Of the features that are made of them.
    """

    def __init__(self, rows: Any, reader: Reader, column: str) -> None:
        self.rows, self.reader, self.column = rows, reader, column

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.rows)

    def __getitem__(self, number: int) -> dict[str, Any]:
        """A clip's input by the column that it makes; empty where there is nothing to encode.

        Raises:
            UnusableClipError: Its media cannot be read.
        """
        row: Mapping[str, Any] = self.rows[number]
        try:
            found = self.reader(row)
        except (MediaError, OSError, ValueError) as error:
            raise UnusableClipError(row["id"], f"clip {row['id']!r}: {error}") from error
        return {} if found is None else {self.column: found}
