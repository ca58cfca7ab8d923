"""The Homebrew formula and the Nix flake, from their templates: version, address and digests of the archives that are there."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Homebrew's and Nix's names of the systems that have an archive.
SYSTEMS = {
    "x86_64-unknown-linux-musl": ("on_linux", "on_intel", "x86_64-linux"),
    "aarch64-unknown-linux-musl": ("on_linux", "on_arm", "aarch64-linux"),
    "x86_64-apple-darwin": ("on_macos", "on_intel", "x86_64-darwin"),
    "aarch64-apple-darwin": ("on_macos", "on_arm", "aarch64-darwin"),
}


def address():
    """Where releases are: the workflow's repository, else the one that Cargo.toml names."""
    if os.environ.get("GITHUB_REPOSITORY"):
        return f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}"
    metadata = subprocess.check_output(["cargo", "metadata", "--no-deps", "--format-version=1", "--locked"], cwd=HERE.parent)
    return json.loads(metadata)["packages"][0]["repository"] or "https://example.com/sdlrender"


def write(folder, version):
    """Both files into `folder`, for each archive in it."""
    releases = f"{address()}/releases/download/v{version}"
    brew, nix = {}, []
    for target, (system, cpu, nixos) in SYSTEMS.items():
        archive = folder / f"sdlrender-{version}-{target}.tar.gz"
        if archive.exists():
            digest = hashlib.sha256(archive.read_bytes()).hexdigest()
            url = f"{releases}/{archive.name}"
            brew.setdefault(system, []).append(f'    {cpu} do\n      url "{url}"\n      sha256 "{digest}"\n    end\n')
            nix.append(f'        {nixos} = {{\n          url = "{url}";\n          sha256 = "{digest}";\n        }};\n')
    blocks = [f"  {system} do\n{''.join(archives)}  end\n" for system, archives in brew.items()]
    values = {"@VERSION@": version, "@HOMEPAGE@": address(), "@ARCHIVES@": "\n".join(blocks).rstrip("\n")}
    fill("sdlrender.rb", values, folder)
    fill("flake.nix", {**values, "@ARCHIVES@": "".join(nix).rstrip("\n")}, folder)


def fill(name, values, folder):
    text = (HERE / f"{name}.in").read_text()
    for mark, value in values.items():
        text = text.replace(mark, value)
    (folder / name).write_text(text)
