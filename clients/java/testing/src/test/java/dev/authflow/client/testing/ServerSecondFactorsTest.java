package dev.authflow.client.testing;

class ServerSecondFactorsTest extends SecondFactorFlows {
  ServerSecondFactorsTest() {
    super(Side.server());
  }
}
