"""One answer on a terminal, word by word while it is generated."""

import sys
from typing import Any, TextIO

from transformers import TextStreamer


class AnswerStreamer(TextStreamer):
    """Print an answer as it comes, up to its end and in one line, with plain characters only.

    What may turn out to be the answer's end is held back until it is known.

    Args:
        processor: Of the model; says what ends an answer.
        file: Where to print; by default what is standard output then.

    Example:
        model.generate(**inputs, **processor.stopping(), streamer=AnswerStreamer(processor))
    """

    def __init__(self, processor: Any, file: TextIO | None = None) -> None:
        super().__init__(processor.tokenizer, skip_prompt=True, skip_special_tokens=True)
        self.end: str = processor.answer_end
        self.file = file or sys.stdout
        self._said = ""
        self._shown = ""

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Print what is certain of the text so far."""
        self._said += text
        # An earlier end does not stop an answer where the last one does, see `cut_answer`.
        certain = self._said.rpartition(self.end)[0] if stream_end and self._has_end else self._said
        if not stream_end and self.end:
            certain = certain.partition(self.end)[0]
            held = max(
                (n for n in range(1, len(self.end)) if certain.endswith(self.end[:n])), default=0
            )
            certain = certain[: len(certain) - held]
        line = " ".join(certain.split())
        self.file.write(line[len(self._shown) :])
        self._shown = line
        if stream_end:
            self.file.write("\n")
            self._said = self._shown = ""
        self.file.flush()

    @property
    def _has_end(self) -> bool:
        return bool(self.end) and self.end in self._said
