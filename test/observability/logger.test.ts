import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  createLogger,
  errorFields,
  type LogFields,
  type LogLevel,
  type LogValue,
} from '../../src/observability/logger.ts';

/** What must never stand in a line as such: see printable.ts. */
const ACTIVE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const ATTACKS = [
  '\r\n{"level":"error","event":"forged"}',
  '\n',
  '\r',
  '\u001b[2J\u001b[31mred',
  '\u009b31m',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u202eesrever',
  '\u0000',
  '\u007f',
  '\ud800',
  '","level":"error","x":"',
  '\\u000a\\',
  '%s%j%o',
];

describe('a line', () => {
  test('is JSON with level, time, process, event and fields', () => {
    const [line = ''] = linesOf((logger) =>
      logger.warn('key_leaked', { key_id: 'k', count: 2, known: true, none: null }),
    );
    const { time, ...rest } = JSON.parse(line);
    expect(rest).toEqual({
      level: 'warn',
      pid: process.pid,
      event: 'key_leaked',
      key_id: 'k',
      count: 2,
      known: true,
      none: null,
    });
    expect(new Date(time).toISOString()).toBe(time);
  });

  test.each(['debug', 'info', 'warn', 'error'] as const)('of level %s or above is written, below not', (level) => {
    const levels = ['debug', 'info', 'warn', 'error'] as const;
    const lines = linesOf((logger) => {
      for (const each of levels) {
        logger[each]('event');
      }
    }, level);
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(levels.slice(levels.indexOf(level)));
  });

  test('W6: cannot be forged by CR, LF or ANSI in any field, name or event', () => {
    const rounds = 10_000;
    const given: { event: string; value: string }[] = [];
    const lines = linesOf((logger) => {
      for (let round = 0; round < rounds; round += 1) {
        const attack = ATTACKS[round % ATTACKS.length] ?? '';
        const noise = randomBytes(12).toString(round % 2 === 0 ? 'latin1' : 'utf8');
        const [event, value] = [`${noise}${attack}`, `${attack}${noise}${attack}`];
        given.push({ event, value });
        logger.info(event, { value, [`name${attack}`]: value, level: value, event: value, time: value, pid: value });
      }
    });
    expect(lines).toHaveLength(rounds);
    for (const [round, line] of lines.entries()) {
      if (ACTIVE.test(line)) {
        expect.fail(`round ${round}: ${JSON.stringify(line)}`);
      }
      const parsed = JSON.parse(line);
      // Values come through unharmed, and what the logger itself says is not theirs to say.
      expect(parsed).toMatchObject({ level: 'info', pid: process.pid, ...given[round] });
      expect(new Date(parsed.time).toISOString()).toBe(parsed.time);
      expect(line.match(/"level":/g)).toHaveLength(1);
    }
  });

  test('is bounded, whatever a stranger sent', () => {
    const [line = ''] = linesOf((logger) => logger.info('x'.repeat(100_000), { a: 'y'.repeat(100_000) }));
    expect(line.length).toBeLessThan(2_500);
  });

  test('never holds an object that got around the types', () => {
    const smuggled = {
      request: { headers: { authorization: 'hunter2' } },
      error: new Error('hunter2'),
      list: ['hunter2'],
      text: { toJSON: () => 'hunter2', toString: () => 'hunter2' },
      call: () => 'hunter2',
      big: 1n,
      symbol: Symbol('hunter2'),
      missing: undefined,
      __proto__: { inherited: 'hunter2' },
    } as unknown as Record<string, LogValue>;
    const [line = ''] = linesOf((logger) => logger.error('smuggled', smuggled));
    expect(line).not.toContain('hunter2');
    expect(JSON.parse(line)).toMatchObject({
      request: '(object)',
      error: '(object)',
      call: '(function)',
      big: '(bigint)',
    });
  });
});

describe('errorFields', () => {
  test('names the error, its code and its frames, never its message', () => {
    const error = Object.assign(new RangeError('hunter2'), { code: 'ERR_X' });
    const fields = errorFields(error);
    expect(fields).toMatchObject({ error: 'RangeError', error_code: 'ERR_X' });
    expect(fields.error_stack).toContain('logger.test.ts');
    expectNoSecret(fields);
  });

  test.each([
    [
      'several lines that look like frames',
      () => new Error('hunter2\n    at hunter2 (hunter2:1:1)\n    at hunter2:1:1'),
    ],
    ['no message but a cause', () => new Error('', { cause: new TypeError('hunter2') })],
    ['a reason', () => Object.assign(new Error('hunter2', { cause: new Error('hunter2') }), { reason: 'UNAVAILABLE' })],
    ['a parser that quotes', () => parseError('hunter2')],
    ['a message changed later', () => changed(new Error('hunter2\n    at hunter2:1:1'), 'x')],
    ['a message emptied later', () => changed(new Error('hunter2\n    at hunter2:1:1'), '')],
    ['a message changed to a part of it', () => changed(new Error('h\n    at hunter2:1:1'), 'h')],
    ['a name that holds text', () => Object.assign(new Error('x'), { name: 'Error: hunter2\nhunter2 ' })],
    ['a code that holds text', () => Object.assign(new Error('x'), { code: 'user hunter2' })],
    ['a stack that holds text', () => Object.assign(new Error('x'), { stack: 'hunter2\n    at hunter2' })],
    ['getters that throw', () => throwing()],
    ['a thrown text', () => 'hunter2'],
    ['a thrown object', () => ({ message: 'hunter2', code: 'E' })],
    ['nothing', () => undefined],
  ])('lets no secret through: %s', (_, makeError) => {
    const fields = errorFields(makeError());
    expectNoSecret(fields);
    expect(fields.error).toMatch(/^(\(\w+\)|\w+)$/);
  });

  test('tells the cause of an error of ours', () => {
    const cause = Object.assign(new Error('hunter2'), { name: 'SqliteError', code: 'SQLITE_FULL' });
    const error = Object.assign(new Error('Nothing was done.', { cause }), {
      name: 'AuthError',
      reason: 'UNAVAILABLE',
    });
    expect(errorFields(error)).toMatchObject({
      error: 'AuthError',
      error_reason: 'UNAVAILABLE',
      cause: 'SqliteError',
      cause_code: 'SQLITE_FULL',
    });
  });

  test('tells the SQLSTATE of an error of PostgreSQL', () => {
    const error = Object.assign(new Error('hunter2'), { code: '42P01' });
    expect(errorFields(error)).toMatchObject({ error: 'Error', error_code: '42P01' });
  });
});

function linesOf(work: (logger: ReturnType<typeof createLogger>) => void, level: LogLevel = 'info'): string[] {
  let text = '';
  work(
    createLogger({
      level,
      destination: {
        write(line) {
          text += line;
        },
      },
    }),
  );
  return text.split('\n').slice(0, -1);
}

function expectNoSecret(fields: LogFields): void {
  expect(JSON.stringify(fields)).not.toContain('hunter2');
}

function parseError(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

function changed(error: Error, message: string): Error {
  error.message = message;
  return error;
}

function throwing(): Error {
  const error = new Error('hunter2');
  for (const property of ['stack', 'name', 'code', 'message', 'cause']) {
    Object.defineProperty(error, property, {
      get() {
        throw new Error('hunter2');
      },
    });
  }
  return error;
}
