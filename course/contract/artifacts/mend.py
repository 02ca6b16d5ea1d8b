"""What the gate puts right in a file instead of refusing it: onnxruntime would run it as it is."""

from __future__ import annotations

import heapq
from collections.abc import Sequence


def set_shape(value, sizes: Sequence[int | None]) -> None:
    """Declare an input or output as the contract has it; None is any number of rows."""
    value.type.tensor_type.ClearField("shape")
    shape = value.type.tensor_type.shape
    for size in sizes:
        axis = shape.dim.add()
        if size is None:
            axis.dim_param = "N"
        else:
            axis.dim_value = size


def put_in_order(graph) -> None:
    """Nodes so that each comes after those that it needs, else in the order of the file.

    onnxruntime sorts them itself; converters leave them as they like. Where nodes need each other nothing is changed,
    and the checker says so.
    """
    makers = {made: number for number, node in enumerate(graph.node) for made in node.output if made}
    waits = [{makers[used] for used in node.input if used in makers} for node in graph.node]
    users: list[list[int]] = [[] for _ in waits]
    for number, needed in enumerate(waits):
        for maker in needed:
            users[maker].append(number)
    ready = [number for number, needed in enumerate(waits) if not needed]
    order: list[int] = []
    while ready:
        number = heapq.heappop(ready)
        order.append(number)
        for user in users[number]:
            waits[user].discard(number)
            if not waits[user]:
                heapq.heappush(ready, user)
    if len(order) == len(waits) and order != sorted(order):
        nodes = [type(node).FromString(node.SerializeToString()) for node in graph.node]
        del graph.node[:]
        graph.node.extend(nodes[number] for number in order)
