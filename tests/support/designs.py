"""The drawing of the guide (docs/drawing.md), and what an officer types into the forms to make a procedure of it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DRAWN = ROOT / "docs/examples/drawn.bpmn"
STEM = "confirm_land_origin"

FACTS = {
    "name": "Xác nhận nguồn gốc sử dụng đất",
    "code": "1.900001",
    "sector_name": "Đất đai",
    "sector": "land",
    "deciding_unit": "land_registry",
    "result": "Giấy xác nhận nguồn gốc sử dụng đất",
    "stem": STEM,
    "level-province": "on",
    "channel-in_person": "on",
    "legal_basis": "Luật Đất đai số 31/2024/QH15",
    "version": "1",
    "decision-number": "12/QĐ-UBND",
    "decision-issued_on": "2026-02-20",
    "decision-issuer": "Ủy ban nhân dân tỉnh",
    "effective_from": "2026-03-02",
    "effective_to": "",
    "cases-0-name": "Trường hợp thông thường",
    "cases-0-id": "standard",
    "cases-0-default": "on",
    "cases-0-phase-0-name": "resolution",
    "cases-0-phase-0-label": "Giải quyết",
    "cases-0-phase-0-limit": "4",
    "cases-0-phase-0-unit": "working_days",
    "cases-0-phase-0-starts_on": "receipt",
    "items-0-name": "Đơn đề nghị xác nhận",
    "items-0-form": "Không quy định mẫu",
    "items-0-original": "1",
    "items-0-copies": "0",
    "items-0-required": "on",
    "fees-0-name": "Lệ phí xác nhận",
    "fees-0-direct": "50.000",
}
WORK = {
    "lane-Lane_desk-name": "Cán bộ Một cửa",
    "lane-Lane_desk-role": "clerk",
    "lane-Lane_desk-unit": "one_stop",
    "lane-Lane_officer-name": "Chuyên viên VPĐKĐĐ",
    "lane-Lane_officer-role": "officer",
    "lane-Lane_officer-unit": "land_registry",
    "lane-Lane_leader-name": "Lãnh đạo VPĐKĐĐ",
    "lane-Lane_leader-role": "leader",
    "lane-Lane_leader-unit": "land_registry",
    "step-Activity_check-limit": "3,5",
    "step-Activity_check-phase": "resolution",
    "step-Activity_check-asks-appraisal": "on",
    "step-Activity_check-asks-reason": "on",
    "step-Activity_sign-limit": "0,5",
    "step-Activity_sign-phase": "resolution",
}
