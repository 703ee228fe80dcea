import { AuthFlowClient, type LoginStep, type Session } from '@authflow/client';

export const auth = new AuthFlowClient();

export async function logIn(email: string, password: string, ask: (what: string) => Promise<string>): Promise<Session> {
  let step: LoginStep = await auth.loginStep({ email, password });
  while ('challenge' in step) {
    const { challenge, methods } = step;
    if (methods.includes('totp')) {
      step = await auth.verifyTotp({ challenge, code: await ask('The code that your app shows:') });
    } else if (methods.includes('email')) {
      await auth.sendEmailCode({ challenge });
      step = await auth.verifyEmailCode({ challenge, code: await ask('The code that we mailed you:') });
    } else {
      throw new Error(`${step.reason}: ${methods}`); // setup, change_password, or what a later server made up
    }
  }
  return step;
}
