"""Whether a path outlives the container, from real mount tables."""

from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.mounts import (
    Mounts,
    MountTable,
    container_hint,
    parse_mountinfo,
)

DOCKER = r"""
520 400 0:48 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w
521 520 0:51 / /proc rw,nosuid - proc proc rw
522 520 0:52 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k
525 522 0:54 / /dev/shm rw - tmpfs shm rw,size=65536k
530 520 259:1 /var/lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/nvme0n1p1 rw
531 520 259:1 /srv/homes/ada /home/ada rw,relatime - ext4 /dev/nvme0n1p1 rw
532 520 0:60 / /data rw,relatime shared:9 master:2 - nfs4 filer:/vol/data rw,vers=4.2
533 532 0:61 / /data/my\040set rw,relatime - lustre 10.0.0.1@tcp:/scratch rw
534 520 0:62 / /mnt/back\134slash rw - tmpfs tmpfs rw
535 520 0:63 /pods/1/volumes/kubernetes.io~empty-dir/tmp /cache rw - ext4 /dev/sda1 rw
536 520 0:64 /volumes/ABC/_data /volume rw - xfs /dev/sdb rw
537 520 0:65 / /secret rw - cifs //user:password@server/share rw
538 520 0:66 / /buckets rw - fuse.s3fs s3fs rw
539 520 0:67 / /strange rw - newfs x rw
540 520 0:68 / /vfolder rw - hfs hfs-server:/user/ada rw
541 520 0:69 / /auto rw - autofs systemd-1 rw
"""
DOCKER = DOCKER.replace("/volumes/ABC/", f"/volumes/{'ab' * 32}/")


def docker() -> Mounts:
    mounts = parse_mountinfo(DOCKER)
    return Mounts(mounts, "a Docker container")


@pytest.mark.parametrize(
    ("path", "survives", "filesystem", "network", "words"),
    [
        ("/opt/conda", False, "overlay", False, "image layer"),
        ("/", False, "overlay", False, "image layer"),
        ("/dev/shm/x", False, "tmpfs", False, "in memory"),
        ("/proc/1", False, "proc", False, "not a disk"),
        ("/home/ada/.venv", True, "ext4", False, "persistent mount"),
        ("/home/adam", False, "overlay", False, "image layer"),
        ("/data/x", True, "nfs4", True, "network file system (nfs4 from filer:/vol/data)"),
        ("/data/my set/x", True, "lustre", True, "lustre"),
        ("/mnt/back\\slash/x", False, "tmpfs", False, "in memory"),
        ("/cache/x", False, "ext4", False, "emptyDir"),
        ("/volume/x", None, "xfs", False, "--rm"),
        ("/buckets/x", True, "fuse.s3fs", True, "s3fs"),
        ("/strange/x", None, "newfs", False, "unknown"),
        ("/vfolder/x", True, "hfs", True, "hfs"),
        ("/auto/x", None, "autofs", False, "not mounted yet"),
    ],
)
def test_each_kind_of_mount_says_whether_it_stays(
    path: str, survives: bool | None, filesystem: str, network: bool, words: str
) -> None:
    found = docker().persistence(path, is_real=True)
    assert (found.survives, found.filesystem, found.network) == (survives, filesystem, network)
    assert words in found.why


def test_credentials_in_a_mount_source_are_not_shown() -> None:
    found = docker().persistence("/secret/x", is_real=True)
    assert found.survives is True
    assert "password" not in found.why
    assert "//server/share" in found.why


def test_a_mount_over_a_parent_hides_what_was_mounted_below_before() -> None:
    mounts = Mounts(
        parse_mountinfo(
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
            "2 1 8:2 / /home/ada rw - nfs filer:/ada rw\n"
            "3 1 0:9 / /home rw - tmpfs tmpfs rw\n"
        ),
        "",
    )
    assert mounts.persistence("/home/ada", is_real=True).filesystem == "tmpfs"


