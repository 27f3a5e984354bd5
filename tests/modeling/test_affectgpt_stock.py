"""Code written for transformers' own processors runs on this one, or is told what to change."""

import datasets
import numpy as np
import pandas
import pytest
import torch
from transformers import pipeline
from transformers.pipelines import any_to_any
from transformers.utils import PaddingStrategy


def same(left, right) -> bool:
    return set(left) == set(right) and all(torch.equal(left[key], right[key]) for key in left)


# Padding, limits and forms.


@pytest.mark.parametrize("padding", [True, "longest", PaddingStrategy.LONGEST])
def test_padding_is_said_as_everywhere(processor, padding) -> None:
    texts = ["a", "longer"]
    assert same(processor(text=texts, padding=padding), processor(text=texts))
    assert same(processor(text=texts, text_kwargs={"padding": padding}), processor(text=texts))


@pytest.mark.parametrize("padding", [False, None, "do_not_pad"])
def test_rows_that_are_not_padded_are_lists(processor, padding) -> None:
    lists = processor(text=["a", "abc"], padding=padding, return_tensors=None)
    first, second = lists["input_ids"]
    assert isinstance(first, list) and len(second) == len(first) + 2
    assert [len(row) for row in lists["attention_mask"]] == [len(first), len(second)]
    with pytest.raises(ValueError, match=r"unlike length make no tensor: got \[.*`padding=True`"):
        processor(text=["a", "abc"], padding=padding)
    # One length makes a tensor.
    assert same(processor(text=["a", "b"], padding=padding), processor(text=["a", "b"]))
    alike = [{"input_ids": [5]}, {"input_ids": [6]}]
    assert processor.pad(alike, padding=padding)["input_ids"].tolist() == [[5], [6]]
    prompts = processor.apply_chat_template(
        [
            [{"role": "user", "content": [{"type": "transcript", "text": text}]}]
            for text in ("a", "abc")
        ],
        tokenize=False,
        padding=padding,
        return_tensors=None,
    )
    assert '"a"' in prompts[0] and '"abc"' in prompts[1]


def test_widths_are_multiples_and_limits(processor) -> None:
    n_tokens = processor(text="a")["input_ids"].shape[1]
    wide = processor(text=["a", "b"], pad_to_multiple_of=64)
    assert wide["input_ids"].shape[1] == -(-n_tokens // 64) * 64
    assert wide["attention_mask"].sum() == 2 * n_tokens
    filled = processor(text="a", common_kwargs={"padding": "max_length"}, max_length=n_tokens + 9)
    assert filled["input_ids"].shape == (1, n_tokens + 9)
    padded = processor.pad([{"input_ids": [5, 6, 7]}], pad_to_multiple_of=8, padding=True)
    assert padded["input_ids"].shape == (1, 8)


@pytest.mark.parametrize("answers", [None, ["joy", "joy"]])
def test_truncation_cuts_transcripts_and_nothing_else(processor, clip, answers) -> None:
    samples = {"text": ["so " * 40 + "笑😀", "no"], "videos": [clip, clip], "answers": answers}
    limit = processor(**{**samples, "text": ["so so so s", "no"]})["input_ids"].shape[1]
    cut = processor(**samples, truncation=True, max_length=limit)
    assert same(cut, processor(**{**samples, "text": ["so so so s", "no"]}))
    # What is short enough stays whole, and a limit below the wording is refused.
    assert same(processor(**samples, truncation=True), processor(**samples))
    bare = processor(videos=clip)["input_ids"].shape[1]
    with pytest.raises(ValueError, match="sample 0 is too long"):
        processor(**samples, truncation="longest_first", max_length=bare)
    for no in (False, None, "do_not_truncate"):
        with pytest.raises(ValueError, match="sample 0 is too long"):
            processor(**samples, truncation=no, max_length=limit)


def test_a_character_is_cut_whole(processor) -> None:
    """Three bytes of one character are three tokens here."""
    limit = processor(text="a笑")["input_ids"].shape[1]
    cut = processor(text="a笑笑", truncation=True, max_length=limit + 2)
    assert same(cut, processor(text="a笑"))


def test_keywords_at_which_nothing_changes(processor, clip) -> None:
    plain = processor(text="a", videos=clip)
    for keywords in (
        {"images": None, "add_special_tokens": False, "return_token_type_ids": False},
        {"videos_kwargs": {"do_sample_frames": True, "video_metadata": None}, "audio_kwargs": None},
        {"return_mm_token_type_ids": False, "images_kwargs": {}, "processor_kwargs": {}},
    ):
        assert same(processor(text="a", videos=clip, **keywords), plain)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"images": [np.zeros((4, 4, 3), np.uint8)]}, "`images` cannot be had: got list.*`videos`"),
        ({"return_mm_token_type_ids": True}, "`return_mm_token_type_ids` cannot be had: got True"),
        ({"fps": 2}, "`fps` cannot be had: got 2, .*`num_frames`"),
        ({"truncation": "only_last"}, "unknown `truncation`: got 'only_last'"),
        ({"text_kwargs": {"add_special_tokens": True}}, "the prompt is the configuration's"),
        ({"answers": "joy", "answer_start": "jo"}, "an answer is begun and given"),
    ],
)
def test_what_cannot_be_had_is_refused(processor, keywords, message) -> None:
    with pytest.raises(ValueError, match=message):
        processor(text="a", **keywords)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("video", "videos"),
        ("audios", "audio"),
        ("labels", "answers"),
        ("answer", "answers"),
        ("transcript", "text"),
        ("questoin", "question"),
        ("prompt", "question"),
        ("max_lenght", "max_length"),
        ("choices", "options"),
        ("face", "faces"),
    ],
)
def test_a_wrong_name_suggests_the_right_one(processor, wrong, right) -> None:
    with pytest.raises(TypeError, match=rf"got `{wrong}`, expected .* Did you mean `{right}`\?"):
        processor(text="a", **{wrong: "x"})


