"""Takes the text that truth.js collected out of a dumped page and writes it in NFC."""
import html
import re
import sys
import unicodedata
from pathlib import Path

dumped, target = map(Path, sys.argv[1:3])
found = re.search(r'<pre id="truth"[^>]*>(.*?)</pre>', dumped.read_text(encoding="utf-8"), re.S)
if not found:
    sys.exit(f"{dumped}: the page has no collected text")
target.write_text(unicodedata.normalize("NFC", html.unescape(found[1])).strip() + "\n", encoding="utf-8")
