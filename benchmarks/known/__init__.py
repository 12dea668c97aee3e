"""A province of which everything is known: so many files over three years, and what every report has to say of them."""
