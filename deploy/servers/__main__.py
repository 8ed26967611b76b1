"""Starts, stops, removes or describes a set from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from deploy.servers import Servers, Unavailable, remove, start, status, stop


def main(words: Sequence[str] | None = None) -> int:
    """Start, stop, remove or describe a set from the command line."""
    reader = argparse.ArgumentParser(
        prog="python3 -m deploy.servers", description=__doc__.partition("\n")[0]
    )
    reader.add_argument("deed", choices=["up", "down", "status", "remove"])
    reader.add_argument("--name", default="demo")
    asked = reader.parse_args(words)
    servers: Servers | None = None
    try:
        if asked.deed == "up":
            servers = start(asked.name)
        elif asked.deed == "status":
            servers = status(asked.name)
        else:
            (stop if asked.deed == "down" else remove)(asked.name)
    except Unavailable as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    if servers:
        sys.stdout.write(f"DATABASE_URL={servers.database_url}\nBROKER_URL={servers.broker_url}\n")
    return 0 if servers or asked.deed in {"down", "remove"} else 3


if __name__ == "__main__":
    sys.exit(main())
