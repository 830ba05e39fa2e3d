import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mediaConformance, memoryMediaHarness } from '../../../testkit/conformance.js';
import { type OpenPage, openPageSite, type PageSite } from '../../../testkit/pages/page-site.js';

declare const conformance: { readonly names: readonly string[]; run(name: string): Promise<void> };

// The names are known before there is a page.
const names = mediaConformance({ ...memoryMediaHarness(), hasOneFarEnd: true, addsTracks: false }).map(
  ({ name }) => name,
);

describe('media over a peer connection of its own in a browser', () => {
  let site: PageSite;
  let opened: OpenPage;

  beforeAll(async () => {
    site = await openPageSite({ entry: 'testkit/pages/direct-media-page.ts' });
    opened = await site.open();
  });
  afterAll(async () => {
    await opened?.close();
    await site?.close();
  });

  test('the page knows the same cases', async () => {
    expect(await opened.page.evaluate(() => conformance.names)).toEqual(names);
  });
  test.each(names)('%s', async (name) => {
    await opened.page.evaluate((one) => conformance.run(one), name);
  });
});
