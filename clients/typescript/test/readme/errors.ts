import { AuthFlowClient, AuthFlowError } from '@authflow/client';

const auth = new AuthFlowClient({ onRetry: (retry) => console.warn('again', retry) });
try {
  await auth.signUp({ email: 'ada', password: 'Analytical-1843', fullname: '', disclaimed: true });
} catch (error) {
  if (!(error instanceof AuthFlowError)) {
    throw error;
  }
  console.log(
    error.statusCode,
    error.reason,
    error.violations.map(({ field }) => field),
  );
  console.log(JSON.stringify(error)); // {"statusCode":400,"error":"INVALID_ARGUMENT","message":"…","violations":[…]}
}
auth.close();
