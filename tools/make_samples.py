"""Write `src/chuding/static/samples/`: what each material looks like, typeset here for an invented person and marked 样张."""

from __future__ import annotations

import io
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from chuding.demonstration.cast import characters
from chuding.demonstration.papers import sample_paper
from chuding.paper.glyphs import fonts_folder

FOLDER = Path(__file__).resolve().parent.parent / "src/chuding/static/samples"
AT = datetime(2024, 9, 18, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
WIDTH, MARK = 640, "样张"


def picture(pdf: bytes, fonts: Path) -> bytes:
    """The first page, with the mark across it."""
    page = pypdfium2.PdfDocument(pdf)[0]
    image = page.render(scale=WIDTH / page.get_width()).to_pil().convert("RGBA")
    face = ImageFont.truetype(str(next(fonts.glob("*Sans*"))), 150)
    layer = Image.new("RGBA", image.size, (255, 255, 255, 0))
    middle = (image.width // 2, image.height // 2)
    ImageDraw.Draw(layer).text(middle, MARK, font=face, fill=(176, 32, 32, 70), anchor="mm")
    out = io.BytesIO()
    marked = Image.alpha_composite(image, layer.rotate(35, center=middle)).convert("L")
    marked.save(out, "WEBP", quality=45, method=6)
    return out.getvalue()


def main() -> int:
    """All six."""
    who = next(each for each in characters() if each.level == "助理级" and each.unit == "machine")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        fonts = fonts_folder(Path(folder))
        for code in "123456":
            pdf = sample_paper(who, code, fonts=fonts, at=AT)
            (FOLDER / f"material-{code}.webp").write_bytes(picture(pdf, fonts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
