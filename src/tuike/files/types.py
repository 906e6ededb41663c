"""What crosses the border of files: a file as its party sees it, and the refusals."""

from dataclasses import dataclass
from datetime import datetime

from tuike.kit.errors import Refusal


@dataclass(frozen=True, slots=True)
class FileShown:
    """A kept picture. `name` is what its owner called it, `size` in bytes of what is kept."""

    no: str
    party_id: int
    purpose: str
    name: str
    media_type: str
    size: int
    width: int
    height: int
    put_at: datetime


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture drawn anew: its bytes hold nothing of the file it came in."""

    data: bytes
    media_type: str
    width: int
    height: int


class TooLarge(Refusal):
    """The file has too many bytes or too many points."""

    code = "file_too_large"
    status = 422
    zh = "图片过大：最大 {megabytes} MB、{megapixels} 百万像素，请压缩后再上传"
    en = "The picture is too large: at most {megabytes} MB and {megapixels} megapixels; make it smaller."


class TooSmallToRead(Refusal):
    """A picture of so few points can't be read."""

    code = "file_too_small"
    status = 422
    zh = "图片过小：每边至少 {pixels} 像素，请上传清晰的照片"
    en = "The picture is too small to read: each side has at least {pixels} pixels."


class NotAPicture(Refusal):
    """Not a JPEG, PNG or WebP picture, or a broken one."""

    code = "file_not_a_picture"
    status = 422
    zh = "仅支持 JPG、PNG、WebP 图片，该文件无法识别"
    en = "This is no JPG, PNG or WebP picture that can be read."


class TooManyFiles(Refusal):
    """The party has handed in more than anything asks for."""

    code = "too_many_files"
    status = 409
    zh = "待提交的图片过多（最多 {most} 张），请先删除不需要的"
    en = "There are too many pictures that nothing uses (at most {most}); remove some first."


class UnknownFile(Refusal):
    """The party has no such file for this purpose."""

    code = "unknown_file"
    status = 404
    zh = "没有找到该文件，请重新上传"
    en = "There is no such file; upload it again."
