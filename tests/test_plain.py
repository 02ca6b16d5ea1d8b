"""Values on the wire: everything allowed survives the round trip, everything else is refused, no bytes do harm."""

from __future__ import annotations

import contextlib
import enum
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.contract.processes import plain

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
keys = st.text() | st.integers() | st.tuples(st.integers(), st.text())
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner),
    max_leaves=20,
)
arrays = hnp.arrays(
    dtype=st.sampled_from(["<f8", "<f4", "<i8", "<u1", "?", "<M8[ns]", "<m8[s]"]), shape=hnp.array_shapes(min_dims=0)
)


def back(value):
    return plain.loads(plain.dumps(value))


@given(values)
def test_plain_values_come_back_with_their_types(value):
    assert repr(back(value)) == repr(value)


@given(arrays)
def test_arrays_come_back(array):
    made = back({"a": array})["a"]
    assert made.dtype == array.dtype and made.shape == array.shape
    assert np.array_equal(made, array, equal_nan=array.dtype.kind in "fmM")


def test_tables_come_back():
    frame = pd.DataFrame(
        {
            "number": [1.5, math.nan, 3],
            "whole": [1, 2, 3],
            "text": ["a", None, "ü"],
            "flag": [True, False, True],
            "day": pd.to_datetime(["2024-01-01", None, "2026-02-03"]),
            "mixed": [1, "x", None],
        },
    )
    for one in (frame, frame.set_index("whole"), frame.iloc[[2, 0]], frame.iloc[:0], pd.DataFrame()):
        pd.testing.assert_frame_equal(back(one), one)
    pd.testing.assert_series_equal(back(frame["text"]), frame["text"])
    twice = pd.concat([frame["number"], frame["number"]], axis=1)
    pd.testing.assert_frame_equal(back(twice), twice)
    assert back(pd.Timestamp("2024-05-06 07:08:09.5")) == pd.Timestamp("2024-05-06 07:08:09.5")
    kinds = pd.DataFrame({"kind": pd.Categorical(["a", None, "b"]), "count": pd.array([1, None, 3], dtype="Int64")})
    made = back(kinds)
    assert made["kind"].fillna("gone").tolist() == ["a", "gone", "b"] and made["count"].tolist() == [1, None, 3]


class Colour(enum.StrEnum):
    RED = "red"


def test_numpy_scalars_and_kinds_of_text_become_plain():
    assert back([np.float64(2.5), np.int32(3), np.bool_(True), np.str_("a"), Colour.RED]) == [2.5, 3, True, "a", "red"]
    assert back(np.array(["a", "bc"])).tolist() == ["a", "bc"]
    assert math.isnan(back(math.nan)) and back(-math.inf) == -math.inf


def test_the_same_value_gives_the_same_bytes():
    assert plain.dumps({"a": [1, 2]}) == plain.dumps({"a": [1, 2]}) != plain.dumps({"a": [1, 3]})


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({1, 2}, "a set"),
        (object(), "an object"),
        (lambda: 1, "a function"),
        ([1, {"x": iter([])}], "a list_iterator"),
        (1j, "a complex"),
        (np.array([1j]), "an array of complex128"),
        (np.zeros(2, dtype=[("a", "f8")]), "an array of"),
        (pd.Timestamp("2024-01-01", tz="UTC"), "a pandas Timestamp"),
        (nested(100), "nested more than"),
    ],
)
def test_what_can_not_be_passed_is_named(value, words):
    with pytest.raises(plain.Unpassable, match=words):
        plain.dumps(value)


def test_a_value_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(plain.Unpassable, match="nested"):
        plain.dumps(loop)


def wire(tree, *blobs, sizes=None):
    """Bytes as a hostile process may send them."""
    import json

    head = json.dumps([tree, sizes or [len(blob) for blob in blobs]]).encode()
    return len(head).to_bytes(8, "big") + head + b"".join(blobs)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        b"\xff" * 8 + b"[]",
        b"\x80\x04cos\nsystem\n.",
        wire([1], b"x"[:0], sizes=[10**12]),
        wire({"array": ["<f8", [10**9], 0]}, b"12345678"),
        wire({"array": ["<f8", [-1], 0]}, b"12345678"),
        wire({"array": ["<f8", [2**62, 4], 0]}, b""),
        wire({"array": ["O", [1], 0]}, b"12345678"),
        wire({"array": ["V8", [1], 0]}, b"12345678"),
        wire({"array": [[["a", "<f8"]], [1], 0]}, b"12345678"),
        wire({"array": ["(2,)f8", [1], 0]}, b"1" * 16),
        wire({"array": ["<f8", [1], 7]}, b"12345678"),
        wire({"array": ["no type", [1], 0]}, b"12345678"),
        wire({"objects": [[10**9], [1]]}),
        wire({"texts": [1]}),
        wire({"table": [[["a", {"texts": ["x"]}], ["b", {"texts": []}]], [None, 1, None]]}),
        wire({"table": [[["a", {"texts": ["x"]}]], [None, 10**15, None]]}),
        wire({"table": [[["a", {"array": ["<f8", [1, 1], 0]}]], [None, 1, None]]}, b"12345678"),
        wire({"series": ["a", {"dict": []}, [None, 0, None]]}),
        wire({"time": "tomorrow"}),
        wire({"time": 10**40}),
        wire({"dict": [[[1], 2]]}),
        wire({"dict": [[1]]}),
        wire({"a": 1, "b": 2}),
        wire({"unknown": 1}),
        wire({"bytes": 3}),
        wire([1]) + b"more",
        len(b"[" * 100_000).to_bytes(8, "big") + b"[" * 100_000,
        (5000).to_bytes(8, "big") + b"[" + b"9" * 4999,
    ],
)
def test_bytes_that_are_no_value_are_refused(content):
    with pytest.raises(ValueError):
        plain.loads(content)


@settings(max_examples=300)
@given(st.binary(max_size=60), values, st.data())
def test_damaged_bytes_give_a_value_or_an_error_and_nothing_else(noise, value, data):
    content = bytearray(plain.dumps(value))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + len(noise)] = noise
    with contextlib.suppress(ValueError):
        plain.loads(bytes(content))
