// Loaded in front of a server: at SIGUSR2 a promise that nobody waits for is rejected, at SIGWINCH something throws, each with a
// secret in its message. For expect-no-leak.ts.
process.on('SIGUSR2', () => {
  Promise.reject(new Error('Zq7-Marked: nobody waits for this'));
});
process.on('SIGWINCH', () => {
  throw new Error('Zq7-Marked: nobody catches this', { cause: new Error('Zq7-Marked') });
});
