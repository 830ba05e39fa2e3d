import { Observable } from 'rxjs';
import type { GatheredCandidate } from '../../core/ports/network.js';

/** Gathers candidates with a temporary peer connection, which never connects. */
export function gather(stunUrls: readonly string[]): Observable<GatheredCandidate> {
  return new Observable((subscriber) => {
    // Switched off in some managed browsers: then there are no candidates, as far as media goes.
    if (typeof RTCPeerConnection === 'undefined') return subscriber.complete();
    const startMs = performance.now();
    const peer = new RTCPeerConnection({ iceServers: [{ urls: [...stunUrls] }] });
    peer.onicecandidate = ({ candidate }) => {
      if (candidate === null) return subscriber.complete();
      const candidateType = candidate.type ?? / typ (\w+)/.exec(candidate.candidate)?.[1];
      if (candidateType) subscriber.next({ candidateType, elapsedMs: performance.now() - startMs });
    };
    // Without anything to negotiate nothing is gathered.
    peer.createDataChannel('preflight');
    peer
      .createOffer()
      .then((offer) => peer.setLocalDescription(offer))
      // What cannot be offered cannot be gathered for; it is closed by now, or has no network at all.
      .catch(() => subscriber.complete());
    return () => {
      peer.onicecandidate = null;
      peer.close();
    };
  });
}
