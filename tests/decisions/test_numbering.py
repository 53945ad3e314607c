from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from chuding.decisions.models import DocumentSeries
from chuding.decisions.numbering import take_number

DAY = date(2024, 9, 18)


def take(office="association", on=DAY):
    with transaction.atomic():
        return take_number(office=office, on=on)


def test_numbers_follow_the_notices_own_and_begin_anew_each_year(db):
    assert [take(), take()] == [(2, "镇技协〔2024〕2号"), (3, "镇技协〔2024〕3号")]
    assert take(on=date(2025, 1, 2)) == (1, "镇技协〔2025〕1号")
    assert take("city") == (1, "镇职称办〔2024〕1号")


def test_number_of_a_failed_transaction_is_not_spent(db):
    def spoil():
        with transaction.atomic():
            take_number(office="city", on=DAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spoil()
    assert DocumentSeries.objects.count() == 0
    assert take("city") == (1, "镇职称办〔2024〕1号")


@pytest.mark.django_db(transaction=True)
def test_numbers_taken_at_once_have_no_gap_and_no_double():
    def many(_):
        try:
            return [take()[0] for _ in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [serial for serials in pool.map(many, range(4)) for serial in serials]
    assert sorted(taken) == list(range(2, 22))
