"""The service's peer connection, by aiortc: lines of JSON come in and go out.

In: {"offer": sdp}, once. Out: {"answer": sdp}, then {"state": …} and {"frames": n, "width": w, "height": h} as they come.
It sends a moving picture of its own and ends with its input.
"""

import asyncio
import json
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from av import VideoFrame


def report(**message):
    print(json.dumps(message), flush=True)


class MovingPicture(VideoStreamTrack):
    """320 by 180: a bright bar that moves to the right, over red."""

    def __init__(self):
        super().__init__()
        self.count = 0

    async def recv(self):
        timestamp, time_base = await self.next_timestamp()
        start = self.count * 4 % 300
        self.count += 1
        row = bytes([235 if start <= column < start + 20 else 80 for column in range(320)])
        frame = VideoFrame(320, 180, "yuv420p")
        for plane, data in zip(frame.planes, (row * 180, bytes([90]) * 160 * 90, bytes([240]) * 160 * 90)):
            plane.update(data)
        frame.pts, frame.time_base = timestamp, time_base
        return frame


async def count_frames(track):
    frames = 0
    while True:
        frame = await track.recv()
        frames += 1
        report(frames=frames, width=frame.width, height=frame.height)


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    peer = RTCPeerConnection()
    counting = []

    @peer.on("connectionstatechange")
    def state_changed():
        report(state=peer.connectionState)

    @peer.on("track")
    def track_came(track):
        if track.kind == "video":
            counting.append(asyncio.ensure_future(count_frames(track)))

    offer = json.loads(await reader.readline())["offer"]
    await peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
    peer.addTrack(MovingPicture())
    await peer.setLocalDescription(await peer.createAnswer())
    report(answer=peer.localDescription.sdp)
    await reader.read()
    for task in counting:
        task.cancel()
    await peer.close()


asyncio.run(main())
