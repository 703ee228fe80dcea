import { createServer, type Socket } from 'node:net';
import tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import type { Message } from '../../src/mail/message.ts';
import { type SmtpServer, SmtpTransport } from '../../src/mail/smtp-transport.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { startMailServer } from '../support/mail-server.ts';

const CREDENTIALS = { user: 'auth@flow', password: 'p@ss:w/rd' };
const MESSAGE: Message = {
  messageId: '<0198-1@example.com>',
  from: { name: 'Acme, Inc. "Best" <x@y>', address: 'no-reply@example.com' },
  to: 'ada@example.org',
  replyTo: 'help@example.com',
  subject: 'Grüße',
  text: 'Hello\n.\nEnd\n',
  html: '<p>Hello</p>',
};

test('a mail goes out by STARTTLS as who may send, and comes in as it was made', async () => {
  trustTestAuthority();
  const server = await startMailServer({ isTlsOffered: true, credentials: CREDENTIALS });
  const transport = transportTo({ port: server.port, tls: 'starttls', credentials: CREDENTIALS });
  await transport.send(MESSAGE, 10_000);
  expect(server.mails).toMatchObject([
    { from: 'no-reply@example.com', to: ['ada@example.org'], isSecure: true, user: CREDENTIALS.user },
  ]);
  const { parsed } = server.mails[0] ?? {};
  expect(parsed).toMatchObject({ messageId: MESSAGE.messageId, subject: 'Grüße', text: 'Hello\n.\nEnd\n' });
  expect(parsed?.from?.value).toEqual([{ name: MESSAGE.from.name, address: 'no-reply@example.com' }]);
  expect(parsed?.replyTo?.value).toEqual([{ name: '', address: 'help@example.com' }]);
  expect(parsed?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(parsed?.html).toContain('<p>Hello</p>');
});

test('by smtps TLS comes first', async () => {
  trustTestAuthority();
  const server = await startMailServer({ isTlsImplicit: true });
  await transportTo({ port: server.port, tls: 'implicit' }).send(MESSAGE, 10_000);
  expect(server.mails).toMatchObject([{ isSecure: true }]);
});

test('a server that offers no TLS, or whose certificate proves nothing, is told neither a password nor a mail', async () => {
  const plain = await startMailServer({ credentials: CREDENTIALS });
  const starttls = { tls: 'starttls', credentials: CREDENTIALS } as const;
  await expect(transportTo({ ...starttls, port: plain.port }).send(MESSAGE, 10_000)).rejects.toMatchObject({
    refused: 'server',
  });
  // Nobody trusts the authority of the tests by default.
  const foreign = await startMailServer({ isTlsOffered: true, credentials: CREDENTIALS });
  await expect(transportTo({ ...starttls, port: foreign.port }).send(MESSAGE, 10_000)).rejects.toMatchObject({
    refused: 'server',
  });
  expect([...plain.mails, ...foreign.mails]).toEqual([]);
});

test.each([
  { reply: 550, refused: 'message' },
  { reply: 451, refused: 'later' },
])(
  'a recipient that is answered by $reply is refused, and the code is all that is told: $refused',
  async ({ reply, refused }) => {
    const server = await startMailServer({ replyTo: () => reply });
    const sending = transportTo({ port: server.port }).send(MESSAGE, 10_000);
    await expect(sending).rejects.toMatchObject({ fault: String(reply), refused });
    await expect(sending).rejects.not.toMatchObject({ message: expect.stringContaining('ada@example.org') });
  },
);

test('a wrong password is the server’s refusal of all mails', async () => {
  const server = await startMailServer({ credentials: CREDENTIALS });
  const transport = transportTo({ port: server.port, credentials: { ...CREDENTIALS, password: 'wrong' } });
  await expect(transport.send(MESSAGE, 10_000)).rejects.toMatchObject({ fault: '535', refused: 'server' });
});

test('a server that refuses connections, or never speaks, or stalls within a mail is given up in time', async () => {
  const closed = await startMailServer();
  await closed.close();
  await expect(transportTo({ port: closed.port }).send(MESSAGE, 10_000)).rejects.toMatchObject({
    fault: 'ECONNREFUSED',
    refused: 'server',
  });
  const silent = await rawServer(() => undefined);
  await expect(transportTo({ port: silent }).send(MESSAGE, 200)).rejects.toMatchObject({ refused: 'server' });
  const stalling = await startMailServer({ beforeTaking: () => new Promise(() => undefined) });
  await expect(transportTo({ port: stalling.port }).send(MESSAGE, 200)).rejects.toMatchObject({ refused: 'server' });
  // A byte now and then is no answer either.
  const trickling = await rawServer((socket) => {
    const timer = setInterval(() => socket.write('2'), 20);
    socket.on('close', () => clearInterval(timer));
  });
  await expect(transportTo({ port: trickling }).send(MESSAGE, 200)).rejects.toMatchObject({ refused: 'server' });
});

function transportTo(server: Partial<SmtpServer> & { readonly port: number }): SmtpTransport {
  const transport = new SmtpTransport({ host: 'localhost', tls: 'none', credentials: null, ...server }, 2);
  onTestFinished(() => transport.close());
  return transport;
}

function trustTestAuthority(): void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, CERTIFICATES.ca]);
  onTestFinished(() => tls.setDefaultCACertificates(before));
}

async function rawServer(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    serve(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
