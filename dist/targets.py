"""The targets of the static binaries, and how each is compiled."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

PROFILE = os.environ.get("SDLRENDER_DIST_PROFILE", "release")
LINUX = ("x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl")
OTHERS = ("x86_64-apple-darwin", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")


def architecture(target):
    return target.split("-")[0]


def debian(target):
    """Debian's name of the architecture, which images use, too."""
    return {"x86_64": "amd64", "aarch64": "arm64"}[architecture(target)]


def static(target):
    """Whether its binary needs nothing of the system: only these get packages, the others an archive."""
    return target.endswith("-musl")


def native(target):
    """Whether a binary for `target` runs here."""
    system = {"Linux": "linux", "Darwin": "darwin", "Windows": "windows"}[platform.system()]
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
    return architecture(target) == machine and system in target


def emulator(target):
    """QEMU for Linux binaries of another processor, if it is installed. It is static, so that it runs where there is nothing else."""
    return shutil.which(f"qemu-{architecture(target)}-static") if static(target) else None


def zig():
    """Zig as a C compiler for another architecture: the program itself, or the Python package `ziglang`."""
    if shutil.which("zig"):
        return ["zig"]
    python = [sys.executable, "-m", "ziglang"]
    return python if subprocess.run([*python, "version"], capture_output=True).returncode == 0 else None


def possible():
    """The targets that this machine can build, its own first."""
    names = [target for target in (*LINUX, *OTHERS) if native(target)]
    if not static(names[0]):
        return names
    for target in LINUX:
        if not native(target) and zig():
            names.append(target)
        elif not native(target):
            print(f"dist: {target} is left out: there is no zig (`pip install ziglang`) to compile C for it", file=sys.stderr)
    return names


def compile(root, target):
    """The binary for `target`. No path of this machine gets into it, so that every machine builds the same bytes."""
    environment = dict(os.environ, CARGO_INCREMENTAL="0")
    cargo = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    places = {str(root): "/sdlrender", str(cargo): "/cargo"}
    # An environment variable replaces the flags of a configuration file, so nobody's own flags get in.
    environment["RUSTFLAGS"] = " ".join(f"--remap-path-prefix={path}={name}" for path, name in places.items())
    flags = [f"-ffile-prefix-map={path}={name}" for path, name in places.items()]
    name = target.replace("-", "_")
    if static(target) and not native(target):
        tools = root / "target/dist/tools"
        tools.mkdir(parents=True, exist_ok=True)
        # rustc brings musl and its start files; zig compiles only what is C. `--target` is cargo's name for it, not zig's.
        compiler = " ".join(f"'{word}'" for word in zig())
        script(
            tools / f"{name}-cc",
            'for argument; do shift; case $argument in --target=*) ;; *) set -- "$@" "$argument" ;; esac; done\n'
            f'exec {compiler} cc -target {architecture(target)}-linux-musl "$@"',
        )
        script(tools / f"{name}-ar", f'exec {compiler} ar "$@"')
        environment[f"CC_{name}"] = str(tools / f"{name}-cc")
        environment[f"AR_{name}"] = str(tools / f"{name}-ar")
        environment[f"CARGO_TARGET_{name.upper()}_LINKER"] = "rust-lld"
        flags += ["-fno-sanitize=undefined", "-mno-outline-atomics"]
    # Microsoft's compiler has no such flags.
    if "windows" not in target:
        environment[f"CFLAGS_{name}"] = " ".join(flags)
    # The program is compiled to be small, but linked for speed: with loops vectorised, which takes a thirteenth off the instructions of a
    # render, and with only small functions inlined anew, so that it is hardly larger.
    link = ["--", "-Copt-level=3", "-Cllvm-args=-inline-threshold=20"] if PROFILE == "release" else []
    command = ["cargo", "rustc", "--locked", "--target", target, "--profile", PROFILE, "--package", "sdlrender", "--bin", "sdlrender", *link]
    subprocess.check_call(command, cwd=root, env=environment)
    folder = Path(os.environ.get("CARGO_TARGET_DIR", root / "target")) / target
    return folder / ("debug" if PROFILE == "dev" else PROFILE) / ("sdlrender.exe" if "windows" in target else "sdlrender")


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
