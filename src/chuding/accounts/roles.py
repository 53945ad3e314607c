"""Who may open what: the authorisation matrix as data. Pure: no Django here.

The middleware, the buttons and the generated test of every URL by every person all read this one table.
A page that is not named here does not exist for anyone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Role(StrEnum):
    """What a person can be here; one person may be several at once."""

    ANYONE = "anyone"
    APPLICANT = "applicant"
    EMPLOYER_CLERK = "employer_clerk"
    REVIEWER = "reviewer"
    LEAD = "lead"
    RECHECKER = "rechecker"
    ASSOCIATION_SIGNER = "association_signer"
    CITY_SIGNER = "city_signer"
    ASSOCIATION_DRAFTER = "association_drafter"
    CITY_DRAFTER = "city_drafter"
    ADMINISTRATOR = "administrator"


ROLE_NAMES: dict[Role, str] = {
    Role.ANYONE: "公众",
    Role.APPLICANT: "申报人",
    Role.EMPLOYER_CLERK: "单位经办人",
    Role.REVIEWER: "协会审核员",
    Role.LEAD: "协会审核组长",
    Role.RECHECKER: "协会复核员",
    Role.ASSOCIATION_SIGNER: "协会签发人",
    Role.CITY_SIGNER: "市职称办签发人",
    Role.ASSOCIATION_DRAFTER: "协会文书",
    Role.CITY_DRAFTER: "市职称办文书",
    Role.ADMINISTRATOR: "管理员",
}

STAFF = frozenset(
    {
        Role.REVIEWER,
        Role.LEAD,
        Role.RECHECKER,
        Role.ASSOCIATION_SIGNER,
        Role.CITY_SIGNER,
        Role.ASSOCIATION_DRAFTER,
        Role.CITY_DRAFTER,
        Role.ADMINISTRATOR,
    },
)
_DESK = frozenset({Role.REVIEWER, Role.LEAD, Role.RECHECKER})
_SIGNERS = frozenset({Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER})
_VIEWERS = _DESK | _SIGNERS
_DOCUMENTS = _SIGNERS | {Role.ASSOCIATION_DRAFTER, Role.CITY_DRAFTER}

# One line a group of pages, sorted inside it. The widest group stands first.
_GROUPS: tuple[tuple[frozenset[Role], tuple[str, ...]], ...] = (
    (
        frozenset({Role.ANYONE}),
        (
            "accessibility",
            "api_assess",
            "api_catalogue",
            "api_notice",
            "api_notices",
            "api_openapi",
            "catalogue",
            "catalogue_search",
            "co_sign",
            "certificate_public",
            "copy_public",
            "credential_public",
            "guide",
            "healthz",
            "help",
            "home",
            "issuer",
            "issuer_status",
            "jwks",
            "level",
            "notice",
            "notice_version",
            "notices",
            "offline_page",
            "outbox",
            "over",
            "over_link",
            "privacy",
            "publicity",
            "publicity_list",
            "publicity_object",
            "rare_font",
            "rare_sheet",
            "reminder",
            "reminder_cancel",
            "reminder_code",
            "reminder_set",
            "self_check",
            "self_check_paper",
            "self_check_question",
            "self_check_result",
            "self_check_begin",
            "set_display",
            "sign_in",
            "sign_in_code",
            "sign_in_password",
            "sign_in_resend",
            "sign_out",
            "site_map",
            "statistics",
            "status_list",
            "verify",
            "verify_file",
        ),
    ),
    (
        frozenset({Role.APPLICANT}),
        (
            "application",
            "application_appeal",
            "application_check",
            "application_co_sign",
            "application_correct",
            "application_keep",
            "application_material",
            "application_part",
            "application_material_remove",
            "application_new",
            "application_nudge",
            "application_photo",
            "application_photos",
            "application_rating",
            "application_scan",
            "application_section",
            "application_submit",
            "application_submitted",
            "application_withdraw",
            "application_writing",
            "application_writing_picture",
            "authenticator",
            "authenticator_replace",
            "certificate_copies",
            "certificate_copy_file",
            "certificate_copy_withdraw",
            "certificate_file",
            "certificate_picture",
            "certificate_sealed",
            "certificate_statement",
            "claim",
            "claims",
            "consent",
            "consent_withdraw",
            "declaration_file",
            "hand_over",
            "inbox",
            "inbox_read",
            "material_file",
            "me",
            "me_close",
            "me_password",
            "me_phone",
            "my_data",
            "my_data_export",
            "my_applications",
            "paper_endorsement",
            "paper_file",
            "paper_verdict",
            "recovery_codes",
            "second_factor",
            "session_end",
            "session_extend",
            "sessions",
            "step_up",
            "unit_open",
            "unit_request",
        ),
    ),
    (
        frozenset({Role.EMPLOYER_CLERK}),
        (
            "employer_act",
            "employer_application",
            "employer_clerk_end",
            "employer_clerks",
            "employer_endorse_many",
            "employer_export",
            "employer_home",
            "employer_import",
            "employer_import_finish",
            "employer_import_marked",
            "employer_import_mend",
            "employer_import_new",
            "employer_letter",
            "employer_letter_file",
            "employer_letter_new",
            "employer_letters",
            "employer_papers",
            "employer_posting",
            "employer_posting_close",
            "employer_postings",
            "employer_staff",
            "employer_staff_entry",
            "employer_staff_invite",
            "employer_staff_reckon",
            "employer_staff_remove",
            "employer_staff_template",
        ),
    ),
    (
        _VIEWERS,
        (
            "desk",
            "desk_alike",
            "desk_application",
            "desk_export_ask",
            "desk_export_decide",
            "desk_export_fetch",
            "desk_exports",
            "desk_file",
            "desk_keys",
            "desk_name_picture",
            "desk_note",
            "desk_page",
            "desk_search",
            "desk_search_save",
            "desk_ties",
        ),
    ),
    (
        _DESK,
        (
            "desk_give_back",
            "desk_look",
            "desk_looks",
            "desk_name",
            "desk_next",
            "desk_shown",
            "desk_take",
            "desk_verdict",
        ),
    ),
    (
        # What an act needs is the table of states' business; here only who may try.
        _VIEWERS,
        ("desk_act",),
    ),
    (
        frozenset({Role.ASSOCIATION_SIGNER, Role.ADMINISTRATOR}),
        (
            "desk_rating_answer",
            "desk_ratings",
        ),
    ),
    (
        frozenset({Role.LEAD}) | _SIGNERS,
        ("desk_statistics",),
    ),
    (
        frozenset({Role.ASSOCIATION_SIGNER, Role.LEAD, Role.ADMINISTRATOR}),
        (
            "desk_unit",
            "desk_unit_page",
            "desk_units",
        ),
    ),
    (
        # Everybody with a duty in an office may be away.
        _VIEWERS | _DOCUMENTS,
        ("desk_absence",),
    ),
    (
        _DOCUMENTS,
        (
            "archive_file",
            "certificate_preview",
            "decisions_home",
            "document_archive",
            "document_file",
            "document_list",
            "roster",
            "roster_act",
            "roster_new",
            "roster_preview",
            "roster_status",
            "roster_words",
        ),
    ),
    (
        _SIGNERS,
        (
            "approvals",
            "objection_decide",
            "publicities",
            "publicity_new",
            "replace_propose",
            "revocations",
            "revoke_confirm",
            "revoke_propose",
            "spot_draw",
            "spot_looked",
        ),
    ),
    (
        frozenset({Role.ADMINISTRATOR}),
        (
            "publishing",
            "publishing_case",
            "publishing_case_act",
            "publishing_cases",
            "publishing_catalogue",
            "publishing_catalogue_sheet",
            "publishing_check",
            "publishing_difference",
            "publishing_discard",
            "publishing_download",
            "publishing_draft",
            "publishing_entry",
            "publishing_entry_act",
            "publishing_file",
            "publishing_new",
            "publishing_picture",
            "publishing_preview",
            "publishing_preview_check",
            "publishing_propose",
            "publishing_release",
            "publishing_replay",
            "publishing_replay_file",
            "publishing_return",
            "publishing_run",
            "publishing_section",
            "publishing_version",
            "publishing_version_files",
            "publishing_withdraw",
        ),
    ),
)

MATRIX: dict[str, frozenset[Role]] = {name: roles for roles, names in _GROUPS for name in names}


def may_open(url_name: str, roles: Iterable[Role]) -> bool:
    """Whether someone with these roles may open the page of this URL name; an unnamed page opens for nobody."""
    return bool(MATRIX.get(url_name, frozenset()) & (frozenset(roles) | {Role.ANYONE}))
