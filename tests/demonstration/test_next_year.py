"""The invented notice of next year can be read, and wants only judgement on its cases."""

from chuding.demonstration.next_year import next_years
from chuding.policy.check import check_files
from chuding.policy.notice import FOLDER, read_notice
from chuding.policy.source import read_files


def test_next_years_notice_is_marked_and_fails_only_in_last_years_cases():
    files = next_years(read_files(FOLDER / "zhenjiang-2024-1"))
    notice = read_notice(files)
    assert (notice.number, notice.window.start.year, notice.title[:12]) == (
        "演示〔2025〕1号",
        2025,
        "关于做好我市2025年度",
    )
    assert {problem.file for problem in check_files(files, whole=False).problems} == {"cases.yaml"}
