"""The installer, run for real in temporary home folders.

The engines installed here borrow the test environment's PyTorch, and pip is pointed at a package
index that does not exist, so whatever works here works offline. Creating an environment is slow:
only the tests about that create one, the others start from a copy of a single installation.
"""

from __future__ import annotations

import ensurepip
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hosts import CHECKOUT, GimpHost, can_enclose
from PIL import Image, ImageChops, ImageStat
from quick_installer import Quick

from deepdream_core.installer.plug_in import plug_in_files
from deepdream_core.shared.own_folders import MARK

SHIPPED = (
    *("deepdream_core", "plug-ins", "docs", "tests/gimp"),
    *("install.py", "pyproject.toml"),
)
NO_NETWORK = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_RETRIES": "0",
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
}
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
needs_mounts = pytest.mark.skipif(
    not can_enclose(), reason="needs root on Linux to mount over system folders"
)


@dataclass
class User:
    """A user with a home folder, GIMP profiles in it, and a checkout of the project."""

    home: Path
    checkout: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        moved = self.settings.get("DEEPDREAM_HOME")
        return Path(moved) if moved else self.home / ".local" / "share" / "deepdream-gimp"

    @property
    def profile(self) -> Path:
        return self.home / ".config" / "GIMP" / "3.0"

    @property
    def plug_in(self) -> Path:
        return self.plug_in_of("3.0")

    def plug_in_of(self, series: str) -> Path:
        return self.profile.with_name(series) / "plug-ins" / "deepdream"

    @property
    def program(self) -> Path:
        return self.home / ".local" / "bin" / "deepdream"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": SYSTEM_PATH, "HOME": str(self.home), **NO_NETWORK, **self.settings}

    def command(self, *arguments: str, borrow: bool = True) -> list[str]:
        lent = ["--engine-python", sys.executable] if borrow else []
        return [sys.executable, str(self.checkout / "install.py"), *arguments, *lent]

    def install(self, *arguments: str, borrow: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run(self.command(*arguments, borrow=borrow))

    def installed(self, *arguments: str) -> str:
        """Run the installer, assert that it succeeds, and return its output."""
        done = self.install(*arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )


def new_user(folder: Path) -> User:
    """Create a user with a fresh checkout, another plug-in, and GIMPs that have been started.

    The names of the folders contain spaces, an apostrophe and an umlaut.
    """
    user = User(folder / "Jürgen's home", folder / "a checkout")
    for series in ("2.10", "3.0", "3.2"):
        user.profile.with_name(series).mkdir(parents=True)
    other = user.profile / "plug-ins" / "other" / "other.py"
    other.parent.mkdir(parents=True)
    other.write_text("print('other')\n")
    user.checkout.mkdir()
    for name in (*SHIPPED, "README.md", "LICENSE"):
        source, copy = CHECKOUT / name, user.checkout / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copyfile(source, copy)
    return user


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture
def user(tmp_path: Path) -> User:
    return new_user(tmp_path)


@dataclass(frozen=True)
class Template:
    """A user who has run the installer, and a copy of the resulting folders."""

    user: User
    kept: Path
    before: set[str]
    """The files in the home folder before the installation."""

    def restore(self) -> User:
        """Restore both folders from the copy and return the user."""
        for folder in (self.user.home, self.user.checkout):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.kept / folder.name, folder, symlinks=True)
        return replace(self.user, settings={})


@pytest.fixture(scope="session")
def template() -> Iterator[Template]:
    """The installation that tests copy. Its path is short, because it contains sockets."""
    with tempfile.TemporaryDirectory() as name:
        user, kept = new_user(Path(name)), Path(name) / "kept"
        before = files_in(user.home)
        user.installed()
        for folder in (user.home, user.checkout):
            shutil.copytree(folder, kept / folder.name, symlinks=True)
        yield Template(user, kept, before)


@pytest.fixture
def installed(template: Template) -> User:
    """A user who has just run the installer, at the same paths, which scripts contain."""
    return template.restore()


@pytest.fixture
def engine_only(installed: User) -> User:
    """A user who has the engine, but nothing else that the installer creates."""
    for series in ("2.10", "3.0", "3.2"):
        shutil.rmtree(installed.plug_in_of(series))
    installed.program.unlink()
    (installed.data / "installed.json").unlink()
    return installed


