"""The demo's page: a clip in, an answer out, word by word."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.errors import require
from affecthub.hub_cards.spaces import look
from affecthub.hub_cards.spaces.demo import result as shown
from affecthub.hub_cards.spaces.demo.asking import Asker
from affecthub.hub_cards.spaces.demo.clip import ClipError, Limits, read_clip
from affecthub.hub_cards.spaces.demo.gpu import on_gpu
from affecthub.hub_cards.spaces.demo.pictures import pictures_of
from affecthub.hub_cards.spaces.demo.result import Result
from affecthub.hub_cards.spaces.demo.style import CSS, LIVE, SHOW_ANSWER
from affecthub.hub_cards.spaces.demo.words import question_choices, say

EXAMPLES = "examples.json"
# How often clips are looked through, and after how long they are deleted, in seconds.
_SWEPT_S, _KEPT_S = 600, 1800
_RENDERED = (
    shown.status_html,
    shown.answer_html,
    shown.support_html,
    shown.wheel_html,
    shown.seen_html,
)


@dataclass(frozen=True)
class Example:
    """A clip to try.

    Attributes:
        path: The file.
        text: What is said in it.
    """

    path: str
    text: str


def read_examples(folder: str | PathLike[str] | None) -> list[Example]:
    """The clips that ``examples.json`` of a folder lists; none without a folder.

    Raises:
        FileNotFoundError: The list, or a file of it, is not there.
        ValueError: A file of it lies outside of the folder.
    """
    if folder is None:
        return []
    folder = Path(folder).resolve()
    rows = json.loads((folder / EXAMPLES).read_text(encoding="utf-8"))
    found = []
    for row in rows:
        path = (folder / row["file"]).resolve()
        if not path.is_relative_to(folder):
            raise ValueError(f"{EXAMPLES}: got {row['file']!r}, expected a file of the folder.")
        if not path.is_file():
            raise FileNotFoundError(f"{EXAMPLES}: got {row['file']!r}, expected a file of it.")
        found.append(Example(str(path), row["text"]))
    return found


def ask(asker: Asker, result: Result, question: str | None) -> Iterator[Result]:
    """An answer about the clip of a result, as it comes; then what it rests on.

    What the model cannot answer about comes as a result with an error.
    """
    assert result.clip is not None, "looked at before"
    answer = ""
    try:
        for answer in asker.stream(result.clip, question):
            yield replace(result, answer=answer)
        support = asker.support(result.clip, question, answer)
    except (ValueError, OSError, RuntimeError) as error:
        yield result.failed("error_model", reason=" ".join(str(error).split())[:300])
        return
    yield replace(result, answer=answer, support=support, is_done=True)


def build(
    asker: Asker, name: str, *, limits: Limits | None = None, examples: Sequence[Example] = ()
) -> Any:
    """The page as ``gradio.Blocks``.

    Args:
        asker: The model.
        name: What the page calls it.
        limits: Of clips; None for the usual ones.
        examples: Clips to try.

    Raises:
        ImportError: gradio is not installed.
    """
    gr = require("gradio", "app", "serve the demo")
    limits = limits or Limits()
    on_the_gpu = on_gpu(lambda result, question: (yield from ask(asker, result, question)))

    def answer(
        video: str | None, audio: str | None, text: str, question: str | None, language: str
    ) -> Iterator[list[Any]]:
        try:
            if question and len(question) > limits.letters:
                raise ClipError("error_letters", got=len(question), expected=limits.letters)
            clip = read_clip(video or audio, text, limits)
        except ClipError as error:
            yield _rendered(Result().failed(error.key, **error.fields), language)
            return
        start = Result(clip, sees_faces=asker.sees_faces)
        yield _rendered(start, language)
        try:
            start = replace(start, pictures=pictures_of(clip))
        except (ValueError, OSError):
            file = Path(clip.path or "").name
            yield _rendered(Result().failed("error_media", name=file), language)
            return
        yield _rendered(start, language)
        for result in on_the_gpu(start, question or None):
            yield _rendered(result, language)

    with gr.Blocks(
        title=say("title"), delete_cache=(_SWEPT_S, _KEPT_S), analytics_enabled=False
    ) as page:
        page_parts = _Parts(gr, asker, name, limits, examples)
        parts, switch = page_parts, page_parts.switch
        state = gr.State(Result())
        outputs = [state, *parts.results]
        inputs = [parts.video, parts.audio, parts.text, parts.question, switch]
        asked = {
            "js": SHOW_ANSWER,
            "concurrency_limit": 1,
            "show_progress": "hidden",
            "api_name": "answer",
        }
        gr.on([parts.button.click, parts.text.submit], answer, inputs, outputs, **asked)
        # Of film and sound the one that came last counts.
        for one, other in ((parts.video, parts.audio), (parts.audio, parts.video)):
            one.change(
                lambda path: None if path else gr.skip(),
                one,
                other,
                show_progress="hidden",
                api_visibility="private",
            )
        for button, example in zip(parts.examples, examples, strict=True):
            button.click(
                lambda example=example: (example.path, example.text),
                None,
                [parts.video, parts.text],
                show_progress="hidden",
                api_visibility="private",
            )
        switch.change(
            lambda result, language: _rendered(result, language)[1:],
            [state, switch],
            parts.results,
            show_progress="hidden",
            api_visibility="private",
        )
        look.follow_language(page, switch, parts.speaking)
        page.load(None, None, None, js=LIVE)
    page.queue(max_size=24)
    return page


def launching(examples: Sequence[Example] = (), limits: Limits | None = None) -> dict[str, Any]:
    """What ``Blocks.launch`` takes for the page."""
    megabytes = (limits or Limits()).megabytes
    return {
        **look.launching(CSS),
        "max_file_size": int(megabytes * 1e6),
        "allowed_paths": sorted({str(Path(example.path).parent) for example in examples}),
    }


def _rendered(result: Result, language: str) -> list[Any]:
    return [result, *(render(result, language) for render in _RENDERED)]


class _Parts:
    """The components of the page, from top to bottom, and what each says in a language."""

    def __init__(
        self, gr: Any, asker: Asker, name: str, limits: Limits, examples: Sequence[Example]
    ) -> None:
        self.speaking: list[tuple[Any, Any]] = []
        self._limits, self._name = limits, name
        with gr.Row(elem_classes="ah-top"):
            self._html(gr, self._top)
            self.switch = look.language_switch()
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=300, elem_classes="demo-panel"):
                self._given(gr, asker, examples)
            with gr.Column(scale=6, min_width=300, elem_classes="demo-panel"):
                self._answered(gr)
        with gr.Column(elem_classes="demo-foot"):
            self._html(gr, self._foot)

    def _given(self, gr: Any, asker: Asker, examples: Sequence[Example]) -> None:
        """What is asked about, and what is asked."""
        self._html(gr, lambda language: f"<h2>{say('clip', language)}</h2>")
        with gr.Tabs():
            with gr.Tab(say("video"), id="video") as video_tab:
                self.video = gr.Video(
                    label=say("video"),
                    sources=["upload", "webcam"],
                    elem_id="demo-video",
                )
            with gr.Tab(say("audio"), id="audio") as audio_tab:
                self.audio = gr.Audio(
                    label=say("audio"),
                    sources=["upload", "microphone"],
                    type="filepath",
                    elem_id="demo-audio",
                )
        for part, key in (
            (video_tab, "video"),
            (audio_tab, "audio"),
            (self.video, "video"),
            (self.audio, "audio"),
        ):
            self._says(part, label=key)
        self.text = gr.Textbox(
            label=say("text"), info=say("text_hint"), lines=2, max_lines=6, elem_id="demo-text"
        )
        self._says(self.text, label="text", info="text_hint")
        self.question = gr.Dropdown(
            question_choices(asker.questions, "en"),
            value=asker.questions[0] if asker.questions else None,
            label=say("question"),
            info=say("question_hint"),
            allow_custom_value=True,
            elem_id="demo-question",
        )
        names = asker.questions
        self.speaking.append(
            (
                self.question,
                lambda language: {
                    "label": say("question", language),
                    "info": say("question_hint", language),
                    "choices": question_choices(names, language),
                },
            )
        )
        self.button = gr.Button(say("ask"), variant="primary", elem_id="demo-ask")
        self.speaking.append((self.button, lambda language: {"value": say("ask", language)}))
        self.examples = []
        if examples:
            self._html(gr, lambda language: f"<h2>{say('examples', language)}</h2>")
            with gr.Column(elem_classes="demo-examples"):
                self.examples = [
                    gr.Button(say("example", text=example.text), size="md") for example in examples
                ]

    def _answered(self, gr: Any) -> None:
        """Where the answer comes."""
        self._html(gr, lambda language: f"<h2>{say('answer', language)}</h2>")
        ids = ("demo-status", "demo-answer", "demo-support", "demo-on-wheel", "demo-seen")
        self.results = [
            gr.HTML(
                render(Result(), "en"),
                elem_id=name,
                elem_classes="demo-card" if number > 1 else None,
            )
            for number, (name, render) in enumerate(zip(ids, _RENDERED, strict=True))
        ]

    def _top(self, language: str) -> str:
        return f'<h1>{say("title", language)}</h1><p class="ah-lead">{say("lead", language)}</p>'

    def _foot(self, language: str) -> str:
        limits = self._limits
        privacy = say(
            "privacy", language, seconds=f"{limits.seconds:g}", megabytes=f"{limits.megabytes:g}"
        )
        return (
            f"<p>{privacy}</p><p>{say('legal', language)}</p>"
            f"<p>{say('model', language, name=self._name)}</p>"
        )

    def _html(self, gr: Any, render: Any) -> Any:
        part = gr.HTML(render("en"))
        self.speaking.append((part, lambda language: {"value": render(language)}))
        return part

    def _says(self, part: Any, **keys: str) -> None:
        self.speaking.append(
            (part, lambda language: {name: say(key, language) for name, key in keys.items()})
        )
