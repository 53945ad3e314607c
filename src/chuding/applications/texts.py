"""Words that are shown on a page and printed on paper alike, so that they stand in one place."""

COMMITMENT = (
    "本人承诺：所填写的内容和所提交的材料真实、完整、合法。如有虚假，本人愿意承担由此产生的一切后果，"
    "包括取消申报资格、撤销已取得的专业技术资格并记入诚信档案。"
)
