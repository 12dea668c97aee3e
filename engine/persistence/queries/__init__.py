"""What pages and reports read: statements built once, rows in, frozen views out. Nothing here writes."""
