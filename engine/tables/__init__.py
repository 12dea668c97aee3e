"""Tables as files: rows in, Excel or CSV out, and what people upload read as rows of text."""
