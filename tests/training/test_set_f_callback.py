"""Set-F while training: in any Trainer, without the answer in the prompt, without a trace."""

import json
import re
import warnings
from pathlib import Path

import datasets
import pytest
import torch
from transformers import (
    DataCollatorForSeq2Seq,
    Qwen2Config,
    Qwen2ForCausalLM,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from affecthub.training import SetFCallback
from affecthub.training.evaluation.prompts import prompt_of
from affecthub.training.model import train_tokenizer

PAGE = Path(__file__).resolve().parents[2] / "training" / "evaluation" / "README.md"
SAID = ["I won it", "go away now", "oh no it is gone", "we made it"] * 3
WORDS = [["happy", "excited"], ["angry"], ["sad", "hopeless"], ["joyful"]] * 3
TEMPLATE = (
    "{% for turn in messages %}{{ turn['role'] }} {{ turn['content'] }} {% endfor %}"
    "{% if add_generation_prompt %}assistant {% endif %}"
)


@pytest.fixture(scope="module")
def tokenizer():
    tokenizer = train_tokenizer([*SAID, *map(", ".join, WORDS), "user", "assistant", "?"] * 3, 200)
    tokenizer.chat_template = TEMPLATE
    return tokenizer


@pytest.fixture
def model(tokenizer):
    set_seed(0)
    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "attention_dropout": 0.3}
    ends = {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id}
    return Qwen2ForCausalLM(Qwen2Config(vocab_size=len(tokenizer), **small, **heads, **ends))


@pytest.fixture(scope="module")
def examples(tokenizer):
    rows = []
    for said, words in zip(SAID, WORDS, strict=True):
        prompt = tokenizer(f"{said} ?")["input_ids"]
        answer = [*tokenizer(", ".join(words))["input_ids"], tokenizer.eos_token_id]
        labels = [-100] * len(prompt) + answer
        rows.append({"input_ids": prompt + answer, "labels": labels})
    return datasets.Dataset.from_list(rows)


def plain_trainer(model, tokenizer, examples, folder, callbacks=(), **fields):
    quick = {"num_train_epochs": 2, "learning_rate": 0.05, "report_to": [], "use_cpu": True}
    arguments = TrainingArguments(str(folder), **quick | {"disable_tqdm": True} | fields)
    return Trainer(
        model,
        arguments,
        train_dataset=examples,
        eval_dataset=examples,
        data_collator=DataCollatorForSeq2Seq(tokenizer),
        processing_class=tokenizer,
        callbacks=list(callbacks),
    )


class Watch(TrainerCallback):
    """What a tracker is told: it is written as those of the Trainer are."""

    def __init__(self):
        self.logs = []

    def on_log(self, args, state, control, logs=None, **kwargs):
        self.logs.append((state.global_step, dict(logs)))


@pytest.fixture
def asked(model, monkeypatch):
    """Every batch that is generated from."""
    batches = []
    generate = model.generate

    def spy(**given):
        batches.append(given)
        return generate(**given)

    monkeypatch.setattr(model, "generate", spy)
    return batches


