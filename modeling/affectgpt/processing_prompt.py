"""A sample's prompt and its answer as token ids, in which nobody but the configuration can write.

Everything between two control tokens is tokenised in one piece, the wording and what users say
together, and so exactly as the whole sentence would be. But only the wording of the configuration
may spell control tokens: a transcript that spells a placeholder stays a transcript.
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from .configuration_prompt import Prompt

OPTIONS = "{options}"


class PromptWriter:
    """Write prompts and answers for one tokenizer.

    Args:
        tokenizer: The language model's, with the placeholders.
        prompt: The prompt, read.
        placeholders: The text of each kind's placeholders, as many tokens as the kind has.
    """

    def __init__(self, tokenizer: Any, prompt: Prompt, placeholders: Mapping[str, str]) -> None:
        self.tokenizer = tokenizer
        self.prompt = prompt
        self.placeholders = dict(placeholders)
        control = {t.content: i for i, t in tokenizer.added_tokens_decoder.items() if t.special}
        self.control = control
        # Longer tokens first, so that none is taken for the beginning of another.
        spelled = sorted(map(re.escape, control), key=len, reverse=True)
        self._control_pattern = re.compile(f"({'|'.join(spelled)})") if spelled else None
        self._unsayable = set(control.values()) - {tokenizer.unk_token_id}

    def prompt_ids(self, present: set[str], said: Mapping[str, str], prefix: str = "") -> list[int]:
        """The ids of a prompt.

        Args:
            present: Fields that the sample has; a part that names another one is left out.
            said: What ``{text}`` and ``{question}`` stand for.
            prefix: Wording in front of it.
        """
        pieces: list[tuple[str, bool]] = [(prefix, True)]
        for part in self.prompt.parts:
            if not part.fields <= present:
                continue
            for literal, name in part.pieces:
                pieces.append((literal, True))
                if name in self.placeholders:
                    pieces.append((self.placeholders[name], True))
                elif name:
                    pieces.append((said[name], False))
        return self._encode(pieces)

    def beginning_ids(self, answer: str) -> list[int]:
        """The ids of the beginning of an answer."""
        return self._encode([(answer, False)])

    def answer_ids(self, answer: str, end: str = "") -> list[int]:
        """The ids of an answer, its end and the end token."""
        return [*self._encode([(answer, False), (end, True)]), self.tokenizer.eos_token_id]

    def _encode(self, pieces: Sequence[tuple[str, bool]]) -> list[int]:
        """Tokenise pieces of text in one go, each with whether control tokens in it count."""
        ids: list[int] = []
        run = ""
        for text, may_control in pieces:
            if not may_control or self._control_pattern is None:
                run += text
                continue
            for bit in self._control_pattern.split(text):
                if bit in self.control:
                    ids += [*self._encode_plain(run), self.control[bit]]
                    run = ""
                else:
                    run += bit
        return ids + self._encode_plain(run)

    def _encode_plain(self, text: str) -> list[int]:
        if not text:
            return []
        ids = self.tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        # A vocabulary may hold its control tokens as ordinary words too; those are dropped.
        return [i for i in ids if i not in self._unsayable]


def spell_question(
    question: str, questions: Mapping[str, str], options: Sequence[str] | None
) -> str:
    """A question in words.

    Args:
        question: Name of one of the questions, or any other text.
        questions: Questions by name.
        options: What ``{options}`` in it stands for.

    Raises:
        ValueError: An unknown name (a single ASCII word is always taken for one), or options are
            missing or have no place.

    Example:
        >>> spell_question("one_of", {"one_of": "Which of {options}?"}, ["joy", "fear"])
        'Which of joy, fear?'
    """
    if question in questions:
        words = questions[question]
    elif question.isascii() and question.isidentifier():
        close = get_close_matches(question, questions, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(
            f"unknown question: got {question!r}, expected one of "
            f"{', '.join(sorted(questions))}, or a question in full.{hint}"
        )
    else:
        words = question
    if (OPTIONS in words) != bool(options):
        raise ValueError(
            f"question and options do not fit: got {words!r} and options {options!r}, expected "
            f"options just where the question names {OPTIONS}. Ask 'one_of', or leave them out."
        )
    if isinstance(options, str):
        raise ValueError(
            f"`options` is one text: got {options!r}, expected a list of texts. Split it."
        )
    if not all(isinstance(option, str) for option in options or ()):
        raise ValueError(f"`options` are no texts: got {options!r}, expected a list of texts.")
    return words.replace(OPTIONS, ", ".join(options or ()))
