"""A stand-in for the engine facade: believable views of one moment, so that pages can be looked at on their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from engine.clock import SetClock
from engine.config import load_settings
from engine.domain.dossier import Applicant, Channel, HandedInItem, Submitter
from engine.domain.errors import NotFound, Refused
from engine.domain.people import Actor, Membership, Role, Unit
from engine.domain.status import DossierStatus as S
from engine.domain.views import (
    Board, ClockLine, Definition, DossierLine, DossierView, EventView, FieldView, LetterLine, Notice, ProcedureItem,
    ProcedureLine, PublicDossier, PublicLetter, PublicStep, RegisterLine, RegisterPage, Report, StepView, Urgency,
    VerifiedLetter, WorkItem, WorkPage,
)

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 4, 2, 20, tzinfo=UTC)
NAMES = ["Nguyễn Thị Hoàng Yến", "Trần Văn Đức", "Công ty TNHH Xây dựng và Thương mại Phước Lộc Thịnh", "Lê Minh Khuê",
         "Phạm Ngọc Ánh", "Đỗ Quang Vinh", "Huỳnh Thị Bích Phượng", "Vũ Hải Đăng"]
PEOPLE = {
    "lan": ("Hoàng Thị Lan", Role.CLERK, 1), "minh": ("Phạm Đức Minh", Role.OFFICER, 2),
    "thanh": ("Võ Văn Thành", Role.LEADER, 2), "hue": ("Đặng Thị Huệ", Role.SUPERVISOR, 1),
    "quan": ("Bùi Anh Quân", Role.ADMIN, 1),
}
REISSUE = "Cấp đổi Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất"


def at(days: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, 3, 4, hour - 7, minute, tzinfo=UTC) + timedelta(days=days)


def _line(n: int) -> DossierLine:
    looks = [(Urgency.OVERDUE, -580, -1), (Urgency.OVERDUE, -75, 0), (Urgency.DUE_SOON, 400, 0), (Urgency.DUE_SOON, 700, 1),
             (Urgency.IN_TIME, 1500, 3), (Urgency.IN_TIME, 2130, 5), (Urgency.PAUSED, None, None), (Urgency.IN_TIME, 2600, 6)]
    urgency, minutes, due = looks[n % 8]
    letters = (LETTER,) if n == 0 else ()
    return DossierLine(
        code=f"000.01.00.H99-26022{n}-000{n + 1}", applicant_name=NAMES[n % 8], procedure_code="1.012783",
        procedure_name=REISSUE if n % 3 else "Tách thửa hoặc hợp thửa đất",
        status=S.SUPPLEMENT_REQUESTED if urgency is Urgency.PAUSED else S.IN_PROGRESS, channel=Channel.IN_PERSON,
        unit_name="Trung tâm Phục vụ hành chính công tỉnh Bình Sơn", received_at=at(-6), due_at=None if due is None else at(due, 17),
        first_due_at=at(-1, 17) if n == 0 else (None if due is None else at(due, 17)), urgency=urgency, remaining_minutes=minutes,
        step_name="Kiểm tra hồ sơ, lập Phiếu chuyển thông tin", step_unit_name="CN VPĐKĐĐ An Phú", holder_name="Phạm Đức Minh",
        letters=letters,
    )


LETTER = LetterLine(7, "apology", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết", "07/PXL-CNVPĐKĐĐ", at(-1), "rendered",
                    "tok-apology", at(-1, 17), at(2, 17), "ab" * 32)
RECEIPT = LetterLine(3, "receipt", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "112/TNHS-TTPVHCC", at(-6), "delivered", "tok-receipt")
LINES = tuple(_line(n) for n in range(8))
FIELDS = (
    FieldView("appraisal", "Kết quả thẩm định", "choice", is_required=True, options=(("qualified", "Đủ điều kiện giải quyết"),
              ("supplement", "Cần bổ sung hồ sơ"), ("reject", "Không đủ điều kiện giải quyết"))),
    FieldView("paid_on", "Ngày nộp tiền", "date", is_required=False),
    FieldView("opinion", "Nội dung thẩm định", "long_text", is_required=False),
    FieldView("scanned", "Đã quét và ký số thành phần hồ sơ", "boolean", is_required=False),
)
ITEMS = (
    ProcedureItem("application", "Đơn đăng ký biến động đất đai, tài sản gắn liền với đất", "Mẫu số 18 (NĐ 151/2025/NĐ-CP)", 1, 0, is_required=True, from_database=""),
    ProcedureItem("certificate", "Giấy chứng nhận đã cấp (bản gốc)", "", 1, 0, is_required=True, from_database=""),
    ProcedureItem("identity", "Giấy tờ tùy thân", "", 0, 1, is_required=False, from_database="CSDL quốc gia về dân cư"),
)
PROCEDURES = (
    ProcedureLine("1.012783", REISSUE, "land", "Đất đai", ("Hẹn lần 1: 3 ngày làm việc", "Hẹn lần 2: 2 ngày làm việc"),
                  (("standard", "Cấp đổi thông thường"), ("resurveyed", "Thay đổi kích thước các cạnh, diện tích do đo đạc lại")),
                  ITEMS, ("Lệ phí cấp đổi: 50.000 đồng/giấy",), "Giấy chứng nhận quyền sử dụng đất", needs_agreed_date=False),
    ProcedureLine("1.012784", "Tách thửa hoặc hợp thửa đất", "land", "Đất đai", ("12 ngày làm việc",), (("standard", "Thông thường"),),
                  ITEMS[:2], ("Lệ phí: 100.000 đồng",), "Giấy chứng nhận", needs_agreed_date=False),
    ProcedureLine("1.000987", "Cấp giấy phép hoạt động dự báo, cảnh báo khí tượng thủy văn", "hydrometeorology", "Khí tượng thủy văn",
                  ("17 ngày làm việc",), (("standard", "Thông thường"),), ITEMS[:1], (), "Giấy phép", needs_agreed_date=False),
)
CLOCK = (
    ClockLine(at(-6), "Nhận đủ hồ sơ. Ngày nhận không tính vào thời hạn.", "Bộ luật Dân sự 2015, Điều 147 khoản 3"),
    ClockLine(at(-5, 8), "Bắt đầu tính 3 ngày làm việc (Hẹn lần 1), mỗi ngày 8 giờ làm việc.", "Quyết định 138/2025/QĐ-UBND"),
    ClockLine(at(-1, 17), "Hết giờ làm việc của ngày cuối cùng: hẹn trả kết quả.", ""),
)


def _actor(name: str) -> Actor:
    full_name, role, unit = PEOPLE[name]
    return Actor(list(PEOPLE).index(name) + 1, name, full_name, (Membership(unit, role),))


def _view(code: str, actor: Actor) -> DossierView:
    line = next((line for line in LINES if line.code == code), None)
    if line is None:
        raise NotFound(what=f"hồ sơ {code}")
    step = StepView(11, "appraise_dossier", "Kiểm tra hồ sơ, lập Phiếu chuyển thông tin", "officer", "CN VPĐKĐĐ An Phú", at(-5),
                    at(-1, 12), actor.id, actor.full_name, FIELDS, may_act=not actor.has_role(Role.SUPERVISOR, Role.CLERK))
    return DossierView(
        line=line, version=4, case_name="Cấp đổi thông thường",
        applicant=Applicant(line.applicant_name, "079188004321", "Số 12 đường Lý Thường Kiệt, phường An Phú, tỉnh Bình Sơn", "0903 456 789", ""),
        submitter=Submitter("Nguyễn Văn Nam", "", "0912 000 111", "Giấy ủy quyền số 21 ngày 20/02/2026"),
        items=(HandedInItem("application", ITEMS[0].name, 1), HandedInItem("certificate", ITEMS[1].name, 1), HandedInItem("x", "Mảnh trích đo", is_present=False)),
        content="Thửa đất số 45, tờ bản đồ số 12, phường An Phú", result_channel=Channel.POSTAL,
        deciding_unit_name="Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú", resolved_at=None, delivered_at=None, steps=(step,),
        events=(
            EventView(1, at(-6), at(-6), "Hoàng Thị Lan", "received", "Tiếp nhận hồ sơ"),
            EventView(2, at(-6, 15), at(-5, 8), "Hoàng Thị Lan", "step_completed", "Hoàn thành: Số hóa, chuyển hồ sơ", "Bản gốc GCN hơi mờ ở trang 3."),
            EventView(3, at(-1), at(-1), "Hệ thống (bộ hẹn giờ)", "overdue", "Hồ sơ quá hạn, đã ban hành văn bản xin lỗi"),
        ),
        letters=(RECEIPT, LETTER), clock=CLOCK, outcome=None, definition_ref="ref", active_step_ids=("appraise_dossier",),
        done_step_ids=("receive_dossier", "forward_dossier"), can_withdraw=True,
    )


class FakeEngine:
    def __init__(self) -> None:
        self.settings = load_settings(ROOT / "config.yaml")
        self.clock = SetClock(NOW)
        self.access = SimpleNamespace(
            sign_in=self._sign_in, resume=lambda token, at: _actor(token), sign_out=lambda token, at: None,
            demo_accounts=lambda: tuple((u, n, r.label, "TTPVHCC tỉnh Bình Sơn") for u, (n, r, _) in PEOPLE.items()),
        )
        self.catalogue = SimpleNamespace(
            procedures=lambda: PROCEDURES, procedure=lambda code: next(p for p in PROCEDURES if p.code == code),
            search=lambda text: tuple(p for p in PROCEDURES if "t" in text.lower())[:2],
            diagram=lambda ref: (ROOT / "bpmn/land/reissue_certificate.bpmn").read_text(),
            desk_units=lambda actor: (Unit(1, "BS-TTPVHCC", "Trung tâm Phục vụ hành chính công tỉnh Bình Sơn", "one_stop", None),),
        )
        received = SimpleNamespace(code=LINES[4].code, due_at=at(3), letter_token="tok-receipt")
        self.intake = SimpleNamespace(receive=lambda *a, **k: received, ask_supplement=lambda *a, **k: received, refuse=lambda *a, **k: received)
        self.worklist = SimpleNamespace(page=self._page, notices=lambda actor, at: (Notice(1, at, LINES[0].code, "Hồ sơ đã quá hạn, văn bản xin lỗi đã ban hành."),), read_notice=lambda *a, **k: None)
        self.dossiers = SimpleNamespace(view=lambda actor, code, at: _view(code, actor))
        self.processing = SimpleNamespace(claim=lambda *a, **k: None, release=lambda *a, **k: None,
            complete=lambda *a, **k: SimpleNamespace(code="", next_steps=("Duyệt kết quả kiểm tra",), is_finished=False, version=5))
        self.delivery = SimpleNamespace(withdraw=lambda *a, **k: None)
        register = RegisterPage(tuple(RegisterLine(l, LINES[0].code, NAMES[0], "CN VPĐKĐĐ An Phú") for l in (RECEIPT, LETTER)), 2, 1, 50)
        pdf = SimpleNamespace(filename="thu.pdf", content=None, sha256="", waiting=True)
        self.correspondence = SimpleNamespace(pdf=lambda actor, id: pdf, register=lambda actor, **k: register)
        self.lookup = SimpleNamespace(find=lambda code, fact, at: self._public(code), by_receipt=lambda token, at: self._public(token), pdf=lambda token: pdf,
            verify=lambda token: VerifiedLetter(LETTER.title, LETTER.number_text, LETTER.issued_at, "CN VPĐKĐĐ khu vực An Phú", "ab" * 32, has_document=True, is_cancelled=False))
        board = Board(NOW, {"open": 128, "overdue": 2, "due_soon": 2, "paused": 11}, LINES[:2], LINES[2:4], 1)
        self.oversight = SimpleNamespace(board=lambda actor, **k: board, queue=lambda actor, kind, **k: (LINES, 8))
        self.reports = SimpleNamespace(results=lambda a, b, unit_code="": Report("results", "Kết quả giải quyết hồ sơ", a, b,
            ("unit", "procedure", "finished", "on_time_share"), ({"unit": "CN VPĐKĐĐ An Phú", "procedure": REISSUE, "finished": 41, "on_time_share": 0.951},),
            {"finished": 41, "on_time_share": 0.951}, (Definition("on_time_share", "Số hồ sơ trước hạn và đúng hạn.", "số hồ sơ đã kết thúc có hạn"),)))

    def health(self, at):
        return SimpleNamespace(ok=True, checks=(("Cơ sở dữ liệu", True, "SQLite, lược đồ mới nhất"), ("Bộ hẹn giờ", False, "chưa chạy trong 10 phút")))

    def _sign_in(self, username, password, at):
        if username not in PEOPLE:
            raise Refused(detail="sai")
        return SimpleNamespace(actor=_actor(username), token=username)

    def _page(self, actor, view, at, search="", page=1, page_size=50):
        role = next(iter(actor.memberships)).role
        items = () if view == "done" else tuple(
            WorkItem(11 + n, "appraise_dossier", "Kiểm tra hồ sơ, lập Phiếu chuyển thông tin", role, at - timedelta(days=3), at, actor.id if n % 3 == 0 else None,
                     actor.full_name if n % 3 == 0 else "", 4, line) for n, line in enumerate(LINES))
        return WorkPage(items, len(items), page, page_size, {"mine": 8, "unit": 23, "unassigned": 9, "supplement": 4, "payment": 2, "results": 3, "done": 117}, at)

    def _public(self, code):
        if "9999" in code:
            raise NotFound(what="hồ sơ")
        return PublicDossier(LINES[0].code, REISSUE, "N***** T** H**** Yến", S.IN_PROGRESS, "office", "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú",
            "0299 3833 118", "Số 27 đường Nguyễn Huệ, phường An Phú, tỉnh Bình Sơn", at(-6), at(2, 17), at(-1, 17), Urgency.OVERDUE, None, None,
            (PublicStep("Tiếp nhận hồ sơ", "done", at(-6)), PublicStep("Số hóa, chuyển hồ sơ", "done", at(-5)), PublicStep("Kiểm tra hồ sơ", "current", at(-5)), PublicStep("Thực hiện nghĩa vụ tài chính", "ahead"), PublicStep("Ký Giấy chứng nhận", "ahead"), PublicStep("Trả kết quả", "ahead")),
            (PublicLetter(LETTER.title, LETTER.number_text, LETTER.issued_at, "tok-apology"), PublicLetter(RECEIPT.title, RECEIPT.number_text, RECEIPT.issued_at, "tok-receipt")), CLOCK)
