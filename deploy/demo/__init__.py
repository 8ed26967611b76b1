"""The demo: a pay week of three agencies, played through the public API by real processes.

python3 manage.py demo [--once] [--fast] [--reset] [--port 8000]
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Final

EXPECTED: Final = 8000  # the port that people try first


def main(words: Sequence[str]) -> int:
    """Play the week, prove that the books balance, and serve the site until it is stopped."""
    reader = argparse.ArgumentParser(prog="python3 manage.py demo", description=main.__doc__)
    reader.add_argument("--once", action="store_true", help="end after the summary")
    reader.add_argument("--fast", action="store_true", help="about forty workers, not four hundred")
    reader.add_argument("--reset", action="store_true", help="forget what was played before")
    reader.add_argument("--port", type=int, default=0, help="listen here; 8000 if it is free")
    asked = reader.parse_args(words)
    size = "fast" if asked.fast else "full"
    set_name = "demo-fast" if asked.fast else "demo"
    ports = (asked.port,) if asked.port else (EXPECTED, 0)
    # Whatever ends this process, what it started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from deploy.demo import kept
    from deploy.demo.installation import standing
    from deploy.demo.screen import Screen

    with kept.alone(set_name), Screen() as screen:
        if kept.is_cut_off(set_name):
            screen.say("demo", "an earlier week was cut off; it begins anew")
        if asked.reset or kept.is_cut_off(set_name):
            forget(set_name)
        with standing(set_name, ports=ports, say=screen.say) as installation:
            from deploy.demo.summary import show, show_the_way
            from deploy.demo.week_of_all import play, revisit

            left = kept.ended(set_name)
            if left is None:
                kept.begins(set_name)
                ended = play(installation, size, screen)
                kept.ends(set_name, ended.left)
            else:
                ended = revisit(installation, size, screen, left)
            is_well = show(installation, ended, screen)
            if not asked.once:
                show_the_way(installation, ended, screen)
                _until_stopped()
    return 0 if is_well else 1


def forget(set_name: str) -> None:
    """Delete what an earlier demo of this size left."""
    from deploy import servers
    from deploy.demo import kept
    from deploy.demo.installation import files_of
    from deploy.servers import homes

    kept.forget(set_name)
    servers.remove(set_name)
    shutil.rmtree(files_of(set_name), ignore_errors=True)
    shutil.rmtree(homes.home(set_name) / "logs", ignore_errors=True)


def _until_stopped() -> None:
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    stopped.wait()
    sys.stdout.write("\nStopping.\n")
