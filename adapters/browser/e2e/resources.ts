/** Counts what a page has open: sockets, peer connections, captured tracks. */
export class Resources {
  readonly sockets = new Set<WebSocket>();
  readonly peers = new Set<RTCPeerConnection>();
  readonly captured: MediaStreamTrack[] = [];

  constructor() {
    const { sockets, peers, captured } = this;
    globalThis.WebSocket = new Proxy(WebSocket, {
      construct(Target, args: ConstructorParameters<typeof WebSocket>) {
        const socket = new Target(...args);
        sockets.add(socket);
        return socket;
      },
    });
    globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
      construct(Target, args: ConstructorParameters<typeof RTCPeerConnection>) {
        const peer = new Target(...args);
        peers.add(peer);
        return peer;
      },
    });
    const { mediaDevices } = navigator;
    const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      captured.push(...stream.getTracks());
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
}

/** To be imported before what is counted: some modules keep the constructors that they find when they are loaded. */
export const resources = new Resources();
