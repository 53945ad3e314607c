"""The HTTP API says what the command line says, in the same words."""

import json
from typing import Any

import pytest
from django.test import Client

from chuding.api.limits import TRIES_PER_ADDRESS
from chuding.policy.assess import assess
from chuding.policy.facts import read_facts
from chuding.policy.notice import list_notices, load_notice
from chuding.policy.notice_json import heading_of, whole_of

pytestmark = pytest.mark.django_db

ID = "zhenjiang-2024-1"
PERSON: dict[str, Any] = {
    "filed_on": "2024-07-01",
    "specialty": "电力工程/电气工程/电气工程",
    "credentials": [{"kind": "本科", "awarded_on": "2021-06-20", "field_matches": True}],
    "work": [{"from": "2021-07-01", "to": None}],
}


def ask(body: Any, identifier: str = ID) -> Any:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/api/notices/{identifier}/assess", data, content_type="application/json")


def test_notices_and_notice_are_those_of_the_command_line() -> None:
    assert Client().get("/api/notices").json() == [heading_of(load_notice(each)) for each in list_notices()]
    assert Client().get(f"/api/notices/{ID}").json() == whole_of(load_notice(ID))


def test_chinese_is_readable_in_the_answer_as_it_stands() -> None:
    assert "镇技协〔2024〕1号" in Client().get("/api/notices").content.decode()


def test_catalogue_is_the_tree_and_what_was_found() -> None:
    found = Client().get(f"/api/notices/{ID}/catalogue", {"q": "dqgc"}).json()
    catalogue = load_notice(ID).catalogue
    assert found["catalogue"] == catalogue.tree()
    assert [choice["path"] for choice in found["found"]] == [choice.path for choice in catalogue.search("dqgc")]
    assert Client().get(f"/api/notices/{ID}/catalogue").json()["found"] is None


@pytest.mark.parametrize("person", [PERSON, {}, {**PERSON, "credentials": []}])
def test_assess_answers_exactly_the_contracts_object(person: dict[str, Any]) -> None:
    answer = ask(person)
    assert (answer.status_code, answer.json()) == (200, assess(load_notice(ID), read_facts(person)).to_json())
    assert "csrftoken" not in answer.cookies


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"filed_on": "2019-12-32"}, "filed_on", "没有这一天：2019-12-32"),
        ({"fild_on": 1}, "fild_on", "没有这个字段，请核对字段名，是不是“filed_on”"),
        ("{", "", "不是合格的 JSON（第 1 行第 2 列）"),
        ('{"work": null, "work": []}', "", "字段 'work' 写了两次"),
        ("", "", "应当是一个 JSON 对象（花括号）"),
        ("{}\n{}", "", "应当是一个 JSON 对象（花括号）"),
        ("[]", "", "一条记录应当是一个 JSON 对象（花括号），不能是[]"),
        ("申".encode("gbk"), "", "不是 UTF-8 编码"),
    ],
)
def test_bad_facts_are_one_sentence_at_a_field(body: Any, field: str, message: str) -> None:
    answer = ask(body)
    assert (answer.status_code, answer.json()) == (422, {"error": {"field": field, "message": message}})


def test_an_unknown_notice_names_those_at_hand() -> None:
    said = f"没有这个通知；现有：{'、'.join(list_notices())}"
    for answer in (ask({}, "nowhere"), Client().get("/api/notices/nowhere"), Client().get("/api/notices/x/catalogue")):
        assert (answer.status_code, answer.json()) == (404, {"error": {"field": "notice", "message": said}})


def test_a_body_is_one_person_long() -> None:
    answer = ask({"specialty": "长" * 70_000})
    assert (answer.status_code, answer.json()["error"]["message"]) == (413, "一次只判断一个人，内容不超过 64 KB")


def test_a_network_that_asks_too_often_waits() -> None:
    client, address = Client(), {"REMOTE_ADDR": "192.0.2.9"}
    limit = TRIES_PER_ADDRESS[0].count
    assert {client.get("/api/openapi.json", **address).status_code for _ in range(limit)} == {200}  # type: ignore[arg-type]
    answer = client.get("/api/notices", **address)  # type: ignore[arg-type]
    wait = answer.headers["Retry-After"]
    assert answer.status_code == 429
    assert 1 <= int(wait) <= 60
    assert answer.json()["error"]["message"] == f"请求过多，请{wait}秒后再试。"
    assert client.get("/api/notices", REMOTE_ADDR="198.51.100.7").status_code == 200


def test_head_answers_as_get_does_and_other_methods_are_refused() -> None:
    head = Client().head("/api/notices")
    assert (head.status_code, head.content) == (200, b"")
    for refused in (Client().put("/api/notices"), Client().get(f"/api/notices/{ID}/assess")):
        assert (refused.status_code, refused.content) == (405, b"")


def test_a_search_with_a_letter_that_is_none_is_bad_input() -> None:
    answer = Client().get(f"/api/notices/{ID}/catalogue?q=%00")
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "q")


def test_the_document_names_every_address() -> None:
    document = Client().get("/api/openapi.json").json()
    assert sorted((path, method) for path, methods in document["paths"].items() for method in methods) == [
        ("/api/notices", "get"),
        ("/api/notices/{identifier}", "get"),
        ("/api/notices/{identifier}/assess", "post"),
        ("/api/notices/{identifier}/catalogue", "get"),
    ]
    body = document["paths"]["/api/notices/{identifier}/assess"]["post"]["requestBody"]
    facts = body["content"]["application/json"]["schema"]["properties"]
    assert set(facts) >= set(PERSON)
