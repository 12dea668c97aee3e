"""Procedures that are being designed: uploads taken apart, looked at, completed by forms, compared.

Whatever a stranger wrote is read in a child process only (`worker`, started by `guard`); what comes back are plain
values: texts of files, problems, and what forms show. A draft is a handful of small files; a form changes them.
"""
