"""A conversation model is pushed with its code and a card that says what was repaired."""

import json

import pytest
import torch
from model_folders import records

from affecthub.hub_cards.cards import card_mistakes, empty_sections, split_card
from affecthub.hub_cards.models import model_card, stage_model
from affecthub.hub_cards.models.families.erc_texts import CONVERSATIONS
from affecthub.hub_cards.models.known import read_known
from affecthub.hub_cards.publishing import publish
from affecthub.intended_use import INTENDED_USE, LEGAL_LIMITS

RECIPE = {"corpus": "demo", "kind": "conversation", "model": {"algorithm": "eamt"}, "seed": 1}
SIZES = {"feature_dim": 8, "hidden_dim": 6, "id2label": {0: "joy", 1: "anger"}}


def config_of(name, **changes):
    from affecthub.modeling.erc import ErcConfig

    return {**ErcConfig(algorithm=name, **SIZES, **changes).to_dict(), "model_type": "erc"}


@pytest.mark.parametrize("name", CONVERSATIONS)
@pytest.mark.parametrize("fidelity", ["fixed", "official"])
def test_a_card_says_what_each_fix_changes(tmp_path, name, fidelity):
    told = CONVERSATIONS[name]
    config = config_of(name) | {"fidelity": fidelity}
    text = model_card(read_known(records(tmp_path / "x", config=config)), licence="mit")
    head, body = split_card(text)
    assert empty_sections(text) == [] and card_mistakes(text, "model") == []
    assert told.name in body and all(paper in body for paper in told.papers)
    for quirk, fix in told.fixes:
        assert quirk in body and (fix in body) == (fidelity == "fixed")
    assert ("What was repaired" in body) == (fidelity == "fixed" and bool(told.fixes))
    assert told.ours in body and INTENDED_USE in body and LEGAL_LIMITS in body
    assert "(8 values each)" in body and "2 classes (joy, anger)" in body
    assert "AffectGPT" not in body and "None" not in body.replace("None are known", "")
    assert head["pipeline_tag"] == "other" and "base_model" not in head


def test_every_model_has_its_text():
    from affecthub.modeling.erc.configuration_erc import ABOUT

    assert list(CONVERSATIONS) == list(ABOUT)
    for name, about in ABOUT.items():
        assert about.public == bool(CONVERSATIONS[name].fixes) != bool(CONVERSATIONS[name].ours)


def body_of(folder, config):
    return split_card(model_card(read_known(records(folder, config=config)), licence="mit"))[1]


def test_a_card_says_what_is_heard_and_who_has_to_be_known(tmp_path):
    live = body_of(tmp_path / "a", config_of("dialoguernn", causal=True))
    whole = body_of(tmp_path / "b", config_of("dialoguernn"))
    assert "hears nothing after the utterance" in live and "hears the whole dialogue" in whole
    given = body_of(tmp_path / "c", config_of("dep"))
    unknown = body_of(tmp_path / "d", config_of("dep", options={"next_speaker": "unknown"}))
    assert "**Who speaks next is an input**" in given and "next_speakers=" in given
    assert "Who speaks next is not asked" in unknown and "next_speakers=" not in unknown


def usage_of(body):
    return body.partition("```python\n")[2].partition("```")[0]


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_code_of_a_card_runs(tmp_path, name, capsys):
    from affecthub.modeling.erc import ErcConfig, ErcModel

    folder = tmp_path / "x"
    torch.manual_seed(0)
    ErcModel(ErcConfig(algorithm=name, **SIZES)).save_pretrained(folder)
    code = usage_of(split_card(model_card(read_known(folder), name=str(folder), licence="mit"))[1])
    exec(compile(code, "card", "exec"), {})
    said = capsys.readouterr().out
    assert ("joy" in said or "anger" in said) and ("[" in said) == (
        name not in ("bigru", "avef", "dep", "eamt")
    )


def saved(folder):
    from affecthub.modeling.erc import ErcConfig, ErcModel

    torch.manual_seed(0)
    ErcModel(ErcConfig(algorithm="eamt", **SIZES)).save_pretrained(folder)
    return records(folder, recipe=RECIPE, record={"n_train": 9, "n_there": 9})


def test_what_is_staged(tmp_path):
    folder = saved(tmp_path / "x")
    staged = stage_model(folder, tmp_path / "out", name="org/eamt")
    sent = {path.name for path in staged.folder.rglob("*") if path.is_file()}
    code = {name for name in sent if name.endswith(".py")}
    assert {"configuration_erc.py", "modeling_erc.py", "modeling_turns.py"} <= code
    rest = {"README.md", "config.json", "model.safetensors", "recipe.yaml", "training.json"}
    assert sent - code == rest
    card = (staged.folder / "README.md").read_text()
    assert "EAMT forecasting emotion, trained on demo" in card and "parameters." in card
    broken = json.loads((folder / "config.json").read_text())
    del broken["auto_map"]["AutoModel"]
    (folder / "config.json").write_text(json.dumps(broken))
    with pytest.raises(ValueError, match="no `auto_map` entry for AutoModel, expected one per"):
        stage_model(folder, tmp_path / "other")


# What a machine without affecthub does by the card.
STOCK = """
import json, sys
import torch
from transformers import AutoModel, AutoModelForTokenClassification
x = torch.ones(1, 3, 8) / 3
found = []
for kind in (AutoModel, AutoModelForTokenClassification):
    model = kind.from_pretrained("org/eamt", trust_remote_code=True).eval()
    with torch.no_grad():
        found.append(model(x, torch.tensor([[0, 1, 0]])).logits.flatten().tolist())
assert not [name for name in sys.modules if name.split(".")[0] == "affecthub"]
print(json.dumps(found))
"""


@pytest.mark.slow
def test_a_pushed_model_loads_where_affecthub_is_not(hub_client, tmp_path, stock_python):
    from affecthub.modeling.erc import ErcModel

    folder = saved(tmp_path / "x")
    staged = stage_model(folder, tmp_path / "out", name="org/eamt")
    publish(staged, "org/eamt", private=True, confirm=lambda plan: True)
    environment = hub_client.environment(tmp_path / "fresh") | {"OMP_NUM_THREADS": "1"}
    found = json.loads(stock_python(STOCK, environment).splitlines()[-1])
    model = ErcModel.from_pretrained(folder).eval()
    with torch.no_grad():
        wanted = model(torch.ones(1, 3, 8) / 3, torch.tensor([[0, 1, 0]])).logits
    for each in found:
        torch.testing.assert_close(torch.tensor(each), wanted.flatten())
