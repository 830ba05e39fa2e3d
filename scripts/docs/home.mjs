// The site's first page.
const live = '/live/index.html';

export const home = {
  layout: 'home',
  hero: {
    name: 'decart-rx',
    text: 'Live video, restyled by a prompt',
    tagline:
      'A reactive SDK for Decart’s Realtime API, in browsers and in Node, and a simulator of the whole service. You need no key to begin.',
    actions: [
      { theme: 'brand', text: 'Five minutes without a key', link: '/start' },
      { theme: 'alt', text: 'Try it in this page', link: live, target: '_self' },
    ],
  },
  features: [
    {
      title: 'Streams, not callbacks',
      details: 'State replays and never errors. A session is an observable; with one operator the latest prompt wins.',
      link: '/connect',
    },
    {
      title: 'Reconnects keep what you asked for',
      details: 'The latest acknowledged prompt and image are applied again, and the video element follows.',
      link: '/reconnect',
    },
    {
      title: 'The service on your machine',
      details: 'Signaling, REST and media on loopback, with every fault on request, or in memory and virtual time.',
      link: '/testing',
    },
    {
      title: 'One pure function',
      details: 'Every event goes through reduceSession. The diagram of its states is made from the code.',
      link: '/states',
    },
  ],
};
