"""Who plays in the demonstration: staff accounts, applicants, and what they hand in. All made up."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.people import Role

PASSWORD = "motcua-2026"  # noqa: S105 - of demonstration accounts, printed at the start

# username, name, and the (unit code, role) pairs that the person holds.
STAFF: tuple[tuple[str, str, tuple[tuple[str, Role], ...]], ...] = (
    ("lan", "Trần Thị Ngọc Lan", (("BS-TTPVHCC", Role.CLERK),)),
    ("tuan", "Nguyễn Anh Tuấn", (("BS-TTPVHCC", Role.CLERK),)),
    ("hoa", "Lê Thị Hoa", (("AP-TTPVHCC", Role.CLERK),)),
    ("minh", "Phạm Quang Minh", (("BS-CNAP", Role.OFFICER),)),
    ("thao", "Đỗ Phương Thảo", (("BS-CNAP", Role.OFFICER),)),
    ("thanh", "Võ Văn Thành", (("BS-CNAP", Role.LEADER),)),
    ("khoa", "Bùi Đăng Khoa", (("BS-QLMT", Role.OFFICER), ("BS-SNNMT", Role.OFFICER))),
    ("duyen", "Lương Thị Mỹ Duyên", (("BS-QLMT", Role.LEADER),)),
    ("khue", "Nguyễn Đình Khuê", (("BS-SNNMT", Role.LEADER),)),
    ("van", "Hồ Thị Cẩm Vân", (("BS-SNNMT", Role.RECORDS), ("BS-VP", Role.RECORDS))),
    ("thinh", "Đặng Quốc Thịnh", (("BS-VP", Role.LEADER), ("BS-VP", Role.OFFICER))),
    ("giam", "Phan Thị Hồng Ánh", (("BS", Role.SUPERVISOR),)),
    ("tra", "Ngô Thị Minh Tra", (("BS", Role.INSPECTOR),)),
    ("admin", "Quản trị viên", (("BS", Role.ADMIN),)),
)

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
_MIDDLE = ("Văn", "Thị", "Đức", "Ngọc", "Thanh", "Quốc", "Minh", "Kim", "Hữu", "Bích", "Xuân", "Thị Thu", "Công")
_GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Đào",
    "Giang",
    "Hạnh",
    "Hiếu",
    "Khánh",
    "Linh",
    "Mỹ",
    "Nga",
    "Phúc",
    "Quyên",
    "Sơn",
    "Thủy",
    "Ước",
    "Vinh",
    "Ý",
    "Yến",
)
_STREETS = ("Nguyễn Trãi", "Lý Thường Kiệt", "Hai Bà Trưng", "Phan Đình Phùng", "Quang Trung", "Cách Mạng Tháng Tám")
_WARDS = ("phường An Phú", "phường Tân Lập", "xã Hòa Bình", "xã Vĩnh Thạnh", "xã Suối Cát")
COMPANIES = (
    "Công ty TNHH Khí tượng và Môi trường Bình Sơn",
    "Công ty Cổ phần Thủy điện Suối Cát",
    "Công ty TNHH MTV Cảng Bình Sơn",
)


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody who hands a dossier in."""

    name: str
    identity_number: str
    phone: str
    address: str


def citizen(number: int) -> Citizen:
    """The applicant number so-and-so: always the same one."""
    name = (
        f"{_FAMILY[number * 5 % len(_FAMILY)]} {_MIDDLE[number * 7 % len(_MIDDLE)]} {_GIVEN[number * 3 % len(_GIVEN)]}"
    )
    return Citizen(
        name=name,
        identity_number=f"0990{60 + number % 40:02d}{number * 7919 % 1_000_000:06d}",
        phone=f"09{10 + number % 80:02d} {number * 613 % 1000:03d} {number * 431 % 1000:03d}",
        address=f"{number * 3 % 290 + 1} {_STREETS[number % len(_STREETS)]}, {_WARDS[number * 2 % len(_WARDS)]}",
    )
