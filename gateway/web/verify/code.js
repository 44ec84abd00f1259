/**
 * The verification code as it is typed: `HN1-XXXX-XXXX-XXXX-XXXX-CC`. Only the agency knows whether it is right; here is how it
 * is shown, so that it can be compared with the paper.
 */

/** The agency's part has at most so many signs, the rest has 16 and 2 that check it. */
const PREFIX_MOST = 8;
const GROUPS = [4, 4, 4, 4, 2];
const REST = GROUPS.reduce((sum, length) => sum + length);
/** Blanks, and the dashes that keyboards and word processors have. */
const BETWEEN = /[\s\-\u2010-\u2015\u2212]+/;

/** The code in what somebody typed or pasted, which may be the whole address of a QR code. */
export function codeIn(typed) {
  const path = /\/c\/([^/?#\s]+)/i.exec(typed)?.[1];
  return (path === undefined ? typed : decoded(path)).trim();
}

/** What was typed in the groups of the paper, as far as it goes: `["HN1", "7K4Q", …]`. */
export function groupsOf(typed) {
  const parts = typed.toUpperCase().split(BETWEEN).filter(Boolean);
  const signs = parts.join("");
  const whole = signs.length > REST && signs.length <= REST + PREFIX_MOST;
  // Without a dash behind it, where the agency's part ends is known when all is there.
  const prefix = parts.length > 1 && parts[0].length <= PREFIX_MOST ? parts[0].length : whole ? signs.length - REST : signs.length;
  const groups = [signs.slice(0, prefix)];
  let at = prefix;
  for (const length of [...GROUPS, Infinity]) {
    if (at >= signs.length) break;
    groups.push(signs.slice(at, at + length));
    at += length;
  }
  return groups.filter(Boolean);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
