"""The bench goes on: a row that cannot be measured is told, and the others are measured."""

from __future__ import annotations

import json
import time

import pytest

from deploy import bench
from deploy.bench.measuring import Differs, Row, Work


def row(name, *, prepare=None, floor=list, agree=lambda: None, after=lambda: None):
    """A row that does next to nothing, but for what is given."""
    work = Work(units=1, floor=floor, ours=list, agree=agree, after=after)
    return lambda: Row(
        name=name,
        what="nothing",
        unit="call",
        scale=1,
        goal=0.0,
        never_below=0.0,
        prepare=prepare or (lambda _: work),
        clock=time.perf_counter,
        rounds=2,
    )


def refuses(why):
    """Something that does not get far."""

    def refuse(*_):
        raise why

    return refuse


ROWS = {
    "first": row("first"),
    "not-there": refuses(ImportError("there is no such row")),
    "not-ready": row("not-ready", prepare=refuses(OSError("the server\nis gone"))),
    "other": row("other", agree=refuses(Differs("1 row on one side, and 2 on the other"))),
    "cut-off": row("cut-off", floor=refuses(ValueError("in the middle"))),
    "last": row("last"),
}


def test_a_row_that_fails_ends_no_other_and_is_a_line_of_the_table(capsys):
    found = bench.each(ROWS)

    told = {line.split()[0]: line for line in bench.table(found).splitlines()[1:]}
    assert list(told) == list(ROWS)
    assert told["first"].endswith("reached")
    assert told["last"].endswith("reached")
    assert told["not-there"].endswith("failed: ImportError: there is no such row")
    assert told["not-ready"].endswith("failed: OSError: the server is gone")
    assert told["other"].endswith("failed: Differs: 1 row on one side, and 2 on the other")
    assert told["cut-off"].endswith("failed: ValueError: in the middle")
    assert "in refuse" in capsys.readouterr().err  # where it happened is told as well


def test_what_a_row_had_running_is_ended_however_the_row_ends():
    ended = []
    rows = {
        "whole": row("whole", after=lambda: ended.append("whole")),
        "cut-off": row(
            "cut-off",
            floor=refuses(ValueError("in the middle")),
            after=lambda: ended.append("cut-off"),
        ),
    }

    bench.each(rows)

    assert ended == ["whole", "cut-off"]


def test_each_row_is_in_the_file_as_soon_as_it_ends(tmp_path):
    file = tmp_path / "bench.jsonl"
    seen = []

    def look(_):
        seen.append([json.loads(line)["row"] for line in file.read_text().splitlines()])
        raise OSError("seen enough")

    rows = {**ROWS, "looks": row("looks", prepare=look)}
    with file.open("a", encoding="utf-8") as out:
        bench.each(rows, out=out)

    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert seen == [list(ROWS)]
    assert [line["row"] for line in lines] == list(rows)
    assert lines[1] == {
        "row": "not-there",
        "verdict": "failed",
        "raised": "ImportError: there is no such row",
    }


def test_a_fault_is_the_answer_of_the_command(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(bench.ROWS, "lost", "nowhere.ROW")
    file = tmp_path / "bench.jsonl"
    asked = ["--scale", "20", "--out", str(file)]

    good = bench.main(["--only", "gross-to-net", *asked])
    bad = bench.main(["--only", "lost", "--only", "gross-to-net", *asked])

    assert (good, bad) == (0, 1)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["row"] for line in lines] == ["gross-to-net", "lost", "gross-to-net"]
    assert capsys.readouterr().out.count("ModuleNotFoundError") == 1


def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(tmp_path, capsys):
    with pytest.raises(FileNotFoundError):
        bench.main(["--only", "gross-to-net", "--out", str(tmp_path / "none" / "bench.jsonl")])

    assert "gross-to-net" not in capsys.readouterr().err


@pytest.mark.parametrize("word", ["0", "-1", "many"])
def test_a_number_of_units_that_measures_nothing_is_refused(word, capsys):
    with pytest.raises(SystemExit) as refused:
        bench.main(["--scale", word])

    assert refused.value.code == 2
    assert f"{word}" in capsys.readouterr().err
