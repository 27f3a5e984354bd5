"""What an answer costs, how it ends, what it may not say, and what happens without memory."""

import json

import pytest
import torch
from chat_asks import ask, sound

from affecthub.training.asking.backends.transformers_generation import Generation


def test_tokens_read_and_written_are_counted(chat):
    backend = chat("qwen2_audio", max_new_tokens=4)
    asks = [ask("a", "Joy?"), ask("b", "Joy, or is it sadness?")]
    replies = backend.answer(asks)
    lengths = [backend.reader.inputs(each)["input_ids"].shape[1] for each in asks]
    assert [reply.n_in for reply in replies] == lengths
    assert all(reply.n_out == 4 and reply.cut for reply in replies)


def test_an_answer_ends_where_the_model_ends_it(chat):
    """The tokens that the model would write, the third of them made an end."""
    free = chat("llama", max_new_tokens=6)
    inputs = free.reader.inputs(ask("a"))
    said = free.writer.model.generate(**inputs, generation_config=free.writer.config)[0]
    said = said[inputs["input_ids"].shape[1] :].tolist()
    place = next(k for k, token in enumerate(said) if k and token not in said[:k])
    backend = chat("llama", max_new_tokens=6)
    backend.writer.ends.add(said[place])
    backend.writer.config.eos_token_id = sorted(backend.writer.ends)
    (reply,) = backend.answer([ask("a")])
    assert (reply.n_out, reply.cut) == (place, False)
    assert reply.text == backend.reader.tokenizer.decode(said[:place])


def test_media_tokens_are_never_written(chat):
    """A model that likes them best of all writes something else."""
    backend = chat("qwen2_5_omni_thinker", max_new_tokens=8)
    media = backend.writer.config.suppress_tokens
    names = ("image", "video", "audio", "vision_bos", "vision_eos", "audio_bos", "audio_eos")
    processor = backend.reader.processor
    assert media == sorted(
        processor.tokenizer.convert_tokens_to_ids(getattr(processor.tokenizer, f"{name}_token"))
        for name in names
    )
    head = backend.writer.model.lm_head

    def liking(module, inputs, output):
        output = output.clone()
        output[..., media] += 1000
        return output

    hook = head.register_forward_hook(liking)
    try:
        inputs = backend.reader.inputs(ask("a", sound=sound(1.0)))
        tokens = backend.writer.model.generate(**inputs, generation_config=backend.writer.config)
        written = tokens[0, inputs["input_ids"].shape[1] :].tolist()
        freely = backend.writer.model.generate(**inputs, max_new_tokens=1, do_sample=False)
        assert int(freely[0, -1]) in media
    finally:
        hook.remove()
    assert not {*written} & {*media}


def test_sampled_answers_depend_on_the_seed_alone(chat):
    asks = [ask("a"), ask("b", "Sadness?")]

    def said(**settings):
        return [reply.text for reply in chat("llama", **settings).answer(asks)]

    hot = {"temperature": 5.0, "max_new_tokens": 8}
    first = said(**hot, seed=1)
    torch.manual_seed(123)
    state = torch.random.get_rng_state()
    assert said(**hot, seed=1) == first
    assert torch.equal(torch.random.get_rng_state(), state), "others' random numbers are theirs"
    assert said(**hot, seed=2) != first
    names = {chat("llama", **hot, seed=seed).name for seed in (1, 2)}
    assert len(names | {chat("llama", max_new_tokens=8).name}) == 3
    assert chat("llama", **hot).name == chat("llama", **hot, seed=0).name


def test_what_a_model_ships_for_sampling_does_not_count(chat):
    """Among them the one best token alone, which would make sampling greedy without a word."""
    model = chat("llama").writer.model
    own = model.generation_config
    hot = {"temperature": 5.0, "seed": 1, "max_new_tokens": 8}
    plain, greedy = chat("llama", **hot), chat("llama", max_new_tokens=8)
    asks = [ask("a"), ask("b", "Sadness?")]
    said, best = plain.answer(asks), greedy.answer(asks)
    model.generation_config = type(own).from_dict(
        own.to_dict() | {"top_k": 1, "top_p": 0.5, "temperature": 0.1, "do_sample": True}
    )
    try:
        shipped = chat("llama", **hot)
        assert shipped.answer(asks) == said != best
        assert shipped.name == plain.name
        assert chat("llama", max_new_tokens=8).answer(asks) == best
        model.generation_config.repetition_penalty = 1.3
        assert json.loads(chat("llama").name.partition(" ")[2])["repetition_penalty"] == 1.3
    finally:
        model.generation_config = own


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seed": 1}, "got seed=1 without a temperature"),
        ({"temperature": 0.0}, "got 0.0"),
        ({"temperature": -1.0}, "got -1.0"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Generation(**settings)


@pytest.mark.parametrize("settings", [{"batch_size": 0}, {"max_new_tokens": 0}])
def test_numbers_below_one_are_refused(chat, settings):
    with pytest.raises(ValueError, match="expected numbers of at least 1"):
        chat("llama", **settings)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
    ],
)
def test_a_batch_that_does_not_fit_is_halved(chat, error):
    backend = chat("llama", batch_size=8)
    asks = [ask(str(number), "Joy?" * number) for number in range(1, 6)]
    whole = backend.answer(asks)
    model, sizes = backend.writer.model, []
    generate = model.generate

    def small(**inputs):
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 2 or inputs["input_ids"].shape[1] > len(backend.reader.prompt(asks[-1])):
            raise error
        return generate(**inputs)

    model.generate = small
    try:
        assert backend.answer(asks) == whole
        assert sizes == [5, 2, 3, 1, 2]
        sizes.clear()
        model.generate = lambda **inputs: (_ for _ in ()).throw(error)
        replies = backend.answer(asks[:2])
    finally:
        del model.generate
    assert all("out of memory for this clip alone" in reply.error for reply in replies)


def test_another_failure_is_not_taken_for_memory(chat):
    backend = chat("llama")
    model = backend.writer.model
    model.generate = lambda **inputs: (_ for _ in ()).throw(RuntimeError("shapes do not match"))
    try:
        with pytest.raises(RuntimeError, match="shapes do not match"):
            backend.answer([ask("a")])
    finally:
        del model.generate
