"""What cannot be packed is refused, what is in the way stays, and a cancel leaves nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.model import ExportRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.context import Context
from tests.service.archives.bench import here, request_for
from tests.service.conftest import ended


def test_a_cancelled_export_leaves_nothing(packable: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    with here(tmp_path, packable) as context:
        request = request_for(context, packable, target / "net.tar.gz")
        job = archives.export(context, request)
        seq = 0
        while not any(target.iterdir()):
            answer = context.jobs.wait(job.id, seq, 30)
            assert answer.job.state in ("queued", "running")
            seq = answer.events[-1].seq if answer.events else seq
        context.jobs.cancel(job.id)
        assert ended(context, job).state == "cancelled"
    assert list(target.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("net.tar.gz", "bad-path"),
        ("/no/such/directory/net.tar.gz", "bad-path"),
        ("{out}/net.zip", "bad-path"),
        ("{out}/there.tar.gz", "file-exists"),
        ("{prefix}/lib/net.tar.gz", "bad-path"),
        ("{out}/a\nb.tar.gz", "bad-path"),
        ("", "bad-path"),
    ],
)
def test_a_bad_target_is_refused_by_its_field(
    path: str, code: str, packable: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "there.tar.gz").write_text("precious")
    with here(tmp_path, packable) as context:
        request = request_for(context, packable, tmp_path)
        request = replace(request, path=path.format(out=out, prefix=packable))
        with pytest.raises(EnvMgrError) as caught:
            archives.export(context, request)
    assert caught.value.code == code
    assert [row.field for row in caught.value.errors] == ["path"]
    assert (out / "there.tar.gz").read_text() == "precious"


def test_the_image_cannot_be_packed(context: Context, tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError) as caught:
        archives.export(context, ExportRequest("image", str(tmp_path / "image.tar.gz")))
    assert caught.value.code == "cannot-pack"
