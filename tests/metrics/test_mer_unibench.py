"""MER-UniBench: the table by hand, from a folder, and the paper's rows."""

import json
import math
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from affecthub.cli.main import app
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.mer_unibench.paper import COLUMNS, published_rows
from affecthub.metrics.mer_unibench.scores import (
    NAMES,
    SETS,
    mer_unibench,
    score_folder,
    score_sets,
)
from affecthub.metrics.sentiment.scores import sentiment
from affecthub.metrics.set_f.scores import set_f

# Two clips for every set: the first right, the second wrong.
EMOTION = (["happy", "sad"], ["happy", "happy"])
SENTIMENT = (["positive", "positive"], [0.8, -0.4])
PAIRS = {test_set.name: SENTIMENT if test_set.task == "sentiment" else EMOTION for test_set in SETS}


def test_the_mean_by_hand(toy):
    scores = score_sets(PAIRS, lexicon=toy)
    # Hit rate 1/2. Set-F: precision and recall 1/2, F 1/2. Weighted F1 of positive, positive
    # against positive, negative: positive 2 * 1 / (2 + 1) = 2/3 and negative 0, half each: 1/3.
    assert scores["mer_unibench"] == pytest.approx((5 * 1 / 2 + 4 * 1 / 3) / 9)
    assert scores["tasks"] == {
        "basic": 0.5,
        "sentiment": pytest.approx(1 / 3),
        "fine_grained": 0.5,
    }
    assert (scores["missing"], scores["n_clips"]) == ([], 18)
    assert list(scores["sets"]) == list(NAMES)
    entry = scores["sets"]["cmu_mosi"]
    assert entry == {
        "score": pytest.approx(1 / 3),
        "primary": "sentiment",
        "n_clips": 2,
        "n_scored": 2,
        "n_invalid": 0,
    }
    assert scores["lexicon"] == {"name": "toy", "version": "1"}
    own = scores["table"][0]
    assert (own["model"], own["MELD"], own["SIMS v2"], own["Mean"]) == (
        "this evaluation",
        50.0,
        33.33,
        42.59,
    )


def test_each_set_has_the_score_of_its_metric(toy):
    sets = score_sets(PAIRS, lexicon=toy)["sets"]
    assert sets["iemocap"]["score"] == hit_rate(*EMOTION, lexicon=toy)["hit_rate"]
    assert sets["ch_sims"]["score"] == sentiment(*SENTIMENT)["sentiment"]
    assert sets["ov_merd"]["score"] == set_f(*EMOTION, lexicon=toy)["set_f"]


def test_a_missing_set_leaves_the_mean_undefined_unless_asked(toy):
    part = {name: PAIRS[name] for name in ("meld", "cmu_mosi")}
    with pytest.warns(UserWarning, match="mer_unibench is nan: missing mer2023, mer2024, iemocap"):
        scores = score_sets(part, lexicon=toy)
    assert math.isnan(scores["mer_unibench"]) and scores["table"][0]["Mean"] is None
    assert len(scores["missing"]) == 7 and scores["tasks"]["basic"] is None
    partial = score_sets(part, lexicon=toy, partial=True)
    assert partial["mer_unibench"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    json.dumps(partial, allow_nan=False)


def test_an_undefined_set_is_named(toy):
    # Nothing to score in CH-SIMS: every reference is 0.
    pairs = PAIRS | {"ch_sims": (["positive"], [0])}
    with pytest.warns(UserWarning, match="missing no set, undefined ch_sims"):
        assert math.isnan(score_sets(pairs, lexicon=toy)["mer_unibench"])


def test_labels_of_one_sign_are_a_sentiment(toy):
    pairs = {"cmu_mosi": ([["happy", "excited"], ("sad",), "negative"], [1.2, -0.6, -2])}
    assert score_sets(pairs, lexicon=toy, partial=True)["mer_unibench"] == 1


def test_one_list_of_answers_is_sorted_into_sets(toy):
    answers, references = [], []
    for name, (found, wanted) in PAIRS.items():
        answers += [{"set": name, "labels": labels} for labels in found]
        references += [{"set": name, "labels": label} for label in wanted]
    expected = score_sets(PAIRS, lexicon=toy)
    assert mer_unibench(answers, references, lexicon=toy) == expected
    turned = mer_unibench(answers[::-1], references[::-1], lexicon=toy)
    assert turned["mer_unibench"] == pytest.approx(expected["mer_unibench"], abs=1e-12)


@pytest.mark.parametrize(
    ("error", "message", "answer", "reference"),
    [
        (ValueError, "unknown set of MER-UniBench: got 'mosi'", {"set": "mosi", "labels": 1}, None),
        (ValueError, "is incomplete: got keys set", {"set": "meld"}, None),
        (ValueError, "of two sets: got 'meld'", None, {"set": "iemocap", "labels": "joy"}),
        (TypeError, "is not an answer: got 'joy'", "joy", None),
        (TypeError, "is not a label list: got 3", {"set": "meld", "labels": 3}, None),
        (TypeError, "is no sentiment: got", {"set": "ch_sims", "labels": {}}, None),
    ],
)
def test_wrong_answers_are_named(error, message, answer, reference):
    right = {"set": "meld", "labels": "joy"}
    with pytest.raises(error, match=message):
        mer_unibench([answer or right], [reference or right])


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="got 1 predictions for 0 references"):
        mer_unibench([{"set": "meld", "labels": "joy"}], [])
    with pytest.raises(ValueError, match="unknown set of MER-UniBench: got 'sims'"):
        score_sets({"sims": SENTIMENT})


