"""`affecthub ask` on the demo corpus."""

import json

import pytest
from chat_server import ChatServer
from shell import affecthub, refused

from affecthub.training.answer_files import read_lines


@pytest.fixture
def script(tmp_path):
    file = tmp_path / "script.yaml"
    file.write_text("'*': joy\n")
    return f"script:{file}"


@pytest.fixture
def asking(small_corpus, script, tmp_path):
    return ["ask", "demo", "--data-dir", small_corpus, "--model", script, "--prompt", "one_of"]


def test_a_corpus_is_asked_and_not_asked_again(asking, small_corpus, tmp_path):
    out = tmp_path / "new" / "answers.jsonl"
    done = affecthub(*asking, "--out", out, "--limit", 4)
    assert f"{out}: 4 answers; 4 asked in" in done.stdout and "tokens read" in done.stdout
    lines = list(read_lines(out))
    assert [line["media"] for line in lines] == ["av"] * 4
    assert {line["prompt"].split("@")[0] for line in lines} == {"one_of"}
    again = affecthub(*asking, "--out", out, "--limit", 4, "--json")
    told = json.loads(again.stdout)
    assert (told["n"], told["n_asked"], told["errors"]) == (4, 0, {})
    assert "none had to be asked" in affecthub(*asking, "--out", out, "--limit", 4).stdout
    assert "question or setting" in refused(*asking, "--out", out, "--media", "a")


def test_a_setting_has_one_value_by_option_or_by_name(asking, tmp_path):
    out = tmp_path / "a.jsonl"
    with ChatServer() as server:
        asking[asking.index("--model") + 1] = f"{server.url}#m"
        affecthub(*asking, "--out", out, "--limit", 2, "--with", "max_new_tokens=7")
        assert {each.body["max_tokens"] for each in server.asked} == {7}
        both = ["--with", "max_new_tokens=7", "--max-new-tokens", 9]
        assert "beside another max_new_tokens" in refused(*asking, "--out", out, *both)
        said = refused(*asking, "--out", out, "--with", "concurency=7")
        assert "no effect on an endpoint" in said and "concurrency" in said


def test_a_mistyped_split_is_told_before_a_model_is_made(asking, tmp_path, monkeypatch):
    def make(*_, **__):
        pytest.fail("a model was made")

    monkeypatch.setattr("affecthub.training.asking.backends.choosing.backend_of", make)
    said = refused(*asking, "--split", "tets", "--out", tmp_path / "a.jsonl")
    assert "Did you mean 'test'" in said


def test_shards_are_merged_without_a_model(asking, small_corpus, tmp_path):
    out, whole = tmp_path / "j.jsonl", tmp_path / "whole.jsonl"
    # The whole has 14 clips.
    affecthub(*asking, "--out", whole, "--batch-size", 2)
    for shard in ("1/2", "2/2"):
        done = affecthub(*asking, "--out", out, "--shard", shard, "--batch-size", 2)
        assert f"shard {shard}" in done.stdout
    done = affecthub("ask", "demo", "--data-dir", small_corpus, "--out", out, "--merge")
    assert "14 answers" in done.stdout and out.read_bytes() == whole.read_bytes()
    assert {each.name for each in tmp_path.glob("j.*")} == {"j.jsonl", "j.runs.jsonl"}


def test_words_alone_and_a_prompt_of_ones_own(asking, tmp_path):
    prompt = tmp_path / "mine.yaml"
    prompt.write_text(
        "id: mine\nversion: 3\nlanguage: en\nmedia: [text]\nform: text\nsource: our own\n"
        'purpose: to test\nplaceholders: [subtitle, language]\ntext: "{language}: {subtitle}"\n'
    )
    out = tmp_path / "t.jsonl"
    text = prompt.read_text().replace("{language}: ", "{labels}, {language}: ")
    prompt.write_text(text.replace("[subtitle, language]", "[labels, subtitle, language]"))
    mine = [
        *asking[:-1],
        prompt,
        "--label",
        "glad",
        "--label",
        "sad",
        "--media",
        "t",
        "--out",
        out,
        "--limit",
        2,
    ]
    assert "2 answers" in affecthub(*mine, "--language", "Klingon", "--system", "x").stdout
    assert [(line["prompt"], line["media"]) for line in read_lines(out)] == [("mine@3", "t")] * 2
    assert next(read_lines(out))["n_in"] >= len("glad, sad, Klingon:".split()) + 1
    assert "question or setting" in refused(*mine, "--label", "angry")


