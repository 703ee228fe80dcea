/** With what a person uses a session, as a caller who is believed tells it; '' where none does. */
export interface Device {
  readonly clientIp: string;
  readonly userAgent: string;
}

/** Of which nobody tells anything. */
export const UNKNOWN_DEVICE: Device = Object.freeze({ clientIp: '', userAgent: '' });
