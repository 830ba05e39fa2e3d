// Bundles page.mjs for a browser, or media.mjs for Node. Usage: node build-with-webpack.mjs web|node
import webpack from 'webpack';

const forNode = process.argv[2] === 'node';
const configuration = {
  mode: 'production',
  // livekit-client is larger than webpack likes a file to be.
  performance: { hints: false },
  target: forNode ? 'node20' : 'web',
  entry: forNode ? { media: './media.mjs' } : { page: './page.mjs' },
  experiments: { outputModule: true },
  output: { module: true, filename: forNode ? '[name].mjs' : '[name].js', chunkFormat: 'module' },
};
webpack(configuration, (error, stats) => {
  const problems = [...(stats?.toJson().errors ?? []), ...(stats?.toJson().warnings ?? [])].map(
    ({ message }) => message,
  );
  // ws asks for two packages that speed it up and may be missing.
  const others = problems.filter((message) => !/resolve '(bufferutil|utf-8-validate)'/.test(message));
  if (error === null && others.length === 0) return;
  console.error(error ?? others.join('\n\n'));
  process.exitCode = 1;
});
