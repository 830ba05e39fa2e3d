import { createDecartClient } from 'decart-rx/node';

export async function POST() {
  const client = createDecartClient({
    apiKey: process.env.DECART_API_KEY,
    httpBaseUrl: process.env.DECART_HTTP_BASE_URL,
  });
  return Response.json(await client.tokens.create({ expiresIn: 60 }));
}
