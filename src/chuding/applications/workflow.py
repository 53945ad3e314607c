"""The life of a file, as one table: state, action, role, next state. Pure.

A service asks this table; nothing else sets a state. The diagram in docs/workflow.md is generated from it, and a
Hypothesis state machine walks it. `when` tells rows with the same state and action apart:
`employer_online` (the employer has a verified clerk here), `junior` (员级, 助理级: the association signs, notice 七)
or `intermediate` (中级: the city office signs, notice 七), `first_return` or `returned_before` (a second send-back
needs the lead), `green` or `red` (recommended against the law engine: a second reviewer has to agree), `lease_over`
(nobody holds the file any more), `undoable` (seconds after one's own act, before its messages leave; the same of the
lead's agreement to a second send-back: `undoable_agreement`, and of a refusal by the authority that signs:
`undoable_junior_refusal`, `undoable_intermediate_refusal`) and `appealable` (the days in which a refusal may be appealed have not passed, and it was not appealed before).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chuding.accounts.roles import Role


class State(StrEnum):
    """Where a file stands. Codes and labels are those shown to people (docs/glossary.md)."""

    DRAFT = "draft"
    EMPLOYER = "employer"
    EMPLOYER_RETURNED = "employer_returned"
    RECEIVED = "received"
    REVIEWING = "reviewing"
    SECOND = "second"
    LEAD = "lead"
    CORRECTION = "correction"
    RECHECK = "recheck"
    SIGNING = "signing"
    CITY = "city"
    APPROVED = "approved"
    ISSUED = "issued"
    REFUSED = "refused"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """What people read."""
        return LABELS[self]


LABELS = {
    State.DRAFT: "填写中",
    State.EMPLOYER: "待单位审核",
    State.EMPLOYER_RETURNED: "单位退回修改",
    State.RECEIVED: "待受理",
    State.REVIEWING: "审核中",
    State.SECOND: "待第二人审核",
    State.LEAD: "待组长审定",
    State.CORRECTION: "待补正",
    State.RECHECK: "待复核",
    State.SIGNING: "待协会审批",
    State.CITY: "待市职称办审批",
    State.APPROVED: "审核通过",
    State.ISSUED: "已发证",
    State.REFUSED: "不予通过",
    State.APPEALED: "复核申请办理中",
    State.WITHDRAWN: "已撤回",
    State.EXPIRED: "逾期关闭",
    State.REVOKED: "已撤销",
}


class Action(StrEnum):
    """What a person does to a file."""

    SUBMIT = "submit"
    ENDORSE = "endorse"
    EMPLOYER_RETURN = "employer_return"
    TAKE = "take"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    SEND_BACK = "send_back"
    RESUBMIT = "resubmit"
    ASK_LEAD = "ask_lead"
    RECOMMEND = "recommend"
    CONCUR = "concur"
    CONFIRM = "confirm"
    RETURN = "return"
    APPROVE = "approve"
    ISSUE = "issue"
    REFUSE = "refuse"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    ANNUL = "annul"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    REVOKE = "revoke"
    UNDO = "undo"
    REOPEN = "reopen"

    @property
    def label(self) -> str:
        """What people read in the timeline."""
        return ACTION_LABELS[self]


ACTION_LABELS = {
    Action.SUBMIT: "提交申报",
    Action.ENDORSE: "单位同意申报",
    Action.EMPLOYER_RETURN: "单位退回修改",
    Action.TAKE: "受理",
    Action.RELEASE: "放回待受理",
    Action.HAND_OVER: "转交",
    Action.SEND_BACK: "一次性告知补正",
    Action.RESUBMIT: "补正后重新提交",
    Action.ASK_LEAD: "提请组长同意再次退回",
    Action.RECOMMEND: "初审完成",
    Action.CONCUR: "第二人审核同意",
    Action.CONFIRM: "复核完成",
    Action.RETURN: "退回上一环节",
    Action.APPROVE: "审批通过",
    Action.ISSUE: "发文发证",
    Action.REFUSE: "不予通过",
    Action.APPEAL: "申请复核",
    Action.UPHOLD: "复核：维持原决定",
    Action.ANNUL: "复核：撤销原决定，重新审核",
    Action.WITHDRAW: "撤回",
    Action.CLOSE: "逾期关闭",
    Action.REVOKE: "撤销证书",
    Action.UNDO: "撤销刚才的办理",
    Action.REOPEN: "公示异议成立，退回复核",
}


@dataclass(frozen=True)
class Step:
    """One row of the table. `reason`: the act must be given a reason in words."""

    state: State
    action: Action
    role: Role
    next: State
    when: str = ""
    reason: bool = False


S, A, R = State, Action, Role
TABLE: tuple[Step, ...] = (
    Step(S.DRAFT, A.SUBMIT, R.APPLICANT, S.EMPLOYER, when="employer_online"),
    Step(S.DRAFT, A.SUBMIT, R.APPLICANT, S.RECEIVED, when="employer_offline"),
    Step(S.DRAFT, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.EMPLOYER, A.ENDORSE, R.EMPLOYER_CLERK, S.RECEIVED),
    Step(S.EMPLOYER, A.EMPLOYER_RETURN, R.EMPLOYER_CLERK, S.EMPLOYER_RETURNED, reason=True),
    Step(S.EMPLOYER, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.EMPLOYER_RETURNED, A.RESUBMIT, R.APPLICANT, S.EMPLOYER),
    Step(S.EMPLOYER_RETURNED, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.RECEIVED, A.TAKE, R.REVIEWER, S.REVIEWING),
    Step(S.RECEIVED, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.REVIEWING, A.TAKE, R.REVIEWER, S.REVIEWING, when="lease_over"),
    Step(S.REVIEWING, A.RELEASE, R.REVIEWER, S.RECEIVED),
    Step(S.REVIEWING, A.HAND_OVER, R.REVIEWER, S.REVIEWING, reason=True),
    Step(S.REVIEWING, A.SEND_BACK, R.REVIEWER, S.CORRECTION, when="first_return"),
    Step(S.REVIEWING, A.ASK_LEAD, R.REVIEWER, S.LEAD, when="returned_before", reason=True),
    Step(S.REVIEWING, A.RECOMMEND, R.REVIEWER, S.RECHECK, when="green"),
    Step(S.REVIEWING, A.RECOMMEND, R.REVIEWER, S.SECOND, when="red", reason=True),
    Step(S.REVIEWING, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.LEAD, A.SEND_BACK, R.LEAD, S.CORRECTION),
    Step(S.LEAD, A.RETURN, R.LEAD, S.REVIEWING, reason=True),
    Step(S.LEAD, A.UNDO, R.REVIEWER, S.REVIEWING, when="undoable"),
    Step(S.LEAD, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.SECOND, A.CONCUR, R.REVIEWER, S.RECHECK, reason=True),
    Step(S.SECOND, A.RETURN, R.REVIEWER, S.REVIEWING, reason=True),
    Step(S.SECOND, A.UNDO, R.REVIEWER, S.REVIEWING, when="undoable"),
    Step(S.SECOND, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.CORRECTION, A.UNDO, R.REVIEWER, S.REVIEWING, when="undoable"),
    Step(S.CORRECTION, A.UNDO, R.LEAD, S.LEAD, when="undoable_agreement"),
    Step(S.CORRECTION, A.RESUBMIT, R.APPLICANT, S.REVIEWING),
    Step(S.CORRECTION, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.CORRECTION, A.CLOSE, R.REVIEWER, S.EXPIRED, reason=True),
    Step(S.EXPIRED, A.UNDO, R.REVIEWER, S.CORRECTION, when="undoable"),
    Step(S.RECHECK, A.CONFIRM, R.RECHECKER, S.SIGNING, when="junior"),
    Step(S.RECHECK, A.CONFIRM, R.RECHECKER, S.CITY, when="intermediate"),
    Step(S.RECHECK, A.RETURN, R.RECHECKER, S.REVIEWING, reason=True),
    Step(S.RECHECK, A.REFUSE, R.RECHECKER, S.REFUSED, reason=True),
    Step(S.RECHECK, A.UNDO, R.REVIEWER, S.REVIEWING, when="undoable"),
    Step(S.RECHECK, A.WITHDRAW, R.APPLICANT, S.WITHDRAWN),
    Step(S.REFUSED, A.UNDO, R.RECHECKER, S.RECHECK, when="undoable"),
    Step(S.REFUSED, A.UNDO, R.ASSOCIATION_SIGNER, S.SIGNING, when="undoable_junior_refusal"),
    Step(S.REFUSED, A.UNDO, R.CITY_SIGNER, S.CITY, when="undoable_intermediate_refusal"),
    Step(S.REFUSED, A.APPEAL, R.APPLICANT, S.APPEALED, when="appealable", reason=True),
    Step(S.APPEALED, A.UPHOLD, R.LEAD, S.REFUSED, when="junior", reason=True),
    Step(S.APPEALED, A.UPHOLD, R.ASSOCIATION_SIGNER, S.REFUSED, when="junior", reason=True),
    Step(S.APPEALED, A.UPHOLD, R.CITY_SIGNER, S.REFUSED, when="intermediate", reason=True),
    Step(S.APPEALED, A.ANNUL, R.LEAD, S.RECEIVED, when="junior", reason=True),
    Step(S.APPEALED, A.ANNUL, R.ASSOCIATION_SIGNER, S.RECEIVED, when="junior", reason=True),
    Step(S.APPEALED, A.ANNUL, R.CITY_SIGNER, S.RECEIVED, when="intermediate", reason=True),
    Step(S.SIGNING, A.UNDO, R.RECHECKER, S.RECHECK, when="undoable"),
    Step(S.CITY, A.UNDO, R.RECHECKER, S.RECHECK, when="undoable"),
    Step(S.SIGNING, A.APPROVE, R.ASSOCIATION_SIGNER, S.APPROVED, when="junior"),
    Step(S.SIGNING, A.RETURN, R.ASSOCIATION_SIGNER, S.RECHECK, when="junior", reason=True),
    Step(S.SIGNING, A.REFUSE, R.ASSOCIATION_SIGNER, S.REFUSED, when="junior", reason=True),
    Step(S.CITY, A.APPROVE, R.CITY_SIGNER, S.APPROVED, when="intermediate"),
    Step(S.CITY, A.RETURN, R.CITY_SIGNER, S.RECHECK, when="intermediate", reason=True),
    Step(S.CITY, A.REFUSE, R.CITY_SIGNER, S.REFUSED, when="intermediate", reason=True),
    Step(S.APPROVED, A.REOPEN, R.ASSOCIATION_SIGNER, S.RECHECK, when="junior", reason=True),
    Step(S.APPROVED, A.REOPEN, R.CITY_SIGNER, S.RECHECK, when="intermediate", reason=True),
    Step(S.APPROVED, A.ISSUE, R.ASSOCIATION_SIGNER, S.ISSUED, when="junior"),
    Step(S.APPROVED, A.ISSUE, R.CITY_SIGNER, S.ISSUED, when="intermediate"),
    Step(S.ISSUED, A.REVOKE, R.ASSOCIATION_SIGNER, S.REVOKED, when="junior", reason=True),
    Step(S.ISSUED, A.REVOKE, R.CITY_SIGNER, S.REVOKED, when="intermediate", reason=True),
)

FINAL = frozenset({S.ISSUED, S.REFUSED, S.WITHDRAWN, S.EXPIRED, S.REVOKED})
# A person has one file a round that is neither dead nor done against them (security.md I4).
LIVE = frozenset(S) - {S.WITHDRAWN, S.EXPIRED, S.REFUSED, S.REVOKED}
EDITABLE = frozenset({S.DRAFT, S.EMPLOYER_RETURNED, S.CORRECTION})
# What whoever did it may take back for half a minute, before anybody is told.
UNDOABLE = frozenset({A.SEND_BACK, A.ASK_LEAD, A.RECOMMEND, A.CONFIRM, A.REFUSE, A.CLOSE})
JUNIOR_LEVELS = frozenset({"员级", "助理级"})


class Declined(Exception):  # noqa: N818 - an answer to a person, not a fault
    """A service will not do this now; `sentence` says why and what to do. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class FieldDeclined(Declined):
    """What is in the way, and at which field of the form; `field` is empty where it is none's."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class IllegalAction(Declined):
    """The table has no such step."""


def step(state: State, action: Action, roles: frozenset[Role], conditions: frozenset[str]) -> Step:
    """The one row that allows `action` in `state` to somebody with `roles`.

    `conditions` holds the `when` words that are true of the file. Raises IllegalAction where no row fits.
    """
    for row in TABLE:
        if (
            row.state == state
            and row.action == action
            and row.role in roles
            and (not row.when or row.when in conditions)
        ):
            return row
    raise IllegalAction(f"当前状态是“{state.label}”，不能{action.label}。请刷新页面，查看最新进度。")


def allowed(state: State, roles: frozenset[Role], conditions: frozenset[str]) -> tuple[Step, ...]:
    """Every row open to `roles` in `state`: what the buttons are drawn from."""
    return tuple(
        row for row in TABLE if row.state == state and row.role in roles and (not row.when or row.when in conditions)
    )


def diagram() -> str:
    """The table as a Mermaid state diagram; docs/workflow.md holds exactly this."""
    rows = [
        f"    {row.state} --> {row.next}: {row.action.label}" + (f" [{row.when}]" if row.when else "") for row in TABLE
    ]
    names = [f"    {state}: {state.label}" for state in State]
    return "\n".join(["stateDiagram-v2", *names, f"    [*] --> {State.DRAFT}", *rows])
