"""A pushed model and pushed adapters load where affecthub is not installed, and say the same."""

import json

import pytest
import torch
from model_folders import tiny_adapter, tiny_model

from affecthub.hub_cards.models import stage_model
from affecthub.hub_cards.publishing import publish

# What a machine without affecthub does by the card; prints logits to the last bit.
STOCK = """
import json, sys
import torch
torch.set_num_threads(1)
from peft import PeftModel
from transformers import AutoModel, AutoModelForMultimodalLM, AutoProcessor
trust = {"trust_remote_code": True}
model = AutoModelForMultimodalLM.from_pretrained("org/model", **trust)
processor = AutoProcessor.from_pretrained("org/model", **trust)
batch = processor(text="joy", audio=torch.linspace(-1, 1, 16000).numpy())
with torch.no_grad():
    whole = model(**batch).logits
    body = type(AutoModel.from_pretrained("org/model", **trust)).__name__
    adapted = PeftModel.from_pretrained(model, "org/adapter")
    processor = AutoProcessor.from_pretrained("org/adapter", **trust)
    batch = processor(text="joy", audio=torch.linspace(-1, 1, 16000).numpy())
    tuned = adapted(**batch).logits
assert not [name for name in sys.modules if name.split(".")[0] == "affecthub"]
print(json.dumps([whole.flatten().tolist(), tuned.flatten().tolist(), body]))
"""
# With affecthub nothing has to be trusted, and adapters find their base.
OURS = """
import json
import torch
torch.set_num_threads(1)
from affecthub.training.model import load_model
found = []
for name in ("org/model", "org/adapter"):
    model, processor = load_model(name)
    batch = processor(text="joy", audio=torch.linspace(-1, 1, 16000).numpy())
    with torch.no_grad():
        found.append(model.eval()(**batch).logits.flatten().tolist())
print(json.dumps(found))
"""


def logits(folder):
    from affecthub.training.model import load_model

    model, processor = load_model(folder)
    batch = processor(text="joy", audio=torch.linspace(-1, 1, 16000).numpy())
    with torch.no_grad():
        return model.eval()(**batch).logits.flatten()


@pytest.mark.slow
def test_model_and_adapters_come_back_equal(hub_client, tmp_path, stock_python, run_python):
    saved = tiny_model(tmp_path / "model")
    adapters = tiny_adapter(tmp_path / "adapter", saved)
    model = stage_model(saved, tmp_path / "out" / "model", name="org/model")
    onto = {"base": "org/model", "licence": "apache-2.0", "name": "org/adapter"}
    tuned = stage_model(adapters, tmp_path / "out" / "adapter", **onto)
    for staged, name in ((model, "org/model"), (tuned, "org/adapter")):
        publish(staged, name, private=True, confirm=lambda plan: True)
        there = set(hub_client.files("model", name)) - {".gitattributes"}
        assert there == {
            path.relative_to(staged.folder).as_posix()
            for path in staged.folder.rglob("*")
            if path.is_file()
        }
    torch.set_num_threads(1)
    expected = [logits(saved), logits(adapters)]
    assert not torch.equal(*expected)
    environment = hub_client.environment(tmp_path / "fresh") | {"OMP_NUM_THREADS": "1"}
    *stock, body = json.loads(stock_python(STOCK, environment).splitlines()[-1])
    assert body == "AffectGPTModel"
    ours = json.loads(run_python(OURS).splitlines()[-1])
    for found in (stock, ours):
        for got, wanted in zip(found, expected, strict=True):
            assert torch.equal(torch.tensor(got), wanted)
