"""People who come to the site for the first time: invented, with papers of their own, and what they type and choose."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pypdfium2

from chuding.demonstration.cast import UNIT, Character, characters, resident_number
from chuding.demonstration.papers import sample_paper
from chuding.paper.glyphs import fonts_folder

if TYPE_CHECKING:
    from visitor import House, Visitor

AT = datetime(2024, 9, 18, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def newcomer(name: str, phone: str, number: int, **changes: Any) -> Character:
    """A bachelor of 2021 at the machine works, whose clerk is online; `changes` to schooling, employer and so on.

    `number` (900-999) makes the identity number; nobody in town has one of these.
    """
    like = next(who for who in characters() if who.level == "助理级" and who.unit == "machine")
    education = like.educations[0] | {
        "schooling": "本科",
        "degree": "学士",
        "graduated_on": date(2021, 6, 20),
        "degree_on": date(2021, 6, 20),
        "school": "润州工业大学",
        "major": "机械设计制造及其自动化",
    }
    unit = changes.pop("unit", "machine")
    spell = {
        "employer_name": UNIT[unit].name,
        "post": "工艺员",
        "started_on": date(2021, 7, 12),
        "ended_on": None,
        "in_specialty": True,
    }
    born = date(1998, 11, 3)
    return replace(
        like,
        name=name,
        phone=phone,
        unit=unit,
        level=changes.pop("level", "助理级"),
        specialty=changes.pop("specialty", "机械工程/机械制造/智能制造"),
        identity=like.identity | {"full_name": name, "identity_number": resident_number(born, number), "born_on": born},
        educations=[education | changes.pop("education", {})],
        spells=[spell | changes.pop("spell", {})],
        employer={"works_in_jurisdiction": True, "engagement": "employment_contract", "post": "工艺员"} | changes,
    )


def paper(house: House, who: Character, code: str) -> bytes:
    return sample_paper(who, code, fonts=fonts_folder(house.data), at=AT)


def photo_of(pdf: bytes, size: float = 1) -> bytes:
    """The first page as a phone's picture; `size` below 1 is one from too far away."""
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=2 * size).to_pil()
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def insure(house: House, who: Character) -> None:
    """Let the social insurance, which is the world outside, know this person."""
    file = house.data / "social_insurance.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    rows["people"].append(
        {
            "identity_number": who.identity["identity_number"],
            "name": who.name,
            "employer": who.spells[0]["employer_name"],
            "from": f"{who.spells[0]['started_on']:%Y-%m}",
            "to": None,
        }
    )
    new = file.with_suffix(".new")
    new.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    new.replace(file)


def answer_self_check(at: Visitor, who: Character, **other: str | date) -> None:
    """The nine questions as this person answers them, one a page; `other` answers take the place of theirs."""
    education = who.educations[0]
    places = {"employment_contract": "contract", "freelance": "freelance"}
    answers: dict[str, str | date] = {
        "work_place": places[who.employer["engagement"]],
        "document": "resident_id",
        "standing": "none",
        "sanction": "no",
        "schooling": education["schooling"],
        "degree": education["degree"] or "none",
        "graduated_on": education["graduated_on"],
        "started_on": who.spells[0]["started_on"],
        "field_matches": "yes",
        "assessed_fit": "yes",
        "specialty": who.specialty,
    } | other
    while urlsplit(at.page.url).path != "/check/result/":
        answer_page(at, answers)


def answer_page(at: Visitor, answers: dict[str, str | date]) -> None:
    """The one question on this page: a tap, or what is to be filled in and 继续."""
    for name, answer in answers.items():
        tap = at.page.locator(f'button[name="{name}"][value="{answer}"]')
        if tap.count():
            tap.click()
            at.page.wait_for_load_state()
            return
        if at.page.locator(f'[name="{name}_0"]').count():
            assert isinstance(answer, date)
            at.date(name, answer)
        elif name == "specialty" and find_specialty(at, str(answer)):
            continue
        elif at.page.locator(f'[name="{name}"]').count():
            at.pick(**{name: str(answer)})
    at.page.locator("form .actions button").first.click()
    at.page.wait_for_load_state()


def begin_with_answers(at: Visitor, who: Character) -> None:
    """From the self-check's result, by sign-in and consent, to the draft."""
    at.press("登录并开始申报")
    at.headline("登录或注册")
    at.sign_in(who.phone)
    at.consent()
    at.see("已完成 1 / 7")  # level and specialty came along


LIST, ON = "保存并返回清单", "保存并继续"


def state_identity(at: Visitor, who: Character, way: str = LIST) -> None:
    at.fill(full_name=who.name, identity_number=who.identity["identity_number"])
    at.pick(identity_type="resident_id", civil_servant="no", retired="no", sanctioned="no")
    at.press(way)


