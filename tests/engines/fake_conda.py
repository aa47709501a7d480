"""A stand-in for conda, mamba 2 and micromamba: what they answer, not how they work.

Run as a program, its own name says which of them it is. It reads channels of `conda_cli_channel`
over HTTP and puts ``conda-meta`` records in place; it solves no more than the tests ask for.
What it says was taken from conda 26.7 and mamba 2.8.1. It keeps their traps:

- ``create --json`` replaces an environment that is there without asking (conda, mamba);
- mamba's ``create`` refuses a directory that is no environment;
- conda shows progress only on a terminal, and other programs' words come before its answer;
- mamba and micromamba answer with ``solver_problems`` if nothing fits, which name nothing that is
  missing; all else that they say of failures are words, with --json only at --log-level warning;
- their ``remove`` knows no channels, and they end with 0 if what is named is not installed;
- offline they take a cold cache for an empty channel;
- they end with 0 if they are interrupted at the right time, or if a post-link script fails;
- conda crashes on its way out if ``FAKE_CONDA`` has ``crash``; further words in it fail it.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import netrc
import os
import re
import shutil
import signal
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, NoReturn

TOOL = os.path.basename(sys.argv[0])
NATIVE = TOOL in ("mamba", "micromamba")
FAIL = os.environ.get("FAKE_CONDA", "").split()


Record = dict[str, Any]
Records = dict[str, Record]


class Failure(Exception):
    """What conda calls an exception: its class, its words, its other facts."""

    def __init__(self, name: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.name, self.message, self.facts = name, message, facts


def main() -> None:
    options = arguments()
    if "noise" in FAIL:
        print("plugin: there is {news} from somebody\n{not json")
    if options.command == "--version":
        print(TOOL, "26.7.1")
        return
    try:
        run(options)
    except Failure as failure:
        report(options, failure)
        end(1)
    if "interrupt" in FAIL:
        print("Interrupted by user - transaction stopped.")
    end(0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=TOOL)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--yes", action="store_true")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--override-channels", action="store_true")
    parser.add_argument("--prefix")
    parser.add_argument("--file")
    parser.add_argument("--channel", action="append", default=[])
    parser.add_argument("specs", nargs="*")
    if NATIVE:
        parser.add_argument("--log-level")
        parser.add_argument("--force", action="store_true")
    options = parser.parse_args(sys.argv[2:], argparse.Namespace(command=sys.argv[1]))
    if NATIVE and options.command == "remove" and (options.channel or options.override_channels):
        print("The following arguments were not expected: --override-channels", file=sys.stderr)
        print("Run with --help for more information.", file=sys.stderr)
        sys.exit(109)
    return options


def run(options: argparse.Namespace) -> None:
    for word, failure in FAILURES.items():
        if word in FAIL:
            raise failure
    if "traceback" in FAIL:
        print('Traceback (most recent call last):\n  File "x.py"', file=sys.stderr)
        print("conda.exceptions.InvalidSpec: Invalid spec 'a>>1': no version", file=sys.stderr)
        end(1)
    if "plain" in FAIL:
        print("critical libmamba Multiple errors occurred:", file=sys.stderr)
        print("    Download error (28) Timeout was reached [http://c/x.conda]", file=sys.stderr)
        end(1)
    if "hang" in FAIL:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(os.path.join(os.environ["HOME"], "hangs"), "w").close()
        time.sleep(1000)
    if options.override_channels and not options.channel:
        raise Failure("ArgumentError", "At least one -c flag is needed with --override-channels.")
    if options.command == "search":
        check_terms(options)
        search(options)
        return
    meta = os.path.join(options.prefix, "conda-meta")
    is_there = os.path.isfile(os.path.join(meta, "history"))
    if options.command != "create" and not is_there:
        words = "No prefix found at" if NATIVE else "Not a conda environment"
        message = f"{words}: {options.prefix}"
        raise Failure("EnvironmentLocationNotFound", message, location=options.prefix)
    if options.command == "create" and not options.dry_run:
        if is_there:
            shutil.rmtree(options.prefix)
        elif NATIVE and os.path.isdir(options.prefix) and os.listdir(options.prefix):
            raise Failure("", "Non-conda folder exists at prefix - aborting.")
    check_terms(options)
    installed = records(meta)
    if options.file:
        coming = explicit(options.file)
    elif options.command == "remove":
        coming = {}
    else:
        coming = solve(options, installed)
    going = [] if options.command != "remove" else removed(options, installed)
    change(options, meta, installed, coming, going)


def records(meta: str) -> Records:
    found = {}
    for name in sorted(os.listdir(meta)) if os.path.isdir(meta) else ():
        if name.endswith(".json"):
            with open(os.path.join(meta, name)) as file:
                record = json.load(file)
            found[record["name"]] = record
    return found


def check_terms(options: argparse.Namespace) -> None:
    """What conda-anaconda-tos does before a command; in CI it takes acceptance for granted."""
    ci = os.environ.get("CI") == "true" or ("JOB_NAME" in os.environ and not os.environ.get("CI"))
    if NATIVE or ci or options.offline:
        return
    if os.environ.get("CONDA_PLUGINS_AUTO_ACCEPT_TOS"):
        return
    for channel in options.channel:
        for url in addresses(channel):
            try:
                fetch(options, url, "/terms.json")
            except Failure:
                continue
            raise Failure(
                "CondaToSNonInteractiveError",
                "Terms of Service have not been accepted for the following channels. Please"
                f" accept or remove them before proceeding:\n    - {url}\n\nTo accept these"
                " channels' Terms of Service, run the following commands:\n    conda tos accept"
                f" --override-channels --channel {url}\n",
            )


def addresses(channel: str) -> list[str]:
    """The addresses of a channel: those that a .condarc gives for its name."""
    file = os.environ.get("CONDARC")
    if file and "://" not in channel:
        with open(file) as text:
            named = json.load(text).get("custom_multichannels", {})
        return list(named.get(channel, [channel]))
    return [channel]


def fetch(options: argparse.Namespace, channel: str, path: str) -> bytes:
    parts = urllib.parse.urlsplit(channel)
    host = parts.netloc.rpartition("@")[2]
    url = urllib.parse.urlunsplit((parts.scheme, host, parts.path.rstrip("/") + path, "", ""))
    request = urllib.request.Request(url)
    known = netrc.netrc(os.environ["NETRC"]) if "NETRC" in os.environ else None
    login = known.authenticators(parts.hostname or "") if known else None
    if login:
        words = f"{login[0]}:{login[2]}"
        encoded = base64.b64encode(words.encode()).decode()
        request.add_header("Authorization", f"Basic {encoded}")
    if options.offline:
        raise Failure(
            "OfflineError",
            f"EnforceUnusedAdapter called with url {url}.\n"
            "This command is using a remote connection in offline mode.",
        )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        public = url.removesuffix(path)
        if NATIVE:
            words = f"Transfer finalized, status: {error.code} [{url}] {len(error.read())} bytes"
            raise not_loaded(public, path, words) from None
        if path.endswith("/repodata.json") and error.code == 404:
            raise Failure(
                "UnavailableInvalidChannel",
                f"HTTP 404 File not found for channel x <{public}>\n\nThe channel is not"
                " accessible or is invalid.\n",
                channel_name="x",
                channel_url=public,
                status_code=404,
            ) from None
        message = f"HTTP {error.code} {error.reason} for url <{url}>\nElapsed: 00:00.01\n"
        raise Failure("CondaHTTPError", message, url=url, status_code=error.code) from None
    except (urllib.error.URLError, OSError) as error:
        if NATIVE:
            words = f"Download error (7) Couldn't connect to server [{url}]"
            raise not_loaded(url.removesuffix(path), path, words) from None
        raise Failure(
            "CondaHTTPError",
            f"HTTP 000 CONNECTION FAILED for url <{url}>\nElapsed: -\n",
            caused_by=f"ConnectionError(NewConnectionError('Failed to connect: {error}'))",
            url=url,
            status_code="000",
        ) from None


def not_loaded(channel: str, path: str, words: str) -> Failure:
    """How mamba says that a list, or a package of it, cannot be had."""
    if path.endswith(".json"):
        subdir = path.strip("/").partition("/")[0]
        lines = (words, f"Subdir {channel}/{subdir} not loaded!", *NOT_LOADED)
        return Failure("", "\n    ".join(("Multiple errors occurred:", *lines)))
    return Failure("", words)


def search(options: argparse.Namespace) -> None:
    index = repodata(options)
    (name,) = options.specs
    rows = [{k: v for k, v in r.items() if k != "_from"} for r in index.get(name, [])]
    if NATIVE:
        # Of a channel that has an address the host alone.
        rows = [{**r, "channel": urllib.parse.urlsplit(r["channel"]).netloc} for r in rows]
        said = "" if rows else f'No entries matching "{name}" found'
        result = {"msg": said, "pkgs": rows, "status": "OK"}
        print(json.dumps({"query": {"query": name, "type": "search"}, "result": result}, indent=4))
        return
    found = {name: rows} if rows else {n: [] for n in index if name in n}
    if not found:
        raise not_in_channels([name])
    print(json.dumps(found, indent=2))


def repodata(options: argparse.Namespace) -> dict[str, list[Record]]:
    index: dict[str, list[Record]] = {}
    if NATIVE and options.offline:
        return index
    for channel in options.channel:
        for url in addresses(channel):
            found = json.loads(fetch(options, url, "/noarch/repodata.json"))["packages"]
            public = re.sub(r"//[^/]*@", "//", url)
            for file, record in found.items():
                more = {"fn": file, "channel": f"{public}/noarch", "url": f"{public}/noarch/{file}"}
                index.setdefault(record["name"], []).append({**record, **more, "_from": url})
    return index


def not_in_channels(names: list[str]) -> Failure:
    return Failure(
        "PackagesNotFoundInChannelsError",
        "The following packages are not available from current channels:\n\n  - "
        + "\n  - ".join(names),
        packages=names,
    )


def solve(options: argparse.Namespace, installed: Records) -> Records:
    index = repodata(options)
    missing = [spec for spec in options.specs if not fitting(index, spec)]
    if missing and not NATIVE:
        raise not_in_channels(missing)
    if missing:
        name, wanted_version = parse(missing[0])
        unsolvable(
            ["unsupported request"],
            f"└─ {name} {wanted_version or '=*'} * does not exist (perhaps a typo or a missing"
            " channel).",
        )
    wanted = list(options.specs)
    if options.command == "update":
        wanted = list(installed) if options.all else wanted
    chosen: Records = {}
    said: dict[str, list[tuple[str, str]]] = {}
    queue = [("", spec) for spec in wanted]
    while queue:
        holder, spec = queue.pop(0)
        name, _ = parse(spec)
        said.setdefault(name, []).append((holder, spec))
        if name.startswith("__"):
            unsolvable(
                [f"nothing provides {spec} needed by {holder}"],
                f"└─ {holder} would require\n   └─ {spec}, which is missing on the system.",
            )
        every = [s for _, s in said[name]]
        found = [r for r in index.get(name, []) if all(fits(r["version"], s) for s in every)]
        if not found and not index.get(name):
            unsolvable(
                [f"nothing provides {spec} needed by {holder}"],
                f"└─ {holder} would require\n   └─ {spec}, which does not exist (perhaps a typo"
                " or a missing channel).",
            )
        if not found:
            sides = [f"{h} needs {s}" if h else s for h, s in said[name]]
            lines = [f"├─ {side} is installable" for side in sides[:-1]]
            unsolvable(
                [f"{name} conflicts"],
                "\n".join(
                    (
                        *lines,
                        f"└─ {sides[-1]} is not"
                        " installable because it conflicts with any installable versions.",
                    )
                ),
            )
        best = max(found, key=lambda record: version(record["version"]))
        if chosen.get(name) != best:
            chosen[name] = best
            queue += [(f"{name}-{best['version']}", s) for s in best["depends"]]
    keep = options.command == "install" and not any(map(re.compile("[=<>]").search, wanted))
    return {
        name: record
        for name, record in chosen.items()
        if not (name in installed and (keep or installed[name]["version"] == record["version"]))
    }


def unsolvable(problems: list[str], tree: str) -> NoReturn:
    words = f"The following packages are incompatible\n{tree}"
    if NATIVE:
        raise Failure("", "Could not solve for environment specs", problems=problems, tree=words)
    raise Failure(
        "LibMambaUnsatisfiableError",
        "Encountered problems while solving:\n  - "
        + "\n  - ".join(problems)
        + f"\n\nCould not solve for environment specs\n{words}\n",
    )


def parse(spec: str) -> tuple[str, str]:
    match = re.match(r"([\w.-]+)\s*(.*)", spec)
    assert match
    return match[1], match[2]


def version(text: str) -> list[int]:
    return [int(part) for part in text.split(".")]


def fits(found: str, spec: str) -> bool:
    for part in filter(None, parse(spec)[1].split(",")):
        wanted = part.strip().lstrip("=<>!")
        sign = part.strip().removesuffix(wanted)
        a, b = version(found), version(wanted.strip(" *."))
        good = {"": a[: len(b)] == b, "=": a[: len(b)] == b, "==": a == b, ">=": a >= b}
        good |= {"<=": a <= b, "<": a < b, ">": a > b, "!=": a != b}
        if not good[sign]:
            return False
    return True


def fitting(index: dict[str, list[Record]], spec: str) -> list[Record]:
    return [record for record in index.get(parse(spec)[0], []) if fits(record["version"], spec)]


def removed(options: argparse.Namespace, installed: Records) -> list[str]:
    absent = [name for name in options.specs if name not in installed]
    if absent and NATIVE:
        return []
    if absent:
        raise Failure(
            "PackagesNotFoundInPrefixError",
            "The following packages are missing from the target environment:\n  prefix:"
            f" {options.prefix}\n\n  - " + "\n  - ".join(absent),
            package_name=absent,
        )
    gone = set(options.specs)
    if NATIVE and options.force:
        return sorted(gone)
    while True:
        more = {
            name
            for name, record in installed.items()
            if name not in gone and gone & {parse(d)[0] for d in record["depends"]}
        }
        if not more:
            return sorted(gone)
        gone |= more


def explicit(file: str) -> Records:
    with open(file) as text:
        lines = text.read().split()
    assert lines[0] == "@EXPLICIT"
    found = {}
    for line in lines[1:]:
        url, _, md5 = line.partition("#")
        directory, _, name = url.rpartition("/")
        name_, version_, _ = name.rsplit("-", 2)
        channel = directory.rpartition("/")[0]
        record = {"name": name_, "version": version_, "build": "0", "md5": md5, "depends": []}
        found[name_] = {**record, "fn": name, "url": url, "channel": directory, "_from": channel}
    return found


def change(
    options: argparse.Namespace, meta: str, installed: Records, coming: Records, going: list[str]
) -> None:
    cache = os.path.join(os.environ["HOME"], ".fake-pkgs")
    os.makedirs(cache, exist_ok=True)
    to_fetch = [r for r in coming.values() if not os.path.exists(os.path.join(cache, r["fn"]))]
    if not options.dry_run:
        for record in to_fetch:
            download(options, record, cache)
        link(options, meta, installed, coming, going)
    if options.file and not NATIVE:
        return
    if not coming and not going:
        if options.json:
            print(
                json.dumps(
                    {"success": True, "message": "All requested packages already installed."},
                    indent=2,
                )
            )
        else:
            print("  All requested packages already installed\n\n\nTransaction starting")
            print("\nTransaction finished\n")
        return
    rows = [row(record) for record in coming.values()]
    gone = [row(installed[name]) for name in (*coming, *going) if name in installed]
    answer: dict[str, Any] = {"success": True, "actions": {"PREFIX": options.prefix, "LINK": rows}}
    fetched = [{k: v for k, v in r.items() if k != "_from"} for r in to_fetch]
    answer["actions"] |= {"FETCH": fetched, "UNLINK": gone}
    if options.json:
        print(json.dumps(answer, indent=2))


def row(record: Record) -> Record:
    common = {"name": record["name"], "version": record["version"], "build_string": "0"}
    if NATIVE:
        return {**common, "channel": record["channel"], "url": record["url"], "subdir": "noarch"}
    base = record["channel"].removesuffix("/noarch")
    dist = f"{record['name']}-{record['version']}-0"
    return {**common, "base_url": base, "channel": "", "platform": "noarch", "dist_name": dist}


def download(options: argparse.Namespace, record: Record, cache: str) -> None:
    data = fetch(options, record["_from"], f"/noarch/{record['fn']}")
    if record["md5"] not in ("", hashlib.md5(data).hexdigest()):
        if NATIVE:
            print(
                "error    libmamba File not valid: SHA256 doesn't match expectation"
                f' "{cache}/noarch/{record["fn"]}"\n    Expected: 1\n    Actual: 2\n    ',
                file=sys.stderr,
            )
            raise Failure("", "Found incorrect downloads. Aborting")
        raise Failure(
            "ChecksumMismatchError",
            f"Conda detected a mismatch between the expected content and downloaded content\nfor"
            f" url '{record['url']}'.\n  expected md5: {record['md5']}\n",
        )
    if options.json and sys.stdout.isatty() and not NATIVE:
        words = f"{record['name']}-{record['version']}"[:20].ljust(20)
        words += f" | {len(data) / 1024:.1f} KB".ljust(12) + " | "
        for share in range(1, 11):
            line = {"fetch": words, "finished": share == 10, "maxval": 1, "progress": share / 10}
            print(json.dumps(line, separators=(",", ":")) + "\n\0", end="", flush=True)
    with open(os.path.join(cache, record["fn"]), "wb") as file:
        file.write(data)


def link(
    options: argparse.Namespace, meta: str, installed: Records, coming: Records, going: list[str]
) -> None:
    os.makedirs(meta, exist_ok=True)
    if NATIVE and not options.json:
        new = [name for name in coming if name not in installed]
        changed = [name for name in coming if name in installed]
        for kind, names in (("Install", new), ("Change", changed), ("Remove", going)):
            if names:
                print(f"  {kind}: {len(names)} packages")
        print("\nTransaction starting")
    for name in (*coming, *going):
        # Of a list mamba puts in what it says, and takes nothing out.
        if name in installed and not (NATIVE and options.file):
            record = installed[name]
            if NATIVE and not options.json:
                print(f"Unlinking {name}-{record['version']}-0")
            os.remove(os.path.join(meta, f"{name}-{record['version']}-0.json"))
    for name, record in coming.items():
        if name == "fails" and NATIVE:
            print("no good")
        elif name == "fails":
            nested = Failure(
                "LinkError",
                f"post-link script failed for package x::fails-1.0-0\nlocation of failed script:"
                f" {options.prefix}/bin/.fails-post-link.sh\n==> script messages <==\nno good\n\n"
                "==> script output <==\nstdout: \nstderr: \nreturn code: 1\n",
            )
            raise Failure("CondaMultiError", "", several=[nested])
        if NATIVE and not options.json:
            print(f"Linking {name}-{record['version']}-0")
        path = os.path.join(meta, f"{name}-{record['version']}-0.json")
        with open(path, "w") as file:
            json.dump({k: v for k, v in record.items() if k != "_from"}, file)
    with open(os.path.join(meta, "history"), "a") as file:
        file.write(f"==> now <==\n# cmd: {' '.join(sys.argv)}\n# conda version: 26.7.1\n")
        file.writelines(f"+{record['url']}\n" for record in coming.values())
    if NATIVE and not options.json:
        print("\nTransaction finished\n")


def report(options: argparse.Namespace, failure: Failure) -> None:
    if NATIVE:
        if failure.facts.get("problems") and options.json:
            answer = {"solver_problems": failure.facts["problems"], "success": False}
            print(json.dumps(answer, indent=4))
        if "tree" in failure.facts and (not options.json or options.log_level == "warning"):
            print("error    libmamba", failure.message, file=sys.stderr)
            print(failure.facts["tree"], file=sys.stderr)
        print("critical libmamba", failure.message, file=sys.stderr)
        return
    if not options.json:
        print(f"\n{failure.name}: {failure.message}", file=sys.stderr)
        return
    several = failure.facts.pop("several", None)
    answer = {"error": f"{failure.name}: {failure.message}", "exception_name": failure.name}
    answer |= {"message": failure.message, "caused_by": "None", **failure.facts}
    if several:
        answer["error"] = "Multiple Errors Encountered."
        answer["errors"] = [
            {"error": str(f), "exception_name": f.name, "message": f.message} for f in several
        ]
    print(json.dumps(answer, indent=2))


def end(code: int) -> NoReturn:
    sys.stdout.flush()
    if "crash" in FAIL:
        print("Fatal Python error: PyGILState_Release", file=sys.stderr, flush=True)
        os.abort()
    sys.exit(code)


NOT_LOADED = (
    "If you run into this error repeatedly, your package cache may be corrupted.",
    "Please try running `mamba clean -a` to remove this cache before retrying the operation.",
    "",
    "If you still are having issues, please report the error on `mamba-org/mamba`'s issue tracker:",
    "https://github.com/mamba-org/mamba/issues/new?assignees=&labels=&projects=&template=bug.yml",
)
FAILURES = {
    "no-space": Failure("NoSpaceLeftError", "No space left on devices."),
    "not-writable": Failure(
        "EnvironmentNotWritableError",
        "The current user does not have write permissions to the target environment.",
        environment_location="/opt/env",
    ),
    "frozen": Failure("EnvironmentIsFrozenError", "Cannot modify environment"),
    "pip-made": Failure("CondaError", "Conda has not been initialized.\n\nTo enable full conda"),
    "unknown": Failure("CondaFooError", "Something about foo.\nAnd more."),
}

if __name__ == "__main__":
    main()
