"""Stages that work at the same time: what one makes lies ready before the next one asks for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from typing import Any, TypeVar

__all__ = ["ahead"]

A = TypeVar("A")
PATIENCE = 0.1
"""Seconds after which a stage that waits looks whether anybody still wants its work."""


class _End:
    """What comes after the last item: nothing, or the exception that ended the stage."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterable[A], depth: int = 2) -> Generator[A, None, None]:
    """The same items, made by a thread of their own that is never more than `depth` of them ahead.

    An exception there is raised here. Whoever stops asking stops the thread.
    """
    made: queue.Queue[Any] = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_make, args=(items, made, stopped), daemon=True)
    thread.start()
    try:
        while not isinstance(item := _next(made, thread), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        thread.join()


def _next(made: queue.Queue[Any], thread: threading.Thread) -> Any:
    """The next item; waits in short turns, so that an interrupt is noticed."""
    while True:
        try:
            return made.get(timeout=PATIENCE)
        except queue.Empty:
            assert thread.is_alive() or not made.empty(), "a stage ended without a word"  # noqa: S101


def _make(items: Iterable[Any], made: queue.Queue[Any], stopped: threading.Event) -> None:
    error: BaseException | None = None
    source = iter(items)
    try:
        for item in source:
            if not _put(made, item, stopped):
                break
    except BaseException as caught:  # noqa: BLE001  # raised again where the items are asked for
        error = caught
    close = getattr(source, "close", None)
    if close is not None:
        close()
    _put(made, _End(error), stopped)


def _put(made: queue.Queue[Any], item: Any, stopped: threading.Event) -> bool:
    """Whether somebody took the item, or will."""
    while not stopped.is_set():
        try:
            made.put(item, timeout=PATIENCE)
        except queue.Full:
            continue
        return True
    return False
