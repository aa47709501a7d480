"""Whether a path outlives the container: the mount table read, and put into a sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .disk import shown
from .model import Persistence


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MEMORY = _set("tmpfs ramfs devtmpfs hugetlbfs")
_KERNEL = _set(
    "proc sysfs devpts cgroup cgroup2 mqueue debugfs tracefs securityfs bpf binfmt_misc fusectl "
    "configfs pstore efivarfs nsfs rpc_pipefs fuse.lxcfs"
)
# Layers of an image, or a copy of one, wherever they are mounted.
_IMAGE = _set(
    "overlay aufs squashfs erofs iso9660 rootfs fuse.fuse-overlayfs fuse.squashfuse "
    "fuse.squashfuse_ll fuse.unionfs"
)
_DISKS = _set(
    "ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs apfs hfsplus ntfs ntfs3 fuseblk "
    "vfat exfat"
)
# A share of the machine underneath: persistent, and not a network file system by itself.
_HOST_SHARES = _set("virtiofs vboxsf vmhgfs fuse.vmhgfs-fuse fuse.grpcfuse fakeowner")
# "hfs" is what the hosting platforms call their home file system; Apple's is hfsplus.
_NETWORK = _set(
    "nfs nfs4 lustre ceph gpfs mmfs beegfs cifs smb3 smbfs 9p afs openafs glusterfs hfs panfs "
    "wekafs orangefs pvfs2 ocfs2 gfs2 dvs daos juicefs coda"
)
_ANONYMOUS_VOLUME = re.compile(r"/volumes/[0-9a-f]{64}/_data(?:/|$)")
_CREDENTIALS = re.compile(r"//[^/@\s]*@")
_CONTAINER_FILES = {
    ".dockerenv": "a Docker container (/.dockerenv)",
    "run/.containerenv": "a Podman container (/run/.containerenv)",
    ".singularity.d": "an Apptainer container (/.singularity.d)",
}
_CONTAINER_VARIABLES = (
    "APPTAINER_CONTAINER",
    "APPTAINER_NAME",
    "SINGULARITY_CONTAINER",
    "SINGULARITY_NAME",
    "CH_RUNNING",
    "KUBERNETES_SERVICE_HOST",
    "BACKENDAI_KERNEL_IMAGE",
    "container",
)
_CONTAINER_GROUPS = re.compile(r"docker|kubepods|containerd|libpod|crio|/lxc/|garden")


@dataclass(frozen=True)
class Mount:
    """One line of /proc/self/mountinfo (proc(5)). ``root`` is what of the file system it shows."""

    number: int
    parent: int
    root: str
    point: str
    filesystem: str
    source: str


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """The mounts of a mountinfo text. Lines that cannot be understood are left out."""
    mounts = []
    for line in text.split("\n"):
        before, separator, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")
        if not separator or len(fields) < 6 or not (fields[0] + fields[1]).isdecimal():
            continue
        mounts.append(
            Mount(
                number=int(fields[0]),
                parent=int(fields[1]),
                root=_unescaped(fields[3]),
                point=_unescaped(fields[4]),
                filesystem=kind[0],
                source=_unescaped(kind[1]) if len(kind) > 1 else "",
            )
        )
    return tuple(mounts)


def _unescaped(field: str) -> str:
    """Blank, tab, newline, backslash and ``#`` are written as three octal digits (proc(5))."""
    if "\\" not in field:
        return field
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m.group(1), 8)), field)


def container_hint(
    environ: Mapping[str, str], mounts: Sequence[Mount] = (), root: Path = Path("/")
) -> str:
    """What says that this is a container, in words; empty if nothing does."""
    for name, words in _CONTAINER_FILES.items():
        if os.path.lexists(root / name):
            return words
    for name in _CONTAINER_VARIABLES:
        if environ.get(name):
            return f"a container ({name} is set)"
    root_mount = Mounts(mounts, "").of("/")
    if root_mount is not None and root_mount.filesystem in _IMAGE:
        return f"a container (its root is {root_mount.filesystem})"
    for name in ("proc/1/cgroup", "proc/self/cgroup"):
        try:
            with open(root / name, encoding="utf-8", errors="replace") as file:
                if _CONTAINER_GROUPS.search(file.read(65536)):
                    return f"a container (/{name})"
        except OSError:
            continue
    return ""


