"""Charts: figures in, one SVG out that is right on a page, in a document and on a wall; and the same as a table.

    chart = bars("Hồ sơ quá hạn theo số ngày", [Bar("1–3 ngày", 12, href="/oversight/…")], heads=("Quá hạn", "Hồ sơ"))
    chart.on_page()       # inline in HTML: colours are tokens of the style sheet, links are links, no style, no script
    chart.in_document()   # the same for WeasyPrint: the light colours, no links
    chart.rows            # the same figures, for the table that stands beside every chart

A page shows one with `charts.figure(chart)` of `charts.html`, beside it its table, and links `css/charts.css`.

Colours are named by the tones of the style sheet (``late``, ``soon``, ``good``, ``brand``, …). A drawing costs some
forty milliseconds the first time and nothing after: it is kept by its content. `warm` loads the drawing machine.
"""

from engine.charts.drawing import warm
from engine.charts.kinds import Bar, Chart, Series, bars, columns, lines

__all__ = ["Bar", "Chart", "Series", "bars", "columns", "lines", "warm"]
