"""escl-scanner-cli, an eSCL client that is not ours, at a given address: it finds scanners by mDNS only, and that is
the one part of it that is replaced here.

escl_cli.py HOST PORT ARGUMENTS-OF-ESCL-SCANNER-CLI...
"""

import sys
from types import SimpleNamespace

import scanner

host, port, *arguments = sys.argv[1:]
found = SimpleNamespace(
    name="Kiosk._uscan._tcp.local.", properties={b"rs": b"eSCL", b"duplex": b"T"}, server=host, port=int(port)
)
scanner.resolve_scanner = lambda: found
sys.argv = ["escl-scanner-cli", *arguments]
sys.exit(scanner.main())
