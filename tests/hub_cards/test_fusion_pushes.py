"""A fusion is pushed with its code and a card that says what was repaired."""

import json

import pytest
import torch
from model_folders import records

from affecthub.hub_cards.cards import card_mistakes, empty_sections, split_card
from affecthub.hub_cards.models import model_card, stage_model
from affecthub.hub_cards.models.families.fusion_texts import FUSIONS
from affecthub.hub_cards.models.known import read_known
from affecthub.hub_cards.publishing import publish
from affecthub.intended_use import INTENDED_USE, LEGAL_LIMITS

RECIPE = {"corpus": "demo", "kind": "fusion", "model": {"algorithm": "lmf"}, "seed": 1}
RECORD = {"n_train": 9, "n_there": 9, "encoders": {"audio": "org/hubert", "text": "tfidf"}}
SCORES = {"scores": {"accuracy": 0.5, "waf": 0.4, "n": 100}, "majority": {"accuracy": 0.2}}


def saved_fusion(folder, **changes):
    from affecthub.modeling.fusion import FusionConfig, FusionModel

    torch.manual_seed(0)
    sizes = {"audio_dim": 8, "text_dim": 12, "vision_dim": 6, "hidden_dim": 16}
    config = FusionConfig(**{"algorithm": "lmf", "id2label": {0: "joy", 1: "anger"}, **sizes})
    for name, value in changes.items():
        setattr(config, name, value)
    FusionModel(config).save_pretrained(folder)
    return records(folder, recipe=RECIPE, record=RECORD, scores=SCORES)


def config_of(name, **changes):
    sizes = {"audio_dim": 8, "text_dim": 12, "vision_dim": 6, "hidden_dim": 16, "dropout": 0.3}
    labels = {"0": "joy", "1": "anger"}
    return {"model_type": "fusion", "algorithm": name, "id2label": labels, **sizes, **changes}


@pytest.mark.parametrize("name", FUSIONS)
@pytest.mark.parametrize("fidelity", ["fixed", "official"])
def test_a_card_says_what_each_fix_changes(tmp_path, name, fidelity):
    config = config_of(name, fidelity=fidelity, score=True, options={"rank": 4})
    text = model_card(read_known(records(tmp_path / "x", config=config)), licence="mit")
    head, body = split_card(text)
    assert empty_sections(text) == [] and card_mistakes(text, "model") == []
    assert FUSIONS[name].name in body and FUSIONS[name].paper in body
    for quirk, fix in FUSIONS[name].fixes:
        assert quirk in body and (fix in body) == (fidelity == "fixed")
    assert ("What was repaired" in body) == (fidelity == "fixed")
    assert INTENDED_USE in body and LEGAL_LIMITS in body and "reads features and no media" in body
    assert "sound (8 values)" in body and "2 classes (joy, anger) and a continuous score" in body
    assert "AffectGPT" not in body and "None" not in body.replace("None are known", "")
    assert head["pipeline_tag"] == "other" and "base_model" not in head


def test_every_fusion_has_its_text():
    from affecthub.modeling.fusion.configuration_options import OPTIONS

    assert list(FUSIONS) == list(OPTIONS)


def test_one_modality_alone_is_no_fusion(tmp_path):
    config = config_of("unimodal", options={"modality": "vision", "pooling": "attention"})
    _, body = split_card(model_card(read_known(records(tmp_path / "x", config=config))))
    assert "# Unimodal baseline\n" in body and "`modality` vision, `pooling` attention" in body
    assert "features of faces or frames (6 values) of a clip" in body and "Table 3" in body


def test_the_run_is_on_the_card(tmp_path):
    config = config_of("lmf", level="frame")
    folder = records(tmp_path / "x", config=config, recipe=RECIPE, record=RECORD, scores=SCORES)
    head, body = split_card(model_card(read_known(folder)))
    assert body.partition("# ")[2].startswith("LMF fusion trained on demo\n")
    assert head["license"] == "apache-2.0", "random weights and a free corpus: nobody has to ask"
    assert "base_model" not in head and "had seen before" not in body
    assert "sound from `org/hubert`, text from `tfidf`" in body and "| kind | training |" in body
    assert "| demo | weighted F1 | 40.00 |" in body and "(1, 8, 6)" not in body.replace(
        '"vision": torch.zeros(1, 8, 6)', ""
    )


def test_what_is_staged(tmp_path):
    folder = saved_fusion(tmp_path / "x")
    (folder / "optimizer.pt").write_bytes(b"\x80\x04")
    staged = stage_model(folder, tmp_path / "out", name="org/lmf")
    sent = {path.name for path in staged.folder.rglob("*") if path.is_file()}
    code = {name for name in sent if name.endswith(".py")}
    assert {"configuration_fusion.py", "modeling_fusion.py", "modeling_lmf.py"} <= code
    assert sent - code == {
        "README.md",
        "config.json",
        "model.safetensors",
        "recipe.yaml",
        "scores.json",
        "training.json",
    }
    n = 16 * (8 + 12 + 6) + 3 * 16 + 6 * 16 * 17 + 3 * 4 * 17 * 8 + 4 + 8 + 2 * 9
    card = (staged.folder / "README.md").read_text()
    assert f"It has {n:,} parameters." in card
    assert 'FusionModel.from_pretrained("org/lmf")' in card
    assert not any("UniBench" in note for note in staged.notes)
    broken = json.loads((folder / "config.json").read_text())
    del broken["auto_map"]["AutoModel"]
    (folder / "config.json").write_text(json.dumps(broken))
    with pytest.raises(ValueError, match="no `auto_map` entry for AutoModel, expected one per"):
        stage_model(folder, tmp_path / "other")


# What a machine without affecthub does by the card.
STOCK = """
import json, sys
import torch
from transformers import AutoModel, AutoModelForSequenceClassification
x = {k: torch.ones(2, 3, d) / 3 for k, d in {"audio": 8, "text": 12, "vision": 6}.items()}
found = []
for kind in (AutoModel, AutoModelForSequenceClassification):
    model = kind.from_pretrained("org/lmf", trust_remote_code=True).eval()
    with torch.no_grad():
        found.append(model(**x).logits.flatten().tolist())
assert not [name for name in sys.modules if name.split(".")[0] == "affecthub"]
print(json.dumps([*found, model.config.id2label["0" if "0" in model.config.id2label else 0]]))
"""


@pytest.mark.slow
def test_a_pushed_fusion_loads_where_affecthub_is_not(hub_client, tmp_path, stock_python):
    from affecthub.modeling.fusion import FusionModel

    folder = saved_fusion(tmp_path / "x")
    staged = stage_model(folder, tmp_path / "out", name="org/lmf")
    publish(staged, "org/lmf", private=True, confirm=lambda plan: True)
    environment = hub_client.environment(tmp_path / "fresh") | {"OMP_NUM_THREADS": "1"}
    *found, label = json.loads(stock_python(STOCK, environment).splitlines()[-1])
    model = FusionModel.from_pretrained(folder).eval()
    widths = {"audio": 8, "text": 12, "vision": 6}
    with torch.no_grad():
        wanted = model(**{k: torch.ones(2, 3, d) / 3 for k, d in widths.items()}).logits
    for each in found:
        torch.testing.assert_close(torch.tensor(each), wanted.flatten())
    assert label == "joy"
