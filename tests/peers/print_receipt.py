"""Prints by python-escpos, an ESC/POS encoder that is not ours.

print_receipt.py print HOST PORT FOLDER   four receipts; the pictures as they should be on paper go to FOLDER
print_receipt.py status HOST PORT         one line of JSON: what the printer says of itself
"""

import json
import sys
from pathlib import Path

from escpos.constants import RT_STATUS_ONLINE, RT_STATUS_PAPER
from escpos.printer import Network
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
LINES = ["Giấy khai sinh: bản điện tử", "Ủy ban nhân dân phường Cửa Nam", "Số 0123456789 – đã đối chiếu"]


def vietnamese() -> Image.Image:
    """Vietnamese, as such encoders print it: drawn."""
    image = Image.new("1", (504, 132), 1)
    font = ImageFont.truetype(FONT, 28)
    for row, line in enumerate(LINES):
        ImageDraw.Draw(image).text((4, 4 + 42 * row), line, font=font, fill=0)
    return image


def print_receipts(printer: Network, folder: Path) -> None:
    printer.text("Receipt No. 42\nCafé Zürich: 12,50\n")
    printer.set(align="center", bold=True, double_height=True, double_width=True)
    printer.text("LARGE\n")
    printer.set_with_default()
    printer.charcode("CP858")
    printer.text("12,50 €\n")
    printer.qr("https://kiosk.example/verify/DEMO-7F3K-92QD", native=True, size=6)
    printer.barcode("4006381333931", "EAN13", height=64, width=2, function_type="A")
    printer.barcode("{BKiosk-42", "CODE128", height=64, width=2, function_type="B")
    printer.cut()
    # Barcodes leave the printer set to the middle.
    printer.set(align="left")
    image = vietnamese()
    # The three ways in which pictures are sent.
    for way in ("bitImageRaster", "graphics", "bitImageColumn"):
        image.save(folder / f"{way}.png")
        printer.image(image, impl=way, center=False)
        printer.cut(mode="PART")
    # An answer comes when all before it has been taken.
    assert printer.paper_status() == 2


def status(printer: Network) -> dict:
    return {
        "paper": printer.paper_status(),
        "online": printer.is_online(),
        "raw_online": printer.query_status(RT_STATUS_ONLINE).hex(),
        "raw_paper": printer.query_status(RT_STATUS_PAPER).hex(),
    }


def main() -> None:
    what, host, port, *rest = sys.argv[1:]
    printer = Network(host, int(port), timeout=30)
    printer.open()
    if what == "print":
        print_receipts(printer, Path(rest[0]))
    else:
        print(json.dumps(status(printer)))
    printer.close()


main()
