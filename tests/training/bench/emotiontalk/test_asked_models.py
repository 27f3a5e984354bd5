"""Models that were asked, in Tables 4 and 5 beside those that were trained."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from affecthub.cli.main import app
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.speaking_style_caption.scores import speaking_style_caption
from affecthub.training.bench.emotiontalk.paper import paper_table
from affecthub.training.bench.emotiontalk.targets import read_clips

STYLES = ("声音低沉，语速缓慢", "语速很快，声音明亮", "平稳地说话")


def bench(*arguments, exit_code=0):
    result = CliRunner().invoke(app, ["bench", "emotiontalk", *map(str, arguments)])
    assert result.exit_code == exit_code, result.output
    return result


@pytest.fixture(scope="module")
def test_clips(corpus):
    """Clip of the test split to its label."""
    clips = read_clips(corpus)
    names = clips.rows.features["emotion"].names
    places = clips.splits["test"].tolist()
    ids, labels = list(clips.rows["id"]), list(clips.rows["emotion"])
    return {ids[i]: names[labels[i]] for i in places}


@pytest.fixture(scope="module")
def told(corpus, test_clips, tmp_path_factory):
    """The corpus with the JSON of the test clips' sound: how they are spoken."""
    root = tmp_path_factory.mktemp("told") / "corpus"
    shutil.copytree(corpus, root)
    for number, clip in enumerate(test_clips):
        group, session, speaker, _ = clip.split("_")
        path = f"{group}/{group}_{session}/{group}_{session}_{speaker}/{clip}"
        said = {
            "emotion_result": "neutral",
            "file_name": f"{path}.wav",
            "sourceAttr": {"style_cap": STYLES[number % 3]},
        }
        file = root / "Audio" / "json" / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    return root


@pytest.fixture(autouse=True)
def no_text_alone(monkeypatch):
    monkeypatch.setattr("affecthub.training.bench.emotiontalk.text_baselines.BASELINES", ())


def write_journal(path, prompt, answers):
    lines = [
        {"id": clip, "prediction": said, "model": "omni", "clip": "0", "prompt": prompt}
        | {"media": "avt"}
        for clip, said in answers.items()
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def labels(test_clips, tmp_path):
    """Every third clip is called happy, the last has no answer."""
    answers = {
        clip: "happy" if n % 3 == 0 else label for n, (clip, label) in enumerate(test_clips.items())
    }
    answers.popitem()
    return write_journal(tmp_path / "labels.jsonl", "one_of@1", answers), answers


@pytest.fixture
def captions(test_clips, tmp_path):
    answers = {clip: STYLES[(n // 2) % 3] for n, clip in enumerate(test_clips)}
    return write_journal(tmp_path / "styles.jsonl", "caption_style_zh@1", answers), answers


def own_rows(result, number):
    return [row for row in result["tables"][str(number)]["rows"] if not row["in_paper"]]


def test_one_label_a_clip(corpus, test_clips, labels, tmp_path):
    out = ("--data-dir", corpus, "--output-dir", tmp_path / "out")
    result = json.loads(bench(*out, "--journal", labels[0], "--json").stdout)
    assert list(result["tables"]) == ["4"]
    (row,) = own_rows(result, 4)
    assert (row["name"], row["group"]) == ("labels", "asked")
    here = row["cells"]["multimodal_seven"]["here"]
    said = [labels[1].get(clip) for clip in test_clips]
    wanted = emotion_classification(said, list(test_clips.values()))
    assert here["n"] == len(test_clips) == 56
    theirs = {"acc": "emotion_classification"} | {n: n for n in ("uar", "macro_f1")}
    for name, metric in (theirs | {"waf": "weighted_f1"}).items():
        assert here[name] == {"mean": pytest.approx(wanted[metric]), "sd": None}
    assert row["cells"]["multimodal_four"]["here"] is None
    page = (tmp_path / "out" / "emotiontalk.html").read_text("utf-8")
    assert "models that were asked, not trained" in page and "Models that were asked" in page
    shown = bench(*out, "--journal", labels[0]).output
    assert "one_of@1" in shown and "55 of 56" in shown


@pytest.mark.slow  # METEOR is asked of its Java program, encoders are looked for
def test_captions_beside_labels(told, test_clips, labels, captions, tmp_path):
    given = ("--data-dir", told, "--output-dir", tmp_path, "--json")
    journals = ("--journal", labels[0], "--journal", captions[0])
    result = json.loads(bench(*given, *journals).stdout)
    assert list(result["tables"]) == ["4", "5"] and len(own_rows(result, 4)) == 1
    (row,) = own_rows(result, 5)
    assert (row["name"], row["group"]) == ("styles", "style")
    here = row["cells"]["test"]["here"]
    whole = speaking_style_caption(
        list(captions[1].values()),
        [[STYLES[n % 3]] for n in range(len(test_clips))],
        metrics=("rouge_l", "bleu_4"),
        tokenizer="ptb",
    )
    for score in ("rouge_l", "bleu_4"):
        assert here[score]["mean"] == pytest.approx(whole[score])
    assert here["rouge_l"]["mean"] > 0.2 and "clapscore" in row["unavailable"]
    omni = [r for r in result["tables"]["5"]["rows"] if "Omni" in r["name"]]
    assert len(omni) == 2 and all("affecthub ask" in r["reason"] for r in omni)


def test_speaker_independent_scores_one_recording(told, test_clips, labels, tmp_path):
    result = json.loads(
        bench(
            *("--data-dir", told, "--output-dir", tmp_path, "--journal", labels[0], "--json"),
            *("--protocol", "speaker_independent"),
        ).stdout
    )
    (journal,) = result["journals"]
    assert (journal["n_clips"], journal["elsewhere"]) == (28, {"validation": 28})
    (row,) = (r for r in result["tables"]["4"]["rows"] if not r["in_paper"])
    assert row["cells"]["multimodal_seven"]["here"]["n"] == 28


def test_mistakes(corpus, test_clips, labels, captions, tmp_path):
    def fails(*arguments):
        given = ("--data-dir", corpus, "--output-dir", tmp_path / "out", *arguments)
        return str(bench(*given, exit_code=1).exception)

    assert "belongs to Table 4: got Tables 3, 12" in fails(
        "--journal", labels[0], "--tables", "3,12"
    )
    assert "got it without --journal" in fails("--prompt", "mine.yaml")
    assert "no reference for answers of the form text" in fails("--journal", captions[0])
    open_labels = write_journal(
        tmp_path / "open.jsonl", "unibench_labels@1", dict.fromkeys(test_clips, "[joy]")
    )
    assert "has answers of no table: got the form labels" in fails("--journal", open_labels)
    other = write_journal(tmp_path / "other.jsonl", "one_of@1", {"dia0_utt0": "happy"})
    assert "is about another corpus" in fails("--journal", other)
    assert not (tmp_path / "out").exists()
    assert {row.group for row in paper_table(5).rows} == {"speaker", "style", "emotion", "overall"}
