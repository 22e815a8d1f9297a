import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boxId } from './seal.ts';
import { RecordsUnavailable } from './trouble.ts';

/** Who this box is, by its own Ed25519 key. */
export interface Identity {
  readonly box: string;
  /** Base64 of the key's DER (SPKI), as the genesis entry holds it. */
  readonly publicKey: string;
  sign(octets: Uint8Array): Uint8Array;
}

const KEY_FILE = 'box.key';

/**
 * Reads `box.key` of the data folder, or makes it when `begun` says that no ledger was signed with it yet.
 * @throws RecordsUnavailable when the key is gone or unreadable: nothing could be signed in this box's name.
 */
export function loadIdentity(folder: string, begun: boolean): Identity {
  const path = join(folder, KEY_FILE);
  const pem = readIfThere(path);
  if (pem === undefined && begun) {
    throw new RecordsUnavailable(
      `${path}: wanted the key that the ledger was begun with, got no file`,
      'other',
    );
  }
  return identityOf(pem === undefined ? makeKey(folder, path) : readKey(path, pem));
}

function identityOf(key: KeyObject): Identity {
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
  return { box: boxId(publicKey), publicKey, sign: (octets) => sign(null, octets, key) };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new RecordsUnavailable(
      `${path}: cannot be read (${(error as Error).message})`,
      'unreachable',
      error,
    );
  }
}

function readKey(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`got a key of type ${key.asymmetricKeyType}`);
    return key;
  } catch (error) {
    const got = (error as Error).message;
    throw new RecordsUnavailable(`${path}: wanted an Ed25519 private key in PEM (${got})`, 'corrupt', error);
  }
}

function makeKey(folder: string, path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  const temporary = `${path}.new`;
  try {
    writeFileSync(temporary, privateKey.export({ format: 'pem', type: 'pkcs8' }), {
      mode: 0o600,
      flush: true,
    });
    renameSync(temporary, path);
    const directory = openSync(folder, 'r');
    fsyncSync(directory);
    closeSync(directory);
  } catch (error) {
    const why = (error as Error).message;
    throw new RecordsUnavailable(`${path}: cannot be written (${why})`, 'unreachable', error);
  }
  return privateKey;
}
