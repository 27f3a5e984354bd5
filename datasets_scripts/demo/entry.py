"""What Synthetic demo corpus says of itself."""

from affecthub.entries import Entry
from affecthub.labels import BASIC7

ENTRY = Entry(
    name="demo",
    title="Synthetic demo corpus: 12 invented speakers, audio, video and text",
    builder="affecthub.datasets_scripts.demo.builder:DemoBuilder",
    languages=("en",),
    n_rows=None,
    licence="Apache-2.0",
    may_redistribute=True,
    how_to_get="Generated on your machine: affecthub.datasets_scripts.demo.generate.",
    labels=BASIC7,
    files=r"(^|/)(audio|video)/S\d\d/S\d\d_\d{3}\.(wav|mp4)$",
    gets_right="invented speakers, made on the spot; a clip needs all three modalities",
)
