"""The web application: addresses, who may ask for them, and what they answer."""

import logging
from collections.abc import Sequence
from importlib.resources import files
from typing import Annotated, Any, Literal

from fastapi import Body, Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

from affecthub.training.platform.clips import Project
from affecthub.training.platform.counting import Agreement, progress_of
from affecthub.training.platform.guarding import Attempts, Guard
from affecthub.training.platform.media import MediaFiles, NotShownError
from affecthub.training.platform.people import (
    SESSION_S,
    Person,
    begin_session,
    end_session,
    person_of_session,
    person_of_token,
)
from affecthub.training.platform.refusals import NotYoursError, RefusalError
from affecthub.training.platform.reviewing import (
    Decision,
    keep_decision,
    review_queue,
    review_sheet,
)
from affecthub.training.platform.store import Store
from affecthub.training.platform.voting import Vote, keep_vote
from affecthub.training.platform.working import last_answered, may_see, next_piece, piece_again

log = logging.getLogger(__name__)

COOKIE = "affecthub_session"
LOCAL = ("127.0.0.1", "localhost", "::1", "[::1]")
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_Number = Annotated[int, Field(ge=0, lt=2**31)]
_Modality = Literal["text", "sound", "silent", "film"]
_Answer = Annotated[dict[str, Any], Field(max_length=50)]
_Names = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]
# PostgreSQL keeps no text with the character 0.
_NO_NUL = r"^[^\x00]*$"
_Note = Annotated[str, Field(max_length=500, pattern=_NO_NUL)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Login(_Strict):
    token: Annotated[str, Field(max_length=200, pattern=_NO_NUL)]


class _Place(_Strict):
    item: _Number
    modality: _Modality


class _Vote(_Place):
    round: _Number
    version: _Number
    key: Annotated[str, Field(min_length=8, max_length=64, pattern=_NO_NUL)]
    answer: _Answer
    confirmed: _Names = []
    note: _Note = ""
    seconds: Annotated[float, Field(ge=0, le=86_400)] | None = None


class _Decision(_Place):
    version: _Number
    action: Literal["decide", "negotiate"]
    answer: _Answer | None = None
    confirmed: _Names = []
    note: _Note = ""


def make_app(
    store: Store,
    project: Project,
    media: MediaFiles,
    *,
    hosts: Sequence[str] = LOCAL,
    is_https: bool = False,
) -> FastAPI:
    """The application.

    Nothing but the page's own files and the sign-in is answered without a token or a session. A
    token is sent once, in the body of the sign-in, or by programs as ``Authorization: Bearer``.

    Args:
        store: The database.
        project: What it is for.
        media: Of the clips.
        hosts: Names under which the server may be asked for; others are refused, so that no page
            of another site can reach it by a name of its own.
        is_https: Whether it is reached by https alone, so that the cookie is sent by nothing else.

    Returns:
        An ASGI application.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(Guard)
    attempts, agreement, page = Attempts(), Agreement(store, project), _page()

    @app.exception_handler(RefusalError)
    def refused(_: Request, refusal: RefusalError) -> JSONResponse:
        return JSONResponse({"why": refusal.why, **refusal.more}, refusal.status)

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        # Without what was sent: it may hold a token.
        faults = [{"where": each["loc"], "fault": each["msg"]} for each in error.errors()]
        return JSONResponse({"why": "malformed", "faults": faults}, 422)

    def whoever(request: Request) -> Person | None:
        where = request.client.host if request.client else ""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        session = request.cookies.get(COOKIE, "")
        person = None
        if scheme.lower() == "bearer":
            _require_patience(attempts, where)
            with store.reading() as connection:
                person = person_of_token(connection, token.strip())
            if person is None:
                attempts.fail(where)
        elif session:
            with store.reading() as connection:
                person = person_of_session(connection, session)
        return person

    def signed_in(person: Annotated[Person | None, Depends(whoever)]) -> Person:
        if person is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return person

    def annotating(person: Annotated[Person, Depends(signed_in)]) -> Person:
        if person.role != "annotator":
            raise HTTPException(403)
        return person

    def reviewing(person: Annotated[Person, Depends(signed_in)]) -> Person:
        if person.role != "reviewer":
            raise HTTPException(403)
        return person

    SignedIn = Annotated[Person, Depends(signed_in)]  # noqa: N806 - types of parameters
    Annotator = Annotated[Person, Depends(annotating)]  # noqa: N806
    Reviewer = Annotated[Person, Depends(reviewing)]  # noqa: N806

    @app.post("/api/login")
    def login(request: Request, response: Response, sent: Annotated[_Login, Body()]) -> Any:
        where = request.client.host if request.client else ""
        _require_patience(attempts, where)
        with store.reading() as connection:
            person = person_of_token(connection, sent.token.strip())
        if person is None:
            attempts.fail(where)
            raise HTTPException(401)
        with store.writing() as connection:
            secret = begin_session(connection, person)
        response.set_cookie(
            COOKIE,
            secret,
            max_age=SESSION_S,
            httponly=True,
            samesite="strict",
            secure=is_https,
            path="/",
        )
        return {"name": person.name, "role": person.role}

    @app.post("/api/logout")
    def logout(request: Request, response: Response, person: SignedIn) -> dict[str, bool]:
        with store.writing() as connection:
            end_session(connection, request.cookies.get(COOKIE, ""))
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return {"done": True}

    @app.get("/api/me")
    def me(person: Annotated[Person | None, Depends(whoever)]) -> dict[str, str | None]:
        # Nobody is an answer too: the page asks before it shows the door.
        return (
            {"name": person.name, "role": person.role} if person else {"name": None, "role": None}
        )

    @app.get("/api/task")
    def task(person: SignedIn) -> dict[str, Any]:
        return {"corpus": project.title, **project.task.to_dict()}

    @app.post("/api/work/next")
    def work_next(person: Annotator) -> dict[str, Any]:
        return next_piece(store, project, person)

    @app.post("/api/work/again")
    def work_again(person: Annotator, sent: Annotated[_Place, Body()]) -> dict[str, Any]:
        return piece_again(store, project, person, sent.item, sent.modality)

    @app.post("/api/work/last")
    def work_last(person: Annotator) -> dict[str, Any]:
        found = last_answered(store, person)
        if found is None:
            raise NotYoursError("nothing_before")
        return piece_again(store, project, person, *found)

    @app.post("/api/votes", status_code=201)
    def vote(person: Annotator, sent: Annotated[_Vote, Body()]) -> dict[str, int]:
        return {"version": keep_vote(store, project, person, Vote(**sent.model_dump()))}

    @app.get("/api/review")
    def queue(person: Reviewer, status: str = "review") -> dict[str, Any]:
        try:
            return review_queue(store, status)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None

    @app.get("/api/review/{item}/{modality}")
    def sheet(person: Reviewer, item: _Number, modality: _Modality) -> dict[str, Any]:
        return review_sheet(store, project, person, item, modality)

    @app.post("/api/decisions", status_code=201)
    def decide(person: Reviewer, sent: Annotated[_Decision, Body()]) -> dict[str, int]:
        decision = Decision(**sent.model_dump())
        return {"version": keep_decision(store, project, person, decision)}

    @app.get("/api/progress")
    def progress(person: SignedIn) -> dict[str, Any]:
        found = progress_of(store, project)
        if person.role != "reviewer":
            found["people"] = [each for each in found["people"] if each["name"] == person.name]
        return found

    @app.get("/api/agreement")
    def agree(person: Reviewer) -> list[dict[str, Any]]:
        return agreement.now()

    @app.get("/media/{item}/{modality}")
    def film(person: SignedIn, item: _Number, modality: _Modality) -> FileResponse:
        with store.reading() as connection:
            if not may_see(connection, person, item, modality):
                raise NotYoursError("not_yours")
        try:
            path, kind = media.file(item, modality)
        except NotShownError as error:
            log.error("not shown: %s", error)
            raise NotYoursError("not_shown") from None
        return FileResponse(path, media_type=kind)

    @app.get("/{name:path}")
    def own(name: str) -> Response:
        if name not in page:
            raise HTTPException(404)
        kind, content = page[name]
        return Response(content, media_type=kind)

    return app


def _require_patience(attempts: Attempts, where: str) -> None:
    if wait_s := attempts.wait_s(where):
        raise HTTPException(429, headers={"Retry-After": str(wait_s)})


def _page() -> dict[str, tuple[str, bytes]]:
    """The page's own files by the names that they are asked for; there are no others."""
    folder = files("affecthub.training.platform") / "page"
    found = {}
    for inner, prefix in ((folder, ""), (folder / "words", "words/")):
        for each in inner.iterdir():
            suffix = each.name[each.name.rfind(".") :]
            if each.is_file() and suffix in _KINDS:
                found[prefix + each.name] = (_KINDS[suffix], each.read_bytes())
    return {**found, "": found["index.html"]} if "index.html" in found else found
