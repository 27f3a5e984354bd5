"""A captioner is saved and loaded by the Auto classes, with affecthub and without it."""

import json
import os
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoProcessor

from affecthub.modeling.captioner import CaptionerModel, CaptionerProcessor


@pytest.mark.parametrize("decoder", ["bart", "gpt2_listening", "qwen2", "t5"])
def test_saved_and_loaded_it_says_the_same(
    make_captioner, make_processor, batch, tmp_path, decoder
):
    model = make_captioner("hubert", decoder, bridge="qformer", freeze_decoder=True)
    model.save_pretrained(tmp_path)
    make_processor("hubert", decoder).save_pretrained(tmp_path)
    again, processor = AutoModel.from_pretrained(tmp_path), AutoProcessor.from_pretrained(tmp_path)
    assert type(again) is CaptionerModel and type(processor) is CaptionerProcessor
    assert torch.equal(again(**batch).logits, model(**batch).logits)
    assert again.generation_config.num_beams == 5 and not again.training
    assert not any(
        each.requires_grad for part in (again.encoder, again.decoder) for each in part.parameters()
    )
    auto_map = json.loads((tmp_path / "config.json").read_text())["auto_map"]
    assert auto_map["AutoModel"] == "modeling_captioner.CaptionerModel"
    assert auto_map["AutoProcessor"] == "processing_captioner.CaptionerProcessor"


def test_half_precision_leaves_the_bridge_exact(make_captioner, batch, tmp_path):
    make_captioner("hubert", "qwen2", bridge="qformer").save_pretrained(tmp_path)
    model = AutoModel.from_pretrained(tmp_path, dtype=torch.bfloat16)
    assert {each.dtype for each in model.bridge.parameters()} == {torch.float32}
    assert {each.dtype for each in model.decoder.parameters()} == {torch.bfloat16}
    assert torch.isfinite(model(**batch).loss)
    assert model.generate(batch["input_values"], max_new_tokens=2).shape[0] == 3


@pytest.mark.slow
def test_it_loads_where_affecthub_is_not(make_captioner, make_processor, tmp_path):
    model = make_captioner("hubert", "qwen2")
    model.save_pretrained(tmp_path / "model")
    processor = make_processor()
    processor.save_pretrained(tmp_path / "model")
    code = f"""
    import sys
    sys.modules["affecthub"] = None
    import numpy as np
    from transformers import AutoModel, AutoProcessor
    folder = {str(tmp_path / "model")!r}
    model = AutoModel.from_pretrained(folder, trust_remote_code=True)
    processor = AutoProcessor.from_pretrained(folder, trust_remote_code=True)
    print(processor.captions(model.generate(**processor(audio=np.ones(900, "f")))))
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_MODULES_CACHE": str(tmp_path / "code"), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    here = processor.captions(model.generate(**processor(audio=np.ones(900, np.float32))))
    assert done.stdout.strip() == str(here)
