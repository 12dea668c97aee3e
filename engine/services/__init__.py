"""Use cases: one public method is one transaction. Services do not call each other; what they share lies in effects."""
