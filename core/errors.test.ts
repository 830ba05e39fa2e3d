import { DecartError, ErrorCodes, failureOf, isDecartError } from './errors.js';
import { VERSION } from './version.js';

const fallback = { code: 'INVALID_INPUT', message: 'fallback' } as const;

test('an error carries its code, its data and its cause', () => {
  const cause = new Error('why');
  const error = new DecartError({ code: 'WEBRTC_ICE_ERROR', message: 'lost', data: { n: 1 }, cause, permanent: true });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'DecartError',
    code: 'WEBRTC_ICE_ERROR',
    data: { n: 1 },
    cause,
    permanent: true,
  });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'DecartError',
    code: 'WEBRTC_ICE_ERROR',
    message: 'lost',
    data: { n: 1 },
  });
});

test('an error names the page about its code, which does not become part of the JSON', () => {
  const error = new DecartError({ code: 'WEBRTC_ICE_ERROR', message: 'lost' });
  expect(error.helpUrl).toBe(`https://unpkg.com/decart-rx@${VERSION}/docs/errors/WEBRTC_ICE_ERROR.md`);
  expect(JSON.stringify(error)).not.toContain('unpkg');
});

test('an aborted call is an AbortError', () => {
  expect(new DecartError({ code: 'ABORTED', message: 'gone' }).name).toBe('AbortError');
});

test('an error without details has none', () => {
  const error = new DecartError(fallback);
  expect([error.data, error.permanent, 'cause' in error]).toEqual([undefined, false, false]);
  expect(error.toJSON()).not.toHaveProperty('data');
});

test('errors are recognised by their tag', () => {
  const foreign = Object.assign(new Error('x'), { brand: 'decart-rx/DecartError', code: 'ABORTED' });
  expect(
    [new DecartError(fallback), foreign, new Error('x'), { brand: 'decart-rx/DecartError' }, null].map(isDecartError),
  ).toEqual([true, true, false, false, false]);
});

test('errors of one code are recognised, and their data is typed for it', () => {
  const error: unknown = new DecartError({ ...fallback, data: { field: 'model' } });
  const field: string | undefined = isDecartError(error, 'INVALID_INPUT') ? error.data?.field : 'another code';
  expect(field).toBe('model');
  expect(isDecartError(error, 'ABORTED')).toBe(false);
});

test('failureOf keeps what a DecartError says, and wraps the rest', () => {
  const failure = { code: 'ABORTED', message: 'gone', permanent: true, data: { a: 1 }, cause: 'why' } as const;
  expect(failureOf(new DecartError(failure), fallback)).toEqual(failure);
  expect(failureOf('boom', fallback)).toEqual({ ...fallback, cause: 'boom' });
});

test('every code is its own name', () => {
  for (const [name, code] of Object.entries(ErrorCodes)) expect(code).toBe(name);
});

test('instanceof holds across the two halves of the package, and not for other errors', () => {
  // What the other half's class makes: the same brand, another class.
  const foreign = Object.assign(new Error('from the other half'), { brand: 'decart-rx/DecartError', code: 'ABORTED' });
  expect(foreign instanceof DecartError).toBe(true);
  expect(new DecartError({ code: 'ABORTED', message: '' }) instanceof DecartError).toBe(true);
  expect(new Error('plain') instanceof DecartError).toBe(false);
});
