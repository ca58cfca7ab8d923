"""The archive, the Debian package and the list of parts. The same input gives the same bytes: the time is SOURCE_DATE_EPOCH, the
owner root, and the order that of the names."""

import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

# Where each shell looks for completions, and what `completions SHELL` is asked for.
COMPLETIONS = {"bash": "sdlrender.bash", "zsh": "_sdlrender", "fish": "sdlrender.fish"}
TEXTS = ("README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE")


def stage(root, folder, binary, documents, notices):
    """Lays out what every package holds. `documents` is a binary that runs here."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("man", "completions"):
        (folder / part).mkdir(parents=True)
    shutil.copy(binary, folder / binary.name)
    for name in TEXTS:
        shutil.copy(root / name, folder / name)
    (folder / "THIRD-PARTY.txt").write_text(notices)
    (folder / "man/sdlrender.1").write_bytes(subprocess.check_output([documents, "man"]))
    for shell, name in COMPLETIONS.items():
        (folder / "completions" / name).write_bytes(subprocess.check_output([documents, "completions", shell]))


def epoch():
    return int(os.environ["SOURCE_DATE_EPOCH"])


def tar(files):
    """A tar of `files`: names to bytes and mode; `None` for bytes makes a folder."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (content, mode) in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.mtime, member.mode = epoch(), mode
            if content is None:
                member.type = tarfile.DIRTYPE
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def compressed(data):
    """`data` as gzip has it, without a time or a name."""
    return gzip.compress(data, 9, mtime=0)


def archive(folder, path, name):
    """`folder` as an archive in which everything is below `name`."""
    files = {name: (None, 0o755)}
    for file in folder.rglob("*"):
        inner = f"{name}/{file.relative_to(folder)}"
        files[inner] = (None, 0o755) if file.is_dir() else (file.read_bytes(), 0o755 if file.name.startswith("sdlrender") and file.parent == folder else 0o644)
    path.write_bytes(compressed(tar(files)))


def debian(root, target, out):
    """The Debian package, from what is laid out; Cargo.toml says where each file goes."""
    command = ["cargo", "deb", "--no-build", "--no-strip", "--quiet", "--locked", "--target", target, "--output", f"{out}/"]
    subprocess.check_call(command, cwd=root)


def parts(root, path):
    """The list of all crates that are built in, as CycloneDX: one for all systems."""
    name = path.name.removesuffix(".cdx.json")
    made = root / f"{name}.json"
    command = ["cargo", "cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5", "--override-filename", name]
    subprocess.check_call(command, cwd=root)
    document = json.loads(made.read_text())
    # Each package of the workspace gets a list. The program's names all, the other packages of the workspace, too.
    for one in (made, *root.glob(f"*/{made.name}")):
        one.unlink()
    # Drawn by chance, and of no use in a file that has a digest.
    document.pop("serialNumber", None)
    text = json.dumps(document, indent=1, sort_keys=True).replace(f"{root}", ".")
    Path(path).write_text(text + "\n")