@pytest.fixture
def folders(tmp_path):
    """Answers and references of every set, in the three formats, with ids in another order."""
    answers, references = tmp_path / "answers", tmp_path / "references"
    answers.mkdir()
    references.mkdir()
    for number, (name, (found, wanted)) in enumerate(PAIRS.items()):
        rows = [{"id": f"clip{i}", "labels": value} for i, value in enumerate(found)][::-1]
        if number % 3 == 0:
            lines = ["id,labels", *(f"{row['id']},{row['labels']}" for row in rows)]
            (answers / f"{name}.csv").write_text("\n".join(lines))
        elif number % 3 == 1:
            (answers / f"{name}.json").write_text(json.dumps(rows))
        else:
            (answers / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        lines = ["name,label", *(f"clip{i},{value}" for i, value in enumerate(wanted))]
        (references / f"{name}.csv").write_text("\n".join(lines))
    (answers / "report.json").write_text("{}")
    return answers, references


def test_a_folder_scores_as_its_lists(folders, toy):
    assert score_folder(*folders, lexicon=toy) == score_sets(PAIRS, lexicon=toy)


def test_what_is_missing_in_a_folder(folders, toy, tmp_path):
    answers, references = folders
    (answers / "mer2023.csv").unlink()
    with pytest.warns(UserWarning, match="missing mer2023, undefined none"):
        scores = score_folder(answers, references, lexicon=toy)
    assert scores["missing"] == ["mer2023"]
    (references / "meld.csv").unlink()
    with pytest.raises(FileNotFoundError, match="references not found for meld"):
        score_folder(answers, references, lexicon=toy)
    with pytest.raises(FileNotFoundError, match="folder not found: got .*gone"):
        score_folder(tmp_path / "gone", references)
    (answers / "iemocap.tsv").write_text("id\tlabels\n")
    with pytest.raises(ValueError, match="two files for iemocap"):
        score_folder(answers, references)


def test_the_printed_means_are_the_means_of_the_printed_scores():
    rows = published_rows()
    assert (len(rows), len(COLUMNS), len(SETS)) == (19, 9, 9)
    # Sixteen rows of thirteen other systems, three of the paper's own.
    assert sum(row.model != "AffectGPT" for row in rows) == 16
    for row in rows:
        # Scores and mean are rounded to 0.01 each, so they may differ by 0.01.
        assert sum(row.scores) / 9 == pytest.approx(row.mean, abs=0.01)


def test_the_task_means_of_the_paper():
    # Table 4 prints the task means of the same system: 62.52, 68.38, 84.22.
    best = published_rows()[-1].scores
    assert [round(sum(best[:4]) / 4, 2), round(sum(best[4:8]) / 4, 2), best[8]] == [
        68.38,
        84.22,
        62.52,
    ]


def test_descriptions_in_words_are_read_as_their_labels():
    scores = mer_unibench(
        [
            {"set": "meld", "answer": "She laughs; she is clearly happy."},
            {"set": "meld", "answer": None},
            {"set": "cmu_mosi", "answer": "He sounds disappointed and angry."},
            {"set": "ov_merd", "answer": "We can infer that he is not happy, rather anxious."},
        ],
        [
            {"set": "meld", "labels": "joy"},
            {"set": "meld", "labels": "anger"},
            {"set": "cmu_mosi", "labels": -1.4},
            {"set": "ov_merd", "labels": ["anxious"]},
        ],
        partial=True,
    )
    assert scores["sets"]["meld"]["score"] == 0.5
    assert scores["sets"]["cmu_mosi"]["score"] == 1
    # Displeased and anxious against anxious: precision 1/2 where the two stand apart, recall 1.
    assert 2 / 3 <= scores["sets"]["ov_merd"]["score"] <= 1
    with pytest.raises(ValueError, match="expected set and one of labels and answer"):
        mer_unibench(
            [{"set": "meld", "labels": [], "answer": ""}], [{"set": "meld", "labels": "joy"}]
        )


def test_a_folder_of_sentences(tmp_path):
    for folder, lines in {
        "answers": ["name,answer", 'a,"She is happy, and calm."', "b,He is furious."],
        "references": ["name,label", "a,joy", "b,sadness"],
    }.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "meld.csv").write_text("\n".join(lines))
    scores = score_folder(
        tmp_path / "answers", tmp_path / "references", partial=True, sentences=True
    )
    assert scores["sets"]["meld"]["score"] == 0.5


