"""The only door to SpiffWorkflow: diagrams in, plain values out.

`definitions.Definition` is one version of one procedure (its diagram, the shared diagrams that it calls, its posted
facts), `definitions.Catalogue` the current ones of a folder, `runner.Runner` moves an instance of a definition,
`checks.check_path` says what is wrong with files. What comes back stands in `engine.domain.process`; what goes
wrong, in `engine.process.errors`. The state of an instance is bytes that only this package reads.
"""
