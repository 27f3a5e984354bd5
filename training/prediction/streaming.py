"""One answer on a terminal, word by word while it is generated."""

import sys
from typing import Any, TextIO

from transformers import TextStreamer

from affecthub.modeling.affectgpt.processing_answers import certain_part


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
        self.answer_end: str = processor.answer_end
        self.file = file or sys.stdout
        self._said = ""
        self._shown = ""

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Print what is certain of the text so far."""
        self._said += text
        certain = self._ended() if stream_end else certain_part(self._said, self.answer_end)
        line = " ".join(certain.split())
        self.file.write(line[len(self._shown) :])
        self._shown = line
        if stream_end:
            self.file.write("\n")
            self._said = self._shown = ""
        self.file.flush()

    def _ended(self) -> str:
        """The whole answer; an earlier end did not stop it where there is a later one."""
        end = self.answer_end
        return self._said.rpartition(end)[0] if end and end in self._said else self._said
