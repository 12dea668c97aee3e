"""The ways of making one letter that `benchmarks/letters.py` lets compete."""

from __future__ import annotations

import json
import re
import secrets
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from letters import ApologyLetter, Letterhead, Party, Signer, fonts, marks, to_json
from letters.render import Renderer
from letters.signing import Pkcs12Keys, SigningFacts
from letters.signing.pades import PadesSigner
from letters.signing.trial import Authority

VIET_NAM = timezone(timedelta(hours=7))
ISSUED_AT = datetime(2026, 11, 22, 10, 30, tzinfo=VIET_NAM)
_ASSETS = Path(fonts.__file__).parent / "assets"
_MARK = re.compile(r'<img class="(\w+)" style="([^"]*)" alt="([^"]*)" src="(mark:[^"]+)">')


def letter(number: int) -> ApologyLetter:
    """Make the apology of one late dossier; each differs as real ones do."""
    return ApologyLetter(
        letterhead=Letterhead(
            parent_agency="Sở Nông nghiệp và Môi trường tỉnh Đồng Tháp",
            agency="Văn phòng đăng ký đất đai tỉnh Đồng Tháp",
            place="Đồng Tháp",
            contact_phone="0277 3851 234",
        ),
        number=f"{number}/2026/PXL-VPĐKĐĐ",
        issued_at=ISSUED_AT,
        applicant=Party(name=f"Nguyễn Thị Hoàng Oanh {number}", identifier=f"{87185000000 + number:012d}"),
        dossier_code=f"H20.30-261102-{number:04d}",
        procedure_name="Cấp đổi Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
        signer=Signer(authority="KT. GIÁM ĐỐC", title="PHÓ GIÁM ĐỐC", name="Lê Hoàng Phúc"),
        verification_url=f"https://motcua.dongthap.example.vn/xac-minh/q7Xk2LmN8vRtYp4W{number:06d}",
        recipients=("Như trên", "Trung tâm PVHCC tỉnh", "Lưu: VT, HS"),
        received_at=datetime(2026, 11, 2, 10, 30, tzinfo=VIET_NAM),
        due_at=datetime(2026, 11, 20, 17, 0, tzinfo=VIET_NAM),
        new_due_at=datetime(2026, 11, 27, 17, 0, tzinfo=VIET_NAM),
        reason="Việc xác minh ranh giới thửa đất với các hộ liền kề kéo dài do một hộ vắng mặt tại địa phương; đơn vị "
        "đã phối hợp với Ủy ban nhân dân phường Cao Lãnh để hoàn thành trong tuần này.",
    )


def qr_as_svg(mark: marks.Mark, style: str = "", name: str = "qr", title: str = "") -> str:
    """Return a QR as people put one into HTML."""
    path = re.sub(r"(\d+) (\d+) (\d+) 1 re ?", r"M\1 \2.5h\3", mark.path)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" style="{style}" '
        f'viewBox="0 0 {mark.width} {mark.height}"><title>{title}</title>'
        f'<path d="{path}" fill="none" stroke="black"/></svg>'
    )


class PlainLoop:
    """WeasyPrint as its manual begins: the whole page in a string, everything anew for each letter."""

    def __init__(self) -> None:
        """Read the stylesheets."""
        self._renderer = Renderer()
        self._css = "".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("base.css", "a4.css"))
        self._css += "svg { display: block; margin: 0 auto }"

    def html(self, one: ApologyLetter) -> str:
        """Return the letter as one self-contained page."""
        qr = marks.qr(one.verification_url)
        markup = _MARK.sub(lambda found: qr_as_svg(qr, found[2], found[1], found[3]), self._renderer.markup(one))
        return markup.replace("</head>", f"<style>{self._css}</style></head>")

    def render(self, one: ApologyLetter) -> bytes:
        """Return pages and nothing more."""
        import weasyprint

        with fonts.only_ours():
            pdf = weasyprint.HTML(string=self.html(one)).write_pdf()
        assert isinstance(pdf, bytes)
        return pdf

    def render_archive(self, one: ApologyLetter) -> bytes:
        """Return PDF/A-3a with the data attached, which is nearer to what we deliver."""
        import weasyprint

        with fonts.only_ours():
            data = weasyprint.Attachment(string=to_json(one).encode(), name="du-lieu.json")
            pdf = weasyprint.HTML(string=self.html(one)).write_pdf(pdf_variant="pdf/a-3a", attachments=[data])
        assert isinstance(pdf, bytes)
        return pdf


class Signed:
    """Ours, and an electronic signature of a certificate made for this run."""

    def __init__(self, renderer: Renderer) -> None:
        """Found an authority and take a certificate from it."""
        self._renderer = renderer
        self._folder = tempfile.TemporaryDirectory(prefix="motcua-bench-")
        password = secrets.token_urlsafe()
        path = Path(self._folder.name) / "unit.p12"
        start, end = ISSUED_AT - timedelta(days=1), ISSUED_AT + timedelta(days=30)
        path.write_bytes(Authority.founded(start).pkcs12("Văn phòng đăng ký đất đai", password, start, end))
        self._signer = PadesSigner(Pkcs12Keys(path, lambda: password))

    def render(self, one: ApologyLetter) -> bytes:
        """Return the archive-grade letter with its signature."""
        return self._signer.sign(self._renderer.render(one).pdf, SigningFacts(at=ISSUED_AT))


class Typst:
    """The floor: a compiled typesetter, the same letter, PDF/A-3a, PDF/UA-1 and the data attached."""

    def __init__(self) -> None:
        """Load typst; raises `ImportError` where the optional group `bench` is not installed."""
        import typst  # noqa: PLC0415 - it may not be there

        self._compiler = typst.Compiler(
            str(Path(__file__).with_name("apology.typ")),
            font_paths=typst.Fonts(
                include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts.FOLDER)]
            ),
        )

    def render(self, one: ApologyLetter) -> bytes:
        """Return the letter."""
        inputs = {"data": to_json(one), "qr": qr_as_svg(marks.qr(one.verification_url))}
        pdf = self._compiler.compile(format="pdf", pdf_standards=["a-3a", "ua-1"], sys_inputs=inputs)
        assert isinstance(pdf, bytes)
        return pdf


def typst_if_there() -> Typst | None:
    """Return typst, or nothing and a word about it."""
    try:
        return Typst()
    except ImportError:
        print("typst is not installed (pip install --group bench): no floor to compare with", file=sys.stderr)
        return None


def resident_mebibytes() -> float:
    """Return how much memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / (1 << 20)


def as_json(found: dict[str, Any]) -> str:
    """Return figures on one line."""
    return json.dumps(found)
