"""The chat export trains a small language model by trl, unchanged."""

import datasets
import pytest
import trl
from corpus_trees import emotiontalk

import affecthub

TEMPLATE = (
    "{% for turn in messages %}{{ turn['role'] }}: {{ turn['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


@pytest.mark.slow
def test_trl_trains_on_the_lines(tmp_path):
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from affecthub.training.model import train_tokenizer

    root = emotiontalk.write_tables(tmp_path / "corpus")
    out = affecthub.export("emotiontalk", tmp_path / "out", root, to="chat-jsonl")
    rows = datasets.load_dataset(str(out), split="train", cache_dir=tmp_path / "cache")
    assert trl.data_utils.is_conversational(rows[0])
    texts = [turn["content"] for row in rows for turn in row["messages"]]
    tokenizer = train_tokenizer(texts, vocab_size=400)
    tokenizer.chat_template = TEMPLATE
    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    model = Qwen2ForCausalLM(Qwen2Config(vocab_size=len(tokenizer), **small, **heads))
    arguments = trl.SFTConfig(
        output_dir=str(tmp_path / "run"), max_steps=2, logging_steps=1, report_to=[], use_cpu=True
    )
    trainer = trl.SFTTrainer(model, arguments, train_dataset=rows, processing_class=tokenizer)
    seen = tokenizer.decode(trainer.train_dataset[0]["input_ids"])
    assert rows[0]["messages"][1]["content"] in seen
    trainer.train()
    losses = [log["loss"] for log in trainer.state.log_history if "loss" in log]
    assert len(losses) == 2 and losses[1] < losses[0] + 1 and losses[0] > 0
