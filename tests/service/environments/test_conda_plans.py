"""What a conda engine is asked with comes from conda's own configuration."""

from __future__ import annotations

from pathlib import Path

from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.environments.conda_plans import conda_plan, find_sources


def test_packages_are_unpacked_where_that_is_possible_first(
    settings: Settings, tmp_path: Path
) -> None:
    """Clusters name a shared cache that nobody may write to, and people's own behind it."""
    (tmp_path / "file").write_text("")
    shared, own = tmp_path / "file" / "pkgs", tmp_path / "own" / "pkgs"
    (settings.home / ".condarc").write_text(
        f"pkgs_dirs: ['{shared}', '{own}']\npinned_packages: [greeter=1.0]\n"
    )
    plan = conda_plan(settings, find_sources(settings, ()), tmp_path / "new", tmp_path)
    assert plan.packages_dir == own
    assert plan.pinned == ("greeter=1.0",)
    (settings.home / ".condarc").write_text(f"pkgs_dirs: ['{shared}']\n")
    plan = conda_plan(settings, find_sources(settings, ()), tmp_path / "new", tmp_path)
    assert plan.packages_dir == shared