class ChatServer(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that finds everybody sad, and sadness negative."""

    asked: ClassVar[list[str]] = []

    def do_POST(self):  # noqa: N802 - the name that http.server calls
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        question = body["messages"][0]["content"]
        self.asked.append(question)
        reply = "[sad, down]" if "He sighs" in question else "negative"
        content = json.dumps({"choices": [{"message": {"content": reply}}]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def chat_server():
    ChatServer.asked.clear()
    with HTTPServer(("127.0.0.1", 0), ChatServer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def test_a_folder_of_sentences_read_by_a_chat_model(tmp_path, chat_server):
    references = {"meld": "sadness", "cmu_mosi": "-1.5", "ov_merd": "['sad']"}
    for folder in ("answers", "references"):
        (tmp_path / folder).mkdir()
    for name, label in references.items():
        (tmp_path / "answers" / f"{name}.jsonl").write_text('{"name": "a", "answer": "He sighs."}')
        row = json.dumps({"name": "a", "label": label})
        (tmp_path / "references" / f"{name}.jsonl").write_text(row)
    options = {"partial": "true", "endpoint": chat_server, "model": "small"}
    arguments = ["score", "mer_unibench", "--json"]
    for side, folder in (("predictions", "answers"), ("references", "references")):
        arguments += [f"--{side}", str(tmp_path / folder)]
    for key, value in options.items():
        arguments += ["--set", f"{key}={value}"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert {name: entry["score"] for name, entry in scores["sets"].items()} == {
        "meld": 1.0,
        "cmu_mosi": 1.0,
        "ov_merd": 1.0,
    }
    # The same description is asked about once, and its labels once for their sentiment.
    assert len(ChatServer.asked) == 2
    # Scored again, with the server's answers at hand, nothing is asked.
    assert json.loads(CliRunner().invoke(app, arguments).stdout) == scores
    assert len(ChatServer.asked) == 2


def test_wrong_calls_of_a_chat_model_are_named(tmp_path):
    with pytest.raises(ValueError, match="`endpoint` and `model` belong together"):
        score_folder(tmp_path, tmp_path, endpoint="http://localhost/v1")
    for folder, label in (("answers", 3), ("references", "joy")):
        (tmp_path / folder).mkdir()
        row = json.dumps({"name": "a", "label": label})
        (tmp_path / folder / "meld.jsonl").write_text(row)
    with pytest.raises(TypeError, match="an answer is not text: got 3"):
        score_folder(tmp_path / "answers", tmp_path / "references", sentences=True)
