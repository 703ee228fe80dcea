package dev.authflow.client.testing;

class FakeSecondFactorsTest extends SecondFactorFlows {
  FakeSecondFactorsTest() {
    super(Side.fake());
  }
}
