// What is changed in the service's answer before it is used.

/** Kilobits per second that the encoder starts with at most, instead of creeping up from 300. */
const highestStartKbps = 2_000;

/** Repair and redundancy: they carry no picture of their own. */
const repair = /^(rtx|red|ulpfec|flexfec.*)$/i;

/**
 * Sets the encoder's start and maximum bitrate (bits per second). It counts in the remote description, not in the
 * local one. A value from the service is kept.
 */
export function withBitrates(answer: string, maxBitrate: number): string {
  const maxKbps = Math.round(maxBitrate / 1_000);
  const hint = `x-google-start-bitrate=${Math.min(highestStartKbps, maxKbps)};x-google-max-bitrate=${maxKbps}`;
  return answer
    .split(/(?=^m=)/m)
    .map((section) => (isReceivedVideo(section) ? hinted(section, hint) : section))
    .join('');
}

/** Video that the service receives. */
function isReceivedVideo(section: string): boolean {
  return section.startsWith('m=video') && !/^a=(sendonly|inactive)\r?$/m.test(section);
}

function hinted(section: string, hint: string): string {
  const lines = section.split('\r\n');
  const parametersOf = (payload: string): number => lines.findIndex((line) => line.startsWith(`a=fmtp:${payload} `));
  for (const [, payload = '', codec = ''] of section.matchAll(/^a=rtpmap:(\d+) ([^/\r\n]+)/gm)) {
    if (repair.test(codec)) continue;
    const at = parametersOf(payload);
    if (at < 0)
      lines.splice(
        lines.findIndex((line) => line.startsWith(`a=rtpmap:${payload} `)) + 1,
        0,
        `a=fmtp:${payload} ${hint}`,
      );
    else if (!lines[at]?.includes('x-google-')) lines[at] += `;${hint}`;
  }
  return lines.join('\r\n');
}
