"""The engine of Một Cửa: what a one-stop counter does with a dossier, from receipt to result."""
