import type { DecartClientConfig } from './compose-client.js';

const fields: Readonly<Record<keyof DecartClientConfig, true>> = {
  apiKey: true,
  baseUrl: true,
  httpBaseUrl: true,
  allowInsecure: true,
  logger: true,
  logLevel: true,
  modelPrices: true,
  scheduler: true,
  maxFrameLength: true,
};

/** What every platform's client takes: a misspelled option is refused, not ignored. */
export const clientFields: readonly string[] = Object.keys(fields);
