"""Configurations: defaults, options with their ranges, and mistakes that are named."""

import doctest
import importlib

import pytest
from fusion_cases import ALL, config_of
from transformers import AutoConfig

from affecthub.modeling.fusion import FusionConfig


@pytest.mark.parametrize("name", ALL)
def test_a_configuration_comes_back_from_its_file(tmp_path, name):
    for changes in (
        {},
        {"num_labels": 2, "score": True, "fidelity": "official"},
        {"num_labels": 0, "score": True, "modality_dropout": 0.2, "missing": "refuse"},
        {"id2label": {0: "happy", 1: "sad", 2: "other"}, "level": "frame"},
    ):
        config = config_of(name, **changes)
        config.save_pretrained(tmp_path / "x")
        for again in (
            FusionConfig.from_pretrained(tmp_path / "x"),
            AutoConfig.from_pretrained(tmp_path / "x"),
        ):
            assert type(again) is FusionConfig
            assert again.to_diff_dict() == FusionConfig(**config.to_diff_dict()).to_diff_dict()
            assert again.num_labels == config.num_labels and again.option == config.option


def test_defaults_are_those_of_the_middle_of_the_search_space():
    config = FusionConfig()
    assert (config.algorithm, config.hidden_dim, config.num_labels) == ("attention", 128, 7)
    assert list(config.dims.values()) == [1024, 4096, 768]
    assert config.fidelity == "fixed" and config.level == "utterance"
    assert FusionConfig(algorithm="mult").level == "frame"
    assert FusionConfig(algorithm="lmf").option.rank == 4
    assert FusionConfig(algorithm="misa").options["recon_weight"] == 0.1
    assert FusionConfig(dropout=0).dropout == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"algorithm": "lfm"}, "unknown `algorithm`: got 'lfm'.*'lmf'"),
        ({"algorithm": "lmf", "options": {"ranc": 3}}, "option of lmf: got 'ranc'.*'rank'"),
        ({"algorithm": "tfn", "options": {"rank": 3}}, "option of tfn: got 'rank'.*one of none"),
        ({"algorithm": "lmf", "options": {"rank": 0}}, "`rank` of lmf: got 0.*1 or more"),
        ({"algorithm": "lmf", "options": {"rank": 2.0}}, "`rank` of lmf: got 2.0.*whole number"),
        ({"algorithm": "lmf", "options": {"rank": True}}, "`rank` of lmf: got True"),
        ({"algorithm": "misa", "options": {"sim_weight": -1}}, "sim_weight.*0 or more"),
        ({"algorithm": "mmim", "options": {"alpha": float("nan")}}, "alpha.*0 or more"),
        ({"algorithm": "misa", "options": {"transformer_dropout": 2}}, "from 0 to 1"),
        ({"algorithm": "mult", "options": {"positions": 1}}, "True, False or None"),
        ({"algorithm": "mult", "hidden_dim": 12}, "8 heads for a width of 12, expected a divisor"),
        ({"algorithm": "misa", "hidden_dim": 9}, "2 heads for a width of 9"),
        ({"algorithm": "mfn", "options": {"window_dim": 3}}, "window_dim.*got 3, expected 2"),
        ({"audio_dim": 0}, "`audio_dim` is too small: got 0, expected 1 or more"),
        ({"hidden_dim": 1}, "`hidden_dim` is too small: got 1, expected 2 or more"),
        ({"dropout": 1.0}, "`dropout` is no share: got 1.0"),
        ({"modality_dropout": -0.1}, "`modality_dropout` is no share"),
        ({"num_labels": 0}, "nothing to say: got num_labels=0 and score=False"),
        ({"fidelity": "exact"}, "fidelity"),
        ({"level": "word"}, "level"),
        ({"missing": "drop"}, "missing"),
        ({"audio_dim": "8"}, "audio_dim"),
    ],
)
def test_mistakes_are_named(changes, said):
    with pytest.raises(Exception, match=f"(?s){said}"):
        FusionConfig(**changes)


def test_arguments_of_the_released_code_are_read():
    args = {"audio_dim": 5, "text_dim": 6, "video_dim": 7, "output_dim1": 4, "output_dim2": 1}
    args |= {"hidden_dim": 8, "dropout": 0.2, "feat_type": "frm_align", "grad_clip": -1, "lr": 1}
    config = FusionConfig.from_official("mmim", {**args, "cpc_layers": 3, "alpha": 0})
    assert list(config.dims.values()) == [5, 6, 7] and config.num_labels == 4 and config.score
    assert (config.level, config.fidelity, config.dropout) == ("frame", "official", 0.2)
    assert config.option.cpc_layers == 3 and config.option.alpha == 0
    changed = FusionConfig.from_official("mmim", args, fidelity="fixed", level=None)
    assert changed.fidelity == "fixed" and changed.level == "utterance"
    score_alone = FusionConfig.from_official("lmf", {**args, "output_dim1": 0})
    assert score_alone.num_labels == 0


@pytest.mark.parametrize("module", ["configuration_fusion", "configuration_options"])
def test_examples_of_the_documentation(module):
    found = doctest.testmod(importlib.import_module(f"affecthub.modeling.fusion.{module}"))
    assert found.attempted and not found.failed
