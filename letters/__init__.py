"""Official letters: data in, PDF bytes out. Imports neither the engine nor the web.

    from letters import ApologyLetter, Letterhead, Party, Signer, regime_on, title_of, to_json, from_json, check
    from letters.render import Renderer        # Renderer().render(letter) -> Rendered(pdf, pages, sha256)
    from letters.worker import RenderWorker    # the same in a child process with limits: use this one in a service

Make the dataclass of a form (`letters.data`: ReceiptSlip 01, SupplementRequest 02, RefusalSlip 03, ApologyLetter 04,
DiscontinuationNotice 05; `letters.forms`: RoutingSlip 06, ResultCover, FeedbackAnswer, ErrorApology; what is printed
without a number is in `letters.prints` and `letters.posters`; all keyword-only, instants are aware datetimes).
`check(letter)` says in Vietnamese what cannot be printed: ask it where somebody can still correct the text.
`to_json(letter)` is what a register freezes;
`from_json(letter.form, text)` gives the equal letter back, and the same data renders to the same bytes.
Failures are the classes of `letters.errors`.
"""

from letters.archive import from_json, to_json
from letters.data import (
    ApologyLetter,
    DiscontinuationNotice,
    FeeDue,
    Item,
    LaterAppointment,
    Letter,
    Letterhead,
    Party,
    ReceiptSlip,
    RefusalSlip,
    Signer,
    SupplementRequest,
    check,
)
from letters.errors import (
    LetterDataUnreadable,
    LetterError,
    LetterNotRenderable,
    LettersCannotRun,
    RenderTimedOut,
    RenderWorkerDied,
)
from letters.forms import FORMS, ErrorApology, FeedbackAnswer, HandOver, ResultCover, RoutingSlip
from letters.regime import REGIMES, Regime, regime_on
from letters.rendered import Rendered
from letters.titles import title_of

__all__ = [
    "FORMS",
    "REGIMES",
    "ApologyLetter",
    "DiscontinuationNotice",
    "ErrorApology",
    "FeeDue",
    "FeedbackAnswer",
    "HandOver",
    "Item",
    "LaterAppointment",
    "Letter",
    "LetterDataUnreadable",
    "LetterError",
    "LetterNotRenderable",
    "Letterhead",
    "LettersCannotRun",
    "Party",
    "ReceiptSlip",
    "RefusalSlip",
    "Regime",
    "RenderTimedOut",
    "RenderWorkerDied",
    "Rendered",
    "ResultCover",
    "RoutingSlip",
    "Signer",
    "SupplementRequest",
    "check",
    "from_json",
    "regime_on",
    "title_of",
    "to_json",
]
