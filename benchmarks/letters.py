"""What a letter costs: CPU of our renderer beside a plain `HTML(string=...).write_pdf()` of the same page, in one run.

    .venv/bin/python benchmarks/letters.py [--rounds 20] [--json]

Rounds alternate between the ways, so that whatever else the machine does falls on all of them alike; the least CPU time
of each way is what it costs on a quiet core. Ratios are what to compare between machines, never milliseconds.

  plain         the same HTML with its stylesheet inside, rendered the way WeasyPrint's manual begins: no archive
                standard, no data attached, no check
  plain_archive the same with pdf_variant="pdf/a-3a" and the data attached, which is nearer to what we deliver
  ours          `Renderer.render`: checks, PDF/A-3a and PDF/UA-1, data attached
  worker        `RenderWorker.render`: wall clock, the child process and its socket included
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from letters import ApologyLetter, Letterhead, Party, Signer, fonts, to_json
from letters.render import Renderer
from letters.worker import RenderWorker

ASSETS = Path(fonts.__file__).parent / "assets"
VIET_NAM = timezone(timedelta(hours=7))


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
        issued_at=datetime(2026, 11, 22, 10, 30, tzinfo=VIET_NAM),
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


def plain(renderer: Renderer, one: ApologyLetter, *, archive: bool) -> bytes:
    """Render as a newcomer would: everything anew for each letter."""
    import weasyprint

    css = "".join((ASSETS / name).read_text(encoding="utf-8") for name in ("base.css", "a4.css"))
    markup = renderer.markup(one).replace("</head>", f"<style>{css}</style></head>")
    with fonts.only_ours():
        html = weasyprint.HTML(string=markup)
        if not archive:
            pdf = html.write_pdf()
        else:
            data = weasyprint.Attachment(string=to_json(one).encode(), name="du-lieu.json")
            pdf = html.write_pdf(pdf_variant="pdf/a-3a", attachments=[data])
    assert isinstance(pdf, bytes)
    return pdf


def measure(rounds: int) -> dict[str, object]:
    """Return milliseconds of each way and the ratios between them."""
    renderer = Renderer()
    with RenderWorker() as worker:
        ways: dict[str, tuple[Callable[[ApologyLetter], object], Callable[[], float]]] = {
            "plain": (lambda one: plain(renderer, one, archive=False), time.process_time),
            "plain_archive": (lambda one: plain(renderer, one, archive=True), time.process_time),
            "ours": (renderer.render, time.process_time),
            "worker": (worker.render, time.perf_counter),
        }
        for work, _ in ways.values():
            work(letter(0))
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(1, rounds + 1):
            one = letter(number)
            for name, (work, clock) in ways.items():
                before = clock()
                work(one)
                spent[name].append(clock() - before)
    least = {name: round(1000 * min(times), 1) for name, times in spent.items()}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "rounds": rounds,
        "milliseconds": least,
        "plain_over_ours": round(least["plain"] / least["ours"], 2),
        "plain_archive_over_ours": round(least["plain_archive"] / least["ours"], 2),
        "letters_per_second_and_core": round(1000 / least["ours"], 1),
        "peak_memory_mib": round(memory / 1024),
    }


def main() -> None:
    """Read the arguments, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    found = measure(given.rounds)
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:30} {value}")


if __name__ == "__main__":
    main()
