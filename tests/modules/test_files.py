"""Kept pictures: what is taken, what of it is kept, who finds it, and that the disk gives nothing away."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image, PngImagePlugin

from tests.make.people import EARLY
from tuike.db import rows
from tuike.files import queries, rules, service
from tuike.files.types import NotAPicture, TooLarge, TooManyFiles, TooSmallToRead, UnknownFile
from tuike.kit import crypto

CANARY = b"canary-110105194912310029"


def picture(kind="JPEG", size=(640, 480), color="teal", **rest) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, color).save(out, kind, **rest)
    return out.getvalue()


def kept(raw=None, *, party_id=7, purpose="certification", now=EARLY, name="身份证.jpg"):
    return service.keep(party_id=party_id, purpose=purpose, raw=raw or picture(), name=name, person_id=3, now=now)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew_whatever_came_along_with_it(kind):
    rest = {}
    if kind == "PNG":
        rest["pnginfo"] = PngImagePlugin.PngInfo()
        rest["pnginfo"].add_text("comment", CANARY.decode())
    else:
        exif = Image.Exif()
        exif[0x010E] = CANARY.decode()
        exif[0x0112] = 6  # lies on its side
        rest["exif"] = exif
    raw = picture(kind, **rest) + b"<script>" + CANARY
    assert CANARY in raw
    drawn = rules.drawn_anew(raw)
    assert CANARY not in drawn.data
    assert b"<script>" not in drawn.data
    assert (drawn.width, drawn.height) == ((640, 480) if kind == "PNG" else (480, 640))
    with Image.open(io.BytesIO(drawn.data)) as again:
        assert again.format == "JPEG"
        assert not again.getexif()


def test_large_pictures_become_as_large_as_is_read():
    drawn = rules.drawn_anew(picture(size=(6000, 3000)))
    assert (drawn.width, drawn.height) == (2400, 1200)


def test_what_one_can_see_through_is_white():
    drawn = rules.drawn_anew(picture("PNG", color=(0, 0, 0, 0)))
    with Image.open(io.BytesIO(drawn.data)) as again:
        assert min(again.getpixel((100, 100))) > 250


@pytest.mark.parametrize(
    ("raw", "no"),
    [
        (b"", NotAPicture),
        (b"%PDF-1.7", NotAPicture),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPicture),
        (picture("GIF"), NotAPicture),
        (picture()[:200], NotAPicture),
        (picture(size=(199, 640)), TooSmallToRead),
        (b"\xff\xd8" + b"0" * rules.MOST_BYTES, TooLarge),
        (picture("PNG", size=(9000, 9000)), TooLarge),
    ],
    ids=["nothing", "pdf", "svg", "gif", "cut off", "too small", "bytes", "points"],
)
def test_what_is_no_readable_picture_is_refused(raw, no):
    with pytest.raises(no):
        rules.drawn_anew(raw)


@pytest.mark.parametrize(
    ("given", "shown"),
    [("../../etc/passwd", "passwd"), ("C:\\a\\b.png", "b.png"), ("\0\r\n", "—"), ("长" * 90, "长" * 80)],
)
def test_names_are_for_reading_only(given, shown):
    assert rules.shown_name(given) == shown


def test_the_disk_gives_nothing_away(db):
    file = kept()
    path = Path(settings.FILES_ROOT) / file.no[:2] / file.no
    data = service.opened(no=file.no)
    assert data[:3] == b"\xff\xd8\xff"
    assert len(data) == file.size
    assert data[:64] not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


def test_bytes_that_were_changed_or_swapped_do_not_open(db):
    one, other = kept(), kept(picture(color="red"))
    root = Path(settings.FILES_ROOT)
    path, others = root / one.no[:2] / one.no, root / other.no[:2] / other.no
    sealed = path.read_bytes()
    path.write_bytes(others.read_bytes())
    with pytest.raises(crypto.Unreadable):
        service.opened(no=one.no)
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(crypto.Unreadable):
        service.opened(no=one.no)
    path.unlink()
    with pytest.raises(UnknownFile):
        service.opened(no=one.no)
    with pytest.raises(UnknownFile):
        service.opened(no="nosuchfile")


def test_a_party_sees_its_own_only_and_uses_its_own_only(db):
    mine, theirs = kept(), kept(party_id=8)
    assert queries.own_file(mine.no, party_id=7) == mine
    assert queries.own_file(theirs.no, party_id=7) is None
    for nos in ([mine.no, theirs.no], [mine.no, "nosuchfile"]):
        with pytest.raises(UnknownFile):
            service.use(nos=nos, party_id=7, purpose="certification", now=EARLY)
    with pytest.raises(UnknownFile):
        service.use(nos=[mine.no], party_id=7, purpose="product", now=EARLY)
    with pytest.raises(UnknownFile):
        service.remove_unused(no=theirs.no, party_id=7)
    assert len(queries.unused_of(8, purpose="certification")) == 1


def test_what_is_used_stays_and_the_rest_goes_after_a_week(db, django_capture_on_commit_callbacks):
    used, left, fresh = kept(), kept(), kept(now=EARLY + timedelta(days=2))
    service.use(nos=[used.no], party_id=7, purpose="certification", now=EARLY)
    with pytest.raises(UnknownFile):
        service.remove_unused(no=used.no, party_id=7)
    with django_capture_on_commit_callbacks(execute=True):
        assert service.forget_unused(now=EARLY + timedelta(days=7, seconds=1)) == 1
    assert queries.files([used.no, left.no, fresh.no]).keys() == {used.no, fresh.no}
    on_disk = {path.name for path in Path(settings.FILES_ROOT).rglob("*") if path.is_file()}
    assert on_disk == {used.no, fresh.no}
    with django_capture_on_commit_callbacks(execute=True):
        service.remove_unused(no=fresh.no, party_id=7)
    assert queries.unused_of(7, purpose="certification") == []


def test_nobody_fills_the_disk(db):
    raw = picture(size=(200, 200))
    for _ in range(service.MOST_UNUSED):
        kept(raw)
    with pytest.raises(TooManyFiles):
        kept(raw)
    kept(raw, party_id=8)
    assert rows.query("SELECT count(*) FROM files_file WHERE party_id = 7")[0][0] == service.MOST_UNUSED
