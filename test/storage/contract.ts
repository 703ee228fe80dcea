import { describe } from 'vitest';
import { accountContract } from './contract/accounts.ts';
import { apiKeyContract } from './contract/api-keys.ts';
import { auditContract } from './contract/audit.ts';
import { factorRaceContract } from './contract/factor-races.ts';
import { generationContract } from './contract/generations.ts';
import type { StorageHarness } from './contract/harness.ts';
import { loginChallengeContract } from './contract/login-challenges.ts';
import { mailTokenContract } from './contract/mail-tokens.ts';
import { mailContract } from './contract/mails.ts';
import { managedUserContract } from './contract/managed-users.ts';
import { organizationContract } from './contract/organizations.ts';
import { ownSessionContract } from './contract/own-sessions.ts';
import { raceContract } from './contract/races.ts';
import { secondFactorContract } from './contract/second-factors.ts';
import { secretContract } from './contract/secret.ts';
import { sessionContract } from './contract/sessions.ts';
import { signingKeyContract } from './contract/signing-keys.ts';
import { storeContract } from './contract/store.ts';
import { triesContract } from './contract/tries.ts';
import { userContract } from './contract/users.ts';

/** The acceptance suite of the `Storage` interface: an adapter exists when it passes. */
export function describeStorageContract(engine: string, harness: StorageHarness): void {
  describe(`storage contract on ${engine}`, () => {
    storeContract(harness);
    organizationContract(harness);
    apiKeyContract(harness);
    accountContract(harness);
    mailTokenContract(harness);
    sessionContract(harness);
    ownSessionContract(harness);
    generationContract(harness);
    userContract(harness);
    managedUserContract(harness);
    signingKeyContract(harness);
    triesContract(harness);
    mailContract(harness);
    secretContract(harness);
    secondFactorContract(harness);
    loginChallengeContract(harness);
    factorRaceContract(harness);
    raceContract(harness);
    auditContract(harness);
  });
}
