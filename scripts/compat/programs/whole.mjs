// The simulator, its media and a session of `media.mjs`, in one process.
import { startSimulator } from 'decart-rx-simulator';

const simulator = await startSimulator();
const { baseUrl, httpBaseUrl, apiKey } = simulator;
Object.assign(process.env, {
  DECART_BASE_URL: baseUrl,
  DECART_HTTP_BASE_URL: httpBaseUrl,
  DECART_API_KEY: apiKey,
});
await import('./media.mjs');
await simulator.close();
