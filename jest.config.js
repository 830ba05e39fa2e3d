/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['core', 'transports', 'adapters', 'testkit', 'examples'].map((room) => `<rootDir>/${room}`),
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: {
    // A process of its own cannot load TypeScript: what is forked comes from the build.
    '^\\./here\\.js$': '<rootDir>/testkit/simulator/dist/cjs/here.js',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  maxWorkers: 2,
};
