import { type DescMessage, type MessageShape, ScalarType } from '@bufbuild/protobuf';
import type { FieldViolation } from '../domain/errors.ts';
import type { IncomingCall } from './call.ts';

/**
 * A list, to be added to, of the faults of a request as it came in: those that the entrance found, and text that is
 * not well-formed Unicode, as JSON's escapes allow it. Such text is emptied in the request, so that the rules do not
 * tell of it again: to be called before a field is read.
 */
export type RequestFaults<S extends DescMessage> = (request: MessageShape<S>, call: IncomingCall) => FieldViolation[];

/** The check of every string field of a message, with the descriptor read once. */
export function requestFaults<S extends DescMessage>(schema: S): RequestFaults<S> {
  const textFields = schema.fields.filter(
    (field) => field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING,
  );
  return (request, call) => {
    const faults = [...call.faults];
    const fields: Record<string, unknown> = request;
    for (const { localName, jsonName } of textFields) {
      const text = fields[localName];
      if (typeof text === 'string' && !text.isWellFormed()) {
        faults.push({ field: jsonName, message: 'must be well-formed Unicode text' });
        fields[localName] = '';
      }
    }
    return faults;
  };
}
