"""Pictures against those stored beside this file, and what each says of its input.

After a change of the look: AFFECTHUB_NEW_PICTURES=1 pytest tests/plots, and look at what is new.
"""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

from affecthub import plots
from affecthub.metrics.confidence.scores import confidence
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.label_agreement.scores import label_agreement
from affecthub.plots import look

PICTURES = Path(__file__).parent / "pictures"
DPI = 50
# Root mean square of the difference of picture and stored one, both at a quarter of their size,
# in 255ths. Other versions of matplotlib smooth letters otherwise, which is far below this.
TOLERANCE = 3.0

SPLITS = {
    "train": ["joy"] * 6 + ["anger"] * 3 + ["sadness"] * 2 + [None],
    "test": ["joy"] * 2 + ["anger"] * 2,
}
LABELS = ["anger", "joy", "neutral"]
COUNTS = [[7, 1, 2, 0], [0, 9, 1, 0], [3, 3, 4, 5]]
STATED = [0.95, 0.9, 0.9, 0.85, 0.7, 0.65, 0.6, 0.6, 0.4, 0.35, 0.1, 0.1]
RIGHT = [1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0]
VOTES = [["joy", "joy", "fear"], ["joy", "joy", "joy"], ["fear", "joy", "fear"], ["fear"] * 3]
STREAM = [
    {"start_s": start, "end_s": end, "emotion": label}
    for start, end, label in (
        (0, 12, "neutral"), (12, 30, "joy"), (30, 41, "joy"), (41, 70, "anger"), (70, 95, "sadness")
    )
]  # fmt: skip
HEARD = ["neutral", "neutral", "joy", "anger", "anger"]
SAID = [["happy", "proud"], ["furious"], ["happy", "worried"], ["neutral"], ["sad", "lonely"]]
MEANT = [["joyful"], ["angry", "annoyed"], ["happy"], ["calm"], ["sad"]]


def heard(labels=HEARD):
    times = ({"start_s": item["start_s"], "end_s": item["end_s"]} for item in STREAM)
    return [{**time, "label": label} for time, label in zip(times, labels, strict=True)]


DRAWN = {
    "label_distribution": lambda: plots.label_distribution(SPLITS),
    "confusion_matrix": lambda: plots.confusion_matrix(COUNTS, LABELS),
    "emotion_wheel": lambda: plots.emotion_wheel(SAID, MEANT),
    "reliability_curve": lambda: plots.reliability_curve(confidence(STATED, RIGHT, n_bins=5)),
    "emotion_track": lambda: plots.emotion_track(STREAM, heard()),
    "agreement_map": lambda: plots.agreement_map(label_agreement(VOTES), ["Ann", "Bo", "Cy"]),
}
# The same pictures with one value wrong.
WRONG = {
    "label_distribution": lambda: plots.label_distribution({**SPLITS, "test": ["joy"] * 4}),
    "confusion_matrix": lambda: plots.confusion_matrix([[2, 6, 2, 0], *COUNTS[1:]], LABELS),
    "emotion_wheel": lambda: plots.emotion_wheel([["proud"], *SAID[1:]], MEANT),
    "reliability_curve": lambda: plots.reliability_curve(
        confidence(STATED, [0, *RIGHT[1:]], n_bins=5)
    ),
    "emotion_track": lambda: plots.emotion_track(
        STREAM, heard(["neutral", "neutral", "joy", "anger", "sadness"])
    ),
    "agreement_map": lambda: plots.agreement_map(
        label_agreement([["joy", "joy", "joy"], *VOTES[1:]]), ["Ann", "Bo", "Cy"]
    ),
}


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def picture(ax, path):
    ax.figure.savefig(path, dpi=DPI)
    return path


