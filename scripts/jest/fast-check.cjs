// fast-check, for the tests that import it, with the same random inputs on every machine, so that a run says something of
// the change alone. Others: FC_SEED=<any number>.
const fc = require('../../node_modules/fast-check/lib/cjs/fast-check.js');

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20261126) });
module.exports = fc;
