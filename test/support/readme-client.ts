import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';

const { HTTP, API_KEY } = process.env;
const transport = createConnectTransport({ baseUrl: HTTP ?? 'http://127.0.0.1:8080', httpVersion: '2' });
const auth = createClient(AuthService, transport);
const options = { headers: { 'x-api-key': API_KEY ?? '' }, timeoutMs: 5_000 };

const email = 'alan@example.com';
const password = 'Enigma-1939';
const signUpNonce = await auth.fooBar({ identity: email }, options);
await auth.signUp({ foobar: signUpNonce.token, email, password, fullname: 'Alan Turing', disclaimed: true }, options);
const loginNonce = await auth.fooBar({ identity: email }, options);
const session = await auth.login({ foobar: loginNonce.token, email, password }, options);
const user = await auth.validate({ sessionToken: session.token, email }, options);
console.log(`${user.fullname} is user ${user.userId}`);
await auth.logout({ sessionToken: session.token, email }, options);
