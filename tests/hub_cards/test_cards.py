"""Cards are rendered from templates and checked by the Hub's rules without the Hub."""

import re

import pytest
import yaml

from affecthub.hub_cards.cards import (
    check_metadata,
    empty_sections,
    render,
    split_card,
    with_head,
)

MODEL = {"license": "apache-2.0", "library_name": "transformers", "pipeline_tag": "any-to-any"}
DATASET = {"license": "cc-by-4.0", "pretty_name": "Moods"}
SPACE = {
    "title": "Set-F",
    "emoji": "🎭",
    "colorFrom": "indigo",
    "colorTo": "pink",
    "sdk": "gradio",
}
HEADS = {"model": MODEL, "dataset": DATASET, "space": SPACE}
RESULT = {
    "task": {"type": "any-to-any"},
    "dataset": {"name": "demo", "type": "demo"},
    "metrics": [{"type": "accuracy", "value": 50.0}],
}


def index(**changes):
    return {"model-index": [{"name": "m", "results": [RESULT | changes]}]}


def config(**changes):
    first = {"config_name": "default", "data_files": [{"split": "train", "path": "data/t-*"}]}
    return {"configs": [first | changes]}


@pytest.mark.parametrize("kind", HEADS)
def test_good_heads_pass(kind):
    assert check_metadata(HEADS[kind], kind) == []
    lacking = check_metadata({}, kind)
    assert sorted(lacking) == sorted(f"`{n}`: got nothing, expected a value" for n in HEADS[kind])


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("model", index()),
        ("model", {"language": ["en", "zh", "zh-Hans", "multilingual"], "tags": ["a b"]}),
        ("model", {"base_model": ["Qwen/Qwen2.5-7B-Instruct"], "base_model_relation": "adapter"}),
        ("model", {"license": "other", "license_name": "mer2023-eula", "license_link": "LICENSE"}),
        ("dataset", config()),
        ("dataset", config(data_files="data/*.parquet")),
        ("dataset", {"size_categories": ["1K<n<10K"], "task_categories": ["text-classification"]}),
        ("dataset", {"extra_gated_fields": {"Name": "text", "Use": {"type": "select"}}}),
        ("space", {"sdk_version": "6.31.0", "python_version": "3.12", "emoji": "👩🏽‍🔬"}),
        ("space", {"short_description": "x" * 60, "suggested_hardware": "zero-a10g"}),
    ],
)
def test_what_the_hub_takes_passes(kind, changes):
    assert check_metadata(HEADS[kind] | changes, kind) == []


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("model", {"license": "Apache2"}, "`license`: got 'Apache2', .* such as 'apache-2.0'"),
        ("model", {"license": "other"}, "`license_name`: got nothing"),
        ("model", {"license": "other", "license_name": "MER EULA"}, "small letters"),
        ("model", {"license_link": "/home/me/LICENSE"}, "`license_link`"),
        ("model", {"language": ["english"]}, "`language`: got 'english', .*ISO 639"),
        ("model", yaml.safe_load("language: no"), "write 'no' in quotes"),
        (
            "model",
            {"pipeline_tag": "any-to-text"},
            "`pipeline_tag`: got 'any-to-text', expected a word",
        ),
        ("model", {"pipeline_tag": ["any-to-any"]}, "expected one text"),
        ("model", {"base_model": "/runs/base"}, "`base_model`: got '/runs/base'"),
        ("model", {"base_model": "a/b/c"}, "`base_model`: got 'a/b/c'"),
        ("model", {"base_model_relation": "xyz"}, "one of adapter, finetune, merge, quantized"),
        ("model", {"datasets": []}, "`datasets`: got nothing"),
        ("model", {"tags": ["", "x"]}, "`tags`: got ''"),
        ("model", {"model-index": []}, "`model-index`: got no list of one model"),
        ("model", index(metrics=[]), "result 1: got no `metrics`"),
        ("model", index(task={}), "result 1: got no `task.type`"),
        ("model", index(metrics=[{"type": "f", "value": float("nan")}]), "got nan as `value`"),
        ("model", index(source={"name": "me"}), "without `source.url`"),
        ("dataset", {"size_categories": "1k"}, "`size_categories`: got '1k'"),
        ("dataset", {"task_categories": ["emotion"]}, "`task_categories`: got 'emotion'"),
        ("dataset", {"multilinguality": "two"}, "`multilinguality`"),
        ("dataset", config(config_name="a b"), "got the name 'a b'"),
        ("dataset", config(data_files=[{"split": "train", "path": "/x/y"}]), "inside of the repo"),
        ("dataset", config(data_files=[{"split": "a-b", "path": "x"}]), "the split 'a-b'"),
        ("dataset", config(data_files=None), "got no `data_files`"),
        (
            "dataset",
            {"configs": [*config()["configs"], *config(default=True)["configs"]]},
            "got 'default' 2 times",
        ),
        (
            "dataset",
            {"configs": [*config(config_name="a")["configs"], *config(default=True)["configs"]]},
            "the default 'default' behind others",
        ),
        ("dataset", {"dataset_info": {"features": [{"dtype": "int64"}]}}, "without a `name`"),
        (
            "dataset",
            {"dataset_info": {"splits": [{"name": "train", "num_examples": "9"}]}},
            "got '9' as `num_examples` of train",
        ),
        ("dataset", {"extra_gated_fields": {"Name": "texts"}}, "the type 'texts' of 'Name'"),
        ("dataset", {"extra_gated_prompt": ["a"]}, "`extra_gated_prompt`: got a list"),
        ("space", {"colorFrom": "teal"}, "`colorFrom`: got 'teal'"),
        ("space", {"emoji": "fun"}, "`emoji`: got 'fun'"),
        ("space", {"sdk": "flask"}, "`sdk`: got 'flask', .*docker, gradio"),
        ("space", {"python_version": 3.1}, "expected it in quotes"),
        ("space", {"pinned": "no"}, "true or false"),
        ("space", {"short_description": "x" * 61}, "got 61 characters"),
        ("space", {"app_file": "../app.py"}, "`app_file`"),
        ("space", {"suggested_hardware": "h1000"}, "`suggested_hardware`"),
    ],
)
def test_mistakes_are_told_each_in_a_sentence(kind, changes, said):
    (mistake,) = check_metadata(HEADS[kind] | changes, kind)
    assert re.search(said, mistake), mistake


