// Client tokens in their signed form, which a server can verify without asking the service.
import { generateKeyPairSync, sign } from 'node:crypto';

/** The service's own names: an app that verifies its tokens needs another address of the keys, and nothing else. */
const PLATFORM = 'https://platform.decart.ai';
const KEY_ID = 'simulator';

export interface TokenSigner {
  /** A JWT with these claims, signed with Ed25519, in the platform's name. */
  sign(claims: Readonly<Record<string, unknown>>): string;
  /** The public key, as a JSON Web Key Set. */
  readonly keySet: { readonly keys: readonly object[] };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signer with a key of its own, which lasts as long as the simulator. */
export function createTokenSigner(): TokenSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const header = encode({ alg: 'EdDSA', typ: 'JWT', kid: KEY_ID });
  return {
    sign: (claims) => {
      const signed = `${header}.${encode({ iss: PLATFORM, aud: PLATFORM, ...claims })}`;
      return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
    },
    keySet: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'EdDSA', use: 'sig' }] },
  };
}
