"""The leaderboard's page: filters, the table, what to know, and how a system is added."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from affecthub.hub_cards.spaces.leaderboard.choosing import View
from affecthub.hub_cards.spaces.leaderboard.entries import Entry, Problem
from affecthub.hub_cards.spaces.leaderboard.table import (
    COLUMNS,
    column_name,
    protocol_name,
    render,
)
from affecthub.hub_cards.spaces.leaderboard.words import WORDS
from affecthub.hub_cards.spaces.look import follow_language, language_switch

# A click on a head sorts by it; the focus stays there, what is shown is read aloud, and a column
# that a narrow window hides is moved into it.
_ON_LOAD = """
let last = null;
const live = document.createElement('p');
live.className = 'ah-unseen';
live.setAttribute('role', 'status');
element.after(live);
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-sort]');
  if (!button) return;
  last = button.dataset.sort;
  trigger('click', {column: last});
});
watch('value', () => requestAnimationFrame(() => {
  live.textContent = element.querySelector('[data-status]')?.textContent ?? '';
  const box = element.querySelector('.lb-scroll');
  const head = box?.querySelector('th[aria-sort$="ending"]');
  const beside = box?.querySelector('th.lb-system')?.offsetWidth ?? 0;
  if (head && head.offsetLeft + head.offsetWidth > box.clientWidth)
    box.scrollLeft = head.offsetLeft - beside - 12;
  if (last) element.querySelector(`button[data-sort="${last}"]`)?.focus({preventScroll: true});
  last = null;
}));
"""


def build(entries: Sequence[Entry], problems: Sequence[Problem] = ()) -> Any:
    """The page as ``gradio.Blocks``; launch it with `affecthub.hub_cards.spaces.look.launching`.

    Args:
        entries: All lines, those of papers among them.
        problems: What was not read.

    Raises:
        ImportError: gradio is not installed.
    """
    import gradio as gr

    with gr.Blocks(title=WORDS("title"), analytics_enabled=False) as page:
        with gr.Row(elem_classes="ah-top"):
            title = gr.HTML(_title("en"))
            switch = language_switch()
        ascending = gr.State(False)
        with gr.Row():
            lexicon, protocol, modalities, column = (
                gr.Dropdown(choices, value=choices[0][1], label=WORDS(key), filterable=False)
                for key, choices in _choices(entries, "en").items()
            )
        shown = gr.CheckboxGroup(
            _shown("en"), value=["intervals", "stated_rows"], label=WORDS("show")
        )
        table = gr.HTML(
            render(entries, View()),
            js_on_load=_ON_LOAD,
            elem_id="leaderboard",
            apply_default_css=False,
        )
        notes = gr.HTML(_problems(problems, "en"), apply_default_css=False, visible=bool(problems))
        care = gr.Markdown(_section("care", "en"), elem_classes="lb-text")
        submit = gr.Markdown(_section("submit", "en"), elem_classes="lb-text")

        asked = [column, ascending, lexicon, protocol, modalities, shown, switch]

        def show(*said: Any) -> str:
            return render(entries, _view(*said[:-1]), said[-1])

        def best_first(wanted: str, _: bool, *said: Any) -> list[Any]:
            return [False, show(wanted, False, *said)]

        def sort(event: gr.EventData, now: str, is_ascending: bool, *said: Any) -> list[Any]:
            wanted = event.column if event.column in COLUMNS else now
            turned = wanted == now and not is_ascending
            return [wanted, turned, render(entries, _view(wanted, turned, *said[:-1]), said[-1])]

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        for control in (lexicon, protocol, modalities, shown):
            control.change(show, asked, table, **quiet)
        column.input(best_first, asked, [ascending, table], **quiet)
        table.click(sort, asked, [column, ascending, table], **quiet)
        switch.change(show, asked, table, **quiet)
        follow_language(
            page,
            switch,
            [
                (title, lambda language: {"value": _title(language)}),
                *_follow_choices(entries, (lexicon, protocol, modalities, column)),
                (
                    shown,
                    lambda language: {
                        "choices": _shown(language),
                        "label": WORDS("show", language),
                    },
                ),
                (notes, lambda language: {"value": _problems(problems, language)}),
                (care, lambda language: {"value": _section("care", language)}),
                (submit, lambda language: {"value": _section("submit", language)}),
            ],
        )
    return page


def _view(
    column: str,
    ascending: bool,
    lexicon: str,
    protocol: str,
    modalities: str,
    shown: Sequence[str],
) -> View:
    return View(
        column=column,
        ascending=ascending,
        lexicon=lexicon,
        protocol=protocol,
        modalities=modalities,
        intervals="intervals" in shown,
        second="second" in shown,
        stated="stated_rows" in shown,
    )


def _title(language: str) -> str:
    title, lead = WORDS("title", language), WORDS("lead", language)
    return f'<h1>{escape(title)}</h1><p class="ah-lead">{escape(lead)}</p>'


def _section(key: str, language: str) -> str:
    return f"## {WORDS(f'{key}_title', language)}\n\n{WORDS(key, language)}"


def _problems(problems: Sequence[Problem], language: str) -> str:
    if not problems:
        return ""
    lines = "".join(
        f"<li><code>{escape(problem.where)}</code>: {escape(problem.what)}</li>"
        for problem in problems
    )
    return (
        f'<div class="lb-bad"><h2>{escape(WORDS("problems_title", language))}</h2>'
        f"<p>{escape(WORDS('problems_lead', language))}</p><ul>{lines}</ul></div>"
    )


Choices = list[tuple[str, str]]


def _choices(entries: Sequence[Entry], language: str) -> dict[str, Choices]:
    """What each filter offers: only what some line has."""
    say = WORDS
    scored = [entry for entry in entries if entry.kind != "stated"]
    lexicons = sorted({entry.lexicon for entry in scored} - {""})
    protocols = sorted({entry.protocol for entry in entries} - {""})
    inputs = sorted({entry.modalities for entry in entries}, key=lambda m: (-len(m), m))
    return {
        "lexicon": [(say("all_lexicons", language), ""), *((name, name) for name in lexicons)],
        "protocol": [
            (say("all", language), ""),
            *((protocol_name(name, language), name) for name in protocols),
        ],
        "modalities": [(say("all", language), ""), *(_inputs(m, language) for m in inputs)],
        "sort": [(column_name(column, language), column) for column in COLUMNS],
    }


def _inputs(modalities: tuple[str, ...], language: str) -> tuple[str, str]:
    if not modalities:
        return WORDS("unsaid", language), "unsaid"
    return " + ".join(WORDS(m, language) for m in modalities), "+".join(modalities)


def _shown(language: str) -> Choices:
    return [(WORDS(key, language), key) for key in ("intervals", "second", "stated_rows")]


def _follow_choices(
    entries: Sequence[Entry], dropdowns: Sequence[Any]
) -> list[tuple[Any, Callable[[str], dict[str, Any]]]]:
    keys = list(_choices(entries, "en"))

    def said(key: str) -> Callable[[str], dict[str, Any]]:
        return lambda language: {
            "choices": _choices(entries, language)[key],
            "label": WORDS(key, language),
        }

    return [(dropdown, said(key)) for key, dropdown in zip(keys, dropdowns, strict=True)]
