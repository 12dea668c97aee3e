"""What feedback may be about and what may be found of it, with their Vietnamese words."""

from __future__ import annotations

KINDS = {
    "conduct": "Thái độ, hành vi của cán bộ, công chức",
    "delay": "Chậm giải quyết hồ sơ",
    "regulation": "Quy định hành chính",
    "proposal": "Sáng kiến, kiến nghị khác",
}
FINDINGS = {"right": "Phản ánh đúng", "partly": "Đúng một phần", "wrong": "Không đúng", "": "Không kết luận đúng sai"}
