// Loaded in front of the product: at SIGUSR2 a promise that nobody waits for is rejected. For faults.test.ts.
process.on('SIGUSR2', () => {
  Promise.reject(new Error('Zq7-Marked: nobody waits for this'));
});
