"""The privacy notice says what the catalogue of fields says, in a version that is counted, and asks apart for what is sensitive."""

from __future__ import annotations

from collections import Counter

from chuding.accounts import consent
from chuding.applications.privacy.catalogue import digest_of, entries, privacy_notice, terms


def test_every_field_that_tells_something_of_a_person_stands_in_one_row():
    told = Counter(field for row in privacy_notice().rows for field in row.fields)
    personal = {f"{label}.{name}" for label, entry in entries().items() for name in entry.personal}
    assert sorted(told.elements()) == sorted(personal)
    assert all(row.what and row.why and row.who and row.kept for row in privacy_notice().rows)


def test_how_long_each_row_is_kept_comes_from_the_catalogue():
    for row in privacy_notice().rows:
        keys = {entries()[field.rpartition(".")[0]].kept for field in row.fields}
        assert set(row.kept) == {terms()[key]["zh"] for key in keys}


def test_no_word_changes_within_a_version():
    notice = privacy_notice()
    assert notice.now.digest == digest_of(notice.rows), "add a version to notice.yaml, and one to consents.yaml"
    days = [version.since for version in notice.versions]
    assert days == sorted(days, reverse=True)
    assert len({version.version for version in notice.versions}) == len(notice.versions) > 1
    assert all(version.changed for version in notice.versions)


def test_consents_are_of_the_version_that_holds():
    assert {purpose.version for purpose in consent.purposes()} == {privacy_notice().now.version}


def test_what_is_sensitive_has_a_consent_of_its_own_that_names_it():
    (own,) = (purpose for purpose in consent.purposes() if purpose.key == "sensitive")
    assert own.required
    for word in ("证件号码", "处分", "社会保险"):
        assert word in own.text
        assert any(row.sensitive and word in row.what for row in privacy_notice().rows)
    others = "".join(purpose.text for purpose in consent.purposes() if purpose.key != "sensitive")
    assert [word for word in ("证件号码", "社会保险", "处分") if word in others] == []


def test_page_shows_every_row_the_version_and_its_history(client, db):
    page = client.get("/privacy/").content.decode()
    notice = privacy_notice()
    for row in notice.rows:
        assert [text for text in (row.what, row.why, row.who, *row.kept) if text not in page] == []
    for version in notice.versions:
        assert version.version in page
        assert version.changed in page
    assert f'版本 <span class="number">{notice.now.version}</span>' in page
    assert page.count("tag-care") == sum(row.sensitive for row in notice.rows)
