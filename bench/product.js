import { NodeProcess } from './processes.js';

/** `authflow serve` over an existing store, with its default settings, but for those of the store's environment. */
export class Product {
  /**
   * @param {NodeProcess} process
   * @param {string} httpAddress
   * @param {string} grpcAddress
   */
  constructor(process, httpAddress, grpcAddress) {
    this.process = process;
    this.httpAddress = httpAddress;
    this.grpcAddress = grpcAddress;
  }

  /**
   * @param {NodeJS.ProcessEnv} env
   * @param {readonly string[]} [under] a command that runs it as its one child
   */
  static async start(env, under = []) {
    const process = new NodeProcess('../src/cli/authflow.js', ['serve'], env, under);
    const httpAddress = await process.prints(/HTTP +(http:\S+)/);
    return new Product(process, httpAddress, await process.prints(/gRPC +(\S+)\n/));
  }

  stop() {
    return this.process.stop();
  }
}
