"""The licences of everything that is linked into the static binaries: THIRD-PARTY.txt.

Not cargo-about: it sees crates, and the binary also holds libdbus and musl, which are C, and Rust's standard library."""

import json
import subprocess
from pathlib import Path

import targets

NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT", "UNLICENSE")


def text(root):
    """The whole file: each text once, below what it is for. A package without any is an error, unless its licence is known here."""
    sections = {}

    def add(name, texts):
        for one in texts:
            # Copies differ in their spaces.
            sections.setdefault(" ".join(one.split()), (one, []))[1].append(name)

    for package in linked(root):
        name = f"{package['name']} {package['version']}"
        add(name, files(Path(package["manifest_path"]).parent, package["license"] or "") or known(root, package))
    own = read(root / "LICENSE-MIT").replace("The sdlrender authors", "{}").replace("2026 ", "")
    add("musl, the C library", [own.format("2005-2020 Rich Felker and others")])
    add("Rust's standard library", [own.format("The Rust Project Developers")])
    parts = ["What is linked into sdlrender, and its licences. Where there is a choice, sdlrender takes MIT.\n"]
    for one, names in sorted(sections.values(), key=lambda section: section[1]):
        parts.append("=" * 80 + "\n" + "\n".join(names) + "\n" + "-" * 80 + "\n\n" + one + "\n")
    return "\n".join(parts)


def linked(root):
    """The packages of others whose code is in the binaries, without those that only build it."""
    packages = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version=1", "--locked"], cwd=root))["packages"]
    names = set()
    for target in targets.LINUX:
        tree = ["cargo", "tree", "--locked", "--target", target, "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]
        lines = subprocess.check_output(tree, cwd=root, text=True).splitlines()
        names |= {tuple(line.split()[:2]) for line in lines if line}
    found = [package for package in packages if (package["name"], f"v{package['version']}") in names]
    return sorted((package for package in found if package["source"]), key=lambda package: package["name"])


def files(folder, licence):
    """The texts in a package's folder, and those of the C library that comes with libdbus-sys."""
    paths = [path for path in folder.iterdir() if path.name.upper().startswith(NAMES) and path.is_file()]
    mit = [path for path in paths if "MIT" in path.name.upper()]
    if mit and " AND " not in licence:
        paths = mit
    library = folder / "vendor/dbus"
    if library.is_dir():
        paths += [path for path in library.rglob("*") if path.name in ("COPYING", "AFL-2.1.txt")]
    return [read(path) for path in sorted(paths)]


def read(path):
    return "\n".join(line.rstrip() for line in path.read_text(errors="replace").splitlines()).strip()


def known(root, package):
    """For a package that carries no text, but whose licence is one that this project has too."""
    licence = package["license"] or ""
    authors = ", ".join(author.split(" <")[0] for author in package["authors"]) or f"The authors of {package['name']}"
    if "MIT" in licence:
        return [read(root / "LICENSE-MIT").replace("2026 The sdlrender authors", authors)]
    if "Apache-2.0" in licence:
        return [f"Copyright (c) {authors}\n\n" + read(root / "LICENSE-APACHE")]
    raise SystemExit(f"error: {package['name']} {package['version']} ({licence}) carries no licence text")
