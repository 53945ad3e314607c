"""Write docs/fields.md: every field of every model, its form in the database, what it is for and how long it is kept.

    .venv/bin/python tools/make_fields.py

A field that is not named below stops the tool, and tests/test_docs.py with it: nothing is collected without a purpose.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "fields.md"

ARCHIVE = "by the archive schedule of the office; there is no automatic deletion yet"
DAY = "for a day after it lost its use, then deleted every night (`accounts.housekeeping.forget_old`)"
FOREVER = "for good: it is the record"
REGISTER = "for good: anyone may verify the paper as long as it exists"
DUTY = "as long as the duty lasts, then as part of the record of who acted"
WORK = "30 days after it is done (`housekeeping.nightly`); what failed stays until somebody has looked at it"

# model: (what a row is, how long it is kept, {field: what it is for}). `!` marks what tells something of a person.
CATALOGUE: dict[str, tuple[str, str, dict[str, str]]] = {
    "accounts.Person": (
        "somebody who can sign in",
        ARCHIVE,
        {
            "ref": "name in addresses and in the ledger",
            "phone": "!sign-in and text messages",
            "phone_index": "finds the phone without opening it",
            "password": "Argon2id hash, only for those who chose one",
            "display_name": "!shown to the person and to colleagues of an office",
            "is_active": "switches somebody off at once",
            "joined_at": "when the account began",
        },
    ),
    "accounts.Employer": (
        "a unit that people work for",
        DUTY,
        {
            "name": "printed on forms and documents",
            "uscc": "统一社会信用代码, tells units of one name apart",
            "kind": "decides on uploads 1 and 4 of 五（三）",
            "district": "place of the unit",
            "verified_at": "only a verified unit endorses online",
        },
    ),
    "accounts.EmployerClerk": (
        "who acts for a unit",
        DUTY,
        {"person": "who", "employer": "for whom", "active": "whether still"},
    ),
    "notices.Version": (
        "one published version of a notice",
        FOREVER,
        {
            "ref": "name in addresses and in the ledger",
            "notice_id": "which notice",
            "digest": "SHA-256 over its files; files and verdicts name it",
            "files": "the notice's folder: text, rules, catalogue, worked cases, readings",
            "number": "文号, for lists",
            "title": "for lists",
            "note": "what is different, in the publishers' words",
            "origin": "came with the software, or was published at the desk",
            "proposed_by": "the first of the two people",
            "proposed_at": "when",
            "published_by": "the second",
            "published_at": "when",
            "effective_at": "from when it is in force",
        },
    ),
    "notices.Withdrawal": (
        "a version taken back before its moment",
        FOREVER,
        {"version": "which", "by": "who", "at": "when", "reason": "why"},
    ),
    "publishing.Draft": (
        "a notice that is being written",
        FOREVER,
        {
            "ref": "name in addresses and in the ledger",
            "notice_id": "which notice it becomes",
            "digest": "SHA-256 over its files as they stand",
            "files": "the notice's folder as it stands",
            "base_id": "what it was copied from, is compared with, and whose files are tried",
            "base_digest": "which version of it",
            "note": "what is different, in the first person's words",
            "state": "being written, waiting for the second person, published, put aside",
            "created_by": "who began it; none where a command brought it in",
            "created_at": "when",
            "saved_by": "who changed it last, to tell the other",
            "saved_at": "when",
            "proposed_by": "the first of the two people",
            "proposed_at": "when",
            "returned_because": "why the second person sent it back",
            "version": "what it became",
        },
    ),
    "publishing.Run": (
        "one check, comparison or replay of a draft",
        "as long as the draft",
        {
            "draft": "of which draft",
            "kind": "which of the three",
            "digest": "of which content",
            "state": "how far it is",
            "progress": "files tried so far",
            "total": "files to try",
            "outcome": "problems, differences, counts; of files only their references, numbers, levels and answers",
            "asked_by": "who asked",
            "asked_at": "when",
            "finished_at": "when it was done",
        },
    ),
    "accounts.OfficeRole": (
        "a duty in one of the two offices",
        DUTY,
        {"person": "who", "office": "where", "role": "what", "active": "whether still"},
    ),
    "accounts.Delegation": (
        "a duty lent to a colleague for an absence",
        DUTY,
        {
            "person": "whose duty",
            "delegate": "who stands in",
            "office": "where",
            "role": "which duty",
            "first": "from which day",
            "last": "to which day",
            "made_at": "when it was lent",
            "ended_at": "when it was taken back early",
        },
    ),
    "accounts.Consent": (
        "one consent to one purpose (PIPL 14)",
        ARCHIVE,
        {
            "person": "who",
            "purpose": "to what",
            "text_version": "which words, by version",
            "text_digest": "which words, by digest",
            "given_at": "when",
            "withdrawn_at": "when it was taken back",
        },
    ),
    "accounts.SignInCode": (
        "a code on its way to a phone",
        DAY,
        {
            "phone": "!where it was sent",
            "phone_index": "finds it without opening the phone",
            "session_hash": "binds it to one browser",
            "purpose": "binds it to one use",
            "code_hash": "keyed hash; the code itself is never kept",
            "sent_at": "limits how often",
            "expires_at": "ends it",
            "tries": "ends it after too many",
            "used_at": "ends it after one use",
        },
    ),
    "accounts.HandOver": (
        "a way for one person to go on at another device",
        "ten minutes or one use, then deleted (`accounts.housekeeping.forget_old`)",
        {
            "person": "who goes on",
            "token_hash": "keyed hash of the QR code's address",
            "code_hash": "keyed hash of the letters to type",
            "path": "the page to go on at",
            "made_at": "when",
            "expires_at": "ends it",
        },
    ),
    "accounts.Throttle": (
        "how often something was tried",
        DAY,
        {"key": "blind index of what is limited", "marks": "when", "touched_at": "when it may be forgotten"},
    ),
    "accounts.Authenticator": (
        "the second factor of one person",
        DUTY,
        {
            "person": "whose",
            "secret": "what their phone shares with us (RFC 6238)",
            "made_at": "when it was begun",
            "confirmed_at": "since when it counts",
            "last_step": "no code counts twice",
        },
    ),
    "accounts.RecoveryCode": (
        "a code on paper for a lost phone",
        DUTY,
        {
            "person": "whose",
            "code_hash": "keyed hash; the code itself is never kept",
            "made_at": "when",
            "used_at": "it counts once",
        },
    ),
    "accounts.Visit": (
        "a session, shown to its person",
        DAY,
        {
            "person": "whose",
            "session_key": "ends it from another device",
            "device": "system and browser in words, so that one recognises it",
            "began_at": "since when",
            "seen_at": "last sign of life",
        },
    ),
    "letters.Message": (
        "one thing we told a person",
        ARCHIVE,
        {
            "ref": "reference at the gateway, so that a retry is no second message",
            "person": "to whom",
            "phone": "!where the text goes",
            "template": "which message",
            "text": "!the text message as it was sent",
            "title": "!its title in the inbox",
            "body": "!its words in the inbox",
            "subject_kind": "what it is about",
            "subject_ref": "what it is about",
            "state": "where delivery stands",
            "tries": "how often delivery was tried",
            "gateway_id": "the gateway's receipt",
            "created_at": "when",
            "useless_at": "after this a late text helps nobody and is not sent",
            "sent_at": "when the gateway took it",
            "read_at": "when it was read here",
        },
    ),
    "jobs.Job": (
        "something to be done",
        WORK,
        {
            "task": "what",
            "arguments": "references and digests, never personal values",
            "state": "where it stands",
            "priority": "in which order",
            "queue": "which queue",
            "run_at": "not before",
            "attempts": "how often it was tried",
            "worker": "who holds it",
            "lease_until": "until when",
            "dedupe_key": "the same thing is queued once",
            "error": "why it failed",
            "result": "what it answered",
            "enqueued_at": "when it was asked for",
            "started_at": "when it began",
            "finished_at": "when it ended",
        },
    ),
    "ledger.Entry": (
        "one act, append-only",
        FOREVER,
        {
            "id": "its place in the tree",
            "at": "when",
            "by": "who, by reference",
            "role": "in which role",
            "action": "what",
            "subject_kind": "on what",
            "subject_ref": "on which",
            "reason": "!why, in the words of whoever acted",
            "data": "codes and digests, never personal values",
            "previous": "hash of the entry before",
            "hash": "RFC 6962 leaf hash",
        },
    ),
    "certificates.Certificate": (
        "one issued certificate",
        REGISTER,
        {
            "token": "what the QR code carries, 128 random bits",
            "number": "printed number",
            "office": "who issued it",
            "holder": "whose it is",
            "level": "printed level",
            "award": "!what was awarded, as canonical JSON",
            "award_digest": "compares a paper with the register",
            "file": "",
            "document_number": "the document it rests on",
            "issued_at": "when",
            "provable_until": "when its newest time stamp ends, so that it is renewed before",
            "standing": "valid, revoked or replaced",
            "revoked_at": "since when not",
            "revocation_reason": "why not, shown to the offices only",
            "replaced_by": "the one in its place",
        },
    ),
    "certificates.RedactedCopy": (
        "a copy for one purpose, made by the holder",
        REGISTER,
        {
            "token": "what the copy's code carries, 128 random bits",
            "certificate": "of which",
            "purpose": "!for what, printed on it",
            "until": "its last day",
            "made_at": "when",
            "file": "",
            "withdrawn_at": "since when its holder wants it to count no more",
        },
    ),
    "certificates.EarlierFile": (
        "bytes that a certificate had before an archive time stamp was put on top",
        REGISTER,
        {"certificate": "whose", "file": "", "replaced_at": "until when it was the newest"},
    ),
    "certificates.CertificateSeries": (
        "the last serial given",
        REGISTER,
        {"office": "one series an office", "year": "and a year", "level": "and a level", "last": "the last one"},
    ),
    "certificates.Paper": (
        "one letter about a file: receipt, notice of corrections, refusal, endorsement to be stamped",
        ARCHIVE,
        {
            "kind": "which letter",
            "subject_kind": "about what",
            "subject_ref": "about which",
            "occasion": "tells two of a kind apart",
            "holder": "whose it is",
            "office": "who signed it",
            "file": "",
            "made_at": "when",
        },
    ),
    "certificates.StatusPublication": (
        "one publication of the signed status lists",
        REGISTER,
        {
            "made_at": "when",
            "until": "how long a verifier may rely on it",
            "content": "",
            "revoked": "how many are revoked in it",
            "statements": "the same lists in the W3C's form",
        },
    ),
    "applications.UnsavedPage": (
        "what was typed in a section and not saved yet",
        (
            "until the section is saved or the file can no longer be changed, a month at most "
            "(`applications.services.unsaved.forget_unsaved`)"
        ),
        {
            "application": "whose",
            "section": "which page",
            "typed": "!shown again to its owner, so that nothing is typed twice",
            "kept_at": "said on the page; ends it",
        },
    ),
    "applications.Reminder": (
        "a text message on one day that somebody asked for without an account",
        "until the day, then deleted with the sending (`applications.services.reminders.send_reminders`)",
        {
            "phone": "!where the text goes",
            "phone_index": "one reminder a phone; finds it for cancelling",
            "due_on": "when to send it",
            "agreed_at": "when the consent was given",
        },
    ),
    "applications.Application": (
        "one person's file in one round",
        ARCHIVE,
        {
            "ref": "name in addresses, 96 random bits",
            "number": "",
            "notice_id": "under which notice",
            "notice_digest": "under which text of it, so that a decision can be replayed",
            "applicant": "whose",
            "state": "where it stands (docs/workflow.md)",
            "version": "",
            "created_at": "when it was begun",
            "saved_at": "when something was last saved",
            "submitted_at": "decides on the window of 八",
            "updated_at": "when it last moved",
            "full_name": "!printed on the certificate and in the document's roster",
            "identity": "!一（一）, 一（二）: who may apply",
            "identity_type": "!which document the number is of",
            "identity_number": "!tells people of one name apart; asks social insurance; printed on the 申报表",
            "identity_until": "the document must be valid on the day of filing (domain rules of 一)",
            "identity_index": "one file a person a round, without opening the number",
            "sex": "!printed on the 申报表",
            "born_on": "!printed on the certificate and the 申报表; checked against the number",
            "permit": "!一（二）",
            "permit_number": "!一（二）",
            "permit_until": "!一（二）",
            "civil_servant": "!一（三）",
            "retired": "!一（三）",
            "sanctioned": "!一（三）",
            "sanction_from": "!一（三）",
            "sanction_until": "!一（三）",
            "works_in_jurisdiction": "!一（一）",
            "engagement": "!一（一）; whose consent is upload 1",
            "employer": "!whose clerk endorses",
            "employer_name": "!printed on the 申报表 and in the roster",
            "employer_uscc": "which unit of that name",
            "employer_kind": "五（三）1 and 4",
            "post": "!二: in the post; shown to the unit",
            "established_post": "!五（三）4",
            "established_post_since": "!五（三）4",
            "assessed_fit": "!二: 经考核合格",
            "continuing_education_hours": "!四（二）: encouraged, never a gate",
            "social_insurance": "!五（三）5: what the look-up said",
            "social_insurance_at": "when it was asked",
            "level": "the level applied for",
            "specialty": "",
            "series": "",
            "commitment_name": "!the name signed under the commitment",
            "commitment_at": "when it was signed",
            "reviewer": "who reviewed",
            "taken_at": "since when",
            "due_on": "by when this stage is to be done; the queue's order",
            "stage_since": "from which day its working days count",
            "stage_used": "working days used before a pause",
            "undo_by": "who may take the last act back",
            "undo_until": "until when",
            "undo_clock": "the stage's clock before that act",
            "accepted_at": "when the association first took it up; its service level counts from here",
            "lease_until": "until when nobody else may take it",
            "second": "who agreed with a pass against the law engine",
            "second_text": "!why",
            "opinion": "",
            "opinion_text": "!printed on the 申报表",
            "rechecker": "who rechecked",
            "rechecked_at": "when; opens 中级 to the city office",
            "signer": "who approved",
            "approved_at": "when",
            "refused_clause": "!the clause of a refusal",
            "refused_reason": "!its reason, word for word",
            "document_number": "the document it ended in",
            "certificate_number": "the certificate it ended in",
            "remarked": "whether there are notes",
            "alike": "whether another file looks like this one",
            "declaration_file": "",
        },
    ),
    "applications.Education": (
        "one schooling",
        ARCHIVE,
        {
            "application": "of which file",
            "schooling": "!二",
            "graduated_on": "!二: since when; the cut-off of the notes",
            "degree": "!二",
            "degree_on": "!二",
            "school": "!printed on the 申报表",
            "major": "!二: 专业对口",
            "study_mode": "!printed on the 申报表",
            "enrolled_on": "!printed on the 申报表",
            "schooling_number": "",
            "degree_number": "",
            "verification_code": "",
            "field_matches": "!二（一）注, 二（三）注: 专业对口",
        },
    ),
    "applications.WorkSpell": (
        "one spell of work",
        ARCHIVE,
        {
            "application": "of which file",
            "employer_name": "!printed on the 申报表",
            "post": "!printed on the 申报表",
            "started_on": "!二: how long",
            "ended_on": "!二: how long",
            "in_specialty": "!二: 本专业",
        },
    ),
    "applications.Material": (
        "one uploaded PDF",
        ARCHIVE,
        {
            "application": "of which file",
            "ref": "name in addresses",
            "code": "",
            "name": "",
            "file": "",
            "size": "shown beside the name",
            "pages": "shown beside the name",
            "hints": "what the check on arrival wants looked at",
            "uploaded_at": "when",
            "replaced_at": "when a newer one took its place",
            "pages_ready": "whether its page images are there",
            "verdict": "the reviewer's",
            "verdict_code": "which common reason it grew from, for counting",
            "verdict_reason": "!what the applicant is told",
            "marks": "boxes on pages, shown to the applicant with the reason",
            "verdict_by": "who",
            "verdict_at": "when",
        },
    ),
    "applications.PaperReading": (
        "what was read on a paper, to be compared with what was typed",
        ARCHIVE,
        {
            "material": "of which paper",
            "state": "whether it could be read",
            "pages": "!the lines with their places; fields are worked out when shown",
            "read_at": "when",
        },
    ),
    "applications.PhotoPage": (
        "a page made of a photo, until it has become a PDF",
        "until the PDF is made, at most seven days, then deleted every night (`housekeeping.nightly`)",
        {
            "application": "of which file",
            "code": "under which item",
            "ref": "name in addresses",
            "position": "its place in the order",
            "turn": "quarter turns asked for",
            "file": "!the upright page, without the photo's metadata",
            "width": "size of the picture",
            "height": "size of the picture",
            "hints": "blank, dark or blurred",
            "added_at": "when",
        },
    ),
    "applications.Assessment": (
        "a report of the law engine as it was given",
        ARCHIVE,
        {
            "application": "of which file",
            "at": "when",
            "filed_on": "for which day",
            "notice_digest": "under which text",
            "facts": "",
            "report": "!every finding with its clause",
        },
    ),
    "applications.Viewing": (
        "which pages of a material were on an officer's screen",
        ARCHIVE,
        {
            "material": "of which document",
            "person": "on whose screen",
            "pages": "which pages",
            "whole": "whether all: a pass stands on it",
            "first_at": "since when",
            "last_at": "last new page",
        },
    ),
    "applications.Note": (
        "a remark among the offices",
        "as long as the file",
        {"application": "of which file", "by": "who", "at": "when", "text": "!the remark; the applicant never sees it"},
    ),
    "applications.Likeness": (
        "two files that look like one",
        ARCHIVE,
        {
            "application": "which file",
            "other": "which other",
            "kind": "same identity number, same scan, nearly the same scan",
            "material": "which document of the one",
            "other_material": "which document of the other",
            "page": "its page",
            "other_page": "its page",
            "found_at": "when it was found",
            "same": "what a person decided; nothing: not yet",
            "reason": "!why",
            "decided_by": "who decided",
            "decided_at": "when",
        },
    ),
    "applications.PageMark": (
        "the fingerprint of a page image",
        "as long as the file store keeps the document",
        {
            "file": "of which document, by digest",
            "page": "of which page",
            "print": "256 bits of light and dark; nothing can be read from it",
            "band1": "finds near ones",
            "band2": "finds near ones",
            "band3": "finds near ones",
            "band4": "finds near ones",
        },
    ),
    "applications.Tie": (
        "what an officer steps back from (回避)",
        DUTY,
        {
            "person": "who",
            "kind": "own identity number, a unit, or one file",
            "value": "!blind index, code, name or reference",
            "label": "!what the officer reads in their own list",
            "until": "last day on which it counts",
            "declared_at": "when",
        },
    ),
    "applications.SecondLook": (
        "a file drawn for a blind second look (抽检)",
        ARCHIVE,
        {
            "application": "which file",
            "drawn_at": "when it was drawn",
            "by": "who looked",
            "at": "when",
            "opinion": "for or against",
            "codes": "which materials were found defective",
            "text": "!why",
            "agrees": "whether it says the same as the first review",
        },
    ),
    "applications.DeskKeys": (
        "an officer's keys at the desk",
        DUTY,
        {"person": "whose", "on": "whether the keys work", "keys": "what lies on another key"},
    ),
    "applications.Correction": (
        "one send-back",
        ARCHIVE,
        {
            "application": "of which file",
            "asked_by": "who",
            "asked_at": "when",
            "missed": "!why it was not told the first time, before a second send-back",
            "agreed_by": "the lead who agreed to a second send-back",
            "due_on": "until when",
            "items": "!all defects at once (一次性告知)",
            "mended_at": "when it was handed in again",
        },
    ),
    "applications.EmployerStaff": (
        "one person on an employer's own roster",
        "until the employer takes them off the list; who declines is emptied at once but for the name",
        {
            "employer": "whose roster",
            "ref": "name in addresses",
            "full_name": "!whom the unit means",
            "identity_type": "which document",
            "identity_number": "!opens the invitation to the right person only; carried into their draft",
            "identity_index": "finds the same person again without opening the number",
            "phone": "!where the invitation goes",
            "phone_index": "shows the invitation to whoever signs in with this phone",
            "details": "!post, schooling, work and assessment as the unit typed them",
            "added_by": "who",
            "added_at": "when",
            "updated_at": "when it was imported again",
            "first_on": "!from when the law engine expects that they may apply",
            "first_level": "!for which level",
            "awaits": "!whether the assessment after probation is still to come",
            "notice_digest": "by which notice that was reckoned",
            "claim_token": "the invitation's address",
            "claim_tries": "shuts the invitation after five wrong numbers",
            "invited_at": "nobody is texted twice within a day",
            "claimed_at": "when the person took it over",
            "claimed_by": "who",
            "declined_at": "when the person refused",
        },
    ),
    "applications.RosterImport": (
        "one uploaded roster between its check and its import",
        "the cells a day at most, and until they are imported; the counts as part of the record",
        {
            "employer": "whose",
            "ref": "name in addresses",
            "by": "who",
            "at": "when",
            "name": "the file's name, for display only",
            "digest": "SHA-256 of the sheet, which itself is not kept",
            "cells": "!what stands in the sheet, until it is imported",
            "done_at": "when it was imported",
            "imported": "how many rows",
            "left_out": "how many rows were left out",
        },
    ),
    "applications.SearchTerm": (
        "one word under which a file is found",
        "As long as the file it belongs to.",
        {
            "application": "which file",
            "term": "kind, and the hex of a name, its pinyin or the end of a number; of identity numbers a blind index only",
        },
    ),
    "applications.EmployerName": (
        "employers' names as they stand in files, to look for any part of one",
        FOREVER,
        {"name": "once each"},
    ),
    "applications.SavedSearch": (
        "searches that somebody of an office keeps",
        "Until the person lets it go.",
        {"person": "whose", "name": "what they call it", "query": "the conditions", "saved_at": "when"},
    ),
    "applications.Export": (
        "tables that left the site: who asked, what for, who allowed it. The table itself is not kept",
        ARCHIVE,
        {
            "ref": "name in addresses and in the table's first line",
            "query": "which files",
            "purpose": "what for, in the asker's words",
            "form": "which format",
            "asked_by": "who",
            "asked_at": "when",
            "decided_by": "the second person",
            "decided_at": "when",
            "allowed": "whether",
            "rows": "how many files that was",
        },
    ),
    "applications.FileView": (
        "who of an office or an employer opened a file, for its owner to see",
        ARCHIVE,
        {
            "application": "which file",
            "person": "who; the owner is told the role",
            "role": "as what",
            "day": "one row a day",
            "last_at": "when last",
        },
    ),
    "applications.Rating": (
        "what an applicant says of the service (好差评)",
        ARCHIVE,
        {
            "application": "of which file",
            "grade": "one of five",
            "aspects": "grades of parts, where given",
            "comment": "in their words",
            "anonymous": "whether staff see whose it is",
            "rated_at": "when",
            "answered_by": "who answered a bad one",
            "answered_at": "when",
            "answer": "what was found and mended",
        },
    ),
    "applications.NumberSeries": ("the last 办件号", FOREVER, {"year": "one series a year", "last": "the last one"}),
    "decisions.Roster": (
        "approved people of one office for one document",
        ARCHIVE,
        {
            "ref": "name in addresses",
            "office": "whose",
            "notice_id": "under which notice",
            "state": "where it stands",
            "title": "printed",
            "words": "printed, where they are not the standard ones",
            "drafted_by": "who",
            "drafted_at": "when",
            "verified_by": "the second person",
            "verified_at": "when",
            "signed_by": "the third person",
            "signed_at": "when",
            "list_digest": "",
            "problem": "why issuing did not finish, or why it was sent back",
            "number": "held while papers are made ready",
            "issue_on": "the day that stands in the document",
            "predates_verification": "signed when two people were enough",
        },
    ),
    "decisions.RosterEntry": (
        "one person's place on a roster",
        ARCHIVE,
        {
            "roster": "on which",
            "application": "whose file",
            "position": "in which order it is printed",
            "certificate": "what came of it",
            "prepared": "numbers and digests of papers that are ready and do not count yet",
            "prepared_for": "for which 发文字号 they were made",
            "problem": "why they could not be made",
        },
    ),
    "decisions.DocumentSeries": (
        "the last serial of an office's documents",
        FOREVER,
        {"office": "one series an office", "year": "and a year", "last": "the last one"},
    ),
    "decisions.Document": (
        "one official document",
        REGISTER,
        {
            "ref": "name in addresses",
            "roster": "whose list is annexed",
            "office": "who issued it",
            "year": "part of the number",
            "serial": "part of the number",
            "number": "发文字号",
            "issued_on": "printed",
            "issued_at": "when",
            "file": "SHA-256 of the signed PDF in the file store",
        },
    ),
    "decisions.Revocation": (
        "the end of a certificate, or another in its place, by two people",
        ARCHIVE,
        {
            "certificate": "of which",
            "kind": "revoked, corrected or made anew",
            "changes": "!what is put right, as JSON",
            "problem": "why the new one could not be made",
            "reason": "!why",
            "clause": "on what it rests",
            "proposed_by": "who",
            "proposed_at": "when",
            "confirmed_by": "who else",
            "confirmed_at": "when",
            "rejected_at": "when it was not agreed to",
        },
    ),
    "decisions.ArchivePackage": (
        "the newest archive package of an issued file",
        ARCHIVE,
        {
            "application": "of which file",
            "file": "SHA-256 of the ZIP in the file store",
            "size": "shown beside the link",
            "made_at": "when",
        },
    ),
}


def form(field: models.Field) -> str:  # type: ignore[type-arg]
    """How a field rests in the database."""
    kind = "reference" if field.is_relation else type(field).__name__.removesuffix("Field")
    kind = {"EncryptedText": "text, encrypted (AES-256-GCM)", "BigAuto": "row", "JSON": "JSON"}.get(kind, kind.lower())
    if isinstance(field, models.CharField) and field.max_length:
        kind = f"{kind} ≤ {field.max_length}"
    return f"{kind}, may be unknown" if field.null else kind


def page() -> str:
    """The whole document. Exits with what is missing where a field has no purpose, or a purpose no field."""
    lines = [
        "# Fields",
        "",
        "What is kept, in what form, what for and how long. Written by `tools/make_fields.py` from the models; a test holds",
        "the two together. ● marks what tells something of a person. `file` is always a digest: the bytes lie in the file",
        "store. Nobody is asked for a picture of an identity card, and nobody's is kept.",
    ]
    missing: list[str] = []
    found = {m._meta.label: m for m in apps.get_models() if m.__module__.startswith("chuding.")}  # noqa: SLF001 - Django's documented way
    missing += [f"{label}: no such model" for label in CATALOGUE.keys() - found.keys()]
    for label in sorted(found):
        what, kept, purposes = CATALOGUE.get(label, ("?", "?", {}))
        fields = [f for f in found[label]._meta.fields if f.name in purposes or not f.primary_key]  # noqa: SLF001
        missing += [f"{label}.{name}: no such field" for name in purposes.keys() - {f.name for f in fields}]
        lines += [
            "",
            f"## {label}",
            "",
            f"{what[0].upper()}{what[1:]}. Kept {kept}.",
            "",
            "| field | form | what for |",
            "|---|---|---|",
        ]
        for field in fields:
            purpose = purposes.get(field.name) or str(field.help_text)
            if not purpose:
                missing.append(f"{label}.{field.name}: no purpose")
            mark = "● " if purpose.startswith("!") or (field.help_text and field.name.endswith("_number")) else ""
            lines.append(f"| `{field.name}` | {form(field)} | {mark}{purpose.removeprefix('!')} |")
    if missing:
        sys.exit(
            "\n".join([*missing, "Say in tools/make_fields.py what it is for and how long it is kept, then run it."])
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
    django.setup()
    FILE.write_text(page(), encoding="utf-8")
