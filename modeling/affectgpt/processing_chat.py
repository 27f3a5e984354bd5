"""The processor's way in for chat messages."""

from collections.abc import Mapping, Sequence
from typing import Any

from .processing_messages import assistant_masks, read_conversations


class ChatReader:
    """What a processor needs to take chat messages; it stands before transformers' own class."""

    tokenizer: Any
    __call__: Any

    def apply_chat_template(
        self,
        conversation: Sequence[Any],
        chat_template: str | None = None,
        *,
        tokenize: bool = True,
        return_dict: bool = True,
        load_audio_from_video: bool = False,
        add_generation_prompt: bool = True,
        continue_final_message: bool = False,
        return_assistant_tokens_mask: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Turn chat messages into one batch; the wording stays that of the configuration.

        Args:
            conversation: Messages of one conversation, or a list of conversations; see
                :func:`processing_messages.read_conversation`.
            chat_template: Not supported: the prompt is the configuration's.
            tokenize: False gives the prompts as text.
            return_dict: False gives ``input_ids`` alone.
            load_audio_from_video: See :func:`processing_messages.read_conversations`.
            add_generation_prompt: Has no effect: a prompt ends where the answer begins.
            continue_final_message: Whether the assistant's message is the beginning of an answer,
                and not one to learn.
            return_assistant_tokens_mask: Whether to add ``assistant_masks`` ``(batch, sequence)``
                int64: 1 where an answer is learnt.
            **kwargs: Handed to :meth:`__call__`.

        Raises:
            TypeError: As :meth:`__call__`.
            ValueError: As :func:`processing_messages.read_conversation` and :meth:`__call__`.

        Example:
            processor.apply_chat_template(
                [{"role": "user", "content": [
                    {"type": "video", "path": "clip.mp4"},
                    {"type": "text", "text": "What does she feel?"},
                ]}]
            )
        """
        if chat_template is not None:
            raise ValueError(
                "a chat template has no effect here: got one, expected None. Set `prompt` in the "
                "configuration."
            )
        many = bool(conversation) and not isinstance(conversation[0], Mapping)
        arguments = read_conversations(
            conversation if many else [conversation], load_audio_from_video
        )
        if continue_final_message and "answers" in arguments:
            arguments["answer_start"] = arguments.pop("answers")
        inputs = self(**arguments, **kwargs)
        if not tokenize:
            texts = [
                self.tokenizer.decode([i for i, kept in zip(*row, strict=True) if kept])
                for row in zip(inputs["input_ids"], inputs["attention_mask"], strict=True)
            ]
            return texts if many else texts[0]
        if return_assistant_tokens_mask:
            inputs["assistant_masks"] = assistant_masks(inputs)
        return inputs if return_dict else inputs["input_ids"]
