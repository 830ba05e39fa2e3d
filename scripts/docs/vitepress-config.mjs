// The site's settings; copied beside the pages by the build.
import { contents } from '../../scripts/docs/contents.mjs';
import { apiEntries, errorCodes, otherPages } from './made.mjs';

const link = (file) => `/${file.replace(/\.md$/, '')}`;
const guides = contents.map(({ title, pages }) => ({
  text: title,
  items: pages.map((page) => ({ text: page.title, link: link(page.file) })),
}));

export default {
  title: 'decart-rx',
  description: 'Reactive SDK for Decart’s Realtime API, with a simulator of the whole service.',
  outDir: '../site',
  // Works below any path of a server, too: `npm run docs -- --base /decart-rx/`.
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: false,
  // No icon: nothing is asked for.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  lastUpdated: false,
  ignoreDeadLinks: [/\/live\/index/],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Try it', link: '/live/index.html', target: '_self' },
      { text: 'API', link: link(apiEntries[0].file) },
      { text: 'Errors', link: '/errors/' },
    ],
    sidebar: [
      ...guides,
      ...(otherPages.length > 0
        ? [{ text: 'More', items: otherPages.map(({ title, file }) => ({ text: title, link: link(file) })) }]
        : []),
      { text: 'API', items: apiEntries.map(({ name, file }) => ({ text: name, link: link(file) })) },
      {
        text: 'Errors',
        collapsed: true,
        items: errorCodes.map((code) => ({ text: code, link: `/errors/${code}` })),
      },
      { text: 'Changes', link: '/changelog' },
    ],
  },
};
