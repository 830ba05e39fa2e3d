// What both pages of the heap bench have: one camera for all cycles, one element, and a wait for frames.
export const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
document.body.append(video);

let opened = null;
export const camera = async () => {
  opened ??= navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 180, frameRate: 30 } });
  return opened;
};

export const framesIn = (element, frames) =>
  new Promise((resolve) => {
    let left = frames;
    const look = () => {
      left -= 1;
      if (left === 0) resolve();
      else element.requestVideoFrameCallback(look);
    };
    element.requestVideoFrameCallback(look);
  });
