import threading
import time

import pytest

from chuding.accounts.gate import Gate


def wait_until(condition):
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.001)
    raise AssertionError("it never came to that")


def test_gate_lets_in_by_order_of_arrival_and_one_at_a_time():
    gate, order, inside, most = Gate(1), [], [], []

    def visit(name):
        with gate.passage():
            inside.append(name)
            most.append(len(inside))
            order.append(name)
            inside.remove(name)

    threads = []
    with gate.passage():
        for name in range(12):
            thread = threading.Thread(target=visit, args=(name,))
            thread.start()
            threads.append(thread)
            wait_until(lambda expected=name + 1: gate.waiting == expected)
        assert order == []
    for thread in threads:
        thread.join(5)
    assert order == list(range(12))
    assert max(most) == 1
    assert gate.waiting == 0


def test_gate_opens_again_after_an_error():
    gate = Gate(1)
    with pytest.raises(ValueError, match="inside"), gate.passage():
        raise ValueError("inside")
    with gate.passage():
        assert gate.waiting == 0


def test_gate_of_two_lets_two_in():
    gate = Gate(2)
    with gate.passage():
        second = threading.Thread(target=lambda: gate.passage().__enter__(), daemon=True)
        second.start()
        second.join(5)
        assert (second.is_alive(), gate.waiting) == (False, 0)


def test_gate_does_not_let_somebody_inside_wait_for_themselves():
    gate, done = Gate(1), []

    def visit():
        with gate.passage():
            with gate.passage():
                done.append("inner")
            done.append("outer")

    visitor = threading.Thread(target=visit, daemon=True)
    visitor.start()
    visitor.join(5)
    assert (done, visitor.is_alive(), gate.waiting) == (["inner", "outer"], False, 0)
    with gate.passage():
        assert gate.waiting == 0
