"""What is wrong with the files of a procedure, said so that an office can mend it."""
