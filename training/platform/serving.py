"""The server: the application on a port of this machine, media in a folder that goes with it."""

import logging
import socket
import tempfile
from collections.abc import Sequence
from contextlib import suppress
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
    listening: socket.socket,
    *,
    names: Sequence[str] = (),
    is_https: bool = False,
) -> None:
    """Serve a project until it is stopped.

    Args:
        store: The database.
        project: What it is for.
        clips: Of the corpus.
        listening: What `listen` opened; it is closed at the end.
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
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        with listening, suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
    store.close()


def listen(host: str = "127.0.0.1", port: int = 8123) -> socket.socket:
    """Open an address for `serve`.

    Args:
        host: Address; other machines reach none but their own.
        port: 0 for a free one.

    Raises:
        OSError: It cannot be opened, for another program is there as a rule.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise OSError(
            f"http://{host}:{port} cannot be opened: got {error}, expected an address of this "
            "machine and a port that is free. Give another `--port`, or stop what is there."
        ) from error
