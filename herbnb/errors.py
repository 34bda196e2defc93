"""The one exception that readers meet."""


class BadInput(Exception):
    """One sentence for the reader: what is wrong, where (file, row, parameter), and what to do.

    Raised for anything the reader can mend: a parameter, a file, a folder, a table. The runner
    prints the sentence alone; any other exception is a defect of herbnb and keeps its traceback.
    """
