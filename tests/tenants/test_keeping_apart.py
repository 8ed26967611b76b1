"""Do cache and files know whose they are, even where somebody tampers with them?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.cache import caches
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile

from backline.kernel import here
from tenants import cache as walled
from tenants.files import FirmFiles

MINE, THEIRS = "agy_mine", "agy_theirs"


@pytest.fixture(params=["memory", "valkey"])
def cache(request, settings) -> Iterator[walled.InMemory | walled.InValkey]:
    """The firms' cache, in memory and in Valkey."""
    made: walled.InMemory | walled.InValkey
    if request.param == "memory":
        made = walled.InMemory("tests", {})
    else:
        request.getfixturevalue("committed")
        made = walled.InValkey(settings.BROKER_URL, {})
    yield made
    made.close()


def raw_key(cache, firm: str, key: str) -> str:
    with here.entered(firm):
        return str(cache.make_and_validate_key(key))


def test_each_firm_finds_what_it_kept(cache):
    for firm in (MINE, THEIRS):
        with here.entered(firm):
            cache.set("figure", f"of {firm}")
            cache.set_many({"a": 1, "b": [firm]})
    for firm in (MINE, THEIRS):
        with here.entered(firm):
            assert cache.get("figure") == f"of {firm}"
            assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": [firm]}
            assert cache.get("none", "otherwise") == "otherwise"


def test_without_a_firm_nothing_is_kept_or_found(cache):
    for deed in (
        lambda: cache.get("figure"),
        lambda: cache.set("figure", 1),
        lambda: cache.add("figure", 1),
        lambda: cache.delete("figure"),
        lambda: cache.get_many(["figure"]),
        lambda: cache.get_or_set("figure", 1),
    ):
        with pytest.raises(here.NoFirm):
            deed()


def test_what_is_added_once_stays(cache):
    with here.entered(MINE):
        cache.delete("once")
        assert cache.add("once", 1)
        assert not cache.add("once", 2)
        assert cache.get("once") == 1
        assert cache.get_or_set("once", 3) == 1
    with here.entered(THEIRS):
        cache.delete("once")
        assert cache.get("once") is None


def test_a_value_of_another_firm_under_ones_own_key_is_refused(cache, settings):
    """Somebody copied it there; it carries its firm inside."""
    with here.entered(THEIRS):
        cache.set("figure", "theirs")
    theirs, mine = raw_key(cache, THEIRS, "figure"), raw_key(cache, MINE, "figure")
    if isinstance(cache, walled.InMemory):
        inside: Any = cache
        inside._cache[mine] = inside._cache[theirs]
        inside._expire_info[mine] = inside._expire_info[theirs]
    else:
        with redis.Redis.from_url(settings.BROKER_URL) as valkey:
            valkey.set(mine, valkey.get(theirs))
    with here.entered(MINE), pytest.raises(walled.NotOurs):
        cache.get("figure")
    with here.entered(MINE), pytest.raises(walled.NotOurs):
        cache.get_many(["figure"])


def test_nobody_empties_the_cache_of_all_or_counts_without_a_stamp(cache):
    with here.entered(MINE):
        for deed in (cache.clear, lambda: cache.incr("n"), lambda: cache.decr("n")):
            with pytest.raises(NotImplementedError):
                deed()


def test_the_settings_name_no_other_cache():
    for alias in caches.settings:
        assert isinstance(caches[alias], walled.Walled), alias


# --- files -------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path) -> FirmFiles:
    """The firms' files, in a folder of this test."""
    return FirmFiles(str(tmp_path))


def test_each_firm_has_a_folder_of_its_own(files, tmp_path):
    for firm in (MINE, THEIRS):
        with here.entered(firm):
            assert files.save("payslip/1", ContentFile(firm.encode())) == "payslip/1"
    for firm in (MINE, THEIRS):
        with here.entered(firm), files.open("payslip/1") as file:
            assert file.read() == firm.encode()
        assert (tmp_path / firm / "payslip" / "1").exists()


def test_without_a_firm_no_file_is_opened(files):
    for deed in (
        lambda: files.save("a", ContentFile(b"a")),
        lambda: files.open("a"),
        lambda: files.exists("a"),
        lambda: files.delete("a"),
        lambda: files.path("a"),
    ):
        with pytest.raises(here.NoFirm):
            deed()


@pytest.mark.parametrize("name", [f"../{THEIRS}/a", "../../a", "/etc/passwd", "a/../../b"])
def test_no_name_leads_out_of_the_folder(files, name):
    with here.entered(THEIRS):
        files.save("a", ContentFile(b"theirs"))
    with here.entered(MINE):
        with pytest.raises(SuspiciousFileOperation):
            files.open(name)
        with pytest.raises(SuspiciousFileOperation):
            files.save(name, ContentFile(b"mine"))


def test_a_file_has_no_address(files):
    with here.entered(MINE), pytest.raises(ValueError, match="no address"):
        files.url("a")
