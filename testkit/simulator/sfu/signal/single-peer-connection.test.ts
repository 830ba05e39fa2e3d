import { expect, test } from '@jest/globals';
import type { SignalResponse } from '@livekit/protocol';

import { plainOffer } from '../e2e/raw-client.js';
import type { Subscription } from '../room/subscription.js';
import type { MediaTransport } from '../transport/media-transport.js';
import { SinglePeerConnection } from './single-peer-connection.js';

const parameters = () => ({
  ufrag: 'u',
  password: 'p',
  fingerprint: { algorithm: 'sha-256', value: 'AB' },
  candidates: [],
});

/** A track to be received. */
const video = (name: string) =>
  ({
    publication: { source: { kind: 'video', codec: 'VP8' }, info: { sid: name } },
    sentStream: { ssrc: 7, cname: name, streamId: name, trackId: name },
    start: () => {},
    close: () => {},
  }) as unknown as Subscription;

/** `publishes`: called when the client's own track is offered, as a room does that echoes it. */
function connection(publishes: (to: SinglePeerConnection) => void = () => {}) {
  const sent: SignalResponse['message'][] = [];
  const transport = { applyRemote: () => {} } as unknown as MediaTransport;
  const single: SinglePeerConnection = new SinglePeerConnection(
    transport,
    parameters,
    {
      send: (message) => void sent.push(message),
      connected: () => {},
      closed: () => {},
      uplinksOffered: () => publishes(single),
      uplinkStopped: () => {},
      subscriptionStarted: () => {},
      dataReceived: () => {},
    },
    () => undefined,
  );
  return { single, kinds: () => sent.map((message) => message.case) };
}

test('asks for no other offer when the answer takes in all that is waiting', async () => {
  const echo = video('echo');
  const { single, kinds } = connection((to) => to.subscribe(echo));
  single.handleOffer({ sdp: plainOffer, id: 1 });
  await Promise.resolve();
  expect(kinds()).toEqual(['answer']);
});

test('asks for an offer while a track waits for a section', async () => {
  const { single, kinds } = connection();
  single.handleOffer({ sdp: plainOffer, id: 1 });
  single.subscribe(video('one'));
  single.subscribe(video('two'));
  await Promise.resolve();
  expect(kinds()).toEqual(['answer', 'mediaSectionsRequirement']);
  // It has one section to receive in.
  single.handleOffer({ sdp: plainOffer, id: 2 });
  await Promise.resolve();
  expect(kinds().slice(2)).toEqual(['answer', 'mediaSectionsRequirement']);
});

test('asks for an offer when a track is gone, so that its section is answered inactive', async () => {
  const track = video('one');
  const { single, kinds } = connection((to) => to.subscribe(track));
  single.handleOffer({ sdp: plainOffer, id: 1 });
  await Promise.resolve();
  single.unsubscribe(track);
  await Promise.resolve();
  expect(kinds()).toEqual(['answer', 'mediaSectionsRequirement']);
});
