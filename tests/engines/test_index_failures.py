"""An index that fails in the ways indexes do: each by the real uv, and the sentence it becomes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.engines.bench import Bench, code_and_detail
from tests.index.server import LocalIndex
from tests.index.wheels import wheel


def test_an_index_that_nobody_runs(bench: Bench, small_index: LocalIndex) -> None:
    with LocalIndex() as gone:
        url = gone.url
    error = bench.error(url)
    assert code_and_detail(error) == (
        "index-unreachable",
        f"{url} cannot be reached: the connection was refused",
    )


def test_an_index_whose_host_is_not_known(bench: Bench) -> None:
    code, detail = code_and_detail(bench.error("https://no-such-host.invalid/simple"))
    assert code == "index-unreachable"
    assert detail == (
        "https://no-such-host.invalid/simple cannot be reached: no such host is known"
    )


def test_a_proxy_that_does_not_answer_is_named_without_its_password(bench: Bench) -> None:
    bench.environ = {"HTTP_PROXY": "http://me:geheimnis@127.0.0.1:9", "NO_PROXY": ""}
    code, detail = code_and_detail(bench.error("http://index.example/simple"))
    assert code == "index-unreachable"
    assert "through the proxy http://127.0.0.1:9" in detail
    assert "geheimnis" not in detail


def test_an_index_that_answers_404_for_everything(bench: Bench, small_index: LocalIndex) -> None:
    small_index.status = 404
    error = bench.error(small_index.url, ["alpha==1.0", "beta"])
    assert code_and_detail(error) == (
        "index-not-found",
        f"{small_index.url} answers 404 for every package",
    )


def test_a_web_page_is_not_an_index(bench: Bench, small_index: LocalIndex) -> None:
    small_index.garbage = True
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    assert code == "index-not-found"
    assert detail.startswith(small_index.url)


def test_a_wrong_version_in_a_web_page_asks_whether_the_index_is_right(
    bench: Bench, small_index: LocalIndex
) -> None:
    small_index.garbage = True
    error = bench.error(small_index.url, ["alpha==1.0"])
    assert error.code in ("no-such-version", "index-not-found")
    assert "index" in error.hint


@pytest.mark.parametrize(
    ("status", "words"), [(401, "wants valid credentials (401)"), (403, "refuses access (403)")]
)
def test_an_index_that_refuses_us(
    bench: Bench, small_index: LocalIndex, status: int, words: str
) -> None:
    small_index.status = status
    error = bench.error(small_index.url)
    assert code_and_detail(error) == ("index-unauthorised", f"{small_index.url} {words}")


def test_wrong_credentials_are_said_without_the_password(
    bench: Bench, small_index: LocalIndex
) -> None:
    small_index.credentials = ("me", "right")
    error = bench.error(small_index.url_with("me", "wrongword"))
    assert error.code == "index-unauthorised"
    assert "wrongword" not in repr(error.problem)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_index_in_trouble(bench: Bench, small_index: LocalIndex, status: int) -> None:
    small_index.status = status
    code, detail = code_and_detail(bench.error(small_index.url))
    assert code == "index-unreachable"
    assert detail.startswith(f"{small_index.url} answers {status}")


def test_a_certificate_that_nobody_trusts(bench: Bench) -> None:
    with LocalIndex([wheel("ipykernel"), wheel("pip")], tls=True) as index:
        code, detail = code_and_detail(bench.error(index.url))
        assert code == "tls-failed"
        assert detail.startswith(f"the certificate of {index.url} is not trusted")


def test_https_where_http_is_spoken(bench: Bench, small_index: LocalIndex) -> None:
    url = small_index.url.replace("http:", "https:")
    code, detail = code_and_detail(bench.error(url))
    assert code == "index-unreachable"
    assert "http may be right" in detail


def test_no_network_by_configuration(bench: Bench, small_index: LocalIndex) -> None:
    bench.environ = {"UV_OFFLINE": "1"}
    bench.cache = bench.home / "empty"
    code, detail = code_and_detail(bench.error(small_index.url))
    assert code == "index-unreachable"
    assert "UV_OFFLINE" in detail


def test_a_download_that_was_changed_on_its_way(bench: Bench, small_index: LocalIndex) -> None:
    package = wheel("alpha")
    small_index.add(package)
    small_index.damage.add(package.filename)
    error = bench.error(small_index.url, ["alpha"])
    assert code_and_detail(error) == ("download-damaged", "the download of alpha 1.0 is damaged")


def test_a_download_that_stalls(bench: Bench, small_index: LocalIndex) -> None:
    package = wheel("alpha", size=2_000_000)
    small_index.add(package)
    small_index.held.add(package.filename)
    bench.environ = {"UV_HTTP_TIMEOUT": "1", "UV_HTTP_RETRIES": "0"}
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    assert code == "index-unreachable"
    assert detail == "the download of alpha 1.0 broke off: it did not answer in time"


def test_a_tool_that_is_killed(bench: Bench, small_index: LocalIndex) -> None:
    package = wheel("alpha", size=2_000_000)
    small_index.add(package)
    small_index.held.add(package.filename)
    killer = threading.Thread(target=_kill_when_held, args=(small_index, bench.home))
    killer.start()
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    killer.join()
    assert (code, "memory" in detail) == ("killed", True)


def _kill_when_held(index: LocalIndex, home: Path) -> None:
    """End the uv that works for this bench, as the kernel does when memory is short."""
    index.is_held.wait()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"/uv") and any(os.fsencode(home) in word for word in words):
                os.kill(int(process.name), 9)
