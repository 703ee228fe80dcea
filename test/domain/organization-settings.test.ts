import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import type { FieldViolation } from '../../src/domain/errors.ts';
import { faultOfTemplate } from '../../src/domain/organizations/link-template.ts';
import { faultOfMailTexts, parseMailTexts } from '../../src/domain/organizations/mail-texts.ts';
import { mergedSettings, settingsOf } from '../../src/domain/organizations/settings.ts';
import {
  readOrganizationUpdate,
  type UpdateOrganizationInput,
} from '../../src/domain/organizations/update-organization.ts';
import { NOBODY, outcomeOf } from './rules.ts';

const INPUT: UpdateOrganizationInput = {
  orgId: NOBODY,
  updateMask: [],
  name: '',
  verifyUrl: '',
  resetUrl: '',
  mailDelivery: '',
  mailFromName: '',
  mailReplyTo: '',
  mailTexts: '',
  requireVerifiedEmail: false,
  loginByEmail: false,
  secondFactor: '',
  sessionTtlSeconds: 0,
  locale: '',
  mailApproved: false,
};

describe('a template of links', () => {
  test.each([
    'https://app.example.com/reset?token={token}',
    'https://app.example.com/#/reset/{token}',
    'https://app.example.com:8443/authentication/{token}',
    'http://localhost:3000/{token}',
    'http://127.0.0.1:3000/{token}',
    'http://[::1]/?t={token}&lang=de',
  ])('may be %s', (template) => {
    expect(faultOfTemplate(template)).toBeNull();
  });

  test.each([
    'http://app.example.com/{token}',
    'http://127.0.0.1.example.com/{token}',
    'https://app.example.com/',
    'https://app.example.com/{token}{token}',
    'https://app.example.com:{token}/',
    'https://{token}/',
    'https://{token}@app.example.com/',
    'https://ada:x@app.example.com/{token}',
    'https://app.example.com/auth/verify-email?token={token}',
    'https://app.example.com/Auth?token={token}',
    'https://app.example.com/./auth/{token}',
    'https://app.example.com/%61%75th/{token}',
    'https://app.example.com\\auth\\{token}',
    'https://app.example.com//auth/{token}',
    '//app.example.com/{token}',
    'data:text/html,{token}',
    'https:app.example.com/{token}',
    'https:/app.example.com/{token}',
    'https:///app.example.com/{token}',
    'https:\\\\app.example.com/{token}',
    'https://app.example.com/ {token}',
    'https://äpp.example.com/{token}',
  ])('may not be %s', (template) => {
    expect(faultOfTemplate(template)).not.toBeNull();
  });
});

describe('texts of mails', () => {
  test('are read as they were written, and none are none', () => {
    const texts = {
      reset: { subject: 'A new password for {email}', text: 'Go to\n{link}' },
      invite: { subject: 'Hi' },
    };
    expect(parseMailTexts(JSON.stringify(texts))).toEqual(texts);
    expect(parseMailTexts('')).toEqual({});
  });

  test.each([
    ['"reset"', 'no object'],
    ['{"reset":null}', 'no mail'],
    ['{"__proto__":{"subject":"x"}}', 'a name of every object'],
    ['{"constructor":{"subject":"x"}}', 'another'],
    ['{"reset":{"subject":1}}', 'a number'],
    ['{"reset":{"subject":" "}}', 'a blank subject'],
    ['{"reset":{"text":"{link}\\u0000"}}', 'a control character'],
    ['{"reset":{"text":"{link} {fullname}"}}', 'a name in a mail to an address that nobody proved'],
    ['{"reset":{"subject":"{}"}}', 'an empty placeholder'],
    [JSON.stringify({ reset: { text: `{link}${'ä'.repeat(9_000)}` } }), 'too many bytes'],
  ])('may not be %s: %s', (text) => {
    expect(faultOfMailTexts(text)).not.toBeNull();
    expect(parseMailTexts(text)).toBeNull();
  });
});

describe('an update of settings', () => {
  test('reads what the mask names, and nothing else', () => {
    const input = { ...INPUT, updateMask: ['locale', 'session_ttl_seconds'], locale: 'es', verifyUrl: 'nonsense' };
    const read = {
      orgId: NOBODY,
      isForAdministrator: false,
      update: { settings: { locale: 'es' }, sessionTtlSeconds: null },
    };
    expect(readOrganizationUpdate(input)).toEqual(read);
  });

  test('clears what is named and empty', () => {
    const updateMask = ['verify_url', 'mail_delivery', 'mail_reply_to', 'mail_texts', 'locale', 'second_factor'];
    const { update } = readOrganizationUpdate({ ...INPUT, updateMask });
    const before = '{"locale":"de","mail_delivery":"backend","verify_url":"https://x.example/{token}"}';
    expect(mergedSettings(before, update.settings ?? {})).toBe('{}');
  });

  test('tells which of it is for the administrator alone', () => {
    for (const [name, isForAdministrator] of [
      ['locale', false],
      ['name', true],
      ['mail_approved', true],
    ] as const) {
      expect(readOrganizationUpdate({ ...INPUT, name: 'Acme', updateMask: [name] })).toMatchObject({
        isForAdministrator,
      });
    }
  });

  test('needs a mask of names that there are', async () => {
    const outcome = (updateMask: string[]) => outcomeOf(() => readOrganizationUpdate({ ...INPUT, updateMask }));
    expect(await outcome([])).toBe('INVALID_ARGUMENT update_mask');
    expect(await outcome(['locale', 'org_id'])).toBe('INVALID_ARGUMENT update_mask');
    expect(await outcome(['locale', 'locale'])).toBe('OK');
  });

  test.each([[[]], [['name', 'colour']]])('a mask of %j is told which names there are', (updateMask) => {
    const faults: FieldViolation[] = [];
    expect(() => readOrganizationUpdate({ ...INPUT, name: 'Acme', updateMask }, faults)).toThrow();
    expect(faults).toEqual([
      { field: 'update_mask', message: expect.stringMatching(/^must name .*: name, verify_url, .*, mail_approved$/) },
    ]);
  });

  test('takes the sessions’ time that AUTHFLOW_SESSION_TTL takes', async () => {
    const setting = SETTINGS.find(({ name }) => name === 'AUTHFLOW_SESSION_TTL');
    expect(setting?.range).toBe(`1s to ${34_560_000 / 86_400}d`);
    const outcome = (sessionTtlSeconds: number) =>
      outcomeOf(() => readOrganizationUpdate({ ...INPUT, updateMask: ['session_ttl_seconds'], sessionTtlSeconds }));
    for (const seconds of [0, 1, 34_560_000]) {
      expect(await outcome(seconds)).toBe('OK');
    }
    for (const seconds of [-1, 34_560_001, 0.5]) {
      expect(await outcome(seconds)).toBe('INVALID_ARGUMENT session_ttl_seconds');
    }
  });
});

test('settings of a row that has none are the defaults', () => {
  expect(settingsOf({ settings: '{}', sessionTtlSeconds: null, mailApproved: true })).toEqual({
    verifyUrl: '',
    resetUrl: '',
    mailDelivery: 'server',
    mailFromName: '',
    mailReplyTo: '',
    mailTexts: '',
    requireVerifiedEmail: false,
    loginByEmail: false,
    secondFactor: 'optional',
    locale: 'en',
    sessionTtlSeconds: 0,
    mailApproved: true,
  });
});
