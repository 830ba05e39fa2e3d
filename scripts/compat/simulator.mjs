// A simulator for programs in other processes, from the project's own build.
import { startSimulator } from 'decart-rx-simulator';

/**
 * Runs `use` with the environment that the programs read.
 * @param {import('decart-rx-simulator').SimulatorOptions} options
 */
export async function withSimulator(options, use) {
  const simulator = await startSimulator({ control: true, ...options });
  const { baseUrl, httpBaseUrl, apiKey } = simulator;
  try {
    return await use(
      { DECART_BASE_URL: baseUrl, DECART_HTTP_BASE_URL: httpBaseUrl, DECART_API_KEY: apiKey },
      simulator,
    );
  } finally {
    await simulator.close();
  }
}
