"""The commands of ``affecthub convert``: released checkpoints into models of this package."""

import logging
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from affecthub.cli.checks import require_file, require_folder
from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.errors import require_extras

convert = typer.Typer(help="Released checkpoints into models to load.", no_args_is_help=True)


class Form(StrEnum):
    """What is written."""

    adapter = "adapter"
    merged = "merged"


class Dtype(StrEnum):
    """Of the towers and the language model."""

    auto = "auto"
    bfloat16 = "bfloat16"
    float16 = "float16"
    float32 = "float32"


class Released(StrEnum):
    """Encoders that no class of transformers reads as they were released."""

    chatglm2 = "chatglm2"
    baichuan = "baichuan"
    vicuna = "vicuna"


@convert.command("affectgpt")
def convert_affectgpt(
    checkpoints: Annotated[
        list[Path], typer.Argument(help="The .pth, or several in the order they are loaded.")
    ],
    out: Annotated[Path, typer.Option(help="New folder to write.")],
    prompt: Annotated[
        Path, typer.Option(help="YAML with the parts of the prompt it was trained with.")
    ],
    base: Annotated[
        str, typer.Option(help="Language model, folder or Hub id.")
    ] = "Qwen/Qwen2.5-7B-Instruct",
    vision: Annotated[
        str, typer.Option(help="Vision tower, folder or Hub id.")
    ] = "openai/clip-vit-large-patch14",
    audio: Annotated[
        str, typer.Option(help="Audio tower, folder or Hub id.")
    ] = "TencentGameMate/chinese-hubert-large",
    form: Annotated[
        Form, typer.Option(help="Adapters that are put on the three models, or one whole model.")
    ] = Form.adapter,
    faces: Annotated[
        bool | None,
        typer.Option("--faces/--frames", help="What it looks at; by default as it was trained."),
    ] = None,
    dtype: Annotated[
        Dtype, typer.Option(help="Of a whole model; auto keeps each part's own.")
    ] = Dtype.auto,
    keep_unused: Annotated[
        bool, typer.Option("--keep-unused", help="Keep tensors without a place in their own file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Convert an official AffectGPT checkpoint; every key must have its place, and be there."""
    for checkpoint in checkpoints:
        require_file(checkpoint, "checkpoint")
    require_file(prompt, "prompt file")
    require_extras("model", purpose="convert a checkpoint")
    # Where bitsandbytes is installed, peft imports it, and it asks for kernels that few need.
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
    from affecthub.hub_cards.models import write_conversion, write_model_card
    from affecthub.modeling.affectgpt.convert_affectgpt import convert_checkpoint

    done = convert_checkpoint(
        checkpoints,
        out,
        prompt_file=prompt,
        vision=vision,
        audio=audio,
        text=base,
        form=form.value,
        pictures={None: None, True: "faces", False: "frames"}[faces],
        dtype=dtype.value,
        keep_unused=keep_unused,
    )
    bases = {"vision": vision, "audio": audio, "text": base}
    write_conversion(
        done.out_dir,
        checkpoints=[path.name for path in checkpoints],
        bases=bases,
        form=done.form,
        notes=done.notes,
    )
    write_model_card(done.out_dir)
    pooling = {key: value for key, value in done.fields.items() if isinstance(value, str)}
    facts = {
        **pooling,
        "rank": done.rank,
        "alpha": done.alpha,
        "tensors": done.n_tensors,
        "parameters": done.n_parameters,
    }
    if as_json:
        more = {"unused": done.unused, "notes": done.notes}
        print_json({"out": done.out_dir, "form": done.form, **facts, **more})
        return
    print_table(["AffectGPT", done.form], facts.items())
    for note in done.notes:
        console.print(note)
    console.print(
        f"Written to {done.out_dir}; affecthub predict CLIP --model {done.out_dir} asks it.",
        soft_wrap=True,
    )


@convert.command("encoder")
def convert_encoder(
    form: Annotated[Released, typer.Argument(help="What was released.")],
    source: Annotated[str, typer.Argument(help="Folder or Hub id of it; of Vicuna, its delta.")],
    out: Annotated[Path, typer.Option(help="New folder to write.")],
    base: Annotated[
        Path | None, typer.Option(help="Of Vicuna: the folder of LLaMA-1 of the same size.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Convert an encoder of text for `affecthub features --encoder`; none of its code is run."""
    if (form is Released.vicuna) != (base is not None):
        raise ValueError(
            f"`--base`: got {base}, expected the folder of LLaMA-1 for vicuna, and none otherwise"
        )
    if base is not None:
        require_folder(base, "`--base`")
    require_extras("model", purpose="convert an encoder")
    if base is not None:
        from affecthub.training.features.encoders.vicuna import add_delta

        done = add_delta(base, source, out)
    else:
        from affecthub.training.features.encoders.converting import convert_folder

        done = convert_folder(source, out)
    if as_json:
        print_json({"out": done, "form": form.value})
        return
    console.print(
        f"Written to {done}; affecthub features CORPUS --encoder {done} uses it.", soft_wrap=True
    )
