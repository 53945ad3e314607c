"""What the operating system refused, in the words of the page. Pure."""

from __future__ import annotations

import errno
from typing import Final

_WORDS: Final = {
    errno.ENOENT: "没有这个文件或者文件夹",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOTDIR: "路径中间有一段不是文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "这个位置只能读",
    errno.ENOSPC: "磁盘满了",
    errno.EEXIST: "已经有了",
    errno.ENAMETOOLONG: "名字太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EMFILE: "打开的文件太多",
    errno.EIO: "磁盘读写出错",
}


def why(error: OSError) -> str:
    """The cause in Chinese; the system's own words (English) where it is a rare one."""
    return _WORDS.get(error.errno or 0) or error.strerror or str(error) or "原因不明"
