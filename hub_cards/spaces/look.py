"""How our pages look and speak: colours, letters, a language switch; nothing of other machines.

Pages ask this machine alone: letters are the reader's own, and there is no script of others.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

LANGUAGES = {"en": "English", "zh": "中文"}
LETTERS = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Noto Sans",
    "Noto Sans CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
    "sans-serif",
)
FIGURES = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

# Variables that every page of ours may use; text on them has a contrast of 4.5 and more. Colours of
# modalities are Okabe and Ito's, which the colour-blind tell apart, made darker or lighter.
CSS = """
.gradio-container {
  --ah-accent: #3b4cca; --ah-accent-soft: #eceefb; --ah-line: #dfe2ea; --ah-quiet: #5a6072;
  --ah-panel: #ffffff; --ah-band: #f6f7fa; --ah-floor: #fff6e0; --ah-floor-line: #b45309;
  --ah-bad: #b42318; --ah-bad-soft: #fef0ee; --ah-good: #067647;
  --ah-audio: #0072b2; --ah-video: #b84f00; --ah-text: #00785a; --ah-face: #a8477f;
  box-sizing: border-box; max-width: min(1320px, 100vw) !important;
  margin-inline: auto;
}
.dark .gradio-container, .gradio-container.dark {
  --ah-accent: #a5b0ff; --ah-accent-soft: #262b4d; --ah-line: #343949; --ah-quiet: #a7aec0;
  --ah-panel: #171a23; --ah-band: #1e222d; --ah-floor: #33290f; --ah-floor-line: #f5b84b;
  --ah-bad: #ff9c92; --ah-bad-soft: #3a1c1a; --ah-good: #6ddba5;
  --ah-audio: #6cc0f5; --ah-video: #ff9d5c; --ah-text: #4fd1a8; --ah-face: #eaa4cb;
}
.ah-top { align-items: end; gap: 16px; }
.ah-top h1 { font-size: 1.9rem; line-height: 1.2; font-weight: 700; letter-spacing: -0.015em;
  margin: 8px 0 4px; }
.ah-lead { color: var(--ah-quiet); max-width: 70ch; }
.ah-top > .form { flex: 0 0 auto !important; min-width: 0 !important; border: 0; background: none;
  box-shadow: none; }
.ah-language { min-width: 0 !important; padding: 0 !important; border: 0 !important;
  background: none !important; }
.gradio-container :is(a, button, input, select, textarea, summary, [tabindex]):focus-visible {
  outline: 3px solid var(--ah-accent); outline-offset: 2px;
}
.ah-unseen { position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; }
.gradio-container, .gradio-container :is(.main, .wrap, main, .column, .row, .block, .prose) {
  min-width: 0;
}
.gradio-container > .main { width: 100%; box-sizing: border-box; }
.gradio-container .html-container { padding: 0 !important; }
.prose :is(code, a) { overflow-wrap: anywhere; }
.prose :is(th, td) { overflow-wrap: normal; word-break: normal; }
@media (max-width: 640px) {
  .gradio-container > .main { padding: 12px 8px !important; }
  .ah-top h1 { font-size: 1.5rem; }
  .ah-top { flex-direction: column; align-items: stretch; }
}
@media (prefers-reduced-motion: reduce) {
  .gradio-container * { animation-duration: 0.01ms !important; transition: none !important; }
}
"""

# The page's language: what its address asks for (?lang=zh), or else that of the browser.
_FIRST_LANGUAGE = """
() => {
  const asked = new URLSearchParams(location.search).get('lang');
  const wanted = (asked ?? navigator.language ?? 'en').toLowerCase();
  return wanted.startsWith('zh') ? 'zh' : 'en';
}
"""
_SET_LANGUAGE = (
    "(language) => { document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en'; "
    "return language; }"
)


def theme() -> Any:
    """The theme of every page: a `gradio.themes.Base` with the reader's own letters."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue="indigo",
        neutral_hue="slate",
        radius_size="md",
        font=list(LETTERS),
        font_mono=list(FIGURES),
    ).set(
        body_background_fill="#fbfbfd",
        body_background_fill_dark="#10131a",
        block_background_fill="#ffffff",
        block_background_fill_dark="#171a23",
        block_border_color="#dfe2ea",
        block_border_color_dark="#343949",
        block_label_text_color="#454b5c",
        block_label_text_color_dark="#c3c9d8",
        block_title_text_weight="600",
        body_text_color="#1b1f2a",
        body_text_color_dark="#e8eaf2",
        body_text_color_subdued="#5a6072",
        body_text_color_subdued_dark="#a7aec0",
        button_primary_background_fill="#3b4cca",
        button_primary_background_fill_hover="#2f3da8",
        button_primary_background_fill_dark="#4f5fe0",
        button_primary_text_color="#ffffff",
        input_border_color="#8a90a2",
        input_border_color_dark="#656c80",
    )


def launching(css: str = "", head: str = "") -> dict[str, Any]:
    """What ``Blocks.launch`` takes for our look: ``blocks.launch(**launching(css))``.

    Args:
        css: More rules, after the common ones.
        head: More for the page's head.
    """
    # In the head, for `css` gradio splits selectors at every comma, also within brackets, and leads
    # rules for narrow windows to no element.
    lang = '<script>document.documentElement.lang = "en";</script>'
    style = f"<style>{CSS}{css}</style>"
    return {"theme": theme(), "head": lang + style + head, "footer_links": []}


class Words:
    """What a page says, in each language.

    Args:
        said: Key to language to text; every key in every language of `LANGUAGES`. A text may have
            fields of ``str.format``.

    Raises:
        ValueError: A text is missing in a language.

    Example:
        >>> words = Words({"answer": {"en": "Answer", "zh": "回答"}})
        >>> words("answer", "zh")
        '回答'
    """

    def __init__(self, said: Mapping[str, Mapping[str, str]]) -> None:
        for key, texts in said.items():
            if missing := [code for code in LANGUAGES if not texts.get(code)]:
                raise ValueError(f"`said` lacks {key} in {', '.join(missing)}: expected a text.")
        self._said = said

    def __call__(self, key: str, language: str = "en", **fields: Any) -> str:
        """The text of a key in a language; English where there is no such language."""
        texts = self._said[key]
        text = texts.get(language, texts["en"])
        return text.format(**fields) if fields else text


def language_switch() -> Any:
    """The choice of language, a ``gradio.Radio`` whose value is a key of `LANGUAGES`."""
    import gradio as gr

    return gr.Radio(
        [(name, code) for code, name in LANGUAGES.items()],
        value="en",
        label="Language / 语言",
        elem_classes="ah-language",
        container=True,
    )


def follow_language(
    blocks: Any,
    switch: Any,
    speaking: Sequence[tuple[Any, Callable[[str], dict[str, Any]]]],
) -> None:
    """Let components change what they say with the switch; the page starts in the reader's own.

    Call it inside of ``with blocks``, after all components.

    Args:
        blocks: The page.
        switch: Of `language_switch`.
        speaking: Component and function from language to what changes of it, such as
            ``lambda language: {"label": words("answer", language)}``.
    """
    import gradio as gr

    components = [component for component, _ in speaking]

    def speak(language: str) -> list[Any]:
        return [gr.update(**said(language)) for _, said in speaking]

    switch.change(
        speak,
        switch,
        components,
        js=_SET_LANGUAGE,
        show_progress="hidden",
        api_visibility="private",
    )
    blocks.load(None, None, switch, js=_FIRST_LANGUAGE)
