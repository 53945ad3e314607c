"""Findings for people: each condition met, not met or not known, in the notice's words, with the day and the reason."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chuding.policy.dates import ALWAYS, NEVER, day_of
from chuding.policy.speech import CHINESE, Kinds, Named, Paths, Saying, Series, phrase

if TYPE_CHECKING:
    from datetime import date

    from chuding.policy.asked import Asked
    from chuding.policy.conditions import Condition, Monotone
    from chuding.policy.facts import When
    from chuding.policy.notice import Gate, Row
    from chuding.policy.person import One, Record
    from chuding.policy.source import Clause
    from chuding.policy.speech import Own
    from chuding.policy.terms import Answer


#: All that need be said of what is met.
MET: Final = phrase("符合。")
_MATCHING: Final = phrase("专业对口")
_FULL_TIME: Final = phrase("全日制")


class Finding(NamedTuple):
    """One condition and how it stands on the day of filing (a tuple, for thirty are made in a tenth of a millisecond).

    `from_` is the day since when, or from when, it surely holds; None if always, never, or not known. `advice` says
    what to do instead where it fails. `parts` break a row down. `credential` is the index of the credential shown.
    """

    clause: Clause
    label: str
    sentence: str
    wanted: Saying | Series | Own
    answer: Answer
    from_: date | None
    missing: tuple[str, ...]
    said: Saying
    advice: str = ""
    parts: tuple[Finding, ...] = ()
    credential: int | None = None

    @property
    def condition(self) -> str:
        """What is asked, in plain Chinese."""
        return CHINESE.text(self.wanted)

    @property
    def explanation(self) -> str:
        """How it stands, in plain Chinese; `speech.Speech` says it in other languages."""
        return CHINESE.say(self.said)

    def to_json(self) -> dict[str, Any]:
        """The finding with its parts, for keeping."""
        return {
            "clause": self.label,
            "sentence": self.sentence,
            "condition": self.condition,
            "answer": self.answer,
            "from": None if self.from_ is None else self.from_.isoformat(),
            "missing": list(self.missing),
            "explanation": self.explanation,
            "advice": self.advice,
            "parts": [part.to_json() for part in self.parts],
        }


class _State(NamedTuple):
    """How a condition stands: its answer, first sure day, first day at best, and what is missing."""

    answer: Answer
    sure: int
    best: int
    missing: tuple[str, ...]

    @property
    def from_(self) -> date | None:
        """The first day on which it holds, where that is certain."""
        return day_of(self.sure) if self.sure == self.best else None


def _state(
    condition: Condition, env: One | Record, filed: When, sure: int, best: int, asked: Asked | None = None
) -> _State:
    """The state of a condition whose first days at and after filing are known already; `asked` if it was asked before."""
    if best > filed.last:
        answer: Answer = "no"
    elif sure == filed.first and (filed.exact or condition.nf(filed.first, env, False) > filed.last):
        return _State("yes", sure, best, ())
    else:
        answer = "unknown"
    missing: tuple[str, ...] = ()
    if best != sure:
        found = condition.deciding(best, env) if asked is None else asked.open_facts(best, env)  # type: ignore[arg-type]
        missing = tuple(dict.fromkeys(found))
    if answer == "unknown" and not missing:
        missing = ("filed_on",)
    return _State(answer, sure, best, missing)


def _steady(condition: Monotone, env: One | Record, filed: When) -> tuple[_State, date | None]:
    """The state of a condition that stays true once true, and the day since when it surely does."""
    sure, best = condition.since(env, False), condition.since(env, True)
    if sure == best and filed.exact:  # nothing is open
        day = max(filed.first, sure)
        return _State("yes" if day == filed.first else "no", day, day, ()), day_of(sure)
    state = _state(condition, env, filed, max(filed.first, sure), max(filed.first, best))
    return state, day_of(sure) if sure == best else None


def explain_gate(asked: Asked, env: One, filed: When) -> Finding:
    """The finding of a condition that everyone is asked."""
    gate: Gate = asked.rule  # type: ignore[assignment]
    state = _state(gate.condition, env, filed, asked.sure, asked.best, asked)
    if state.answer == "yes":
        return _gate_finding(gate, state, MET, None)
    day = state.from_
    if state.answer == "unknown":
        said = _lacking(state.missing)
    elif day is not None:
        said = phrase("申报日还不符合，{day}起符合。", day=day)
    else:
        said = _not_met(state)
    return _gate_finding(gate, state, said, day)


def _gate_finding(gate: Gate, state: _State, said: Saying, day: date | None) -> Finding:
    return Finding(
        clause=gate.clause,
        label=gate.clause.label,
        sentence=gate.sentence,
        wanted=gate.words,
        answer=state.answer,
        from_=day,
        missing=state.missing,
        said=said,
        advice=gate.advice if state.answer == "no" else "",
    )


def explain_row(asked: Asked, env: One, filed: When) -> Finding:
    """The finding of a row: shown on the credential that serves it best, part by part."""
    row: Row = asked.rule  # type: ignore[assignment]
    state = _state(row.rule.whole, env, filed, asked.sure, asked.best, asked)
    since = state.from_
    if asked.sure == filed.first:
        since = day_of(asked.since) if asked.since == row.rule.whole.since(env, True) else None
    record = _best_record(row, env)
    if record is None:
        return _row_finding(row, state, phrase("没有填写{kinds}。", kinds=row.kinds), (), None)
    parts = tuple(_parts(row, record, filed))
    if row.rule.whole is not row.rule.some:
        parts += tuple(_person_parts(row, env, filed))
    if state.answer == "yes":
        text = MET if since is None else phrase("{day}起符合。", day=since)
    elif state.answer == "unknown":
        text = _lacking(state.missing)
    elif state.from_ is not None:
        text = phrase("还不符合，满足这一条的日期是{day}。", day=state.from_)
    elif state.missing:
        text = _not_met(state)
    else:
        failing = Series(tuple(part.said for part in parts if part.answer == "no"))
        text = phrase("不符合：{reasons}。", reasons=failing)
    return _row_finding(row, state, text, parts, record.index, since)


def _row_finding(
    row: Row,
    state: _State,
    said: Saying,
    parts: tuple[Finding, ...],
    credential: int | None,
    since: date | None = None,
) -> Finding:
    return Finding(
        clause=row.clause,
        label=row.clause.label,
        sentence=row.sentence,
        wanted=row.said,
        answer=state.answer,
        from_=since,
        missing=state.missing,
        said=said,
        parts=parts,
        credential=credential,
    )


def _best_record(row: Row, env: One) -> Record | None:
    """Of the credentials that may be of the row's kind, the one that fulfils it soonest."""
    rule = row.rule
    records = env.titles if rule.of_titles else env.records
    fitting = [record for record in records if rule.parts.kind.since(record, True) == ALWAYS]
    if len(fitting) <= 1:
        return fitting[0] if fitting else None
    part = rule.some.part
    return min(fitting, key=lambda record: (part.since(record, False), part.since(record, True)))


