/** Something the person at the terminal can act on: shown as its message alone. */
export class DemoError extends Error {
  name = 'DemoError';
}
