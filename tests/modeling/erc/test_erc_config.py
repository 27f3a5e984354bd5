"""Configurations: what is filled in, what is refused, and how large the models are."""

from pathlib import Path

import pytest
import torch
from erc_cases import ALL, FORECAST, RECOGNISE

from affecthub.modeling.erc import ErcConfig, ErcModel, configuration_erc

README = Path(configuration_erc.__file__).with_name("README.md").read_text(encoding="utf-8")
SIZES = {"bigru": 1_183_748, "avef": 1_643_780, "dep": 3_356_164, "eamt": 3_356_164}


@pytest.mark.parametrize("name", ALL)
def test_how_many_parameters_a_model_has(name):
    """At the width of a large HuBERT and four classes, as its README says."""
    with torch.device("meta"):
        model = ErcModel(ErcConfig(algorithm=name, feature_dim=1024, num_labels=4))
    count = sum(x.numel() for x in model.parameters())
    assert count == SIZES.get(name, count)
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    assert row.endswith(f"| {count:,} |")


def test_the_example_of_the_readme_runs():
    code = README.partition("```python\n")[2].partition("```")[0]
    exec(compile(code, "README.md", "exec"), {})


def test_what_is_filled_in():
    for name in RECOGNISE:
        assert ErcConfig(algorithm=name).task == "recognise"
    for name in FORECAST:
        config = ErcConfig(algorithm=name, causal=False)
        assert config.task == "forecast" and config.causal is True, "never hears the future"
    assert ErcConfig(algorithm="cmn").causal and ErcConfig(algorithm="icon", causal=False).causal
    assert not ErcConfig(algorithm="dialoguegcn").causal
    config = ErcConfig()
    assert (config.algorithm, config.hidden_dim, config.num_labels) == ("dialoguernn", 300, 4)
    reader = ErcModel(ErcConfig(feature_dim=4)).conversation.dialog_rnn_f
    assert (reader.global_dim, reader.party_dim) == (500, 500)
    assert ErcConfig(algorithm="icon").option.context == 40
    assert ErcConfig(algorithm="bigru", task="recognise").causal is False


@pytest.mark.parametrize("name", ALL)
def test_a_configuration_survives_its_file(tmp_path, name):
    config = ErcConfig(
        algorithm=name, feature_dim=7, id2label={0: "joy", 1: "anger"}, class_weights=[1.0, 2.0]
    )
    config.save_pretrained(tmp_path)
    again = ErcConfig.from_pretrained(tmp_path)
    assert again.to_diff_dict() == config.to_diff_dict() and again.option == config.option
    assert again.id2label == {0: "joy", 1: "anger"} and again.task == config.task


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"algorithm": "dialogrnn"}, "unknown algorithm: got 'dialogrnn'.*Did you mean"),
        ({"options": {"global_dims": 3}}, "unknown option of dialoguernn: got 'global_dims'.*mean"),
        ({"options": {"context_attention": "cosine"}}, "got 'cosine', expected one of general, g"),
        ({"options": {"global_dim": 0}}, "option `global_dim` of dialoguernn: got 0, expected a w"),
        ({"options": {"listener_state": 1}}, "got 1, expected True or False"),
        ({"algorithm": "dialoguegcn", "options": {"past": -1}}, "`past` .* got -1, expected a who"),
        ({"algorithm": "cmn", "options": {"l2": -0.1}}, "`l2` of cmn: got -0.1, expected a number"),
        ({"algorithm": "cmn", "options": {"hops": True}}, "`hops` of cmn: got True, expected a wh"),
        ({"options": {"recurrent_dropout": 1.0}}, "got 1.0, expected a number from 0 to below 1"),
        ({"feature_dim": 0}, "`feature_dim` is too small: got 0, expected 1 or more"),
        ({"n_speakers": 0}, "`n_speakers` is too small: got 0"),
        ({"hidden_dim": -3}, "`hidden_dim` is too small: got -3"),
        ({"num_labels": 0}, "`num_labels` is too small: got 0"),
        ({"dropout": 1.0}, "`dropout` is no share: got 1.0"),
        ({"class_weights": [1.0, 2.0]}, "`class_weights` do not fit: got .*expected 4 numbers"),
        ({"class_weights": [1.0, -2.0, 1.0, 1.0]}, "`class_weights` do not fit"),
        ({"algorithm": "cmn", "task": "forecast"}, "`task` does not fit 'cmn': got 'forecast'"),
        ({"algorithm": "avef", "task": "recognise"}, "`task` does not fit 'avef'"),
        ({"algorithm": "eamt", "fidelity": "official"}, "'eamt': got 'official', expected 'fixed'"),
        (
            {"algorithm": "dialoguegcn", "fidelity": "official", "causal": True},
            "the released DialogueGCN hears what comes after",
        ),
    ],
)
def test_what_is_refused(fields, said):
    with pytest.raises(ValueError, match=said):
        ErcConfig(**fields)


def test_a_scalar_product_needs_one_width():
    with pytest.raises(ValueError, match="got 'dot' of widths 500 and 8, expected equal ones"):
        ErcModel(ErcConfig(feature_dim=8, options={"context_attention": "dot"}))
