"""Values through a pipe between two processes. Arrays go as they lie in memory, and arrive where they are to stay.

`Connection.send` would make a copy of each in either process, shared memory another two.
"""

import pickle
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from core.dicom.source import Bytes

PART_BYTES = 1 << 18  # of an array in one message, which the receiver holds in memory twice


def send(connection: Connection, value: Any) -> None:
    """Send what can be pickled. Raises OSError where the other process is gone."""
    arrays: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, pickle.HIGHEST_PROTOCOL, buffer_callback=arrays.append)
    parts = [array.raw() for array in arrays]
    connection.send_bytes(pickle.dumps((head, [part.nbytes for part in parts])))
    for part in parts:
        for start in range(0, part.nbytes, PART_BYTES):
            connection.send_bytes(part[start:start + PART_BYTES])


def receive(connection: Connection) -> Any:
    """Wait for a value and return it. Raises EOFError and OSError where the other process is gone, and MemoryError."""
    head, sizes = pickle.loads(connection.recv_bytes())
    return pickle.loads(head, buffers=[_received(connection, size) for size in sizes])


def _received(connection: Connection, size: int) -> Bytes:
    array = np.empty(size, np.uint8)
    place, view = 0, array.data
    while place < size:
        place += connection.recv_bytes_into(view[place:])
    return array
