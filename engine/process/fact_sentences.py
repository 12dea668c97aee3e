"""What a checker says of posted facts and of the ways a dossier takes: code, sentence in Vietnamese and in English."""

from __future__ import annotations

# These leave a file in order; all others forbid its use.
FACT_WARNINGS = frozenset({"limit_unit_not_statutory", "item_without_form", "code_unknown", "no_way_to_form"})

FACT_SENTENCES: dict[str, tuple[str, str]] = {
    "yaml_trap": (
        (
            "Mục “{path}”: “{written}” không có dấu nháy nên YAML đọc thành {read}; "
            'hãy viết "{written}" (hoặc true/false, số thường).'
        ),
        (
            "Key “{path}”: “{written}” without quotes is read by YAML as {read}; "
            'write "{written}" (or true/false, or a plain number).'
        ),
    ),
    # the facts, read with a pencil
    "fee_contradicts_discount": (
        (
            "{where}: nộp trực tuyến giảm {percent} % thì {direct} phải thành {expected} đồng, nhưng "
            "ghi {online} đồng. "
            "Hãy hỏi lại cơ quan công bố mức nào đúng."
        ),
        "{where}: {percent_en} % off {direct} online is {expected}, but {online} is written. Ask who published it.",
    ),
    "online_fee_above_direct": (
        "{where}: mức nộp trực tuyến ({online} đồng) cao hơn mức nộp trực tiếp ({direct} đồng).",
        "{where}: the online fee ({online}) is above the direct one ({direct}).",
    ),
    "limit_units_differ": (
        "{where}: các lần hẹn dùng đơn vị khác nhau ({units}) nên không cộng được thành một thời hạn.",
        "{where}: its appointments count in different units ({units_en}), which make no one limit.",
    ),
    "limit_above_statutory": (
        "{where}: thời hạn niêm yết {limit} dài hơn mức luật cho phép {law} ({basis}).",
        "{where}: the posted limit {limit_en} is longer than the law allows, {law_en} ({basis}).",
    ),
    "limit_unit_not_statutory": (
        "{where}: thời hạn niêm yết tính bằng {unit}, luật tính bằng {law}: hãy ghi cùng đơn vị để so sánh được.",
        "{where}: the posted limit counts {unit_en}, the law {law_en}: write one unit, so that they can be compared.",
    ),
    "note_contradicts_limit": (
        "{where}: ghi chú “{note}” nói còn {after}, nhưng thời hạn niêm yết là {limit}. Hãy hỏi lại cơ quan công bố.",
        "{where}: the note “{note}” says {after_en} is left, but the posted limit is {limit_en}. Ask who published it.",
    ),
    "note_contradicts_statutory": (
        "{where}: ghi chú “{note}” không khớp thời hạn theo luật là {law}.",
        "{where}: the note “{note}” does not fit the limit of the law, {law_en}.",
    ),
    "cut_does_not_add_up": (
        "{where}: ghi chú “{note}” tính sai: phần cắt giảm là {share} %.",
        "{where}: the note “{note}” is miscalculated: the cut is {share_en} %.",
    ),
    "decided_after_effect": (
        "Quyết định ký ngày {issued}, sau ngày bắt đầu áp dụng {starts}: một trong hai ngày sai.",
        "The decision was signed on {issued}, after it took effect on {starts}: one of the two is wrong.",
    ),
    "item_without_form": (
        "Giấy tờ {where} chưa ghi mẫu: ghi số mẫu, hoặc “Không quy định mẫu”.",
        "Paper {where} names no form: write its number, or “Không quy định mẫu”.",
    ),
    "item_without_count": (
        "Giấy tờ {where} chưa ghi số bản chính, bản sao.",
        "Paper {where} says neither originals nor copies.",
    ),
    "too_many_items": (
        (
            "Thành phần hồ sơ có {count} giấy tờ, Giấy tiếp nhận (mẫu số 01) in được nhiều nhất {most}: hồ sơ nộp đủ "
            "sẽ không tiếp nhận được. Hãy gộp các giấy tờ nộp cùng nhau thành một mục."
        ),
        (
            "The dossier has {count} papers, but the receipt (form 01) prints {most} at most: a complete one could not "
            "be received. Write papers that are handed in together as one."
        ),
    ),
    "name_too_long": (
        "{where}: tên dài {length} ký tự, Giấy tiếp nhận (mẫu số 01) in được nhiều nhất {longest}. Hãy viết ngắn lại.",
        "{where}: the name has {length} characters, but the receipt (form 01) prints {longest} at most. Shorten it.",
    ),
    "code_malformed": (
        "Mã thủ tục “{found}” không đúng dạng ({shape}).",
        "Procedure code “{found}” has not the shape it should ({shape}).",
    ),
    "code_abolished": ("Thủ tục {found} đã bị bãi bỏ. {note}", "Procedure {found} has been abolished. {note}"),
    "code_unknown": (
        "Mã thủ tục {found} chưa có trong danh sách lists/procedure_codes.yaml: hãy kiểm tra rồi thêm vào.",
        "Procedure code {found} is not in lists/procedure_codes.yaml: verify it, then add it.",
    ),
    "basis_repealed": (
        "Căn cứ {act} hết hiệu lực ngày {ended}, trước ngày áp dụng {starts}. Văn bản thay thế: {other}.",
        "Legal act {act} ended on {ended}, before this takes effect on {starts}. Replaced by: {other}.",
    ),
    # what a dossier goes through
    "no_way_to_form": (
        "Quy trình không có đường nào dẫn tới {form}: hãy gọi sơ đồ dùng chung, hoặc vẽ nhánh đó.",
        "No way of the procedure leads to {form_en}: call the shared diagram, or draw that branch.",
    ),
    "hand_over_with_limit": (
        "Bước trả kết quả {where} có thời hạn: trả kết quả theo giờ hành chính, không tính vào thời hạn.",
        "Step {where} hands the result over and has a limit: that is done in office hours, outside the limit.",
    ),
    "state_not_allowed": (
        (
            "Sau bước {where} (trạng thái “{state}”) có thể đến “{after}” ({after_id}) với trạng thái “{becomes}”, "
            "nhưng hồ sơ không được chuyển như vậy."
        ),
        "After step {where} (state {state_en}) may come {after_id} with state {becomes_en}, which may not follow.",
    ),
}
