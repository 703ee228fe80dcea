import { createServer, type Server, type Socket } from 'node:net';

const HEADER_BYTES = 5;

/** What speaks PostgreSQL's protocol so far that it lets anybody in and answers `SHOW`, with the version that is given. */
export function olderServer(versionNumber: string): Server {
  return serverThatAnswers((socket, sql) => {
    const name = sql.replace('SHOW ', '');
    socket.write(answer(name, name === 'server_version_num' ? versionNumber : 'off'));
  });
}

/** One that lets anybody in and then closes each connection for a reason that nothing is known of. */
export function dyingServer(): Server {
  return serverThatAnswers((socket) =>
    socket.end(message('E', Buffer.from('SFATAL\0VFATAL\0CXX999\0Mthe reason of another program\0\0'))),
  );
}

function serverThatAnswers(answerQuery: (socket: Socket, sql: string) => void): Server {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    let isIn = false;
    socket.on('data', (bytes) => {
      if (!isIn) {
        isIn = true;
        socket.write(Buffer.concat([message('R', int32(0)), READY]));
        return;
      }
      for (let at = 0; at + HEADER_BYTES <= bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
        if (bytes[at] === 'Q'.charCodeAt(0)) {
          answerQuery(socket, bytes.toString('utf8', at + HEADER_BYTES, at + bytes.readInt32BE(at + 1)));
        }
      }
    });
  });
}

const READY = message('Z', Buffer.from('I'));

/** One row with one column of text. */
function answer(name: string, value: string): Buffer {
  const text = 25;
  const column = Buffer.concat([
    Buffer.from(`${name}\0`),
    int32(0),
    int16(0),
    int32(text),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
  return Buffer.concat([
    message('T', Buffer.concat([int16(1), column])),
    message('D', Buffer.concat([int16(1), int32(value.length), Buffer.from(value)])),
    message('C', Buffer.from('SHOW\0')),
    READY,
  ]);
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
