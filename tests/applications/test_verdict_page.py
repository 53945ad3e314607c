"""The one page of a verdict: ordered, made by the worker, fetched; nobody's name on it, and gone after a day."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from django.conf import settings as site
from django.urls import reverse
from django.utils import timezone
from self_check_steps import walk

from chuding.accounts import limits
from chuding.applications.models import Application
from chuding.applications.services import drafting
from chuding.applications.services.verdict_pages import forget_pages
from chuding.applications.workflow import State
from chuding.jobs.models import Job
from stage import NOW, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db
ADDRESS = "/check/result/paper/"


@pytest.fixture(autouse=True)
def _clock(settings: Any) -> None:
    """Office hours in September, and no page of an earlier test."""
    settings.CLOCK_OFFSET = NOW - timezone.now()
    shutil.rmtree(settings.DATA_FOLDER / "verdicts", ignore_errors=True)


def fetched(client: Client, address: str) -> str:
    """The page's text, from the bytes that the site sends."""
    answer = client.get(f"{address}?file")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with pypdfium2.PdfDocument(BytesIO(b"".join(answer.streaming_content))) as document:
        assert len(document) == 1
        return "".join(document[0].get_textpage().get_text_range().split())


def files() -> list[str]:
    return sorted(file.suffix for file in (site.DATA_FOLDER / "verdicts").glob("*"))


def test_result_of_the_self_check_is_fetched_as_one_page(client: Client, run_jobs: Callable[..., int]) -> None:
    result = walk(client)
    assert f'action="{ADDRESS}"' in result.content.decode()
    asked = client.post(ADDRESS)
    assert (asked.status_code, asked.url) == (302, f"{ADDRESS}?ordered")
    waiting = client.get(asked.url)
    assert ("正在生成" in waiting.content.decode(), waiting.headers["Refresh"]) == (True, "2")
    assert files() == [".json"]
    assert run_jobs(NOW) == 1
    ready = client.get(asked.url)
    assert ready.headers["Refresh"] == f"0; url={ADDRESS}?file"
    text = fetched(client, ADDRESS)
    assert "助理级（助理工程师）可以申报" in text
    assert "二(二)" in text
    assert files() == [".pdf"]
    client.post(ADDRESS)  # it is there: nothing is made again
    assert Job.objects.filter(state="ready").count() == 0


def test_page_speaks_the_language_of_the_site(client: Client, run_jobs: Callable[..., int]) -> None:
    client.cookies[site.LANGUAGE_COOKIE_NAME] = "en"
    walk(client)
    client.post(ADDRESS)
    run_jobs(NOW)
    assert "Assistantlevel(AssistantEngineer)" in fetched(client, ADDRESS)


def test_page_of_unfinished_answers_leads_back(client: Client) -> None:
    assert client.get(ADDRESS).url == "/check/result/"
    assert client.post(ADDRESS).url == "/check/result/"
    assert Job.objects.count() == 0


def test_page_is_not_ordered_without_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VERDICTS_PER_ADDRESS", (limits.Limit(1, 60, "请{wait}后再试。"),))
    walk(client)
    assert [client.post(ADDRESS).status_code for _ in range(3)] == [302, 429, 429]
    assert "后再试" in client.post(ADDRESS).content.decode()


def test_own_file_is_fetched_as_one_page_without_a_name(client: Client, run_jobs: Callable[..., int]) -> None:
    stage = Stage()
    file = stage.file_at(State.DRAFT)
    chosen = {"specialty": "电力工程/电气工程/电气工程"}  # the town's drafts stop at different sections
    drafting.declare(ref=file.ref, section="specialty", values=chosen, by=file.applicant, at=NOW)
    address = reverse("paper_verdict", args=[file.ref])
    client.force_login(file.applicant)
    section = client.get(reverse("application_section", args=[file.ref, "specialty"]) + "?step=level")
    assert address in section.content.decode()
    client.post(address)
    run_jobs(NOW)
    text = fetched(client, address)
    assert "电力工程›电气工程" in text
    personal = Application.objects.values_list("full_name", "identity_number", "employer_name").get(pk=file.pk)
    assert [word for word in personal if word and "".join(word.split()) in text] == []
    client.force_login(stage.qian)
    assert client.get(address).status_code == 404


def test_pages_are_gone_after_a_day(client: Client, run_jobs: Callable[..., int]) -> None:
    walk(client)
    client.post(ADDRESS)
    run_jobs(NOW)
    (kept,) = (site.DATA_FOLDER / "verdicts").glob("*")
    os.utime(kept, (NOW.timestamp(), NOW.timestamp()))
    assert [forget_pages(at=NOW + timedelta(hours=hours)) for hours in (23, 25)] == [0, 1]
    assert client.get(ADDRESS).status_code == 200  # and can be made again
