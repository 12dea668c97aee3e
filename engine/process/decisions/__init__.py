"""Decision tables (DMN 1.1 to 1.5) in a stated subset that is right; everything else is refused by name.

`reading.read_model` is the door in: bytes become a `DecisionModel` or problems that name table, row and column.
`DecisionModel.evaluate` works a decision out; `analysis` finds gaps, overlaps and rows that never count; `use` ties
the tables of a procedure to the questions of the desk. What the subset holds is written in bpmn/README.md.
"""
