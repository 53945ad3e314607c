import json
from datetime import date

import pytest

from chuding.connectors.social_insurance import (
    Answer,
    EmbeddedSocialInsurance,
    HttpSocialInsurance,
    LookUp,
    social_insurance,
)

ON = date(2024, 7, 1)
WANG = {"identity_number": "32110219980101002X", "name": "王小明"}
UNKNOWN = LookUp(Answer.NO_ANSWER)


@pytest.fixture
def embedded(tmp_path):
    def make(*rows):
        file = tmp_path / "people.json"
        file.write_text(json.dumps({"people": [{**WANG, **row} for row in rows]}), encoding="utf-8")
        return EmbeddedSocialInsurance(str(file))

    return make


def test_embedded_counts_months_up_to_the_day_asked(embedded):
    answer = embedded({"employer": "镇江示例机械有限公司", "from": "2023-07", "to": None}).look_up(**WANG, on=ON)
    assert answer == LookUp(Answer.FOUND, 13, "镇江示例机械有限公司")


def test_embedded_counts_a_month_with_two_employers_once_and_names_the_last(embedded):
    connector = embedded(
        {"employer": "乙公司", "from": "2024-01", "to": None},
        {"employer": "甲公司", "from": "2023-01", "to": "2024-01"},
    )
    assert connector.look_up(**WANG, on=ON) == LookUp(Answer.FOUND, 19, "乙公司")


def test_embedded_does_not_know_what_had_not_begun(embedded):
    connector = embedded({"employer": "甲公司", "from": "2024-08", "to": None})
    assert connector.look_up(**WANG, on=ON) == LookUp(Answer.NOT_FOUND)


@pytest.mark.parametrize("other", [{"identity_number": "321102199801010038"}, {"name": "王大明"}])
def test_embedded_finds_nobody_else(embedded, other):
    connector = embedded({"employer": "甲公司", "from": "2023-07", "to": None})
    assert connector.look_up(**{**WANG, **other}, on=ON) == LookUp(Answer.NOT_FOUND)


def test_embedded_can_play_a_service_that_is_down(embedded):
    assert embedded({"from": "2023-07", "result": "no_answer"}).look_up(**WANG, on=ON) == UNKNOWN


@pytest.mark.parametrize("content", ["", "[]", '{"people": [1]}', '{"people": null}', '{"persons": []}'])
def test_embedded_with_an_unreadable_file_has_no_answer(tmp_path, content):
    file = tmp_path / "people.json"
    file.write_text(content, encoding="utf-8")
    assert EmbeddedSocialInsurance(str(file)).look_up(**WANG, on=ON) == UNKNOWN


def test_embedded_without_file_has_no_answer(tmp_path):
    assert EmbeddedSocialInsurance(str(tmp_path / "none.json")).look_up(**WANG, on=ON) == UNKNOWN


def http(service):
    return HttpSocialInsurance(service.url, "town", "TOWN_SECRET", 0.3)


def test_http_look_up_asks_and_answers(service):
    service.answer = {"result": "found", "months": 13, "employer": "甲公司"}
    assert http(service).look_up(**WANG, on=ON) == LookUp(Answer.FOUND, 13, "甲公司")
    assert service.requests == [{**WANG, "on": "2024-07-01"}]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"result": "not_found", "months": 3}, LookUp(Answer.NOT_FOUND)),
        ({"result": "found"}, LookUp(Answer.FOUND)),
        ({"result": "found", "months": "12", "employer": 5}, LookUp(Answer.FOUND)),
        ({"result": "found", "months": -1, "employer": ""}, LookUp(Answer.FOUND)),
        ({"result": "perhaps"}, UNKNOWN),
        ({}, UNKNOWN),
        ({"result": ["found"]}, UNKNOWN),
    ],
)
def test_http_look_up_takes_only_what_is_clear(service, answer, expected):
    service.answer = answer
    assert http(service).look_up(**WANG, on=ON) == expected


@pytest.mark.parametrize("mode", ["slow", "broken", "busy", "refuse", "redirect", "garbage", "no_object", "hang_up"])
def test_http_look_up_never_raises(service, mode):
    service.mode = mode
    assert http(service).look_up(**WANG, on=ON) == UNKNOWN


def test_social_insurance_is_chosen_by_settings(tmp_path):
    choice = {
        "class": "chuding.connectors.social_insurance.EmbeddedSocialInsurance",
        "options": {"file": str(tmp_path / "people.json")},
    }
    assert social_insurance(choice).look_up(**WANG, on=ON) == UNKNOWN
