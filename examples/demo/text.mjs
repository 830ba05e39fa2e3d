/** The text in at most `length` characters, with an ellipsis where it was cut. */
export function shorten(text, length) {
  const characters = [...text];
  return characters.length <= length
    ? text
    : `${characters
        .slice(0, Math.max(0, length - 1))
        .join('')
        .trimEnd()}…`;
}

/** Lines of at most `length` characters, broken between words where that is possible; at most `most` lines. */
export function wrap(text, length, most) {
  const lines = [];
  let rest = text.trim().replace(/\s+/g, ' ');
  while ([...rest].length > length && lines.length < most - 1) {
    const head = [...rest].slice(0, length + 1).join('');
    const space = head.lastIndexOf(' ');
    const line = space > 0 ? head.slice(0, space) : [...rest].slice(0, length).join('');
    lines.push(line);
    rest = rest.slice(line.length).trimStart();
  }
  return [...lines, shorten(rest, length)];
}

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1_000).toFixed(2)} s`;
