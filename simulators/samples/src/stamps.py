"""Writes the round red stamps of invented agencies as SVG files beside this script."""
from pathlib import Path

STAMPS = [
    ("ỦY BAN NHÂN DÂN PHƯỜNG HỒNG MAI", "TP. HÀ NỘI"),
    ("TRƯỜNG ĐẠI HỌC KỸ THUẬT SÔNG NHUỆ", "HÀ NỘI"),
    ("CÔNG AN PHƯỜNG HỒNG MAI", "TP. HÀ NỘI"),
]
# Five points of a star, every second one joined.
STAR = "50,33 54.1,44.6 66.2,44.7 56.6,52.1 60,63.8 50,56.9 40,63.8 43.4,52.1 33.8,44.7 45.9,44.6"
FACE = "font-family='Liberation Sans' font-weight='bold' fill='#c8102e'"

for number, (around, below) in enumerate(STAMPS, 1):
    svg = f"""<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 100 100'>
<g fill='none' stroke='#c8102e'><circle cx='50' cy='50' r='48' stroke-width='2'/><circle cx='50' cy='50' r='29' stroke-width='0.8'/></g>
<path id='top' d='M 15.5 60 A 36 36 0 1 1 84.5 60' fill='none'/><path id='bottom' d='M 12 62 A 41 41 0 0 0 88 62' fill='none'/>
<text {FACE} font-size='7.6'><textPath xlink:href='#top' startOffset='50%' text-anchor='middle' textLength='{min(126, 4.6 * len(around)):.0f}' lengthAdjust='spacingAndGlyphs'>{around}</textPath></text>
<text {FACE} font-size='7.6'><textPath xlink:href='#bottom' startOffset='50%' text-anchor='middle'>{below}</textPath></text>
<polygon points='{STAR}' fill='#c8102e'/></svg>
"""
    Path(__file__).with_name(f"stamp-{number}.svg").write_text(svg, encoding="utf-8")
