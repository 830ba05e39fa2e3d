// jest compiles each module for each test file that loads it, its own as well. Here each is compiled once in a process,
// and run for each file.
const vm = require('node:vm');

const { compileFunction } = vm;
/** By file. */
const compiled = new Map();

vm.compileFunction = (source, params, options) => {
  const { filename, parsingContext } = options;
  if (!parsingContext || filename.endsWith('.test.ts')) return compileFunction(source, params, options);
  const head = `(function (${params.join()}) {`;
  let known = compiled.get(filename);
  if (known?.source !== source || known.head !== head) {
    const script = new vm.Script(`${head}${source}\n})`, { filename, columnOffset: -head.length });
    known = { source, head, script };
    compiled.set(filename, known);
  }
  return known.script.runInContext(parsingContext);
};

module.exports = require('jest-runtime');
