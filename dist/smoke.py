"""Tries each package as a user would: in an empty root, with nothing but what the package brings."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import image
import pack
import targets

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples/nextjs-redis"


def everything(out, version, built):
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=out, check=True)
    for target in built:
        archive(out / f"sdlrender-{version}-{target}.tar.gz", target)
        if targets.static(target):
            debian(next(out.glob(f"*_{targets.debian(target)}.deb")), target)
            oci(out / image.name(version, target), version, target)
    if targets.static(next(iter(built))):
        listed(out / f"sdlrender-{version}.cdx.json")
        formulas(out, version)
    # A Debian root without a compiler, made with debootstrap.
    bare = os.environ.get("SDLRENDER_DIST_BARE")
    if bare:
        on_bare_debian(Path(bare), next(out.glob(f"*_{targets.debian(next(iter(built)))}.deb")))


def told(message):
    print(f"smoke: {message}", file=sys.stderr, flush=True)


def skipped(message):
    if os.environ.get("SDLRENDER_CI_REQUIRE") == "all":
        sys.exit(f"error: {message}")
    told(f"skipped: {message}")


def inside(root, *command, **options):
    """What `command` prints when `root` is all that there is of the disk."""
    user = [] if os.getuid() == 0 else ["unshare", "--map-root-user"]
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
    return subprocess.run(
        [*user, shutil.which("chroot") or "/usr/sbin/chroot", root, *command],
        check=True, env=clean, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, **options
    ).stdout.decode()


def renders(root, program, target):
    """The example renders in `root`, where `program` is: on Linux with nothing else on the disk."""
    emulator = None if targets.native(target) else targets.emulator(target)
    if not targets.native(target) and not emulator:
        told(f"{target}: not run on this machine")
        return
    (root / "example").mkdir()
    shutil.copy(EXAMPLE / "deploy.tmpl.yaml", root / "example")
    # Under another name, or its values would be taken for the stand-ins that they are.
    shutil.copy(EXAMPLE / ".env.example", root / "example/.env")
    if emulator:
        shutil.copy(emulator, root / "example/qemu")
    if platform.system() == "Linux":
        text = inside(root, *["/example/qemu"] * bool(emulator), program, "/example/deploy.tmpl.yaml")
    else:
        command = [root / program[1:], root / "example/deploy.tmpl.yaml"]
        text = subprocess.check_output(command, timeout=60).decode()
    assert "SESSION_SECRET=made-up $ession # secret" in text and "{{" not in text, text
    shutil.rmtree(root / "example")
    if emulator:
        told(f"{target}: rendered under QEMU")


def documents(folder, man, completions):
    """The man page and the completions in `folder` are read without a complaint by what reads them."""
    assert all((folder / name).stat().st_size > 100 for name in (man, *completions.values()))
    if platform.system() != "Linux":
        return
    page = subprocess.run(["man", "--warnings", "-l", folder / man], capture_output=True, env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
    assert page.returncode == 0 and not page.stderr and b"sdlrender" in page.stdout, page.stderr
    bash = 'source "$1" && complete -p sdlrender'
    subprocess.run(["bash", "-ec", bash, "bash", folder / completions["bash"]], check=True, stdout=subprocess.DEVNULL)
    for shell in ("zsh", "fish"):
        if shutil.which(shell):
            subprocess.run([shell, "-n", folder / completions[shell]], check=True)


def archive(path, target):
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(path) as opened:
            opened.extractall(folder, filter="data")
        top = Path(folder) / path.name.removesuffix(".tar.gz")
        names = {str(file.relative_to(top)) for file in top.rglob("*") if file.is_file()}
        program = "sdlrender.exe" if "windows" in target else "sdlrender"
        completions = {shell: f"completions/{name}" for shell, name in pack.COMPLETIONS.items()}
        wanted = {program, "THIRD-PARTY.txt", "man/sdlrender.1", *pack.TEXTS, *completions.values()}
        assert names == wanted, names ^ wanted
        documents(top, "man/sdlrender.1", completions)
        renders(top, f"/{program}", target)
        told(f"{path.name}: complete")


def debian(path, target):
    """The package is installed and removed by dpkg in a root that has nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        admin = root / "var/lib/dpkg"
        for name in ("info", "updates", "triggers"):
            (admin / name).mkdir(parents=True)
        for name in ("status", "available"):
            (admin / name).touch()
        dpkg = ["dpkg", f"--root={root}", "--force-not-root", "--force-architecture", "--log=/dev/null"]
        user = [] if os.getuid() == 0 else ["fakeroot"]
        subprocess.run([*user, *dpkg, "--install", path], check=True, capture_output=True)
        share = "usr/share"
        completions = {
            "bash": f"{share}/bash-completion/completions/sdlrender",
            "zsh": f"{share}/zsh/vendor-completions/_sdlrender",
            "fish": f"{share}/fish/vendor_completions.d/sdlrender.fish",
        }
        documents(root, f"{share}/man/man1/sdlrender.1.gz", completions)
        assert (root / f"{share}/doc/sdlrender/copyright").exists()
        renders(root, "/usr/bin/sdlrender", target)
        subprocess.run([*user, *dpkg, "--purge", "sdlrender"], check=True, capture_output=True)
        left = [file for file in root.rglob("*") if not file.is_dir() and "var/lib/dpkg" not in str(file)]
        assert not left, left
        told(f"{path.name}: installs, and leaves nothing when removed")


