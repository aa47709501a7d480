"""Conda specs: what gets through is understood, and understood alike by rattler."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.conda.matchspec import parse_spec, parse_specs
from jupyter_envmgr.core.conda.spec import Spec
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.limits import LARGEST_TEXT, MOST_LINES

URL = "https://conda.example/conda-forge/linux-64/numpy-1.2-py312h1_0.conda"
MD5 = "0123456789abcdef0123456789abcdef"
SHA256 = MD5 + MD5

NORMAL = {
    "numpy": "numpy",
    "NumPy": "numpy",
    "  numpy  ": "numpy",
    "_libgcc_mutex=0.1=main": "_libgcc_mutex=0.1=main",
    "__cuda>=11": "__cuda>=11",
    "numpy=1.2": "numpy=1.2",
    "numpy =1.2": "numpy=1.2",
    "numpy = 1.2": "numpy=1.2",
    "numpy=1.2.*": "numpy=1.2",
    "numpy=1.2*": "numpy=1.2",
    "numpy 1.2.*": "numpy=1.2",
    "numpy==1.2.*": "numpy=1.2",
    "numpy==1.2": "numpy==1.2",
    "numpy 1.2": "numpy==1.2",
    "numpy=1.2=py38_0": "numpy=1.2=py38_0",
    "numpy==1.2=py38_0": "numpy=1.2=py38_0",
    "numpy 1.2 py38_0": "numpy=1.2=py38_0",
    "numpy=1.2.*=py38*": "numpy=1.2.*=py38*",
    "mpich=4.*=external_*": "mpich=4.*=external_*",
    "pytorch=*=*cuda*": "pytorch=*=*cuda*",
    "numpy=*": "numpy",
    "numpy=*=*": "numpy",
    "numpy>=1.2,<2": "numpy>=1.2,<2",
    "numpy >= 1.2 , < 2": "numpy>=1.2,<2",
    "numpy>=1.2.*": "numpy>=1.2",
    "numpy!=1.2.*": "numpy!=1.2.*",
    "numpy~=1.2": "numpy~=1.2",
    "numpy=1.21,<2": "numpy 1.21.*,<2",
    "numpy=1.2|1.3": "numpy 1.2.*|==1.3",
    "numpy (>=1,<2)|3": "numpy (>=1,<2)|==3",
    "numpy=1!2.0": "numpy=1!2.0",
    "openssl=1.1.1k": "openssl=1.1.1k",
    "tzdata=2024a": "tzdata=2024a",
    "conda-forge::numpy=1.2": "conda-forge::numpy=1.2",
    "conda-forge/linux-64::numpy": "conda-forge/linux-64::numpy",
    "conda-forge/label/dev::numpy": "conda-forge/label/dev::numpy",
    "https://conda.example/forge::numpy": "https://conda.example/forge::numpy",
    "numpy[channel=conda-forge]": "conda-forge::numpy",
    "numpy[version='>=1,<2',build='*cuda*']": "numpy[version='>=1,<2',build='*cuda*']",
    'numpy [version=">=1,<2"]': "numpy>=1,<2",
    "numpy[version=1.2]": "numpy==1.2",
    "numpy=1.2[build_number='>=3']": "numpy=1.2[build_number='>=3']",
    "numpy[subdir=linux-64]": "numpy[subdir=linux-64]",
    f"numpy[md5={MD5}]": f"numpy[md5={MD5}]",
    URL: URL,
    f"{URL}#{MD5}": f"{URL}#{MD5}",
    f"{URL}#{SHA256}": f"{URL}#sha256:{SHA256}",
    f"{URL}#sha256:{SHA256}": f"{URL}#sha256:{SHA256}",
    f"numpy[url={URL}]": URL,
}


@pytest.mark.parametrize(("text", "normal"), NORMAL.items())
def test_a_good_spec_has_one_normal_form_that_means_the_same(text: str, normal: str) -> None:
    spec = parse_spec(text)
    assert spec.text == normal
    assert parse_spec(spec.text) == spec


def test_the_parts_of_a_spec_are_told_apart() -> None:
    spec = parse_spec("conda-forge/linux-64::numpy=1.2.3=py312h1_0")
    assert (spec.channel, spec.subdir, spec.name) == ("conda-forge", "linux-64", "numpy")
    assert (spec.version, spec.build) == ("==1.2.3", "py312h1_0")
    url = parse_spec(f"{URL}#{MD5}")
    assert (url.name, url.version, url.build, url.subdir) == (
        "numpy",
        "==1.2",
        "py312h1_0",
        "linux-64",
    )
    assert dict(url.keys) == {"md5": MD5}


BAD = [
    ("", 1, "there is nothing"),
    ("bad spec !!", 5, "is no version"),
    ("numpy=", 7, "a version is missing"),
    ("numpy>=1,", 10, "a version is missing"),
    ("numpy=1.*.3", 7, "at the end of a version only"),
    ("numpy=>1", 7, "a version is expected"),
    ("numpy===1", 6, "'===' is pip's"),
    ("numpy>1.2.*", 7, "takes a whole version"),
    ("numpy~=1.2.*", 8, "takes a whole version"),
    ("numpy>*", 7, "lets nothing in"),
    ("numpy=1.2=a=b", 12, "cannot follow numpy"),
    ("numpy 1.2 <2", 11, "join the conditions with a comma"),
    ("numpy pandas", 1, "these are 2 packages"),
    ("numpy, pandas", 1, "these are 2 packages"),
    ("numpy (>=1", 7, "the parenthesis is not closed"),
    ("numpy " + "(" * 20 + "1" + ")" * 20, 15, "nested too deeply"),
    ("numpy*", 6, "a pattern is not accepted"),
    ("*", 1, "a pattern is not accepted"),
    ("numpy[extra]", 7, "extras in brackets are pip's"),
    ("numpy[version='1.2'", 6, "the bracket is not closed"),
    ("numpy[version='1.2", 6, "the bracket is not closed"),
    ("numpy[version=1, version=2]", 18, "is there twice"),
    ("numpy[colour=red]", 14, "is not known here"),
    ("numpy[md5=xyz]", 11, "is no md5"),
    ("numpy[subdir=mars-64]", 14, "is no platform"),
    ("numpy[version='>>1']", 17, "a version is expected"),
    ("numpy[build='a b']", 14, "is no build"),
    (f"scipy[url={URL}]", 11, "the URL of numpy"),
    ("numpy; python_version<'3'", 6, "conditions behind ';' are pip's"),
    ("numpy @ https://conda.example/x", 7, "'name @ URL' is for pip"),
    ("-n", 1, "-n is an option"),
    ("--prefix=/tmp/evil", 1, "--prefix is an option"),
    ("-c conda-forge numpy", 1, "name channels in the field for them"),
    ("- numpy", 1, "leave out the dash"),
    ("'numpy'", 1, "leave out the quotation marks"),
    ("conda install numpy", 1, "leave out the words 'conda install'"),
    ("$ mamba env create -n x", 1, "leave out the words"),
    ("pip install numpy", 1, "leave out the words 'pip install'"),
    ("./numpy", 1, "a path is not a package"),
    ("../x/numpy-1-0.conda", 1, "a path is not a package"),
    ("pkgs/numpy", 1, "a path is not a package"),
    ("C:\\pkgs\\numpy", 1, "a path is not a package"),
    ("numpy.conda", 1, "cannot be a package's name"),
    ("conda-forge::", 14, "name is missing"),
    ("::numpy", 1, "cannot be a channel"),
    ("a b::numpy", 1, "cannot be a channel"),
    ("numpy\nevil", 6, "has no place"),
    ("numpy\u00a0>=2", 6, "has no place"),
    ("numpy \u2265 2", 7, "has no place"),
    ("\ud800", 1, "has no place"),
    ("n" * 2001, 1, "2,001 characters"),
    ("ftp://conda.example/c/linux-64/a-1-0.conda", 1, "a URL (ftp) is not allowed"),
    ("git+https://conda.example/x", 1, "is not allowed here"),
    ("https://conda.example/c/a-1-0.conda", 1, "not the address of"),
    ("https://conda.example/c/linux-64/a-1-0.whl", 1, "not the address of"),
    ("https:///linux-64/a-1-0.conda", 1, "no host"),
    ("https://h/../c/linux-64/a-1-0.conda", 1, "'..'"),
    ("https://h/%2e%2e/c/linux-64/a-1-0.conda", 1, "'..'"),
    ("file://h/c/linux-64/a-1-0.conda", 1, "file:///path"),
    ("https://h/c/linux-64/a-1-0.conda#zz", 1, "not the address of"),
]


@pytest.mark.parametrize(("text", "column", "words"), BAD)
def test_a_bad_spec_is_refused_at_its_place(text: str, column: int, words: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_spec(text, field="file", line=7)
    assert caught.value.code == "bad-requirement"
    (error,) = caught.value.errors
    assert (error.field, error.line, error.column) == ("file", 7, column)
    assert words in error.detail
    caught.value.detail.encode("ascii")


@pytest.mark.parametrize(
    "text",
    [
        "https://ada:geheim@conda.example/c/linux-64/a-1-0.conda",
        "https://conda.example/t/ge-heim/c/linux-64/a-1-0.conda",
        "https://ada:geheim@conda.example/c::numpy",
        "numpy[channel='https://conda.example/t/ge-heim/c']",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(EnvMgrError, match="credentials") as caught:
        parse_spec(text)
    assert "heim" not in str(caught.value.problem)


def test_only_the_schemes_that_are_allowed_get_through() -> None:
    with pytest.raises(EnvMgrError, match="not allowed"):
        parse_spec(URL, allowed_schemes=["file"])


@given(st.text(max_size=60))
def test_whatever_gets_through_is_one_line_without_options(text: str) -> None:
    found: Spec | None = None
    with contextlib.suppress(EnvMgrError):
        found = parse_spec(text)
    if found is not None:
        assert found.text.isprintable()
        assert found.text.isascii()
        assert not found.text.startswith(("-", "/", ".", "~", "$"))
        assert parse_spec(found.text) == found


_names = st.from_regex(r"[a-z_][a-z0-9_-]{0,8}[a-z0-9]", fullmatch=True)
_versions = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2}){0,3}([a-z]{1,2}[0-9])?", fullmatch=True)
_conditions = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), _versions),
    st.builds("{}.*".format, _versions),
    st.builds("!={}.*".format, _versions),
)
_constraints = st.lists(
    st.lists(_conditions, min_size=1, max_size=3).map(",".join), min_size=1, max_size=2
).map("|".join)
_builds = st.one_of(st.just(""), st.from_regex(r"[a-z0-9*_]{1,10}", fullmatch=True))


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Specs as a person may mean them."""
    constraint = draw(st.one_of(st.just(""), _constraints))
    build = draw(_builds).strip("*") or ""
    channel = draw(st.sampled_from(["", "conda-forge", "https://conda.example/x"]))
    return Spec(draw(_names), constraint, build, channel)


