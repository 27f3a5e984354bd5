"""Chat messages: the same tensors as the call they stand for."""

import pytest
import torch

from affecthub.modeling.affectgpt.processing_messages import read_conversation


def user(*parts: dict) -> dict:
    return {"role": "user", "content": list(parts)}


def same(left, right) -> bool:
    return set(left) == set(right) and all(torch.equal(left[key], right[key]) for key in left)


def test_messages_are_the_call_they_stand_for(processor, write_video, tmp_path) -> None:
    path = str(write_video(tmp_path / "clip.mp4", 12))
    parts = (
        {"type": "video", "path": path},
        {"type": "audio", "path": path},
        {"type": "transcript", "text": "she laughs"},
        {"type": "text", "text": "What does she feel?"},
    )
    called = {"text": "she laughs", "videos": path, "audio": path}
    called["question"] = "What does she feel?"
    got = processor.apply_chat_template([user(*parts)])
    assert same(got, processor(**called))
    answered = [user(*parts), {"role": "assistant", "content": [{"type": "text", "text": "joy"}]}]
    assert same(processor.apply_chat_template(answered), processor(**called, answers="joy"))


def test_sound_of_a_video_is_heard_where_asked_and_there(processor, write_video, tmp_path) -> None:
    loud = str(write_video(tmp_path / "loud.mp4", 12))
    mute = str(write_video(tmp_path / "mute.mp4", 12, audio_s=None))
    talks = [[user({"type": "video", "path": path})] for path in (loud, mute)]
    assert "input_values" not in processor.apply_chat_template(talks)
    both = processor.apply_chat_template(talks, load_audio_from_video=True)
    assert both["audio_mask"].tolist() == [True, False]
    assert both["video_mask"].tolist() == [True, True]


def test_batches_text_and_plain_content(processor) -> None:
    talks = [[{"role": "user", "content": "Why?"}], [{"role": "user", "content": "Who is it?"}]]
    with pytest.raises(ValueError, match="sample 0 is empty"):
        processor.apply_chat_template(talks)
    said = [
        [user({"type": "transcript", "text": t}, {"type": "text", "text": "Why?"})] for t in "ab"
    ]
    texts = processor.apply_chat_template(said, tokenize=False)
    assert ['"a"' in texts[0], '"b"' in texts[1]] == [True, True]
    assert isinstance(processor.apply_chat_template(said[0], tokenize=False), str)
    ids = processor.apply_chat_template(said, return_dict=False)
    assert torch.equal(ids, processor(text=["a", "b"], question=["Why?", "Why?"])["input_ids"])


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([{"role": "system", "content": "x"}], r"got roles \['system'\]"),
        ([user(), user()], "AffectGPT answers one question"),
        ([user({"type": "image", "path": "a.png"})], "unknown type: got 'image', expected one of"),
        ([user({"type": "video", "url": "https://a/b.mp4"})], "URLs are not read: got 'https://a"),
        ([user({"type": "video"})], "a video part is empty"),
        ("Why?", "a message is no dict: got 'W'"),
        ([{"role": "user", "content": ["Why?"]}], r"a part of a message is no dict: got 'Why\?'"),
        ([user({"type": "text", "text": "a"}, {"type": "text", "text": "b"})], "two parts of type"),
        ([user(), {"role": "assistant", "content": []}], "assistant's message is no answer"),
    ],
)
def test_other_messages_are_refused(messages, message) -> None:
    with pytest.raises(ValueError, match=message):
        read_conversation(messages)


def test_answers_for_some_and_a_template_are_refused(processor) -> None:
    asked = [user({"type": "transcript", "text": "a"})]
    with pytest.raises(ValueError, match="some conversations have an answer"):
        processor.apply_chat_template([asked, [*asked, {"role": "assistant", "content": "joy"}]])
    with pytest.raises(ValueError, match="chat template has no effect"):
        processor.apply_chat_template(asked, chat_template="{{ messages }}")
