from __future__ import annotations

import copy
import gc
import json
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evs_tui.secret import MASK, Secret, redact


def test_it_never_shows_itself() -> None:
    secret = Secret("correct horse")
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", f"{secret:>40}", [secret]):
        assert "correct" not in str(shown)
        assert MASK in str(shown)


def test_it_is_neither_pickled_nor_copied_nor_written_as_json() -> None:
    secret = Secret("correct horse")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled or copied"):
            pickle.dumps(secret, protocol)
    for way in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled or copied"):
            way(secret)
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps({"password": secret})


def test_it_has_no_attributes_to_list() -> None:
    with pytest.raises(TypeError):
        vars(Secret("correct horse"))


def test_equality_truth_and_hash_follow_the_value() -> None:
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("\udcff") == Secret("\udcff")
    assert not Secret("")
    assert Secret("0")


def test_only_reveal_gives_the_value() -> None:
    assert Secret("correct horse").reveal() == "correct horse"


def test_every_known_secret_is_taken_out_of_a_text() -> None:
    kept = [Secret("correct horse"), Secret("correct horse battery"), Secret("abc")]
    assert redact("say correct horse battery, correct horse, abc") == f"say {MASK}, {MASK}, abc"
    assert len(kept) == 3


@given(value=st.text(min_size=4, max_size=30).filter(lambda v: v.strip() and MASK not in v and v not in MASK))
def test_however_it_is_written(value: str) -> None:
    secret = Secret(value)
    whole = value.encode("utf-8", "surrogatepass")
    for written in (value, json.dumps(value), repr({"p": value}), repr(whole), f"?p={quote(whole, safe='')}"):
        found = redact(f"<{written}>")
        assert MASK in found
        assert value not in found.replace(MASK, "")
    assert secret


def test_a_secret_that_has_gone_is_still_known_for_a_while() -> None:
    def failing() -> None:
        secret = Secret("short-lived-password")
        raise ValueError(f"bad credentials: {secret.reveal()}")

    with pytest.raises(ValueError, match="bad credentials") as caught:
        failing()
    message = str(caught.value)
    del caught
    sys.exc_info()
    gc.collect()
    assert redact(message) == f"bad credentials: {MASK}"


def test_the_memory_of_gone_secrets_is_bounded() -> None:
    for number in range(100):
        Secret(f"gone-secret-{number:03}")
    text = "gone-secret-000 gone-secret-099"
    assert redact(text) == f"gone-secret-000 {MASK}"


def test_threads_may_make_and_take_out_secrets_at_once() -> None:
    def work(name: str) -> set[str]:
        found = set()
        for number in range(300):
            secret = Secret(f"{name}-{number}-secret")
            found.add(redact(f"x {secret.reveal()} y"))
        return found

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(work, ("one", "two", "three", "four")):
            assert found == {f"x {MASK} y"}
