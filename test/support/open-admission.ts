import { Admission, type AdmissionOptions } from '../../src/transport/admission/admission.ts';

/** An admission that lets everybody in, but for what the options say. */
export function openAdmission(options: Partial<AdmissionOptions> = {}): Admission {
  return new Admission({
    waitFor: () => null,
    identify: () => Promise.reject(new Error('There is no such key.')),
    isProxy: () => false,
    ...options,
  });
}
