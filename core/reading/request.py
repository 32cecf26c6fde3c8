"""Requests, answers and the number that tells a late answer from the awaited one."""

from dataclasses import dataclass


class GenerationCounter:
    """A number that only grows. One thread advances it; any thread may read `newest`."""

    def __init__(self) -> None:
        self._newest = 0

    @property
    def newest(self) -> int:
        """The generation of the newest request; every other is overtaken."""
        return self._newest

    def advance(self) -> int:
        """Make every earlier request overtaken and return the new generation."""
        self._newest += 1
        return self._newest


@dataclass(frozen=True, slots=True)
class Request:
    """One job with its generation; `job` says what is to be done, as plain data."""

    generation: int
    job: object


@dataclass(frozen=True, slots=True)
class Response:
    """The outcome of one request: what the work returned, or the exception that it raised."""

    generation: int
    job: object
    outcome: object
