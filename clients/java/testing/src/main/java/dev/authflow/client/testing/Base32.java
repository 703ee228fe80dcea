package dev.authflow.client.testing;

/** Octets as text, five bits a character, without padding. */
enum Base32 {
  /** What authenticator apps take. */
  RFC_4648("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
  /** What people write down: without letters that look like digits, or like each other. */
  CROCKFORD("0123456789ABCDEFGHJKMNPQRSTVWXYZ");

  private static final int BITS = 5;

  private final String alphabet;

  Base32(String alphabet) {
    this.alphabet = alphabet;
  }

  String encode(byte[] octets) {
    StringBuilder text = new StringBuilder();
    int held = 0;
    int bits = 0;
    for (byte octet : octets) {
      held = (held << Byte.SIZE | octet & 0xff) & 0xfff;
      for (bits += Byte.SIZE; bits >= BITS; bits -= BITS) {
        text.append(alphabet.charAt(held >> (bits - BITS) & 0x1f));
      }
    }
    if (bits > 0) {
      text.append(alphabet.charAt(held << (BITS - bits) & 0x1f));
    }
    return text.toString();
  }
}
