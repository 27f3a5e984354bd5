"""The components of the demo's page, and what each says in a language."""

from collections.abc import Sequence
from typing import Any

from affecthub.hub_cards.spaces import look
from affecthub.hub_cards.spaces.demo import result as shown
from affecthub.hub_cards.spaces.demo.asking import Asker
from affecthub.hub_cards.spaces.demo.clip import Limits
from affecthub.hub_cards.spaces.demo.examples import Example
from affecthub.hub_cards.spaces.demo.result import Result
from affecthub.hub_cards.spaces.demo.words import question_choices, say

# What comes of a question, from top to bottom.
RENDERED = (
    shown.status_html,
    shown.answer_html,
    shown.support_html,
    shown.wheel_html,
    shown.seen_html,
)


class Parts:
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
            for number, (name, render) in enumerate(zip(ids, RENDERED, strict=True))
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