def test_a_name_like_no_other_lists_them_all(processor) -> None:
    known = "got `zzz`, expected some of answer_start, .*videos, vision_features.$"
    with pytest.raises(TypeError, match=known):
        processor(text="a", zzz=1)
    with pytest.raises(TypeError, match="got `zzz`"):
        processor.pad([{"input_ids": [5]}], zzz=1)


def test_frames_and_rates_of_a_call(processor, clip, wave) -> None:
    few = processor(videos=clip, num_frames=4)["pixel_values"]
    # Frames 0, 5, 10 and 15 of 20.
    assert torch.equal(few, processor(videos=clip[::5], num_frames=4)["pixel_values"])
    assert few.shape[1] == 4
    assert torch.equal(
        processor(audio=wave, sampling_rate=16000)["input_values"],
        processor(audio=wave)["input_values"],
    )
    slow = processor(audio=[wave, (wave, 16000)], audio_kwargs={"sampling_rate": 8000})
    expected = processor(audio=[(wave, 8000), wave])
    assert torch.equal(slow["input_values"], expected["input_values"])


# Batches of other kinds.


def test_columns_are_batches(processor, clip, wave, write_video, tmp_path) -> None:
    path = str(write_video(tmp_path / "clip.mp4", 12))
    rows = datasets.Dataset.from_dict(
        {
            "text": ["she laughs", None],
            "video": [{"path": path, "bytes": None}, None],
            "audio": [{"array": wave.tolist(), "sampling_rate": 16000}, None],
        }
    )
    expected = processor(
        text=["she laughs", None], videos=[path, path], audio=[(wave, 16000), None]
    )
    columns = {"text": rows["text"], "audio": rows["audio"], "videos": (path, path)}
    assert type(columns["text"]).__name__ == "Column"
    assert same(processor(**columns), expected)
    frame = pandas.DataFrame({"text": ["she laughs", None], "video": [path, path]})
    given = {"text": frame["text"], "videos": frame["video"], "audio": rows["audio"]}
    assert same(processor(**given), expected)
    assert same(processor(text=np.array(["a", "b"])), processor(text=["a", "b"]))
    assert same(
        processor(text=("a", "b"), question=("How?", "Who?")),
        processor(text=["a", "b"], question=["How?", "Who?"]),
    )
    # One sample each: a pair is a waveform and its rate, a tuple of pictures is one video.
    assert same(processor(audio=(wave, 16000)), processor(audio=[wave]))
    given = {"audio": (wave, None), "text": [None, "a"]}
    assert same(processor(**given), processor(audio=[wave, None], text=[None, "a"]))
    assert same(processor(videos=tuple(clip)), processor(videos=clip))
    assert same(processor(videos=(clip, clip)), processor(videos=[clip, clip]))
    assert same(processor(audio=(wave, wave)), processor(audio=[wave, wave]))


def test_rows_of_audio_are_sound(processor, wave, write_video, tmp_path) -> None:
    path = write_video(tmp_path / "clip.mp4", 12)
    for row in (
        {"bytes": path.read_bytes(), "path": "clip.mp4"},
        {"bytes": None, "path": str(path)},
    ):
        assert same(processor(audio=row), processor(audio=str(path)))
    assert same(
        processor(audio={"array": wave, "sampling_rate": 8000}), processor(audio=(wave, 8000))
    )


# Chat messages and the pipeline.


