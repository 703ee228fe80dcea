import type { Check, HttpPort } from '../check.ts';
import type { Fields } from '../entrance.ts';
import { authReply, formOf } from '../entrances/auth.ts';
import { demandOtherRefusal, demandRefusal, demandSuccess } from '../expectations.ts';
import { jsonObject } from '../http-client.ts';
import { demand, demandEqual } from '../mismatch.ts';
import type { World } from '../world.ts';
import { told } from './http-routes.ts';

const SECTION = '1 /auth bodies';
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const ANOTHER_KEY = `af_${'A'.repeat(43)}`;

/** Where parameters of `/auth` may stand, and in which form. */
export const PARAMETER_CHECKS: readonly Check<HttpPort>[] = [
  {
    section: SECTION,
    title: 'api_key in query and body is one when it is equal',
    async run({ http, world }) {
      const good = session(world);
      for (const { headers, body } of [json(good), form(good)]) {
        const path = `/auth/validate?api_key=${world.apiKey}`;
        demandSuccess('validate', authReply(await http.send({ method: 'POST', path, headers, body })));
      }
    },
  },
  {
    section: SECTION,
    title: 'api_key in query and body is 400 when it differs',
    async run({ http, world }) {
      const good = session(world);
      for (const { headers, body } of [json(good), form(good)]) {
        const path = `/auth/validate?api_key=${ANOTHER_KEY}`;
        const reply = authReply(await http.send({ method: 'POST', path, headers, body }));
        demandRefusal('validate', reply, 'INVALID_ARGUMENT', ['api_key']);
      }
    },
  },
  {
    section: SECTION,
    title: 'a POST takes parameters from query and body together',
    async run({ http, world }) {
      const { email, ...others } = session(world);
      const inQuery = `/auth/validate?${formOf({ email })}`;
      for (const { headers, body } of [json(others), form(others)]) {
        demandSuccess('validate', authReply(await http.send({ method: 'POST', path: inQuery, headers, body })));
      }
      const bare = await http.send({ method: 'POST', path: `/auth/validate?${formOf(session(world))}` });
      demandSuccess('validate with an empty body', authReply(bare));
    },
  },
  {
    section: SECTION,
    title: 'a repeated parameter or JSON key is 400',
    async run({ http, world }) {
      const email = formOf({ identity: world.ada.email });
      const twice = { method: 'GET', path: `/auth/fooBar?${email}&${email}` };
      demandRefusal('a query', authReply(await http.send(twice)), 'INVALID_ARGUMENT', ['identity']);
      const post = { method: 'POST', path: '/auth/fooBar' };
      const inForm = { ...post, headers: FORM_TYPE, body: `${email}&${email}` };
      demandRefusal('a form', authReply(await http.send(inForm)), 'INVALID_ARGUMENT', ['identity']);
      const member = `"identity":${JSON.stringify(world.ada.email)}`;
      const inJson = { ...post, headers: JSON_TYPE, body: `{${member},${member}}` };
      demandRefusal('a JSON body', authReply(await http.send(inJson)), 'INVALID_ARGUMENT');
    },
  },
  {
    section: SECTION,
    title: 'a JSON value of another type is 400, by name',
    async run({ http }) {
      for (const identity of [7, true, ['ada@example.com'], { a: 1 }]) {
        const reply = authReply(await http.send({ method: 'POST', path: '/auth/fooBar', ...json({ identity }) }));
        demandRefusal(`identity as ${JSON.stringify(identity)}`, reply, 'INVALID_ARGUMENT', ['identity']);
      }
    },
  },
  {
    section: SECTION,
    title: 'disclaimed is "true" or true; other text is no consent',
    async run({ http, world }) {
      const { email, password } = world.ada;
      const fields = { foobar: 'malformed', api_key: world.apiKey, email, password, fullname: 'Ada' };
      const signUp = async (disclaimed: unknown) =>
        authReply(await http.send({ method: 'POST', path: '/auth/signUp', ...json({ ...fields, disclaimed }) }));
      for (const consent of ['true', true]) {
        // The nonce comes after the disclaimer.
        demandRefusal(`disclaimed: ${JSON.stringify(consent)}`, await signUp(consent), 'NONCE_INVALID');
      }
      for (const refusal of ['TRUE', 'false', 'yes', '', false, null]) {
        demandRefusal(`disclaimed: ${JSON.stringify(refusal)}`, await signUp(refusal), 'DISCLAIMER_REQUIRED');
      }
      demandRefusal('disclaimed: 1', await signUp(1), 'INVALID_ARGUMENT', ['disclaimed']);
    },
  },
  {
    section: SECTION,
    title: 'a body that cannot be read is 400',
    async run({ http }) {
      for (const body of ['[]', '"x"', 'null', '{', '{}{}', Buffer.from('{"identity":"é"}', 'latin1')]) {
        const reply = authReply(await http.send({ method: 'POST', path: '/auth/fooBar', headers: JSON_TYPE, body }));
        demandRefusal(`the body ${typeof body === 'string' ? body : 'in Latin-1'}`, reply, 'INVALID_ARGUMENT');
      }
      for (const text of ['identity=%', 'identity=%c3%28']) {
        const query = authReply(await http.send({ method: 'GET', path: `/auth/fooBar?${text}` }));
        demandRefusal(`the query ${text}`, query, 'INVALID_ARGUMENT');
      }
    },
  },
  {
    section: '1 Content types',
    title: 'UTF-8 is a charset in any case or quotes, and other parameters are ignored',
    async run({ http, world }) {
      const body = {
        'application/json': JSON.stringify(session(world)),
        [FORM_TYPE['content-type']]: formOf(session(world)),
      };
      for (const [type, text] of Object.entries(body)) {
        for (const parameters of [
          '; charset=UTF-8',
          ';charset=utf8',
          '; Charset="utf-8"',
          '; x=y; charset=Utf8; z="a;b"',
        ]) {
          const headers = { 'content-type': type + parameters };
          const reply = await http.send({ method: 'POST', path: '/auth/validate', headers, body: text });
          demandSuccess(`${type}${parameters}`, authReply(reply));
        }
      }
    },
  },
  {
    section: '1 Content types',
    title: 'another charset is 415 and named',
    async run({ http }) {
      for (const charset of ['iso-8859-1', '"UTF-16"']) {
        const headers = { 'content-type': `application/json; charset=${charset}` };
        const reply = await http.send({ method: 'POST', path: '/auth/fooBar', headers, body: '{}' });
        demandEqual(charset, '415 UNSUPPORTED_MEDIA_TYPE', told(reply));
        const message = String(jsonObject(reply)?.message);
        demand(message.includes(charset.replaceAll('"', '')), `${charset}: named`, 'another sentence');
      }
    },
  },
  {
    section: '2 Errors',
    title: 'UNSUPPORTED_MEDIA_TYPE: neither JSON nor a form',
    async run({ http }) {
      for (const type of ['text/plain', 'multipart/form-data; boundary=x']) {
        const headers = { 'content-type': type };
        const reply = await http.send({ method: 'POST', path: '/auth/fooBar', headers, body: '{}' });
        demandEqual(type, '415 UNSUPPORTED_MEDIA_TYPE', told(reply));
      }
    },
  },
  {
    section: '2 Errors',
    title: 'PAYLOAD_TOO_LARGE: a body over 64 KiB',
    async run({ http }) {
      const { headers, body } = json({ identity: 'ada@example.com', role: 'x'.repeat(64 * 1024) });
      const reply = await http.send({ method: 'POST', path: '/auth/fooBar', headers, body });
      demandEqual('a body of 64 KiB and more', '413 PAYLOAD_TOO_LARGE', told(reply));
    },
  },
  {
    section: '1 Order of checks',
    title: 'HEAD spends no nonce',
    async run({ http, world }) {
      const email = world.newEmail();
      const fields = { foobar: await world.nonce(email), email, password: 'wrong', api_key: world.apiKey };
      const head = await http.send({ method: 'HEAD', path: `/auth/login?${formOf(fields)}` });
      demandEqual('HEAD', 405, head.status);
      const reply = authReply(await http.send({ method: 'POST', path: '/auth/login', ...json(fields) }));
      demandOtherRefusal('login with the same nonce', reply, 'NONCE_USED');
    },
  },
];

function session({ ada: { sessionToken, email }, apiKey }: World) {
  return { sessionToken, email, api_key: apiKey };
}

function json(fields: Fields) {
  return { headers: JSON_TYPE, body: JSON.stringify(fields) };
}

function form(fields: Fields) {
  return { headers: FORM_TYPE, body: formOf(fields) };
}
