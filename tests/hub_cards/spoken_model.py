"""A small model that has learned to say one thing of every clip, and clips to ask it about."""

from pathlib import Path

import pytest

SAID = "joyful, proud"


@pytest.fixture(scope="session")
def clips(tmp_path_factory) -> Path:
    """A folder with a clip, its sound alone, its picture alone, and files that are none."""
    import av

    from affecthub.datasets_scripts.demo.generate import plan_clips, render_clip
    from affecthub.media import cut_sound

    folder = tmp_path_factory.mktemp("clips")
    clip = plan_clips(1, 1, 0)[0]
    for kind in ("audio", "video"):
        (folder / kind / clip.speaker_id).mkdir(parents=True)
    render_clip(clip, 0, folder)
    film = (folder / clip.video).read_bytes()
    (folder / "clip.mp4").write_bytes(film)
    (folder / "sound.wav").write_bytes(cut_sound(film))
    (folder / "text.mp4").write_text("This is no film.")
    (folder / "empty.mp4").write_bytes(b"")
    with (
        av.open(str(folder / "clip.mp4")) as source,
        av.open(str(folder / "mute.mp4"), "w") as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory, clips) -> Path:
    """The model, saved with its processor."""
    import torch

    from affecthub.training.model import from_scratch
    from affecthub.training.recipe_parts import ScratchRecipe

    torch.manual_seed(0)
    config = {
        "prompt": ["{fused}", "{audio}", "{video}", " {text}", "{question}"],
        "questions": {"labels": "?", "emotion": "which?"},
        "default_question": "labels",
        "text_config": {"hidden_size": 64, "intermediate_size": 128},
    }
    scratch = ScratchRecipe(vocab_size=280, config=config)
    model, processor = from_scratch(scratch, [SAID, "a dead rat"], freeze_towers=True)
    film = str(clips / "clip.mp4")
    inputs = processor(
        text=["A dead rat.", None, "A dead rat."],
        videos=[film, film, None],
        audio=[film, film, None],
        answers=[SAID] * 3,
    )
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    model.train()
    for _ in range(60):
        loss = model(**inputs).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        if loss.item() < 0.05:
            break
    assert loss.item() < 0.05, "it has not learned to say it"
    folder = tmp_path_factory.mktemp("spoken") / "small-affectgpt"
    model.eval().save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def asker(model_folder):
    from affecthub.hub_cards.spaces.demo.asking import Asker

    return Asker.load(str(model_folder), max_new_tokens=16)