def talk(*messages: tuple[str, str]) -> list[dict]:
    said = {"type": "transcript", "text": "she laughs"}
    return [
        {
            "role": role,
            "content": [*([said] if role == "user" else []), {"type": "text", "text": words}],
        }
        for role, words in messages
    ]


def test_templates_take_the_stock_keywords(processor, clip) -> None:
    asked = talk(("user", "Why?"))
    plain = processor.apply_chat_template(asked)
    for keywords in (
        {"tools": None, "documents": None, "continue_final_message": False, "padding": True},
        {"processor_kwargs": {"padding": True}, "return_tensors": "pt", "tokenize": True},
    ):
        assert same(processor.apply_chat_template(asked, **keywords), plain)
    shown = [{"role": "user", "content": [{"type": "video", "video": clip}]}]
    assert processor.apply_chat_template(shown, num_frames=3)["pixel_values"].shape[1] == 3
    with pytest.raises(ValueError, match="`tools` cannot be had"):
        processor.apply_chat_template(asked, tools=[{"name": "look"}])


def test_an_answer_can_be_gone_on_from(processor) -> None:
    begun = talk(("user", "Why?"), ("assistant", "She is"))
    inputs = processor.apply_chat_template(begun, continue_final_message=True)
    plain = processor.apply_chat_template(begun[:1])
    said = processor.tokenizer("She is")["input_ids"]
    assert inputs["input_ids"][0].tolist() == [*plain["input_ids"][0].tolist(), *said]
    assert "labels" not in inputs
    both = processor(text=["a", "a"], answer_start=["She", None])
    assert both["attention_mask"].sum(1).tolist() == [
        both["input_ids"].shape[1],
        both["input_ids"].shape[1] - 3,
    ]


def test_answers_are_marked(processor) -> None:
    learnt = talk(("user", "Why?"), ("assistant", "joy"))
    inputs = processor.apply_chat_template(learnt, return_assistant_tokens_mask=True)
    assert torch.equal(inputs["assistant_masks"], (inputs["labels"] != -100).long())
    assert inputs["assistant_masks"].sum() == len("joy") + 1
    with pytest.raises(ValueError, match="there is no answer to mark"):
        processor.apply_chat_template(learnt[:1], return_assistant_tokens_mask=True)


def test_a_path_may_be_called_url(processor, write_video, tmp_path) -> None:
    path = str(write_video(tmp_path / "clip.mp4", 12))
    messages = [
        [{"role": "user", "content": [{"type": "video", name: path}]}] for name in ("url", "path")
    ]
    assert same(*(processor.apply_chat_template(one) for one in messages))


def test_the_pipeline_answers(model, processor, write_video, tmp_path, monkeypatch) -> None:
    """It asks for torchvision, whose wheels do not fit every torch, and uses nothing of it."""
    monkeypatch.setattr(any_to_any, "requires_backends", lambda *_: None)
    ask = pipeline("any-to-any", model=model, processor=processor)
    path = str(write_video(tmp_path / "clip.mp4", 12))
    messages = [
        {
            "role": "user",
            "content": [{"type": "video", "url": path}, {"type": "text", "text": "What now?"}],
        }
    ]
    options = {"max_new_tokens": 5, "do_sample": False}
    inputs = processor.apply_chat_template(messages)
    expected = processor.tokenizer.decode(
        model.generate(**inputs, **options)[0, inputs["input_ids"].shape[1] :],
        skip_special_tokens=True,
    )
    (answer,) = ask(text=messages, return_full_text=False, generate_kwargs=options)
    assert answer["generated_text"] == expected
    (whole,) = ask(text=messages, generate_kwargs=options)
    assert whole["generated_text"][-1] == {"role": "assistant", "content": expected}
    (answer,) = ask(text="she laughs", videos=path, return_full_text=False, generate_kwargs=options)
    inputs = processor(text="she laughs", videos=path)
    tokens = model.generate(**inputs, **options)[0, inputs["input_ids"].shape[1] :]
    assert answer["generated_text"] == processor.tokenizer.decode(tokens, skip_special_tokens=True)


# One clip.


def test_text_alone_is_described(model, processor) -> None:
    settings = {"processor": processor, "max_new_tokens": 3, "do_sample": False}
    assert model.describe(text="hi", **settings) == model.describe({"text": "hi"}, **settings)
    with pytest.raises(ValueError, match="sample 0 is empty"):
        model.describe(**settings)


@pytest.mark.parametrize("clips", [["a.mp4", "b.mp4"], [{"text": "a"}, {"text": "b"}]])
def test_a_batch_is_no_clip(model, processor, clips) -> None:
    with pytest.raises(ValueError, match=r"one clip is described at a time: got 2, .*videos="):
        model.describe(clips, processor=processor)
