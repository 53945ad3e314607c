"""Several people in one moment: for the tests of who is faster."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from django.db import close_old_connections, connection

from chuding.applications.workflow import Declined

if TYPE_CHECKING:
    from collections.abc import Callable


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Each act in a thread of its own, begun together; what they answered, or the refusal, in their order."""
    start = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        close_old_connections()
        try:
            start.wait()
            answers[place] = act()
        except Declined as refusal:
            answers[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
