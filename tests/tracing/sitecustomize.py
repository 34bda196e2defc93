"""Where this folder is on Python's path, each process notes whom it speaks to, and then goes on as it would.

A line for each name that is looked up and each address that is connected to, in the file `HERBNB_HEARD`.
"""

import os
import sys

SPOKEN = (
    *("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"),
    *("socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"),
)
NOTED = os.open(os.environ["HERBNB_HEARD"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def note(event: str, told: tuple) -> None:
    """Write down the name or the address that an audit event of Python's `socket` tells."""
    if event in SPOKEN:
        whom = told[0] if event.startswith("socket.get") else told[1]
        whom = whom[0] if isinstance(whom, tuple) else whom
        where = (
            "a socket of the machine's"
            if event == "socket.connect" and isinstance(told[1], str | bytes)
            else whom
        )
        os.write(NOTED, f"{event}\t{where}\n".encode())


sys.addaudithook(note)
