// A server that hands out client tokens: short-lived keys that a web page may hold, for your pages and models only.
// The permanent key stays here.
//
//   DECART_API_KEY=… ORIGINS=https://app.example.com MODELS=lucy-2.1 PORT=3001 node examples/token-server/main.mjs
//
// In the page:  createDecartClient({ apiKey: ephemeralKey('https://tokens.example.com/token', { method: 'POST' }) })
import { createServer } from 'node:http';
import { createDecartClient } from 'decart-rx/node';

const {
  DECART_API_KEY = '',
  DECART_HTTP_BASE_URL,
  ORIGINS = 'http://localhost:5173',
  MODELS,
  PORT = '3001',
} = process.env;
const allowedOrigins = ORIGINS.split(',');
const limits = { expiresIn: 60, allowedOrigins, ...(MODELS && { allowedModels: MODELS.split(',') }) };
const client = createDecartClient({
  apiKey: DECART_API_KEY,
  ...(DECART_HTTP_BASE_URL && { httpBaseUrl: DECART_HTTP_BASE_URL }),
});

const server = createServer(async (request, response) => {
  const { origin } = request.headers;
  if (!allowedOrigins.includes(origin)) return response.writeHead(403).end();
  response.setHeader('Access-Control-Allow-Origin', origin).setHeader('Vary', 'Origin');
  if (request.method !== 'POST' || request.url !== '/token') return response.writeHead(404).end();
  // Here is the place to ask who this is: whoever gets a token spends your credits.
  try {
    const { apiKey, expiresAt } = await client.tokens.create(limits);
    response.setHeader('Content-Type', 'application/json').setHeader('Cache-Control', 'no-store');
    response.end(JSON.stringify({ apiKey, expiresAt }));
  } catch (error) {
    console.error(`No token: ${error.code} ${error.message}`);
    response.writeHead(502).end();
  }
});

server.listen(Number(PORT), '127.0.0.1', () =>
  console.log(`Tokens at http://127.0.0.1:${server.address().port}/token`),
);
process.once('SIGTERM', () => server.close(() => client.release()));