def oci(path, version, target):
    if not shutil.which("skopeo"):
        skipped("skopeo is not installed, so nothing but dist/build has read the image")
    else:
        cpu = targets.debian(target)
        read = ["skopeo", f"--override-arch={cpu}", "inspect", f"oci-archive:{path}:{version}"]
        shown = json.loads(subprocess.check_output(read))
        assert (shown["Architecture"], len(shown["Layers"])) == (cpu, 1), shown
    with tempfile.TemporaryDirectory() as folder, tarfile.open(path) as opened:
        def read(digest):
            return opened.extractfile(f"blobs/sha256/{digest.removeprefix('sha256:')}")

        manifest = json.load(read(json.load(opened.extractfile("index.json"))["manifests"][0]["digest"]))
        config = json.load(read(manifest["config"]["digest"]))
        with tarfile.open(fileobj=read(manifest["layers"][0]["digest"]), mode="r:gz") as layer:
            layer.extractall(folder, filter="data")
        renders(Path(folder), config["config"]["Entrypoint"][0], target)
    told(f"{path.name}: {path.stat().st_size} bytes, read and unpacked")


def listed(path):
    names = {component["name"] for component in json.loads(path.read_text())["components"]}
    assert len(names) > 50 and {"minijinja", "libyaml-safer", "rustls"} <= names, len(names)
    told(f"{path.name}: {len(names)} crates")


def formulas(out, version):
    for name, tool, check in (("sdlrender.rb", "ruby", ["-c"]), ("flake.nix", "nix-instantiate", ["--parse"])):
        text = (out / name).read_text()
        digests = re.findall(r'sha256 =? ?"([0-9a-f]{64})"', text)
        archives = list(out.glob(f"sdlrender-{version}-*.tar.gz"))
        assert len(digests) == len(archives) > 0 and "@" not in re.sub(r'@[a-z]|"@', "", text), text
        if shutil.which(tool):
            subprocess.run([tool, *check, out / name], check=True, stdout=subprocess.DEVNULL)
        else:
            skipped(f"{tool} is not installed, so nobody has read {name}")


def on_bare_debian(bare, package):
    """Install, init, check and render where there is neither a toolchain nor anything else."""
    assert not any((bare / f"usr/bin/{tool}").exists() for tool in ("cc", "gcc", "cargo", "rustc", "python3")), "not a bare root"
    shutil.copy(package, bare / "tmp/sdlrender.deb")
    start = time.monotonic()
    inside(bare, "dpkg", "--install", "/tmp/sdlrender.deb")
    script = """
        rm -rf /project && mkdir /project && cd /project
        sdlrender init ghcr >/dev/null
        sdlrender check *.tmpl.yaml
        export GHCR_USERNAME=me GHCR_TOKEN=ghp_exampleexampleexampleexampleexample0
        sdlrender *.tmpl.yaml
    """
    text = inside(bare, "sh", "-ec", script)
    assert "ghp_example" in text, text
    seconds = time.monotonic() - start
    inside(bare, "dpkg", "--purge", "sdlrender")
    assert not (bare / "usr/bin/sdlrender").exists()
    assert seconds < 60, seconds
    told(f"bare Debian: installed, init, check, render in {seconds:.1f} s")
