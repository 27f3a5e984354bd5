"""What the page shows of one answer, in either language, as HTML."""

from dataclasses import dataclass, replace
from html import escape

from affecthub.hub_cards.spaces.demo.asking import Support
from affecthub.hub_cards.spaces.demo.clip import Clip
from affecthub.hub_cards.spaces.demo.labels import read_answer, word_in
from affecthub.hub_cards.spaces.demo.pictures import Pictures, strip_html, waveform_svg
from affecthub.hub_cards.spaces.demo.wheel import describe, wheel_svg
from affecthub.hub_cards.spaces.demo.words import say
from affecthub.plots.look import colour_of


@dataclass(frozen=True)
class Result:
    """One question and what has come of it so far.

    Attributes:
        clip: What was asked about; None before anything was.
        pictures: Of the clip.
        sees_faces: Whether the model is shown faces.
        answer: So far.
        is_done: Whether that is all of it.
        support: What it rests on, once that is known.
        error: Key and fields of what went wrong.
    """

    clip: Clip | None = None
    pictures: Pictures | None = None
    sees_faces: bool = False
    answer: str = ""
    is_done: bool = False
    support: Support | None = None
    error: tuple[str, dict[str, str]] | None = None

    def failed(self, key: str, **fields: object) -> "Result":
        """The same with what went wrong in the place of an answer."""
        told = {name: str(value) for name, value in fields.items()}
        return replace(self, answer="", is_done=True, error=(key, told))


def status_html(result: Result, language: str) -> str:
    """What a screen reader is told: that the model is at it, its whole answer, or what is wrong."""
    if result.error is not None:
        key, fields = result.error
        told = escape(say(key, language, **fields))
        return f'<p class="demo-error"><span aria-hidden="true">!</span>{told}</p>'
    if result.clip is None:
        return ""
    if not result.is_done:
        return f'<p class="demo-busy">{escape(say("busy", language))}</p>'
    if not result.answer:
        return f'<p class="demo-note">{escape(say("empty_answer", language))}</p>'
    return f'<p class="ah-unseen">{escape(say("done", language, answer=result.answer))}</p>'


def answer_html(result: Result, language: str) -> str:
    """The answer, and when it is whole its emotion words and sentiment."""
    if result.error is not None:
        return ""
    if not result.answer:
        text = (
            "" if result.clip else f'<p class="demo-empty">{escape(say("waiting", language))}</p>'
        )
        return text
    caret = "" if result.is_done else '<span class="demo-caret" aria-hidden="true"></span>'
    said = f'<blockquote class="demo-said">{escape(result.answer)}{caret}</blockquote>'
    if not result.is_done:
        return said
    read = read_answer(result.answer)
    chips = "".join(_chip(label, language) for label in read.labels)
    words = (
        f'<ul class="demo-chips">{chips}</ul>' if chips else f"<p>{say('no_labels', language)}</p>"
    )
    feeling = read.sentiment or "no_sentiment"
    sign = {"positive": "+", "negative": "−", "neutral": "○"}.get(feeling, "?")
    return (
        f"{said}<dl class='demo-facts'>"
        f"<div><dt>{say('labels', language)}</dt><dd>{words}</dd></div>"
        f"<div><dt>{say('sentiment', language)}</dt><dd class='demo-feeling {feeling}'>"
        f'<span aria-hidden="true">{sign}</span> {say(feeling, language)}</dd></div></dl>'
    )


def wheel_html(result: Result, language: str) -> str:
    """The wheel with the labels of a whole answer, and the same in words."""
    if result.clip is None and result.error is None:
        return (
            f"<h2>{say('wheel', language)}</h2>{wheel_svg((), language)}"
            f'<p class="demo-note">{escape(say("wheel_empty", language))}</p>'
        )
    if not result.is_done or not result.answer:
        return ""
    labels = read_answer(result.answer).labels
    return (
        f"<h2>{say('wheel', language)}</h2>{wheel_svg(labels, language)}"
        f'<p class="demo-note">{escape(describe(labels, language))}</p>'
    )


def support_html(result: Result, language: str) -> str:
    """Bars of what the answer rests on."""
    if not result.is_done or not result.answer or result.clip is None:
        return ""
    head = f"<h2>{say('mattered', language)}</h2>"
    support = result.support
    if support is None:
        name = say(f"of_{result.clip.modalities[0]}", language)
        return f'{head}<p class="demo-note">{escape(say("only_one", language, name=name))}</p>'
    most = support.most
    told = (
        say("most", language, name=say(f"of_{most}", language))
        if most
        else say("none_most", language)
    )
    rows = _bar(say("with_all", language), support.whole, "all", is_most=False) + "".join(
        _bar(
            say("without", language, name=say(f"of_{name}", language)),
            share,
            name,
            is_most=name == most,
        )
        for name, share in support.without.items()
    )
    return (
        f'{head}<p class="demo-told">{escape(told)}</p><ul class="demo-bars">{rows}</ul>'
        f'<p class="demo-note">{escape(say("mattered_hint", language))}</p>'
    )


def seen_html(result: Result, language: str) -> str:
    """What was in the clip: waveform, pictures, and what is missing."""
    clip = result.clip
    if clip is None:
        return ""
    parts = [f"<h2>{say('seen', language)}</h2>"]
    if clip.wave is not None:
        parts.append(waveform_svg(clip.wave, language))
    if result.pictures is not None:
        parts.append(strip_html(result.pictures, language, sees_faces=result.sees_faces))
    missing = [
        say(key, language)
        for key, is_so in {
            "no_sound": not clip.has_audio,
            "silent": clip.is_silent,
            "no_picture": not clip.has_video,
            "no_text": not clip.text,
        }.items()
        if is_so
    ]
    if clip.text:
        parts.append(f'<p class="demo-transcript">“{escape(clip.text)}”</p>')
    if missing:
        parts.append(f'<p class="demo-note">{escape(" ".join(missing))}</p>')
    return "".join(parts)


def _chip(label: str, language: str) -> str:
    """A label as the model said it, and what it means in the page's language."""
    other = word_in(label, language)
    meant = "" if other == label else f' <span lang="zh-Hans">{escape(other)}</span>'
    return f'<li style="--dot:{colour_of(label)}"><span>{escape(label)}{meant}</span></li>'


def _bar(name: str, share: float, kind: str, *, is_most: bool) -> str:
    percent = f"{100 * share:.0f} %" if share >= 0.005 else "&lt; 1 %"
    return (
        f'<li class="{kind}{" most" if is_most else ""}"><span class="name">{escape(name)}</span>'
        f'<span class="track" aria-hidden="true"><span style="width:{100 * share:.1f}%"></span>'
        f'</span><span class="value">{percent}</span></li>'
    )
