"""Archives on their way from and to a person's own computer."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.jobs.model import ENDED
from jupyter_envmgr.server.app import EnvMgrApp
from jupyter_envmgr.server.requests import LARGEST_BODY
from jupyter_envmgr.service.archives import uploads
from jupyter_envmgr.service.archives.packed import PIECE
from tests.server.conftest import Answer, Ask

CONTENT = os.urandom(3 * PIECE + 17)

Pack = Callable[..., str]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A file that stands for an archive: what is sent are its bytes, whatever they are."""
    path = tmp_path / "données 1.tar.gz"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def pack(app: EnvMgrApp, archive: Path) -> Pack:
    """A job that ends as one that has packed the archive; its id."""

    def pack(operation: str = "archives.export", **more: str) -> str:
        result = {
            "path": str(archive),
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "size": str(len(CONTENT)),
            "modified": str(archive.stat().st_mtime_ns),
            **more,
        }
        jobs = app.door.context.jobs
        job = jobs.start(operation, "training", "Pack training", lambda running: result)
        seq = 0
        while (answer := jobs.wait(job.id, seq, 20)).job.state not in ENDED:
            seq = answer.events[-1].seq
        return job.id

    return pack


async def test_an_archive_is_sent_whole_under_its_name(ask: Ask, pack: Pack) -> None:
    answer = await ask("GET", f"/jobs/{pack()}/archive")
    assert answer.status == 200
    assert answer.body == CONTENT
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    name = "attachment; filename*=UTF-8''donn%C3%A9es%201.tar.gz"
    assert answer.headers["Content-Disposition"] == name


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-", 100, len(CONTENT)),
        (f"bytes={PIECE - 1}-{PIECE}", PIECE - 1, PIECE + 1),
        ("bytes=-17", len(CONTENT) - 17, len(CONTENT)),
        (f"bytes=5-{10**15}", 5, len(CONTENT)),
    ],
)
async def test_a_part_is_sent_to_who_goes_on_with_a_download(
    ask: Ask, pack: Pack, jp_auth_header: dict[str, str], asked: str, start: int, end: int
) -> None:
    path = f"/jobs/{pack()}/archive"
    answer = await ask("GET", path, headers={**jp_auth_header, "Range": asked})
    assert answer.status == 206
    assert answer.body == CONTENT[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"
    tag = answer.headers["ETag"]
    again = {**jp_auth_header, "Range": asked, "If-Range": tag}
    assert (await ask("GET", path, headers=again)).status == 206
    # It began with another file: all of this one is sent.
    other = {**jp_auth_header, "Range": asked, "If-Range": '"other"'}
    assert (await ask("GET", path, headers=other)).body == CONTENT


@pytest.mark.parametrize("asked", ["bytes=0-1,5-9", "bytes=-", "lines=1-2", "bytes=a-b", "bytes"])
async def test_a_range_that_is_not_understood_is_all(
    ask: Ask, pack: Pack, jp_auth_header: dict[str, str], asked: str
) -> None:
    headers = {**jp_auth_header, "Range": asked}
    answer = await ask("GET", f"/jobs/{pack()}/archive", headers=headers)
    assert (answer.status, len(answer.body)) == (200, len(CONTENT))


@pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=9-5", "bytes=-0"])
async def test_a_range_that_cannot_be_had_is_refused(
    ask: Ask, pack: Pack, jp_auth_header: dict[str, str], asked: str
) -> None:
    headers = {**jp_auth_header, "Range": asked}
    answer = await ask("GET", f"/jobs/{pack()}/archive", headers=headers)
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"


async def test_only_what_was_packed_is_sent(ask: Ask, pack: Pack, archive: Path) -> None:
    job = pack()

    async def code() -> tuple[int, str]:
        answer = await ask("GET", f"/jobs/{job}/archive")
        return answer.status, answer.json["code"]

    # Somebody has put as many other bytes there.
    archive.write_bytes(bytes(len(CONTENT)))
    assert await code() == (409, "archive-changed")
    archive.write_bytes(CONTENT[:-1])
    assert await code() == (409, "archive-changed")
    aside = archive.with_name("aside")
    archive.rename(aside)
    assert await code() == (404, "no-such-archive")
    archive.symlink_to("/etc/hostname")
    assert (await code())[0] >= 400
    archive.unlink()
    archive.mkdir()
    assert (await code())[0] >= 400
    archive.rmdir()
    os.mkfifo(archive)
    assert (await code())[0] >= 400
    archive.unlink()
    # It was copied back, which its time tells, and is the very same.
    archive.write_bytes(CONTENT)
    assert (await ask("GET", f"/jobs/{job}/archive")).body == CONTENT


async def test_a_change_that_hides_breaks_the_download_off(
    ask: Ask, pack: Pack, archive: Path
) -> None:
    time = archive.stat().st_mtime_ns
    archive.write_bytes(CONTENT[:-1] + b"?")
    os.utime(archive, ns=(time, time))
    job = pack(modified=str(time))
    with pytest.raises(Exception, match="closed"):
        await ask("GET", f"/jobs/{job}/archive")


@pytest.mark.parametrize("operation", ["environments.create", "archives.import"])
async def test_another_jobs_result_is_no_archive(ask: Ask, pack: Pack, operation: str) -> None:
    answer = await ask("GET", f"/jobs/{pack(operation)}/archive")
    assert (answer.status, answer.json["code"]) == (404, "no-such-archive")


@pytest.mark.parametrize("job", ["nothing", "..%2F..%2Fetc%2Fpasswd", "%00", "a" * 300])
async def test_what_is_no_job_has_no_archive(ask: Ask, job: str) -> None:
    answer = await ask("GET", f"/jobs/{job}/archive")
    assert (answer.status, answer.json["code"]) == (404, "no-such-job")


async def test_another_site_cannot_get_a_download_going(
    ask: Ask,
    app: EnvMgrApp,
    pack: Pack,
    http_server_client: Any,
    http_server_port: tuple[Any, int],
    jp_base_url: str,
) -> None:
    assert app.serverapp
    login = await http_server_client.fetch(
        f"{jp_base_url}login?token={app.serverapp.identity_provider.token}",
        follow_redirects=False,
        raise_error=False,
    )
    cookies = "; ".join(c.split(";")[0] for c in login.headers.get_list("Set-Cookie"))
    path = f"/jobs/{pack()}/archive"
    for more in ({}, {"Referer": "http://elsewhere.example/"}):
        assert (await ask("GET", path, headers={"Cookie": cookies, **more})).status == 403
    own = {"Referer": f"http://127.0.0.1:{http_server_port[1]}/lab"}
    assert (await ask("GET", path, headers={"Cookie": cookies, **own})).status == 200


async def test_who_finds_it_among_jupyters_files_is_told_where(
    ask: Ask, app: EnvMgrApp, pack: Pack, archive: Path, jp_root_dir: Path, jp_base_url: str
) -> None:
    outside = await ask("GET", f"/jobs/{pack()}/archive")
    assert "Content-Location" not in outside.headers
    for directory, is_told in (("a b", True), (".hidden", False)):
        (jp_root_dir / directory).mkdir()
        here = shutil.copy2(archive, jp_root_dir / directory)
        answer = await ask("GET", f"/jobs/{pack(path=str(here))}/archive")
        address = f"{jp_base_url}files/a%20b/donn%C3%A9es%201.tar.gz"
        assert answer.headers.get("Content-Location") == (address if is_told else None)


async def test_pages_are_told_the_root_of_the_file_browser(app: EnvMgrApp) -> None:
    assert app.serverapp
    settings = app.serverapp.web_app.settings
    assert settings["page_config_data"]["envmgrRoot"] == settings["server_root_dir"] != ""


async def begin(ask: Ask, name: str = "training.tar.gz", size: int = len(CONTENT)) -> Answer:
    return await ask("POST", "/uploads", {"name": name, "size": size})


def place(app: EnvMgrApp) -> Path:
    return app.door.context.settings.cache / "uploads"


async def test_an_archive_arrives_in_pieces_and_is_removed_on_demand(
    ask: Ask, app: EnvMgrApp
) -> None:
    begun = await begin(ask)
    assert begun.status == 201
    address = f"/uploads/{begun.json['id']}"
    path = Path(begun.json["path"])
    assert (path.name, path.stat().st_mode & 0o777) == ("training.tar.gz", 0o600)
    for start in range(0, len(CONTENT), PIECE):
        piece = CONTENT[start : start + PIECE]
        sent = await ask("PUT", address, piece, offset=start)
        assert sent.json["received"] == start + len(piece)
        # Sent once more, because the answer was lost: nothing changes, and one knows how far it is.
        again = await ask("PUT", address, piece, offset=start)
        assert again.json["received"] == start + len(piece)
    assert path.read_bytes() == CONTENT
    more = await ask("PUT", address, b"more", offset=len(CONTENT))
    assert more.json["received"] == len(CONTENT)
    assert (await ask("DELETE", address)).status == 200
    assert list(place(app).iterdir()) == []
    assert (await ask("DELETE", address)).json["code"] == "no-such-upload"
    assert (await ask("PUT", address, b"x", offset=0)).json["code"] == "no-such-upload"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "training.zip", "size": 5}, "bad-path"),
        ({"name": "../training.tar.gz", "size": 5}, "bad-path"),
        ({"name": "a\nb.tar.gz", "size": 5}, "bad-path"),
        ({"name": "é" * 150 + ".tar.gz", "size": 5}, "bad-path"),
        ({"name": "training.tar.gz", "size": 0}, "bad-request"),
        ({"name": "training.tar.gz", "size": -1}, "bad-request"),
        ({"name": "training.tar.gz", "size": "5"}, "bad-request"),
        ({"name": "training.tar.gz"}, "bad-request"),
        ({"name": "training.tar.gz", "size": 10**14}, "disk-full"),
        ({"name": "training.tar.gz", "size": 10**18}, "disk-full"),
        ([], "bad-request"),
    ],
)
async def test_what_cannot_be_uploaded_is_refused_before_it_is_sent(
    ask: Ask, app: EnvMgrApp, body: Any, code: str
) -> None:
    answer = await ask("POST", "/uploads", body)
    assert answer.json["code"] == code
    assert not place(app).exists() or list(place(app).iterdir()) == []


