"""The holder sees the first page of the certificate in small; the file itself still asks for the second factor."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from chuding.applications.workflow import State

if TYPE_CHECKING:
    from stage import Stage

pytestmark = pytest.mark.django_db


def test_holder_sees_the_first_page_in_small(stage: Stage, client: Client) -> None:
    file = stage.file_at(State.ISSUED)
    address = reverse("certificate_picture", args=[file.ref])
    client.force_login(file.applicant)
    assert address in client.get(reverse("application", args=[file.ref])).content.decode()
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:300]
    picture = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
    assert (answer["Content-Type"], picture.format, max(picture.size) <= 240) == ("image/webp", "WEBP", True)
    assert picture.width > picture.height, "the certificate lies"


def test_nobody_else_and_nothing_before_it_is_issued(stage: Stage, client: Client) -> None:
    file, other = stage.file_at(State.ISSUED), stage.file_at(State.APPROVED)
    client.force_login(other.applicant)
    assert client.get(reverse("certificate_picture", args=[file.ref])).status_code == 404
    assert client.get(reverse("certificate_picture", args=[other.ref])).status_code == 404