def state_schooling(at: Visitor, who: Character, way: str = LIST) -> None:
    education = who.educations[0]
    at.fill(row0__school=education["school"], row0__major=education["major"])
    at.pick(row0__schooling=education["schooling"], row0__degree=education["degree"] or "none")
    at.date("row0-graduated_on", education["graduated_on"])
    if education["degree"]:
        at.date("row0-degree_on", education["degree_on"])
    at.pick(row0__study_mode="full_time", row0__field_matches="yes")
    at.press(way)


def state_work(at: Visitor, who: Character, way: str = LIST) -> None:
    spell = who.spells[0]
    at.fill(row0__employer_name=spell["employer_name"], row0__post=spell["post"], continuing_education_hours="90")
    at.date("row0-started_on", spell["started_on"])
    at.pick(row0__in_specialty="yes", assessed_fit="yes")
    at.press(way)


def state_employer(at: Visitor, who: Character, way: str = LIST) -> None:
    """By looking the unit up in the list and choosing it, unless the work history has found it."""
    at.pick(works_in_jurisdiction="yes", engagement="employment_contract")
    if not at.page.locator(f'input[name="employer"][value="{UNIT[who.unit].code}"]').count():
        at.fill(q=UNIT[who.unit].name[2:6])
        at.press("查找")
    at.pick(employer=UNIT[who.unit].code)
    at.fill(post=who.employer["post"])
    at.press(way)


def find_specialty(at: Visitor, path: str) -> bool:
    """In the box that finds while one types, where scripts run and the page has one."""
    box = at.page.get_by_role("combobox")
    if not at.script or not box.count():
        return False
    box.fill(path.rsplit("/", maxsplit=1)[-1])
    at.page.get_by_role("option", name=" › ".join(dict.fromkeys(path.split("/")))).first.click()
    return True


def choose_specialty(at: Visitor, who: Character) -> None:
    """By a word of its name, unless the self-check has brought it along."""
    name = who.specialty.split("/")[-1]
    if find_specialty(at, who.specialty):
        at.press("选定专业，继续")
    elif at.page.locator("[name=q]").count():
        at.fill(q=name)
        at.page.get_by_role("button", name="查找", exact=True).click()
        at.pick(specialty=who.specialty)
        at.press("选定专业，继续")
    at.see("申报专业：", who.specialty.replace("/", " › "))


@dataclass(frozen=True)
class Walk:
    """One person's way through the seven sections of the task list."""

    at: Visitor
    who: Character
    house: House

    def five_sections(self) -> None:
        """From the task list through everything that is typed and chosen."""
        at, who = self.at, self.who
        at.follow("核对身份信息")
        state_identity(at, who)
        at.follow("填写学历学位")
        state_schooling(at, who)
        at.follow("填写工作经历和考核")
        state_work(at, who)
        at.follow("选择工作单位")
        state_employer(at, who)
        at.follow("选择级别和专业")
        choose_specialty(at, who)
        at.pick(level=who.level)
        at.press("保存并返回清单")

    def straight_on(self) -> None:
        """The same from page to page, without the list between; to the materials."""
        self.at.follow("核对身份信息")
        for state in (state_identity, state_schooling, state_work, state_employer):
            state(self.at, self.who, ON)
        self.at.headline("上传材料")

    def photographed(self, codes: str) -> None:
        """A photo of each material's one page, and on to the commitment."""
        for code in codes:
            card = self.at.page.locator(f"#m{code}")
            if not card.get_by_role("link", name="拍照上传").is_visible():
                card.get_by_text("要上传的，点这里").click()
            card.get_by_role("link", name="拍照上传").click()
            photo = {
                "name": f"{code}.jpg",
                "mimeType": "image/jpeg",
                "buffer": photo_of(paper(self.house, self.who, code)),
            }
            self.at.page.locator("#photos").set_input_files(photo)
            together = self.at.page.get_by_role("button", name="合成 PDF 并上传")
            together.click(timeout=60_000)  # the look at a photo takes its time on a busy machine
            self.at.page.locator(f"#m{code} .file-name").wait_for(timeout=60_000)
        self.at.follow("材料齐了，继续")

    def signed(self) -> None:
        """The commitment, on whose page one is, and the last look."""
        self.at.fill(name=self.who.name)
        self.at.press("签署承诺")
        self.at.headline("核对一遍")

    def materials(self, codes: str = "123") -> None:
        self.at.follow("上传材料")
        for code in codes:
            self.at.upload(code, f"材料{code}.pdf", paper(self.house, self.who, code))
            self.at.page.locator(f"#m{code} .file-name", has_text=f"材料{code}.pdf").wait_for()
        self.at.follow("返回任务清单")

    def commitment(self) -> None:
        self.at.follow("阅读并签署承诺")
        self.signed()
        self.at.follow("返回任务清单")

    def submitted(self) -> str:
        """From the finished task list to the receipt; the file's number."""
        self.at.follow("检查并提交")
        self.at.press("确认并提交申报")
        self.at.see("申报已提交")
        return self.at.page.locator("main .panel .reference").inner_text().strip()
