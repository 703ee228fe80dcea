import { configureTextEncoding } from '@bufbuild/protobuf/wire';

/**
 * Makes protobuf's binary form decode text as JSON does: a leading U+FEFF is text and stays. The library drops it by
 * default, so that one password would differ between the entrances. Text that is not UTF-8 is still refused where the
 * library asks for that. The library keeps one setting for the process: call once, before the first message.
 */
export function keepByteOrderMarks(): void {
  const encoder = new TextEncoder();
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
  configureTextEncoding({
    encodeUtf8: (text) => encoder.encode(text),
    decodeUtf8: (bytes, isStrict) => (isStrict ? strict : lenient).decode(bytes),
    checkUtf8: (text) => text.isWellFormed(),
  });
}