def _parts(row: Row, record: Record, filed: When) -> list[Finding]:
    parts = row.rule.parts
    awarded = record.credential.awarded_on
    if record.index is None:
        found = list(_nothing_stated(row, record.source))
        return found if parts.worked is None else [*found, _worked(row, parts.worked, record, filed)]
    found = [_held(row, record, filed)]
    if parts.cutoff is not None:
        state, _ = _steady(parts.cutoff, record, filed)
        limit = day_of(parts.cutoff.limit)
        if state.answer == "unknown":
            text = _lacking(state.missing)
        elif state.answer == "yes":
            text = phrase("{awarded}毕业，在{limit}以前。", awarded=awarded, limit=limit)
        else:
            text = phrase("{awarded}毕业，晚于{limit}。", awarded=awarded, limit=limit)
        found.append(_part(row, _asked_cutoff(row), state, None, text))
    if parts.matches is not None:
        state, _ = _steady(parts.matches, record, filed)
        if state.answer == "unknown":
            text = _lacking(state.missing)
        else:
            text = phrase("所学专业与申报专业对口。") if state.answer == "yes" else phrase("所学专业与申报专业不对口。")
        found.append(_part(row, _MATCHING, state, None, text))
    if parts.full_time is not None:
        state, _ = _steady(parts.full_time, record, filed)
        said = {"yes": phrase("是全日制。"), "no": phrase("不是全日制。")}
        found.append(_part(row, _FULL_TIME, state, None, said.get(state.answer) or _lacking(state.missing)))
    if parts.worked is not None:
        found.append(_worked(row, parts.worked, record, filed))
    return found


