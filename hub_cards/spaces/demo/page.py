"""The demo's page: a clip in, an answer out, word by word."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from affecthub.errors import require
from affecthub.hub_cards.spaces import look
from affecthub.hub_cards.spaces.demo.asking import Asker
from affecthub.hub_cards.spaces.demo.clip import ClipError, Limits, read_clip
from affecthub.hub_cards.spaces.demo.examples import Example
from affecthub.hub_cards.spaces.demo.gpu import on_gpu
from affecthub.hub_cards.spaces.demo.layout import RENDERED, Parts
from affecthub.hub_cards.spaces.demo.pictures import pictures_of
from affecthub.hub_cards.spaces.demo.result import Result
from affecthub.hub_cards.spaces.demo.style import CSS, LIVE, SHOW_ANSWER
from affecthub.hub_cards.spaces.demo.words import say

# How often clips are looked through, and after how long they are deleted, in seconds.
_SWEPT_S, _KEPT_S = 600, 1800


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

    def asked_of_it(result: Result, question: str | None) -> Iterator[Result]:
        yield from ask(asker, result, question)

    on_the_gpu = on_gpu(asked_of_it)

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
        parts = Parts(gr, asker, name, limits, examples)
        switch = parts.switch
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
    return [result, *(render(result, language) for render in RENDERED)]
