"""What manage.py does once its environment stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy import servers

CHECKOUT = Path(__file__).resolve().parent.parent
DEPLOY = CHECKOUT / "deploy"
# These ask the models, not a database.
WITHOUT_SERVERS = {
    "spec",
    "makemigrations",
    "check",
    "spectacular",
    "collectstatic",
    "diffsettings",
}

# What a marker asks for lies in one folder; where others are asked, what was left out is said.
FOLDER_OF = {"rulebook": ["tests/rulebook"], "independent": ["tests/independent", "-rs"]}


def run(words: Sequence[str]) -> int:
    """Do what was asked; what is not a command of ours is one of Django's."""
    ours = COMMANDS.get(words[0])
    try:
        return ours(words[1:]) if ours else django(words)
    except servers.Unavailable as reason:
        sys.stderr.write(f"{reason}\n")
        return 1


def test(words: Sequence[str]) -> int:
    """Hand over to pytest; two workers share the whole suite, and so they do the rulebook's."""
    chosen = any(
        word in {"-n", "--numprocesses", "-p", "--pdb", "--collect-only"} for word in words
    )
    asks_little = any(word == "-m" or word.startswith(("-m", "tests", "-k")) for word in words)
    asks_for = words[1] if words[:1] == ["-m"] and len(words) > 1 else ""
    alone = chosen or (asks_little and asks_for != "rulebook")
    shared = [] if alone else ["-n", "2", "--dist", "loadfile"]
    # The calculators can be tested while everything above them is in pieces.
    place = FOLDER_OF.get(asks_for, [])
    os.chdir(CHECKOUT)
    python = [sys.executable, "-m", "pytest", *shared, *words, *place]
    os.execv(sys.executable, python)


def lock(_words: Sequence[str]) -> int:
    """Resolve deploy/*.in anew and write the locks: hashes, and no index's address."""
    uv = shutil.which("uv")
    if uv is None:
        sys.stderr.write("Writing the locks takes uv; install it with: pip install uv\n")
        return 1
    for name in ("requirements", "requirements-dev", "independent"):
        rules = [
            "--python-version",
            "3.11",
            "--universal",
            "--generate-hashes",
            "--no-emit-index-url",
        ]
        subprocess.run(
            [uv, "pip", "compile", *rules, "--no-header", "-q", f"{name}.in", "-o", f"{name}.lock"],
            cwd=DEPLOY, check=True,
        )  # fmt: skip
        sys.stdout.write(f"deploy/{name}.lock\n")
    return 0


def up(_words: Sequence[str]) -> int:
    """Start the demo's servers, make their database whole, and leave them running."""
    from deploy import database

    addresses = servers.start("demo")
    database.stand("demo", addresses)
    for name, value in database.addresses(addresses.database_url, set_name="demo").items():
        sys.stdout.write(f"{name}={value}\n")
    sys.stdout.write(f"BROKER_URL={addresses.broker_url}\n")
    return 0


def down(_words: Sequence[str]) -> int:
    """Stop the demo's servers."""
    servers.stop("demo")
    return 0


def demo(words: Sequence[str]) -> int:
    """Play a pay week for three agencies and serve the site."""
    from importlib import import_module

    play: Callable[[Sequence[str]], int] = import_module("deploy.demo").main
    return play(words)


def bench(words: Sequence[str]) -> int:
    """Measure how fast it is, against a bare floor in the same run."""
    from importlib import import_module

    measured: Callable[[Sequence[str]], int] = import_module("deploy.bench").main
    return measured(words)


def storm(words: Sequence[str]) -> int:
    """Play a big week twice, once while its processes are killed, and compare the books."""
    from importlib import import_module

    played: Callable[[Sequence[str]], int] = import_module("deploy.storm").main
    return played(words)


def law(words: Sequence[str]) -> int:
    """Write the page of the law that is held, or say whether it is current."""
    from deploy.law import main

    return main(words)


def independent(words: Sequence[str]) -> int:
    """Make the environment of the calculators that the tests ask for a second opinion."""
    from deploy.independent import main

    return main(words)


def django(words: Sequence[str]) -> int:
    """Run a command of Django's against the demo's database, its servers running meanwhile."""
    if words[0] in WITHOUT_SERVERS:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings.test")
        warnings.filterwarnings("ignore", message="Got an error checking a consistent migration")
        return _execute(words)
    from deploy import database

    with servers.running("demo") as addresses:
        database.stand("demo", addresses)
        return _execute(words)


def _execute(words: Sequence[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *words])
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "test": test, "lock": lock, "up": up, "down": down, "demo": demo, "bench": bench,
    "storm": storm, "law": law, "independent": independent,
}  # fmt: skip
