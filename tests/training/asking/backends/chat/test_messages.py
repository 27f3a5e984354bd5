"""Chat templates: with a system message or without, of the model, of a file, or none."""

import pytest
from chat_asks import ask, sound

from affecthub.training.asking.asks import Ask
from affecthub.training.asking.backends.transformers_chat import TransformersBackend
from affecthub.training.asking.backends.transformers_messages import messages_of

RAISES = (
    "{% for m in messages %}{% if m['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "<|im_start|>{{ m['content'] if m['content'] is string else m['content'][-1]['text'] }}"
    "{% endfor %}"
)
IGNORES = RAISES.replace("{{ raise_exception('System role not supported') }}", "").replace(
    "{% for m in messages %}", "{% for m in messages if m['role'] == 'user' %}"
)
SYSTEM = Ask("c", "What is felt?", system="You know faces.")


def test_media_come_before_the_words():
    assert messages_of(SYSTEM, ("video", "audio")) == [
        {"role": "system", "content": [{"type": "text", "text": "You know faces."}]},
        {
            "role": "user",
            "content": [
                {"type": "video"},
                {"type": "audio"},
                {"type": "text", "text": "What is felt?"},
            ],
        },
    ]


@pytest.mark.parametrize("kind", ["qwen2_audio", "llama"])
def test_a_system_message_has_its_own_turn(chat, kind):
    written = chat(kind).reader.prompt(SYSTEM)
    assert written == (
        "<|im_start|>system\nYou know faces.<|im_end|>\n<|im_start|>user\nWhat is felt?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("text", [RAISES, IGNORES])
@pytest.mark.parametrize("kind", ["qwen2_audio", "llama"])
def test_without_one_its_words_come_before_the_question(chat, kind, text, tmp_path):
    """Whether the template says that it knows none, or leaves it out without a word."""
    file = tmp_path / "chat.jinja"
    file.write_text(text)
    reader = chat(kind, template=str(file)).reader
    assert reader.prompt(SYSTEM) == "<|im_start|>You know faces.\n\nWhat is felt?"


def test_a_template_that_loses_the_question_is_refused(chat, tmp_path):
    file = tmp_path / "chat.jinja"
    file.write_text("<|im_start|>Hello")
    (reply,) = chat("llama", template=str(file)).answer([SYSTEM])
    assert "chat template loses the question" in reply.error


def test_a_template_that_fails_says_so(chat, tmp_path):
    file = tmp_path / "chat.jinja"
    file.write_text("{{ raise_exception('not today') }}")
    (reply,) = chat("llama", template=str(file)).answer([ask("c")])
    assert reply.error == "the model's chat template fails: not today"


def test_a_model_without_a_template_says_so(tiny, chat, tmp_path):
    """A base model: nobody taught it to chat."""
    import shutil

    folder = shutil.copytree(tiny("llama"), tmp_path / "base")
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ValueError, match="the model has no chat template"):
        TransformersBackend(folder)
    backend = TransformersBackend(folder, template="plain", max_new_tokens=3)
    assert backend.reader.prompt(SYSTEM) == "You know faces.\n\nWhat is felt?"
    assert not backend.answer([SYSTEM])[0].error


def test_bare_words_have_their_media_before_them(chat):
    backend = chat("qwen2_audio", template="plain")
    heard = ask("c", "Joy?", sound=sound(1.0))
    assert backend.reader.prompt(heard) == "<|audio_pad|>Joy?"
    assert not backend.answer([heard])[0].error


def test_a_template_that_is_not_there_is_an_error(chat):
    with pytest.raises(ValueError, match="no chat template there: got 'absent.jinja'"):
        chat("llama", template="absent.jinja")