@given(specs())
def test_the_normal_form_is_read_back_as_the_same_spec(spec: Spec) -> None:
    assert parse_spec(spec.text) == spec


# py-rattler's process may crash when it ends, so it is one of its own and ends at once.
_RATTLER = """
import json, os, sys
try:
    from rattler import MatchSpec
except ImportError:
    print("null"); sys.stdout.flush(); os._exit(0)
found = []
for text in json.load(sys.stdin):
    if "://" in text.partition("::")[0]:
        spec = MatchSpec.from_url(text)
        found.append([spec.name.normalized, (spec.md5 or spec.sha256 or b"").hex(), None])
    else:
        spec = MatchSpec(text, strict=False)
        found.append([spec.name and str(spec.name.normalized), spec.version, spec.build])
print(json.dumps(found)); sys.stdout.flush(); os._exit(0)
"""


def of_rattler(texts: list[str]) -> list[list[str]]:
    """Name, version and build of each spec, as rattler reads it; of an address name and hash."""
    ran = subprocess.run(
        [sys.executable, "-c", _RATTLER],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[str]] | None = json.loads(ran.stdout)
    if found is None:
        pytest.skip("py-rattler is not there")
    return found


def test_rattler_takes_the_hash_of_an_address() -> None:
    """By ``MatchSpec.from_url``: ``MatchSpec`` itself drops what stands behind ``#``."""
    texts = [parse_spec(f"{URL}#{value}").text for value in (MD5, SHA256)]
    assert [found[:2] for found in of_rattler(texts)] == [["numpy", MD5], ["numpy", SHA256]]


