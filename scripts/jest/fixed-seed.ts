// The same random inputs on every machine, so that a run says something of the change alone. Others: FC_SEED=<any number>.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20261126) });
