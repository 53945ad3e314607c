import pytest

from chuding.accounts.masking import mask_email, mask_identity, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("", ""),
        ("王", "*"),
        ("王明", "王*"),
        ("王小明", "王*明"),
        ("欧阳小明", "欧**明"),
        ("阿不都拉·买买提", "阿***·**提"),
        ("𠮷𬙋𠮷", "𠮷*𠮷"),
        ("John Smith", "J*** S****"),
    ],
)
def test_mask_name(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "public", "masked"),
    [
        ("32110219900101123X", False, "321102********123X"),
        ("32110219900101123X", True, "3211**********123X"),
        ("H12345678", False, "H*****678"),
        ("PAK310080010103", True, "P***********103"),
        ("123", False, "***"),
    ],
)
def test_mask_identity(number, public, masked):
    assert mask_identity(number, public=public) == masked
    assert len(masked) == len(number)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13812345678", "138****5678"), ("+85261234567", "+852****4567"), ("12345", "*****"), ("+852", "****")],
)
def test_mask_phone(phone, masked):
    assert mask_phone(phone) == masked


def test_mask_email():
    assert mask_email("zhang.san@qq.com") == "z***@qq.com"
    assert mask_email("zhang") == "*****"
