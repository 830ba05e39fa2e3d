/** Counts what a page has open: sockets, peer connections, captured tracks. */
export class Resources {
  readonly sockets = new Set<WebSocket>();
  readonly peers = new Set<RTCPeerConnection>();
  readonly captured: MediaStreamTrack[] = [];
  /** Called with each step of a connect as it happens: `camera.asked`, `signaling.opened`, `peer.connected` … */
  onStep: (step: string) => void = () => undefined;

  constructor() {
    const { sockets, peers, captured } = this;
    const step = (name: string): void => this.onStep(name);
    globalThis.WebSocket = new Proxy(WebSocket, {
      construct(Target, args: ConstructorParameters<typeof WebSocket>) {
        const socket = new Target(...args);
        const name = String(args[0]).includes('/rtc') ? 'media' : 'signaling';
        sockets.add(socket);
        step(`${name}.opening`);
        socket.addEventListener('open', () => step(`${name}.opened`));
        socket.addEventListener('message', () => step(`${name}.answered`));
        return socket;
      },
    });
    globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
      construct(Target, args: ConstructorParameters<typeof RTCPeerConnection>) {
        const peer = new Target(...args);
        peers.add(peer);
        step('peer.made');
        peer.addEventListener('signalingstatechange', () => step(`peer.${peer.signalingState}`));
        peer.addEventListener('connectionstatechange', () => step(`peer.${peer.connectionState}`));
        peer.addEventListener('track', () => step('track.received'));
        return peer;
      },
    });
    const { mediaDevices } = navigator;
    const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      step('camera.asked');
      const stream = await getUserMedia(constraints);
      captured.push(...stream.getTracks());
      step('camera.opened');
      return stream;
    };
  }

  /** What is open now. */
  open(): { sockets: number; peers: number; tracks: number } {
    return {
      sockets: [...this.sockets].filter(({ readyState }) => readyState <= WebSocket.OPEN).length,
      peers: [...this.peers].filter(({ connectionState }) => connectionState !== 'closed').length,
      tracks: this.captured.filter(({ readyState }) => readyState === 'live').length,
    };
  }

  /**
   * Resolves once nothing is open, with what is open then. What is still being opened when a call ends (a socket that
   * connects, a camera) is given back when it arrives, not before.
   */
  async freed(): Promise<{ sockets: number; peers: number; tracks: number }> {
    while (Object.values(this.open()).some((count) => count > 0)) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return this.open();
  }
}

/** To be imported before what is counted: some modules keep the constructors that they find when they are loaded. */
export const resources = new Resources();
