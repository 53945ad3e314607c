"""What has arrived is shown to the deployer's virus scanner before anything is made of it, where there is one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings

from chuding.connectors.virus import ScannerAwayError, scan

if TYPE_CHECKING:
    from chuding.storage.files import Received

log = logging.getLogger(__name__)

_SENTENCES = {
    "virus": "文件里查出病毒，不能接收。请先给电脑杀毒，再重新导出一份上传。",
    "unscanned": "系统暂时不能检查文件有没有病毒，所以没有接收。请稍后再上传一次；多次不行，请与受理窗口联系。",
}


class NotClean(Exception):  # noqa: N818 - it is the person's file that is at fault, or nobody could say
    """A file must not be kept: `code` is virus or unscanned, `sentence` says so to people."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.sentence = code, _SENTENCES[code]


def require_clean(received: Received) -> None:
    """Pass a file that the scanner finds clean, or any file where `VIRUS_SCANNER` names none. Raises NotClean.

    A scanner that does not answer stops uploads: whoever asked for one does not want files that nobody looked at.
    """
    if not settings.VIRUS_SCANNER:
        return
    try:
        with received.path.open("rb") as file:
            found = scan(settings.VIRUS_SCANNER, file, seconds=settings.VIRUS_SCANNER_SECONDS)
    except ScannerAwayError as away:
        log.error("%s", away)  # noqa: TRY400 - the sentence says it all
        raise NotClean("unscanned") from away
    if found:
        log.warning("virus %s in the upload %s", found, received.sha256)
        raise NotClean("virus")
