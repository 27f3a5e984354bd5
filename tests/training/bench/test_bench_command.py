"""``affecthub bench``: one source, one table, four formats; mistakes; nothing of torch."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from affecthub.cli.main import app


def run(*arguments, exit_code=0):
    result = CliRunner().invoke(app, ["bench", *map(str, arguments)])
    assert result.exit_code == exit_code, result.output
    return result


def fails(*arguments):
    return str(run(*arguments, exit_code=1).exception)


@pytest.fixture(scope="module")
def scored(nine, right_answers, tmp_path_factory):
    """Folders of two runs: right answers, and the majority's."""
    root = tmp_path_factory.mktemp("runs")
    shared = ("mer-unibench", "--data-root", nine, "--resamples", 50, "--json")
    right = run(*shared, "--answers", right_answers, "--output-dir", root / "right")
    against = ("--against", root / "right", "--sets", "meld,iemocap", "--sets", "OV-MERD+")
    guess = run(*shared, "--baseline", "majority", "--output-dir", root / "majority", *against)
    return root, json.loads(right.stdout), json.loads(guess.stdout)


def test_a_table_in_four_formats(scored):
    root, right, _ = scored
    assert right["mean"]["value"] == 1 and right["protocol"] == "fixed"
    assert sorted(right["files"]) == ["html", "json", "md", "tex"]
    page = (root / "right" / "bench.html").read_text("utf-8")
    assert "<td>AffectGPT (audio, video, text)</td><td>74.77</td><td>78.54</td>" in page
    assert all(page.count(f"<{tag}") == page.count(f"</{tag}>") for tag in ("table", "tr", "td"))
    markdown = (root / "right" / "bench.md").read_text("utf-8")
    assert "| meld | hit rate | 100.00 [100.00, 100.00] | F1 100.00, precision 100.00 |" in markdown
    tex = (root / "right" / "bench.tex").read_text("utf-8")
    assert r"cmu\_mosi & WAF & 100.00" in tex and tex.count(r"\toprule") == tex.count(
        r"\bottomrule"
    )
    kept = [json.loads(line) for line in (root / "right" / "scored.jsonl").open(encoding="utf-8")]
    assert len(kept) == sum(entry["n_clips"] for entry in right["sets"].values())


def test_two_runs_compared(scored):
    root, _, guess = scored
    assert list(guess["sets"]) == ["meld", "iemocap", "ov_merd"]
    comparison = guess["comparison"]
    assert comparison["names"][0] == "majority"
    assert comparison["mean"]["difference"]["value"] < 0
    text = run("compare", root / "right", root / "majority", "--resamples", 50).output
    assert "ov_merd" in text and "mean of 3" in text and "p (Holm)" in text
    found = json.loads(run("compare", root / "right", root / "majority", "--json").stdout)
    mean = found["mean"]["difference"]["value"]
    assert mean == pytest.approx(-comparison["mean"]["difference"]["value"])
    assert found["only"] == ["ch_sims", "ch_sims_v2", "cmu_mosei", "cmu_mosi", "mer2023", "mer2024"]


def test_scoring_again_needs_neither_model_nor_corpora(scored):
    root, right, _ = scored
    again = run(
        "mer-unibench", "--rescore", "--output-dir", root / "right", "--resamples", 50, "--json"
    )
    found = json.loads(again.stdout)
    assert found["sets"] == right["sets"]
    assert [found[key] for key in ("system", "made_by")] == [
        right[key] for key in ("system", "made_by")
    ]


def test_the_table_of_another_system_is_kept(scored, nine):
    root, *_ = scored
    other = ("mer-unibench", "--baseline", "random", "--data-root", nine, "--resamples", 0)
    message = fails(*other, "--output-dir", root / "majority")
    assert "holds the table of another system: got one of baseline majority" in message
    screen = run(*other, "--output-dir", root / "random", "--sets", "meld").output
    assert "Beside published scores" in screen and "The mean is partial, over 1 of nine" in screen


