"""`motcua check --stories`: dossiers told beside the models are lived through with the real services.

`reading` makes stories of a file, `stage` holds an office in a scratch database and its people, `life` lives one story,
`coverage` says what of the diagrams no story entered, `check` puts them together. The format: bpmn/README.md.
"""
