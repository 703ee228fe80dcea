import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { SecondFactorService } from '#gen/authflow/v1/second_factor_service_pb.js';
import { frame } from '../../transport/grpc/test-server.ts';
import { type FactorScene, factorScene, Person } from '../authenticator.ts';
import { data, type Fields, headers, numbered, PREFACE, settings, TYPE } from './http2-frames.ts';

const CALLS = 64;
const STREAMS = Array.from({ length: CALLS }, (_, index) => 2 * index + 1);
const CANCEL = 8;

type Answer = { readonly challenge: string; readonly code: string };
type Port = 'http' | 'grpc';

/** Every stream's request in one packet. */
function requests(port: Port, answer: Answer): Buffer {
  const { input } = SecondFactorService.method.verifyTotp;
  const [path, type, body] =
    port === 'http'
      ? ['/auth/2fa/verify-2fa', 'application/json', Buffer.from(JSON.stringify(answer))]
      : [
          '/authflow.v1.SecondFactorService/VerifyTotp',
          'application/grpc',
          frame(toBinary(input, create(input, answer))),
        ];
  const fields: Fields = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'localhost'],
    ['content-type', type],
    ['te', 'trailers'],
  ];
  return Buffer.concat(STREAMS.flatMap((stream) => [headers(stream, fields), data(stream, body, { endStream: true })]));
}

const RESETS = Buffer.concat(STREAMS.map((stream) => numbered(TYPE.rstStream, stream, CANCEL)));

const LEAVING: Readonly<Record<string, (socket: Socket, packet: Buffer) => Promise<void>>> = {
  'takes them back in the packet that brought them': async (socket, packet) => {
    socket.write(Buffer.concat([packet, RESETS]));
  },
  'takes them back in the next packet': async (socket, packet) => {
    await new Promise((resolve) => socket.write(packet, resolve));
    socket.write(RESETS);
  },
  'takes them back once an answer comes': async (socket, packet) => {
    socket.write(packet);
    await once(socket, 'data');
    socket.write(RESETS);
  },
  'breaks the connection off': async (socket, packet) => {
    await new Promise((resolve) => socket.write(packet, resolve));
    socket.resetAndDestroy();
  },
};

/** What there is of a user. */
async function leftOf({ store }: FactorScene, userId: string) {
  const count = (table: string) => `(SELECT COUNT(*) FROM ${table} WHERE user_id = '${userId}')`;
  const [left] = await store.query<Record<'sessions' | 'challenges' | 'step' | 'wrong', number>>(
    `SELECT ${count('sessions')} AS sessions, ${count('login_challenges')} AS challenges, last_step AS step, wrong_codes AS wrong
     FROM second_factors WHERE user_id = '${userId}'`,
  );
  const { sessions, challenges, step, wrong } = left ?? { sessions: 0, challenges: 0, step: 0, wrong: 0 };
  return { sessions: Number(sessions), challenges: Number(challenges), step: Number(step), wrong: Number(wrong) };
}

test(`F2, W8: of ${CALLS} calls with one right code whose caller leaves one opens a session, or the code is good still`, async () => {
  const scene = await factorScene();
  const { httpAddress, grpcAddress } = scene.server;
  const addresses = { http: new URL(httpAddress), grpc: new URL(`http://${grpcAddress}`) };
  for (const port of ['http', 'grpc'] as const) {
    for (const [how, leave] of Object.entries(LEAVING)) {
      const ada = await (await new Person(scene, `ada-${randomUUID()}@example.com`).signUp()).enrol();
      const answer = { challenge: await ada.challenge(), code: ada.code() };
      const before = await leftOf(scene, ada.userId);
      const socket = connect(Number(addresses[port].port), addresses[port].hostname);
      socket.on('error', () => undefined);
      socket.write(Buffer.concat([PREFACE, settings()]));
      await once(socket, 'data');
      await leave(socket, requests(port, answer));
      // As the last of them.
      const { outcome } = await ada.call('2fa/verify-2fa', answer);
      expect(['OK', 'CHALLENGE_INVALID'], `${port}, ${how}`).toContain(outcome);
      const since = async () => {
        const { sessions, challenges, step, wrong } = await leftOf(scene, ada.userId);
        return { opened: sessions - before.sessions, challenges, isSpent: step > before.step, wrong };
      };
      const done = { opened: 1, challenges: 0, isSpent: true, wrong: 0 };
      await expect.poll(since, { message: `${port}, ${how}` }).toEqual(done);
      socket.destroy();
      expect((await ada.loginWithCode()).outcome).toBe('OK');
    }
  }
});