def test_a_plan_asks_nothing(nine, right_answers, tmp_path):
    shared = ("mer-unibench", "--data-root", nine, "--dry-run", "--json", "--sets", "meld")
    (row,) = json.loads(run(*shared, "--answers", right_answers).stdout)
    assert row == {
        "set": "meld", "task": "basic", "clips": 4, "expected": 2610, "files": ["meld.jsonl"],
    }  # fmt: skip
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "out" / "answers").mkdir(parents=True)
    journal = tmp_path / "out" / "answers" / "meld.jsonl"
    journal.write_text(
        "".join((right_answers / "meld.jsonl").read_text().splitlines(True)[:3]) + '{"id": "cu'
    )
    planned = run(*shared, "--model", tmp_path / "model", "--output-dir", tmp_path / "out").stdout
    (row,) = json.loads(planned)
    assert (row["clips"], row["answered"], row["without_media"]) == (4, 3, 0)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["answers"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "got nothing, expected one of --model, --answers, --baseline and --rescore"),
        (("--baseline", "random", "--rescore"), "got --baseline, --rescore, expected one of"),
        (("--baseline", "random"), "`--data-root`: got none"),
        (("--baseline", "rndom", "--data-root", "NINE"), "unknown baseline.*Did you mean 'random'"),
        (("--baseline", "random", "--data-root", "NINE", "--sets", "mled"), "Did you mean 'meld'"),
        (("--baseline", "random", "--data-root", "NINE", "--subset", "x"), "unknown subset"),
        (("--baseline", "random", "--data-root", "NINE", "--protocol", "best"), "unknown protocol"),
        (("--rescore", "--output-dir", "NINE"), "no kept answers: got .*scored.jsonl"),
        (("--answers", "gone", "--data-root", "gone"), "`--data-root`: got 'gone'"),
        (("--model", "./gone", "--data-root", "NINE"), "model folder not found: gone"),
        (
            ("--baseline", "random", "--data-root", "NINE", "--extractor", "http://localhost/v1"),
            "`endpoint` and `model` belong together",
        ),
    ],
)
def test_mistakes_are_named(nine, tmp_path, arguments, message):
    given = [str(nine) if part == "NINE" else part for part in arguments]
    if "--output-dir" not in given:
        given += ["--output-dir", str(tmp_path / "out")]
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        raise run("mer-unibench", *given, exit_code=1).exception
    assert not (tmp_path / "out").exists()


def test_scoring_needs_the_metrics_alone(write_journal, tmp_path, run_python):
    folder = tmp_path / "data" / "meld-process"
    folder.mkdir(parents=True)
    clips = [f"test_dia{i}_utt0" for i in range(2610)]
    labels = {clip: {"emo": i % 2, "val": -10} for i, clip in enumerate(clips)}
    np.savez(folder / "label.npz", train_corpus={"a": labels[clips[0]]}, test_corpus=labels)
    lines = [f"{clip},好,I am glad." for clip in clips]
    text = "\n".join(["name,chinese,english", *lines])
    (folder / "transcription-engchi-polish.csv").write_text(text, encoding="utf-8-sig")
    write_journal(tmp_path / "answers" / "meld.jsonl", dict.fromkeys(clips, "joy"))
    found = run_python(f"""
        import sys, warnings
        for name in ("torch", "transformers", "accelerate", "peft", "jinja2", "pydantic",
                     "matplotlib", "soundfile", "soxr", "av", "PIL"):
            sys.modules[name] = None   # importing it fails
        from affecthub.training.bench.benchmark import Scoring, from_answers, from_baseline, save
        from affecthub.training.bench.report import BenchReport
        root, scoring = {str(tmp_path)!r}, Scoring(n_resamples=20)
        scored = from_answers(root + "/answers", root + "/data", scoring)
        save(scored, root + "/out")
        BenchReport(scored.result).write(root + "/out")
        read = from_baseline("lexicon-on-subtitle", root + "/data", scoring)
        print(scored.result["mean"]["value"], read.result["mean"]["value"])
    """)
    # Anger and joy in turns; everybody says that they are glad.
    assert found == "0.5 0.5"


def test_a_chat_model_may_take_the_labels_out(nine, references, write_journal, tmp_path):
    from affecthub.metrics.answers.chat import ChatExtractor
    from affecthub.training.bench.answers import ByChat, read_answers
    from affecthub.training.bench.benchmark import Scoring, evaluate

    class Chat:
        name = "chat"

        def answer(self, questions):
            return ["[sad]" if "sighs" in question else "negative" for question in questions]

    for name in ("meld", "cmu_mosi"):
        ids = references[name].rows["id"]
        write_journal(tmp_path / f"{name}.jsonl", dict.fromkeys(ids, "He sighs."))
    extractor = ByChat(ChatExtractor(Chat(), cache_dir=tmp_path / "cache"), "a chat model")
    run = read_answers(tmp_path, references, extractor, described=True)
    assert run["meld"][""].labels == [["sad"]] * 4
    assert run["cmu_mosi"][""].labels == ["negative"] * 4
    found = evaluate(run, Scoring(n_resamples=0), name="x", references=references).result
    assert found["extractor"] == "a chat model"
