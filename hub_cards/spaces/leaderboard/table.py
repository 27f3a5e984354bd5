"""The leaderboard as a table of HTML: the floors, then blocks of lines that are ranked alone."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from affecthub.hub_cards.spaces.leaderboard.choosing import Group, Ranked, View, groups
from affecthub.hub_cards.spaces.leaderboard.csv_file import csv_link
from affecthub.hub_cards.spaces.leaderboard.entries import MEAN, MODALITIES, SET_NAMES, Entry, Score
from affecthub.hub_cards.spaces.leaderboard.floors import FLOORS, floors_for
from affecthub.hub_cards.spaces.leaderboard.words import HEADS, WORDS
from affecthub.unibench import SETS

COLUMNS = (MEAN, *SET_NAMES)
# Under these the figures of the paper were made; they repeat under the released tables of 2025.
PAPERS_LEXICON = "mer2025"
_BY_NAME = {test_set.name: test_set for test_set in SETS}
Floors = dict[str, dict[str, Score]]


def render(entries: Sequence[Entry], view: View, language: str = "en") -> str:
    """The table, a sentence on what it shows, and a link to it as CSV.

    Args:
        entries: All lines there are.
        view: What a reader asked for.
        language: A key of `affecthub.hub_cards.spaces.look.LANGUAGES`.

    Returns:
        HTML in which everything of the entries is escaped. The floors stand in it whatever the
        view, and no rank crosses a lexicon or a protocol.
    """
    chosen = groups(entries, view)
    say = WORDS
    order = say("lowest" if view.ascending else "highest", language)
    told = {"column": column_name(view.column, language), "order": order}
    n = sum(len(group.lines) for group in chosen)
    status = say("counted", language, n=n, **told) if n else say("no_rows", language)
    unlike = len([group for group in chosen if group.proof == "scored"]) > 1
    warning = f'<p class="lb-unlike">{escape(say("unlike", language))}</p>' if unlike else ""
    floors = _floors_of(chosen, view, entries)
    blocks = [_floor_block(lexicon, floors[lexicon], view, language) for lexicon in floors]
    blocks += [_block(group, floors[_lexicon(group)], view, language) for group in chosen]
    caption = escape(say("caption", language, **told))
    return (
        f'<div class="lb"><p class="lb-status" data-status>{escape(status)}</p>{warning}'
        f'<div class="lb-scroll" role="region" tabindex="0" '
        f'aria-label="{escape(say("table_of", language))}">'
        f"<table><caption><span>{caption}</span></caption>{_heads(view, language)}"
        f"{''.join(blocks)}</table>"
        f"</div>{csv_link(chosen, language)}</div>"
    )


def column_name(column: str, language: str) -> str:
    """A column in words."""
    return WORDS("mean", language) if column == MEAN else HEADS[column]


def _heads(view: View, language: str) -> str:
    say = WORDS
    tasks = [(task, len(list(sets))) for task, sets in groupby(SETS, key=lambda s: s.task)]
    over = "".join(
        f'<th scope="colgroup" colspan="{n}" class="lb-task">{escape(say(task, language))}</th>'
        for task, n in tasks
    )
    columns = "".join(_head(column, view, language) for column in COLUMNS)
    groups_of_columns = "".join(f'<colgroup span="{n}"></colgroup>' for n in (1, 1, 1, 4, 4, 1))
    return (
        f'{groups_of_columns}<thead><tr><td colspan="3" class="lb-none"></td>{over}</tr>'
        f'<tr><th scope="col" class="lb-rank">{escape(say("rank", language))}</th>'
        f'<th scope="col" class="lb-system">{escape(say("system", language))}</th>{columns}</tr>'
        "</thead>"
    )


def _head(column: str, view: View, language: str) -> str:
    sorted_by = view.column == column
    how = ("ascending" if view.ascending else "descending") if sorted_by else "none"
    arrow = ("▲" if view.ascending else "▼") if sorted_by else "↕"
    return (
        f'<th scope="col" aria-sort="{how}"><button type="button" data-sort="{column}">'
        f"{escape(column_name(column, language))}"
        f'<span aria-hidden="true" class="lb-arrow">{arrow}</span></button></th>'
    )


def _floors_of(chosen: Sequence[Group], view: View, entries: Sequence[Entry]) -> dict[str, Floors]:
    """Each lexicon that is on show to its floors; always one."""
    lexicons = [_lexicon(group) for group in chosen] or [_name(view.lexicon) or PAPERS_LEXICON]
    return {lexicon: floors_for(lexicon, entries) for lexicon in dict.fromkeys(lexicons)}


def _lexicon(group: Group) -> str:
    """Name of the lexicon whose floors a group stands over."""
    if group.proof == "stated":
        return PAPERS_LEXICON
    return _name(group.lexicon) or "affecthub"


def _name(lexicon: str) -> str:
    return lexicon.split(" ")[0]


def _block(group: Group, floors: Floors, view: View, language: str) -> str:
    lines = "".join(_line(line, floors, view, language) for line in group.lines)
    return f"<tbody>{_band(_title(group, language))}{lines}</tbody>"


def _floor_block(lexicon: str, floors: Floors, view: View, language: str) -> str:
    lines = "".join(_floor_line(floor, floors, view, language) for floor in FLOORS)
    title = WORDS("floor_under", language, lexicon=lexicon)
    return f'<tbody class="lb-floors">{_band(title)}{lines}</tbody>'


def _band(title: str) -> str:
    return (
        f'<tr class="lb-band"><th scope="rowgroup" colspan="{len(COLUMNS) + 2}">'
        f"<span>{escape(title)}</span></th></tr>"
    )


def _title(group: Group, language: str) -> str:
    if group.proof == "stated":
        return WORDS("stated_group", language)
    lexicon = group.lexicon or WORDS("lexicon_unsaid", language)
    return WORDS(
        "ranked_under", language, lexicon=lexicon, protocol=protocol_name(group.protocol, language)
    )


def protocol_name(protocol: str, language: str) -> str:
    """A protocol in words; one that we do not know as it is called."""
    if protocol in ("fixed", "official-best-epoch"):
        return WORDS(protocol, language)
    return protocol or WORDS("protocol_unsaid", language)


def _line(line: Ranked, floors: Floors, view: View, language: str) -> str:
    entry = line.entry
    cells = "".join(
        _cell(entry.score(column), column, floors, view, language, entry) for column in COLUMNS
    )
    rank = "–" if line.rank is None else str(line.rank)
    return (
        f'<tr><td class="lb-rank">{rank}</td><th scope="row" class="lb-system">'
        f"{_system(entry, language)}</th>{cells}</tr>"
    )


def _system(entry: Entry, language: str) -> str:
    say = WORDS
    name = escape(entry.system)
    if is_address(entry.model):
        name = f'<a href="{escape(entry.model)}" rel="noopener" target="_blank">{name}</a>'
    parts = [f'<span class="lb-name">{name}</span>']
    chips = "".join(
        f'<span class="lb-chip lb-{modality}">{escape(say(modality, language))}</span>'
        for modality in MODALITIES
        if modality in entry.modalities
    )
    marks = [chips]
    if entry.kind == "claimed":
        marks.append(f'<span class="lb-claim">{escape(say("claimed", language))}</span>')
    if is_address(entry.answers):
        label = escape(say("answers_of", language, system=entry.system))
        marks.append(
            f'<a class="lb-answers" href="{escape(entry.answers)}" rel="noopener" target="_blank" '
            f'aria-label="{label}">{escape(say("answers", language))}</a>'
        )
    parts.append(f'<span class="lb-marks">{"".join(marks)}</span>' if any(marks) else "")
    return "".join(parts)


def is_address(text: str) -> bool:
    """Whether a text may stand in a link."""
    return text.startswith(("https://", "http://"))


def _cell(
    score: Score | None,
    column: str,
    floors: Floors,
    view: View,
    language: str,
    entry: Entry | None = None,
) -> str:
    chosen = " lb-chosen" if column == view.column else ""
    if score is None:
        unseen = f'<span class="ah-unseen">{escape(WORDS("unscored", language))}</span>'
        return f'<td class="lb-empty{chosen}"><span aria-hidden="true">·</span>{unseen}</td>'
    say = WORDS
    below = entry is not None and _is_below(score, column, floors)
    parts = [f"<b>{score.value:.2f}</b>"]
    if below:
        parts[0] += (
            f' <span class="lb-below" title="{escape(say("below_floor", language))}">'
            f'<span aria-hidden="true">▽</span><span class="ah-unseen">'
            f"{escape(say('below_floor', language))}</span></span>"
        )
    if view.intervals and score.low is not None and score.high is not None:
        parts.append(
            f'<small><span class="ah-unseen">{escape(say("interval", language))} </span>'
            f"{score.low:.1f}–{score.high:.1f}</small>"
        )
    if (view.second or entry is None) and score.beside is not None:
        what = "f1" if _BY_NAME[column].primary == "hit_rate" else "acc"
        if entry is not None or what == "f1":
            parts.append(f"<small>{say(what, language)} {score.beside:.1f}</small>")
    parts += [f"<small>{escape(text)}</small>" for text in _of(score, column, entry, language)]
    if column == view.column:
        parts.append(_range(score, floors, column))
    return f'<td class="lb-score{chosen}">{"".join(parts)}</td>'


def _of(score: Score, column: str, entry: Entry | None, language: str) -> list[str]:
    """What a score is over, where it is not over everything."""
    if column == MEAN:
        if entry is not None and len(entry.scores) < len(SETS):
            return [WORDS("of_sets", language, n=len(entry.scores))]
        return []
    whole = _BY_NAME[column].n_clips
    if score.n_clips is None or score.n_clips == whole:
        return []
    return [WORDS("of_clips", language, n=f"{score.n_clips:,}", all=f"{whole:,}")]


def _is_below(score: Score, column: str, floors: Floors) -> bool:
    floor = floors["majority"].get(column)
    return floor is not None and round(score.value, 2) <= round(floor.value, 2)


def _range(score: Score, floors: Floors, column: str) -> str:
    """The score on a line from 0 to 100, its interval and the majority answer; for the eye only."""
    low = score.value if score.low is None else score.low
    high = score.value if score.high is None else score.high
    floor = floors["majority"].get(column)
    tick = "" if floor is None else _tick(floor.value)
    return (
        '<svg class="lb-range" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="lb-axis" d="M0 5H100"/>{tick}'
        f'<path class="lb-interval" d="M{low:.2f} 5H{max(high, low + 0.5):.2f}"/>'
        f'<path class="lb-point" d="M{score.value:.2f} 1V9"/></svg>'
    )


def _tick(value: float) -> str:
    return f'<path class="lb-tick" d="M{value:.2f} 0V10"/>'


def _floor_line(floor: str, floors: Floors, view: View, language: str) -> str:
    say = WORDS
    cells = []
    for column in COLUMNS:
        score = floors[floor].get(column)
        if column == MEAN or score is not None:
            cells.append(_cell(score, column, floors, view, language))
            continue
        chosen = " lb-chosen" if column == view.column else ""
        why = escape(say("unknown_floor", language))
        cells.append(
            f'<td class="lb-empty{chosen}" title="{why}"><span aria-hidden="true">?</span>'
            f'<span class="ah-unseen">{why}</span></td>'
        )
    name = f'<span class="lb-name">{escape(say(floor, language))}</span>'
    return (
        f'<tr class="lb-floor"><td class="lb-rank">–</td><th scope="row" class="lb-system">'
        f"{name}</th>{''.join(cells)}</tr>"
    )
