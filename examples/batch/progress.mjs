const WIDTH = 24;

const bar = (part) => '█'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '░');

const textOf = (event) => {
  if (event.status !== 'uploading') return event.status;
  const part = event.bytesTotal ? event.bytesSent / event.bytesTotal : 0;
  return `${bar(part)} ${Math.floor(part * 100)} %`;
};

/** One line for each clip: redrawn in place in a terminal, a line for each change elsewhere. */
export function createProgress(clips, output = process.stdout) {
  const lines = new Map(clips.map((clip) => [clip, 'waiting']));
  const width = Math.max(0, ...clips.map(({ length }) => length));
  let drawn = 0;

  const draw = () => {
    const text = [...lines].map(([clip, line]) => `\x1b[2K${clip.padEnd(width)}  ${line}\n`).join('');
    output.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${text}`);
    drawn = lines.size;
  };
  const set = (clip, line, isWorthALine) => {
    lines.set(clip, line);
    if (output.isTTY) draw();
    else if (isWorthALine) output.write(`${clip.padEnd(width)}  ${line}\n`);
  };
  return {
    show: (clip, event) => {
      const isWhole = event.status !== 'uploading' || event.bytesSent === event.bytesTotal;
      set(clip, textOf(event), isWhole);
    },
    fail: (clip, message) => set(clip, `failed: ${message}`, true),
    end: () => {
      if (output.isTTY) draw();
    },
  };
}
