"""Bring your own: BPMN that somebody drew elsewhere, rewritten so that it runs here, or refused by name.

`opening` reads the bytes, `reading` makes a draft of each process, the modules of one subject each (`steps`, `events`,
`loops`, `starts`, `gateways`, `calls`) rewrite the draft and note every change, `writing` writes it as our own BPMN
with its picture, `trial` runs it to its end. `examine.examine_import` is the one door.
"""
