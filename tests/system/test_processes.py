"""A process that runs from an environment is seen, a link to another prefix or not."""

import os
import subprocess
import sys
from pathlib import Path

from jupyter_envmgr.system.processes import running_from


def test_a_process_is_seen_by_the_name_it_was_started_with(tmp_path: Path) -> None:
    python = tmp_path / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(os.path.realpath(sys.executable))
    program = "import sys; print('up', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [str(python), "-I", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        found = running_from(tmp_path / "environment")
        assert [p.pid for p in found] == [process.pid]
        assert running_from(tmp_path / "env") == ()
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)
    assert running_from(tmp_path / "environment") == ()