def test_all_clips_in_error_end_the_command_so(asking, script, tmp_path):
    (tmp_path / "script.yaml").write_text("'*': {error: the server is down}\n")
    out = tmp_path / "j.jsonl"
    line = refused(*asking, "--out", out, "--limit", 3)
    assert "none of the 3 clips could be asked" in line and "the server is down" in line
    assert len(list(read_lines(out))) == 3
    (tmp_path / "script.yaml").write_text("'*': joy\n")
    assert "another model" in refused(*asking, "--out", out, "--limit", 3, "--retry")


def test_a_probe_is_asked_for_where_there_is_something_to_probe(asking, tmp_path):
    out = tmp_path / "j.jsonl"
    done = affecthub(*asking, "--out", out, "--limit", 1, "--probe")
    assert "no probe is needed" in done.stdout
    line = refused(*asking, "--out", out, "--with", "takes=[video]", "--probe", "--media", "a")
    assert "got a model that takes video, asked about a" in line


@pytest.mark.parametrize("hears", [True, False])
def test_a_server_that_drops_sound_is_not_asked(asking, tmp_path, hears, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-1234567890")
    out = tmp_path / "j.jsonl"
    with ChatServer(lambda asked: "joy", hears=hears) as server:
        probing = [*asking, "--model", f"{server.url}#small", "--media", "a", "--out", out]
        probing += ["--limit", 2, "--probe", "--with", "concurrency=2"]
        if hears:
            done = affecthub(*probing)
            assert "audio came through" in done.stdout and "2 answers" in done.stdout
            noted = json.loads(out.with_name("j.runs.jsonl").read_text())
            assert noted["meter"]["n_answered"] > 2
            assert not any("secret" in file.read_text() for file in tmp_path.iterdir())
        else:
            assert "did not come through" in refused(*probing)
            assert not out.exists()


@pytest.mark.parametrize(
    ("more", "match"),
    [
        (["--prompt", "one_off"], "Did you mean 'one_of'"),
        (["--media", "x"], "expected letters"),
        (["--media", "t"], "has no place for them"),
        (["--media", "a", "--frames", 4], "`--frames` has no effect on --media a"),
        (["--label", "joy", "--label", "joy"], "got 'joy', 'joy', expected each once"),
        (["--sound", "slot"], "`sound` has no effect on a script"),
        (["--with", "dtype"], "expected NAME=VALUE"),
        (["--shard", "3/2"], "expected the first number to be 1 to 2"),
        (["--shard", "1/2", "--merge"], "expected one: merge"),
        (["--merge"], "`--model` has no effect on --merge"),
        (["--model", "./nowhere"], "model folder not found"),
        (["--model", "http://localhost:1/v1"], "the endpoint's model is missing"),
        (["--protocol", "no"], "unknown protocol"),
    ],
)
def test_what_cannot_be_asked_is_told(asking, tmp_path, more, match):
    assert match in refused(*asking, "--out", tmp_path / "j.jsonl", *more)
    assert not (tmp_path / "j.jsonl").exists()


def test_whom_and_what_to_ask_must_be_said(small_corpus, script, tmp_path):
    ask = ["ask", "demo", "--data-dir", small_corpus, "--out", tmp_path / "j.jsonl"]
    assert "Missing option '--model'" in refused(*ask, "--prompt", "one_of")
    assert "Missing option '--prompt'" in refused(*ask, "--model", script)
    assert "`--out`: got the folder" in refused(*ask[:-1], tmp_path, "--model", script)
