"""What a use case may read and change inside its transaction, by subject. Statements are built once, when imported."""
