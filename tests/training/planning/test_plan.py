"""The plan of a run: what stands against it, and its costs against the figures of the papers."""

import json
from dataclasses import replace

import pytest
from corpus_trees import mer_caption
from official_bases import bases  # noqa: F401 - a fixture
from typer.testing import CliRunner

from affecthub.cli.main import app
from affecthub.training.plan import plan_run
from affecthub.training.planning.bases import KNOWN
from affecthub.training.planning.costs import language_flops, run_length, tower_flops
from affecthub.training.planning.sketch import sketch
from affecthub.training.recipe import load_recipe
from affecthub.training.recipe_parts import TowersRecipe


def checks(plan):
    return {check.what: check for check in plan.checks}


@pytest.fixture(scope="module")
def papers():
    """The paper's model, without a weight of it."""
    recipe = load_recipe("affectgpt_mercaption_plus", trainer={"bf16": False})
    return recipe, sketch(recipe, [])


def test_the_papers_parameters(papers):
    _, drawn = papers
    trained = [(n, p.numel()) for n, p in drawn.model.named_parameters() if p.requires_grad]
    # Paper, Table 8.
    assert sum(size for name, size in trained if "lora_" in name) == 40_370_176
    # The official 57,168,644 without a projector of pictures (3584 x 768 + 3584), never trained.
    assert sum(size for _, size in trained) == 57_168_644 - (3584 * 768 + 3584)


def test_the_papers_flops(papers):
    recipe, drawn = papers
    # Counted by hand: eight frames of 162 GFLOP and eight pieces of 72.3.
    assert tower_flops(recipe, drawn) == pytest.approx(8 * 162e9 + 8 * 72.3e9, rel=2e-3)
    # 7.07 billion weights and 153 tokens, forward and back: 4.35 TFLOP, adapters not counted.
    assert language_flops(drawn, 153) == pytest.approx(4.35e12, rel=2e-3)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        # The models' cards: 7.61, 3.09, 1.54 and 0.49 billion.
        ("Qwen/Qwen2.5-7B-Instruct", 7.61e9),
        ("Qwen/Qwen2.5-3B-Instruct", 3.09e9),
        ("Qwen/Qwen2.5-1.5B-Instruct", 1.54e9),
        ("Qwen/Qwen2.5-0.5B-Instruct", 0.49e9),
    ],
)
def test_known_language_models_have_the_parameters_of_their_cards(name, parameters):
    config = KNOWN[name].config
    hidden, layers = config["hidden_size"], config["num_hidden_layers"]
    keys = config["num_key_value_heads"] * hidden // config["num_attention_heads"]
    layer = 2 * hidden**2 + 2 * hidden * keys + hidden + 2 * keys  # attention with its biases
    layer += 3 * hidden * config["intermediate_size"] + 2 * hidden
    tables = 1 if config["tie_word_embeddings"] else 2
    found = tables * config["vocab_size"] * hidden + layers * layer + hidden
    assert found == pytest.approx(parameters, rel=0.01)


def test_length_of_a_run():
    batch = {"per_device_train_batch_size": 3, "gradient_accumulation_steps": 2}
    assert run_length(batch | {"max_steps": 10}, 100, 4) == (10, 10 * 3 * 2 * 4)
    # 34 batches of at most three clips make 17 steps.
    assert run_length(batch | {"max_steps": -1, "num_train_epochs": 2}, 100, 1) == (34, 200)


def test_a_plan_without_corpus_and_bases_says_so_and_what_is_known(tmp_path):
    recipe = load_recipe("affectgpt_mercaption_plus", trainer={"bf16": False})
    plan = plan_run(recipe, data_dir=None, output_dir=tmp_path / "run", peak_tflops=100, share=0.5)
    found = checks(plan)
    assert not plan.ok and not (tmp_path / "run").exists()
    assert "Accept the conditions" in found["corpus mer_caption"].told
    # Tests have no hub.
    assert "about 15.2 GB. HF_HUB_OFFLINE is set" in found["base (text)"].told
    costs = plan.costs
    assert (costs.steps, costs.draws, costs.adapters) == (300_000, 900_000, 40_370_176)
    assert plan.seconds == pytest.approx(costs.flops / 50e12)
    assert costs.checkpoint_bytes == 2 * 12 * costs.trained
    assert "ASSUMED" in repr(plan) and "DERIVED from 100 TFLOP/s" in repr(plan)


