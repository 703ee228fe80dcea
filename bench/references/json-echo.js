// The reference of Validate over /auth/validate: a JSON echo on plain node:http. Prints its address.
import http from 'node:http';

const server = http.createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.from(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString())));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.byteLength });
    response.end(body);
  });
});
// Callers wait for their next turn longer than the five seconds that Node keeps an idle connection.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`address http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