def difference(one, other):
    """How far two pictures are apart; infinite where they are of unlike sizes."""
    first, second = (Image.open(path).convert("RGB") for path in (one, other))
    if any(abs(a - b) > 2 for a, b in zip(first.size, second.size, strict=True)):
        return float("inf")
    size = (first.width // 4, first.height // 4)
    small = [np.asarray(one.resize(size, Image.Resampling.BOX), float) for one in (first, second)]
    return float(np.sqrt(np.mean((small[0] - small[1]) ** 2)))


@pytest.mark.parametrize("name", plots.__all__)
def test_a_picture_is_the_stored_one_and_a_wrong_value_is_not(name, tmp_path):
    stored = PICTURES / f"{name}.png"
    if os.environ.get("AFFECTHUB_NEW_PICTURES"):
        picture(DRAWN[name](), stored)
    assert difference(picture(DRAWN[name](), tmp_path / "now.png"), stored) < TOLERANCE
    assert difference(picture(WRONG[name](), tmp_path / "wrong.png"), stored) > TOLERANCE


@pytest.mark.parametrize("name", plots.__all__)
def test_settings_of_matplotlib_are_neither_needed_nor_changed(name, tmp_path):
    odd = {"font.size": 25, "axes.facecolor": "black", "axes.grid": True, "lines.linewidth": 9}
    odd |= {"font.family": "serif", "axes.titlelocation": "right", "xtick.labelsize": 20}
    with matplotlib.rc_context(odd):
        before = dict(matplotlib.rcParams)
        ax = DRAWN[name]()
        assert dict(matplotlib.rcParams) == before
    now = picture(ax, tmp_path / "now.png")
    assert difference(now, PICTURES / f"{name}.png") < TOLERANCE


@pytest.mark.parametrize("name", plots.__all__)
def test_axes_are_taken_and_given_back(name):
    kind = "polar" if name == "emotion_wheel" else "rectilinear"
    figure, ax = pyplot.subplots(subplot_kw={"projection": kind})
    draw = getattr(plots, name)
    inputs = {
        "label_distribution": (SPLITS,),
        "confusion_matrix": (COUNTS, LABELS),
        "emotion_wheel": (SAID,),
        "reliability_curve": (confidence(STATED, RIGHT),),
        "emotion_track": (STREAM,),
        "agreement_map": (label_agreement(VOTES),),
    }[name]
    assert draw(*inputs, ax=ax) is ax
    with pytest.raises(TypeError, match="`ax` is no Axes: got Figure"):
        draw(*inputs, ax=figure)
    other = figure.add_subplot(projection="polar" if kind == "rectilinear" else None)
    with pytest.raises(ValueError, match="`ax` has another projection"):
        draw(*inputs, ax=other)


EMPTY = {
    "label_distribution": (lambda: plots.label_distribution({"train": []}), "clips"),
    "confusion_matrix": (lambda: plots.confusion_matrix([], []), "clips"),
    "emotion_wheel": (lambda: plots.emotion_wheel([None, []]), "labels"),
    "reliability_curve": (lambda: plots.reliability_curve(confidence([None], [1])), "clips with"),
    "emotion_track": (lambda: plots.emotion_track([]), "utterances"),
    "agreement_map": (lambda: plots.agreement_map(label_agreement([])), "annotators"),
}


@pytest.mark.parametrize("name", plots.__all__)
def test_nothing_to_draw_is_said(name):
    draw, what = EMPTY[name]
    with pytest.warns(UserWarning, match=f"the picture is empty: there are no {what}"):
        ax = draw()
    assert [text.get_text() for text in ax.texts][0].startswith(f"no {what}")


def test_rows_of_a_dataset_are_drawn_in_the_order_of_their_labels():
    from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

    features = Features(
        {"emotion": ClassLabel(names=["sadness", "joy"]), "words": List(Value("string"))}
    )
    rows = {"emotion": [1, 1, 1, None], "words": [["glad"], ["glad", "shy"], [], None]}
    splits = DatasetDict({"train": Dataset.from_dict(rows, features=features)})
    ax = plots.label_distribution(splits)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["sadness", "joy", "(no label)"]
    assert [bar.get_width() for bar in ax.patches] == [0, 75, 25]
    ax = plots.label_distribution(splits["train"], "words", as_share=False)
    assert [bar.get_width() for bar in ax.patches] == [2, 1, 2]
    assert ax.get_legend() is None


def test_rare_labels_are_counted_not_dropped_in_silence():
    ax = plots.label_distribution({"all": ["a", "a", "b", "b", "c", None]}, n_most=2)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "(no label)"]
    assert ax.get_ylabel() == "1 more labels, none more frequent"


def test_scores_of_the_metrics_are_drawn_as_they_come():
    scores = emotion_classification(["joy", "no idea", "anger"], ["joy", "joy", "anger"])
    ax = plots.confusion_matrix(scores)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["anger", "joy", "(none)"]
    assert sorted(text.get_text() for text in ax.texts) == ["1", "1", "1"]
    scores = emotion_classification(["joy", "anger"], ["joy", "anger"])
    assert [t.get_text() for t in plots.confusion_matrix(scores).get_xticklabels()] == [
        "anger",
        "joy",
    ]


