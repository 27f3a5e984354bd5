"""Every kind of model has a whole card, whatever little its folder knows."""

import pytest
from model_folders import records

from affecthub.hub_cards.cards import card_mistakes, empty_sections
from affecthub.hub_cards.models import model_card
from affecthub.hub_cards.models.families import FAMILIES, family_of
from affecthub.hub_cards.models.known import Known, read_known
from affecthub.hub_cards.models.sizes import n_parameters


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_bare_folder_has_a_whole_card(tmp_path, kind):
    known = read_known(records(tmp_path / "x", config={"model_type": kind}))
    assert family_of(known) is FAMILIES[kind]
    text = model_card(known, name="org/x", licence="mit")
    assert empty_sections(text) == [] and card_mistakes(text, "model") == []
    assert 'from_pretrained("org/x"' in text and "@" in text
    assert "None" not in text.replace("None are known", ""), "what is not known is said in words"


def test_a_kind_follows_from_the_configuration_or_the_recipe(tmp_path):
    assert family_of(Known(tmp_path)) is FAMILIES["affectgpt"]
    assert family_of(Known(tmp_path, recipe={"kind": "fusion"})) is FAMILIES["fusion"]
    both = Known(tmp_path, config={"model_type": "affectgpt"}, recipe={"kind": "fusion"})
    assert family_of(both) is FAMILIES["affectgpt"]
    assert family_of(Known(tmp_path, config={"model_type": "bert"})) is FAMILIES["affectgpt"]


def test_values_are_counted_without_reading_them(tmp_path):
    import torch
    from safetensors.torch import save_file

    assert n_parameters(Known(tmp_path)) is None
    save_file({"a": torch.zeros(3, 4), "b": torch.zeros(())}, tmp_path / "model-1.safetensors")
    save_file({"c": torch.zeros(5)}, tmp_path / "model-2.safetensors", metadata={"x": "y"})
    assert n_parameters(Known(tmp_path)) == 18
    assert n_parameters(Known(tmp_path, record={"n_parameters": 7})) == 7
    (tmp_path / "model-3.safetensors").write_bytes(b"\x04\0\0\0\0\0\0\0{{{{")
    with pytest.raises(ValueError, match=r"model-3.safetensors is broken: got no header"):
        n_parameters(Known(tmp_path))
    (tmp_path / "model-3.safetensors").write_bytes(b"\xff" * 9)
    with pytest.raises(ValueError, match=r"model-3.safetensors is broken: got no header"):
        n_parameters(Known(tmp_path))
