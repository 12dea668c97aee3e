"""Files that strangers bring: kept by their content, looked into by a child process, asked about at a virus scanner."""