def test_tokens_are_counted_where_the_tokenizer_is_here(bases, tmp_path):  # noqa: F811
    root = mer_caption.make(tmp_path / "corpus")
    recipe = load_recipe(
        "affectgpt_mercaption_plus", modalities=["audio", "video", "text"], trainer={"bf16": False}
    )
    recipe = replace(recipe, towers=TowersRecipe(**bases, config={"fusion_dim": 32}), dtype="auto")
    plan = plan_run(recipe, data_dir=root, output_dir=tmp_path / "run")
    assert plan.ok and plan.tokens.counted and plan.seconds is None
    assert checks(plan)["base (audio)"].told.endswith("audio: a folder here")
    assert checks(plan)["clips"].told == "mer_caption 10 of 10"
    assert 0 < plan.tokens.mean < plan.tokens.longest
    assert "measure some steps" in plan.seconds_from


def test_a_small_model_is_measured(small_recipe, small_corpus, tmp_path):
    recipe = replace(small_recipe, modalities=("text",), cache_media=False)
    plan = plan_run(recipe, data_dir=small_corpus, output_dir=tmp_path / "run", measure=2)
    assert plan.ok and "MEASURED here over 2 steps" in plan.seconds_from
    assert plan.costs.trained == plan.costs.parameters and plan.costs.flops_of_towers == 0
    # 14 clips in batches of 4.
    assert plan.costs.steps == 4 and plan.seconds > 0
    assert not list(tmp_path.iterdir())
    assert json.loads(json.dumps(plan.to_dict()))["tokens"]["counted"] is True


@pytest.mark.parametrize(
    ("fields", "what", "message"),
    [
        ({"corpus": "dmo"}, "corpus dmo", "Did you mean 'demo'"),
        ({"protocol": "oficial"}, "corpus demo", "Did you mean 'official'"),
        ({"question": "labelz"}, "questions", "Did you mean 'labels'"),
        ({"answer": ("emtion",)}, "clips", "Did you mean 'emotion'"),
        ({"test_split": "tset"}, "splits", "Did you mean 'test'"),
        ({"label": "text"}, "splits", "expected a ClassLabel column"),
        ({"weight_by": "text"}, "clips", "expected a column of numbers"),
        ({"trainer": {"report_to": "swanlab"}}, "packages", "pip install swanlab"),
        ({"trainer": {"fp16": True, "bf16": True}}, "trainer", "does not fit together"),
    ],
)
def test_what_is_wrong_is_told(small_recipe, small_corpus, tmp_path, fields, what, message):
    # No validation clips have to be found among the columns that are not there.
    plan = plan_run(
        replace(small_recipe, **fields), data_dir=small_corpus, output_dir=tmp_path, measure=0
    )
    assert not plan.ok
    wrong = checks(plan)[what]
    assert not wrong.ok and message in wrong.told


def test_a_model_that_is_not_there_is_told(small_corpus, tmp_path):
    recipe = load_recipe("affectgpt", model=str(tmp_path / "absent"))
    plan = plan_run(recipe, data_dir=small_corpus, output_dir=tmp_path)
    assert "model folder not found" in checks(plan)["model"].told and plan.costs is None


def test_the_command_prints_the_plan_and_leaves_with_1_where_it_cannot_run(tmp_path):
    line = ["train", "demo", "--plan", "--json", "--data-dir", str(tmp_path / "absent")]
    done = CliRunner().invoke(app, [*line, "--output-dir", str(tmp_path / "run")])
    assert done.exit_code == 1
    plan = json.loads(done.stdout)
    (wrong,) = [check for check in plan["checks"] if not check["ok"]]
    assert wrong["what"] == "corpus demo" and "nothing there" in wrong["told"]
    assert plan["costs"] is None and not (tmp_path / "run").exists()
