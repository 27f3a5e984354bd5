"""The model behind the page: asked for an answer as it comes, and what the answer rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from threading import Thread
from typing import Any

from affecthub.hub_cards.spaces.demo.clip import Clip


@dataclass(frozen=True)
class Support:
    """How much the model stands by an answer, with everything and without each modality.

    Attributes:
        whole: Probability per token of the answer, the geometric mean, in [0, 1].
        without: The same by the modality that was left out.
    """

    whole: float
    without: dict[str, float]

    @property
    def most(self) -> str | None:
        """The modality without which the answer loses most; None where none costs a hundredth."""
        if not self.without:
            return None
        name = min(self.without, key=lambda one: self.without[one])
        return name if self.whole - self.without[name] >= 0.01 else None


class Asker:
    """A loaded AffectGPT and its processor.

    Args:
        model: `AffectGPTForConditionalGeneration`, in eval mode.
        processor: Its own.
        max_new_tokens: Longest answer.
    """

    def __init__(self, model: Any, processor: Any, max_new_tokens: int = 256) -> None:
        self.model, self.processor = model, processor
        self.max_new_tokens = max_new_tokens

    @classmethod
    def load(cls, name: str, **options: Any) -> "Asker":
        """Load a model by folder or Hub id, on an accelerator where there is one.

        Raises:
            OSError: There is no such model.
        """
        import torch
        from transformers import AutoModelForMultimodalLM, AutoProcessor

        device = "cuda" if torch.cuda.is_available() else "cpu"
        model = AutoModelForMultimodalLM.from_pretrained(name, dtype="auto").to(device).eval()
        return cls(model, AutoProcessor.from_pretrained(name), **options)

    @property
    def questions(self) -> list[str]:
        """Names of the questions that can be asked without options, the default one first."""
        named = [name for name, said in self.processor.questions.items() if "{" not in said]
        return sorted(named, key=lambda name: name != self.processor.default_question)

    @property
    def sees_faces(self) -> bool:
        """Whether the model is shown faces rather than whole frames."""
        from affecthub.modeling.affectgpt.configuration_prompt import read_prompt, shown_fields

        processor = self.processor
        return "face" in shown_fields(read_prompt(processor.prompt), processor.fused_picture)

    def stream(self, clip: Clip, question: str | None = None) -> Iterator[str]:
        """The answer so far, again and again while it is generated; the last one is whole.

        Args:
            clip: What is asked about.
            question: Name of a question, or one in words; None for the model's own.

        Raises:
            ValueError: As `AffectGPTProcessor.read`.
        """
        from transformers import TextIteratorStreamer

        from affecthub.modeling.affectgpt.processing_answers import certain_part, cut_answer

        processor, model = self.processor, self.model
        inputs = processor.read(_row(clip), question).to(model.device)
        streamer = TextIteratorStreamer(
            processor.tokenizer, skip_prompt=True, skip_special_tokens=True, timeout=300
        )
        generating = _Generating(model, streamer)
        settings = {
            "max_new_tokens": self.max_new_tokens,
            **processor.stopping(model.generation_config),
        }
        thread = Thread(target=generating, kwargs={**inputs, **settings}, daemon=True)
        thread.start()
        said = shown = ""
        for piece in streamer:
            said += piece
            certain = " ".join(certain_part(said, processor.answer_end).split())
            if certain != shown:
                shown = certain
                yield shown
        thread.join()
        if generating.error is not None:
            raise generating.error
        yield " ".join(cut_answer(said, processor.answer_end).split())

    def support(self, clip: Clip, question: str | None, answer: str) -> Support | None:
        """What an answer rests on: its likelihood with all modalities and without each.

        All in one batch, a forward pass each; nothing is generated.

        Args:
            clip: With two modalities or more; else there is nothing to leave out, and None comes.
            question: As it was asked.
            answer: What the model said; empty gives None.
        """
        if len(clip.modalities) < 2 or not answer:
            return None
        whole = _row(clip)
        rows = [whole, *({**whole, name: None} for name in clip.modalities)]
        inputs = self.processor(
            text=[row["text"] for row in rows],
            videos=[row["video"] for row in rows],
            audio=[row["audio"] for row in rows],
            question=[question] * len(rows),
            answers=[answer] * len(rows),
        )
        first, *others = _per_token(self.model, inputs.to(self.model.device))
        return Support(first, dict(zip(clip.modalities, others, strict=True)))


class _Generating:
    """Generation in a thread of its own, which ends the stream whatever happens."""

    def __init__(self, model: Any, streamer: Any) -> None:
        self.model, self.streamer = model, streamer
        self.error: Exception | None = None

    def __call__(self, **arguments: Any) -> None:
        import torch

        try:
            with torch.inference_mode():
                self.model.generate(**arguments, streamer=self.streamer)
        except Exception as error:  # told by whoever reads the stream
            self.error = error
            self.streamer.end()


def _row(clip: Clip) -> dict[str, Any]:
    return {
        "audio": clip.path if clip.has_audio else None,
        "video": clip.path if clip.has_video else None,
        "text": clip.text,
    }


def _per_token(model: Any, inputs: Any) -> list[float]:
    """The geometric mean of the probabilities of each row's answer tokens."""
    import torch

    labels = inputs.pop("labels")[:, 1:]
    counts = labels != -100
    # Logits of the answers' places alone: a vocabulary is large.
    kept = counts.any(dim=0).nonzero().squeeze(1)
    with torch.inference_mode():
        logits = model(**inputs, logits_to_keep=kept).logits.float()
    labels, counts = labels[:, kept], counts[:, kept]
    likely = logits.log_softmax(-1).gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    means = (likely * counts).sum(1) / counts.sum(1)
    return [exp(float(mean)) for mean in means]
