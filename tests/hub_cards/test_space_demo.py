"""What the demo's page is made of, without a browser: clips, answers, pictures, words."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from spoken_model import SAID, asker, clips, model_folder  # noqa: F401 - fixtures

from affecthub.hub_cards.spaces.demo import pictures, serve
from affecthub.hub_cards.spaces.demo.__main__ import main
from affecthub.hub_cards.spaces.demo.asking import Support
from affecthub.hub_cards.spaces.demo.clip import Clip, ClipError, Limits, read_clip
from affecthub.hub_cards.spaces.demo.examples import read_examples
from affecthub.hub_cards.spaces.demo.gpu import on_gpu
from affecthub.hub_cards.spaces.demo.labels import read_answer
from affecthub.hub_cards.spaces.demo.page import ask
from affecthub.hub_cards.spaces.demo.result import (
    Result,
    answer_html,
    seen_html,
    status_html,
    support_html,
)
from affecthub.hub_cards.spaces.demo.wheel import describe, wheel_svg
from affecthub.hub_cards.spaces.demo.words import WORDS, say

LIMITS = Limits()


def test_a_clip_is_looked_at_whole(clips):  # noqa: F811
    film = read_clip(str(clips / "clip.mp4"), "  A dead\nrat. ", LIMITS)
    assert film.modalities == ("audio", "video", "text")
    assert film.text == "A dead rat."
    assert film.duration_s == pytest.approx(2, abs=0.3)
    assert not film.is_silent
    assert read_clip(str(clips / "sound.wav"), None, LIMITS).modalities == ("audio",)
    assert read_clip(str(clips / "mute.mp4"), " ", LIMITS).modalities == ("video",)
    assert read_clip(None, "words", LIMITS) == Clip(None, "words")


@pytest.mark.parametrize(
    ("file", "text", "limits", "key"),
    [
        (None, " ", LIMITS, "error_nothing"),
        ("text.mp4", "a", LIMITS, "error_media"),
        ("empty.mp4", "a", LIMITS, "error_empty"),
        ("clip.mp4", None, Limits(seconds=1), "error_long"),
        ("sound.wav", None, Limits(seconds=1), "error_long"),
        ("clip.mp4", None, Limits(megabytes=0.001), "error_large"),
        (None, "a" * 2001, LIMITS, "error_letters"),
    ],
)
def test_a_bad_clip_is_one_line_in_both_languages(clips, file, text, limits, key):  # noqa: F811
    with pytest.raises(ClipError) as caught:
        read_clip(file and str(clips / file), text, limits)
    assert caught.value.key == key
    for language in ("en", "zh"):
        told = say(key, language, **caught.value.fields)
        assert "\n" not in told and "{" not in told
        assert file is None or file in told
        assert str(clips) not in told, "no path of the machine"


def test_an_answer_comes_bit_by_bit_and_ends_as_described(asker, clips):  # noqa: F811
    clip = read_clip(str(clips / "clip.mp4"), "A dead rat.", LIMITS)
    *parts, whole = asker.stream(clip)
    assert len(parts) >= 2
    assert all(whole.startswith(part.rstrip()) for part in parts)
    assert whole == asker.model.describe(
        clip.path, text=clip.text, processor=asker.processor, max_new_tokens=16
    )
    assert whole == SAID
    assert asker.questions == ["labels", "emotion"]


def test_support_is_the_likelihood_of_the_answer(asker, clips):  # noqa: F811
    import torch

    clip = read_clip(str(clips / "clip.mp4"), "A dead rat.", LIMITS)
    support = asker.support(clip, None, SAID)
    assert list(support.without) == ["audio", "video", "text"]
    # One by one, by the model's own loss, which is the mean of the same tokens.
    for left_out, share in {None: support.whole, **support.without}.items():
        given = {"audio": clip.path, "videos": clip.path, "text": clip.text}
        given.pop({"video": "videos"}.get(left_out, left_out), None)
        inputs = asker.processor(**given, answers=SAID)
        with torch.inference_mode():
            loss = asker.model(**inputs).loss
        assert share == pytest.approx(float(torch.exp(-loss)), abs=1e-4)
    assert asker.support(read_clip(None, "rat", LIMITS), None, SAID) is None
    assert asker.support(clip, None, "") is None


def test_what_mattered_most():
    assert Support(0.9, {"audio": 0.8, "text": 0.2}).most == "text"
    assert Support(0.9, {"audio": 0.95, "text": 0.895}).most is None
    assert Support(0.9, {}).most is None


def test_a_model_that_cannot_answer_is_told_of(asker, clips):  # noqa: F811
    clip = read_clip(str(clips / "clip.mp4"), None, LIMITS)
    (result,) = ask(asker, Result(clip), "nosuchquestion")
    assert result.error[0] == "error_model"
    assert "nosuchquestion" in status_html(result, "en")

    class Broken:
        processor, sees_faces = asker.processor, False

        def stream(self, clip, question):
            yield "joy"
            raise RuntimeError("out of memory")

    first, last = ask(Broken(), Result(clip), None)
    assert first.answer == "joy" and last.error[1] == {"reason": "out of memory"}


def test_an_error_while_generating_reaches_the_page(asker, clips, monkeypatch):  # noqa: F811
    def fail(**_):
        raise RuntimeError("no memory")

    monkeypatch.setattr(asker.model, "generate", fail)
    with pytest.raises(RuntimeError, match="no memory"):
        list(asker.stream(read_clip(None, "rat", LIMITS)))


def test_labels_are_read_from_lists_and_sentences():
    assert read_answer("joyful, proud").labels == ("joyful", "proud")
    assert read_answer("joyful, proud").sentiment == "positive"
    assert read_answer("['Angry', 'angry']").labels == ("angry",)
    assert read_answer("根据她的语气，可以推断她很焦虑。").labels == ("焦虑",)
    assert read_answer("The man seems furious; he is not happy.").sentiment == "negative"
    assert read_answer("[") == read_answer("") == read_answer("qwerty")
    assert read_answer("").sentiment is None


def svg_of(html):
    return ElementTree.fromstring(html)


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_wheel_lights_what_was_said(language):
    wheel = svg_of(wheel_svg(["furious", "calm", "qwerty"], language))
    lit = [part.get("class") for part in wheel.iter() if "lit" in (part.get("class") or "")]
    # A sector and its core with their names; neutral is a core alone.
    assert sorted(lit) == sorted(
        ["core lit", "core-name lit"] * 2 + ["sector lit", "sector-name lit"]
    )
    title, told = wheel.find(f"{SVG}title"), wheel.find(f"{SVG}desc")
    assert wheel.get("aria-labelledby").split() == [title.get("id"), told.get("id")]
    assert "furious" in told.text and "qwerty" in told.text
    assert wheel.get("role") == "img"
    words = [part.text for part in wheel.iter(f"{SVG}text")]
    assert ("mad" in words) == (language == "en") and ("愤怒" in words) == (language == "zh")


def test_the_wheel_without_words_and_with_strange_ones():
    assert not [p for p in svg_of(wheel_svg([])).iter() if "lit" in (p.get("class") or "")]
    assert "<b>" not in wheel_svg(["<b>x</b>"])
    assert describe(["sad"], "zh") == "sad：悲伤。"
    with pytest.raises(ValueError, match="unknown wheel"):
        wheel_svg(["sad"], wheel="feeling weel")


def test_a_waveform_is_as_loud_as_the_sound():
    wave = np.concatenate([np.zeros(12000), np.full(12000, 0.5)])
    bars = svg_of(pictures.waveform_svg(wave)).findall(f"{SVG}rect")
    heights = [float(bar.get("height")) for bar in bars]
    assert set(heights[: len(bars) // 2]) == {2.0}
    assert len(set(heights[len(bars) // 2 :])) == 1 and heights[-1] > 60
    assert pictures.peaks([], 4) == [] and pictures.peaks([0.0, 0.0], 4) == [0.0, 0.0]


def test_faces_are_cut_out_where_they_can_be(clips, monkeypatch):  # noqa: F811
    film = read_clip(str(clips / "clip.mp4"), None, LIMITS)
    shown = pictures.pictures_of(film)
    assert shown.frames.shape == (6, 112, 112, 3)
    assert shown.n_faces == 6
    html = pictures.strip_html(shown, "en", sees_faces=False)
    assert html.count("<img") == html.count('alt="Picture') == 6
    assert "whole frames" in html and "6 of 6" in html
    assert "looks at them" in pictures.strip_html(shown, "en", sees_faces=True)
    assert pictures.pictures_of(read_clip(str(clips / "sound.wav"), None, LIMITS)) is None
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    without = pictures.pictures_of(film)
    assert without.n_faces is None
    assert "no face detector" in pictures.strip_html(without, "en", sees_faces=False)


def test_results_escape_what_people_and_models_write():
    clip = Clip(None, "<script>x</script>")
    done = Result(clip, answer="<img src=x>", is_done=True)
    for render in (status_html, answer_html, support_html, seen_html):
        for language in ("en", "zh"):
            assert "<script" not in render(done, language)
            assert "<img" not in render(done, language)
    failed = Result().failed("error_media", name="<b>.mp4")
    assert "<b>" not in status_html(failed, "en")


def test_bars_say_what_the_answer_rests_on():
    clip = Clip("x", "words", has_audio=True, has_video=True)
    support = Support(0.9, {"audio": 0.85, "video": 0.002, "text": 0.9})
    done = Result(clip, answer="joy", is_done=True, support=support)
    html = support_html(done, "en")
    assert "rests most on the picture" in html
    assert re.findall(r'class="value">([^<]+)<', html) == ["90 %", "85 %", "&lt; 1 %", "90 %"]
    assert "画面" in support_html(done, "zh")
    assert "the words alone" in support_html(
        replace(done, clip=Clip(None, "w"), support=None), "en"
    )


def test_every_text_is_there_in_both_languages():
    fields = {key: [set(re.findall(r"{(\w+)}", text)) for text in said.values()]
              for key, said in WORDS.items()}  # fmt: skip
    assert [key for key, (one, other) in fields.items() if one != other] == []


def test_elsewhere_than_on_zero_gpu_nothing_changes(monkeypatch):
    assert on_gpu(len) is len
    from types import SimpleNamespace

    from affecthub.hub_cards.spaces.demo import gpu

    lent = SimpleNamespace(GPU=lambda duration: lambda function: (duration, function))
    monkeypatch.setattr(gpu, "find_spec", lambda name: SimpleNamespace(origin=None))
    assert on_gpu(len) is len, "a folder of the name is not the package"
    monkeypatch.setattr(gpu, "find_spec", lambda name: SimpleNamespace(origin="spaces.py"))
    monkeypatch.setattr(gpu, "import_module", {"spaces": lent}.get)
    assert on_gpu(len, 30) == (30, len)


def test_examples_stay_in_their_folder(tmp_path):
    assert read_examples(None) == []
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mp4").write_bytes(b"x")
    (tmp_path / "b.mp4").write_bytes(b"x")
    listed = tmp_path / "in" / "examples.json"
    listed.write_text('[{"file": "a.mp4", "text": "Hello."}]')
    assert [example.text for example in read_examples(tmp_path / "in")] == ["Hello."]
    listed.write_text('[{"file": "../b.mp4", "text": ""}]')
    with pytest.raises(ValueError, match="expected a file of the folder"):
        read_examples(tmp_path / "in")
    listed.write_text('[{"file": "c.mp4", "text": ""}]')
    with pytest.raises(FileNotFoundError, match=r"c\.mp4"):
        read_examples(tmp_path / "in")


def test_without_a_model_the_way_to_one_is_told(monkeypatch, capsys):
    monkeypatch.delenv("AFFECTHUB_MODEL", raising=False)
    with pytest.raises(ValueError, match="AFFECTHUB_MODEL"):
        serve()
    assert main(["--model", "/nowhere/at/all"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: ") and said.count("\n") == 1
