"""The shapes of diagram that are walked at random: text for `drawing.read`, by name."""

from __future__ import annotations

SHAPES = {
    "straight": "start > a > s_note > b > end",
    "choice_with_rework": """
        start > a > x_way
        x_way > b if way == "yes"
        x_way > c
        b > x_merge
        c > x_merge
        x_merge > s_note > d > x_again
        x_again > a if again == "yes"
        x_again > b if again == "half"
        x_again > end
    """,
    "parallel": """
        start > a > p_split
        p_split > b > p_join
        p_split > s_note > c > p_join
        p_split > d > x_skip
        x_skip > e if skip == "no"
        x_skip > x_merge
        e > x_merge
        x_merge > p_join
        p_join > f > end
    """,
    "parallel_plain": """
        start > a > p_split
        p_split > b > p_join
        p_split > c > d > p_join
        p_join > e > end
    """,
    "parallel_in_rework_loop": """
        start > a > p_split
        p_split > b > p_join
        p_split > c > p_join
        p_join > d > x_again
        x_again > a if again == "yes"
        x_again > end
    """,
    "parallel_in_two_loops": """
        start > x_in > p_split
        p_split > a > x_a
        x_a > a2 if again == "yes"
        x_a > x_a_merge
        a2 > x_a_merge
        x_a_merge > p_join
        p_split > b > c > x_c
        x_c > b if again == "yes"
        x_c > p_join
        p_split > s_note > p_join
        p_join > d > x_again
        x_again > x_in if again == "yes"
        x_again > e if again == "half"
        x_again > end
        e > x_back
        x_back > x_in if again == "yes"
        x_back > end2
    """,
    "nested_parallel": """
        start > p_out
        p_out > a > p_in
        p_in > b > p_in_join
        p_in > c > p_in_join
        p_in_join > d > p_out_join
        p_out > e > p_out_join
        p_out_join > x_again
        x_again > f if again == "yes"
        x_again > end
        f > p_again
        p_again > g > p_again_join
        p_again > h > p_again_join
        p_again_join > x_more
        x_more > f if again == "yes"
        x_more > end2
    """,
    "parallel_ends": """
        start > p_split
        p_split > a > end_a
        p_split > b > s_note > end_b
        p_split > c > x_c
        x_c > c if again == "yes"
        x_c > end_c
    """,
    "subprocess_with_parallel": """
        start > a > work
        work {
            start_work > p_split
            p_split > b > p_join
            p_split > c > p_join
            p_join > d > end_work
        }
        work > x_again
        x_again > a if again == "yes"
        x_again > end
    """,
    "events": """
        start > a > p_split
        p_split > b > p_join
        p_split > c > p_join
        p_join > work
        work {
            start_work > d > e > end_work
        }
        work > x_again
        x_again > a if again == "yes"
        x_again > f > end
        on overdue {
            on_overdue_begins > s_apology > end_overdue
        }
        on due_soon {
            on_due_soon_begins > s_warning > explain > end_due_soon
        }
        on! withdrawal {
            on_withdrawal_begins > confirm > s_stop > end_withdrawal
        }
    """,
    "events_inside": """
        start > a > work
        work {
            start_work > b > c > end_work
            on hurry {
                on_hurry_begins > s_hurry > end_hurry
            }
            on! stop {
                on_stop_begins > s_stop > tidy > end_stop
            }
        }
        work > x_again
        x_again > a if again == "yes"
        x_again > d > end
        on overdue {
            on_overdue_begins > s_apology > end_overdue
        }
        on! withdrawal {
            on_withdrawal_begins > s_gone > end_withdrawal
        }
    """,
    "calls": """
        start > call_helper > x_again
        x_again > a if again == "yes"
        x_again > p_split
        a > call_helper
        p_split > call_other > p_join
        p_split > b > p_join
        p_join > c > end
        on overdue {
            on_overdue_begins > s_apology > end_overdue
        }
        on! withdrawal {
            on_withdrawal_begins > s_gone > end_withdrawal
        }
    """,
    "waiting": """
        start > a > p_split
        p_split > wait_paid > s_paid > p_join
        p_split > b > wait_answer > p_join
        p_join > x_again
        x_again > a if again == "yes"
        x_again > end
        on overdue {
            on_overdue_begins > s_apology > end_overdue
        }
    """,
    "guarded": """
        start > a > b > x_again
        guard stopped on b = stop
        guard? nudged on b = nudge
        stopped > s_stop > c > x_merge
        nudged > s_nudge > hurry > end_nudged
        x_again > a if again == "yes"
        x_again > x_merge
        x_merge > d > end
    """,
    "guarded_subprocess": """
        start > work
        guard stopped on work = stop
        guard? nudged on work = nudge
        work {
            start_work > p_split
            p_split > a > p_join
            p_split > call_helper > p_join
            p_join > end_work
        }
        work > x_again
        x_again > work if again == "yes"
        x_again > end
        stopped > c > end_stopped
        nudged > s_nudge > end_nudged
    """,
}

SHARED = {
    "helper": """
        start > help > x_more
        x_more > help if more == "yes"
        x_more > s_helped > end
    """,
    "other": """
        start > ask > call_helper2 > end
    """,
    "helper2": """
        start > p_split
        p_split > look > p_join
        p_split > think > p_join
        p_join > end
    """,
}
