import { firstValueFrom, of } from 'rxjs';
import type { ImageInput } from '../../ports/platform.js';
import { readImage } from './encode-image.js';

const bytes = new Uint8Array([1, 2, 3]);
const read = (input: unknown) => firstValueFrom(readImage(input as ImageInput, () => of(bytes)));

test.each<[string, unknown, object]>([
  ['bytes', bytes, { data: 'AQID' }],
  ['part of a buffer', new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4), { data: 'AQID' }],
  ['a Node buffer', Buffer.from(bytes), { data: 'AQID' }],
  ['an ArrayBuffer', bytes.buffer, { data: 'AQID' }],
  ['a Blob', new Blob([bytes]), { data: 'AQID' }],
  ['a data: URL', 'data:image/png;base64,AQID', { data: 'AQID' }],
  ['an http URL', 'http://images.test/a.png', { data: 'AQID' }],
  ['an https URL', 'HTTPS://images.test/a.png', { data: 'AQID' }],
  ['base64', 'AQID', { data: 'AQID' }],
  ['a file id', 'file_a-B_1', { ref: 'file_a-B_1' }],
  ['a data: URL that is not base64', 'data:image/svg+xml,%01%02%03', { data: 'AQID' }],
  ['a URL object', new URL('https://images.test/a.png'), { data: 'AQID' }],
  ['base64 in lines', 'AQ\r\nID\n', { data: 'AQID' }],
  ['a data: URL in lines', 'data:image/png;base64,AQ\nID', { data: 'AQID' }],
])('%s', async (_name, input, image) => {
  expect(await read(input)).toEqual(image);
});

test.each<[string, unknown]>([
  ['no bytes', new Uint8Array()],
  ['an empty Blob', new Blob([])],
  ['text that is nothing', 'hello world!'],
  ['empty text', ''],
  ['a stream', (async function* () {})()],
  ['a data: URL without data', 'data:image/png;base64'],
  ['a broken data: URL', 'data:image/png;base64,A'],
  ['a file URL', 'file:///etc/passwd'],
  ['a file: URL object', new URL('file:///etc/passwd')],
  ['a number', 5],
  ['an object', {}],
])('%s is refused', async (_name, input) => {
  await expect(read(input)).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field: 'image' } });
});
