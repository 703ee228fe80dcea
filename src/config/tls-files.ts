import { DEFINITIONS } from './definitions.ts';
import type { TlsSettings } from './settings.ts';
import { SettingsError, type SettingsFault } from './settings-error.ts';
import { certificateFile, InvalidValue, isKeyOf, type PemFile, privateKeyFile } from './values.ts';

/**
 * The TLS settings with their files read anew. Throws {@link SettingsError} for the first file that cannot be read or is
 * not what it should be, and for a key of another certificate, as while a pair is half replaced.
 */
export function readTlsFiles({ cert, key, clientCa }: TlsSettings): TlsSettings {
  const { tlsCert, tlsKey, tlsClientCa } = DEFINITIONS;
  const renewed = {
    cert: read(tlsCert.name, () => certificateFile(cert.path)),
    key: read(tlsKey.name, () => privateKeyFile(key.path)),
    clientCa: clientCa === null ? null : read(tlsClientCa.name, () => certificateFile(clientCa.path)),
  };
  if (!isKeyOf(renewed.key, renewed.cert)) {
    throw fault({ name: tlsKey.name, message: `is not the key of ${tlsCert.name}` });
  }
  return renewed;
}

function read(name: string, parse: () => PemFile): PemFile {
  try {
    return parse();
  } catch (error) {
    throw error instanceof InvalidValue ? fault({ name, message: error.message }) : error;
  }
}

function fault(one: SettingsFault): SettingsError {
  return new SettingsError([one]);
}
