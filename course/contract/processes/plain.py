"""Values as bytes, without pickle: what passes between the course and a learner's functions, both ways.

Numbers, text, bytes, None, lists, tuples, dicts, numpy arrays, pandas tables and series, and any nesting of them. The
form is one JSON tree with the raw bytes of arrays behind it. Reading it runs no code and makes nothing larger than what
was sent; what was sent may come from hostile code.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

DEEPEST = 60
#: What takes long to make of few bytes: lists and dicts, tables and series, keys of dicts that can be made to collide.
MOST_NESTED, MOST_TABLES, MOST_ODD_KEYS = 1_000_000, 3_000, 5_000
#: Kinds of numpy arrays that are sent as raw bytes: bool, int, unsigned, float, datetime, timedelta.
RAW = "biufmM"
#: What is made of subclasses (named tuples, enumerations of text or numbers).
_PLAIN = {str: str.__str__, int: int.__index__, float: float.__float__, list: list, tuple: tuple}


class Unpassable(TypeError):
    """A value that can't be passed; the message names its type, as in "a set"."""


def dumps(value: Any) -> bytes:
    """The bytes of a value; equal values give equal bytes. Raises Unpassable."""
    blobs: list[bytes] = []
    tree = _down(value, blobs, 0)
    head = json.dumps([tree, [len(blob) for blob in blobs]], separators=(",", ":")).encode("utf-8", "surrogatepass")
    return b"".join([len(head).to_bytes(8, "big"), head, *blobs])


def loads(content: bytes) -> Any:
    """The value that `dumps` wrote. Raises ValueError for anything else, whatever it is."""
    try:
        end = 8 + int.from_bytes(content[:8], "big")
        tree, sizes = json.loads(content[8:end].decode("utf-8", "surrogatepass"))
        blobs = []
        for size in sizes:
            if not isinstance(size, int) or not 0 <= size <= len(content) - end:
                raise ValueError("a blob is cut off")
            blobs.append(memoryview(content)[end : end + size])
            end += size
        if end != len(content):
            raise ValueError("there is more than was said")
        return _up(tree, _Blobs(blobs), 0)
    except Exception as error:  # numpy and pandas have many for what they can't make
        raise ValueError(f"{type(error).__name__}: {error}") from None


class _Blobs:
    """The blobs of a message, each to be used once, so that a value is not larger than what was sent; its limits."""

    def __init__(self, blobs: list[memoryview]):
        self._blobs: list[memoryview | None] = list(blobs)
        self.nested, self.tables, self.odd_keys = MOST_NESTED, MOST_TABLES, MOST_ODD_KEYS

    def take(self, number: int) -> memoryview:
        blob, self._blobs[number] = self._blobs[number], None
        if blob is None:
            raise ValueError("a blob is used twice")
        return blob

    def key(self, key: Any) -> Any:
        """A key of a dict. Text and small numbers can't be chosen so that they all have one hash."""
        if not (isinstance(key, str) or (isinstance(key, int) and abs(key) < 2**60)):
            self.odd_keys -= 1
            if self.odd_keys < 0:
                raise ValueError("too many keys that are neither text nor small numbers")
        return key


def _down(value: Any, blobs: list[bytes], depth: int) -> Any:
    if depth > DEEPEST:
        raise Unpassable(f"something nested more than {DEEPEST} deep")
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is list:
        return [_down(item, blobs, depth + 1) for item in value]
    if kind is tuple:
        return {"tuple": [_down(item, blobs, depth + 1) for item in value]}
    if isinstance(value, dict):
        pairs = [[_down(key, blobs, depth + 1), _down(item, blobs, depth + 1)] for key, item in value.items()]
        return {"dict": pairs}
    if isinstance(value, bytes | bytearray):
        return {"bytes": _blob(bytes(value), blobs)}
    home = kind.__module__.partition(".")[0]
    if home == "numpy":
        return _down_numpy(value, blobs, depth)
    if home == "pandas":
        return _down_pandas(value, blobs, depth)
    for plain, made in _PLAIN.items():
        if isinstance(value, plain):
            return _down(made(value), blobs, depth)
    raise Unpassable(f"{'an' if kind.__name__[0] in 'aeiouAEIOU' else 'a'} {kind.__name__}")


def _blob(content: bytes, blobs: list[bytes]) -> int:
    blobs.append(content)
    return len(blobs) - 1


def _down_numpy(value: Any, blobs: list[bytes], depth: int) -> Any:
    import numpy as np

    if isinstance(value, np.generic) and value.dtype.kind not in "mM":
        return _down(value.item(), blobs, depth + 1)
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind in RAW:
            return {"array": [array.dtype.str, list(array.shape), _blob(array.tobytes(), blobs)]}
        if array.dtype.kind in "OU":
            return {"objects": [list(array.shape), [_down(item, blobs, depth + 1) for item in array.ravel().tolist()]]}
        raise Unpassable(f"an array of {array.dtype}")
    raise Unpassable(f"a numpy {type(value).__name__}")