@pytest.mark.parametrize("command", ["install", "demo", "test", "uninstall"])
def test_a_dry_run_changes_nothing(user: User, command: str) -> None:
    before = files_in(user.home), files_in(user.checkout)
    done = user.install(command, "--dry-run", "--torch", "pypi", borrow=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.rstrip().endswith("No changes were made.")
    assert (files_in(user.home), files_in(user.checkout)) == before
    if command in ("install", "demo"):
        assert f"would create {user.data / 'engine'}" in done.stdout
        assert f"would install the plug-in in {user.plug_in}" in done.stdout


def test_it_needs_nothing_but_python(user: User) -> None:
    command = [sys.executable, "-I", "-S", str(user.checkout / "install.py"), "--dry-run"]
    done = user.run(command)
    assert done.returncode == 0, done.stdout


def test_a_terminal_limited_to_ascii_does_not_stop_it(user: User) -> None:
    user.settings = {"PYTHONIOENCODING": "ascii"}
    done = user.install("--dry-run", "--torch", "pypi", borrow=False)
    assert done.returncode == 0, done.stdout
    assert "J\\xfcrgen's home" in done.stdout


def test_the_plug_in_is_complete_and_knows_its_engine(installed: User) -> None:
    marker = json.loads((installed.plug_in / "installation.json").read_text("utf-8"))
    assert Path(marker["python"]) == installed.data / "engine" / "bin" / "python"
    assert os.access(installed.plug_in / "deepdream.py", os.X_OK)
    assert set(plug_in_files()) <= files_in(installed.plug_in)


def test_the_shared_code_in_the_plug_in_needs_no_packages(installed: User) -> None:
    shared = installed.plug_in / "deepdream_core" / "shared"
    names = [path.stem for path in shared.glob("[!_]*.py")]
    imports = "; ".join(f"import deepdream_core.shared.{name}" for name in names)
    code = f"import sys; sys.path.insert(0, sys.argv[1]); {imports}"
    told = installed.run([sys.executable, "-I", "-S", "-c", code, str(installed.plug_in)])
    assert len(names) > 3 and told.returncode == 0, told.stdout


def test_the_checkout_stays_clean_and_is_not_needed_afterwards(installed: User) -> None:
    fresh = new_user(installed.home / "another")
    assert files_in(installed.checkout) == files_in(fresh.checkout)
    away = installed.checkout.rename(installed.checkout.with_name("away"))
    told = installed.run([str(installed.program), "doctor", "--json"])
    away.rename(installed.checkout)
    report = json.loads(told.stdout)
    assert report["healthy"], told.stdout
    assert "answers" in report["engine"]
    states = {gimp["profile"]: gimp["plug_in"] for gimp in report["gimps"]}
    assert states[str(installed.profile)] == f"version {report['versions']['deepdream']}"


def test_a_second_run_finds_everything_in_place(
    quick: Quick, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quick.install() == 0
    watched = [quick.data / "engine" / "pyvenv.cfg", quick.plug_in, quick.home / ".local" / "bin"]
    before = [os.lstat(path).st_mtime_ns for path in watched]
    capsys.readouterr()
    assert quick.install() == 0
    said = capsys.readouterr().out.splitlines()
    assert "  already up to date" in said and "  3.0: up to date" in said
    assert any(line.startswith("Installed: DeepDream") for line in said)
    assert [os.lstat(path).st_mtime_ns for path in watched] == before


def test_an_update_replaces_changed_files_and_keeps_the_users(installed: User) -> None:
    user = installed
    own = user.plug_in / "my-notes.txt"
    own.write_text("mine")
    link = user.plug_in / "my-link"
    link.symlink_to("nowhere")
    with (user.checkout / "plug-ins/deepdream/deepdream.py").open("a") as plug_in:
        plug_in.write("# changed\n")
    with (user.checkout / "deepdream_core/shared/presets.py").open("a") as module:
        module.write("CHANGED = True\n")
    done = user.install()
    assert done.returncode == 0, done.stdout
    assert (user.plug_in / "deepdream.py").read_text("utf-8").endswith("# changed\n")
    assert own.read_text() == "mine"
    assert link.is_symlink()
    python = user.data / "engine" / "bin" / "python"
    asked = "import deepdream_core.shared.presets as p; print(p.CHANGED, p.__file__)"
    told = user.run([str(python), "-I", "-c", asked]).stdout
    assert told.startswith("True ") and str(user.data) in told


@pytest.mark.slow
def test_a_different_build_of_torch_rebuilds_the_environment(installed: User) -> None:
    user = installed
    made = user.data / "engine" / "pyvenv.cfg"
    before = made.stat().st_mtime_ns
    user.installed("install", "--torch", "pypi")
    assert made.stat().st_mtime_ns != before


@pytest.mark.slow
def test_an_update_that_was_killed_can_be_reverted(installed: User) -> None:
    user = installed
    module = user.checkout / "deepdream_core" / "shared" / "presets.py"
    text = module.read_text("utf-8")
    module.write_text(text + "CHANGED = True\n", "utf-8")
    # pip is running by then and continues on its own.
    killed_at(user, ".installing/tmp/pip-*")
    module.write_text(text, "utf-8")
    user.installed()
    asked = "import deepdream_core.shared.presets as p; print(hasattr(p, 'CHANGED'))"
    told = user.run([str(user.data / "engine" / "bin" / "python"), "-I", "-c", asked])
    assert told.stdout == "False\n"


def told(user: User, *arguments: str) -> list[dict[str, Any]]:
    """Run the installer in the plug-in's folder, and return what it reports."""
    command = [sys.executable, str(user.plug_in / "install.py"), *arguments, "--report"]
    if arguments[0] == "engine":
        command += ["--engine-python", sys.executable]
    lines = user.run(command).stdout.splitlines()
    return [json.loads(line) for line in lines]


def plan(user: User) -> dict[str, Any]:
    found = told(user, "engine", "--dry-run")
    assert found[-1] == {"kind": "finished"}, found
    return next(line for line in found if line["kind"] == "plan")


def test_the_plug_in_updates_and_removes_its_engine(installed: User) -> None:
    user, python = installed, installed.data / "engine" / "bin" / "python"
    assert plan(user)["state"] == "current" and plan(user)["occupied"] > 1e6
    mine = [user.data / name for name in ("presets/mine.json", "favourites.json")]
    for file in mine:
        file.write_text("{}")
    with (user.plug_in / "deepdream_core" / "shared" / "presets.py").open("a") as module:
        module.write("CHANGED = True\n")
    assert plan(user)["state"] == "outdated"
    done = told(user, "engine")
    assert done[-1] == {"kind": "finished"}
    assert [line["text"]["code"] for line in done if line["kind"] == "said"] == [
        "install-self-test"
    ]
    asked = "import deepdream_core.shared.presets as p; print(p.CHANGED)"
    assert user.run([str(python), "-I", "-c", asked]).stdout == "True\n"

    assert all(file.read_text() == "{}" for file in mine)
    before = files_in(user.plug_in)
    assert told(user, "uninstall", "--engine-alone")[-1] == {"kind": "finished"}
    assert not python.exists() and not user.program.is_symlink()
    assert all(file.exists() for file in mine) and files_in(user.plug_in) == before
    planned = plan(user)
    assert planned["state"] == "missing" and planned["needed"] < planned["free"]
    assert user.install("uninstall").returncode == 0
    assert not user.plug_in.exists()


def test_a_failure_is_told(user: User) -> None:
    folder = user.plug_in
    shutil.copytree(user.checkout, folder)
    command = [sys.executable, str(folder / "install.py"), "engine", "--report"]
    lines = user.run([*command, "--engine-python", "/bin/false"]).stdout.splitlines()
    last = json.loads(lines[-1])
    assert last["kind"] == "failed" and last["text"]["code"] == "install-lent-fails"
    assert "/bin/false is not a working Python" in last["text"]["text"]


def test_a_plug_in_folder_that_is_not_ours_is_left_alone(
    quick: Quick, capsys: pytest.CaptureFixture[str]
) -> None:
    quick.plug_in.mkdir(parents=True)
    (quick.plug_in / "deepdream.py").write_text("print('another')\n")
    assert quick.install() == 1
    said = capsys.readouterr().out
    assert f"{quick.plug_in} was not created by this installer" in said.splitlines()[-1]
    assert files_in(quick.plug_in) == {"deepdream.py"}
    quick.uninstall()
    assert (quick.plug_in / "deepdream.py").read_text() == "print('another')\n"


def killed_at(user: User, sign: str) -> None:
    """Start an installation and kill it once `sign` appears in the data folder."""
    process = subprocess.Popen(
        user.command(), env=user.environment, cwd=user.home, stdout=subprocess.PIPE
    )
    until = time.monotonic() + 120
    while not list(user.data.glob(sign)):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sign", "moved"),
    [(".installing/engine/pyvenv.cfg", "elsewhere"), (".installing/project-*", "")],
)
def test_an_installation_that_was_killed_can_be_started_again(
    user: User, tmp_path: Path, sign: str, moved: str
) -> None:
    """One case sets DEEPDREAM_HOME. Uninstalling leaves nothing behind."""
    before = files_in(tmp_path)
    if moved:
        user.settings = {"DEEPDREAM_HOME": str(tmp_path / moved)}
    killed_at(user, sign)
    assert not (user.data / "engine" / "deepdream-installed.json").exists()
    done = user.install()
    assert done.returncode == 0, done.stdout
    left = {"engine", "models", "presets", "logs", "run", "installed.json", ".install.lock"}
    assert {path.name for path in user.data.iterdir()} == left
    user.installed("uninstall")
    assert files_in(tmp_path) == before


def test_a_plug_in_update_interrupted_between_old_and_new_recovers(quick: Quick) -> None:
    assert quick.install() == 0
    (quick.plug_in / "my-notes.txt").write_text("mine")
    profile = quick.plug_in.parents[1]
    quick.plug_in.rename(profile / ".deepdream-plug-in.old")
    assert quick.install() == 0
    assert (quick.plug_in / "my-notes.txt").read_text() == "mine"
    assert {path.name for path in profile.iterdir()} == {"plug-ins"}


def test_uninstalling_removes_what_was_installed_and_nothing_else(
    installed: User, template: Template
) -> None:
    user = installed
    presets, settings = user.data / "presets" / "mine.json", user.data / "last-settings.json"
    for mine in (presets, settings, user.plug_in / "my-notes.txt"):
        mine.write_text('{"preset": "classic", "settings": {}}')

    done = user.install("uninstall")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "Uninstalled."
    files = {p for p in files_in(user.home) - template.before if (user.home / p).is_file()}
    kept = (
        *(presets, settings, user.plug_in / "my-notes.txt", user.data / "installed.json"),
        presets.parent / MARK,  # so that `--everything` can remove the folder later
    )
    assert files == {str(path.relative_to(user.home)) for path in kept}
    assert "my-notes.txt" in done.stdout and str(user.data) in done.stdout

    (user.plug_in / "my-notes.txt").unlink()
    user.plug_in.rmdir()
    user.installed("uninstall", "--everything")
    assert files_in(user.home) == template.before


def test_uninstalling_stops_the_warm_engine(installed: User, template: Template) -> None:
    user = installed
    python, place = user.data / "engine" / "bin" / "python", user.data / "run" / "engine.sock"
    command = [str(python), "-I", "-m", "deepdream_core.engine", "--socket", str(place)]
    engine = subprocess.Popen(command, env=user.environment)
    try:
        while not place.exists():
            assert engine.poll() is None
            time.sleep(0.05)
        user.installed("uninstall")
        assert engine.wait(60) == 0
    finally:
        engine.kill()
    assert files_in(user.home) == template.before
    assert not user.data.exists()


def test_without_a_network_it_says_so(user: User) -> None:
    done = user.install("--torch", "pypi", borrow=False)
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith("Failed: The packages could not be downloaded"), done.stdout
    assert not (user.data / "engine").exists()


@pytest.mark.parametrize(
    ("python", "complaint"),
    [
        ("/nowhere/python", "is not a working Python"),
        ("bare", "cannot import torch and torchvision"),
        ("torch 2.3.1+cpu", "has torch 2.3.1+cpu; the engine needs 2.4 or later"),
        ("torchvision 0.18.1", "has torchvision 0.18.1; the engine needs 0.19 or later"),
    ],
)
def test_a_borrowed_python_has_to_fit(user: User, python: str, complaint: str) -> None:
    if not python.startswith("/"):
        lent = user.home / "lent"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", lent], check=True)
        if python != "bare":
            old, _, version = python.partition(" ")
            versions = {"torch": "2.14.1", "torchvision": "0.29.1", old: version}
            for name, number in versions.items():
                module = next(lent.rglob("site-packages")) / f"{name}.py"
                module.write_text(f"print('welcome')\n__version__ = '{number}'\n")
        python = str(lent / "bin" / "python")
    done = user.install("--engine-python", python, borrow=False)
    assert done.returncode == 1
    assert complaint in done.stdout


def laid_over(target: Path, size: str, command: list[str]) -> list[str]:
    """Return a command that runs another one with a small, empty disk mounted over `target`."""
    unshare, shell, mount = map(shutil.which, ("unshare", "sh", "mount"))
    script = f'{mount} -t tmpfs -o size={size} tmpfs "$1" && shift && exec "$@"'
    private = [str(unshare), "--mount", "--propagation", "private"]
    return [*private, str(shell), "-c", script, "sh", str(target), *command]


def read_only(target: Path, command: list[str]) -> list[str]:
    """Return a command that runs another one with `target` mounted read-only."""
    unshare, shell, mount = map(shutil.which, ("unshare", "sh", "mount"))
    script = f'{mount} --bind "$1" "$1" && {mount} -o remount,bind,ro "$1" && shift && exec "$@"'
    private = [str(unshare), "--mount", "--propagation", "private"]
    return [*private, str(shell), "-c", script, "sh", str(target), *command]


@pytest.mark.slow
@needs_mounts
@pytest.mark.parametrize("trouble", ["full", "read only"])
def test_an_unwritable_plug_in_folder_is_reported_and_can_be_fixed(
    engine_only: User, trouble: str
) -> None:
    user = engine_only
    command = user.command()
    if trouble == "full":
        command, said = laid_over(user.profile, "64k", command), "the disk is full ("
    else:
        command, said = read_only(user.profile, command), "is on a read-only disk."
    done = user.run(command)
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith("Incomplete: ") and said in last, done.stdout
    user.installed()
    assert (user.plug_in / "deepdream.py").exists()


@needs_mounts
def test_without_the_venv_module_it_names_the_package(user: User) -> None:
    # Without apt-get on the path it cannot install the package, as if it were not root.
    user.settings = {"PATH": str(user.home)}
    command = user.command("--torch", "pypi", borrow=False)
    done = user.run(laid_over(Path(ensurepip.__file__).parent, "1m", command))
    assert done.returncode == 1
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"sudo apt install python{version}-venv" in done.stdout


@needs_mounts
def test_without_disk_space_it_says_how_much_is_needed(user: User) -> None:
    user.data.mkdir(parents=True)
    command = user.command("--torch", "pypi", borrow=False)
    done = user.run(laid_over(user.data, "50m", command))
    assert done.returncode == 1
    assert "has 0.1 GB free" in done.stdout and "DEEPDREAM_HOME" in done.stdout


@pytest.mark.slow
def test_the_demo_dreams_through_every_gimp_also_at_its_first_start(
    gimp: GimpHost, template: Template, tmp_path: Path
) -> None:
    user = template.restore()
    photo = user.checkout / "docs" / "photo.jpg"
    with Image.open(photo) as large:
        small = large.resize((160, 120))
    small.save(photo)
    profile = tmp_path / "never started"
    directory = "GIMP2_DIRECTORY" if gimp.is_gimp2 else "GIMP3_DIRECTORY"
    done = gimp.run(
        ["python3", user.checkout / "install.py", "demo", "--engine-python", sys.executable],
        tmp_path,
        env={**NO_NETWORK, directory: str(profile), "DEEPDREAM_HOME": str(user.data)},
        binds=[user.home.parent],
        timeout=900,
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1].startswith(f"Dreamed through GIMP {gimp.version} in ")
    with Image.open(tmp_path / "demo.png") as dream:
        assert dream.size == small.size
        change = ImageChops.difference(dream.convert("RGB"), small)
        assert min(ImageStat.Stat(change).mean) > 5
    assert (tmp_path / "demo.xcf").read_bytes().startswith(b"gimp xcf ")
    # GIMP creates these only if its configuration folder did not exist before.
    assert (profile / "brushes").is_dir() and (profile / "plug-ins" / "deepdream").is_dir()
