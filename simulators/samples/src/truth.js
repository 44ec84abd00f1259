// Collects what is printed on the page, one row per printed line, from the places where the browser put it.
// Pieces of one row that stand apart (columns, cells) are parted by two spaces. The stamps' own text is not counted.
addEventListener("load", () => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pieces = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.tagName === "SCRIPT" || !node.data.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    pieces.push({ left: box.left, right: box.right, middle: (box.top + box.bottom) / 2, text: node.data });
  }
  pieces.sort((a, b) => a.middle - b.middle);
  const rows = [];
  for (const piece of pieces) {
    const row = rows.at(-1);
    if (row && Math.abs(row[0].middle - piece.middle) < 6) row.push(piece);
    else rows.push([piece]);
  }
  const text = rows.map((row) => {
    row.sort((a, b) => a.left - b.left);
    return row.reduce((line, piece, i) => line + (i && piece.left - row[i - 1].right > 8 ? "  " : "") + piece.text, "");
  });
  const truth = document.createElement("pre");
  truth.id = "truth";
  truth.style.display = "none";
  truth.textContent = text.map((line) => line.replace(/\u00a0/g, " ").replace(/ {3,}/g, "  ").trim()).join("\n");
  document.body.append(truth);
});
