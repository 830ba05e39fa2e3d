// `rxjs/testing` out of rxjs's one-file build: see jest.config.js.
module.exports = require('rxjs').testing;