@pytest.mark.parametrize("offset", ["", "-1", "x", "1e3"])
async def test_a_piece_says_where_it_begins(ask: Ask, offset: str) -> None:
    begun = (await begin(ask)).json
    answer = await ask("PUT", f"/uploads/{begun['id']}?offset={offset}", b"x")
    assert (answer.status, answer.json["code"]) == (422, "bad-request")
    too_large = await ask("PUT", f"/uploads/{begun['id']}?offset=0", bytes(LARGEST_BODY + 1))
    assert too_large.json["code"] == "too-large"


@pytest.mark.parametrize("identifier", ["..", "%2E%2E%2Fjobs", "0" * 16, "0" * 16 + "-5", "x%00"])
async def test_nothing_but_an_upload_is_written_or_removed(ask: Ask, identifier: str) -> None:
    for method in ("PUT", "DELETE"):
        answer = await ask(method, f"/uploads/{identifier}?offset=0", b"x")
        assert (answer.status, answer.json["code"]) in (
            (404, "no-such-upload"),
            (404, "no-such-page"),
        )


async def test_an_upload_that_nobody_takes_goes_after_a_day(ask: Ask, app: EnvMgrApp) -> None:
    old, young = [Path((await begin(ask)).json["path"]) for _ in range(2)]
    before = old.stat().st_mtime - 25 * 3600
    os.utime(old, (before, before))
    assert (await begin(ask)).status == 201
    assert not old.parent.exists()
    assert young.exists()


async def test_an_archive_that_was_not_uploaded_is_never_forgotten(
    ask: Ask, app: EnvMgrApp, archive: Path
) -> None:
    context = app.door.context
    begun = (await begin(ask)).json
    uploads.forget(context.settings, str(archive))
    assert archive.exists()
    uploads.forget(context.settings, begun["path"])
    assert not Path(begun["path"]).parent.exists()


def test_the_answer_is_what_the_page_reads(app: EnvMgrApp) -> None:
    upload = uploads.begin(app.door.context, uploads.UploadRequest("a.tar", 5))
    assert json.loads(json.dumps(vars(upload))) == {
        "id": upload.id,
        "path": str(place(app) / upload.id / "a.tar"),
        "size": 5,
        "received": 0,
    }
