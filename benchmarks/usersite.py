"""Setting a user site of 38,000 files aside and bringing it back, beside copying it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite

FILES = 38_000
PACKAGES = 300
OUTSIDE = 4
LIMIT = 0.6


def measure(directory: Path | None = None, *, rounds: int = 3) -> dict[str, float]:
    """Seconds of each part, the best of some rounds; ``directory`` chooses the file system."""
    root = Path(tempfile.mkdtemp(prefix="usersite-", dir=directory))
    try:
        settings = _make_home(root)
        best: dict[str, float] = {}
        for number in range(rounds):
            for name, seconds in _round(settings, f"round-{number}").items():
                best[name] = min(seconds, best.get(name, seconds))
        return best
    finally:
        shutil.rmtree(root)


def _round(settings: Settings, name: str) -> dict[str, float]:
    base = settings.home / ".local"
    request = ResetRequest("all", name=name)
    found = {}
    started = time.perf_counter()
    usersite.scan(settings)
    found["scan"] = time.perf_counter() - started
    started = time.perf_counter()
    plan = usersite.plan_reset(settings, request)
    found["plan of the reset"] = time.perf_counter() - started
    started = time.perf_counter()
    usersite.reset(settings, request, plan.digest)
    found["reset"] = time.perf_counter() - started
    plan = usersite.plan_restore(settings, name, RestoreRequest())
    started = time.perf_counter()
    usersite.restore(settings, name, RestoreRequest(), plan.digest)
    found["restore"] = time.perf_counter() - started
    found["reset and restore"] = found["reset"] + found["restore"]
    started = time.perf_counter()
    copy = settings.home / "copy"
    subprocess.run(["cp", "-a", str(base), str(copy)], check=True)
    found["cp -a"] = time.perf_counter() - started
    shutil.rmtree(copy)
    return found


def _make_home(root: Path) -> Settings:
    home = root / "home"
    base = home / ".local"
    site = base / "lib" / "python3.11" / "site-packages"
    each = FILES // PACKAGES - OUTSIDE - 2
    for number in range(PACKAGES):
        name = f"package_{number}"
        info = site / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\nRequires-Dist: package_0\n\n")
        rows = []
        for part in range(each):
            file = site / name / f"part_{part // 20}" / f"module_{part}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("x = 1\n" * 20)
            rows.append(f"{file.relative_to(site)},sha256=x,1")
        for part in range(OUTSIDE):
            rel = f"share/jupyter/labextensions/{name}/static/{part}.js"
            file = base / rel
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("1\n")
            rows.append(f"../../../{rel},sha256=x,1")
        (info / "RECORD").write_text("\n".join([*rows, ""]))
    image = home / "image"
    (image / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (image / "bin").mkdir()
    (image / "bin" / "python3.11").touch()
    return Settings(
        root=home / ".envmgr",
        home=home,
        locations=(Location("home", home / ".envmgr" / "environments"),),
        image_prefix=image,
        image_interpreter=image / "bin" / "python3.11",
        kernel_dirs=(),
        user_kernels=base / "share/jupyter/kernels",
        image_kernels=image / "share/jupyter/kernels",
        environ={"HOME": str(home)},
    )


def main() -> int:
    """Print the seconds as JSON; fail where reset and restore together take too long."""
    found = measure(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    found["ratio to cp -a"] = found["reset and restore"] / found["cp -a"]
    sys.stdout.write(json.dumps({k: round(v, 4) for k, v in found.items()}, indent=1) + "\n")
    return int(found["reset and restore"] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
