"""Our questions are written once; the model carries a copy that says the same."""

from pathlib import Path

from affecthub.modeling.affectgpt import AffectGPTConfig
from affecthub.questions import COLUMN_QUESTIONS, QUESTIONS

ROOT = Path(__file__).resolve().parents[1]


def test_the_models_copy_is_the_same_file():
    ours = ROOT / "src" / "affecthub" / "questions.py"
    copy = ROOT / "modeling" / "affectgpt" / "configuration_questions.py"
    assert copy.read_bytes() == ours.read_bytes()


def test_the_model_asks_them():
    assert AffectGPTConfig.tiny().questions == QUESTIONS


def test_a_question_of_each_kind_is_one_sentence_or_two():
    for question in (*QUESTIONS.values(), *COLUMN_QUESTIONS.values()):
        assert question[0].isupper() and question.endswith(("?", ".")), question