def weights(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_scores_are_logged_and_choose_the_best_weights(model, tokenizer, examples, tmp_path):
    watch = Watch()
    trainer = plain_trainer(
        model,
        tokenizer,
        examples,
        tmp_path,
        [watch],
        eval_strategy="epoch",
        save_strategy="epoch",
        num_train_epochs=4,
        load_best_model_at_end=True,
        metric_for_best_model="eval_set_f",
    )
    callback = SetFCallback(
        trainer, examples, WORDS, max_new_tokens=4, answers_dir=tmp_path / "answers"
    )
    trainer.add_callback(callback)
    trainer.train()
    told = [(step, logs) for step, logs in watch.logs if "eval_set_f" in logs]
    assert [step for step, _ in told] == [2, 4, 6, 8]
    for _, logs in told:
        precision, recall = logs["eval_set_precision"], logs["eval_set_recall"]
        assert all(0 <= logs[f"eval_{each}"] <= 1 for each in ("set_f", "hit_rate"))
        assert min(precision, recall) <= logs["eval_set_f"] <= max(precision, recall)
    best = max(logs["eval_set_f"] for _, logs in told)
    assert best > 0 and trainer.state.best_metric == best
    # The weights that are kept are those of the best step, and score as they did.
    assert trainer.evaluate()["eval_set_f"] == best
    files = sorted(path.name for path in (tmp_path / "answers").iterdir())
    assert files == ["step-2.jsonl", "step-4.jsonl", "step-6.jsonl", "step-8.jsonl"]
    lines = (tmp_path / "answers" / "step-8.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [str(i) for i in range(12)]


def test_prompts_end_where_the_answer_begins(model, tokenizer, examples, tmp_path, asked):
    trainer = plain_trainer(model, tokenizer, examples, tmp_path)
    SetFCallback(trainer, examples, WORDS, batch_size=5).evaluate()
    assert [len(batch["input_ids"]) for batch in asked] == [5, 5, 2]
    rows = [row[row != tokenizer.pad_token_id] for batch in asked for row in batch["input_ids"]]
    for row, said, words in zip(rows, SAID, WORDS, strict=True):
        assert row.tolist() == tokenizer(f"{said} ?")["input_ids"]
        assert not any(word in tokenizer.decode(row) for word in words)
    assert not any("labels" in batch for batch in asked)
    # Conversations and rows of prompt and completion, as trl has them, say the same.
    turn = [{"role": "user", "content": "we made it"}, {"role": "assistant", "content": "joyful"}]
    assert prompt_of({"messages": turn}) == prompt_of(turn) == turn[:1]
    assert prompt_of({"prompt": "we made it", "completion": "joyful"}) == "we made it"
    assert prompt_of({"input_ids": [4, 5, 6], "completion_mask": [0, 0, 1]}) == {
        "input_ids": [4, 5]
    }


def test_a_collator_that_leaves_the_answer_in_is_refused(model, tokenizer, examples, tmp_path):
    trainer = plain_trainer(model, tokenizer, examples, tmp_path)
    callback = SetFCallback(trainer, examples, WORDS, collate=DataCollatorForSeq2Seq(tokenizer))
    trainer.add_callback(callback)
    with pytest.raises(ValueError, match="the prompt holds the answer: got [0-9]+ labelled tokens"):
        trainer.train()
    assert trainer.state.global_step == 0
    with pytest.raises(ValueError, match="an example has no prompt: got labels from its first"):
        prompt_of({"input_ids": [1, 2], "labels": [1, 2]})
    with pytest.raises(TypeError, match="no prompt to ask: got a row of label"):
        prompt_of({"label": 3})


def test_training_goes_on_as_if_nothing_was_asked(model, tokenizer, examples, tmp_path):
    """Dropout is on, so that a random number more would change every later step."""
    start, ends, modes = weights(model), [], []
    for callback in (False, True):
        model.load_state_dict(start)
        trainer = plain_trainer(model, tokenizer, examples, tmp_path, eval_strategy="epoch", seed=3)
        if callback:
            trainer.add_callback(SetFCallback(trainer, examples, WORDS, max_new_tokens=3))
        set_seed(3)
        trainer.train()
        ends.append(weights(model))
        modes.append([module.training for module in model.modules()])
    for name, tensor in ends[0].items():
        assert torch.equal(tensor, ends[1][name]), name
    assert modes[0] == modes[1]
    model.train()
    model.model.norm.eval()  # a frozen part has a mode of its own
    before = [module.training for module in model.modules()]
    SetFCallback(trainer, examples, WORDS, max_new_tokens=2).evaluate()
    assert [module.training for module in model.modules()] == before


def test_a_clip_that_fails_is_a_line_and_not_the_end(
    model, tokenizer, examples, tmp_path, monkeypatch
):
    class Prompts:
        def __len__(self):
            return 12

        def __getitem__(self, number):
            if number == 7:
                raise OSError("film is cut off")
            return f"{SAID[number]} ?"

    generate = model.generate

    def fails(**given):
        if "gone" in tokenizer.decode(given["input_ids"].flatten()):
            raise RuntimeError("no kernel for this")
        return generate(**given)

    monkeypatch.setattr(model, "generate", fails)
    trainer = plain_trainer(model, tokenizer, examples, tmp_path / "run", num_train_epochs=1)
    trainer.add_callback(
        SetFCallback(trainer, Prompts(), WORDS, batch_size=4, answers_dir=tmp_path / "answers")
    )
    # No evaluation of the Trainer's own: it asks at the end of each epoch.
    with pytest.warns(UserWarning, match="4 of 12 validation clips .* the first: clip '2'"):
        trainer.train()
    (log,) = (log for log in trainer.state.log_history if "eval_set_f" in log)
    assert log["eval_n_failed"] == 4
    lines = [json.loads(each) for each in (tmp_path / "answers/step-2.jsonl").open()]
    errors = {line["id"]: line["error"] for line in lines if "error" in line}
    assert errors["7"] == "OSError: film is cut off"
    assert {*errors} == {"2", "6", "7", "10"} and "no kernel" in errors["2"]
    # A full disk costs the answers' file and not the run.
    (tmp_path / "file").touch()
    callback = SetFCallback(trainer, SAID, WORDS, answers_dir=tmp_path / "file" / "answers")
    with pytest.warns(UserWarning, match="answers to validation clips are not kept"):
        assert callback.evaluate()["eval_n_failed"] == 3


def test_where_no_clip_is_answered_the_score_is_never_the_best(model, tokenizer, tmp_path):
    trainer = plain_trainer(model, tokenizer, None, tmp_path)
    callback = SetFCallback(trainer, SAID, WORDS, read=lambda text: 1 / 0)
    with pytest.warns(UserWarning, match="12 of 12 .* ZeroDivisionError"):
        scores = callback.evaluate()
    assert not scores["eval_set_f"] == scores["eval_set_f"]


def test_mistakes_are_told_before_training(model, tokenizer, examples, tmp_path):
    trainer = plain_trainer(model, tokenizer, examples, tmp_path)
    for given, match in (
        (((), ()), "`prompts` is empty"),
        ((SAID, WORDS[:3]), "`references` and `prompts` differ in length: got 3 for 12"),
        ((SAID, [["qwertz"]] * 12), "lexicon knows no label"),
    ):
        with pytest.raises(ValueError, match=match):
            SetFCallback(trainer, *given)
    with pytest.raises(ValueError, match="`n_clips` is 0"):
        SetFCallback(trainer, SAID, WORDS, n_clips=0)
    trainer.processing_class = None
    with pytest.raises(ValueError, match="a trainer without `processing_class`"):
        SetFCallback(trainer, SAID, WORDS)


def test_the_clips_asked_are_few_and_the_same(model, tokenizer, examples, tmp_path, asked):
    trainer = plain_trainer(model, tokenizer, examples, tmp_path)
    for _ in range(2):
        SetFCallback(trainer, SAID, WORDS, n_clips=5, batch_size=12).evaluate()
    one, other = asked
    assert torch.equal(one["input_ids"], other["input_ids"]) and len(one["input_ids"]) == 5


@pytest.mark.parametrize("number", [0, 1], ids=["Trainer", "SFTTrainer"])
def test_the_page_s_examples_run(number, model, tokenizer, examples, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[number]
    turns = [
        {
            "prompt": [{"role": "user", "content": said}],
            "completion": [{"role": "assistant", "content": ", ".join(words)}],
        }
        for said, words in zip(SAID, WORDS, strict=True)
    ]
    names = {
        "model": model,
        "tokenizer": tokenizer,
        "examples": examples,
        "validation": examples,
        "collate": DataCollatorForSeq2Seq(tokenizer),
        "conversations": datasets.Dataset.from_list(turns),
        "references": WORDS,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(code, names)
    history = names["trainer"].state.log_history
    assert sum("eval_set_f" in log for log in history) == 3
