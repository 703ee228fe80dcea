import type { Settings } from '../config/settings.ts';
import type { Diagnosis } from './diagnosis.ts';

/** What every session token holds by default, and what to do about it, for whoever has not chosen. */
export const KEY_IN_TOKENS = {
  meaning: 'every session token holds the API key of its organization',
  remedy: 'AUTHFLOW_API_KEY_CLAIM=id before tokens leave your backends, AUTHFLOW_API_KEY_CLAIM=key if they never do',
} as const;

/** What tokens hold of keys. No fault either way: where tokens go the server cannot know. */
export function checkApiKeyClaim({ apiKeyClaim, isApiKeyClaimChosen }: Settings): Diagnosis {
  const check = 'API key in tokens';
  if (!isApiKeyClaimChosen) {
    return { check, ok: true, detail: `${KEY_IN_TOKENS.meaning}; set ${KEY_IN_TOKENS.remedy}` };
  }
  const detail = apiKeyClaim === 'id' ? 'tokens hold its public id alone' : `${KEY_IN_TOKENS.meaning}, as was chosen`;
  return { check, ok: true, detail };
}
