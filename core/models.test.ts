import { ImageModels, VideoModels } from './job-models.js';
import { RealtimeModels } from './models.js';

test.each([
  ['LUCY_2_1', 'lucy-2.1', 1088, 624],
  ['LUCY_2_5', 'lucy-2.5', 1280, 720],
  ['LUCY_VTON_2', 'lucy-vton-2', 1088, 624],
  ['LUCY_VTON_3', 'lucy-vton-3', 1088, 624],
  ['LUCY_VTON_3_5', 'lucy-vton-3.5', 1280, 720],
  ['LUCY_RESTYLE_2', 'lucy-restyle-2', 1280, 704],
  ['LUCY_LATEST', 'lucy-latest', 1280, 720],
  ['LUCY_VTON_LATEST', 'lucy-vton-latest', 1280, 720],
  ['LUCY_RESTYLE_LATEST', 'lucy-restyle-latest', 1280, 704],
  ['LUCY_2_1_VTON_2', 'lucy-2.1-vton-2', 1088, 624],
] as const)('realtime model %s', (constant, name, width, height) => {
  const model = RealtimeModels[constant];
  expect(model).toEqual({ name, urlPath: '/v1/stream', fps: 30, width, height });
  expect(RealtimeModels.fromName(name)).toBe(model);
  expect(RealtimeModels.all.includes(model)).toBe(constant !== 'LUCY_2_1_VTON_2');
});

test('realtime models in all', () => {
  expect(RealtimeModels.all).toHaveLength(9);
  for (const name of ['', 'toString', 'lucy', '__proto__']) expect(RealtimeModels.fromName(name)).toBeUndefined();
});

test.each([
  ['lucy-clip', 1280, 704, 25],
  ['lucy-2.1', 1088, 624, 20],
  ['lucy-2.5', 1280, 720, 20],
  ['lucy-vton-2', 1088, 624, 20],
  ['lucy-vton-3', 1088, 624, 20],
  ['lucy-vton-3.5', 1280, 720, 20],
  ['lucy-restyle-2', 1280, 704, 22],
  ['lucy-latest', 1280, 720, 20],
  ['lucy-vton-3.5-4-3', 960, 720, 20],
  ['lucy-vton-3.5-1-1', 720, 720, 20],
  ['lucy-robot-720p', 1280, 720, 20],
  ['lucy-vton-latest', 1280, 720, 20],
  ['lucy-restyle-latest', 1280, 704, 22],
  ['lucy-clip-latest', 1280, 704, 25],
])('video model %s', (name, width, height, fps) => {
  expect(VideoModels.fromName(name)).toEqual({ name, path: `/v1/jobs/${name}`, fps, width, height });
});

test.each([
  ['lucy-pro-v2v', 'lucy-clip'],
  ['lucy-restyle-v2v', 'lucy-restyle-2'],
  ['lucy-2.1-vton-2', 'lucy-vton-2'],
])('the old video model %s is %s', (old, name) => {
  expect(VideoModels.fromName(old)?.name).toBe(name);
});

test('video models in all', () => {
  expect(VideoModels.all).toHaveLength(14);
  expect(VideoModels.fromName('constructor')).toBeUndefined();
});

test.each(['lucy-image-2', 'lucy-image-latest'])('image model %s', (name) => {
  const paths = { path: `/v1/generate/${name}`, jobPath: `/v1/jobs/${name}` };
  expect(ImageModels.fromName(name)).toEqual({ name, ...paths, width: 1280, height: 704 });
});

test('the old image model is lucy-image-2', () => {
  expect(ImageModels.fromName('lucy-pro-i2i')).toBe(ImageModels.LUCY_IMAGE_2);
  expect([ImageModels.all.length, ImageModels.fromName('constructor')]).toEqual([2, undefined]);
});
