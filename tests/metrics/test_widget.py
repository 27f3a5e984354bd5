"""The browser pages of all metrics: built from the metric, filled with its example, scoring it."""

import json
import os
import runpy
from pathlib import Path

import pytest

from affecthub.metrics import list_metrics, load_metric
from affecthub.metrics.modules import page as widget
from affecthub.metrics.modules import view
from affecthub.metrics.modules.boxes import as_lines, examples, notes, read_items, tables
from affecthub.metrics.modules.page import build, score

ROOT = Path(__file__).resolve().parents[2]
METRICS = list_metrics()


@pytest.fixture(scope="module")
def gradio():
    """The package that draws the pages: an extra of its own, and part of the tests' extra."""
    if os.environ.get("CI"):
        import gradio

        return gradio
    return pytest.importorskip("gradio", reason="gradio is not installed: affecthub[app]")


def components(page, kind):
    return [block for block in page.blocks.values() if type(block).__name__ == kind]


def scorer(page):
    """The function behind the button."""
    (function,) = [f for f in page.fns.values() if f.api_name == "score"]
    return function.fn


@pytest.fixture(scope="module")
def pages(gradio):
    return {}


def page_of(name, pages):
    if name not in pages:
        pages[name] = build(name)
    return pages[name]


def chosen(page):
    """What the page sends for its options when nothing was touched: places, numbers, yes or no."""
    return [
        [choice for choice, _ in block.choices].index(block.value)
        if type(block).__name__ == "Dropdown"
        else block.value
        for block in page.blocks.values()
        if type(block).__name__ in ("Dropdown", "Checkbox", "Number")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", METRICS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_example_in_the_boxes_is_scored(name, pages):
    page = page_of(name, pages)
    boxes = [box.value or "" for box in components(page, "Textbox")]
    assert boxes[0], "write the first example of the metric out in its compute call"
    summary, scores = scorer(page)(*boxes, *chosen(page))
    assert "error" not in scores and 0 < scores[name] <= 1
    assert f"{name}</" in summary
    json.dumps(scores, allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", METRICS)
def test_the_card_stands_beside(name, pages):
    texts = [block.value for block in components(page_of(name, pages), "Markdown")]
    assert any("## Limits" in text for text in texts)
    assert not any("colorFrom" in text for text in texts)


@pytest.mark.parametrize("name", METRICS)
def test_every_app_launches_its_own_metric(name, monkeypatch):
    launched = []
    monkeypatch.setattr(widget, "launch", launched.append)
    runpy.run_path(str(ROOT / "metrics" / name / "app.py"))
    assert launched == [name]


def test_options_are_choices(gradio):
    page = build("set_f")
    (ring,) = [d for d in components(page, "Dropdown") if d.label == "ring"]
    assert [choice for choice, _ in ring.choices] == ["inner", "middle"]
    places = chosen(page)
    places[components(page, "Dropdown").index(ring)] = 1
    assert scorer(page)("happy", "joy", *places)[1]["ring"] == "middle"
    # An example's own options stand beside it.
    (partial,) = components(build("mer_unibench"), "Checkbox")
    assert (partial.label, partial.value) == ("partial", True)


def test_wrong_input_becomes_a_message(gradio):
    page = build("set_f")
    defaults = chosen(page)
    summary, scores = scorer(page)("happy\nsad", "<joy>", *defaults)
    assert "got 2 predictions for 1 references" in scores["error"]
    assert summary.startswith('<p role="alert"') and "got 2 predictions" in summary
    assert "is missing" in scorer(page)("happy", "", *defaults)[1]["error"]
    # What a metric warns of stands above its scores.
    summary, scores = scorer(page)("happy", "flibberty", *defaults)
    assert "set_f is nan" in summary and scores["set_f"] == "nan"


def test_a_mistake_of_ours_is_not_hidden(gradio, monkeypatch):
    page = build("set_f")
    defaults = chosen(page)
    monkeypatch.setattr(view, "scored", lambda *_: {}["gone"])
    with pytest.raises(KeyError):
        scorer(page)("happy", "joy", *defaults)


def test_numbers_are_options_too(gradio):
    page = build("confidence")
    numbers = {block.label: block.value for block in components(page, "Number")}
    assert numbers == {"n_bins": 15, "n_resamples": 1000, "seed": 0}


def test_an_unknown_metric_is_named():
    with pytest.raises(ValueError, match="unknown metric: got 'setf'"):
        build("setf")


def test_without_gradio_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "gradio", None)
    with pytest.raises(ImportError, match=r"affecthub\[app\]"):
        build("set_f")


def test_a_box_holds_lines_or_json():
    assert read_items("") == []
    assert read_items("happy\n\nsad\n\n") == ["happy", "", "sad"]
    assert read_items(' [{"set": "meld", "labels": null}] ') == [{"set": "meld", "labels": None}]
    assert read_items("['happy', 'sad']") == ["['happy', 'sad']"]
    assert read_items("开心、激动\n-0.5") == ["开心、激动", -0.5]


@pytest.mark.parametrize(
    "items",
    [
        [],
        ["happy", "sad"],
        [["happy"], None, "['sad']"],
        [["happy", "sad"]],
        ["1.5", "null", " padded ", "two\nlines", ""],
        [{"set": "meld", "labels": ["开心"]}],
        [0.5, -1],
    ],
)
def test_what_a_box_shows_is_read_back(items):
    assert read_items(as_lines(items)) == items


def test_the_examples_come_from_the_documentation():
    text = '>>> x = metric.compute(\n...     predictions=["a"], references=named, k=2\n... )["k"]\n'
    assert examples(text) == [{"predictions": ["a"], "k": 2}]
    assert examples(">>> metric.add_batch(predictions=[1])\n>>> metric.compute(n=2)\n") == []


def test_what_is_told_of_an_option_is_found():
    told = notes(load_metric("set_f").inputs_description)
    assert told["ring"].startswith('"inner" (level1') and told["set_recall"].startswith("float in")


def test_a_result_is_tables_that_a_screen_reader_reads(read_page):
    scores = {"a": 0.123456, "of": {"x": 1, "y": None}, "rows": [{"k": "<b>", "v": 1234.5}]}
    page = read_page(f"<div>{tables(scores, {'a': 'A share.'})}</div>")
    assert page["caption"] == ["Scores", "rows"]
    assert page["td"] == ["0.1235", "1", "none", "1234.5"]
    assert page["th"][2:] == ["", "of/x", "of/y", "k", "v", "<b>"] and page["span"] == ["a"]


def test_nan_is_written_out():
    with pytest.warns(UserWarning, match="set_f is nan"):
        scores = score("set_f", "happy", "flibberty", {})
    assert scores["set_f"] == "nan"
