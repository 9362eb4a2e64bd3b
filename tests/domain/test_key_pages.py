from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.key_pages import KeyPage, key_page
from chalicelib.domain.limits import KEY_PAGE_BYTES, MAX_KEY_LENGTH
from chalicelib.domain.payloads import Payload

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4)


def page(payload: Payload, **words: object) -> KeyPage:
    asked = {"version": 1, "prefix": "", "after": None, **words}
    return key_page(payload, **asked)  # type: ignore[arg-type]


def test_a_size_is_that_of_the_json_in_utf_8() -> None:
    sizes = {item.key: item.size for item in page({"a": "ü", "b": [1, None], "c": {}}).items}
    assert sizes == {"a": 4, "b": 8, "c": 2}


def test_a_page_is_bounded_by_the_bytes_of_its_names_too() -> None:
    payload: Payload = {f"{n:04}" + "🔑" * (MAX_KEY_LENGTH - 4): n for n in range(900)}
    first = page(payload)
    assert 0 < len(first.items) < 900
    assert sum(len(item.key.encode()) for item in first.items) <= KEY_PAGE_BYTES
    assert first.last == first.items[-1].key


@given(
    names=st.sets(NAMES, max_size=20),
    limit=st.integers(1, 7),
    prefix=st.sampled_from(["", "a"]),
)
def test_the_pages_together_are_the_keys_even_when_keys_go_between_two(
    names: set[str], limit: int, prefix: str
) -> None:
    payload: Payload = dict.fromkeys(names | {"a1", "a2"})
    stays, seen, after = set(payload), [], None
    while True:
        found = page(payload, prefix=prefix, after=after, limit=limit)
        seen += [item.key for item in found.items]
        after = found.last
        if after is None:
            break
        # The very key that the cursor names is deleted before the next page is asked for.
        payload = {name: value for name, value in payload.items() if name != after}
    assert seen == sorted(name for name in stays if name.startswith(prefix))
