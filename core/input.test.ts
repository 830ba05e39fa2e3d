import { runInNewContext } from 'node:vm';
import { firstValueFrom, NEVER } from 'rxjs';
import { imageSource, uploadSource } from './input.js';
import type { ImageInput } from './ports/platform.js';
import { readImage } from './session/runtime/encode-image.js';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const base64 = png.toString('base64');
const inLines = `${base64.slice(0, 10)}\n${base64.slice(10)}\r\n`;
const foreign = (code: string): unknown => runInNewContext(`const png = new Uint8Array([${[...png]}]); ${code}`);

/** Memory that workers share. */
function shared(): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(png.length);
  new Uint8Array(buffer).set(png);
  return buffer;
}

// Whatever way the bytes come in, each reader finds the same ones.
const forms: readonly (readonly [string, unknown])[] = [
  ['a Uint8Array', new Uint8Array(png)],
  ['a Node buffer', png],
  ['part of a buffer', new Uint8Array([9, ...png, 9]).subarray(1, png.length + 1)],
  ['an ArrayBuffer', new Uint8Array(png).buffer],
  ['a DataView', new DataView(new Uint8Array(png).buffer)],
  ['a Uint8ClampedArray', new Uint8ClampedArray(png)],
  ['a SharedArrayBuffer', shared()],
  ['bytes of another realm', foreign('png')],
  ['a buffer of another realm', foreign('png.buffer')],
  ['a DataView of another realm', foreign('new DataView(png.buffer)')],
  ['base64', base64],
  ['base64 in lines', inLines],
  ['a data: URL', `data:image/png;base64,${base64}`],
  ['a data: URL in lines', `data:image/png;base64,${inLines}`],
  ['a data: URL as an object', new URL(`data:image/png;base64,${base64}`)],
];

test.each(forms)('%s is the same image for a session and for an upload', async (_name, input) => {
  expect(await firstValueFrom(readImage(input as ImageInput, () => NEVER))).toEqual({ data: base64 });
  const source = imageSource(input, 'x', { paths: true });
  expect(source.type === 'base64' ? Buffer.from(source.data, 'base64') : source).toEqual(
    source.type === 'base64' ? png : { type: 'bytes', bytes: new Uint8Array(png) },
  );
});

test.each<[string, unknown, string]>([
  ['a blob', new Blob(['x']), 'blob'],
  ['an http URL', 'HTTPS://host/a.mp4', 'url'],
  ['a URL object', new URL('http://host/a.mp4'), 'url'],
  ['a file: URL', new URL('file:///a.mp4'), 'path'],
  ['a path', './a.mp4', 'path'],
  ['a path that could be base64', 'images/person', 'path'],
  ['the id of a file', 'file_abc', 'fileId'],
  ['an async iterable', (async function* () {})(), 'stream'],
  ['a function', () => (async function* () {})(), 'stream'],
])('%s', (_, input, type) => {
  expect(imageSource(input, 'x', { paths: true }).type).toBe(type);
});

test('a data: URL that is not base64 is read as text', () => {
  const bytes = new TextEncoder().encode('a b');
  expect(uploadSource('data:text/plain,a%20b', 'x')).toEqual({ type: 'bytes', bytes });
});

test.each<[string, unknown]>([
  ['no bytes', new Uint8Array()],
  ['an empty buffer of another realm', foreign('new ArrayBuffer(0)')],
  ['an empty blob', new Blob([])],
  ['blank text', ' '],
  ['a broken data: URL', 'data:image/png;base64,%%'],
  ['a data: URL without data', 'data:image/png;base64'],
  ['a number', 7],
  ['an object', {}],
  ['nothing', null],
])('%s is refused, naming the field', (_name, input) => {
  const refusal = expect.objectContaining({ code: 'INVALID_INPUT', data: { field: 'x' } });
  expect(() => imageSource(input, 'x', { paths: true })).toThrow(refusal);
  expect(() => imageSource(input, 'x', { paths: false })).toThrow(refusal);
});