def _down_pandas(value: Any, blobs: list[bytes], depth: int) -> Any:
    import pandas as pd

    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp) and value.tz is None:
        return {"time": value.as_unit("ns").value}
    if isinstance(value, pd.DataFrame):
        columns = [
            [_down(name, blobs, depth + 1), _column(value.iloc[:, k], blobs, depth)]
            for k, name in enumerate(value.columns)
        ]
        return {"table": [columns, _index(value.index, blobs, depth)]}
    if isinstance(value, pd.Series):
        name = _down(value.name, blobs, depth + 1)
        return {"series": [name, _column(value, blobs, depth), _index(value.index, blobs, depth)]}
    raise Unpassable(f"a pandas {type(value).__name__}")


def _column(series: Any, blobs: list[bytes], depth: int) -> Any:
    import numpy as np
    import pandas as pd

    if isinstance(series.dtype, np.dtype) and series.dtype.kind in RAW:
        return _down_numpy(series.to_numpy(), blobs, depth)
    missing = series.isna().to_numpy()
    items = [None if gone else item for item, gone in zip(series.tolist(), missing, strict=True)]
    if isinstance(series.dtype, pd.StringDtype):
        return {"texts": items}
    return {"objects": [[len(items)], [_down(item, blobs, depth + 1) for item in items]]}


def _index(index: Any, blobs: list[bytes], depth: int) -> Any:
    import pandas as pd

    if isinstance(index, pd.MultiIndex):
        raise Unpassable("a table with an index of several levels")
    name, rows = _down(index.name, blobs, depth + 1), len(index)
    plain = isinstance(index, pd.RangeIndex) and (index.start, index.step) == (0, 1)
    return [name, rows, None if plain else _column(index.to_series(), blobs, depth)]


def _up(tree: Any, blobs: _Blobs, depth: int) -> Any:
    if depth > DEEPEST + 10:
        raise ValueError("too deep")
    if not isinstance(tree, dict | list):
        return tree
    blobs.nested -= 1
    if blobs.nested < 0:
        raise ValueError("too many lists")
    if isinstance(tree, list):
        return [_up(item, blobs, depth + 1) for item in tree]
    ((kind, held),) = tree.items()
    if kind == "tuple":
        return tuple(_up(item, blobs, depth + 1) for item in held)
    if kind == "dict":
        return {blobs.key(_up(key, blobs, depth + 1)): _up(item, blobs, depth + 1) for key, item in held}
    if kind == "bytes":
        return bytes(blobs.take(held))
    if kind in ("array", "objects", "texts"):
        return _up_column(tree, blobs, depth)
    return _up_pandas(kind, held, blobs, depth)


def _up_column(tree: dict, blobs: _Blobs, depth: int) -> Any:
    import numpy as np

    ((kind, held),) = tree.items()
    if kind == "array":
        return _up_array(*held, blobs)
    if kind == "texts":
        import pandas as pd

        if not all(item is None or isinstance(item, str) for item in held):
            raise ValueError("no text")
        return pd.array(held, dtype="str")
    if kind != "objects":
        raise ValueError("no column")
    shape, items = held
    array = np.empty(len(items), dtype=object)
    array[:] = [_up(item, blobs, depth + 1) for item in items] if items else []
    return array.reshape([int(n) for n in shape])


def _up_array(dtype: str, shape: list[int], blob: int, blobs: _Blobs) -> np.ndarray:
    import math

    import numpy as np

    kind, content = np.dtype(str(dtype)), blobs.take(blob)
    if kind.kind not in RAW or kind.hasobject or kind.fields or kind.subdtype:
        raise ValueError("no plain array")
    if len(shape) > 16 or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ValueError("no shape")
    if math.prod(shape) * kind.itemsize != len(content):
        raise ValueError("an array of another size")
    array = np.frombuffer(content, dtype=np.uint8 if kind.kind == "b" else kind).reshape(shape)
    made = array != 0 if kind.kind == "b" else array.copy()
    return made if shape or kind.kind not in "mM" else made[()]


def _up_pandas(kind: str, held: Any, blobs: _Blobs, depth: int) -> Any:
    import pandas as pd

    def column(tree: Any) -> Any:
        found = _up_column(tree, blobs, depth)
        if found.ndim != 1:
            raise ValueError("no column")
        return found

    def labels(tree: Any) -> pd.Index:
        name, rows, values = tree
        index = pd.RangeIndex(rows) if values is None else pd.Index(column(values))
        return index.rename(_up(name, blobs, depth + 1))

    blobs.tables -= kind != "time"
    if blobs.tables < 0:
        raise ValueError("too many tables")
    if kind == "time":
        return pd.Timestamp(int(held), unit="ns")
    if kind == "series":
        name, values, index = held
        return pd.Series(column(values), index=labels(index), name=_up(name, blobs, depth + 1))
    if kind == "table":
        columns, index = held
        made = pd.DataFrame({k: column(values) for k, (_, values) in enumerate(columns)}, index=labels(index))
        return made.set_axis([_up(name, blobs, depth + 1) for name, _ in columns], axis=1) if columns else made
    raise ValueError("no value")
