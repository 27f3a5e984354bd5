"""Text encoders give what their layers say of each word, whatever text stands beside it."""

import pytest
import torch

# Where each class keeps its layers, and its norm after the last.
PLACES = {
    "bert": ("encoder.layer", None),
    "xlm-roberta": ("encoder.layer", None),
    "deberta": ("encoder.layer", None),
    "deberta-v2": ("encoder.layer", None),
    "bloom": ("h", "ln_f"),
    "llama": ("layers", "norm"),
    "glm": ("layers", "norm"),
    "glm-raw": ("layers", None),
}


def said(text):
    return {"id": text, "text": text}


def plain_states(encoder, name, ids):
    """The last four layers of one text alone, by listening to the layers."""
    layers, norm = PLACES[name]
    heard = []
    hooks = [
        layer.register_forward_hook(
            lambda m, i, out: heard.append(out[0] if isinstance(out, tuple) else out)
        )
        for layer in encoder.model.get_submodule(layers)[-4:]
    ]
    with torch.inference_mode():
        encoder.model(input_ids=ids[None])
        for hook in hooks:
            hook.remove()
        if norm is not None:
            heard[-1] = encoder.model.get_submodule(norm)(heard[-1])
    return torch.stack([state.reshape(len(ids), -1) for state in heard])


@pytest.mark.parametrize("name", PLACES)
def test_published_is_the_sum_of_the_last_four_of_every_word(built, sentences, name):
    encoder = built(name, "text", style="merbench")
    ids = [encoder.reader(row) for row in map(said, sentences)]
    found = encoder.steps(ids)
    special = 1 if name in ("bert", "xlm-roberta", "deberta", "deberta-v2") else 0
    for text, row, steps in zip(sentences, ids, found, strict=True):
        states = plain_states(encoder, name, row)
        expected = states.sum(dim=0)[special : len(row) - special]
        torch.testing.assert_close(steps, expected, atol=3e-5, rtol=1e-4)
        assert len(steps) == len(text.split())


def test_clean_is_the_mean_and_reads_the_text_without_tags(built, tokenizer):
    encoder = built("bert", "text")
    ids = encoder.reader({"text": "no", "text_raw": "[over/]no"})
    assert ids.tolist() == tokenizer("no")["input_ids"]
    (steps,) = encoder.steps([ids])
    expected = plain_states(encoder, "bert", ids).mean(dim=0)[1:-1]
    torch.testing.assert_close(steps, expected, atol=3e-5, rtol=1e-4)
    assert encoder.key["text"] == "text"
    tagged = built("bert", "text_raw", style="merbench")
    assert len(tagged.reader({"text": "no", "text_raw": "[over/]no"})) > len(ids)


@pytest.mark.parametrize("text", ["", "  ", None])
def test_nothing_said_is_nothing(built, text):
    assert built("bert", "text").reader({"text": text}) is None


def test_a_text_without_end_is_cut(built):
    for name, longest in (("bert", 40), ("xlm-roberta", 38)):
        encoder = built(name, "text")
        ids = encoder.reader({"text": "rain " * 100})
        assert len(ids) == longest and encoder.key["longest"] == longest
        assert len(encoder.steps([ids])[0]) == longest - 2


def test_states_before_the_norm_are_those_of_the_last_layer(built, sentences):
    encoder = built("llama", "text", layers="raw")
    ids = encoder.reader(said(sentences[0]))
    expected = plain_states(encoder, "glm-raw", ids)[-1]
    torch.testing.assert_close(encoder.steps([ids])[0], expected, atol=1e-5, rtol=1e-4)
    with pytest.raises(ValueError, match="BertModel has no final norm"):
        built("bert", "text", layers="sum_raw:4")
