import { type DescMessage, type MessageShape, ScalarType } from '@bufbuild/protobuf';
import type { FieldViolation } from '../domain/errors.ts';
import { type HeaderReader, readApiKey, readSessionToken } from './credentials.ts';

/**
 * The first look at a request: its text, and the credentials that its headers hold as if they were fields of it. What is
 * wrong is added to `faults`. A field that is not well-formed Unicode, as JSON's escapes allow it, is read as missing, so
 * that the rules do not tell of it again. The message that was sent stays as it is.
 */
export type TextReader<S extends DescMessage> = (
  message: MessageShape<S>,
  header: HeaderReader,
  faults: FieldViolation[],
) => MessageShape<S>;

/** What a backend passes on of a person's program, whose word fails no call (docs/contract.md, section 1). */
const HINTS: ReadonlySet<string> = new Set(['clientIp', 'userAgent']);

/** What the session token of a message is to its call: who calls, or a hint whose fault fails nothing and is as none. */
export type SessionUse = 'credential' | 'hint';

/** The reader of a message's text, with its descriptor read once. */
export function textReader<S extends DescMessage>(schema: S, session: SessionUse): TextReader<S> {
  const texts = schema.fields.filter((field) => field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING);
  const names = texts.map(({ localName, jsonName }) => ({ localName, jsonName }));
  const lists = schema.fields.filter((field) => field.fieldKind === 'list' && field.scalar === ScalarType.STRING);
  const takesSession = names.some(({ localName }) => localName === 'sessionToken');
  const takesKey = names.some(({ localName }) => localName === 'apiKey');
  return (message, header, faults) => {
    let fields: Readonly<Record<string, unknown>> = message;
    for (const { localName, jsonName } of names) {
      const text = fields[localName];
      if (typeof text === 'string' && !text.isWellFormed()) {
        if (!HINTS.has(localName)) {
          faults.push({ field: jsonName, message: 'must be well-formed Unicode text' });
        }
        fields = { ...fields, [localName]: '' };
      }
    }
    for (const { localName, jsonName } of lists) {
      if (!(fields[localName] as readonly string[]).every((text) => text.isWellFormed())) {
        faults.push({ field: jsonName, message: 'must be well-formed Unicode text' });
        fields = { ...fields, [localName]: [] };
      }
    }
    if (takesSession && session === 'hint') {
      fields = { ...fields, sessionToken: readHint(fields, header, faults) };
    } else if (takesSession) {
      const sessionToken = readSessionToken(String(fields.sessionToken), header, faults);
      fields = sessionToken === fields.sessionToken ? fields : { ...fields, sessionToken };
    }
    if (takesKey) {
      const apiKey = readApiKey(String(fields.apiKey), header, faults);
      fields = apiKey === fields.apiKey ? fields : { ...fields, apiKey };
    }
    return fields as MessageShape<S>;
  };
}

/** '' where it is at fault, of which nothing is told. */
function readHint(
  { sessionToken }: Readonly<Record<string, unknown>>,
  header: HeaderReader,
  faults: FieldViolation[],
): string {
  const own: FieldViolation[] = [];
  const token = readSessionToken(String(sessionToken), header, own);
  const others = faults.filter(({ field }) => field !== 'sessionToken');
  const isAtFault = own.length > 0 || others.length < faults.length;
  faults.splice(0, faults.length, ...others);
  return isAtFault ? '' : token;
}