def test_a_token_is_found_and_not_repeated():
    token = "hf_" + "aB3" * 10
    (mistake,) = check_metadata(MODEL | {"extra": {"note": f"by {token}"}}, "model")
    assert "`extra.note`" in mistake and "aB3" not in mistake


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("", []),
        ("No heading at all.", []),
        ("# A\n\n## B\n\ntext\n\n## C\n", ["C"]),
        ("# A\n\n## B\n\n### C\n\ntext", []),
        ("# A\n\n## B\n\n### C\n\n## D\n\ntext", ["B", "C"]),
        ("# A\n\n<!-- to be\nwritten -->\n", ["A"]),
        ("# A\n\n[More Information Needed]\n\n## B\n\nTODO\n", ["A", "B"]),
        ("# A\n\n```\n# no heading\n```\n", []),
        ("# A\n\n```\n```\n", ["A"]),
        ("---\ntitle: x\n---\n# A\n", ["A"]),
        ("# A\n\n| a |\n|---|\n", []),
    ],
)
def test_headings_without_text(text, empty):
    assert empty_sections(text) == empty


def test_head_and_text_come_apart_again():
    head = {"license": "mit", "language": ["zh"], "tags": [], "datasets": None, "title": "情感: a"}
    text = with_head(head, "# A\n\nText.\n")
    assert split_card(text) == (
        {"license": "mit", "language": ["zh"], "title": "情感: a"},
        "# A\n\nText.\n",
    )
    assert split_card("# A\n") == ({}, "# A\n")
    with pytest.raises(ValueError, match="got text that is no YAML in line 2"):
        split_card("---\na: [1\n---\n")
    with pytest.raises(ValueError, match="got a list"):
        split_card("---\n- 1\n---\n")


def test_a_template_that_is_not_there_or_lacks_a_fact_is_told():
    with pytest.raises(ValueError, match="unknown card template: got 'dataset_of_mine'"):
        render("dataset_of_mine", {})
    with pytest.raises(Exception, match="'mark' is undefined"):
        render("model", {})
