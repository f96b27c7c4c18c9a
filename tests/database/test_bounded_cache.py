"""A bounded cache keeps what was used last, and no more than its bounds allow."""

from database.bounded_cache import BoundedCache


def filled(*keys: str, max_entries: int = 3) -> BoundedCache[str, str]:
    cache = BoundedCache[str, str](max_entries, max_weight=10, weigh=len)
    for key in keys:
        cache.put(key, key)
    return cache


def kept(cache: BoundedCache[str, str], keys: str) -> str:
    return "".join(key for key in keys if key in cache)


def test_the_least_recently_used_entry_is_evicted() -> None:
    cache = filled("a", "b", "c")
    assert cache.get("a") == "a"
    cache.put("d", "d")
    assert kept(cache, "abcd") == "acd"


def test_a_peek_is_no_use() -> None:
    cache = filled("a", "b", "c")
    assert cache.peek("a") == "a"
    cache.put("d", "d")
    assert kept(cache, "abcd") == "bcd"


def test_a_value_that_is_put_again_is_the_latest_and_counts_once() -> None:
    cache = filled("a", "b", "c")
    cache.put("a", "x")
    cache.put("d", "d")
    assert kept(cache, "abcd") == "acd"
    assert cache.get("a") == "x"
    assert len(cache) == 3


def test_the_weight_of_all_values_is_bounded() -> None:
    cache = filled("a")
    cache.put("b", "b" * 9)
    assert kept(cache, "ab") == "ab"
    cache.put("c", "cc")
    assert kept(cache, "abc") == "c"
    cache.put("d", "d" * 11)
    assert len(cache) == 0


def test_what_is_removed_weighs_nothing() -> None:
    cache = filled("a")
    cache.put("b", "b" * 9)
    cache.remove("b")
    cache.remove("unknown")
    cache.put("c", "c" * 9)
    assert kept(cache, "abc") == "ac"
    cache.clear()
    cache.put("d", "d" * 10)
    assert kept(cache, "acd") == "d"


def test_an_entry_that_is_not_kept_is_none() -> None:
    cache = filled()
    assert cache.get("a") is None
    assert cache.peek("a") is None
