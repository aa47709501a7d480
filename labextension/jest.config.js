const base = require('@jupyterlab/testing/lib/jest-config');

// Packages that ship ES modules only: Jest has to translate them, and all others it should not.
const esModules = [
  '@codemirror',
  '@jupyter',
  '@jupyterlab',
  '@lezer',
  '@marijn',
  '@microsoft',
  '@rjsf',
  'color',
  'crelt',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'style-mod',
  'vscode-ws-jsonrpc',
  'w3c-keyname',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const settings = base(__dirname);
delete settings.reporters;
delete settings.coverageReporters;

module.exports = {
  ...settings,
  automock: false,
  coverageDirectory: '../.artifacts/coverage-ts',
  collectCoverageFrom: [
    'src/**/*.{ts,tsx}',
    '!src/**/*.d.ts',
    '!src/api/schema.ts'
  ],
  // The base ignores any path with /lib/ in it, so that the clone must not lie below one.
  testPathIgnorePatterns: ['<rootDir>/lib/', '/node_modules/'],
  testRegex: '/__tests__/.*\\.spec\\.tsx?$',
  transformIgnorePatterns: [`/node_modules/(?!(${esModules}))`]
};
