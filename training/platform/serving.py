"""The server: the application on a port of this machine, media in a folder that goes with it."""

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

from affecthub.training.platform.app import LOCAL, make_app
from affecthub.training.platform.clips import Clips, Project
from affecthub.training.platform.media import MediaFiles
from affecthub.training.platform.store import Store

log = logging.getLogger(__name__)


def serve(
    store: Store,
    project: Project,
    clips: Clips,
    *,
    host: str = "127.0.0.1",
    port: int = 8123,
    names: Sequence[str] = (),
    is_https: bool = False,
) -> None:
    """Serve a project until it is stopped.

    Args:
        store: The database.
        project: What it is for.
        clips: Of the corpus.
        host: Address to listen at; other machines reach none but their own.
        port: To listen at.
        names: Names that the server is asked for under, beside those of this machine: that of a
            proxy, or of this machine in its network.
        is_https: Whether a proxy before it speaks https, so that the cookie goes over nothing else.
    """
    import uvicorn

    with tempfile.TemporaryDirectory(prefix="affecthub_annotate_") as folder:
        hosts = (*LOCAL, *names)
        app = make_app(
            store, project, MediaFiles(clips, Path(folder)), hosts=hosts, is_https=is_https
        )
        uvicorn.run(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    store.close()
