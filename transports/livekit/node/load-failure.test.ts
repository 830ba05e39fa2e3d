import { expect, it } from '@jest/globals';
import { currentHost } from '../../media/node/host.js';
import { loadFailure } from './load-failure.js';
import { acquireLiveKitNode } from './native.js';

const glibc = { platform: 'linux', arch: 'x64', isMusl: false };
const noBinding = Object.assign(new Error('Cannot find native binding.'), { code: undefined });

it('says that the package is missing, and how to install it', () => {
  const error = Object.assign(new Error("Cannot find package '@livekit/rtc-node' imported from /app/x.js"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  const { message, permanent, cause } = loadFailure(error, glibc);
  expect(message).toMatch(/not installed\. Run: npm install @livekit\/rtc-node/);
  expect({ permanent, cause }).toEqual({ permanent: true, cause: error });
});

it('distinguishes a missing native library from a missing package', () => {
  const error = Object.assign(new Error("Cannot find module '@livekit/rtc-ffi-bindings-linux-x64-gnu'"), {
    code: 'MODULE_NOT_FOUND',
  });
  expect(loadFailure(error, glibc).message).toMatch(/native library .* did not load on linux x64.*--include=optional/);
});

it('names musl as the cause, and a way out', () => {
  const { message } = loadFailure(noBinding, { ...glibc, isMusl: true });
  expect(message).toMatch(/no native library for musl \(Alpine Linux\).*node:20-bookworm-slim/);
});

it('names the platform where there is no native library', () => {
  const { message, data } = loadFailure(noBinding, { platform: 'freebsd', arch: 'x64', isMusl: false });
  expect(message).toMatch(/did not load on freebsd x64/);
  expect(data).toEqual({ platform: 'freebsd', arch: 'x64', isMusl: false });
});

it('knows the platform that it runs on', () => {
  expect(currentHost()).toMatchObject({ platform: process.platform, arch: process.arch });
});

it('rejects with it, and takes no share', async () => {
  const load = async (): Promise<never> => {
    throw noBinding;
  };
  await expect(acquireLiveKitNode(load)).rejects.toMatchObject({ code: 'WEBRTC_ICE_ERROR', permanent: true });
});
