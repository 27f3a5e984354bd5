"""A question as the messages of a chat, and these as a model's own template writes them."""

from pathlib import Path
from typing import Any, Literal

from jinja2.exceptions import TemplateError

from affecthub.training.asking.asks import Ask
from affecthub.training.asking.backends.transformers_processors import tokenizer_of

Part = Literal["video", "image", "audio"]
PLAIN = "plain"


def messages_of(ask: Ask, media: tuple[Part, ...] = ()) -> list[dict[str, Any]]:
    """A question as chat templates of transformers take it.

    Args:
        ask: Its system message comes first, where it has one.
        media: What stands before the words, in order: a part per film, image or sound.

    Returns:
        One or two messages.
    """
    words = {"type": "text", "text": ask.question}
    asked = {"role": "user", "content": [*({"type": kind} for kind in media), words]}
    if not ask.system:
        return [asked]
    return [{"role": "system", "content": [{"type": "text", "text": ask.system}]}, asked]


class ChatTemplate:
    """Writes messages as a model has learnt to read them, up to where its answer begins.

    Args:
        processor: A processor or a tokenizer.
        template: None takes the model's own; else a file of a Jinja template, or "plain" for
            models that were never taught to chat: the words alone, the media before them.

    Raises:
        ValueError: The model has no template, or the file is none.
    """

    def __init__(self, processor: Any, template: str | Path | None = None) -> None:
        self.processor = processor
        self.plain = template == PLAIN
        self.text = None if template is None or self.plain else _read(Path(template))
        own = getattr(processor, "chat_template", None)
        own = own or getattr(tokenizer_of(processor), "chat_template", None)
        if not (own or template):
            raise ValueError(
                "the model has no chat template: got neither a template in its processor nor one "
                "in its tokenizer. It was not taught to chat, or its folder lacks "
                '`chat_template.jinja`. Give one by `template`, a file, or "plain" to ask it with '
                "the bare words."
            )

    def write(self, ask: Ask, media: tuple[Part, ...] = ()) -> str:
        """The prompt of a question, with one placeholder for each of its media.

        Where the template knows no system message, or leaves it out, its words stand before the
        question.

        Args:
            ask: The question.
            media: See `messages_of`.

        Raises:
            ValueError: The template fails, or loses the question.
        """
        if self.plain:
            return self._plain(ask, media)
        if ask.system:
            try:
                written = self._written(messages_of(ask, media))
            except TemplateError:
                written = ""
            if ask.system.strip() in written and ask.question.strip() in written:
                return written
            joined = f"{ask.system}\n\n{ask.question}"
            ask = Ask(ask.clip_id, joined, sound=ask.sound, film=ask.film)
        try:
            written = self._written(messages_of(ask, media))
        except TemplateError as error:
            raise ValueError(f"the model's chat template fails: {error}") from error
        if ask.question.strip() not in written:
            raise ValueError(
                "the model's chat template loses the question: it is not among what it wrote. "
                "Give another by `template`."
            )
        return written

    def _written(self, messages: list[dict[str, Any]]) -> str:
        """What the template makes of messages, their words in parts or, without media, whole."""
        settings: dict[str, Any] = {"tokenize": False, "add_generation_prompt": True}
        if self.text is not None:
            settings["chat_template"] = self.text
        if tokenizer_of(self.processor) is self.processor:
            # Templates of models that read text alone take it as a string.
            messages = [
                message | {"content": message["content"][-1]["text"]} for message in messages
            ]
        return self.processor.apply_chat_template(messages, **settings)

    def _plain(self, ask: Ask, media: tuple[Part, ...]) -> str:
        """The words alone."""
        marks = "".join(getattr(self.processor, f"{kind}_token") for kind in media)
        return marks + "\n\n".join(part for part in (ask.system, ask.question) if part)


def _read(file: Path) -> str:
    """The text of a template."""
    if not file.is_file():
        raise ValueError(
            f'no chat template there: got {str(file)!r}, expected a file of Jinja or "plain".'
        )
    return file.read_text(encoding="utf-8")