class Mounts:
    """The mount table of this process. ``hint`` says why this is a container, if it is one."""

    def __init__(self, mounts: Sequence[Mount], hint: str) -> None:
        self.hint = hint
        self._children: dict[int, list[Mount]] = {}
        numbers = {mount.number for mount in mounts}
        roots = [m for m in mounts if m.point == "/" and m.parent not in numbers]
        self._root = roots[-1] if roots else None
        # In a chroot the parents of some mounts are out of sight: they are put on the root.
        top = self._root.number if self._root else 0
        for mount in mounts:
            if mount is not self._root and mount.parent != mount.number:
                parent = mount.parent if mount.parent in numbers else top
                self._children.setdefault(parent, []).append(mount)
        self._known: dict[int, Persistence] = {}

    def of(self, path: str) -> Mount | None:
        """The mount that ``path``, which has no links in it, lies on.

        Goes down the tree as the kernel does: of the mounts on the present one the first that
        the path crosses hides those below it, and of two on one place the later is on top.
        """
        current = self._root
        below = self._children.get(current.number if current else 0, [])
        for _ in range(1000):
            crossed = [m for m in below if _is_under(path, m.point)]
            if not crossed:
                break
            shortest = min(len(m.point) for m in crossed)
            current = [m for m in crossed if len(m.point) == shortest][-1]
            below = self._children.get(current.number, [])
        return current

    def persistence(self, path: str | os.PathLike[str], *, is_real: bool = False) -> Persistence:
        """Whether ``path`` outlives the container; of one that is not there, its parents decide.

        ``is_real``: there are no links in it.
        """
        text = os.fspath(path)
        mount = self.of(text if is_real else _resolved(text))
        if mount is None:
            return Persistence(None, "the mount table does not say")
        known = self._known.get(mount.number)
        if known is None:
            point = shown(mount.point)
            survives, why, network = self._sentence(mount, point)
            known = Persistence(survives, why, mount.filesystem, point, network)
            self._known[mount.number] = known
        return known

    def _sentence(self, mount: Mount, point: str) -> tuple[bool | None, str, bool]:
        kind = mount.filesystem
        source = _CREDENTIALS.sub("//", shown(mount.source))
        if kind in _MEMORY:
            return False, f"{point} is in memory ({kind})", False
        if kind in _KERNEL:
            return False, f"{point} is not a disk ({kind})", False
        if mount.point == "/" and self.hint:
            return False, f"in the image layer of {self.hint}", False
        if kind in _IMAGE:
            return False, f"{point} is an image layer ({kind})", False
        if "kubernetes.io~empty-dir" in mount.root:
            return False, f"{point} is an emptyDir volume, deleted with the pod", False
        if _ANONYMOUS_VOLUME.search(mount.root):
            why = f"{point} is an unnamed Docker volume, which `docker run --rm` deletes"
            return None, why, False
        if kind in _NETWORK or kind.startswith("fuse."):
            base = kind.removeprefix("fuse.")
            return True, f"{point} is a network file system ({base} from {source})", True
        if kind == "autofs":
            return None, f"{point} is not mounted yet (autofs)", False
        if kind in _DISKS or kind in _HOST_SHARES:
            if not self.hint:
                return True, f"on {point} ({kind}); this is not a container", False
            return True, f"{point} is a persistent mount ({kind})", False
        if not self.hint and mount.point == "/":
            return True, f"on {point} ({kind}); this is not a container", False
        return None, f"{point} is of the unknown file system {kind}", False


def _is_under(path: str, point: str) -> bool:
    return point == "/" or path == point or path.startswith(point + "/")


def _resolved(path: str) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return os.path.abspath(path.replace("\0", "?"))


class MountTable:
    """Reads the mount table anew for each listing, and understands it anew only if it changed."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        file: str = "/proc/self/mountinfo",
        root: Path = Path("/"),
    ) -> None:
        self._environ = environ
        self._file = file
        self._root = root
        self._text: bytes | None = None
        self._mounts = Mounts((), "")

    def read(self) -> Mounts:
        """The mount table as it is now: the same object while it is the same table."""
        try:
            with open(self._file, "rb") as file:
                text = file.read()
        except OSError:
            text = b""
        if text != self._text:
            parsed = parse_mountinfo(os.fsdecode(text))
            self._mounts = Mounts(parsed, container_hint(self._environ, parsed, self._root))
            self._text = text
        return self._mounts
