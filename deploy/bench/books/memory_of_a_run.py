"""Memory of a run: the most that one process ever holds that pays and bills many workers at once.

One agency, all of whose workers are in one pay run; the process is one of its own, begun for the
run, so that nothing of the bench is in it. The floor is the limit, as for `memory`.
"""

import json
import subprocess
import sys

from backline.payroll.models import Payslip
from deploy.bench.books import workweeks
from deploy.bench.books.memory import Held, told, weighed
from deploy.bench.books.workweeks import Agency
from deploy.bench.measuring import Differs, Row, Work

LIMIT = 400
RUN = """
import json, os, sys
import django
django.setup()
from deploy.bench.books import memory_of_a_run, workweeks
begun = memory_of_a_run.most(os.getpid())
workweeks.pays_and_bills(workweeks.Agency(**json.loads(sys.stdin.readline())))
print(begun, memory_of_a_run.most(os.getpid()), flush=True)
"""


def prepare(workers: int) -> Work:
    """A process that has paid and billed them all, looked at once."""
    one = Agency("GB", workers, key=f"one-run-{workers}")
    workweeks.begins(one)
    workweeks.works(one)
    begun, held = _after_running(one)
    sys.stderr.write(f"{begun:.0f} MiB before, and at most {held:.0f} in a run of {workers}\n")
    return weighed(held, LIMIT, agree=lambda: _all_paid(one))


def _after_running(one: Agency) -> tuple[float, float]:
    facts = {"country": one.country, "count": one.count, "key": one.key, "ref": one.ref}
    done = subprocess.run(  # noqa: S603  # a text of our own
        [sys.executable, "-c", RUN],
        input=json.dumps(facts) + "\n",
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Differs("the process did not end its run")
    begun, held = done.stdout.split()
    return float(begun), float(held)


def _all_paid(one: Agency) -> None:
    with one.books():
        paid = Payslip.objects.filter(run__is_final=True).count()
    if paid != one.count:
        raise Differs(f"{paid} of {one.count} were paid")


def most(process: int) -> float:
    """The most MiB that a process of this machine ever held, what it shares with others too."""
    return told(process, "VmHWM")


ROW = Row(
    name="memory-of-a-run",
    what="the most that a process holds that pays and bills so many workers in one run",
    unit="process",
    scale=10_000,  # a hundred thousand by --scale: to hire them takes minutes
    goal=1.0,
    never_below=0.5,
    prepare=prepare,
    clock=Held.clock,
    rounds=2,
    word="MiB",
)