@lru_cache(maxsize=256)
def _nothing_stated(row: Row, source: str) -> tuple[Finding, ...]:
    """What a row asks of a record, for somebody who has not said which they hold: the same for all of them."""
    parts = row.rule.parts
    asked = [_asked_kinds(row)]
    if parts.cutoff is not None:
        asked.append(_asked_cutoff(row))
    asked += [words for part, words in ((parts.matches, _MATCHING), (parts.full_time, _FULL_TIME)) if part is not None]
    missing = (source,)
    state = _State("unknown", NEVER, ALWAYS, missing)
    return tuple(_part(row, words, state, None, _lacking(missing)) for words in asked)


def _asked_kinds(row: Row) -> Saying:
    return phrase("具有{kinds}", kinds=row.kinds)


def _asked_cutoff(row: Row) -> Saying:
    return phrase("{day}以前毕业", day=day_of(row.rule.parts.cutoff.limit))  # type: ignore[union-attr]


def _person_parts(row: Row, env: One, filed: When) -> list[Finding]:
    """What a row asks of the person beside the credential or title: another credential, a series open to its level."""
    found = []
    if row.rule.also is not None:
        state, day = _steady(row.rule.also, env, filed)
        said = {"yes": MET, "no": phrase("没有填写，或者取得在申报日以后。")}
        text = said.get(state.answer) or _lacking(state.missing)
        found.append(_part(row, row.said.sayings[1], state, day, text))
    if row.rule.floor is not None:
        state, _ = _steady(row.rule.floor, env, filed)
        words = phrase("申报专业所在系列可以初定{level}", level=Named(row.level.value))
        said = {"yes": phrase("可以。"), "no": phrase("该系列不设这一级。")}
        found.append(_part(row, words, state, None, said.get(state.answer) or _lacking(state.missing)))
    return found


def _held(row: Row, record: Record, filed: When) -> Finding:
    """Holds a credential of the kind, awarded by the day of filing."""
    credential = record.credential
    kind, _ = _steady(row.rule.parts.kind, record, filed)
    awarded, day = _steady(row.rule.parts.awarded, record, filed)
    state = kind if kind.answer != "yes" else awarded
    if state.answer == "unknown":
        text = _lacking(state.missing)
    elif state.answer == "no":
        text = phrase("{day}取得，在申报日以后。", day=credential.awarded_on)
    else:
        text = phrase("{day}取得{kind}。", day=credential.awarded_on, kind=Kinds((str(credential.kind),)))
    return _part(row, _asked_kinds(row), state, day, text)


def _worked(row: Row, worked: Monotone, record: Record, filed: When) -> Finding:
    years = row.entry.years
    practice = row.entry.practice
    words = phrase("在本专业技术岗位见习满{years}年", years=years) if practice is None else practice.said
    if row.entry.matching.extra:
        words = phrase("{words}（专业不对口的加{years}年）", words=words, years=row.entry.matching.extra)
    state, day = _steady(worked, record, filed)
    if day is not None:
        text = phrase("满{years}年的日期是{day}。", years=years, day=day)
    elif state.answer == "yes":
        text = phrase("已满{years}年。", years=years)
    elif state.missing:
        text = _lacking(state.missing)
    else:
        text = phrase("所填在岗时间不足{years}年，并且没有还在继续的工作。", years=years)
    return _part(row, words, state, day, text)


def _part(row: Row, words: Saying, state: _State, day: date | None, text: Saying) -> Finding:
    return Finding(row.clause, row.clause.label, row.sentence, words, state.answer, day, state.missing, text)


@lru_cache(maxsize=1024)
def _lacking(missing: tuple[str, ...]) -> Saying:
    return phrase("还不能确定，需要补充：{facts}。", facts=Paths(missing))


def _not_met(state: _State) -> Saying:
    if not state.missing:
        return phrase("不符合。")
    return phrase("申报日不符合；{lacking}", lacking=_lacking(state.missing))