def test_a_wheel_counts_what_has_no_place_on_it():
    ax = plots.emotion_wheel([["happy", "qwerty"], "neutral"], wheel="intensity wheel")
    assert ax.get_title() == "intensity wheel: 3 labels (1 not on it), longest bar 1"
    assert "neutral\n1" in [text.get_text() for text in ax.texts]


def test_a_track_counts_turning_points_as_the_metric_does():
    from affecthub.metrics.turning_points.scores import turning_points

    reference = [{**item, "label": item["emotion"]} for item in STREAM]
    scores = turning_points([heard()], [reference])
    ax = plots.emotion_track({"utterances": STREAM}, heard())
    assert scores["n_changes"] == 3 and scores["label_accuracy"] == 3 / 5
    assert ax.get_title() == "5 utterances, 3 turning points; predicted right: 3 of 5"
    named = plots.emotion_track([0, 1, 1], names=["joy", "fear"])
    assert named.get_title() == "3 utterances, 1 turning point"


@pytest.mark.parametrize(
    ("draw", "error", "said"),
    [
        (lambda: plots.label_distribution("joy"), TypeError, "`rows` cannot be read: got str"),
        (lambda: plots.label_distribution({"a": 3}), TypeError, "`rows\\['a'\\]` is no list"),
        (lambda: plots.confusion_matrix([[1, 2]], ["joy", "fear"]), ValueError, r"shape \(1, 2\)"),
        (lambda: plots.confusion_matrix({"set_f": 1}), ValueError, "no 'labels': got set_f"),
        (lambda: plots.reliability_curve({"ece": 1}), ValueError, "no 'reliability': got ece"),
        (lambda: plots.agreement_map(label_agreement([[1, 2]])), ValueError, "no overlaps"),
        (lambda: plots.agreement_map(label_agreement(VOTES), ["Ann"]), ValueError, "1 names for 3"),
        (lambda: plots.emotion_wheel("joy"), TypeError, "`labels` is not a list of clips"),
        (lambda: plots.emotion_wheel([], wheel="felling wheel"), ValueError, "feeling wheel"),
        (lambda: plots.emotion_wheel([], wheel=9), IndexError, "got 9, expected 0 to 4"),
        (lambda: plots.emotion_track(STREAM, HEARD), ValueError, "times on one side alone"),
        (lambda: plots.emotion_track([{"start_s": 0}]), ValueError, "incomplete"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, error, said):
    with pytest.raises(error, match=said):
        draw()


def test_chinese_is_drawn_or_it_is_said_that_it_cannot_be(monkeypatch, tmp_path):
    draw = plots.label_distribution
    with warnings.catch_warnings():
        warnings.simplefilter("error" if look.chinese_font() else "ignore")
        picture(draw({"test": ["生气"]}), tmp_path / "now.png")
    monkeypatch.setattr(look, "chinese_font", lambda: None)
    with pytest.warns(UserWarning, match="'生气' is drawn as empty boxes"):
        draw({"test": ["生气"]})


def test_emotions_have_the_colour_of_their_core():
    assert look.colour_of("furious") == look.colour_of("anger") != look.colour_of("joy")
    assert look.colour_of("开心") == look.colour_of("joy")
    assert look.colour_of("qwerty") == look.GREY
    # Shades get darker evenly, so that a grey print shows the same order.
    grey = [float(np.dot(look.shades()(i / 10)[:3], [0.299, 0.587, 0.114])) for i in range(11)]
    assert grey == sorted(grey, reverse=True) and max(np.abs(np.diff(grey))) < 0.15


def test_the_package_opens_without_matplotlib_and_names_what_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"affecthub\[plots\]"):
        plots.confusion_matrix(COUNTS, LABELS)


def test_a_notebook_goes_on_showing_figures_after_the_first_picture():
    """The first import of pyplot sets how figures are shown; that must not be undone."""
    code = (
        "import matplotlib; from affecthub import plots\n"
        "plots.confusion_matrix([[1]], ['joy'])\n"
        "print(matplotlib.is_interactive())"
    )
    backend = "module://matplotlib_inline.backend_inline"
    shell = f"from IPython.core.interactiveshell import InteractiveShell as S; S.instance()\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", shell],
        env={**os.environ, "MPLBACKEND": backend},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "True"
