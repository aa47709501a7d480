"""What uv is told by its environment: indexes, certificates, proxies, where its Pythons go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..core.commands import Step
from ..core.environment_variables import scrub
from ..core.packages.indexes import Indexes

# The bundles of Debian, of Red Hat, and of Alpine and OpenSUSE.
_SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)


def uv_environment(
    variables: Mapping[str, str], indexes: Indexes, python: str, pythons: Path
) -> dict[str, str]:
    """The environment of every command: the person's, scrubbed, and what uv is told by it.

    ``python`` is the interpreter that it works for, or a version; ``pythons`` is where those go
    that it fetches. Indexes go this way because an argv can be read by everybody in /proc.
    """
    environ = scrub(variables)
    environ.setdefault("UV_HTTP_RETRIES", "1")
    environ["UV_PYTHON_INSTALL_DIR"] = str(pythons)
    # uv's messages are English; those of compilers below it should be recognised too.
    environ["LC_MESSAGES"] = "C"
    environ.pop("LANGUAGE", None)
    if "LC_ALL" in environ:
        environ["LANG"] = environ.pop("LC_ALL")
    environ["NO_COLOR"] = "1"
    environ["GIT_TERMINAL_PROMPT"] = "0"
    environ["PYTHONNOUSERSITE"] = "1"
    if indexes.default:
        environ["UV_DEFAULT_INDEX"] = indexes.default
    if indexes.extras:
        environ["UV_INDEX"] = " ".join(indexes.extras)
    links = [*indexes.find_links, *_bundled_pip(python)]
    if links:
        environ["UV_FIND_LINKS"] = ",".join(links)
    if indexes.trusted_hosts:
        environ["UV_INSECURE_HOST"] = " ".join(indexes.trusted_hosts)
    if indexes.client_certificate:
        environ.setdefault("SSL_CLIENT_CERT", indexes.client_certificate)
    if indexes.proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            if not (environ.get(name) or environ.get(name.lower())):
                environ[name] = indexes.proxy
    _trust(environ, indexes.certificate)
    return environ


def proxy_of(step: Step, index: str | None) -> str:
    """The proxy that a step's requests went through; empty if there was none."""
    environ = step.command.environ
    plain = step.name != "python" and bool(index and index.startswith("http:"))
    names = ("http_proxy" if plain else "https_proxy", "all_proxy")
    found = (environ.get(name) or environ.get(name.upper()) for name in names)
    return next(filter(None, found), "")


def _trust(environ: dict[str, str], certificate: str | None) -> None:
    """Make uv trust what pip trusts: the named certificates, else those of the system.

    uv's own bundle knows no proxy that opens TLS; the system's often does. An image without
    certificates of its own keeps uv's.
    """
    if environ.get("SSL_CERT_FILE") or environ.get("SSL_CERT_DIR"):
        return
    if certificate:
        kind = "SSL_CERT_DIR" if Path(certificate).is_dir() else "SSL_CERT_FILE"
        environ[kind] = certificate
    elif any(map(Path.is_file, map(Path, _SYSTEM_CERTIFICATES))):
        environ.setdefault("UV_SYSTEM_CERTS", "1")
        environ.setdefault("UV_NATIVE_TLS", "1")  # its name before uv 0.10


def _bundled_pip(python: str) -> tuple[str, ...]:
    """The directory with the pip that a Python brings (ensurepip), for an index that has none."""
    if not python.startswith("/"):
        return ()
    prefix = Path(python).resolve().parent.parent
    bundles = sorted(prefix.glob("lib/python3*/ensurepip/_bundled"))
    return tuple(bundle.as_uri() for bundle in bundles[:1] if any(bundle.glob("pip-*.whl")))
