"""The only door to SQLAlchemy: tables, the unit of work, what is written and what is read."""
