"""Why a letter did not become a PDF. `code` is stable; the text is Vietnamese and says what to do."""

from __future__ import annotations


class LetterError(Exception):
    """Any failure of this package."""

    code = "letter_error"


class LetterNotRenderable(LetterError):
    """The data cannot be printed truthfully: trying again gives the same answer, somebody must correct the data."""

    code = "letter_not_renderable"

    def __init__(self, problems: list[str]) -> None:
        """Keep each reason as `problems`, one sentence each."""
        self.problems = problems
        super().__init__("Không lập được văn bản: " + "; ".join(problems) + ".")


class LetterDataUnreadable(LetterError):
    """Frozen data that is not JSON of the form it claims to be."""

    code = "letter_data_unreadable"


class LettersCannotRun(LetterError):
    """This machine lacks a font or a library; the letter itself may be fine."""

    code = "letters_cannot_run"


class RenderTimedOut(LetterError):
    """The rendering process went past its time limit and was ended; the next letter gets a new one."""

    code = "render_timed_out"


class RenderWorkerDied(LetterError):
    """The rendering process ended in the middle of a letter; the next letter gets a new one."""

    code = "render_worker_died"
