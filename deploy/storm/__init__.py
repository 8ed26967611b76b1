"""Storm: a big week played twice, once while web, worker and PostgreSQL are killed, and compared.

python3 manage.py storm                               20,000 workers, 20 kills
python3 manage.py storm --workers 400 --kills 6       smaller
python3 manage.py storm --seed 7                      other moments

Both weeks begin from copies of one database, so whatever differs afterwards the kills did.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Prepare the week, play it calmly and in the storm, and say whether the books are the same."""
    asked = _asked(words)
    say = _clock()
    from deploy.storm import ground

    # What follows imports models, which stand only now.
    with ground.made(asked.workers, say) as found:
        from deploy.storm import week
        from deploy.storm.killing import Storm
        from deploy.storm.verdict import difference

        with ground.copied(found, "calm") as place:
            say("calm", "the week begins")
            took = week.play(place, lambda what: say("calm", what))
            calm = week.read(place)
            say("calm", f"the week took {sum(took.values()):.0f} s")
        with ground.copied(found, "stormy") as place:
            say("storm", f"the week begins again, to be killed {asked.kills} times")
            with Storm(place, kills=asked.kills, seed=asked.seed, calm=took, say=say) as storm:
                took = week.play(place, lambda what: say("storm", what), storm.enters)
                storm.ends()
            stormy = week.read(place)
            say("storm", f"the week took {sum(took.values()):.0f} s; killed were {storm.told()}")
        faults = difference(calm, stormy)
        if not storm.is_over:
            faults.append(f"The week was over before all {asked.kills} kills had happened.")
        for fault in faults[:40]:
            say("verdict", fault)
        say("verdict", stormy.told())
        well = "the books are the same" if not faults else f"{len(faults)} things differ"
        say("verdict", f"{well}: {asked.workers} workers, {asked.kills} kills, seed {asked.seed}")
    return 1 if faults else 0


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py storm", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--workers", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="makes the moments of the kills")
    return parser.parse_args(list(words))


class _clock:  # noqa: N801  # it is called as a function is
    """Says what happens, each line with the seconds since the start."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def __call__(self, who: str, what: str) -> None:
        sys.stdout.write(f"{time.monotonic() - self.began:7.1f} s  {who:8} {what}\n")
        sys.stdout.flush()
