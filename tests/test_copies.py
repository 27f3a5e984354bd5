"""What the model carries to the Hub as copies is what we have."""

import importlib.util
from pathlib import Path

from affecthub.modeling.affectgpt import AffectGPTConfig
from affecthub.questions import COLUMN_QUESTIONS, QUESTIONS

ROOT = Path(__file__).resolve().parents[1]


def test_copies_are_current():
    spec = importlib.util.spec_from_file_location("copies", ROOT / ".ci" / "copies.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.outdated() == [], "write them anew with: make copies"
    assert "from .media_sources import" in module.copy_of("media.frames")


def test_the_model_asks_them():
    assert AffectGPTConfig.tiny().questions == QUESTIONS


def test_a_question_of_each_kind_is_one_sentence_or_two():
    for question in (*QUESTIONS.values(), *COLUMN_QUESTIONS.values()):
        assert question[0].isupper() and question.endswith(("?", ".")), question
