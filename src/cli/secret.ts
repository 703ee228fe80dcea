import { readSettings } from '../config/settings.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';

interface RotateOptions extends JsonOption {
  readonly compromised?: boolean;
}

/** `authflow secret …`. */
export const register: Register = (program, { env, output }) => {
  const secret = program.command('secret').description('rotate the secret that seals keys and signs nonces');

  secret
    .command('rotate')
    .description('seal the store under another secret beside running servers; sessions go on')
    .option('--compromised', 'accept nothing any more that was signed under the one before: all sessions end')
    .option(...JSON_OPTION)
    .action(async ({ compromised = false, json }: RotateOptions) => {
      const settings = readSettings(env);
      const { rotateSecret } = await import('../app/secret-rotation.ts');
      const report = await rotateSecret(settings, { compromised });
      const { secretId, previousSecretId, resealed, isChanged, files } = report;
      if (!isChanged && previousSecretId === null && Object.values(resealed).every((count) => count === 0)) {
        await output.notice(`Nothing to do: ${secretId} is in force.`);
      }
      await output.record(
        {
          secret_id: secretId,
          previous_secret_id: previousSecretId,
          resealed_signing_keys: resealed.signingKeys,
          resealed_mails: resealed.mails,
          resealed_second_factors: resealed.secondFactors,
          resealed_api_keys: resealed.apiKeys,
          ...(files === null ? {} : { secret_file: files.secret, previous_secret_file: files.previous }),
        },
        json,
      );
    });
};