def test_of_two_mounts_on_one_place_the_later_counts() -> None:
    mounts = Mounts(
        parse_mountinfo(
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
            "2 1 8:2 / /home rw - nfs filer:/home rw\n"
            "3 2 0:9 / /home rw - tmpfs tmpfs rw\n"
        ),
        "",
    )
    assert mounts.persistence("/home/ada", is_real=True).filesystem == "tmpfs"


def test_the_order_of_lines_does_not_matter() -> None:
    """The kernel lists /proc before / where a sandbox moved the root."""
    lines = DOCKER.strip().splitlines()
    backwards = Mounts(parse_mountinfo("\n".join(reversed(lines))), "a container")
    for path in ("/opt", "/data/my set/x", "/dev/shm/x", "/home/ada"):
        expected = docker().of(path)
        assert backwards.of(path) == expected


def test_a_chroot_without_a_root_mount_still_sees_its_mounts() -> None:
    mounts = Mounts(parse_mountinfo("9 4 0:9 / /data rw - nfs f:/ rw\n"), "a container")
    assert mounts.persistence("/data/x", is_real=True).survives is True
    assert mounts.persistence("/x", is_real=True).survives is None


def test_an_ordinary_disk_stays_where_this_is_no_container() -> None:
    mounts = Mounts(parse_mountinfo("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"), "")
    found = mounts.persistence("/opt", is_real=True)
    assert found.survives is True
    assert "not a container" in found.why


def test_the_root_of_a_container_is_lost_even_on_an_ordinary_file_system() -> None:
    mounts = Mounts(parse_mountinfo("1 0 8:1 / / rw - xfs /dev/dm-0 rw\n"), "a Docker container")
    assert mounts.persistence("/opt", is_real=True).survives is False


def test_nonsense_lines_and_cycles_do_no_harm() -> None:
    text = "\n\x00\nnot a line\n1 1 0:1 / / rw - ext4 a rw\n2 2 0:1 / /a rw - ext4 a rw\n3 x y"
    text += "\n5 6 0:1 / /b rw - ext4 a rw\n6 5 0:1 / /b rw - ext4 a rw\n7 1 0:1 / /c rw -\n"
    mounts = Mounts(parse_mountinfo(text), "")
    mounts.persistence("/b/x", is_real=True)
    mounts.persistence("\0", is_real=False)


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    text = f"1 0 0:1 / / rw - overlay o rw\n2 1 0:2 / {tmp_path}/real rw - nfs4 f:/r rw\n"
    mounts = Mounts(parse_mountinfo(text), "a container")
    assert mounts.persistence(tmp_path / "link" / "not" / "there").filesystem == "nfs4"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert mounts.persistence(tmp_path / "loop" / "x").survives is False


@pytest.mark.parametrize("name", [".dockerenv", "run/.containerenv"])
def test_a_container_is_known_by_the_files_of_its_runtime(tmp_path: Path, name: str) -> None:
    assert container_hint({}, (), tmp_path) == ""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert name in container_hint({}, (), tmp_path)


def test_a_container_is_known_by_variables_groups_and_its_root(tmp_path: Path) -> None:
    assert "APPTAINER_NAME" in container_hint({"APPTAINER_NAME": "x.sif"}, (), tmp_path)
    overlay = parse_mountinfo(DOCKER)
    assert "overlay" in container_hint({}, overlay, tmp_path)
    (tmp_path / "proc/1").mkdir(parents=True)
    (tmp_path / "proc/1/cgroup").write_text("0::/kubepods/besteffort/pod1\n")
    assert "cgroup" in container_hint({}, (), tmp_path)


def test_the_table_is_understood_anew_only_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "mountinfo"
    file.write_text("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n")
    table = MountTable({}, file=str(file), root=tmp_path)
    first = table.read()
    assert table.read() is first
    file.write_text("1 0 0:1 / / rw - tmpfs t rw\n")
    assert table.read().persistence("/x", is_real=True).filesystem == "tmpfs"


def test_without_a_mount_table_nothing_is_claimed(tmp_path: Path) -> None:
    table = MountTable({}, file=str(tmp_path / "missing"), root=tmp_path)
    assert table.read().persistence("/x").survives is None
