import http from 'node:http';
import https from 'node:https';

const MAX_REDIRECTS = 20;

/**
 * The answer to a GET without headers of ours, redirects followed, its body unread. Not by `fetch`, which copies a body
 * chunk by chunk on its way: of a large video that makes more garbage than is collected in time.
 * Rejects when there is no answer. The caller reads the response or destroys it.
 */
export async function getStream(url: string, signal: AbortSignal): Promise<http.IncomingMessage> {
  let place = new URL(url);
  for (let redirects = 0; ; redirects++) {
    const answer = await get(place, signal);
    const { statusCode = 0, headers } = answer;
    if (statusCode < 300 || statusCode > 399 || headers.location === undefined || redirects === MAX_REDIRECTS) {
      return answer;
    }
    answer.destroy();
    place = new URL(headers.location, place);
  }
}

const get = (url: URL, signal: AbortSignal): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { get } = url.protocol === 'https:' ? https : http;
    // Bytes as they are: nothing here would unpack them.
    const options = { signal, agent: false, headers: { 'Accept-Encoding': 'identity' } } as const;
    get(url, options, resolve).on('error', reject);
  });