def test_rattler_understands_the_normal_form_as_it_understands_what_was_written() -> None:
    written = [text for text in NORMAL if "://" not in text and text != "numpy=*=*"]
    normal = [parse_spec(text).text for text in written]
    found = of_rattler(written + normal)
    any_version = [[name, version or "*", build or "*"] for name, version, build in found]
    first, second = any_version[: len(written)], any_version[len(written) :]
    different = [
        (w, a, b) for w, a, b in zip(written, first, second, strict=True) if _plain(a) != _plain(b)
    ]
    assert different == []


def _plain(found: list[str]) -> list[str]:
    return [part.replace("(", "").replace(")", "") for part in found]


def test_every_bad_line_of_both_fields_is_listed() -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_specs(["numpy", "-n x"], "scipy # fine\n\n# a comment\nnumpy >>1\n/x\nbad bad bad\n")
    assert [(e.field, e.line) for e in caught.value.errors] == [
        ("packages", 2),
        ("requirements", 4),
        ("requirements", 5),
        ("requirements", 6),
    ]
    assert "and 1 more" in caught.value.detail


def test_order_is_kept_and_what_is_said_twice_counts_once() -> None:
    found = parse_specs(["scipy", "numpy=1.2"], "\ufeffpandas\r\nnumpy 1.2.*\r\n")
    assert [(s.text, s.field, s.line) for s in found] == [
        ("scipy", "packages", 1),
        ("numpy=1.2", "packages", 2),
        ("pandas", "requirements", 1),
    ]


@pytest.mark.parametrize(
    ("packages", "text"),
    [
        ([], "n" * (LARGEST_TEXT + 1)),
        ([], "n\n" * (MOST_LINES + 2)),
        (["numpy"] * (MOST_LINES + 2), ""),
    ],
)
def test_too_much_is_refused_before_it_is_read(packages: list[str], text: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_specs(packages, text)
    assert caught.value.code == "too-large"
